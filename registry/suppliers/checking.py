"""From rows that ask to rows that answer.  Reads; changes nothing."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from rapidfuzz import fuzz
from rapidfuzz.utils import default_process

from registry.errors import N_
from registry.suppliers.answers import (
    NOTHING,
    Answer,
    Terms,
    without_answer,
    written,
)
from registry.suppliers.asking import Asked, Note, asked
from registry.suppliers.naming import by_names
from registry.suppliers.vault import Vault
from registry.verification import bulk
from registry.verification.bulk import Light

#: Below this a name and the legal name of its number are told apart; ours.
UNLIKE = 55
#: Rows of a step, and names among them: short enough to be stopped in between.
ROWS_OF_A_STEP = 10_000
NAMES_OF_A_STEP = 200

OTHER_NAME = N_("In the register this number is of %(name)s.")
SEVERAL = N_("The numbers of this row are of different organisations: %(names)s.")


@dataclass
class Step:
    """Some rows and what they are told."""

    upto: int  # rows of the table looked at by now
    answers: list[tuple[int, Answer]] = field(default_factory=list)


def step(rows: Sequence[Sequence[str]], start: int, terms: Terms, vault: Vault) -> Step:
    """Answer the next rows of a table, from `start` on."""
    waiting: list[Asked] = []
    upto, names = start, 0
    for number in range(start, min(start + ROWS_OF_A_STEP, len(rows))):
        upto = number + 1
        if number < terms.layout.first_row or not any(rows[number]):
            continue
        one = asked(number, rows[number], terms.layout)
        waiting.append(one)
        names += one.by_name
        if names == NAMES_OF_A_STEP:
            break
    return Step(upto, answers(waiting, terms, vault))


def answers(
    waiting: Sequence[Asked], terms: Terms, vault: Vault
) -> list[tuple[int, Answer]]:
    """What each row is told, in their order: numbers by one statement, then names."""
    pairs = [pair for one in waiting for pair in one.pairs]
    found = iter(bulk.lookup(pairs, terms.on, scheme=terms.scheme))
    told: dict[int, Answer] = {}
    for one in waiting:
        lights = [next(found) for _ in one.pairs]
        if one.pairs:
            told[one.row] = _by_number(one, lights)
        elif not one.name:
            told[one.row] = without_answer(one, NOTHING)
    told |= by_names([one for one in waiting if one.by_name], terms, vault)
    return [(one.row, told[one.row]) for one in waiting]


def _by_number(one: Asked, lights: Sequence[Light]) -> Answer:
    """The first number that is known speaks; the others may contradict it."""
    known = [n for n, light in enumerate(lights) if light.organisation_id is not None]
    first = known[0] if known else 0
    light = lights[first]
    notes: list[Note] = list(one.problems)
    if len(known) > 1 and len({lights[n].organisation_id for n in known}) > 1:
        names = dict.fromkeys(str(lights[n].legal_name) for n in known)
        notes.append((SEVERAL, {"names": ", ".join(names)}))
    elif known and one.name and _is_other(one.name, str(light.legal_name)):
        notes.append((OTHER_NAME, {"name": light.legal_name}))
    answer = written(light)
    if known:
        answer["by"], answer["score"] = one.pairs[first][0], 100
    if notes:
        answer["notes"] = notes
    return answer


def _is_other(name: str, legal_name: str) -> bool:
    return fuzz.token_set_ratio(name, legal_name, processor=default_process) < UNLIKE
