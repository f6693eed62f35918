"""Points, levels, waivers, actions and reading back: what holds for any edition."""

import datetime as dt
from dataclasses import replace
from itertools import product
from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from registry.criteria.calendar import DAY, FOREVER, add_months
from registry.criteria.conditions import AllOf, AnyOf, AtMost, SomeOf, conditions
from registry.criteria.edition import Edition
from registry.criteria.evaluation import (
    Action,
    Outcome,
    Result,
    Status,
    Verdict,
    Waiver,
    evaluate,
)
from registry.criteria.explanation import read_rule, reasons
from registry.criteria.facts import Basis, Case, Fact
from registry.criteria.judging import Node, Range, Seen, judge
from registry.criteria.result import Points
from registry.criteria.scoring import percent_reached
from tests.criteria import strategies as some

few = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
        HealthCheck.filter_too_much,
    ],
)
DECIDED = (Status.MET, Status.PARTIAL, Status.NOT_MET, Status.NOT_APPLICABLE)


def _with(edition: Edition, index: int, **update: Any) -> Edition:
    changed = list(edition.requirements)
    changed[index] = changed[index].model_copy(update=update)
    return edition.model_copy(update={"requirements": tuple(changed)})


def _rank(edition: Edition, level: str | None) -> int:
    return [None, *(one.id for one in edition.levels)].index(level)


@few
@given(some.editions(), some.values(), st.data())
def test_knowing_more_shrinks_points_and_keeps_what_was_decided(
    edition: Edition, full: dict[str, Any], data: st.DataObject
) -> None:
    extras = data.draw(some.extras())
    less = Case.declared(data.draw(some.poorer(full)))
    before = evaluate(edition, replace(less, **extras), some.ON)
    after = evaluate(edition, replace(Case.declared(full), **extras), some.ON)
    for one, two in zip(before.requirements, after.requirements, strict=True):
        if one.status in DECIDED:
            assert one.status is two.status
        if one.points is None or two.points is None:
            continue
        if two.status is Status.NOT_APPLICABLE:
            assert one.points.optional or one.status is Status.NOT_APPLICABLE
        else:
            assert one.points.low <= two.points.low <= two.points.high
            assert two.points.high <= one.points.high
    sure, best = _rank(edition, before.level), _rank(edition, before.level_at_best)
    assert sure <= _rank(edition, after.level)
    assert _rank(edition, after.level_at_best) <= best


@few
@given(some.editions(), some.values(all_of_them=True))
def test_with_everything_known_points_and_level_are_exact(
    edition: Edition, full: dict[str, Any]
) -> None:
    result = evaluate(edition, Case.declared(full), some.ON)
    assert all(one.status in DECIDED for one in result.requirements)
    assert result.points is not None
    assert result.points.low == result.points.high
    if result.outcome is not Outcome.INCOMPLETE:
        assert result.level == result.level_at_best


def _follows(node: Node) -> bool:
    """Whether a grouping's verdict is that of its parts."""
    if not node.children:
        return True
    truths = [child.truth for child in node.children]
    need = {AllOf: len(truths), AnyOf: 1}.get(type(node.rule))
    if need is None:
        assert isinstance(node.rule, SomeOf)
        need = node.rule.how_many
    yes, possible = truths.count(True), len(truths) - truths.count(False)
    expected = True if yes >= need else False if possible < need else None
    return node.truth is expected and all(map(_follows, node.children))


@few
@given(some.editions(), some.hostile_cases(), some.days, some.bases)
def test_the_trace_is_consistent(
    edition: Edition, case: Case, on: dt.date, basis: Basis
) -> None:
    result = evaluate(edition, case, on, basis)
    for one in result.requirements:
        trace = one.trace
        for node in (trace.rule, trace.applies, trace.reserve, trace.awaits):
            assert node is None or _follows(node)
        assert all(map(_follows, trace.steps))
        if one.points is not None:
            assert 0 <= one.points.low <= one.points.high <= one.points.of
    assert result.points is not None
    low, high, of, _ = result.points
    assert 0 <= low <= high <= of
    assert _rank(edition, result.level) <= _rank(edition, result.level_at_best)


def _facts_days(case: Case) -> set[dt.date]:
    days: set[dt.date] = set()
    for fact in case.facts.values():
        days |= {fact.expires} if fact.expires is not None else set()
        for value in (fact.declared, fact.verified):
            if type(value) is dt.date:
                days.add(value)
            for row in value if isinstance(value, list) else ():
                days |= {cell for cell in row.values() if type(cell) is dt.date}
    days |= {one.due for one in case.actions.values()}
    return days


def _said(result: Result) -> list[Any]:
    return [
        (one.verdict, one.status, one.points, one.reserve_until, one.action_until)
        for one in result.requirements
    ]


@few
@given(some.editions(), some.known_cases(), some.bases)
def test_nothing_changes_before_the_day_it_is_said_to(
    edition: Edition, case: Case, basis: Basis
) -> None:
    result = evaluate(edition, case, some.ON, basis)
    # Every day on which something of this case could change by itself.
    edges = {
        add_months(day, months) + n * DAY
        for day in _facts_days(case)
        for months in some.EDGES
        for n in (-1, 0, 1)
    }
    last = min(result.stable_until, some.ON + 4000 * DAY)
    for day in [*sorted(one for one in edges if some.ON <= one <= last)[:12], last]:
        later = evaluate(edition, case, day, basis)
        assert _said(later) == _said(result)
        assert (later.outcome, later.level) == (result.outcome, result.level)


# All past, and their terms end one by one; or all to come, and they start one by one.
ages = st.one_of(
    st.lists(st.integers(0, 700), min_size=2, max_size=4),
    st.lists(st.integers(-150, -1), min_size=2, max_size=4),
)


@few
@given(ages, st.data())
def test_the_last_stable_day_of_a_group_is_exact(
    found: list[int], data: st.DataObject
) -> None:
    how_many = data.draw(st.integers(1, len(found)))
    parts = tuple(
        {"answer": f"d{n}x", "within_months": data.draw(st.sampled_from([6, 12, 24]))}
        for n in range(len(found))
    )
    rule = SomeOf.model_validate({"some_of": parts, "how_many": how_many})
    view = {f"d{n}x": Seen(some.ON - age * DAY) for n, age in enumerate(found)}
    node = judge(rule, view, some.ON)
    assert node.truth is not None
    if node.until != FOREVER:
        assert judge(rule, view, node.until).truth is node.truth
        assert judge(rule, view, node.until + DAY).truth is not node.truth


@few
@given(some.editions(), some.known_cases(), some.bases)
def test_what_does_not_apply_is_as_if_it_were_not_there(
    edition: Edition, case: Case, basis: Basis
) -> None:
    one = edition.requirements[0]
    assume(not one.knock_out)
    assume(all(one.id not in level.requires for level in edition.levels))
    admitted = _with(edition, 0, not_applicable="with_reason")
    waived = replace(case, waivers={**case.waivers, one.id: Waiver("Motivo", True)})
    without = edition.model_copy(update={"requirements": edition.requirements[1:]})
    found = evaluate(admitted, waived, some.ON, basis)
    expected = evaluate(without, case, some.ON, basis)
    assert found.requirements[1:] == expected.requirements
    assert (found.outcome, found.level) == (expected.outcome, expected.level)
    assert found.level_at_best == expected.level_at_best
    assert (found.points or ())[:3] == (expected.points or ())[:3]
    assert found.requirements[0].status is Status.NOT_APPLICABLE
    assert "Motivo" in reasons(admitted, found, "it")[one.id][0]


@few
@given(some.editions(), some.known_cases(), some.waivers)
def test_a_waiver_counts_only_when_reasoned_and_accepted(
    edition: Edition, case: Case, waiver: Waiver
) -> None:
    one = edition.requirements[0]
    plain = replace(case, waivers={})
    claimed = replace(case, waivers={one.id: waiver})
    for basis in Basis:
        waits = basis is Basis.DECLARED and waiver.accepted is None
        counts = (
            one.not_applicable == "with_reason"
            and bool(waiver.reason.strip())
            and (waiver.accepted is True or waits)
        )
        found = evaluate(edition, claimed, some.ON, basis).requirements[0]
        if counts:
            assert found.status is Status.NOT_APPLICABLE
        else:
            assert found == evaluate(edition, plain, some.ON, basis).requirements[0]


@few
@given(some.editions(), some.values(all_of_them=True), st.data())
def test_a_larger_number_never_hurts_where_nothing_has_a_maximum(
    edition: Edition, full: dict[str, Any], data: st.DataObject
) -> None:
    one = edition.requirements[0]
    plain = _with(edition, 0, reserve=None, awaits=None, applies_if=None)
    rules = [one.rule, *(step.rule for step in one.steps)]
    used = [c for rule in rules for c in conditions(rule)]
    assume(not any(isinstance(c, AtMost) for c in used))
    assume(all(c.answer in ("i1", "w1", "b1", "c1", "m1", "d1") for c in used))
    more = {**full, "i1": data.draw(st.integers(full["i1"], 40))}
    before = evaluate(plain, Case.declared(full), some.ON).requirements[0]
    after = evaluate(plain, Case.declared(more), some.ON).requirements[0]
    assert before.status is not Status.MET or after.status is Status.MET
    if before.points is not None and after.points is not None:
        assert before.points.low <= after.points.low


@few
@given(some.editions(), some.known_cases(), some.bases)
def test_facts_that_nobody_asks_for_do_not_matter(
    edition: Edition, case: Case, basis: Basis
) -> None:
    more = replace(case, facts={**case.facts, "zzz": Fact(1, 1), "x_sum": Fact(9, 9)})
    one, two = (evaluate(edition, c, some.ON, basis) for c in (case, more))
    assert one.to_json() == two.to_json()


@few
@given(some.editions(), some.known_cases(), st.sampled_from(["b1", "i1", "d1", "r1"]))
def test_expired_evidence_and_illegal_values_are_as_if_unknown(
    edition: Edition, case: Case, name: str
) -> None:
    without = {key: fact for key, fact in case.facts.items() if key != name}
    nothing = evaluate(edition, replace(case, facts=without), some.ON, Basis.VERIFIED)
    value = {"b1": True, "i1": 3, "d1": some.ON, "r1": []}[name]
    wrong = {"b1": 1, "i1": 41, "d1": "2028-02-29", "r1": "righe"}[name]
    for fact in (
        Fact(value, value, some.ON - DAY),
        Fact(value, value, rejected=True),
        Fact(value, wrong),
    ):
        facts = {**case.facts, name: fact}
        found = evaluate(edition, replace(case, facts=facts), some.ON, Basis.VERIFIED)
        for one, two in zip(found.requirements, nothing.requirements, strict=True):
            assert (one.status, one.verdict, one.points) == (
                two.status,
                two.verdict,
                two.points,
            )


@given(st.integers(1, 60), st.integers(1, 100), st.integers(-1, 1))
def test_percentages_are_exact_at_their_edge(
    whole: int, percent: int, offset: int
) -> None:
    least = -(-whole * percent // 100)
    part = max(least + offset, 0)
    rule = some.plain_rule(
        {"answer": "i1", "out_of": "w1", "percent_at_least": percent}
    )
    seen = {"i1": Seen(part), "w1": Seen(whole)}
    assert judge(rule, seen, some.ON).truth is (part >= least)
    exact = {"i1": Seen(Range(part, part)), "w1": Seen(whole)}
    assert judge(rule, exact, some.ON).truth is (part >= least)
    nothing = {"i1": Seen(0), "w1": Seen(0)}
    assert judge(rule, nothing, some.ON).truth is False
    pool = [Points(min(part, whole), min(part, whole), whole)]
    assert percent_reached(pool, percent, sure=True) is (min(part, whole) >= least)


@few
@given(some.values(), some.days, st.integers(0, 200), st.data())
def test_an_action_holds_a_minor_requirement_up_until_it_is_due(
    found: dict[str, Any], on: dt.date, ahead: int, data: st.DataObject
) -> None:
    edition = data.draw(some.editions())
    severity = data.draw(st.sampled_from(["major", "minor"]))
    failing = some.plain_rule({"answer": "b1", "is": True})
    edition = _with(
        edition, 0, rule=failing, steps=(), reserve=None, awaits=None, applies_if=None,
        mandatory=True, knock_out=False, severity=severity, not_applicable=None,
    )  # fmt: skip
    edition = edition.model_copy(update={"requirements": edition.requirements[:1]})
    edition = edition.model_copy(update={"levels": ()})
    facts = {**Case.declared(found).facts, "b1": Fact(False)}
    due = on + ahead * DAY
    actions = {edition.requirements[0].id: Action(due, on)}
    case = Case(facts, actions=actions)
    days = edition.parameters.corrective_days
    last = None if days is None else min(due, on + days * DAY)
    runs = severity == "minor" and last is not None
    first = evaluate(edition, case, on)
    expected = Outcome.CONDITIONAL if runs else Outcome.NOT_CONFORMING
    assert first.outcome is expected
    assert first.requirements[0].verdict is Verdict.NOT_MET
    if runs and last is not None:
        assert first.stable_until == last
        assert evaluate(edition, case, last).outcome is Outcome.CONDITIONAL
        after = evaluate(edition, case, last + DAY)
        assert after.outcome is Outcome.NOT_CONFORMING


@few
@given(some.editions(), some.rules, some.rules)
def test_the_digest_sees_rules_and_not_order_or_helps(
    edition: Edition, one: dict[str, Any], two: dict[str, Any]
) -> None:
    answers = {
        name: answer.model_copy(update={"help": answer.label})
        for name, answer in reversed(edition.answers.items())
    }
    other = edition.model_copy(update={"answers": answers})
    assert Edition.model_validate(other.model_dump(by_alias=True)).digest == (
        edition.digest
    )
    first, second = some.plain_rule(one), some.plain_rule(two)
    digests = {
        # Made anew: a copy would keep the digest already worked out.
        Edition.model_validate(
            _with(edition, 0, rule=rule).model_dump(by_alias=True)
        ).digest
        for rule in (first, second)
    }
    assert (len(digests) == 1) is (first == second)


@few
@given(some.editions(), some.rules, some.rules)
def test_different_rules_read_back_differently(
    edition: Edition, one: dict[str, Any], two: dict[str, Any]
) -> None:
    first, second = some.plain_rule(one), some.plain_rule(two)
    assume(first != second)
    named = some.named(edition)
    id_ = edition.requirements[0].id
    for language in ("it", "en"):
        said = {
            read_rule(_with(named, 0, rule=rule), id_, language)
            for rule in (first, second)
        }
        assert len(said) == 2


pools = st.lists(
    st.tuples(st.integers(0, 9), st.integers(0, 9), st.integers(1, 9), st.booleans()),
    min_size=1,
    max_size=4,
).map(
    lambda found: [
        Points(min(low, high, of), min(max(low, high), of), of, optional)
        for low, high, of, optional in found
    ]
)


@given(pools, st.integers(1, 100))
def test_a_percentage_is_sure_when_no_reading_misses_it(
    pool: list[Points], percent: int
) -> None:
    def reached(*, best: bool) -> list[bool]:
        """For every choice of what applies, whether the percentage is reached."""
        said = []
        for applies in product([True, False], repeat=len(pool)):
            kept = [
                p for p, a in zip(pool, applies, strict=True) if a or not p.optional
            ]
            have = sum(p.high if best else p.low for p in kept)
            said.append(have * 100 >= percent * sum(p.of for p in kept))
        return said

    assert percent_reached(pool, percent, sure=True) is all(reached(best=False))
    assert percent_reached(pool, percent, sure=False) is any(reached(best=True))


@few
@given(some.reserved_editions(), some.days, some.days, some.days)
def test_a_reserve_lasts_until_its_day_or_until_its_evidence_lapses(
    edition: Edition, on: dt.date, end: dt.date, expires: dt.date
) -> None:
    facts = {"b1": Fact(False, False), "d1": Fact(end, end, expires)}
    case = Case(facts)
    found = evaluate(edition, case, on, Basis.VERIFIED).requirements[0]
    if on > expires:
        assert found.verdict is Verdict.PENDING
    elif on > end:
        assert found.verdict is Verdict.NOT_MET
        assert found.trace.reserve_lapsed == end
    else:
        assert found.verdict is Verdict.MET_WITH_RESERVE
        assert found.reserve_until == end
        assert found.stable_until == min(end, expires)
