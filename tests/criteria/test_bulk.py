"""Many cases at once are judged as each is judged alone."""

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from registry.criteria.bits import Coded, Counter, mask_of, rows_of
from registry.criteria.bulk import evaluate_all
from registry.criteria.calendar import DAY, add_months
from registry.criteria.cases import read_cases
from registry.criteria.columns import Columns, oldest
from registry.criteria.edition import Edition
from registry.criteria.evaluation import evaluate
from registry.criteria.facts import Basis, Case, Fact
from registry.criteria.reader import read_all
from registry.criteria.snapshot import UnreadableSnapshot, dump, load
from registry.paths import CRITERIA
from tests.criteria import strategies as some

few = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
cases = st.lists(st.one_of(some.known_cases(), some.hostile_cases()), max_size=6)


def agree(edition: Edition, found: list[Case], on: dt.date, basis: Basis) -> None:
    """Raises unless the columns say of each case what it is told alone."""
    bulk = evaluate_all(edition, Columns.of_cases(found), on, basis)
    for row, case in enumerate(found):
        alone = evaluate(edition, case, on, basis)
        bit = 1 << row
        for one in alone.requirements:
            judged = bulk.requirements[one.id]
            assert [k for k, m in judged.status.items() if m & bit] == [one.status]
            assert [k for k, m in judged.verdict.items() if m & bit] == [one.verdict]
            assert bool(judged.acting & bit) is (one.action_until is not None)
        assert [k for k, m in bulk.outcome.items() if m & bit] == [alone.outcome]
        assert [k for k, m in bulk.level.items() if m & bit] == [alone.level]
        best = [k for k, m in bulk.level_at_best.items() if m & bit]
        assert best == [alone.level_at_best]
        if alone.points is not None:
            bounds = tuple(c.of_row(row) for c in (bulk.low, bulk.high, bulk.of))
            assert bounds == alone.points[:3]


@few
@given(some.editions(), cases, some.days, some.bases)
def test_many_are_judged_as_each_alone(
    edition: Edition, found: list[Case], on: dt.date, basis: Basis
) -> None:
    agree(edition, found, on, basis)


@few
@given(
    st.one_of(some.scored_editions(), some.reserved_editions()),
    st.lists(some.known_cases(), min_size=1, max_size=6),
    some.days,
    some.bases,
)
def test_many_are_scored_and_reserved_as_each_alone(
    edition: Edition, found: list[Case], on: dt.date, basis: Basis
) -> None:
    # With and without what decides whether a requirement applies or is reserved.
    no = [replace(one, facts={**one.facts, "b1": Fact(False, False)}) for one in found]
    open_ = [
        replace(one, facts={k: v for k, v in one.facts.items() if k != "b1"})
        for one in found
    ]
    agree(edition, [*found, *no, *open_], on, basis)


def test_the_worked_examples_agree_too() -> None:
    editions = read_all(CRITERIA)
    for edition in (*editions.values(), *editions.drafts.values()):
        scheme, name = edition.key.split("/")
        worked = read_cases(edition, CRITERIA / scheme / name)
        for on in {one.on for one in worked}:
            found = [one.case for one in worked if one.on == on]
            agree(edition, found, on, Basis.DECLARED)


@few
@given(st.lists(st.integers(0, 70_000), max_size=900), st.integers(0, 70_000))
def test_a_limit_over_a_coded_column_finds_its_rows(
    column: list[int], limit: int
) -> None:
    coded = Coded.of(column)
    mask = coded.mask([value >= limit for value in coded.values])
    assert rows_of(mask) == [row for row, one in enumerate(column) if one >= limit]
    assert mask == mask_of(rows_of(mask), len(column))
    odd = coded.mask([value % 2 == 1 for value in coded.values])
    assert rows_of(odd) == [row for row, one in enumerate(column) if one % 2]


@few
@given(st.lists(st.tuples(st.integers(0, 300), st.integers(0, 300)), min_size=1))
def test_counters_count(pairs: list[tuple[int, int]]) -> None:
    everything = (1 << len(pairs)) - 1
    a, b = Counter(), Counter()
    for row, (x, y) in enumerate(pairs):
        a.add(1 << row, x)
        b.add(1 << row, y)
    more = a.times(7).at_least(b.times(5), everything)
    assert rows_of(more) == [row for row, (x, y) in enumerate(pairs) if x * 7 >= y * 5]
    a.plus(b)
    assert [a.of_row(row) for row in range(len(pairs))] == [x + y for x, y in pairs]
    assert a.total() == sum(x + y for x, y in pairs)


@given(some.days, st.integers(1, 600))
def test_the_oldest_day_within_some_months_is_the_edge(
    on: dt.date, months: int
) -> None:
    day = oldest(months, on)
    assert add_months(day, months) >= on
    assert add_months(day - DAY, months) < on


@few
@given(some.editions(), st.lists(some.known_cases(), max_size=5), some.bases)
def test_a_snapshot_says_the_same_as_the_facts(
    edition: Edition, found: list[Case], basis: Basis
) -> None:
    columns = Columns.of_cases(found)
    again = load(dump(columns))
    one, two = (evaluate_all(edition, c, some.ON, basis) for c in (columns, again))
    assert one.requirements == two.requirements
    assert one.outcome == two.outcome


def test_what_is_not_a_snapshot_is_refused() -> None:
    with pytest.raises(UnreadableSnapshot):
        load(b"altro")
