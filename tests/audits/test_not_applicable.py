"""An auditor accepts or refuses that a criterion does not apply."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from registry.accounts.models import Role
from registry.applications import operations as applications
from registry.applications import rules as case_rules
from registry.audits import operations, rules
from registry.audits.models import Audit, Severity
from registry.audits.operations import NothingClaimed, ReasonNeeded, Unfinished
from registry.criteria.evaluation import Status, Verdict
from registry.criteria.publishing import canonical, replay
from registry.criteria.reader import Editions
from registry.db import db
from registry.decisions import operations as decisions
from registry.decisions.models import Decision, Outcome
from registry.decisions.outcome import chapters
from registry.decisions.rules import obstacle
from registry.errors import Conflict as WrongMoment
from tests import factories
from tests.factories import LONG_AGO, edition, representative
from tests.factories import editions as known
from tests.waivable import KIND, QUESTIONS, WHY, editions_with

NO = "I lavoratori risultano dalla visura."


@pytest.fixture(scope="session")
def editions() -> Editions:
    return editions_with("training")


def claimed(*, answered: bool = False) -> Audit:
    """A case with the claim; the questions of training answered or left empty."""
    application = factories.draft()
    by = representative(application.organisation)
    if not answered:
        gone = dict.fromkeys(QUESTIONS)
        applications.save_answers(application, gone, by=by, at=LONG_AGO)
        [piece] = [one for one in application.attached if one.kind == KIND]
        applications.detach(application, piece, by=by, at=LONG_AGO)
    applications.waive(application, edition(), "training", WHY, by=by, at=LONG_AGO)
    applications.submit(application, known(), by=by, at=LONG_AGO)
    secretary = factories.person(Role.SECRETARIAT)
    applications.accept(application, edition(), by=secretary, at=LONG_AGO)
    return factories.take_up(application)


@pytest.fixture
def audit(app: Flask) -> Audit:
    return claimed()


def answer(audit: Audit, accepted: bool, words: str = "") -> None:
    operations.answer_waiver(
        audit,
        edition(),
        "training",
        accepted=accepted,
        words=words,
        by=audit.auditor,
        at=LONG_AGO,
    )


def training(audit: Audit) -> Any:
    return rules.proposed(audit, edition()).requirement("training")


def look_at_everything(audit: Audit) -> None:
    """All values confirmed, all evidence accepted, all other criteria judged."""
    by = audit.auditor
    names = list(audit.application.values)
    operations.confirm(audit, names, by=by, at=LONG_AGO)
    for piece in audit.application.attached:
        operations.review(audit, piece, accepted=True, by=by, at=LONG_AGO)
    for one in rules.proposed(audit, edition()).requirements:
        if one.id != "training":
            operations.judge(audit, edition(), one.id, one.verdict, by=by, at=LONG_AGO)


def report(audit: Audit) -> None:
    operations.report(audit, edition(), "Visto.", by=audit.auditor, at=LONG_AGO)


def test_until_it_is_answered_a_claim_proves_nothing_and_the_case_stays_open(
    audit: Audit,
) -> None:
    look_at_everything(audit)
    assert training(audit).verdict is Verdict.PENDING
    assert [(g.what, g.name) for g in rules.gaps(audit, edition())] == [
        ("waiver", "training")
    ]
    with pytest.raises(Unfinished):
        report(audit)


def test_once_accepted_the_criterion_does_not_apply_and_has_no_verdict(
    audit: Audit,
) -> None:
    look_at_everything(audit)
    answer(audit, True)
    assert training(audit).status is Status.NOT_APPLICABLE
    assert rules.gaps(audit, edition()) == []
    with pytest.raises(WrongMoment):
        operations.judge(
            audit, edition(), "training", Verdict.MET, by=audit.auditor, at=LONG_AGO
        )
    report(audit)
    assert obstacle(audit, edition(), Outcome.GRANTED) is None


def test_a_verdict_given_before_goes_when_the_claim_is_accepted(audit: Audit) -> None:
    operations.judge(
        audit,
        edition(),
        "training",
        Verdict.NOT_MET,
        severity=Severity.MAJOR,
        finding="Nulla.",
        by=audit.auditor,
        at=LONG_AGO,
    )
    answer(audit, True)
    db.session.flush()
    assert rules.verdict_on(audit, "training") is None


def test_a_claim_is_refused_only_with_words(audit: Audit) -> None:
    with pytest.raises(ReasonNeeded):
        answer(audit, False, "  ")
    answer(audit, False, NO)
    assert audit.application.waivers[0].answer == NO


def test_refused_it_is_judged_by_its_rule_and_what_it_lacks_can_be_asked(
    audit: Audit,
) -> None:
    look_at_everything(audit)
    answer(audit, False, NO)
    assert training(audit).verdict is Verdict.PENDING
    assert [(g.what, g.name) for g in rules.gaps(audit, edition())] == [
        ("verdict", "training")
    ]
    items = [*(f"answer:{name}" for name in QUESTIONS), f"evidence:{KIND}"]
    operations.ask_completion(
        audit, edition(), items, "Servono.", by=audit.auditor, at=LONG_AGO
    )
    application = audit.application
    by = representative(application.organisation)
    today = LONG_AGO.date()
    assert not set(QUESTIONS) & set(case_rules.folded(application, edition(), today))
    factories.fill(application, at=LONG_AGO)
    applications.reply(application, by=by, at=LONG_AGO)
    look_at_everything(audit)
    assert training(audit).verdict is Verdict.MET


def test_what_was_answered_before_the_claim_serves_when_it_is_refused(
    app: Flask,
) -> None:
    audit = claimed(answered=True)
    answer(audit, True)
    assert not set(QUESTIONS) & set(rules.unsettled(audit, edition()))
    answer(audit, False, NO)
    assert set(QUESTIONS) <= set(rules.unsettled(audit, edition()))
    look_at_everything(audit)
    assert training(audit).verdict is Verdict.MET


def test_another_auditor_answers_the_claim_anew(audit: Audit) -> None:
    answer(audit, True, "Visto.")
    secretary = factories.person(Role.SECRETARIAT)
    other = factories.person(Role.AUDITOR)
    operations.assign(audit.application, other, by=secretary, at=LONG_AGO)
    [claim] = audit.application.waivers
    assert (claim.accepted, claim.answer, claim.answered_at) == (None, "", None)


def test_nothing_is_answered_where_nothing_was_claimed(app: Flask) -> None:
    audit = factories.in_evaluation()
    with pytest.raises(NothingClaimed):
        answer(audit, True)


# --- what the committee reads and freezes --------------------------------------------


def decide(audit: Audit) -> Decision:
    look_at_everything(audit)
    answer(audit, True, "Confermato dalla visura.")
    report(audit)
    return decisions.decide(
        audit,
        edition(),
        Outcome.GRANTED,
        "I criteri applicabili sono soddisfatti.",
        by=factories.person(Role.COMMITTEE),
        at=LONG_AGO,
    )


def test_claim_and_answer_are_frozen_and_the_case_comes_out_identical(
    audit: Audit,
) -> None:
    grounds = decide(audit).grounds
    assert grounds["waivers"] == {
        "training": {
            "reason": WHY,
            "accepted": True,
            "answer": "Confermato dalla visura.",
        }
    }
    assert "training" not in grounds["verdicts"]
    assert replay(grounds, edition()) == canonical(grounds)


def test_older_grounds_without_claims_come_out_identical_too(app: Flask) -> None:
    audit = factories.in_evaluation()
    factories.evaluate(audit, at=LONG_AGO)
    grounds = dict(factories.decide(audit).grounds)
    assert grounds.pop("waivers") == {}
    assert replay(grounds, edition()) == canonical(grounds)


def test_the_outcome_says_that_it_does_not_apply_and_never_that_it_is_met(
    audit: Audit,
) -> None:
    found = {
        one.requirement.id: one for one in chapters(decide(audit), edition(), "it")
    }
    one = found["training"]
    assert (one.verdict, one.proposed) == ("not_applicable", "not_applicable")
    assert one.waiver is not None
    assert one.waiver.reason == WHY
    assert found["revision"].verdict == "met"


# --- the pages ------------------------------------------------------------------------


@pytest.fixture
def mine(audit: Audit, sign_in: Any) -> FlaskClient:
    db.session.commit()
    client: FlaskClient = sign_in(audit.auditor)
    return client


def test_the_auditor_sees_the_reason_and_answers_it(
    mine: FlaskClient, audit: Audit
) -> None:
    here = f"/audits/{audit.id}/criteria/training"
    page = mine.get(here).text
    assert WHY in page
    assert "Non applicabilità da valutare" in page
    assert "da valutare" in mine.get(f"/audits/{audit.id}").text
    refused = mine.post(f"{here}/waiver", data={"waiver-accepted": "no"})
    assert refused.status_code in (409, 422)
    revision = refused.text.split('name="waiver-revision"')[1].split('value="')[1]
    data = {"waiver-revision": revision.split('"')[0], "waiver-accepted": "no"}
    answer = mine.post(f"{here}/waiver", data=data)
    assert answer.status_code == 422
    assert "Indicare perché non si accoglie" in answer.text
    answer = mine.post(f"{here}/waiver", data={**data, "waiver-accepted": "yes"})
    assert answer.status_code == 302
    page = mine.get(here).text
    assert "non si dà un verdetto" in page
    assert "Salva il verdetto" not in page
    assert "Motivo accolto" in page


def test_the_completion_offers_what_the_refused_criterion_asks(
    mine: FlaskClient, audit: Audit
) -> None:
    answer(audit, False, NO)
    db.session.commit()
    page = mine.get(f"/audits/{audit.id}/completion").text
    for item in (*(f"answer:{name}" for name in QUESTIONS), f"evidence:{KIND}"):
        label = page.split(f'value="{item}"')[1].split("</label>")[0]
        assert "(manca)" in label
    assert page.count("(manca)") == 4


def test_nobody_but_the_auditor_of_the_case_answers(audit: Audit, sign_in: Any) -> None:
    db.session.commit()
    other = sign_in(factories.person(Role.AUDITOR))
    here = f"/audits/{audit.id}/criteria/training/waiver"
    assert other.post(here, data={"waiver-accepted": "yes"}).status_code == 404
