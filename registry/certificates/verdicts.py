"""What is said of a file that was handed on: one verdict, and each thing looked at."""

import enum
from dataclasses import dataclass

from registry.errors import N_


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


class Kind(enum.StrEnum):
    """What sort of file it is, or would be."""

    PAPER = "paper"
    CREDENTIAL = "credential"
    BADGE = "badge"
    PICTURE = "picture"
    OTHER = "other"

    @property
    def label(self) -> str:
        """What people call it, to be translated."""
        return KINDS[self]


KINDS = {
    Kind.PAPER: N_("Certificate (PDF)"),
    Kind.CREDENTIAL: N_("Signed credential"),
    Kind.BADGE: N_("Open Badge"),
    Kind.PICTURE: N_("Picture"),
    Kind.OTHER: N_("Another kind of file"),
}
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
        "The seal is ours and holds, but this is no certificate as the register has "
        "it. Please tell the registry."
    ),
    Verdict.NOT_A_CERTIFICATE: N_(
        "This is not a certificate. Certificates are PDF files of at most 10 MB; "
        "their signed credentials end in .jwt."
    ),
    Verdict.UNREADABLE: N_(
        "This file is broken or protected, so that nothing can be said about it."
    ),
}
#: The same of credentials, which are signed and not sealed.
OF_CREDENTIALS = {
    Verdict.GENUINE: N_(
        "This credential is as the registry signed it: not a letter was changed since."
    ),
    Verdict.ALTERED: N_(
        "This credential names our key, but is not what was signed with it. "
        "Do not rely on it: look the number up in the register."
    ),
    Verdict.NOT_SEALED_BY_US: N_(
        "This credential is not signed by us: anybody could have written it. "
        "Look the number up in the register."
    ),
    Verdict.SEALED_BUT_UNKNOWN: N_(
        "The signature is ours and holds, but the register has no such certificate. "
        "Please tell the registry."
    ),
}
LABELS_OF_CREDENTIALS = {
    Verdict.NOT_SEALED_BY_US: N_("Not signed by us"),
    Verdict.SEALED_BUT_UNKNOWN: N_("Signed by us, but not in the register"),
}
#: And of a photograph of a paper, or a screenshot.
OF_PICTURES = {
    Verdict.NOT_A_CERTIFICATE: N_(
        "Anybody can draw a certificate. If it shows a number, look that up: the "
        "register knows what it is worth. The square code on it opens the same page, "
        "with the camera of a telephone."
    ),
}
LABELS_OF_PICTURES = {Verdict.NOT_A_CERTIFICATE: N_("A picture proves nothing")}
Words = dict[Verdict, str]
#: By kind, what is said otherwise than of a paper: in a sentence, in a few words.
OTHERWISE: dict[Kind, tuple[Words, Words]] = {
    Kind.CREDENTIAL: (OF_CREDENTIALS, LABELS_OF_CREDENTIALS),
    Kind.BADGE: (OF_CREDENTIALS, LABELS_OF_CREDENTIALS),
    Kind.PICTURE: (OF_PICTURES, LABELS_OF_PICTURES),
}
IDENTICAL = "identical"
KNOWN = "known"
SIGNED = "signed"
CREDENTIAL = "credential"
AGREES = "agrees"
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
    CREDENTIAL: N_("The credential inside is signed by the registry."),
    AGREES: N_("The credential says what the paper says."),
    SIGNED: N_("It carries a signature."),
    "signing_key": N_("The signature names a key of the registry."),
    "signature": N_("The key signed just this text."),
    "says": N_("It is about a certificate."),
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
    CREDENTIAL: N_("The credential inside is not one the registry signed."),
    AGREES: N_("The credential says something else than the paper."),
    SIGNED: N_("It carries no signature."),
    "signing_key": N_("The signature names no key of the registry."),
    "signature": N_("The key did not sign this text."),
    "says": N_("It is not about a certificate."),
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
    kind: Kind = Kind.PAPER
    level: str = ""
    signer: str = ""
    sealed_at: str = ""

    @property
    def genuine(self) -> bool:
        """Whether the file is as we made it; its standing is another question."""
        return self.verdict is Verdict.GENUINE

    @property
    def label(self) -> str:
        """The verdict in a few words, to be translated."""
        _, said = OTHERWISE.get(self.kind, ({}, {}))
        return said.get(self.verdict, self.verdict.label)

    @property
    def told(self) -> str:
        """The verdict in a sentence for whoever was handed the file."""
        said, _ = OTHERWISE.get(self.kind, ({}, {}))
        return said.get(self.verdict, SENTENCES[self.verdict])
