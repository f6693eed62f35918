"""Invented organisations for the tests of this room."""

from itertools import count
from typing import Any

from stdnum import luhn

from registry.accounts.models import Role, User
from registry.organisations import operations
from registry.organisations.models import Capacity, Organisation, OrganisationKind
from tests.accounts.people import AT, person

_numbers = count(1)


def vat() -> str:
    """A partita IVA nobody has, with its check digit."""
    body = f"{8000000 + next(_numbers):07}016"
    return body + luhn.calc_check_digit(body)


def facts(**changes: Any) -> dict[str, Any]:
    """What `add` wants."""
    return {
        "kind": OrganisationKind.SOCIAL_B,
        "name": f"La Ginestra {next(_numbers)} Cooperativa Sociale",
        "vat": vat(),
        "province": "BG",
        "town": "Stezzano",
        **changes,
    }


def organisation(
    speaker: User | None = None,
    capacity: Capacity = Capacity.LEGAL_REPRESENTATIVE,
    **changes: Any,
) -> Organisation:
    """An organisation, perhaps with somebody who speaks for it."""
    secretary = person(Role.SECRETARIAT)
    made = operations.add(**facts(**changes), by=secretary, at=AT)
    if speaker is not None:
        operations.appoint(made, speaker, capacity, by=secretary, at=AT)
    return made
