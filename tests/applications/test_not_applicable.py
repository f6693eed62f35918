"""An applicant claims that a criterion does not apply, with the reason."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from registry.applications import operations, rules
from registry.applications.models import Application, ApplicationKind
from registry.applications.operations import (
    Incomplete,
    NotEditable,
    NotWaivable,
)
from registry.certificates.proof import words_of
from registry.criteria.evaluation import Status
from registry.criteria.reader import Editions
from registry.db import db
from registry.errors import Invalid
from tests import factories
from tests.factories import LONG_AGO, edition, representative
from tests.factories import editions as known
from tests.waivable import KIND, QUESTIONS, WHY, editions_with

TODAY = LONG_AGO.date()


@pytest.fixture(scope="session")
def editions() -> Editions:
    return editions_with("training")


@pytest.fixture
def draft(app: Flask) -> Application:
    """Complete but for everything that training asks."""
    application = factories.draft()
    by = representative(application.organisation)
    gone = dict.fromkeys(QUESTIONS)
    operations.save_answers(application, gone, by=by, at=LONG_AGO)
    [piece] = [one for one in application.attached if one.kind == KIND]
    operations.detach(application, piece, by=by, at=LONG_AGO)
    return application


def waive(application: Application, reason: str = WHY, name: str = "training") -> None:
    by = representative(application.organisation)
    operations.waive(application, edition(), name, reason, by=by, at=LONG_AGO)


def lacking(application: Application) -> set[str]:
    return {one.name for one in rules.missing(application, edition(), TODAY)}


def submit(application: Application) -> None:
    by = representative(application.organisation)
    operations.submit(application, known(), by=by, at=LONG_AGO)


def test_what_the_criterion_alone_asks_is_missing_until_it_is_claimed_not_to_apply(
    draft: Application,
) -> None:
    assert lacking(draft) == {*QUESTIONS, KIND}
    with pytest.raises(Incomplete):
        submit(draft)
    waive(draft)
    assert lacking(draft) == set()
    submit(draft)


def test_a_claim_is_taken_back_until_the_application_is_sent(
    draft: Application,
) -> None:
    by = representative(draft.organisation)
    waive(draft)
    operations.unwaive(draft, edition(), "training", by=by, at=LONG_AGO)
    assert set(QUESTIONS) <= lacking(draft)
    waive(draft)
    submit(draft)
    with pytest.raises(NotEditable):
        operations.unwaive(draft, edition(), "training", by=by, at=LONG_AGO)
    with pytest.raises(NotEditable):
        waive(draft, "Un altro motivo.")


@pytest.mark.parametrize("reason", ["", "  \n ", "x" * 1001])
def test_a_claim_wants_its_reason_and_not_a_book(
    draft: Application, reason: str
) -> None:
    with pytest.raises(Invalid):
        waive(draft, reason)
    assert not draft.waivers


@pytest.mark.parametrize("name", ["revision", "eligibility", "nothing"])
def test_only_what_the_edition_allows_can_be_claimed(
    draft: Application, name: str
) -> None:
    with pytest.raises(NotWaivable):
        waive(draft, name=name)


def test_nobody_else_claims_it(draft: Application) -> None:
    with pytest.raises(NotEditable):
        operations.waive(
            draft, edition(), "training", WHY, by=factories.person(), at=LONG_AGO
        )


def test_what_was_answered_before_the_claim_stays_and_counts_again_after_it(
    app: Flask,
) -> None:
    full = factories.draft()
    before = full.values
    waive(full)
    assert full.values == before
    result = rules.declared_result(full, edition(), TODAY)
    assert result.requirement("training").status is Status.NOT_APPLICABLE
    by = representative(full.organisation)
    operations.unwaive(full, edition(), "training", by=by, at=LONG_AGO)
    assert full.values == before
    result = rules.declared_result(full, edition(), TODAY)
    assert result.requirement("training").status is Status.MET


def test_the_claim_is_part_of_what_is_handed_over(draft: Application) -> None:
    plain = rules.content_sha256(draft)
    assert "waivers" not in rules.content(draft)
    waive(draft)
    assert rules.content(draft)["waivers"] == {"training": WHY}
    assert rules.content_sha256(draft) != plain


def again(before: Application) -> Application:
    by = representative(before.organisation)
    return operations.open_application(
        before.organisation,
        edition(),
        kind=ApplicationKind.RENEWAL,
        starts_from=before,
        by=by,
        at=LONG_AGO + timedelta(days=300),
    )


def test_a_claim_is_carried_over_and_marked_and_wants_an_answer_again(
    draft: Application, sign_in: Any
) -> None:
    waive(draft)
    submit(draft)
    auditor = factories.person()
    operations.answer_waiver(
        draft.waivers[0], accepted=True, words="Visto.", by=auditor, at=LONG_AGO
    )
    by = representative(draft.organisation)
    operations.withdraw(draft, by=by, at=LONG_AGO)
    after = again(draft)
    [claim] = after.waivers
    assert (claim.reason, claim.accepted, claim.answer) == (WHY, None, "")
    assert rules.waived_as_before(after, "training")
    db.session.commit()
    page = sign_in(by).get(f"/applications/{after.id}/sections/training").text
    assert "Come la volta scorsa" in page
    waive(after, "Un motivo nuovo.")
    assert not rules.waived_as_before(after, "training")


def test_a_claim_that_was_refused_is_not_carried_over(draft: Application) -> None:
    waive(draft)
    submit(draft)
    operations.answer_waiver(
        draft.waivers[0],
        accepted=False,
        words="I lavoratori ci sono.",
        by=factories.person(),
        at=LONG_AGO,
    )
    by = representative(draft.organisation)
    operations.withdraw(draft, by=by, at=LONG_AGO)
    assert again(draft).waivers == []


# --- the pages --------------------------------------------------------------------


@pytest.fixture
def mine(draft: Application, sign_in: Any) -> FlaskClient:
    db.session.commit()
    client: FlaskClient = sign_in(representative(draft.organisation))
    return client


def test_the_page_of_the_section_offers_the_claim_and_takes_it_back(
    mine: FlaskClient, draft: Application
) -> None:
    here = f"/applications/{draft.id}/sections/training"
    page = mine.get(here).text
    assert "può non applicarsi" in page
    claim = f"/applications/{draft.id}/criteria/training/waiver"
    assert mine.post(claim, data={"training-reason": WHY}).status_code == 302
    answer = mine.get(here)
    assert WHY in answer.text
    assert "Non si applica" in answer.text
    assert "è indicato come non applicabile" in answer.text
    assert "non serve più, perché «Formazione tecnico-professionale» è" in answer.text
    assert "Da completare" not in answer.text
    assert mine.post(f"{claim}/take-back").status_code == 302
    answer = mine.get(here)
    assert WHY not in answer.text
    assert "non serve più" not in answer.text


def test_a_claim_without_reason_is_refused_in_words_and_what_was_typed_stays(
    mine: FlaskClient, draft: Application
) -> None:
    claim = f"/applications/{draft.id}/criteria/training/waiver"
    answer = mine.post(claim, data={"training-reason": " "})
    assert answer.status_code == 422
    assert "#training-reason" in answer.text
    answer = mine.post(claim, data={"training-reason": "x" * 1001})
    assert answer.status_code == 422
    assert "x" * 1001 in answer.text


def test_where_the_edition_does_not_allow_it_nothing_offers_it(
    mine: FlaskClient, draft: Application
) -> None:
    page = mine.get(f"/applications/{draft.id}/sections/revision").text
    assert "non applicarsi" not in page
    claim = f"/applications/{draft.id}/criteria/revision/waiver"
    answer = mine.post(claim, data={"revision-reason": WHY})
    assert answer.status_code == 409 or "si applica a tutti" in answer.text
    answer = mine.post(claim.replace("revision", "nothing"), data={})
    assert answer.status_code == 404


def test_a_stranger_does_not_learn_that_it_exists(
    draft: Application, sign_in: Any
) -> None:
    db.session.commit()
    other = sign_in(factories.person())
    claim = f"/applications/{draft.id}/criteria/training/waiver"
    assert other.post(claim, data={"training-reason": WHY}).status_code == 404
    assert other.post(f"{claim}/take-back").status_code == 404


def test_the_receipt_says_what_was_claimed_not_to_apply(
    draft: Application, sign_in: Any
) -> None:
    waive(draft)
    submit(draft)
    db.session.commit()
    mine = sign_in(representative(draft.organisation))
    page = mine.get(f"/applications/{draft.id}/receipt").text
    assert "Indicati come non applicabili" in page
    assert WHY in page
    paper = mine.get(f"/applications/{draft.id}/receipt.pdf")
    words = " ".join(words_of(paper.data))
    assert "tre soci amministratori" in " ".join(words.split())
