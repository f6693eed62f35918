"""An edition over many cases at once: every status, verdict, point, level, outcome.

The same rules as `evaluate` and the same answers case by case (a property test says
so), without trace and without words: `evaluate` gives those for the one case wanted.
"""

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple

from registry.criteria.bits import Counter, mask_of
from registry.criteria.calendar import NEVER, add_months
from registry.criteria.columns import Columns, Table
from registry.criteria.edition import Edition, Level, Requirement, Reserve, Until
from registry.criteria.facts import Basis
from registry.criteria.result import Outcome, Status, Verdict


class Judged(NamedTuple):
    """One requirement over all rows: the rows of each status and of each verdict.

    `low` and `high` are its marks, highest first, each with the rows that have it;
    `optional` the rows in which it is not known whether it applies.
    """

    status: dict[Status, int]
    verdict: dict[Verdict, int]
    acting: int
    optional: int
    low: tuple[tuple[int, int], ...]
    high: tuple[tuple[int, int], ...]


class Bulk(NamedTuple):
    """What an edition says of many cases on a day, as sets of rows."""

    edition: str
    on: dt.date
    rows: int
    requirements: dict[str, Judged]
    outcome: dict[Outcome, int]
    level: dict[str | None, int]
    level_at_best: dict[str | None, int]
    low: Counter
    high: Counter
    of: Counter


def evaluate_all(
    edition: Edition, columns: Columns, on: dt.date, basis: Basis = Basis.DECLARED
) -> Bulk:
    """The edition over all the cases of `columns`, on the day `on`."""
    table = Table(edition, columns, on, basis)
    judged = {one.id: _judge(table, one) for one in edition.requirements}
    outcome = _outcome(table, judged)
    low, high, of = Counter(), Counter(), Counter()
    for one in edition.requirements:
        found = judged[one.id]
        for points, rows in found.low:
            low.add(rows & ~found.optional, points)
        for points, rows in found.high:
            high.add(rows, points)
        if one.points is not None:
            of.add(table.all & ~found.status[Status.NOT_APPLICABLE], one.points)
    return Bulk(
        edition.key,
        on,
        columns.rows,
        judged,
        outcome,
        _levels(table, judged, outcome, sure=True),
        _levels(table, judged, outcome, sure=False),
        low,
        high,
        of,
    )


def _judge(table: Table, requirement: Requirement) -> Judged:
    everything = table.all
    applies, excluded = everything, 0
    if requirement.applies_if is not None:
        applies, excluded = table.rule(requirement.applies_if)
    if requirement.not_applicable is not None:
        waived = table.columns.waived.get((requirement.id, table.basis), 0)
        applies, excluded = applies & ~waived, excluded | waived
    optional = everything & ~applies & ~excluded
    true, false = table.rule(requirement.rule)
    steps = [(step.points, *table.rule(step.rule)) for step in requirement.steps]
    marks = [(requirement.points or 0, true, false), *reversed(steps)]
    low, high = _marks(marks, everything & ~excluded)
    partial = _partial(marks[1:], false) & applies
    none = false
    for _, _, step_false in marks[1:]:
        none &= step_false
    met = true & ~excluded
    not_met = none & applies
    known = met | partial | not_met | excluded
    status = {
        Status.MET: met,
        Status.PARTIAL: partial,
        Status.NOT_MET: not_met,
        Status.UNKNOWN: everything & ~known,
        Status.NOT_APPLICABLE: excluded,
    }
    verdict = _verdicts(table, requirement, status)
    acting = _acting(table, requirement) & verdict[Verdict.NOT_MET]
    if requirement.points is None:
        low = high = ()
    return Judged(status, verdict, acting, optional, low, high)


Marks = tuple[tuple[int, int], ...]


def _marks(
    marks: Sequence[tuple[int, int, int]], applicable: int
) -> tuple[Marks, Marks]:
    # Highest first: a row takes the first mark it has, for sure and at best.
    low, high = [], []
    had = might = 0
    for points, true, false in marks:
        low.append((points, true & ~had & applicable))
        had |= true
        possible = applicable & ~false
        high.append((points, possible & ~might))
        might |= possible
    return tuple(low), tuple(high)


def _partial(steps: Sequence[tuple[int, int, int]], failed: int) -> int:
    """The rows in which the rule fails and the highest step that may hold holds."""
    found, still = 0, failed
    for _, true, false in steps:
        found |= still & true
        still &= false
    return found


def _verdicts(
    table: Table, requirement: Requirement, status: dict[Status, int]
) -> dict[Verdict, int]:
    met = status[Status.MET] | status[Status.PARTIAL] | status[Status.NOT_APPLICABLE]
    not_met, pending = status[Status.NOT_MET], status[Status.UNKNOWN]
    reserved = 0
    if requirement.reserve is not None:
        used = 0
        if requirement.reserve.once:
            used = table.columns.used.get(requirement.id, 0)
        holds, unsure = _reserve(table, requirement.reserve)
        reserved = not_met & holds & ~used
        pending |= not_met & unsure & ~used
        not_met &= ~(reserved | pending)
    if requirement.awaits is not None:
        _, over = table.rule(requirement.awaits.rule)
        pending |= not_met & ~over
        not_met &= over
    return {
        Verdict.MET: met,
        Verdict.MET_WITH_RESERVE: reserved,
        Verdict.NOT_MET: not_met,
        Verdict.PENDING: pending,
    }


def _reserve(table: Table, reserve: Reserve) -> tuple[int, int]:
    """The rows in which a reserve holds, and those in which it cannot be told."""
    true, false = table.rule(reserve.rule)
    running, unknown, absent = table.all, 0, table.all
    for end in reserve.until:
        holds, over, missing = _end(table, end)
        running &= holds | missing
        unknown |= table.all & ~(holds | over | missing)
        absent &= missing
    possible = table.all & ~false & ~absent
    sure = true & ~unknown
    return possible & sure & running, possible & ~sure


def _end(table: Table, end: Until) -> tuple[int, int, int]:
    """The rows in which that day is not past, is past, and is not there at all."""
    column = table.seen(end.answer)
    days = [one.value for one in column.values]
    never = column.mask([day == NEVER for day in days])
    given = column.mask([day is not None and day != NEVER for day in days])
    running = column.mask(
        [
            day is not None
            and day != NEVER
            and table.on <= add_months(day, end.plus_months)
            for day in days
        ]
    )
    asked, not_asked = table.asked(end.answer)
    missing = not_asked | (asked & never)
    return running & asked, given & asked & ~running, missing


def _acting(table: Table, requirement: Requirement) -> int:
    days = table.edition.parameters.corrective_days
    if requirement.severity != "minor" or days is None:
        return 0
    rows = [
        row
        for row, action in table.columns.actions.get(requirement.id, [])
        if table.on <= action.until(days)
    ]
    return mask_of(rows, table.columns.rows) if rows else 0


def _outcome(table: Table, judged: dict[str, Judged]) -> dict[Outcome, int]:
    failed = acting = pending = 0
    reserves = Counter()
    for one in table.edition.requirements:
        if not one.mandatory:
            continue
        found = judged[one.id]
        failed |= found.verdict[Verdict.NOT_MET] & ~found.acting
        acting |= found.acting
        pending |= found.verdict[Verdict.PENDING]
        reserves.add(found.verdict[Verdict.MET_WITH_RESERVE], 1)
    limit, one_more = Counter(), Counter()
    limit.add(table.all, 1)
    one_more.add(table.all, table.edition.parameters.max_reserves + 1)
    failed |= reserves.at_least(one_more, table.all)
    conditional = acting | reserves.at_least(limit, table.all)
    pending &= ~failed
    conditional &= ~(failed | pending)
    return {
        Outcome.NOT_CONFORMING: failed,
        Outcome.INCOMPLETE: pending,
        Outcome.CONDITIONAL: conditional,
        Outcome.CONFORMING: table.all & ~(failed | pending | conditional),
    }


def _levels(
    table: Table,
    judged: dict[str, Judged],
    outcome: dict[Outcome, int],
    *,
    sure: bool,
) -> dict[str | None, int]:
    reach = outcome[Outcome.CONFORMING] | outcome[Outcome.CONDITIONAL]
    if not sure:
        reach |= outcome[Outcome.INCOMPLETE]
    reached: list[tuple[str | None, int]] = [(None, table.all)]
    for level in table.edition.levels:
        reach &= _level(table, level, judged, sure=sure)
        reached.append((level.id, reach))
    beyond = [rows for _, rows in reached[1:]] + [0]
    return {
        id_: rows & ~more for (id_, rows), more in zip(reached, beyond, strict=True)
    }


def _level(table: Table, level: Level, judged: dict[str, Judged], *, sure: bool) -> int:
    reach = table.all
    for id_ in level.requires:
        status = judged[id_].status
        enough = status[Status.MET] | status[Status.NOT_APPLICABLE]
        reach &= enough if sure else enough | status[Status.UNKNOWN]
    edition = table.edition
    if level.percent_at_least is not None:
        pool = edition.requirements
        reach &= _pool(table, pool, level.percent_at_least, judged, sure=sure)
    for section, percent in level.percent_in.items():
        pool = edition.requirements_in(section)
        reach &= _pool(table, pool, percent, judged, sure=sure)
    return reach


def _pool(
    table: Table,
    pool: Sequence[Requirement],
    percent: int,
    judged: dict[str, Judged],
    *,
    sure: bool,
) -> int:
    """The rows whose points are that percentage of those they could have, exactly."""
    have, want = Counter(), Counter()
    for one in pool:
        if one.points is None:
            continue
        found = judged[one.id]
        asked = percent * one.points
        applicable = table.all & ~found.status[Status.NOT_APPLICABLE]
        rest = applicable
        for points, rows in found.low if sure else found.high:
            # Where it may not apply, the worse of the two readings (at best the
            # better): its margin counts only when below (above) nothing.
            counts = (points * 100 < asked) is sure or points * 100 == asked
            used = rows if counts else rows & ~found.optional
            have.add(used, points * 100)
            want.add(used, asked)
            rest &= ~rows
        # No points at all: a loss, which at best need not be taken where optional.
        want.add(rest if sure else rest & ~found.optional, asked)
    return have.at_least(want, table.all)
