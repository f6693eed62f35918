"""Reading a question; every way in which it can be wrong has a stable code."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from werkzeug.datastructures import MultiDict

from registry.certificates.numbers import Number, WrongNumber
from registry.errors import N_, Invalid
from registry.organisations.rules import (
    BadNumber,
    checked_albo,
    checked_tax_code,
    checked_vat,
)

LONGEST = 80
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


class OneIdentifier(Invalid):
    """Not exactly one identifier was given."""


class UnknownParameter(Invalid):
    """A parameter that would silently be ignored could change what was meant."""


class BadIdentifier(Invalid):
    """An identifier that cannot exist: its shape or its check digits are wrong."""


class BadDate(Invalid):
    """Not a day of the calendar."""


class DateInFuture(Invalid):
    """Nobody knows what a certificate will be worth."""


@dataclass(frozen=True)
class Question:
    """One identifier in the spelling of the register, and the day it is about."""

    by: str
    value: str
    on: date
    #: Whether the day was asked for.
    dated: bool


CHECKS: dict[str, Callable[[str], str | None]] = {
    "vat": checked_vat,
    "tax_code": checked_tax_code,
    "albo": checked_albo,
    "certificate": lambda typed: str(Number.read(typed)),
}


def question(given: "MultiDict[str, str]", today: date) -> Question:
    """The question of some parameters; raises an Invalid of this file."""
    for name in given:
        if name not in {*CHECKS, "on"}:
            raise UnknownParameter(
                N_("There is no parameter of this name. Known: %(known)s."),
                known=", ".join([*CHECKS, "on"]),
            )
    asked = [(name, typed) for name in CHECKS for typed in given.getlist(name)]
    if len(asked) != 1 or len(given.getlist("on")) > 1:
        raise OneIdentifier(
            N_("Give exactly one of: %(known)s."), known=", ".join(CHECKS)
        )
    name, typed = asked[0]
    on = given.get("on")
    day = _day(on, today) if on is not None else today
    return Question(name, _identifier(name, typed), day, on is not None)


def _identifier(name: str, typed: str) -> str:
    try:
        value = CHECKS[name](typed[:LONGEST])
    except (BadNumber, WrongNumber) as wrong:
        raise BadIdentifier(wrong.message, **wrong.params) from wrong
    if not value:
        raise BadIdentifier(N_("The identifier is empty."))
    return value


def _day(typed: str, today: date) -> date:
    try:
        day = date.fromisoformat(typed) if DAY.fullmatch(typed) else None
    except ValueError:
        day = None
    if day is None:
        raise BadDate(N_("Give the day as YYYY-MM-DD."))
    if day > today:
        raise DateInFuture(N_("The register answers for today and for the past."))
    return day
