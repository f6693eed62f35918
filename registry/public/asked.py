"""What somebody typed into the one box: which kind of number it is, or a name."""

import enum
import re
import unicodedata
from dataclasses import dataclass

from registry.certificates.layouts import look
from registry.certificates.numbers import Number
from registry.criteria.schemes import MAIN_SCHEME
from registry.errors import N_, RegistryError
from registry.receipts.numbers import PREFIX
from registry.search import key
from registry.verification.questions import PERSON, BadIdentifier, recognised

#: Nobody types more; the longest name on a certificate has 105 characters.
LONGEST = 120
#: Year and serial of a certificate, as people say it: 2026-123, IMP 2026/123.
SHORT = re.compile(r"([A-Za-z]{2,6})?[ -]*(20[0-9]{2})[ /.-]+0{0,5}([1-9][0-9]{0,5})")


class Kind(enum.StrEnum):
    NOTHING = "nothing"
    NAME = "name"
    VAT = "vat"
    TAX_CODE = "tax_code"
    ALBO = "albo"
    REA = "rea"
    CERTIFICATE = "certificate"
    RECEIPT = "receipt"

    @property
    def label(self) -> str:
        return LABELS[self]


LABELS = {
    Kind.NOTHING: N_("nothing"),
    Kind.NAME: N_("name"),
    Kind.VAT: N_("partita IVA"),
    Kind.TAX_CODE: N_("codice fiscale"),
    Kind.ALBO: N_("Albo number"),
    Kind.REA: N_("number of the REA"),
    Kind.CERTIFICATE: N_("certificate number"),
    Kind.RECEIPT: N_("receipt number"),
}


@dataclass(frozen=True)
class Asked:
    """`text` as it may be shown again; `value` in the spelling of the register."""

    kind: Kind
    text: str
    value: str = ""
    #: Why this number cannot exist.
    problem: RegistryError | None = None

    @property
    def is_number(self) -> bool:
        """Whether it can be the number of a certificate, or of an organisation."""
        return self.kind not in {Kind.NOTHING, Kind.NAME, Kind.RECEIPT}


def read(typed: str) -> Asked:
    """Recognise what was typed; never raises, whatever it is."""
    text = shown(typed)
    if short := SHORT.fullmatch(text):
        return _paper(text, _whole(*short.groups()))
    try:
        found = recognised(text)
    except BadIdentifier as problem:
        return _impossible(text, problem)
    if found is not None:
        kind, value = Kind(found[0]), found[1]
        return (
            _paper(text, value)
            if kind is Kind.CERTIFICATE
            else Asked(kind, text, value)
        )
    return Asked(Kind.NAME if key(text) else Kind.NOTHING, text)


def _paper(text: str, number: str) -> Asked:
    """What bears a number with check digits: a certificate, or a receipt."""
    receipt = number.startswith(f"{PREFIX}-")
    return Asked(Kind.RECEIPT if receipt else Kind.CERTIFICATE, text, number)


def shown(typed: str) -> str:
    """One line without invisible characters, not longer than anyone needs."""
    typed = typed[: 4 * LONGEST]
    if typed.isascii() and typed.isprintable():
        return " ".join(typed.split())[:LONGEST]
    composed = unicodedata.normalize("NFKC", typed)
    kept = (
        letter if not unicodedata.category(letter).startswith("C") else " "
        for letter in composed
    )
    return " ".join("".join(kept).split())[:LONGEST]


def _whole(prefix: str | None, year: str, serial: str) -> str:
    """The number that a short code means: its check digits follow from the rest."""
    return str(
        Number((prefix or look(MAIN_SCHEME).prefix).upper(), int(year), int(serial))
    )


def _impossible(text: str, problem: RegistryError) -> Asked:
    bare = re.sub(r"[\s.:/_-]", "", text).upper()
    if PERSON.fullmatch(bare):
        private = RegistryError(
            N_(
                "This looks like the codice fiscale of a person: the register holds "
                "none."
            )
        )
        return Asked(Kind.TAX_CODE, "", problem=private)
    if bare[:1] in {"A", "C"} and bare[1:].isdigit():
        return Asked(Kind.ALBO, text, problem=problem)
    digits = bare.removeprefix("IT").isdigit()
    return Asked(Kind.VAT if digits else Kind.CERTIFICATE, text, problem=problem)
