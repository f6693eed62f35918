"""Pure questions about companies that ask for an account, and about their lists."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from registry.accounts import rules as people
from registry.errors import N_, Invalid
from registry.organisations import rules as registered
from registry.organisations.rules import Refused
from registry.suppliers.models import SignUp


class NotAnAddress(Invalid):
    """What was given is not an e-mail address."""


def checked_email(typed: str) -> str:
    """An address in its one spelling.  Raises NotAnAddress."""
    address = people.tidy_email(typed)
    if address is None:
        raise NotAnAddress(N_("This is not an e-mail address."))
    return address


def _vat(typed: str) -> str:
    number = registered.checked_vat(typed)
    if number is None:
        raise registered.BadNumber(N_("Give the partita IVA of the company."))
    return number


SIGN_UP: dict[str, Callable[[str], str]] = {
    "company": registered.checked_name,
    "vat": _vat,
    "province": registered.checked_province,
    "town": registered.checked_town,
    "email": checked_email,
}


def checked_sign_up(**given: str) -> dict[str, Any]:
    """What a company says of itself, in one spelling.  Raises Refused."""
    found, problems = {}, []
    for name, check in SIGN_UP.items():
        try:
            found[name] = check(given[name])
        except Invalid as problem:
            problems.append((name, problem))
    if problems:
        raise Refused(problems)
    return found


def is_open(asked: SignUp, at: datetime) -> bool:
    """Whether the link of a letter still opens an account."""
    return at < asked.until
