"""Worked examples beside an edition: policy people read them, pytest runs them."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from registry.criteria.broken import BrokenEdition, Mistake
from registry.criteria.edition import Edition
from registry.criteria.evaluation import Outcome, Result, Status, Verdict
from registry.criteria.facts import Action, Case, Fact, Waiver
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
    statuses: Mapping[str, Status] = field(default_factory=dict)
    score: Mapping[str, Any] = field(default_factory=dict)
    #: Where it stands in its file.
    line: int = 1

    def disagreements(self, result: Result) -> list[str]:
        """Where a result says otherwise than this example, one line each."""
        found: list[tuple[str, Any, Any]] = []
        for name, verdict in self.verdicts.items():
            found.append((name, verdict, result.requirement(name).verdict))
        for name, status in self.statuses.items():
            found.append((name, status, result.requirement(name).status))
        if self.outcome is not None:
            found.append(("outcome", self.outcome, result.outcome))
        score = {
            "points": None if result.points is None else result.points.low,
            "level": result.level,
            "level_at_best": result.level_at_best,
        }
        found += [(name, value, score[name]) for name, value in self.score.items()]
        reserves = {one.reserve_until for one in result.requirements}
        if self.reserve_until is not None and self.reserve_until not in reserves:
            found.append(("reserve_until", self.reserve_until, None))
        return [
            f"{self.name}: {name} {got}, atteso {wanted}"
            for name, wanted, got in found
            if wanted != got
        ]


def read_cases(edition: Edition, folder: Path) -> list[WorkedCase]:
    """The examples in `cases.yaml` of an edition's folder. Raises BrokenEdition.

    Each starts from `base` and changes what it says; a value of null takes the
    answer away.
    """
    path = folder / "cases.yaml"
    tree = parse(path)
    found, line = [], 1
    try:
        for number, one in enumerate(tree["cases"]):
            line = tree["cases"].lc.item(number)[0] + 1
            found.append(replace(_case(edition, tree, one), line=line))
    except (AttributeError, KeyError, TypeError, ValueError) as wrong:
        text = f"esempio incompleto o con un nome sconosciuto: {wrong}"
        raise BrokenEdition([Mistake(path, line, text)]) from None
    except WrongValue as wrong:
        raise BrokenEdition([Mistake(path, line, str(wrong))]) from None
    return found


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
    score = {name: expected.pop(name) for name in _SCORE if name in expected}
    for name in expected:
        edition.requirement(name)
    verdicts = {name: x for name, x in expected.items() if x in set(Verdict)}
    return WorkedCase(
        name=one["name"],
        on=one.get("on", tree["on"]),
        case=Case(
            facts,
            frozenset(one.get("reserves_used", ())),
            {id_: Waiver(text, True) for id_, text in one.get("waivers", {}).items()},
            {id_: Action(due) for id_, due in one.get("actions", {}).items()},
        ),
        verdicts={name: Verdict(value) for name, value in verdicts.items()},
        outcome=None if outcome is None else Outcome(outcome),
        reserve_until=until,
        statuses={
            name: Status(value)
            for name, value in expected.items()
            if name not in verdicts
        },
        score=score,
    )


_SCORE = ("points", "level", "level_at_best")
