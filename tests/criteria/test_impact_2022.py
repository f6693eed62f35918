"""The edition impact/2022: what it asks, what it says, on any day."""

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.criteria.asked import (
    asked,
    possible_evidence,
    required_evidence,
    serves_until,
    unanswered,
)
from registry.criteria.evaluation import Outcome, Verdict, evaluate
from registry.criteria.explanation import read_rule, reasons
from registry.criteria.facts import Basis, Case, Fact
from registry.criteria.reader import read_all
from registry.paths import CRITERIA
from tests.criteria.examples import (
    conforming_answers,
    failing_answers,
    reserved_answers,
)

EDITIONS = read_all(CRITERIA)
EDITION = EDITIONS["impact/2022"]
ON = dt.date(2026, 11, 25)
days = st.dates(dt.date(2023, 1, 1), dt.date(2040, 12, 31))


@settings(max_examples=25, deadline=None)
@given(days)
def test_the_examples_hold_on_any_day(on: dt.date) -> None:
    answers = conforming_answers(EDITION, on=on)
    assert unanswered(EDITION, answers) == []
    result = evaluate(EDITION, Case.declared(answers), on)
    assert result.outcome is Outcome.CONFORMING, reasons(EDITION, result, "en")
    for requirement in EDITION.requirements:
        failing = failing_answers(requirement.id, EDITION, on=on)
        found = evaluate(EDITION, Case.declared(failing), on)
        for one in found.requirements:
            expected = Verdict.NOT_MET if one.id == requirement.id else Verdict.MET
            assert one.verdict is expected
    reserved = evaluate(EDITION, Case.declared(reserved_answers(on=on)), on)
    assert reserved.outcome is Outcome.CONDITIONAL


def test_the_requirements_are_the_gate_and_the_published_five() -> None:
    assert [one.number for one in EDITION.requirements] == [0, 1, 2, 3, 4, 5]
    assert [one.gate for one in EDITION.requirements] == [True] + [False] * 5
    assert next(iter(EDITION.sections)) == "eligibility"
    for section in EDITION.sections:
        assert len(EDITION.requirements_in(section)) == 1
        assert EDITION.answers_in(section)
        assert EDITION.evidence_in(section)


def test_all_that_the_source_does_not_say_is_marked_as_ours() -> None:
    assert all(one.interpretation for one in EDITION.requirements)
    assert all(note.ours for note in EDITION.parameter_notes.values())


def test_the_explanation_names_the_workers_and_the_contract_left_out() -> None:
    answers = failing_answers("contract", on=ON)
    result = evaluate(EDITION, Case.declared(answers), ON)
    (told,) = reasons(EDITION, result, "it")["contract"]
    assert "12 lavoratori su 14, 85,7\u00a0%; ne serve il 100\u00a0%" in told
    assert "T149 (firmato da UNCI" in told
    assert told.endswith("2 lavoratori.")


def test_months_and_days_are_told() -> None:
    answers = {**conforming_answers(on=ON), "register_extract_on": dt.date(2026, 5, 20)}
    result = evaluate(EDITION, Case.declared(answers), ON)
    (told,) = reasons(EDITION, result, "it")["eligibility"]
    assert told == (
        "Data della visura camerale: 20 maggio 2026, 6 mesi e 5 giorni fa; "
        "ammessi al massimo 6 mesi, passati il 20 novembre 2026."
    )
    (told,) = reasons(EDITION, result, "en")["eligibility"]
    assert told == (
        "Date of the company register extract: 20 May 2026, 6 months and 5 days ago; "
        "at most 6 months allowed, passed on 20 November 2026."
    )


def test_what_is_missing_in_a_row_is_told() -> None:
    answers = conforming_answers(on=ON)
    del answers["courses"][0]["hours"]
    result = evaluate(EDITION, Case.declared(answers), ON)
    assert result.requirement("training").verdict is Verdict.PENDING
    (told,) = reasons(EDITION, result, "it")["training"]
    assert told.startswith("Corsi: righe da completare (Conduzione delle macchine")
    assert "manca «Ore»" in told


def test_what_is_lacking_of_a_reserve_is_told() -> None:
    answers = {**reserved_answers(on=ON), "revision_requested": False}
    result = evaluate(EDITION, Case.declared(answers), ON)
    told = reasons(EDITION, result, "it")["revision"]
    assert told[-1].startswith("Per la riserva: La revisione è stata richiesta")


@pytest.mark.parametrize(
    ("fact", "words"),
    [
        (Fact(True), "dichiarato, da verificare"),
        (Fact(True, True, rejected=True), "non confermato dall’auditor"),
        (Fact(True, True, dt.date(2026, 11, 24)), "la prova è scaduta"),
        (Fact(True, "sì"), "il valore indicato non è ammesso"),
        (Fact(), "manca la risposta"),
    ],
)
def test_why_a_verified_value_is_missing_is_told(fact: Fact, words: str) -> None:
    case = Case.verified(conforming_answers(on=ON))
    case = Case({**case.facts, "albo_registered": fact})
    result = evaluate(EDITION, case, ON, Basis.VERIFIED)
    assert result.requirement("eligibility").verdict is Verdict.PENDING
    (told,) = reasons(EDITION, result, "it")["eligibility"]
    assert words in told


def test_questions_follow_the_answers() -> None:
    answers = conforming_answers(on=ON)
    assert "inclusion_workers" in asked(EDITION, answers)
    assert "course_booked" not in asked(EDITION, answers)
    answers["cooperative_kind"] = "production_labour"
    assert "inclusion_workers" not in asked(EDITION, answers)
    answers["first_year"] = True
    assert "course_booked" in asked(EDITION, answers)
    assert unanswered(EDITION, answers) == ["constituted_on", "course_booked"]


def test_evidence_follows_the_answers() -> None:
    answers = conforming_answers(on=ON)
    needed = required_evidence(EDITION, answers)
    assert "quality_certificate" in needed
    assert "quality_engagement" not in needed
    assert "revision_paper" in needed
    assert "diffida" not in needed
    assert set(needed) <= set(possible_evidence(EDITION, answers))
    late = required_evidence(EDITION, reserved_answers(on=ON))
    assert {"substitute_declaration", "revision_request"} <= set(late)


def test_evidence_serves_for_its_months_or_its_period() -> None:
    answers = conforming_answers(on=ON)
    extract = EDITION.evidence["register_extract"]
    paper = EDITION.evidence["revision_paper"]
    minutes = EDITION.evidence["assembly_extract"]
    assert serves_until(extract, dt.date(2026, 8, 31), {}) == dt.date(2027, 2, 28)
    assert serves_until(paper, ON, answers) == dt.date(2026, 12, 31)
    assert serves_until(minutes, ON, answers) is None


def test_the_rule_is_read_back_in_both_languages() -> None:
    text = read_rule(EDITION, "training", "it")
    assert "Ore: almeno 4" in text
    assert "almeno il 10\u00a0% di «Lavoratori in media nell’anno»" in text
    assert "at least 10% of “Average" not in text
    assert "with an accredited" not in read_rule(EDITION, "quality", "it")
    assert "not more than 24 months before" in read_rule(EDITION, "quality", "en")


def test_the_edition_in_force_is_the_open_one() -> None:
    assert EDITIONS.all_open_on(ON, "impact", ()) == [EDITION]
    assert EDITIONS.all_open_on(dt.date(2022, 11, 18), "impact", ()) == []
    assert EDITIONS.all_open_on(ON, "altro", ()) == []


def test_the_result_is_plain_json_with_its_trace_and_tables() -> None:
    answers = failing_answers("contract", on=ON)
    made = evaluate(EDITION, Case.declared(answers), ON).to_json()
    assert made["edition"] == "impact/2022"
    assert made["digest"] == EDITION.digest
    assert made["tables"]["contracts"]["dated"] == "2025-12-25"
    share = made["derived"]["admitted_share"]
    assert share["value"] == {"inside": 12, "outside": 2}
    assert share["permille"] == 857
    assert [row["name"] for row in share["rows"]] == ["T151", "T149"]
    verdicts = {one["id"]: one["verdict"] for one in made["requirements"]}
    assert verdicts["contract"] == "not_met"
    assert made["requirements"][3]["trace"]["rule"]["truth"] is False


def test_a_reserve_used_once_is_told_only_where_it_would_serve() -> None:
    used = frozenset({"revision"})
    for answers, spent in (
        (reserved_answers(on=ON), True),
        (failing_answers("revision", on=ON), False),
    ):
        case = Case(Case.declared(answers).facts, used)
        found = evaluate(EDITION, case, ON).requirement("revision")
        assert found.verdict is Verdict.NOT_MET
        assert found.trace.reserve_spent is spent
