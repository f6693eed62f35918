"""Questions whose answer can no longer change anything are folded, never demanded."""

import html
import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from registry.applications import operations, rules
from registry.applications.models import Application
from registry.criteria.evaluation import evaluate
from registry.criteria.facts import Case
from registry.criteria.needed import superfluous
from registry.criteria.reader import read_all
from registry.criteria.values import to_json
from registry.db import db
from registry.paths import CRITERIA
from tests import factories
from tests.factories import LONG_AGO, edition, editions, representative

TODAY = LONG_AGO.date()


def save(application: Application, **changes: Any) -> None:
    by = representative(application.organisation)
    answers = edition().answers
    given = {n: to_json(answers[n], value) for n, value in changes.items()}
    operations.save_answers(application, given, by=by, at=LONG_AGO)


def folded(application: Application) -> set[str]:
    return set(rules.folded(application, edition(), TODAY))


def lacking(application: Application) -> set[str]:
    return {one.name for one in rules.missing(application, edition(), TODAY)}


@pytest.fixture
def settled(app: Flask) -> Application:
    """No course counts, so how many workers were trained decides nothing."""
    application = factories.draft(first_year=False)
    save(application, courses=[], average_workers=None, distinct_trained=None)
    return application


def test_an_empty_application_asks_as_much_as_ever(app: Flask) -> None:
    made = factories.organisation()
    empty = operations.open_application(
        made, edition(), by=representative(made), at=LONG_AGO
    )
    assert folded(empty) == set()


def test_a_question_that_decides_nothing_any_more_is_not_missing(
    settled: Application,
) -> None:
    assert folded(settled) == {"average_workers", "distinct_trained"}
    assert lacking(settled) == set()
    by = representative(settled.organisation)
    operations.submit(settled, editions(), by=by, at=LONG_AGO)


def test_it_is_asked_again_when_it_decides_again(settled: Application) -> None:
    course = factories.conforming_answers(edition(), on=TODAY)["courses"]
    save(settled, courses=course)
    assert folded(settled) == set()
    assert lacking(settled) == {"average_workers", "distinct_trained"}


def test_what_no_rule_looks_at_is_asked_all_the_same(settled: Application) -> None:
    save(settled, revision_body=None, revision_paper_on=None)
    assert lacking(settled) == {"revision_body", "revision_paper_on"}


def test_an_answer_given_is_shown_and_stays_whether_it_matters_or_not(
    settled: Application,
) -> None:
    save(settled, average_workers=14)
    assert folded(settled) == {"distinct_trained"}
    assert settled.values["average_workers"] == 14


def test_it_is_worked_out_for_the_day_on_which_it_is_sent(app: Flask) -> None:
    later = TODAY + timedelta(days=400)
    draft, sent = factories.draft(), factories.submitted(at=LONG_AGO)
    for day in (TODAY, later):
        assert rules.declared_result(draft, edition(), day).on == day
        assert rules.declared_result(sent, edition(), day).on == TODAY


def test_the_page_folds_it_away_and_says_why(
    settled: Application, sign_in: Any
) -> None:
    db.session.commit()
    mine: FlaskClient = sign_in(representative(settled.organisation))
    page = mine.get(f"/applications/{settled.id}/sections/training").text
    told = [
        " ".join(html.unescape(re.sub("<.*?>", "", one)).split())
        for one in re.findall("<summary>(.*?)</summary>", page, re.S)
    ]
    why = "non serve più, perché «Formazione tecnico-professionale» non è soddisfatto"
    assert any("Lavoratori in media" in one and why in one for one in told), told
    assert 'name="average_workers"' in page


def test_it_can_be_answered_all_the_same(settled: Application, sign_in: Any) -> None:
    db.session.commit()
    mine: FlaskClient = sign_in(representative(settled.organisation))
    here = f"/applications/{settled.id}/sections/training"
    page = mine.get(here).text
    revision = re.search('name="revision"[^>]*value="([^"]*)"', page)
    assert revision
    sent = {"revision": revision[1], "average_workers": "21", "distinct_trained": "x"}
    answer = mine.post(here, data=sent)
    assert answer.status_code == 422
    wrong = answer.text.split('name="distinct_trained"')[0].rpartition("<details")[2]
    assert " open" in wrong.partition(">")[0]
    assert 'value="21"' in answer.text
    sent["distinct_trained"] = ""
    assert mine.post(here, data=sent).status_code == 302
    db.session.expire_all()
    assert settled.values["average_workers"] == 21


def test_what_the_auditor_asks_to_complete_is_never_folded(
    settled: Application,
) -> None:
    by = representative(settled.organisation)
    operations.submit(settled, editions(), by=by, at=LONG_AGO)
    secretary = factories.person()
    operations.accept(settled, edition(), by=secretary, at=LONG_AGO)
    audit = factories.take_up(settled)
    operations.ask_completion(
        settled,
        edition(),
        ["answer:average_workers"],
        "Quanti?",
        by=audit.auditor,
        at=LONG_AGO,
    )
    assert folded(settled) == {"distinct_trained"}


def test_the_drafts_fold_as_little_as_the_rules_allow() -> None:
    """Nothing is folded before anything is answered, under any edition."""
    known = read_all(CRITERIA)
    for one in (*known.values(), *known.drafts.values()):
        result = evaluate(one, Case(), TODAY)
        assert superfluous(one, result, {}) == {}, one.key
