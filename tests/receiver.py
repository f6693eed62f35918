"""A program of a company that takes webhooks: a real HTTPS server on this machine,
reached through the test's own resolver and connector."""

import socket
import ssl
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from registry.courier import Courier

HOST = "hooks.fornitori.example"
#: A public number nobody answers at; the connector leads elsewhere.
PUBLIC = "93.184.216.34"


@dataclass
class Names:
    """A resolver that knows what it was told, and counts how often it is asked."""

    known: dict[str, Sequence[str]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def resolve(self, name: str) -> Sequence[str]:
        self.asked.append(name)
        if name not in self.known:
            raise OSError("unknown name")
        found = self.known[name]
        if callable(found):
            return found(len(self.asked))
        return found


@dataclass
class Wire:
    """A connector that leads every number to one local port, and notes each."""

    port: int = 0
    connects: list[tuple[str, int]] = field(default_factory=list)

    def connect(self, address: str, port: int, timeout: float) -> socket.socket:
        self.connects.append((address, port))
        if not self.port:
            raise ConnectionRefusedError
        return socket.create_connection(("127.0.0.1", self.port), timeout)


@dataclass
class Got:
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Receiver:
    """What came in, and what is answered: a status, or several one after the other."""

    statuses: list[int] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    got: list[Got] = field(default_factory=list)
    names: Names = field(default_factory=Names)
    wire: Wire = field(default_factory=Wire)
    trust: ssl.SSLContext | None = None
    #: Set it to let an answer wait until it is set.
    gate: threading.Event | None = None
    drips: bool = False

    def courier(self, **changes: Any) -> Courier:
        """A courier whose names lead to this receiver."""
        return Courier(
            **{
                "resolver": self.names,
                "connector": self.wire,
                "trust": self.trust,
                "patience": 5.0,
                **changes,
            }
        )

    def next_status(self) -> int:
        if len(self.statuses) > 1:
            return self.statuses.pop(0)
        return self.statuses[0] if self.statuses else 200


@contextmanager
def a_receiver(folder: Path, name: str = HOST) -> Iterator[Receiver]:
    """A server that shows a certificate for `name`, until the end of the block."""
    receiver = Receiver()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(receiver))
    key, chain, receiver.trust = _certificate(folder, name)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain, key)
    server.socket = context.wrap_socket(
        server.socket, server_side=True, do_handshake_on_connect=False
    )
    server.handle_error = lambda *_: None  # type: ignore[method-assign]
    receiver.wire.port = server.server_address[1]
    receiver.names.known[HOST] = [PUBLIC]
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield receiver
    finally:
        if receiver.gate:
            receiver.gate.set()
        server.shutdown()
        thread.join()
        server.server_close()


def _handler(receiver: Receiver) -> Any:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            receiver.got.append(
                Got(self.path, dict(self.headers), self.rfile.read(length))
            )
            if receiver.gate:
                receiver.gate.wait(10)
            self.send_response(receiver.next_status())
            for name, value in receiver.headers.items():
                self.send_header(name, value)
            if receiver.drips:
                self._drip()
                return
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"ok")

        def _drip(self) -> None:
            for number in range(1000):
                self.send_header(f"X-{number}", "slow")
                self.flush_headers()
                threading.Event().wait(0.05)

        def log_message(self, *_: Any) -> None: ...

    return Handler


def _certificate(folder: Path, name: str) -> tuple[Path, Path, ssl.SSLContext]:
    """The key and certificate of a server, and what trusts them."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    pem = made.public_bytes(serialization.Encoding.PEM)
    key_file, chain = folder / "server.key", folder / "server.pem"
    key_file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    chain.write_bytes(pem)
    trust = ssl.create_default_context(cadata=pem.decode())
    return key_file, chain, trust
