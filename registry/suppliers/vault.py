"""
What keeps a company's list unreadable: seals for contents, marks for what is kept.

Keys come from the installation's secret, so that a copy of the database alone says
nothing of whom a company buys from.
"""

import hashlib
import hmac
import json
import secrets
import zlib
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from flask import current_app

from registry.errors import N_, Unavailable

#: XLSX and ODS are archives: packed once more they take as much room.
ZIPPED = b"PK"
NONCE = 12  # bytes; NIST SP 800-38D, 8.2


class Unopenable(Unavailable):
    """The bytes are not those sealed here, or the secret changed."""


class Vault:
    """AES-256-GCM for contents and HMAC-SHA-256 for marks, from one secret."""

    def __init__(self, secret: str) -> None:
        self._cipher = AESGCM(_key(secret, b"suppliers: contents"))
        self._marking = _key(secret, b"suppliers: marks")

    def seal(self, content: bytes, place: str) -> bytes:
        """The bytes sealed for one place: moved elsewhere they do not open."""
        nonce = secrets.token_bytes(NONCE)
        packed = zlib.compress(content, 0 if content.startswith(ZIPPED) else 1)
        return nonce + self._cipher.encrypt(nonce, packed, place.encode())

    def open(self, sealed: bytes, place: str) -> bytes:
        """What was sealed for a place.  Raises Unopenable."""
        try:
            packed = self._cipher.decrypt(
                sealed[:NONCE], sealed[NONCE:], place.encode()
            )
        except InvalidTag:
            raise Unopenable(N_("This list can no longer be opened.")) from None
        return zlib.decompress(packed)

    def seal_json(self, value: Any, place: str) -> bytes:
        """A value of JSON sealed for a place."""
        return self.seal(json.dumps(value, ensure_ascii=False).encode(), place)

    def open_json(self, sealed: bytes, place: str) -> Any:
        """The value sealed for a place.  Raises Unopenable."""
        return json.loads(self.open(sealed, place))

    def mark(self, *words: str) -> str:
        """A name for some words from which nobody gets back to them."""
        message = "\0".join(words).encode()
        return hmac.new(self._marking, message, hashlib.sha256).hexdigest()


def the_vault() -> Vault:
    """The vault of this installation; only the edges ask."""
    return Vault(str(current_app.secret_key))


def _key(secret: str, purpose: bytes) -> bytes:
    return HKDF(SHA256(), 32, salt=None, info=purpose).derive(secret.encode())
