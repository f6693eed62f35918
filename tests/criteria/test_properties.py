"""What holds for the evaluation of any edition, not only of ours."""

import datetime as dt
import json
from dataclasses import replace
from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from registry.criteria.asked import asked, required_evidence, unanswered
from registry.criteria.calendar import DAY, FOREVER, add_months, age
from registry.criteria.checks import problems
from registry.criteria.edition import Edition
from registry.criteria.evaluation import Outcome, Verdict, evaluate
from registry.criteria.explanation import read_rule, reasons
from registry.criteria.facts import Basis, Case
from registry.criteria.judging import Node
from tests.criteria import strategies as some

few = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
FINAL = (Verdict.MET, Verdict.MET_WITH_RESERVE, Verdict.NOT_MET)


@few
@given(some.editions())
def test_the_random_editions_have_no_mistakes(edition: Edition) -> None:
    assert problems(edition) == []


@few
@given(some.editions(), some.hostile_cases(), some.days, some.bases)
def test_any_case_is_evaluated_and_explained(
    edition: Edition, case: Case, on: dt.date, basis: Basis
) -> None:
    result = evaluate(edition, case, on, basis)
    json.dumps(result.to_json(), allow_nan=False)
    for language in ("it", "en"):
        assert all(reasons(edition, result, language).values())


@few
@given(some.editions(), some.known_cases(), some.days, some.bases)
def test_the_same_case_always_gives_the_same_result(
    edition: Edition, case: Case, on: dt.date, basis: Basis
) -> None:
    again = Edition.model_validate(edition.model_dump(by_alias=True))
    other = replace(case, facts=dict(reversed(list(case.facts.items()))))
    one, two = evaluate(edition, case, on, basis), evaluate(again, other, on, basis)
    assert one.to_json() == two.to_json()


@few
@given(some.editions(), some.values(), st.data())
def test_knowing_more_never_changes_what_was_decided(
    edition: Edition, full: dict[str, Any], data: st.DataObject
) -> None:
    less = data.draw(some.poorer(full))
    before = evaluate(edition, Case.declared(less), some.ON)
    after = evaluate(edition, Case.declared(full), some.ON)
    for one, two in zip(before.requirements, after.requirements, strict=True):
        if one.verdict in FINAL:
            assert one.verdict is two.verdict
            assert one.reserve_until == two.reserve_until
    if before.outcome is not Outcome.INCOMPLETE:
        assert before.outcome is after.outcome


@few
@given(some.editions(), some.values(all_of_them=True))
def test_with_everything_known_only_a_wait_is_pending(
    edition: Edition, full: dict[str, Any]
) -> None:
    result = evaluate(edition, Case.declared(full), some.ON)
    for one in result.requirements:
        waiting = one.trace.awaits is not None and one.trace.awaits.truth is True
        assert one.verdict is not Verdict.PENDING or waiting
        assert _no_unknown(one.trace.rule)


def _no_unknown(node: Node) -> bool:
    return node.truth is not None and all(map(_no_unknown, node.children))


@few
@given(some.editions(), some.known_cases(), some.bases, st.data())
def test_a_verdict_stays_until_the_day_it_says(
    edition: Edition, case: Case, basis: Basis, data: st.DataObject
) -> None:
    result = evaluate(edition, case, some.ON, basis)
    for one in result.requirements:
        assert one.stable_until >= some.ON
        last = min(one.stable_until, some.ON + 1500 * DAY)
        ahead = data.draw(st.integers(0, (last - some.ON).days))
        for day in (some.ON + ahead * DAY, last):
            later = evaluate(edition, case, day, basis).requirement(one.id)
            assert later.verdict is one.verdict
            assert later.reserve_until == one.reserve_until


@few
@given(some.editions(), some.values())
def test_declared_and_verified_agree_when_all_is_confirmed(
    edition: Edition, found: dict[str, Any]
) -> None:
    declared = evaluate(edition, Case.declared(found), some.ON, Basis.DECLARED)
    verified = evaluate(edition, Case.verified(found), some.ON, Basis.VERIFIED)
    assert declared.requirements == verified.requirements


@few
@given(some.editions(), some.values())
def test_nothing_verified_is_nothing_known(
    edition: Edition, found: dict[str, Any]
) -> None:
    declared_only = evaluate(edition, Case.declared(found), some.ON, Basis.VERIFIED)
    nothing = evaluate(edition, Case(), some.ON, Basis.VERIFIED)
    assert [one.verdict for one in declared_only.requirements] == [
        one.verdict for one in nothing.requirements
    ]


@few
@given(some.editions(), some.hostile_cases())
def test_questions_are_listed_for_any_values(edition: Edition, case: Case) -> None:
    given_ = {name: fact.declared for name, fact in case.facts.items()}
    shown = asked(edition, given_)
    assert shown == [name for name in edition.answers if name in shown]
    assert ("d2" in shown) is (given_.get("b1") is True)
    assert required_evidence(edition, given_) == []
    unanswered(edition, given_)


@few
@given(some.editions())
def test_every_rule_can_be_read_back(edition: Edition) -> None:
    for requirement in edition.requirements:
        assert read_rule(edition, requirement.id, "it").endswith(".")
        assert read_rule(edition, requirement.id, "en").endswith(".")


@given(some.days, st.integers(0, 600))
def test_months_end_on_the_same_day_or_the_last(day: dt.date, months: int) -> None:
    later = add_months(day, months)
    assert later.day == day.day or (later + DAY).day == 1
    assert later.day <= day.day
    assert age(day, later) == (months, 0) or later.day < day.day


@given(some.days, st.integers(0, 3000))
def test_an_age_leads_back_to_the_day(day: dt.date, days: int) -> None:
    on = day + days * DAY
    months, rest = age(day, on)
    assert add_months(day, months) + rest * DAY == on
    assert months >= 0
    assert 0 <= rest <= 31


def test_leap_days_follow_the_civil_code() -> None:
    assert add_months(dt.date(2028, 2, 29), 12) == dt.date(2029, 2, 28)
    assert add_months(dt.date(2028, 2, 29), 48) == dt.date(2032, 2, 29)
    assert add_months(dt.date(2027, 8, 31), 6) == dt.date(2028, 2, 29)
    assert add_months(dt.date(2026, 8, 31), 6) == dt.date(2027, 2, 28)
    assert add_months(dt.date(9999, 12, 1), 1) == FOREVER


@few
@given(some.editions(), some.editions())
def test_editions_with_different_rules_have_different_digests(
    one: Edition, two: Edition
) -> None:
    assume(one.requirements != two.requirements)
    assert one.digest != two.digest
