"""What a row is told: the words for answers, and their shape."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from registry.certificates.standing import Code
from registry.suppliers.asking import Asked
from registry.suppliers.columns import Layout
from registry.verification.bulk import Light

#: What a row is told beside the standings of a certificate.
UNREADABLE = "unreadable"  # its number cannot be right
NOT_FOUND = "not_found"  # no name is like its own
TO_CONFIRM = "to_confirm"  # names are like its own
NOTHING = "nothing"  # it asks nothing
#: What is kept of a row: JSON, sealed.
Answer = dict[str, Any]


@dataclass(frozen=True)
class Terms:
    """What a list is checked under."""

    company_id: int
    layout: Layout
    on: date
    threshold: int
    scheme: str


def without_answer(one: Asked, status: str) -> Answer:
    """What is told to a row about which the register knows nobody."""
    if one.problems:
        return {"status": UNREADABLE, "notes": one.problems}
    return {"status": status}


def written(light: Light) -> Answer:
    """An answer of the register as it is kept: JSON without what is not known."""
    answer = {
        "status": light.status.value,
        "since": light.since.isoformat() if light.since else None,
        "reason": light.reason_code if light.status is not Code.VALID else None,
        "id": light.organisation_id,
        "legal_name": light.legal_name,
        "town": light.town,
        "province": light.province,
        "certificate": light.certificate,
        "edition": light.edition,
        "expires": light.expires.isoformat() if light.expires else None,
    }
    return {name: value for name, value in answer.items() if value is not None}
