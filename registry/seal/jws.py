"""
Looks at a signed credential with the eyes of somebody who was handed it.

It also runs alone, as a child with hard limits, because the text may be hostile: then
it reads one line of JSON (a JSON Web Key Set) and the text from standard input, and
writes one line of JSON. So it imports nothing of ours.
"""

import base64
import binascii
import hashlib
import json
import re
import resource
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

MEGABYTE = 1024 * 1024
ALGORITHM, TYPE = "ES256", "vc+jwt"
#: Nothing of ours is longer; a longer one is not looked at.
LONGEST = MEGABYTE
NUMBER = re.compile(r"/credentials/([A-Z]{2,6}-[0-9]{4}-[0-9]{6,9}-[0-9]{2})(?![^/#])")
CERTIFICATE, BADGE = "DigitalConformityCredential", "OpenBadgeCredential"
#: What is looked at, in the order in which it is told.
CHECKS = (
    "signing_key",  # it names a key of ours
    "signature",  # which signed just these bytes, the one way we sign
    "says",  # it is about a certificate
)


@dataclass
class Opened:
    """
    What a credential says, and what of it can be relied on.

    `checks` maps the name of each check made to whether it passed. What it says is
    worth nothing unless it holds: `typ` of the token, `number` of the certificate,
    `kind` of credential, `holder` and `fingerprint` (SHA-256, in hexadecimal).
    """

    readable: bool = False
    checks: dict[str, bool] = field(default_factory=dict)
    payload: dict[str, Any] = field(default_factory=dict)
    typ: str = ""
    number: str = ""
    kind: str = ""
    holder: str = ""
    fingerprint: str = ""

    @property
    def signed(self) -> bool:
        """Whether a key of ours signed it."""
        return bool(self.checks.get("signing_key") and self.checks.get("signature"))

    @property
    def holds(self) -> bool:
        """Whether we signed it, as a credential, about a certificate."""
        return self.readable and all(self.checks.get(check) for check in CHECKS)


def read(text: str, keys: Mapping[str, Any]) -> Opened:
    """
    What the text of a credential says.

    `keys` are ours, of today and before (RFC 7517). Never raises for a broken text: it
    is simply not readable.
    """
    opened = Opened()
    try:
        _read(text, opened, keys)
    except (JoseError, ValueError, TypeError, RecursionError, binascii.Error):
        if opened.readable:  # what broke did not pass, and the rest is not looked at
            opened.checks |= {CHECKS[len(opened.checks)]: False}
    return opened


def _read(text: str, opened: Opened, keys: Mapping[str, Any]) -> None:
    parts = text.split(".")
    if len(text) > LONGEST or len(parts) != 3:
        return
    header, said = (_object(part) for part in parts[:2])
    opened.readable, opened.payload = True, said
    opened.fingerprint = hashlib.sha256(_bytes(parts[1])).hexdigest()
    _note(said, opened)
    known = {str(key["kid"]): key for key in keys["keys"]}
    named = known.get(str(header.get("kid")))
    opened.checks["signing_key"] = named is not None
    if named is None:
        return
    key = ECKey.import_key({name: named[name] for name in ("kty", "crv", "x", "y")})
    jws.deserialize_compact(text, key, algorithms=[ALGORITHM])
    opened.typ = str(header.get("typ"))
    opened.checks["signature"] = _is_written_plainly(parts)
    about = opened.typ == TYPE and opened.kind and opened.number
    opened.checks["says"] = bool(about)


def _note(said: Mapping[str, Any], opened: Opened) -> None:
    """What it is about; each is empty where it says something else."""
    kinds = said.get("type")
    kinds = kinds if isinstance(kinds, list) else [kinds]
    opened.kind = next((one for one in (CERTIFICATE, BADGE) if one in kinds), "")
    found = NUMBER.search(str(said.get("id")))
    opened.number = found[1] if found else ""
    subject = said.get("credentialSubject")
    party = subject.get("issuedToParty") if isinstance(subject, dict) else None
    opened.holder = str(party.get("name"))[:300] if isinstance(party, dict) else ""


def _object(part: str) -> dict[str, Any]:
    found = json.loads(_bytes(part))
    if not isinstance(found, dict):
        raise ValueError("not an object")
    return found


def _bytes(part: str) -> bytes:
    return base64.urlsafe_b64decode(f"{part}==")


def _is_written_plainly(parts: list[str]) -> bool:
    """Whether the same bytes could be written in no other way (RFC 4648, 3.5)."""
    again = [
        base64.urlsafe_b64encode(_bytes(one)).rstrip(b"=").decode() for one in parts
    ]
    return again == parts


def limit_this_process() -> None:
    """Memory, time, open files and writing: so much and no more (ASVS 15.2.5)."""
    resource.setrlimit(resource.RLIMIT_AS, (512 * MEGABYTE, 512 * MEGABYTE))
    resource.setrlimit(resource.RLIMIT_CPU, (5, 5))
    resource.setrlimit(resource.RLIMIT_NOFILE, (32, 32))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main() -> int:
    """Read our keys and a text from standard input; write what was found."""
    limit_this_process()
    keys = json.loads(sys.stdin.buffer.readline())
    found = read(sys.stdin.buffer.read().decode("ascii", "replace"), keys)
    json.dump({**asdict(found), "payload": {}}, sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
