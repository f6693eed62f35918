"""What an evaluation says: verdicts, outcome, figures, and the trace as JSON."""

import datetime as dt
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, NamedTuple

from registry.criteria.calendar import FOREVER, NEVER
from registry.criteria.facts import Basis
from registry.criteria.judging import Node, Range, Seen, Share
from registry.criteria.values import plain
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


class Status(StrEnum):
    """What the rules alone say of a requirement, before reserve, wait and action."""

    MET = "met"
    PARTIAL = "partial"
    NOT_MET = "not_met"
    UNKNOWN = "unknown"
    NOT_APPLICABLE = "not_applicable"

    @property
    def label(self) -> str:
        """The English words people see; marked for translation."""
        return _STATUS_LABELS[self]


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
_STATUS_LABELS = {
    Status.MET: N_("Met"),
    Status.PARTIAL: N_("Met in part"),
    Status.NOT_MET: N_("Not met"),
    Status.UNKNOWN: N_("To be completed"),
    Status.NOT_APPLICABLE: N_("Does not apply"),
}


class Points(NamedTuple):
    """Points that are sure, those at best, out of how many; `optional` while it is
    not known whether the requirement applies."""

    low: int
    high: int
    of: int
    optional: bool = False

    @property
    def percent(self) -> int | None:
        """Sure points out of all, in whole percent rounded down; None out of none."""
        return None if self.of == 0 else self.low * 100 // self.of


class Trace(NamedTuple):
    """The rules that were judged: always the first, the others where it failed."""

    rule: Node
    reserve: Node | None = None
    awaits: Node | None = None
    reserve_spent: bool = False
    reserve_lapsed: dt.date | None = None
    applies: Node | None = None
    steps: tuple[Node, ...] = ()


class RequirementResult(NamedTuple):
    """The verdict on one requirement; `stable_until` is the last day it stays so.

    `action_until` is the last day of the corrective action that holds it up; `waived`
    the reason for which it does not apply.
    """

    id: str
    verdict: Verdict
    reserve_until: dt.date | None
    stable_until: dt.date
    trace: Trace
    status: Status = Status.UNKNOWN
    points: Points | None = None
    action_until: dt.date | None = None
    waived: str | None = None

    @property
    def shown(self) -> str:
        """What people see: the verdict or, where it does not apply, just that."""
        if self.status is Status.NOT_APPLICABLE:
            return self.status.value
        return self.verdict.value


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
    points: Points | None = None
    level: str | None = None
    level_at_best: str | None = None
    knocked_out: tuple[str, ...] = ()

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
            **self._score_json(),
        }

    def _score_json(self) -> dict[str, Any]:
        # Left out where an edition has none: older results keep their bytes.
        made: dict[str, Any] = {}
        if self.points is not None:
            made["points"] = _points_json(self.points)
            made["level"] = self.level
            made["level_at_best"] = self.level_at_best
        if self.knocked_out:
            made["knocked_out"] = list(self.knocked_out)
        return made


def _exact(number: Range) -> Any:
    return number.low if number.exact else None


def figure(name: str, seen: Seen) -> Figure:
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


def _points_json(points: Points) -> dict[str, Any]:
    return {
        "low": points.low,
        "high": points.high,
        "of": points.of,
        **({"optional": True} if points.optional else {}),
    }


def _more_json(one: RequirementResult) -> dict[str, Any]:
    made: dict[str, Any] = {}
    if one.trace.applies is not None or one.waived is not None or one.trace.steps:
        made["status"] = one.status.value
    if one.points is not None:
        made["points"] = _points_json(one.points)
    if one.action_until is not None:
        made["action_until"] = one.action_until.isoformat()
    if one.waived is not None:
        made["waived"] = one.waived
    return made


def _requirement_json(one: RequirementResult) -> dict[str, Any]:
    trace = one.trace
    steps = {"steps": [node_json(node) for node in trace.steps]} if trace.steps else {}
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
                ("applies_if", trace.applies),
                ("rule", trace.rule),
                ("reserve", trace.reserve),
                ("awaits", trace.awaits),
            )
            if node is not None
        }
        | steps,
        **_more_json(one),
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
    one = figure(name, seen)
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
