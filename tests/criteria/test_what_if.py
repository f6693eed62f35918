"""Everybody under the draft: who keeps it, who loses it, what nobody was asked."""

import datetime as dt
from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from registry.criteria.evaluation import Outcome, evaluate
from registry.criteria.facts import Case, Waiver
from registry.criteria.reader import read_all
from registry.criteria.transition import carry_case
from registry.criteria.what_if import (
    Fate,
    Subject,
    of_subject,
    published_groups,
    what_if,
)
from registry.paths import CRITERIA
from tests.criteria.examples import conforming_answers, failing_answers

READ = read_all(CRITERIA)
OLD, NEW = READ["impact/2022"], READ.drafts["impact/2026"]
ON = dt.date(2026, 11, 25)


def _subjects() -> list[Subject]:
    good = conforming_answers(on=ON)
    better = {
        **good,
        "assemblies": [
            *good["assemblies"],
            {**good["assemblies"][1], "held_on": dt.date(2025, 12, 9)},
        ],
        "distinct_trained": good["average_workers"],
    }
    silent = {k: v for k, v in better.items() if k != "distinct_trained"}
    return [
        Subject("good", Case.declared(good), {"province": "BG"}),
        Subject("better", Case.declared(better), {"province": "BG"}),
        Subject("silent", Case.declared(silent), {"province": "MI"}),
        Subject(
            "failing",
            Case.declared(failing_answers("contract", on=ON)),
            {"province": "MI"},
        ),
    ]


def test_the_counts_are_those_of_each_alone() -> None:
    told: list[int] = []
    subjects = _subjects()
    found = what_if(OLD, NEW, subjects, ON, progress=told.append)
    assert told == [4]
    for one in subjects:
        before = evaluate(OLD, one.case, ON).outcome
        after = evaluate(NEW, carry_case(NEW, OLD, one.case), ON).outcome
        assert found.subjects[one.key] == (before, after)
    assert found.subjects["good"] == (Outcome.CONFORMING, Outcome.NOT_CONFORMING)
    assert found.subjects["better"] == (Outcome.CONFORMING, Outcome.CONFORMING)
    assert (found.passed, found.gained) == (2, 0)
    assert [found.count(fate) for fate in Fate] == [1, 1, 0]
    assert found.obstacles["assembly"]._asdict() == {
        "not_met": 1,
        "undetermined": 0,
        "only": 1,
    }
    assert found.groups["province"] == {"BG": {Fate.KEPT: 1, Fate.LOST: 1}}
    assert found.to_json()["new_digest"] == NEW.digest


def test_who_has_two_obstacles_counts_for_neither_as_the_only_one() -> None:
    good = conforming_answers(on=ON)
    both = {**good, "average_workers": 14, "distinct_trained": 2}
    subjects = [_subjects()[0], Subject("both", Case.declared(both))]
    found = what_if(OLD, NEW, subjects, ON)
    assert found.passed == 2
    assert found.obstacles["assembly"][::2] == (2, 1)
    assert found.obstacles["training"][::2] == (1, 0)


def test_what_was_never_asked_is_undetermined() -> None:
    answers = dict(NEW.answers)
    question = answers["workers_total"]
    answers["asked_now"] = question
    first = NEW.requirements[0].model_copy(
        update={"rule": type(NEW.requirements[5].rule.all_of[0])(
            answer="asked_now", at_least=1
        )}
    )  # fmt: skip
    draft = NEW.model_copy(
        update={"answers": answers, "requirements": (first, *NEW.requirements[1:])}
    )
    found = what_if(OLD, draft, _subjects()[1:2], ON)
    assert found.count(Fate.UNDETERMINED) == 1
    assert found.obstacles["eligibility"].undetermined == 1
    assert found.obstacles["eligibility"].not_met == 0


def test_one_subject_is_told_why() -> None:
    personal = of_subject(OLD, NEW, _subjects()[0], ON)
    assert personal.before is Outcome.CONFORMING
    assert personal.after is Outcome.NOT_CONFORMING
    assert "ne serve almeno 2" in " ".join(personal.reasons["assembly"])
    assert personal.verdicts["gender_equality"][0] is None


def test_what_was_accepted_as_not_applicable_stays_so_where_the_draft_allows_it() -> (
    None
):
    subject = _subjects()[1]
    waived = replace(subject.case, waivers={"gender_equality": Waiver("In tre.", True)})
    personal = of_subject(NEW, NEW, Subject("a", waived, {}), ON)
    assert personal.shown["gender_equality"] == ("not_applicable", "not_applicable")
    strict = [
        one.model_copy(update={"not_applicable": None, "mandatory": True})
        if one.id == "gender_equality"
        else one
        for one in NEW.requirements
    ]
    draft = NEW.model_copy(update={"requirements": tuple(strict)})
    silent = Case(
        {n: f for n, f in waived.facts.items() if n != "quality_paths"},
        waivers=waived.waivers,
    )
    personal = of_subject(NEW, draft, Subject("b", silent, {}), ON)
    assert personal.shown["gender_equality"] == ("not_applicable", "pending")


def test_small_numbers_are_not_made_public() -> None:
    rows = {
        "BG": {Fate.KEPT: 40, Fate.LOST: 9},
        "MI": {Fate.KEPT: 30, Fate.LOST: 3},
        "LO": {Fate.KEPT: 6, Fate.LOST: 2},
    }
    shown = published_groups(rows, 5)
    assert shown["BG"][Fate.LOST] == 9
    assert set(shown) == {"BG", "other"}
    assert shown["other"][Fate.LOST] == 5
    assert all(not 0 < n < 5 for row in shown.values() for n in row.values())


counts = st.dictionaries(st.sampled_from(list(Fate)), st.integers(0, 30))


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.sampled_from("ABCDEF"), counts), st.integers(1, 10))
def test_no_public_row_has_a_small_number(
    rows: dict[str, dict[Fate, int]], small: int
) -> None:
    shown = published_groups(rows, small)
    assert all(not 0 < n < small for row in shown.values() for n in row.values())
    # What is hidden is hidden in a group of at least two, or with everything.
    total = sum(sum(row.values()) for row in rows.values())
    told = sum(sum(row.values()) for row in shown.values())
    assert told in (0, total)
