"""Rows that have only a name: who could be meant, who was meant the last time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from registry.organisations.models import Organisation
from registry.organisations.rules import BadPlace, checked_province
from registry.search import key
from registry.suppliers import queries
from registry.suppliers.answers import (
    NOT_FOUND,
    TO_CONFIRM,
    UNREADABLE,
    Answer,
    Terms,
    without_answer,
    written,
)
from registry.suppliers.asking import Asked
from registry.suppliers.queries import Meant
from registry.suppliers.vault import Vault
from registry.verification import bulk, matching
from registry.verification.questions import By

#: Names offered for one row; ours.
MOST_OFFERED = 5
CONFIRMED: Answer = {"by": "confirmed"}


@dataclass(frozen=True)
class Offer:
    """An organisation that could be meant."""

    id: int
    score: int
    matched: str  # its name, or a former one

    def written(self) -> dict[str, Any]:
        return {"id": self.id, "score": self.score, "matched": self.matched}


def by_names(waiting: Sequence[Asked], terms: Terms, vault: Vault) -> dict[int, Answer]:
    """
    What is told to rows without numbers.

    Who was meant the last time is meant now.  A name that is the same, in the same
    place, is taken; one that is only alike is offered, until the company has said.
    """
    if not waiting:  # all names of the register would be read for nobody
        return {}
    marks = {one.row: mark(one, terms.company_id, vault) for one in waiting}
    meant = queries.meant(terms.company_id, set(marks.values()), vault)
    told: dict[int, Answer] = {}
    chosen: dict[int, tuple[int, Answer]] = {}
    unknown = [one for one in waiting if not _was_meant(meant.get(marks[one.row]))]
    proposed = _offers(unknown, terms.threshold)
    offers = {one.row: those for one, those in zip(unknown, proposed, strict=True)}
    for one in waiting:
        said, those = meant.get(marks[one.row]), offers.get(one.row, [])
        if said is not None and said.organisation_id is not None:
            chosen[one.row] = said.organisation_id, CONFIRMED
        elif (same := _the_same(one, those)) and said is None:
            chosen[one.row] = same.id, {"by": "name", "score": same.score}
        elif {offer.id for offer in those} <= (said.offered if said else set()):
            told[one.row] = without_answer(one, NOT_FOUND)
        else:
            told[one.row] = {
                **without_answer(one, TO_CONFIRM),
                "status": TO_CONFIRM,
                "mark": marks[one.row],
                "offered": [offer.written() for offer in those],
            }
    return told | looked_up(chosen, terms)


def settled(
    answers: Mapping[int, Answer], terms: Terms, vault: Vault
) -> dict[int, Answer]:
    """The rows whose name the company has confirmed by now, or said to be nobody's."""
    open_ones = {
        row: answer for row, answer in answers.items() if answer["status"] == TO_CONFIRM
    }
    if not open_ones:
        return {}
    marks = {answer["mark"] for answer in open_ones.values()}
    meant = queries.meant(terms.company_id, marks, vault)
    chosen: dict[int, tuple[int, Answer]] = {}
    told: dict[int, Answer] = {}
    for row, answer in open_ones.items():
        said = meant.get(answer["mark"])
        notes = {"notes": answer["notes"]} if "notes" in answer else {}
        if said is not None and said.organisation_id is not None:
            score = _score(answer, said.organisation_id)
            chosen[row] = said.organisation_id, {**CONFIRMED, **score, **notes}
        elif said is not None:
            told[row] = {"status": UNREADABLE if notes else NOT_FOUND, **notes}
    return told | looked_up(chosen, terms)


def _score(answer: Answer, organisation_id: int) -> Answer:
    """How alike the name was that the company has said is the same."""
    for one in answer["offered"]:
        if one["id"] == organisation_id:
            return {"score": one["score"]}
    return {}


def _was_meant(said: Meant | None) -> bool:
    return said is not None and said.organisation_id is not None


def looked_up(
    chosen: Mapping[int, tuple[int, Answer]], terms: Terms
) -> dict[int, Answer]:
    """The answers about organisations chosen by key, and how each was found."""
    known = queries.organisations({id_ for id_, _ in chosen.values()})
    pairs = {id_: _pair(one) for id_, one in known.items()}
    found = bulk.lookup(list(pairs.values()), terms.on, scheme=terms.scheme)
    lights = dict(zip(pairs, found, strict=True))
    return {
        row: {**written(lights[id_]), **how} if id_ in lights else {"status": NOT_FOUND}
        for row, (id_, how) in chosen.items()
    }


def _pair(organisation: Organisation) -> tuple[By, str]:
    if organisation.vat:
        return "vat", organisation.vat
    return "tax_code", str(organisation.tax_code)


def mark(one: Asked, company_id: int, vault: Vault) -> str:
    """The name and place of a row, unreadable, the same each time."""
    return vault.mark(
        "name", str(company_id), key(one.name), key(one.town), key(one.province)
    )


def _offers(waiting: Sequence[Asked], threshold: int) -> list[list[Offer]]:
    asked = [(one.name, one.town or None, _sigla(one.province)) for one in waiting]
    return [
        [
            Offer(found.organisation_id, found.score, found.matched)
            for found in those[:MOST_OFFERED]
        ]
        for those in matching.candidates_of(asked, threshold)
    ]


def _sigla(province: str) -> str | None:
    """The two letters of a province; None where it is none or not said."""
    try:
        return checked_province(province) if province else None
    except BadPlace:
        return None


def _the_same(one: Asked, offers: Sequence[Offer]) -> Offer | None:
    """The only one with this very name, where no number and no place speaks against."""
    same = [offer for offer in offers if offer.score == 100]
    return same[0] if len(same) == 1 and not one.problems else None
