"""
Is this file one of ours, and as we made it?

The register is asked first: a file with the SHA-256 of one we issued is genuine,
whatever it is called. Otherwise its seal, or the signature of a credential, is looked
at, in a process of its own because the file may be hostile. What a certificate is worth
today is another question, and the register's to answer. Nothing of the file is kept.
"""

import json
import re
import subprocess
import sys
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from threading import BoundedSemaphore
from types import ModuleType
from typing import Any, Protocol

from registry.certificates.proof import bare
from registry.certificates.verdicts import (
    AGREES,
    CREDENTIAL,
    IDENTICAL,
    KNOWN,
    SIGNED,
    Answer,
    Check,
    Kind,
    Verdict,
)
from registry.errors import N_, Unavailable
from registry.seal import Trusted, jws, reading
from registry.seal.jws import Opened
from registry.seal.reading import CHECKS, Reading
from registry.storage import Storage

MOST_BYTES = 10 * 1024 * 1024
#: Seconds on the wall; the process itself may compute for ten.
PATIENCE = 20
#: So many files are looked at at once, the others wait so many seconds.
AT_ONCE, QUEUE = 2, 10
WARNINGS_OFF = "-Wignore"
#: How photographs and screenshots begin: PNG, JPEG, GIF, TIFF, WebP, HEIC and AVIF.
PICTURE = re.compile(
    rb"\x89PNG|\xff\xd8\xff|GIF8|II\*\0|MM\0\*|RIFF.{4}WEBP"
    rb"|.{4}ftyp(?:hei|hev|mif|msf|avi)",
    re.DOTALL,
)
TOKEN = re.compile(rb"ey[\w-]*\.[\w-]*\.[\w-]*=*", re.ASCII)

#: A JSON Web Key Set (RFC 7517).
Keys = Mapping[str, Any]
Look = Callable[[bytes, Trusted], Reading]
Open = Callable[[str, Keys], Opened]
TURNS = BoundedSemaphore(AT_ONCE)


class Busy(Unavailable):
    """Too many files are being looked at; it says nothing of this one."""


class Register(Protocol):
    """What must be asked of the register."""

    def by_sha256(self, sha256: str) -> str | None:
        """The number of the certificate of which these bytes are a sealed file."""
        ...

    def holds(self, number: str) -> bool:
        """Whether a certificate of that number was issued."""
        ...

    def credentials(self, number: str) -> Collection[str]:
        """The credentials of that certificate, as they were signed."""
        ...


def verify(
    content: bytes,
    *,
    trusted: Trusted,
    keys: Keys,
    register: Register,
    look: Look | None = None,
    open_: Open | None = None,
) -> Answer:
    """
    What the file is.

    `trusted` are our seals and `keys` those of our credentials, of today and before;
    `look` reads a paper and `open_` a credential, each in a child process unless told
    otherwise. Never raises because of the file; raises Busy when there is no turn.
    """
    sha256 = Storage.digest(content)
    if number := register.by_sha256(sha256):
        return Answer(Verdict.GENUINE, sha256, number, (Check(IDENTICAL, True),))
    open_ = open_ or open_apart
    if len(content) > MOST_BYTES:
        return Answer(Verdict.NOT_A_CERTIFICATE, sha256, kind=Kind.OTHER)
    if content.startswith(b"%PDF-"):
        found = (look or look_apart)(content, trusted)
        opened = open_(found.credential, keys) if found.credential else None
        return _paper(found, opened, sha256, register)
    text = content.strip()
    if TOKEN.fullmatch(text):
        return _credential(text.decode(), open_(text.decode(), keys), sha256, register)
    if text.startswith(b"{"):  # what a credential says, without its signature
        made = (Check(SIGNED, False),)
        verdict = Verdict.NOT_SEALED_BY_US
        return Answer(verdict, sha256, checks=made, kind=Kind.CREDENTIAL)
    kind = Kind.PICTURE if PICTURE.match(content) else Kind.OTHER
    return Answer(Verdict.NOT_A_CERTIFICATE, sha256, kind=kind)


def look_apart(content: bytes, trusted: Trusted) -> Reading:
    """What a file says of itself, read in a process with limits; maybe nothing."""
    asked = {
        "seals": [one.hex() for one in trusted.seals],
        "authorities": [one.hex() for one in trusted.authorities],
        "chains": [one.hex() for one in trusted.chains],
    }
    found = _apart(reading, asked, content)
    return Reading(**found) if found else Reading()


def open_apart(text: str, keys: Keys) -> Opened:
    """What a credential says, read in a process with limits; maybe nothing."""
    found = _apart(jws, keys, text.encode())
    return Opened(**found) if found else Opened()


def _apart(script: ModuleType, asked: Keys, content: bytes) -> dict[str, Any] | None:
    """What a child process that may do nothing else says; None when it broke."""
    if not TURNS.acquire(timeout=QUEUE):
        raise Busy(N_("Many files are being looked at just now: try again soon."))
    try:
        looked = subprocess.run(  # noqa: S603 - our own script, by its full path
            [sys.executable, "-I", WARNINGS_OFF, str(Path(str(script.__file__)))],
            input=json.dumps(asked).encode() + b"\n" + content,
            capture_output=True,
            timeout=PATIENCE,
            check=True,
            env={},
        )
        found: dict[str, Any] = json.loads(looked.stdout)
    except (subprocess.SubprocessError, OSError, ValueError):
        return None
    finally:
        TURNS.release()
    return found


def _paper(
    found: Reading, opened: Opened | None, sha256: str, register: Register
) -> Answer:
    number = _known_as(found, register) if found.holds else None
    made = [Check(IDENTICAL, False)]
    made += [Check(c, found.checks[c]) for c in CHECKS if c in found.checks]
    if opened:
        made.append(Check(CREDENTIAL, opened.holds))
        made.append(Check(AGREES, opened.holds and _agree(found, opened)))
    if found.holds:
        made.append(Check(KNOWN, number is not None))
    sound = number is not None and all(one.passed for one in made[1:])
    return Answer(
        _verdict(found, sound),
        sha256,
        number or found.number,
        tuple(made),
        Kind.PAPER,
        found.level,
        found.signer,
        found.sealed_at,
    )


def _known_as(found: Reading, register: Register) -> str | None:
    """The certificate a sound seal belongs to: the same file with proofs added, or one
    sealed twice because the first attempt broke off."""
    for prefix in found.prefixes:
        if number := register.by_sha256(prefix):
            return number
    return found.number if found.number and register.holds(found.number) else None


def _agree(found: Reading, opened: Opened) -> bool:
    """The paper prints number, holder and fingerprint of the credential it carries."""
    if len(found.words) < 2 or opened.number != found.number:
        return False
    first, second = (bare(words) for words in found.words[:2])
    return bare(opened.holder) in first and opened.fingerprint in second


def _verdict(found: Reading, sound: bool) -> Verdict:
    if not found.readable:
        return Verdict.UNREADABLE
    if found.holds:
        return Verdict.GENUINE if sound else Verdict.SEALED_BUT_UNKNOWN
    if not found.checks.get("ours"):
        return Verdict.NOT_SEALED_BY_US
    return Verdict.ALTERED


def _credential(text: str, opened: Opened, sha256: str, register: Register) -> Answer:
    kind = Kind.BADGE if opened.kind == jws.BADGE else Kind.CREDENTIAL
    if not opened.readable:
        return Answer(Verdict.UNREADABLE, sha256, kind=kind)
    made = [Check(SIGNED, not text.endswith("."))]
    made += [Check(c, opened.checks[c]) for c in jws.CHECKS if c in opened.checks]
    verdict = Verdict.NOT_A_CERTIFICATE
    if not opened.checks.get("signing_key"):
        verdict = Verdict.NOT_SEALED_BY_US
    elif not opened.checks.get("signature"):
        verdict = Verdict.ALTERED
    elif opened.holds:
        kept = register.credentials(opened.number)
        made += [Check(KNOWN, bool(kept)), Check(IDENTICAL, text in kept)]
        verdict = Verdict.ALTERED if kept else Verdict.SEALED_BUT_UNKNOWN
        verdict = Verdict.GENUINE if text in kept else verdict
    return Answer(verdict, sha256, opened.number, tuple(made), kind)
