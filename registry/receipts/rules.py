"""What a receipt says, and by which mark it is known again."""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from registry.signing import canonical

#: The `typ` of the token (RFC 8725, 3.11): it passes for no credential.
KIND = "receipt+jwt"
Payload = dict[str, Any]


def fingerprint(payload: Mapping[str, Any]) -> str:
    """The SHA-256 of the payload in its one form (RFC 8785), in hexadecimal."""
    return sha256(canonical(payload)).hexdigest()


def is_about_a_list(payload: Mapping[str, Any]) -> bool:
    """Whether a whole list was asked about."""
    return "file_sha256" in payload["asked"]
