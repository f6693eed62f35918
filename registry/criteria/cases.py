"""Worked examples beside an edition: policy people read them, pytest runs them."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from registry.criteria.broken import BrokenEdition, Mistake
from registry.criteria.edition import Edition
from registry.criteria.evaluation import Outcome, Verdict
from registry.criteria.facts import Case, Fact
from registry.criteria.reader import parse
from registry.criteria.values import WrongValue, read_value


@dataclass(frozen=True, slots=True)
class WorkedCase:
    """One example: what was declared on a day, and what must be said of it."""

    name: str
    on: dt.date
    case: Case
    verdicts: Mapping[str, Verdict]
    outcome: Outcome | None
    reserve_until: dt.date | None


def read_cases(edition: Edition, folder: Path) -> list[WorkedCase]:
    """The examples in `cases.yaml` of an edition's folder. Raises BrokenEdition.

    Each starts from `base` and changes what it says; a value of null takes the
    answer away.
    """
    path = folder / "cases.yaml"
    tree = parse(path)
    try:
        return [_case(edition, tree, one) for one in tree["cases"]]
    except (KeyError, TypeError, ValueError) as wrong:
        text = f"esempio incompleto o con un nome sconosciuto: {wrong}"
        raise BrokenEdition([Mistake(path, 1, text)]) from None
    except WrongValue as wrong:
        raise BrokenEdition([Mistake(path, 1, str(wrong))]) from None


def _case(edition: Edition, tree: Any, one: Any) -> WorkedCase:
    raw = {**tree["base"], **one.get("changes", {})}
    facts = {
        name: Fact(declared=read_value(edition.answers[name], value))
        for name, value in raw.items()
        if value is not None
    }
    expected = dict(one["expected"])
    outcome = expected.pop("outcome", None)
    until = expected.pop("reserve_until", None)
    for name in expected:
        edition.requirement(name)
    return WorkedCase(
        name=one["name"],
        on=one.get("on", tree["on"]),
        case=Case(facts, frozenset(one.get("reserves_used", ()))),
        verdicts={name: Verdict(value) for name, value in expected.items()},
        outcome=None if outcome is None else Outcome(outcome),
        reserve_until=until,
    )
