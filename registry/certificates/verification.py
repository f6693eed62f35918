"""
Is this file one of ours, and as we made it?

The register is asked first: a file with the SHA-256 of one we issued is genuine,
whatever it is called. Otherwise its seal is looked at, in a process of its own because
the file may be hostile. What a certificate is worth today is another question, and the
register's to answer. Nothing of the file is kept.
"""

import enum
import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from registry.errors import N_
from registry.seal import Trusted, reading
from registry.seal.reading import CHECKS, Reading
from registry.storage import Storage

MOST_BYTES = 10 * 1024 * 1024
#: Seconds on the wall; the process itself may compute for ten.
PATIENCE = 20
WARNINGS_OFF = "-Wignore"


class Verdict(enum.StrEnum):
    """What a file is. Only the first says anything good."""

    GENUINE = "genuine"
    ALTERED = "altered"
    NOT_SEALED_BY_US = "not_sealed_by_us"
    SEALED_BUT_UNKNOWN = "sealed_but_unknown"
    NOT_A_CERTIFICATE = "not_a_certificate"
    UNREADABLE = "unreadable"

    @property
    def label(self) -> str:
        """In a few words, to be translated."""
        return LABELS[self]

    @property
    def told(self) -> str:
        """In a sentence for whoever was handed the file, to be translated."""
        return SENTENCES[self]


LABELS = {
    Verdict.GENUINE: N_("Genuine"),
    Verdict.ALTERED: N_("Altered"),
    Verdict.NOT_SEALED_BY_US: N_("Not sealed by us"),
    Verdict.SEALED_BUT_UNKNOWN: N_("Sealed by us, but not in the register"),
    Verdict.NOT_A_CERTIFICATE: N_("Not a certificate"),
    Verdict.UNREADABLE: N_("Cannot be read"),
}
SENTENCES = {
    Verdict.GENUINE: N_(
        "This file is as the registry made it: not a byte was changed since."
    ),
    Verdict.ALTERED: N_(
        "This file carries our seal, but was changed after it was sealed. "
        "Do not rely on it: look the number up in the register."
    ),
    Verdict.NOT_SEALED_BY_US: N_(
        "This file does not carry our seal. It may be a print or a copy saved anew, "
        "or a forgery: only the register can tell. Look the number up."
    ),
    Verdict.SEALED_BUT_UNKNOWN: N_(
        "The seal is ours and holds, but the register has no such certificate. "
        "Please tell the registry."
    ),
    Verdict.NOT_A_CERTIFICATE: N_(
        "This is not a certificate: certificates are PDF files of at most 10 MB."
    ),
    Verdict.UNREADABLE: N_(
        "This file is broken or protected, so that nothing can be said about it."
    ),
}
IDENTICAL = "identical"
KNOWN = "known"
#: What was looked at, as said to people; a check that failed says the contrary.
PASSED = {
    IDENTICAL: N_("Its bytes are those of the file in the register."),
    "sealed": N_("It carries one seal."),
    "ours": N_("The seal was made with a certificate of the registry."),
    "intact": N_("The sealed bytes were not changed."),
    "certified": N_("The seal forbids every later change."),
    "untouched": N_("After the seal only proofs and time-stamps were added."),
    "whole": N_("No byte lies outside what is sealed."),
    "padding": N_("Nothing is hidden in the room left for the seal."),
    "time": N_("Every time-stamp holds."),
    KNOWN: N_("The register has this certificate."),
}
FAILED = {
    IDENTICAL: N_("Its bytes are not those of a file in the register."),
    "sealed": N_("It carries no seal, or other signatures beside it."),
    "ours": N_("The seal was not made with a certificate of the registry."),
    "intact": N_("The sealed bytes were changed."),
    "certified": N_("The seal does not forbid later changes."),
    "untouched": N_("Something was changed after the seal."),
    "whole": N_("Some bytes lie outside what is sealed."),
    "padding": N_("Something is hidden in the room left for the seal."),
    "time": N_("A time-stamp does not hold, or is of an authority we do not know."),
    KNOWN: N_("The register has no such certificate."),
}


@dataclass(frozen=True)
class Check:
    """One thing that was looked at."""

    name: str
    passed: bool

    @property
    def told(self) -> str:
        """What was found, in a sentence to be translated."""
        return (PASSED if self.passed else FAILED)[self.name]


@dataclass(frozen=True)
class Answer:
    """
    What a file is, and what was looked at to say so.

    `number` is that of the certificate in the register, for a genuine file; for others
    the one the file claims, if any. `level` (ETSI EN 319 142-1), `signer` and
    `sealed_at` (ISO 8601) are what the seal says.
    """

    verdict: Verdict
    sha256: str
    number: str = ""
    checks: tuple[Check, ...] = ()
    level: str = ""
    signer: str = ""
    sealed_at: str = ""

    @property
    def genuine(self) -> bool:
        """Whether the file is as we made it; its standing is another question."""
        return self.verdict is Verdict.GENUINE


class Register(Protocol):
    """What must be asked of the register."""

    def by_sha256(self, sha256: str) -> str | None:
        """The number of the certificate of which these bytes are a sealed file."""
        ...

    def holds(self, number: str) -> bool:
        """Whether a certificate of that number was issued."""
        ...


Look = Callable[[bytes, Trusted], Reading]


def verify(
    content: bytes, *, trusted: Trusted, register: Register, look: Look | None = None
) -> Answer:
    """
    What the file is.

    `trusted` are our seals, of today and before; `look` reads the file, in a child
    process unless told otherwise. Never raises because of the file.
    """
    sha256 = Storage.digest(content)
    if number := register.by_sha256(sha256):
        return Answer(Verdict.GENUINE, sha256, number, (Check(IDENTICAL, True),))
    if len(content) > MOST_BYTES or not content.startswith(b"%PDF-"):
        return Answer(Verdict.NOT_A_CERTIFICATE, sha256)
    found = (look or look_apart)(content, trusted)
    number = _known_as(found, register) if found.holds else None
    made = [Check(IDENTICAL, False)]
    made += [Check(c, found.checks[c]) for c in CHECKS if c in found.checks]
    if found.holds:
        made.append(Check(KNOWN, number is not None))
    return Answer(
        _verdict(found, number),
        sha256,
        number or found.number,
        tuple(made),
        found.level,
        found.signer,
        found.sealed_at,
    )


def look_apart(content: bytes, trusted: Trusted) -> Reading:
    """What a file says of itself, read in a process with limits; maybe nothing."""
    asked = {
        "seals": [one.hex() for one in trusted.seals],
        "authorities": [one.hex() for one in trusted.authorities],
        "chains": [one.hex() for one in trusted.chains],
    }
    try:
        looked = subprocess.run(  # noqa: S603 - our own script, by its full path
            [sys.executable, "-I", WARNINGS_OFF, str(Path(reading.__file__))],
            input=json.dumps(asked).encode() + b"\n" + content,
            capture_output=True,
            timeout=PATIENCE,
            check=True,
            env={},
        )
        return Reading(**json.loads(looked.stdout))
    except (subprocess.SubprocessError, OSError, ValueError, TypeError):
        return Reading()


def _known_as(found: Reading, register: Register) -> str | None:
    """The certificate a sound seal belongs to: the same file with proofs added, or one
    sealed twice because the first attempt broke off."""
    for prefix in found.prefixes:
        if number := register.by_sha256(prefix):
            return number
    return found.number if found.number and register.holds(found.number) else None


def _verdict(found: Reading, number: str | None) -> Verdict:
    if not found.readable:
        return Verdict.UNREADABLE
    if found.holds:
        return Verdict.GENUINE if number else Verdict.SEALED_BUT_UNKNOWN
    if not found.checks.get("ours"):
        return Verdict.NOT_SEALED_BY_US
    return Verdict.ALTERED
