"""Points as sure bounds, and the level they reach: whole numbers, never a fraction."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from registry.criteria.edition import Edition, Level, Requirement
from registry.criteria.judging import Node
from registry.criteria.result import (
    Outcome,
    Points,
    RequirementResult,
    Status,
)

NO_POINTS = Points(0, 0, 0)


class Levels(NamedTuple):
    """The level reached for sure and the one reached at best; None for no level."""

    sure: str | None
    at_best: str | None


def points_of(
    requirement: Requirement, node: Node, steps: Sequence[Node], *, optional: bool
) -> Points | None:
    """The points of one requirement that applies, or may apply when `optional`.

    The sure ones come from the highest rule that holds, those at best from the highest
    that may. None when the requirement gives no points.
    """
    if requirement.points is None:
        return None
    marks = [(requirement.points, node)]
    marks += [
        (step.points, judged)
        for step, judged in zip(requirement.steps, steps, strict=True)
    ]
    low = max((mark for mark, one in marks if one.truth is True), default=0)
    high = max((mark for mark, one in marks if one.truth is not False), default=0)
    return Points(low, high, requirement.points, optional)


def total(found: Iterable[Points | None]) -> Points:
    """The sum: one that may not apply gives nothing for sure and all at best."""
    low = high = of = 0
    for one in found:
        if one is not None:
            low += 0 if one.optional else one.low
            high += one.high
            of += one.of
    return Points(low, high, of)


def levels_of(
    edition: Edition, results: Sequence[RequirementResult], outcome: Outcome
) -> Levels:
    """The levels the results reach: every level asks also what those below ask.

    Percentages are compared by cross-multiplication; a requirement that may not apply
    is taken as the worse of the two for the sure level, as the better at best.
    """
    granted = outcome in (Outcome.CONFORMING, Outcome.CONDITIONAL)
    possible = outcome is not Outcome.NOT_CONFORMING
    return Levels(
        _highest(edition, results, sure=True) if granted else None,
        _highest(edition, results, sure=False) if possible else None,
    )


def _highest(
    edition: Edition, results: Sequence[RequirementResult], *, sure: bool
) -> str | None:
    best: str | None = None
    for level in edition.levels:
        if not _reached(edition, level, results, sure=sure):
            break
        best = level.id
    return best


def _reached(
    edition: Edition,
    level: Level,
    results: Sequence[RequirementResult],
    *,
    sure: bool,
) -> bool:
    enough = {Status.MET, Status.NOT_APPLICABLE}
    if not sure:
        enough.add(Status.UNKNOWN)
    by_id = {one.id: one for one in results}
    if any(by_id[id_].status not in enough for id_ in level.requires):
        return False
    asked = [(level.percent_at_least, list(results))] if level.percent_at_least else []
    for section, percent in level.percent_in.items():
        inside = [by_id[one.id] for one in edition.requirements_in(section)]
        asked.append((percent, inside))
    return all(
        percent_reached([one.points for one in pool], percent or 0, sure=sure)
        for percent, pool in asked
    )


def percent_reached(pool: Iterable[Points | None], percent: int, *, sure: bool) -> bool:
    """Whether the points are that percentage of those that could be had, exactly."""
    margin = 0
    for one in pool:
        if one is None:
            continue
        own = (one.low if sure else one.high) * 100 - percent * one.of
        if one.optional:
            own = min(own, 0) if sure else max(own, 0)
        margin += own
    return margin >= 0
