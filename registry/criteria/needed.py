"""Which questions can still change what an edition says of a case."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from registry.criteria.asked import asked
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


def superfluous(
    edition: Edition, result: Result, values: Mapping[str, Any]
) -> dict[str, tuple[str, ...]]:
    """
    The questions asked that nobody has to answer any more, with what they serve.

    `result` is what the edition says of `values`. Each question comes with the ids of
    the requirements that look at it: all of them are settled, whatever it is answered.
    A question already answered is among them only where all of these are said not to
    apply, and so is one no rule looks at that depends on such a question. Otherwise
    what no rule looks at is asked for other reasons and never superfluous.
    """
    matters = needed(edition, result)
    waived = {one.id for one in result.requirements if one.waived is not None}
    looks = {one.id: bearing(edition, one) for one in edition.requirements}
    found = {}
    for name in asked(edition, values):
        serves = _serving(looks, [name])
        lacks = bool(serves) and values.get(name) is None and name not in matters
        serves = serves or _serving(looks, _deciding(edition, name))
        if lacks or (serves and waived.issuperset(serves)):
            found[name] = serves
    return found


def _serving(
    looks: Mapping[str, frozenset[str]], questions: list[str]
) -> tuple[str, ...]:
    return tuple(id_ for id_, one in looks.items() if not one.isdisjoint(questions))


def _deciding(edition: Edition, name: str) -> list[str]:
    """The answers that decide whether a question is asked."""
    rule = edition.answers[name].asked_if
    return list(_names([] if rule is None else [rule]))


def bearing(edition: Edition, requirement: Requirement) -> frozenset[str]:
    """The answers that a requirement looks at, and those that decide on them."""
    rules: list[Rule] = [requirement.rule, *(one.rule for one in requirement.steps)]
    rules += [one.rule for one in (requirement.reserve, requirement.awaits) if one]
    if requirement.applies_if is not None:
        rules.append(requirement.applies_if)
    found: set[str] = set()
    for name in _names(rules):
        _add(edition, name, found)
    if requirement.reserve is not None:
        for end in requirement.reserve.until:
            _add(edition, end.answer, found)
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
    # While the rule is open, a reserve or a wait may still decide should it fail.
    for part, node in (
        (requirement.reserve, trace.reserve),
        (requirement.awaits, trace.awaits),
    ):
        if part is not None and node is None:
            yield from _names([part.rule])
        yield from _gaps(node)
    if requirement.reserve is not None:
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
    for other in _deciding(edition, name):
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
