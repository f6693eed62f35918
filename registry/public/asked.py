"""What somebody typed into the one box: which kind of number it is, or a name."""

import enum
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

from registry.certificates.numbers import Number
from registry.errors import N_, RegistryError
from registry.organisations.rules import checked_albo, checked_tax_code, checked_vat
from registry.search import key

#: Nobody types more; the longest name on a certificate has 105 characters.
LONGEST = 120
PERSON = re.compile(r"[A-Z]{6}[0-9LMNPQRSTUV]{2}[A-Z][0-9LMNPQRSTUV]{2}[A-Z].{4}")


class Kind(enum.StrEnum):
    NOTHING = "nothing"
    NAME = "name"
    VAT = "vat"
    TAX_CODE = "tax_code"
    ALBO = "albo"
    CERTIFICATE = "certificate"

    @property
    def label(self) -> str:
        return LABELS[self]


LABELS = {
    Kind.NOTHING: N_("nothing"),
    Kind.NAME: N_("name"),
    Kind.VAT: N_("partita IVA"),
    Kind.TAX_CODE: N_("codice fiscale"),
    Kind.ALBO: N_("Albo number"),
    Kind.CERTIFICATE: N_("certificate number"),
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
        return self.kind not in {Kind.NOTHING, Kind.NAME}


def read(typed: str) -> Asked:
    """Recognise what was typed; never raises, whatever it is."""
    text = shown(typed)
    bare = re.sub(r"[\s.:/_‐-―−-]", "", text).upper()
    if not bare:
        return Asked(Kind.NOTHING, text)
    if re.fullmatch(r"(IT)?[0-9]{8,16}", bare):
        return _fiscal(bare.removeprefix("IT"), text)
    if re.fullmatch(r"[AC][0-9]{4,8}", bare):
        return _tried(Kind.ALBO, checked_albo, bare, text)
    if re.fullmatch(r"[A-Z]{2,6}(19|20)[0-9]{4,17}", bare):
        return _tried(Kind.CERTIFICATE, _number, text, text)
    if PERSON.fullmatch(bare):
        private = RegistryError(
            N_(
                "This looks like the codice fiscale of a person: the register holds "
                "none."
            )
        )
        return Asked(Kind.TAX_CODE, "", problem=private)
    return Asked(Kind.NAME if key(text) else Kind.NOTHING, text)


def shown(typed: str) -> str:
    """One line without invisible characters, not longer than anyone needs."""
    composed = unicodedata.normalize("NFKC", typed[: 4 * LONGEST])
    kept = (
        letter if not unicodedata.category(letter).startswith("C") else " "
        for letter in composed
    )
    return " ".join("".join(kept).split())[:LONGEST]


def _fiscal(digits: str, text: str) -> Asked:
    as_vat = _tried(Kind.VAT, checked_vat, digits, text)
    if as_vat.problem is None:
        return as_vat
    as_code = _tried(Kind.TAX_CODE, checked_tax_code, digits, text)
    return as_vat if as_code.problem else as_code


def _number(typed: str) -> str:
    return str(Number.read(typed))


def _tried(
    kind: Kind, check: Callable[[str], str | None], typed: str, text: str
) -> Asked:
    try:
        return Asked(kind, text, check(typed) or "")
    except RegistryError as problem:
        return Asked(kind, text, problem=problem)
