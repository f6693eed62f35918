"""The secret of a key: how it is drawn, recognised and kept.

`impact_` + 256 bits drawn by lot + 6 letters of checksum, all in base 62: programs that
look for leaked secrets recognise it, and a mistyped one is known without a look-up.
"""

import secrets
import string
import zlib

PREFIX = "impact_"
ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase
#: 62**43 is the first power above 2**256.
BODY, CHECK = 43, 6


def draw() -> str:
    """A new secret with 256 bits of chance."""
    body = _base62(secrets.randbits(256), BODY)
    return PREFIX + body + _checksum(body)


def looks_right(text: str) -> bool:
    """Whether a text has the shape of a secret, checksum included."""
    body, check = text[len(PREFIX) : -CHECK], text[-CHECK:]
    return (
        text.startswith(PREFIX)
        and len(body) == BODY
        and all(letter in ALPHABET for letter in body)
        and check == _checksum(body)
    )


def _checksum(body: str) -> str:
    return _base62(zlib.crc32(body.encode()), CHECK)


def _base62(number: int, length: int) -> str:
    letters = []
    for _ in range(length):
        number, rest = divmod(number, len(ALPHABET))
        letters.append(ALPHABET[rest])
    return "".join(reversed(letters))
