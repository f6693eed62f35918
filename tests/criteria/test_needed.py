"""What is said to be superfluous is, under any edition, whatever else is answered."""

from dataclasses import replace
from datetime import date
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from registry.criteria.edition import Edition
from registry.criteria.evaluation import Result, evaluate
from registry.criteria.facts import Case, Waiver
from registry.criteria.needed import bearing, superfluous
from registry.criteria.reader import read_all
from registry.paths import CRITERIA
from tests.criteria import strategies as some
from tests.criteria.examples import conforming_answers

ON = date(2026, 11, 25)
READ = read_all(CRITERIA)
DRAFT, AWARD = READ.drafts["impact/2026"], READ.drafts["impresa-solidale/2026"]
often = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
        HealthCheck.filter_too_much,
    ],
)


def said(result: Result) -> Any:
    """Every verdict and point, and the levels."""
    found = [(one.verdict, one.status, one.points) for one in result.requirements]
    return found, result.outcome, result.points, result.level, result.level_at_best


@often
@given(
    st.one_of(some.editions(), some.scored_editions(), some.reserved_editions()),
    some.values(),
    st.data(),
)
def test_answers_to_superfluous_questions_change_nothing_whatever_else_is_answered(
    edition: Edition, full: dict[str, Any], data: st.DataObject
) -> None:
    extras = data.draw(some.extras())
    less = data.draw(some.poorer(full))
    before = evaluate(edition, replace(Case.declared(less), **extras), some.ON)
    idle = superfluous(edition, before, less)
    more = less | {name: full[name] for name in idle if name in full}
    again = evaluate(edition, replace(Case.declared(more), **extras), some.ON)
    assert said(again) == said(before)
    without = {name: one for name, one in full.items() if name not in idle}
    rest = evaluate(edition, replace(Case.declared(without), **extras), some.ON)
    whole = evaluate(edition, replace(Case.declared(full), **extras), some.ON)
    assert said(rest) == said(whole)


def test_of_a_criterion_that_does_not_apply_only_its_own_questions_go() -> None:
    answers = {"gifts": 100, "projects": [], "quota_due": False}
    case = replace(Case.declared(answers), waivers={"orders": Waiver("Nessuno.")})
    found = superfluous(AWARD, evaluate(AWARD, case, ON), answers)
    assert found["orders"] == ("orders",)
    assert "network" not in found
    shared = bearing(DRAFT, DRAFT.requirement("gender_equality"))
    assert shared == {"quality_paths"}
    given = {**conforming_answers(on=ON)}
    waived = {"gender_equality": Waiver("Tre lavoratori in tutto.")}
    case = replace(Case.declared(given), waivers=waived)
    assert "quality_paths" not in superfluous(DRAFT, evaluate(DRAFT, case, ON), given)


def test_answers_stay_asked_when_the_claim_was_refused() -> None:
    claims = {"orders": Waiver("Nessuno.", accepted=False)}
    case = Case(waivers=claims)
    assert "orders" not in superfluous(AWARD, evaluate(AWARD, case, ON), {})
