"""Drafts stay apart, what is published is open on its days, the document reads well."""

import datetime as dt
from pathlib import Path

import pytest

from registry.criteria.document import read_edition
from registry.criteria.edition import Edition
from registry.criteria.reader import Editions, read_all
from registry.criteria.transition import Fate, carry_over, sources, transition_problems
from registry.paths import CRITERIA
from tests.criteria.examples import conforming_answers

READ = read_all(CRITERIA)
OLD, NEW = READ["impact/2022"], READ.drafts["impact/2026"]
AWARD = READ.drafts["impresa-solidale/2026"]


def test_nobody_applies_under_a_draft() -> None:
    assert set(READ) == {"impact/2022"}
    for day in (dt.date(2026, 11, 25), dt.date(2028, 1, 1)):
        assert READ.all_open_on(day, "impact", ()) == [OLD]
        assert READ.all_open_on(day, "impresa-solidale", ()) == []


def test_two_editions_are_open_while_the_new_one_says_so() -> None:
    both = Editions({OLD.key: OLD, NEW.key: NEW, AWARD.key: AWARD})
    before, between, after = (
        dt.date(2027, 6, 30),
        dt.date(2027, 12, 31),
        dt.date(2028, 1, 1),
    )
    told = {NEW.key}
    assert both.all_open_on(before, "impact", told) == [OLD]
    assert both.all_open_on(between, "impact", told) == [NEW, OLD]
    assert both.all_open_on(after, "impact", told) == [NEW]


def test_an_edition_nobody_was_told_of_does_not_open_and_closes_no_other() -> None:
    both = Editions({OLD.key: OLD, NEW.key: NEW})
    for day in (dt.date(2027, 12, 31), dt.date(2028, 1, 1)):
        assert both.all_open_on(day, "impact", ()) == [OLD]


def test_a_first_edition_owes_notice_to_nobody() -> None:
    award = Editions({AWARD.key: AWARD})
    assert award.all_open_on(AWARD.in_force_from, AWARD.scheme, ()) == [AWARD]


def test_each_scheme_says_who_may_apply() -> None:
    assert OLD.applicants == ("cooperative", "consortium")
    assert AWARD.applicants == ("company",)


def test_answers_of_2022_serve_for_2026() -> None:
    answers = conforming_answers(on=dt.date(2026, 11, 25))
    assert carry_over(NEW, OLD, answers) == answers
    assert {one.fate for one in sources(NEW, OLD).values()} == {Fate.KEPT}


def _changed(**replaces: object) -> Edition:
    assert NEW.replaces is not None
    return NEW.model_copy(update={"replaces": NEW.replaces.model_copy(update=replaces)})


def test_answers_are_mapped_or_asked_again() -> None:
    options = dict(NEW.answers["proceedings"].options)
    options["winding_up"] = options.pop("liquidation")
    answers = dict(NEW.answers)
    answers["state"] = answers.pop("proceedings").model_copy(
        update={"options": options}
    )
    moved = _changed(
        answers_from={"state": "proceedings"},
        values_from={"state": {"liquidation": "winding_up"}},
        ask_again=("workers_total",),
    ).model_copy(update={"answers": answers})
    given = {"proceedings": "liquidation", "workers_total": 12, "first_year": True}
    assert carry_over(moved, OLD, given) == {"state": "winding_up", "first_year": True}
    assert sources(moved, OLD)["state"].fate is Fate.MAPPED
    assert sources(moved, OLD)["workers_total"].fate is Fate.ASKED_AGAIN
    assert transition_problems(moved, OLD) == []
    lost = moved.model_copy(update={"replaces": NEW.replaces})
    assert transition_problems(lost, OLD) == []  # «state» is simply a new question


def test_an_option_that_disappears_must_be_mapped_or_asked_again() -> None:
    answers = dict(NEW.answers)
    options = dict(answers["proceedings"].options)
    options.pop("dissolution")
    answers["proceedings"] = answers["proceedings"].model_copy(
        update={"options": options}
    )
    short = NEW.model_copy(update={"answers": answers})
    ((place, text),) = transition_problems(short, OLD)
    assert place == ("replaces", "values_from")
    assert "«dissolution» di impact/2022 non c’è più" in text
    asked = _changed(ask_again=("proceedings",)).model_copy(update={"answers": answers})
    assert transition_problems(asked, OLD) == []
    ((place, text),) = transition_problems(NEW, None)
    assert "impact/2022 non esiste" in text


@pytest.mark.parametrize("edition", [OLD, NEW, AWARD], ids=lambda one: one.key)
@pytest.mark.parametrize("language", ["it", "en"])
def test_the_document_reads_every_rule_back(edition: Edition, language: str) -> None:
    text = read_edition(edition, language)
    assert edition.digest in text
    for one in edition.requirements:
        assert one.text.in_(language) in text
    for level in edition.levels:
        assert level.title.in_(language) in text
    assert "None" not in text
    assert "{" not in text


def test_steps_levels_and_terms_are_read_in_italian() -> None:
    text = read_edition(AWARD, "it")
    assert "Può chiedere: un’impresa." in text
    assert "12 se: Tirocini ospitati nell’anno: almeno 3." in text
    assert "soddisfatto per intero «Progetti d’inclusione»" in text
    assert "almeno 60\u00a0% dei punti di «Azioni dirette d’inclusione»" in text
    assert "Con un motivo può non applicarsi; decide l’auditor." in text
    assert "Se manca, la domanda non può proseguire." in text


def test_an_edition_is_a_folder_with_its_examples_and_its_changes() -> None:
    for edition in (OLD, NEW, AWARD):
        folder: Path = CRITERIA / edition.key
        assert (folder / "cases.yaml").exists()
        assert edition.key in (folder / "CHANGES.md").read_text("utf-8")
