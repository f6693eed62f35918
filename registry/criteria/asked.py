"""Which questions are asked, which evidence is required, for the values so far."""

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

from registry.criteria.calendar import add_months
from registry.criteria.conditions import conditions, names
from registry.criteria.edition import Edition, EvidenceKind
from registry.criteria.evaluation import Status, Verdict, evaluate
from registry.criteria.facts import Basis, Case
from registry.criteria.judging import Gap, Node, Seen, judge
from registry.criteria.values import is_legal, missing_cells
from registry.criteria.view import view

# No question is asked or left out by the calendar: any day gives the same list.
# The reader refuses editions whose «asked_if» looks at the calendar.
_ANY_DAY = dt.date(2000, 1, 1)


def _seen(edition: Edition, values: Mapping[str, Any]) -> dict[str, Seen]:
    return view(edition, Case.declared(values), _ANY_DAY, Basis.DECLARED)


def asked(edition: Edition, values: Mapping[str, Any]) -> list[str]:
    """Names of the answers that are asked, in order, given the values so far."""
    seen = _seen(edition, values)
    hidden = (Gap.NOT_ASKED, Gap.PERHAPS)
    return [name for name in edition.answers if seen[name].gap not in hidden]


def unanswered(edition: Edition, values: Mapping[str, Any]) -> list[str]:
    """Names of the answers asked, not optional, and still empty or incomplete.

    Rows are incomplete when there are too few or a cell that must be given is not.
    """
    missing = []
    for name in asked(edition, values):
        answer, value = edition.answers[name], values.get(name)
        if value is not None and not is_legal(answer, value):
            missing.append(name)
        elif answer.type == "rows" and value is not None:
            if len(value) < answer.min_rows or missing_cells(answer, value):
                missing.append(name)
        elif value is None and not answer.optional:
            missing.append(name)
    return missing


def required_evidence(edition: Edition, values: Mapping[str, Any]) -> list[str]:
    """Names of the kinds of evidence that must be attached, in order."""
    seen = _seen(edition, values)
    return [
        name
        for name in possible_evidence(edition, values)
        if not edition.evidence[name].optional
        and (
            (rule := edition.evidence[name].required_if) is None
            or judge(rule, seen, _ANY_DAY).truth is True
        )
    ]


def possible_evidence(edition: Edition, values: Mapping[str, Any]) -> list[str]:
    """Names of the kinds of evidence that the answers asked call for, in order."""
    wanted = {
        kind
        for name in asked(edition, values)
        for kind in edition.answers[name].evidence
    }
    return [name for name in edition.evidence if name in wanted]


def still_matter(edition: Edition, values: Mapping[str, Any], on: dt.date) -> list[str]:
    """Names of the questions still open that can change something, in order.

    A requirement already decided, whatever the rest says, needs no more answers; nor
    does the part of a rule that can no longer tip it. For a self-check: what is handed
    in is asked in full.
    """
    result = evaluate(edition, Case.declared(values), on)
    wanted: set[str] = set()
    for one in result.requirements:
        trace = one.trace
        nodes = (trace.applies, trace.rule, *trace.steps, trace.reserve, trace.awaits)
        if one.status is Status.UNKNOWN or one.verdict is Verdict.PENDING:
            wanted |= {name for node in nodes if node for name in _open(node)}
    found = {
        source for name in wanted for source in _sources(edition, name, result.seen)
    }
    return [name for name in edition.answers if name in found]


def _open(node: Node) -> Iterator[str]:
    """The names a verdict not given yet is waiting for."""
    if node.truth is not None:
        return
    for child in node.children:
        yield from _open(child)
    for name, _ in node.gaps:
        yield name


def _sources(edition: Edition, name: str, seen: Mapping[str, Seen]) -> Iterator[str]:
    """The answers behind a name: its rows, or what decides whether it is asked."""
    derived = edition.derived.get(name)
    if derived is not None:
        name = derived.rows
    answer = edition.answers.get(name)
    if answer is None:
        return
    if seen[name].gap is Gap.PERHAPS and answer.asked_if is not None:
        for condition in conditions(answer.asked_if):
            for other in names(condition):
                if seen[other].value is None:
                    yield from _sources(edition, other, seen)
        return
    yield name


def serves_until(
    kind: EvidenceKind, issued_on: dt.date | None, values: Mapping[str, Any]
) -> dt.date | None:
    """The last day on which a document of this kind serves; None if unlimited.

    Counted from its date, or from the day answered in the questionnaire.
    """
    days = []
    if kind.valid_months is not None and issued_on is not None:
        days.append(add_months(issued_on, kind.valid_months))
    if kind.valid_until is not None:
        day = values.get(kind.valid_until.answer)
        if isinstance(day, dt.date):
            days.append(add_months(day, kind.valid_until.plus_months))
    return min(days, default=None)
