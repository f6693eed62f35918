"""The evaluation: (edition, case, day, basis) to a result with its whole trace.

A pure function, total on any input. It only proposes: the decision is people's.
"""

import datetime as dt
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, NamedTuple

from registry.criteria.calendar import FOREVER, NEVER, add_months
from registry.criteria.edition import Edition, Requirement, Reserve, Until
from registry.criteria.facts import Basis, Case
from registry.criteria.judging import Gap, Node, Range, Seen, Share, View, judge
from registry.criteria.values import plain
from registry.criteria.view import view
from registry.errors import N_

ENGINE = 1


class Verdict(StrEnum):
    """What is said of one requirement."""

    MET = "met"
    MET_WITH_RESERVE = "met_with_reserve"
    NOT_MET = "not_met"
    PENDING = "pending"

    @property
    def label(self) -> str:
        """The English words people see; marked for translation."""
        return _VERDICT_LABELS[self]


class Outcome(StrEnum):
    """What is proposed for the whole application."""

    CONFORMING = "conforming"
    CONDITIONAL = "conditional"
    INCOMPLETE = "incomplete"
    NOT_CONFORMING = "not_conforming"

    @property
    def label(self) -> str:
        """The English words people see; marked for translation."""
        return _OUTCOME_LABELS[self]


_VERDICT_LABELS = {
    Verdict.MET: N_("Met"),
    Verdict.MET_WITH_RESERVE: N_("Met with reserve"),
    Verdict.NOT_MET: N_("Not met"),
    Verdict.PENDING: N_("To be completed"),
}
_OUTCOME_LABELS = {
    Outcome.CONFORMING: N_("Conforming"),
    Outcome.CONDITIONAL: N_("Conforming with reserve"),
    Outcome.INCOMPLETE: N_("Incomplete"),
    Outcome.NOT_CONFORMING: N_("Not conforming"),
}


class Trace(NamedTuple):
    """The rules that were judged: always the first, the others where it failed."""

    rule: Node
    reserve: Node | None = None
    awaits: Node | None = None
    reserve_spent: bool = False
    reserve_lapsed: dt.date | None = None


class RequirementResult(NamedTuple):
    """The verdict on one requirement; `stable_until` is the last day it stays so."""

    id: str
    verdict: Verdict
    reserve_until: dt.date | None
    stable_until: dt.date
    trace: Trace


class Figure(NamedTuple):
    """A derived value shown to people; `part` and `whole` only for a share."""

    name: str
    value: Any
    part: Any = None
    whole: Any = None


class Result(NamedTuple):
    """What the edition says of a case on a day; `stable_until` as for requirements."""

    edition: str
    digest: str
    on: dt.date
    basis: Basis
    outcome: Outcome
    stable_until: dt.date
    requirements: tuple[RequirementResult, ...]
    figures: tuple[Figure, ...]
    seen: Mapping[str, Seen]
    tables: Mapping[str, tuple[dt.date, str]]
    derived: tuple[str, ...]

    def requirement(self, id: str) -> RequirementResult:
        """The result of that requirement; KeyError when there is none."""
        for one in self.requirements:
            if one.id == id:
                return one
        raise KeyError(id)

    def to_json(self) -> dict[str, Any]:
        """The result with its whole trace, ready for canonical JSON."""
        return {
            "engine": ENGINE,
            "edition": self.edition,
            "digest": self.digest,
            "on": self.on.isoformat(),
            "basis": self.basis.value,
            "outcome": self.outcome.value,
            "stable_until": _day(self.stable_until),
            "tables": {
                name: {"dated": dated.isoformat(), "sha256": digest}
                for name, (dated, digest) in self.tables.items()
            },
            "requirements": [_requirement_json(one) for one in self.requirements],
            "derived": {
                name: _derived_json(name, self.seen[name]) for name in self.derived
            },
        }


def evaluate(
    edition: Edition, case: Case, on: dt.date, basis: Basis = Basis.DECLARED
) -> Result:
    """What the edition says of the case on the day `on`; never raises.

    `basis` chooses the organisation's values or those the auditor established.
    """
    seen = view(edition, case, on, basis)
    results = tuple(_judge(one, seen, case, on) for one in edition.requirements)
    return Result(
        edition=edition.key,
        digest=edition.digest,
        on=on,
        basis=basis,
        outcome=_outcome(results, edition.parameters.max_reserves),
        stable_until=min(one.stable_until for one in results),
        requirements=results,
        figures=tuple(
            _figure(name, seen[name])
            for name, derived in edition.derived.items()
            if derived.shown
        ),
        seen=seen,
        tables={name: (one.dated, one.digest) for name, one in edition.tables.items()},
        derived=tuple(edition.derived),
    )


def _judge(
    requirement: Requirement, seen: View, case: Case, on: dt.date
) -> RequirementResult:
    node = judge(requirement.rule, seen, on)
    trace = Trace(node)
    if node.truth is True:
        return RequirementResult(
            requirement.id, Verdict.MET, None, node.until, Trace(node)
        )
    if node.truth is None:
        return RequirementResult(
            requirement.id, Verdict.PENDING, None, node.until, Trace(node)
        )
    verdict, day, stable = Verdict.NOT_MET, None, node.until
    if requirement.reserve is not None:
        spent = requirement.reserve.once and requirement.id in case.reserves_used
        verdict, day, until, trace = _reserve(requirement.reserve, seen, on, trace)
        if spent:
            verdict, day, trace = (
                Verdict.NOT_MET,
                None,
                trace._replace(reserve_spent=True),
            )
        else:
            stable = min(stable, until)
    if verdict is Verdict.NOT_MET and requirement.awaits is not None:
        awaits = judge(requirement.awaits.rule, seen, on)
        trace, stable = trace._replace(awaits=awaits), min(stable, awaits.until)
        verdict = Verdict.NOT_MET if awaits.truth is False else Verdict.PENDING
    return RequirementResult(requirement.id, verdict, day, stable, trace)


def _reserve(
    reserve: Reserve, seen: View, on: dt.date, trace: Trace
) -> tuple[Verdict, dt.date | None, dt.date, Trace]:
    node = judge(reserve.rule, seen, on)
    trace = trace._replace(reserve=node)
    if node.truth is False:
        return Verdict.NOT_MET, None, node.until, trace
    days, until = _ends(reserve.until, seen)
    until = min(until, node.until)
    if days == []:
        # It would end on a day that does not exist: there is nothing to wait for.
        return Verdict.NOT_MET, None, until, trace
    if node.truth is None or days is None:
        return Verdict.PENDING, None, until, trace
    day = min(days)
    if on > day:
        return Verdict.NOT_MET, None, until, trace._replace(reserve_lapsed=day)
    return Verdict.MET_WITH_RESERVE, day, min(until, day), trace


def _ends(ends: tuple[Until, ...], seen: View) -> tuple[list[dt.date] | None, dt.date]:
    """The days on which a reserve ends, None while one of them is unknown.

    With them, the last day on which those values are seen.
    """
    days: list[dt.date] = []
    until = FOREVER
    for end in ends:
        found = seen[end.answer]
        until = min(until, found.until)
        if found.value is None and found.gap is not Gap.NOT_ASKED:
            return None, until
        if found.value is not None and found.value != NEVER:
            days.append(add_months(found.value, end.plus_months))
    return days, until


def _outcome(results: tuple[RequirementResult, ...], max_reserves: int) -> Outcome:
    verdicts = [one.verdict for one in results]
    reserves = verdicts.count(Verdict.MET_WITH_RESERVE)
    if Verdict.NOT_MET in verdicts or reserves > max_reserves:
        return Outcome.NOT_CONFORMING
    if Verdict.PENDING in verdicts:
        return Outcome.INCOMPLETE
    return Outcome.CONDITIONAL if reserves else Outcome.CONFORMING


# --- figures and JSON ---------------------------------------------------------


def _exact(number: Range) -> Any:
    return number.low if number.exact else None


def _figure(name: str, seen: Seen) -> Figure:
    value = seen.value
    if isinstance(value, Share):
        part, rest = _exact(value.inside), _exact(value.outside)
        if part is None or rest is None or part + rest == 0:
            return Figure(name, None)
        # Rounded down to a tenth: 99.96 % is never shown as 100.
        return Figure(name, part * 1000 // (part + rest), part, part + rest)
    if isinstance(value, Range):
        return Figure(name, _exact(value))
    return Figure(name, None if value == NEVER else value)


def _day(day: dt.date | None) -> str | None:
    return None if day is None or day in (FOREVER, NEVER) else day.isoformat()


def _requirement_json(one: RequirementResult) -> dict[str, Any]:
    trace = one.trace
    return {
        "id": one.id,
        "verdict": one.verdict.value,
        "reserve_until": _day(one.reserve_until),
        "stable_until": _day(one.stable_until),
        "reserve_spent": trace.reserve_spent,
        "reserve_lapsed": _day(trace.reserve_lapsed),
        "trace": {
            name: node_json(node)
            for name, node in (
                ("rule", trace.rule),
                ("reserve", trace.reserve),
                ("awaits", trace.awaits),
            )
            if node is not None
        },
    }


def node_json(node: Node) -> dict[str, Any]:
    """A step of the trace: its condition, its verdict and what it saw."""
    rule = node.rule.model_dump(mode="json", by_alias=True, exclude_none=True)
    if node.children:
        rule = {
            word: rule.get("how_many", len(node.children))
            for word in ("all_of", "any_of", "some_of")
            if word in rule
        }
    made: dict[str, Any] = {
        "rule": rule,
        "truth": node.truth,
        "until": _day(node.until),
    }
    if node.children:
        made["children"] = [node_json(child) for child in node.children]
    else:
        made["value"] = value_json(node.value)
    if node.gaps:
        made["missing"] = {name: gap.value for name, gap in node.gaps}
    return made


def value_json(value: Any) -> Any:
    """A value seen by a rule: a number with its bounds, a share, a day, a word."""
    if isinstance(value, Range):
        if value.exact:
            return plain(value.low)
        return {"low": plain(value.low), "high": plain(value.high)}
    if isinstance(value, Share):
        return {"inside": value_json(value[0]), "outside": value_json(value[1])}
    if isinstance(value, tuple) and value and isinstance(value[0], Range):
        return [value_json(one) for one in value]
    return None if value == NEVER else plain(value)


def _derived_json(name: str, seen: Seen) -> dict[str, Any]:
    one = _figure(name, seen)
    made: dict[str, Any] = {"value": value_json(seen.value)}
    if seen.gap is not None:
        made["missing"] = seen.gap.value
    if isinstance(seen.value, Share) and one.whole:
        made["permille"] = one.value
    made["rows"] = [
        {
            "row": row.number,
            "name": plain(row.name),
            "amount": plain(row.amount),
            **({} if row.node is None else {"trace": node_json(row.node)}),
        }
        for row in seen.rows
    ]
    return made


__all__ = [
    "Basis",
    "Case",
    "Figure",
    "Gap",
    "Outcome",
    "RequirementResult",
    "Result",
    "Trace",
    "Verdict",
    "evaluate",
]
