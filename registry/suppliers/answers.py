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
    answer: Answer = {"status": light.status.value}
    if light.status is not Code.VALID and light.reason_code is not None:
        answer["reason"] = light.reason_code
    if light.organisation_id is not None:
        answer["id"] = light.organisation_id
        answer["legal_name"] = light.legal_name
        answer["town"], answer["province"] = light.town, light.province
    if light.since and light.expires:
        answer["since"] = light.since.isoformat()
        answer["certificate"], answer["edition"] = light.certificate, light.edition
        answer["expires"] = light.expires.isoformat()
    return answer
