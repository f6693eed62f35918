"""Messages to programs of others: over https, to public addresses, and nowhere else.

An address is looked up once, every answer is weighed, and the connection goes to the
number that was weighed; no redirect and no proxy is followed (OWASP SSRF; RELIABILITY
threat 23). Resolver and connector are doors: tests give their own.
"""

import http.client
import ipaddress
import re
import socket
import ssl
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Protocol
from urllib.parse import urlsplit

from registry.errors import N_, Invalid

#: Seconds for everything, from the look-up to the last byte read.
PATIENCE = 15.0
#: Bytes of an answer that are read; what it says does not matter.
MOST_READ = 4096
LONGEST_URL = 500
#: Answers of who may ask to be left alone for a while.
BUSY = (429, 503)
#: Digits of a number of seconds: three hundred centuries will do.
LONGEST_NUMBER = 12
PORT = 443

LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
#: A name with two parts or more; the last begins with a letter, so it is no number.
NAME = re.compile(rf"(?:{LABEL}\.)+(?!0x)[a-z](?:[a-z0-9-]{{0,61}}[a-z0-9])")
PRINTABLE = re.compile(r"[!-\[\]-~]+")  # no blanks, no controls, no backslash
#: Names that never lead to the open internet (RFC 6761, 6762, 8375; ICANN .internal).
PRIVATE_NAMES = (
    *("localhost", "local", "internal", "intranet", "lan", "home", "corp"),
    *("home.arpa", "in-addr.arpa", "ip6.arpa", "onion", "localdomain"),
)

#: Where the open internet is, in IPv6 (IANA); and what lies there without being it.
OPEN_6 = ipaddress.ip_network("2000::/3")
NOT_OPEN = tuple(
    ipaddress.ip_network(one)
    for one in (
        *("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"),
        *("192.0.0.0/24", "192.88.99.0/24", "240.0.0.0/4"),
    )
)


class BadAddress(Invalid):
    """A message cannot go there."""


class NotDelivered(Exception):
    """Nothing was handed over; the word says why, for the log of deliveries."""


class Resolver(Protocol):
    def resolve(self, name: str) -> Sequence[str]:
        """Every number of a name; raises OSError."""
        ...


class Connector(Protocol):
    def connect(self, address: str, port: int, timeout: float) -> socket.socket:
        """A connection to a number; raises OSError."""
        ...


class SystemResolver:
    def resolve(self, name: str) -> Sequence[str]:
        found = socket.getaddrinfo(name, PORT, type=socket.SOCK_STREAM)
        return list(dict.fromkeys(str(one[4][0]) for one in found))


class SystemConnector:
    def connect(self, address: str, port: int, timeout: float) -> socket.socket:
        return socket.create_connection((address, port), timeout)


@dataclass(frozen=True)
class Handed:
    """What became of a message: the status that was answered, or why there is none."""

    status: int | None
    problem: str | None
    milliseconds: int
    #: Seconds it asks to be left alone for (RFC 9110, 10.2.3); 0: it does not ask.
    again_in: int = 0

    @property
    def taken(self) -> bool:
        """Whether the other side took it."""
        return self.status is not None and 200 <= self.status < 300


def checked_url(typed: str) -> str:
    """
    An address as it may be kept; raises BadAddress saying what is wrong.

    Only https, port 443, and a name: numbers in any spelling are refused, also public
    ones, and so are names that lead nowhere in the open internet.
    """
    url = typed.strip()
    if len(url) > LONGEST_URL or not PRINTABLE.fullmatch(url):
        raise BadAddress(N_("This is not an address: https://… without blanks."))
    host, path = _parts(url)
    if not NAME.fullmatch(host) or len(host) > 253:
        raise BadAddress(
            N_("Give the name of a server, as hooks.example.com, never a number.")
        )
    if any(host == name or host.endswith(f".{name}") for name in PRIVATE_NAMES):
        raise BadAddress(N_("This name does not lead to the open internet."))
    return f"https://{host}{path}"


def _parts(url: str) -> tuple[str, str]:
    try:
        parts = urlsplit(url)
        port, host = parts.port, (parts.hostname or "").lower()
    except ValueError:
        raise BadAddress(
            N_("This is not an address: https://… without blanks.")
        ) from None
    if parts.scheme.lower() != "https":
        raise BadAddress(N_("Only addresses that begin with https:// are taken."))
    if "@" in parts.netloc:
        raise BadAddress(N_("The address must not hold a name or a password."))
    if port not in (None, PORT) or parts.netloc.endswith(":"):
        raise BadAddress(N_("Only the usual port of https (443) is taken."))
    if "#" in url:
        raise BadAddress(N_("The address must not hold a #."))
    query = f"?{parts.query}" if parts.query else ""
    return host, f"{parts.path or '/'}{query}"


def is_public(address: str) -> bool:
    """Whether a number belongs to the open internet, and to one machine there."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address) and (ip.scope_id or ip not in OPEN_6):
        return False
    if any(ip in net for net in NOT_OPEN if net.version == ip.version):
        return False
    return ip.is_global and not ip.is_multicast


@dataclass(frozen=True)
class Courier:
    """Carries a message to an address; keeps nothing, and tells how it went."""

    resolver: Resolver = field(default_factory=SystemResolver)
    connector: Connector = field(default_factory=SystemConnector)
    #: Whose word about the other side's name is taken; None: the system's.
    trust: ssl.SSLContext | None = None
    patience: float = PATIENCE

    def carry(self, url: str, body: bytes, headers: Mapping[str, str]) -> Handed:
        """Post `body`; never raises: what went wrong is a word in the answer."""
        started = time.monotonic()
        status, problem, again_in = None, None, 0
        try:
            status, again_in = self._post(checked_url(url), body, headers)
        except (Invalid, NotDelivered, OSError, http.client.HTTPException) as error:
            problem = _word(error)
        spent = time.monotonic() - started
        if spent >= self.patience:  # cut off, however it looks from here
            status, problem, again_in = None, "timeout", 0
        return Handed(status, problem, round(spent * 1000), again_in)

    def _post(
        self, url: str, body: bytes, headers: Mapping[str, str]
    ) -> tuple[int, int]:
        parts, cut_at = urlsplit(url), time.monotonic() + self.patience
        host = str(parts.hostname)
        plain = self.connector.connect(self._looked_up(host), PORT, self.patience)
        trust = self.trust or ssl.create_default_context()
        line = trust.wrap_socket(
            plain, server_hostname=host, do_handshake_on_connect=False
        )
        # Timeouts of a socket begin anew with each byte; this one does not.
        end = threading.Timer(cut_at - time.monotonic(), _cut, [line])
        end.start()
        try:
            line.do_handshake()
            path = parts.path + (f"?{parts.query}" if parts.query else "")
            return _asked(line, trust, host, path, body, headers)
        finally:
            end.cancel()
            line.close()

    def _looked_up(self, host: str) -> str:
        """The number to connect to; one that is not public spoils them all."""
        try:
            found = self.resolver.resolve(host)
        except (OSError, UnicodeError):
            found = []
        if not found:
            raise NotDelivered("name_unknown")
        if not all(is_public(one) for one in found):
            raise NotDelivered("address_refused")
        return found[0]


def _asked(
    line: ssl.SSLSocket,
    trust: ssl.SSLContext,
    host: str,
    path: str,
    body: bytes,
    headers: Mapping[str, str],
) -> tuple[int, int]:
    """The status answered on a line of ours, and how long it wants to be left alone.

    Nothing is looked up or dialled again.
    """
    connection = http.client.HTTPSConnection(host, context=trust)
    connection.sock = line
    connection.request("POST", path, body, dict(headers))
    answer = connection.getresponse()
    with suppress(OSError, http.client.HTTPException):
        answer.read1(MOST_READ)
    return answer.status, _again_in(answer) if answer.status in BUSY else 0


def _again_in(answer: http.client.HTTPResponse) -> int:
    """The seconds of Retry-After; a day of a calendar counts from the answer's own."""
    said = answer.getheader("Retry-After", "").strip()
    if said.isascii() and said.isdigit():
        return int(said[:LONGEST_NUMBER])
    try:
        until = parsedate_to_datetime(said)
        since = parsedate_to_datetime(answer.getheader("Date", ""))
        return max(round((until - since).total_seconds()), 0)
    except (TypeError, ValueError, OverflowError):
        return 0


def _word(error: Exception) -> str:
    """Why nothing was handed over, in a word that stays the same."""
    if isinstance(error, Invalid):
        return "address_refused"
    if isinstance(error, NotDelivered):
        return str(error)
    if isinstance(error, ssl.SSLError):
        return "tls_failed"
    return "timeout" if isinstance(error, TimeoutError) else "no_answer"


def _cut(line: ssl.SSLSocket) -> None:
    """End a connection under the thread that waits for it."""
    with suppress(OSError):
        socket.socket.shutdown(line, socket.SHUT_RDWR)
