"""What the rules may see of a case: plain answers, and those worked out from rows."""

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

from registry.criteria.calendar import FOREVER, NEVER, add_months
from registry.criteria.edition import Answer, Derived, DerivedColumn, Edition
from registry.criteria.facts import Basis, Case, Fact
from registry.criteria.judging import (
    NOTHING,
    Gap,
    Node,
    Number,
    Range,
    Row,
    Seen,
    Share,
    View,
    judge,
)
from registry.criteria.values import is_legal


def view(edition: Edition, case: Case, on: dt.date, basis: Basis) -> dict[str, Seen]:
    """Every answer and derived answer as the rules may see it on the day `on`.

    An answer that is not asked is not seen, whatever stands in the case.
    """
    seen: dict[str, Seen] = {}
    for name, answer in edition.answers.items():
        seen[name] = _asked(answer, case.facts.get(name), seen, on, basis)
    for name, derived in edition.derived.items():
        seen[name] = derive(edition, derived, seen, on)
    return seen


def _asked(
    answer: Answer, fact: Fact | None, seen: View, on: dt.date, basis: Basis
) -> Seen:
    found = fact_seen(answer, fact, on, basis)
    if answer.asked_if is None:
        return found
    node = judge(answer.asked_if, seen, on)
    until = min(found.until, node.until)
    if node.truth is True:
        return found._replace(until=until)
    return Seen(None, until, Gap.NOT_ASKED if node.truth is False else Gap.PERHAPS)


def fact_seen(answer: Answer, fact: Fact | None, on: dt.date, basis: Basis) -> Seen:
    if fact is None:
        return NOTHING
    until = FOREVER
    if basis is Basis.VERIFIED:
        if fact.rejected:
            return Seen(gap=Gap.REFUSED)
        value = fact.verified
        if value is None:
            known = fact.declared is not None
            return Seen(gap=Gap.VERIFICATION if known else Gap.ANSWER)
        if fact.expires is not None:
            if on > fact.expires:
                return Seen(gap=Gap.EVIDENCE)
            until = fact.expires
    else:
        value = fact.declared
    if value is None:
        return NOTHING
    if not is_legal(answer, value):
        return Seen(None, until, Gap.ILLEGAL)
    return Seen(value, until)


# --- rows -------------------------------------------------------------------


def _cells(answer: Answer, row: Mapping[str, Any], until: dt.date) -> dict[str, Seen]:
    cells: dict[str, Seen] = {}
    for name, column in answer.columns.items():
        value = row.get(name)
        if value is None:
            cells[name] = Seen(None, until, Gap.ANSWER)
        elif is_legal(column, value):
            cells[name] = Seen(value, until)
        else:
            cells[name] = Seen(None, until, Gap.ILLEGAL)
    return cells


def _rows(
    edition: Edition, answer: Answer, seen: Seen, outer: View, on: dt.date
) -> list[dict[str, Seen]]:
    rows = [_cells(answer, row, seen.until) for row in seen.value]
    for name, column in answer.derived.items():
        values = [
            _derived_cell(edition, column, rows, index, outer, on)
            for index in range(len(rows))
        ]
        for row, value in zip(rows, values, strict=True):
            row[name] = value
    return rows


def _derived_cell(
    edition: Edition,
    column: DerivedColumn,
    rows: list[dict[str, Seen]],
    index: int,
    outer: View,
    on: dt.date,
) -> Seen:
    if column.same_day_as is not None:
        return _same_day(column, rows, index, on)
    row = rows[index]
    if column.days_between is not None:
        between = column.days_between
        needs = {name: row[name] for name in (between.from_, between.to)}
        if between.less is not None:
            needs[between.less] = outer[between.less]
        return _worked_out(needs, lambda start, end, less=0: (end - start).days - less)
    if column.in_period is not None:
        months = column.in_period.months
        day, ending = column.in_period.column, column.in_period.ending
        needs = {day: row[day], ending: outer[ending]}
        return _worked_out(
            needs, lambda day, end: day <= end and add_months(day, months) > end
        )
    assert column.in_table is not None  # noqa: S101 - one of the four, by the model
    table = edition.tables[column.in_table.table]
    code, on_answer = column.in_table.column, column.in_table.on
    needs = {code: row[code], on_answer: outer[on_answer]}
    return _worked_out(needs, table.admits)


def _worked_out(needs: Mapping[str, Seen], work: Callable[..., Any]) -> Seen:
    until = min(need.until for need in needs.values())
    lacks = tuple(
        (name, need.gap or Gap.ANSWER)
        for name, need in needs.items()
        if need.value is None
    )
    if lacks:
        return Seen(None, until, Gap.ROW, lacks=lacks)
    return Seen(work(*[need.value for need in needs.values()]), until)


def _same_day(
    column: DerivedColumn, rows: list[dict[str, Seen]], index: int, on: dt.date
) -> Seen:
    same = column.same_day_as
    assert same is not None  # noqa: S101 - the caller looked
    mine = rows[index][same.column]
    truths: list[bool | None] = []
    until = mine.until
    for other, row in enumerate(rows):
        if other == index:
            continue
        node = judge(same.where, row, on)
        until = min(until, node.until, row[same.column].until)
        truths.append(_both(node.truth, _equal(mine, row[same.column])))
    if any(truth is True for truth in truths):
        return Seen(True, until)
    if all(truth is False for truth in truths):
        return Seen(False, until)
    return Seen(None, until, Gap.ROW)


def _both(a: bool | None, b: bool | None) -> bool | None:
    if a is False or b is False:
        return False
    return None if a is None or b is None else True


def _equal(a: Seen, b: Seen) -> bool | None:
    return None if a.value is None or b.value is None else bool(a.value == b.value)


# --- derived answers ----------------------------------------------------------


def derive(edition: Edition, derived: Derived, seen: View, on: dt.date) -> Seen:
    """A derived answer, from what is seen of its rows and of the answers they use."""
    answer, given = edition.answers[derived.rows], seen[derived.rows]
    if given.value is None:
        return Seen(None, given.until, given.gap)
    cells = _rows(edition, answer, given, seen, on)
    amount = derived.sum or derived.share or derived.latest or derived.distinct
    rows = tuple(
        Row(
            index,
            _value(row, answer.named_by),
            _value(row, amount),
            None if derived.where is None else judge(derived.where, row, on),
        )
        for index, row in enumerate(cells)
    )
    until = min((one.node.until for one in rows if one.node), default=given.until)
    return _figure(derived, rows, min(until, given.until))


def _value(row: Mapping[str, Seen], name: str | None) -> Any:
    return None if name is None else row[name].value


def _figure(derived: Derived, rows: tuple[Row, ...], until: dt.date) -> Seen:
    if derived.latest is not None:
        return _latest(rows, until)
    if derived.distinct is not None:
        return Seen(_distinct(rows), until, rows=rows)
    if derived.share is not None:
        share = Share(_total(rows, True), _total(rows, False))
        return Seen(share, until, rows=rows)
    if derived.count:
        rows = tuple(row._replace(amount=1) for row in rows)
    return Seen(_total(rows, True), until, rows=rows)


def _truth(node: Node | None) -> bool | None:
    return True if node is None else node.truth


def _total(rows: tuple[Row, ...], wanted: bool) -> Range:
    """The sum of the amounts of the rows for which the rule is as wanted."""
    low: Number = 0
    high: Number | None = 0
    for row in rows:
        truth = _truth(row.node)
        if truth is (not wanted):
            continue
        if truth is wanted and row.amount is not None:
            low += row.amount
        if high is not None:
            high = None if row.amount is None else high + row.amount
    return Range(low, high)


def _distinct(rows: tuple[Row, ...]) -> Range:
    sure = [row for row in rows if _truth(row.node) is True]
    perhaps = [row for row in rows if _truth(row.node) is None]
    known = {row.amount for row in sure if row.amount is not None}
    unknown = sum(row.amount is None for row in sure)
    low = max(len(known), 1 if sure else 0)
    return Range(low, len(known) + unknown + len(perhaps))


def _latest(rows: tuple[Row, ...], until: dt.date) -> Seen:
    possible = [row for row in rows if _truth(row.node) is not False]
    if any(_truth(row.node) is None or row.amount is None for row in possible):
        return Seen(None, until, Gap.ROW, rows)
    return Seen(max((row.amount for row in possible), default=NEVER), until, rows=rows)
