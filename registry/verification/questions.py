"""Reading a question; every way in which it can be wrong has a stable code."""

import re
import unicodedata
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, cast

from werkzeug.datastructures import MultiDict

from registry.certificates.numbers import Number, WrongNumber
from registry.clock import civil_day
from registry.criteria.schemes import MAIN_SCHEME
from registry.errors import N_, Invalid
from registry.organisations.rules import (
    BadNumber,
    checked_albo,
    checked_rea,
    checked_tax_code,
    checked_vat,
    has_right_digit,
    provinces,
)

By = Literal["vat", "tax_code", "albo", "rea", "certificate"]
LONGEST = 80
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
#: RFC 3339; the blank is a plus sign that an address has undone.
INSTANT = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?)"
    r"([Zz]|[ +-][0-9]{2}:[0-9]{2})",
    re.ASCII,
)


class OneIdentifier(Invalid):
    """Not exactly one identifier was given."""


class UnknownParameter(Invalid):
    """A parameter that would silently be ignored could change what was meant."""


class BadIdentifier(Invalid):
    """An identifier that cannot exist: its shape or its check digits are wrong."""


class UnknownScheme(Invalid):
    """No edition of a scheme of this name was published."""


class BadDate(Invalid):
    """Not a day of the calendar."""


class BadInstant(Invalid):
    """Not an instant: a day, an hour and its zone."""


class DateInFuture(Invalid):
    """Nobody knows what a certificate will be worth."""


@dataclass(frozen=True)
class Question:
    """One identifier in the spelling of the register, and the day it is about."""

    by: By
    value: str
    on: date
    #: Whether the day was asked for.
    dated: bool = False
    #: Only what was recorded by this instant counts; everything if None.
    known_at: datetime | None = None
    #: The scheme that was named, if one was.
    scheme: str | None = None

    @property
    def about(self) -> str | None:
        """The scheme it is about; None for whichever a certificate's number is of."""
        if self.scheme is None and self.by == "certificate":
            return None
        return self.scheme or MAIN_SCHEME


CHECKS: dict[By, Callable[[str], str | None]] = {
    "vat": checked_vat,
    "tax_code": checked_tax_code,
    "albo": checked_albo,
    "rea": checked_rea,
    "certificate": lambda typed: str(Number.read(typed)),
}
WHEN: tuple[str, ...] = ("on", "known_at")
SCHEME = "scheme"
ONCE = (*WHEN, SCHEME)
KNOWN = frozenset([*CHECKS, *ONCE])


def question(
    given: "MultiDict[str, str]", at: datetime, schemes: Collection[str]
) -> Question:
    """The question of some parameters, asked at `at`; raises an Invalid of this file.

    With `known_at` and no `on` the day is that of `known_at`: what was answered then.
    Where no scheme of `schemes` is named, the main one is meant.
    """
    if not KNOWN.issuperset(given):
        raise UnknownParameter(
            N_("There is no parameter of this name. Known: %(known)s."),
            known=", ".join([*CHECKS, *ONCE]),
        )
    named = given.to_dict()
    asked = [name for name in CHECKS if name in named]
    if len(asked) != 1 or len(list(given.items(multi=True))) > len(named):
        raise OneIdentifier(
            N_("Give exactly one of: %(known)s."), known=", ".join(CHECKS)
        )
    about, name = when(named, at), asked[0]
    value = identifier(name, named[name])
    return Question(name, value, *about, known_scheme(named.get(SCHEME), schemes))


def known_scheme(named: str | None, schemes: Collection[str]) -> str | None:
    """The scheme that was named; raises UnknownScheme, for a slip is no answer."""
    if named is not None and named not in schemes:
        raise UnknownScheme(
            N_("There is no scheme of this name. Known: %(known)s."),
            known=", ".join(schemes),
        )
    return named


def when(given: Mapping[str, str], at: datetime) -> tuple[date, bool, datetime | None]:
    """The day a question is about, whether it was asked for, and what was known by."""
    on, known_at = given.get("on"), given.get("known_at")
    instant = read_instant(known_at, at) if known_at is not None else None
    day = read_day(on, at) if on is not None else civil_day(instant or at)
    return day, on is not None or instant is not None, instant


def identifier(name: By, typed: str) -> str:
    """A number as the register writes it; raises BadIdentifier saying what is wrong."""
    try:
        value = CHECKS[name](typed[:LONGEST])
    except (BadNumber, WrongNumber) as wrong:
        raise BadIdentifier(wrong.message, **wrong.params) from wrong
    if not value:
        raise BadIdentifier(N_("The identifier is empty."))
    return value


def read_day(typed: str, at: datetime) -> date:
    """A day that is not in the future; raises BadDate or DateInFuture."""
    try:
        day = date.fromisoformat(typed) if DAY.fullmatch(typed) else None
    except ValueError:
        day = None
    if day is None:
        raise BadDate(N_("Give the day as YYYY-MM-DD."))
    if day > civil_day(at):
        raise DateInFuture(N_("The register answers for today and for the past."))
    return day


def read_instant(typed: str, at: datetime) -> datetime:
    """An instant that is not in the future; raises BadInstant or DateInFuture."""
    found = INSTANT.fullmatch(typed)
    bad = BadInstant(N_("Give the instant with its zone, as 2026-03-02T10:00:00Z."))
    if found is None:
        raise bad
    try:
        instant = datetime.fromisoformat(found[1] + found[2].replace(" ", "+"))
        later = instant > at
        civil_day(instant)
    except (ValueError, OverflowError):
        raise bad from None
    if later:
        raise DateInFuture(N_("The register answers for today and for the past."))
    return instant


LABEL = re.compile(
    r"(?:partita iva|p\.? ?iva|vat|codice fiscale|c\.? ?f\.?|albo|rea|nr?\.|n°|no\.)"
    r"[\s.:°]*",
    re.IGNORECASE,
)
PERSON = re.compile(r"[A-Z]{6}[0-9LMNPQRSTUV]{2}[A-Z][0-9LMNPQRSTUV]{2}[A-Z].{4}")
REA = re.compile(r"([A-Z]{2})([0-9]{4,7})")
CERTIFICATE = re.compile(r"[A-Z]{2,6}(19|2[0O])[0-9OIL]{4,17}")


def recognised(text: str) -> tuple[By, str] | None:
    """
    The identifier somebody wrote, in whatever spelling; None where it is none.

    Leading zeros that a spreadsheet dropped are put back where the check digit then
    agrees.  Raises BadIdentifier for what is clearly meant as one and cannot exist,
    a person's codice fiscale among them.
    """
    line = " ".join(unicodedata.normalize("NFKC", text[: 4 * LONGEST]).split())
    while found := LABEL.match(line):
        line = line[found.end() :]
    bare = re.sub(r"[\s.:/_‐-―−-]", "", line).upper()
    if re.fullmatch(r"(IT)?[0-9]{8,16}", bare, re.ASCII):
        return _fiscal(bare.removeprefix("IT"))
    if re.fullmatch(r"[AC][0-9]{5,8}", bare, re.ASCII):
        return "albo", identifier("albo", bare)
    if (rea := REA.fullmatch(bare)) and rea[1] in provinces():
        return "rea", identifier("rea", f"{rea[1]}-{rea[2]}")
    if PERSON.fullmatch(bare):
        return "tax_code", identifier("tax_code", bare)
    if CERTIFICATE.fullmatch(bare):
        return "certificate", identifier("certificate", line)
    return None


def _fiscal(digits: str) -> tuple[By, str]:
    if len(digits) < 11 and digits[0] != "0":
        padded = digits.zfill(11)
        digits = padded if has_right_digit(padded) else digits
    try:
        return "vat", identifier("vat", digits)
    except BadIdentifier as as_vat:
        try:
            return "tax_code", identifier("tax_code", digits)
        except BadIdentifier:
            raise as_vat from None


def asked_for(question: Question) -> dict[str, str]:
    """The question as parameters, the way the register writes them."""
    asked = {cast(str, question.by): question.value}
    if question.dated:
        asked["on"] = question.on.isoformat()
    if question.known_at is not None:
        asked["known_at"] = question.known_at.isoformat()
    if question.scheme is not None:
        asked[SCHEME] = question.scheme
    return asked
