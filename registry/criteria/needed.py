"""Which questions can still change what an edition says of a case."""

from collections.abc import Iterator, Sequence

from registry.criteria.conditions import Rule, conditions, names
from registry.criteria.edition import DerivedColumn, Edition, Requirement
from registry.criteria.evaluation import RequirementResult, Result, Verdict
from registry.criteria.judging import Node


def needed(edition: Edition, result: Result) -> frozenset[str]:
    """The answers that can still change a verdict or points of `result`.

    Whatever is given to the others, on the same day every verdict and all points stay
    as they are: filling a gap never changes what is already true or false (Kleene).
    """
    found: set[str] = set()
    for requirement, one in zip(edition.requirements, result.requirements, strict=True):
        for name in _undecided(requirement, one):
            _add(edition, name, found)
    return frozenset(found)


def _undecided(requirement: Requirement, found: RequirementResult) -> Iterator[str]:
    trace, points = found.trace, found.points
    open_points = points is not None and (points.low != points.high or points.optional)
    if found.verdict is Verdict.PENDING or open_points:
        nodes: Sequence[Node | None] = (trace.rule, trace.applies, *trace.steps)
        for node in nodes:
            yield from _gaps(node)
    if found.verdict is not Verdict.PENDING:
        return
    for node in (trace.reserve, trace.awaits):
        yield from _gaps(node)
    if requirement.reserve is not None and trace.reserve is not None:
        for end in requirement.reserve.until:
            yield end.answer


def _gaps(node: Node | None) -> Iterator[str]:
    """What the undecided conditions of a rule look at."""
    if node is None or node.truth is not None:
        return
    for child in node.children:
        yield from _gaps(child)
    if not node.children:
        yield from _names([node.rule])


def _add(edition: Edition, name: str, found: set[str]) -> None:
    """`name`, what it is worked out from, and what decides whether it is asked."""
    if name in found:
        return
    if (derived := edition.derived.get(name)) is not None:
        _add(edition, derived.rows, found)
        for column in edition.answers[derived.rows].derived.values():
            for outer in _outside(column):
                _add(edition, outer, found)
        return
    found.add(name)
    rule = edition.answers[name].asked_if
    for other in _names([] if rule is None else [rule]):
        _add(edition, other, found)


def _outside(column: DerivedColumn) -> Iterator[str]:
    """The answers outside its row that a worked-out cell looks at."""
    if column.days_between is not None and column.days_between.less is not None:
        yield column.days_between.less
    if column.in_period is not None:
        yield column.in_period.ending
    if column.in_table is not None:
        yield column.in_table.on


def _names(rules: list[Rule]) -> Iterator[str]:
    for rule in rules:
        for one in conditions(rule):
            yield from names(one)
