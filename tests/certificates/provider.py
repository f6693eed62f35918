"""A trust service provider that speaks CSC, version 1, on the loopback."""

import base64
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils
from flask import Flask, abort, request
from werkzeug.serving import make_server

from tests.certificates.authority import Authority

ECDSA_SHA256 = "1.2.840.10045.4.3.2"


@contextmanager
def provider(ca: Authority, name: str, *, pin: str, bearer: str) -> Iterator[str]:
    """The provider's address; it holds the key of that name and asks for both words."""
    app = _answers(ca, name, pin, bearer)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _answers(ca: Authority, name: str, pin: str, bearer: str) -> Flask:
    app, allowed = Flask("provider"), set[str]()
    key: Any = serialization.load_pem_private_key(ca.key_file(name).read_bytes(), None)
    chain = [
        base64.b64encode(ca.certificate(n).public_bytes(serialization.Encoding.DER))
        for n in (name, "root")
    ]

    @app.before_request
    def let_in() -> None:
        if request.headers.get("Authorization") != f"Bearer {bearer}":
            abort(401)

    @app.post("/csc/v1/credentials/info")
    def info() -> Any:
        return {
            "key": {"algo": [ECDSA_SHA256], "status": "enabled", "len": 256},
            "cert": {"status": "valid", "certificates": [c.decode() for c in chain]},
            "multisign": 8,
            "SCAL": "2",
        }

    @app.post("/csc/v1/credentials/authorize")
    def authorize() -> Any:
        if request.json["PIN"] != pin:
            abort(400)
        allowed.update(request.json["hash"])
        return {"SAD": "leave", "expiresIn": 60}

    @app.post("/csc/v1/signatures/signHash")
    def sign() -> Any:
        asked = request.json["hash"]
        if request.json["SAD"] != "leave" or not allowed.issuperset(asked):
            abort(400)
        digest = utils.Prehashed(hashes.SHA256())
        made = [key.sign(base64.b64decode(one), ec.ECDSA(digest)) for one in asked]
        return {"signatures": [base64.b64encode(one).decode() for one in made]}

    return app
