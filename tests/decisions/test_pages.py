"""The pages of the committee, and the outcome the applicant reads."""

import hashlib
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from registry.accounts.models import Role, User
from registry.applications.models import Application, ApplicationState
from registry.db import db as database
from registry.decisions import queries
from registry.decisions.models import Decision, Outcome
from registry.journal import queries as journal
from registry.services import services
from tests import factories
from tests.factories import DAY, LONG_AGO

SignIn = Callable[[User], FlaskClient]


def again(case_id: int) -> Application:
    """The case as it is in the database now."""
    database.session.expire_all()
    return database.session.get_one(Application, case_id)


def member() -> User:
    return factories.person(Role.COMMITTEE)


def test_the_list_begins_with_the_day_by_which_to_decide(
    app: Flask, sign_in: SignIn
) -> None:
    factories.evaluated(factories.organisation(name="Seconda"))
    factories.evaluated(factories.organisation(name="Prima"), at=LONG_AGO - 9 * DAY)
    page = sign_in(member()).get("/decisions").text
    assert page.index("Prima") < page.index("Seconda")


def test_the_dossier_shows_what_there_is_to_decide_on(
    app: Flask, sign_in: SignIn
) -> None:
    audit = factories.evaluated()
    case = audit.application
    hashes = [piece.file.sha256 for piece in case.attached]
    page = sign_in(member()).get(f"/decisions/{case.id}").text
    assert "Tutto verificato." in page
    assert all(sha256 in page for sha256 in hashes)
    assert "Passo per passo" in page
    assert "L’auditor ha consegnato la relazione" in page


def test_a_member_decides_with_reasons_once(app: Flask, sign_in: SignIn) -> None:
    audit = factories.evaluated()
    key, revision = audit.application_id, audit.revision
    client, page = sign_in(member()), f"/decisions/{audit.application_id}"
    data = {"outcome": "granted", "reasons": "", "revision": revision}
    assert client.post(page, data=data).status_code == 422
    data["reasons"] = "I criteri sono soddisfatti."
    done = client.post(page, data=data)
    assert done.headers["Location"] == f"{page}/decision"
    assert again(key).state is ApplicationState.GRANTED
    assert client.post(page, data=data).headers["Location"] == f"{page}/decision"
    shown = client.get(f"{page}/decision").text
    decision = queries.of(again(key))
    assert decision is not None
    assert decision.grounds_sha256 in shown
    assert "ricalcolato adesso" in shown


def test_what_the_verdicts_do_not_allow_is_not_offered_nor_taken(
    app: Flask, sign_in: SignIn
) -> None:
    audit = factories.evaluated()
    key, revision = audit.application_id, audit.revision
    client = sign_in(member())
    assert 'value="granted_with_conditions"' not in client.get(f"/decisions/{key}").text
    data = {
        "outcome": "granted_with_conditions",
        "reasons": "Sì.",
        "conditions": "Entro giugno.",
        "revision": revision,
    }
    assert client.post(f"/decisions/{key}", data=data).status_code == 422
    assert again(key).state is ApplicationState.EVALUATED


def test_a_dossier_that_changed_meanwhile_is_not_decided_on(
    app: Flask, sign_in: SignIn
) -> None:
    audit = factories.evaluated()
    key, revision = audit.application_id, audit.revision
    data = {"outcome": "granted", "reasons": "Sì.", "revision": revision - 1}
    refused = sign_in(member()).post(f"/decisions/{key}", data=data)
    assert refused.status_code == 409
    assert "Sì." in refused.text
    assert again(key).state is ApplicationState.EVALUATED


def test_who_audited_the_case_is_refused_in_words_and_sees_no_form(
    app: Flask, sign_in: SignIn
) -> None:
    both = factories.person(Role.AUDITOR, Role.COMMITTEE)
    audit = factories.evaluated(auditor=both)
    key, piece = audit.application_id, audit.application.attached[0].id
    client = sign_in(both)
    pages = (
        f"/decisions/{key}",
        f"/decisions/{key}/send-back",
        f"/decisions/{key}/evidence/{piece}/file",
    )
    for page in pages:
        refused = client.get(page)
        assert refused.status_code == 403
        assert "non può decidere" in refused.text
        assert "<textarea" not in refused.text
    data = {"outcome": "granted", "reasons": "Sì.", "revision": audit.revision}
    assert client.post(f"/decisions/{key}", data=data).status_code == 403
    assert f'href="/decisions/{key}"' not in client.get("/decisions").text


def test_a_case_is_sent_back_with_a_reason(app: Flask, sign_in: SignIn) -> None:
    audit = factories.evaluated()
    key, revision = audit.application_id, audit.revision
    client, page = sign_in(member()), f"/decisions/{audit.application_id}/send-back"
    data = {"reason": "", "revision": revision}
    assert client.post(page, data=data).status_code == 422
    data["reason"] = "Guardare di nuovo i corsi."
    assert client.post(page, data=data).status_code == 302
    assert again(key).state is ApplicationState.IN_EVALUATION
    assert client.get(f"/decisions/{key}").status_code == 404


def test_the_committee_reads_the_evidence_and_it_is_written_down(
    app: Flask, sign_in: SignIn
) -> None:
    audit = factories.evaluated()
    piece = audit.application.attached[0]
    page = f"/decisions/{audit.application_id}/evidence/{piece.id}/file"
    about, sha256 = piece.reference, piece.file.sha256
    client = sign_in(member())
    sent = client.get(page)
    assert hashlib.sha256(sent.data).hexdigest() == sha256
    assert journal.about(about)[-1].verb == "evidence.read"
    (services().storage.root / sha256[:2] / sha256).write_bytes(b"altro")
    assert client.get(page).status_code == 503


def test_the_downloaded_grounds_have_the_hash_of_the_decision(
    app: Flask, sign_in: SignIn
) -> None:
    decision = factories.decided()
    key, expected = decision.application_id, decision.grounds_sha256
    sent = sign_in(member()).get(f"/decisions/{key}/grounds.json")
    assert hashlib.sha256(sent.data).hexdigest() == expected


# --- the outcome --------------------------------------------------------------------


def refused() -> Decision:
    return factories.decided(outcome=Outcome.REFUSED)


def test_the_applicant_reads_reasons_and_the_term_to_appeal(
    app: Flask, sign_in: SignIn
) -> None:
    decision = refused()
    key, case = decision.application_id, decision.application
    page = sign_in(factories.representative(case.organisation)).get(
        f"/decisions/{key}/outcome"
    )
    assert page.status_code == 200
    assert decision.reasons in page.text
    assert "1 aprile 2026" in page.text


def test_the_auditor_of_the_case_reads_the_outcome(app: Flask, sign_in: SignIn) -> None:
    audit = factories.evaluated()
    factories.decide(audit)
    page = f"/decisions/{audit.application_id}/outcome"
    assert sign_in(audit.auditor).get(page).status_code == 200


def test_before_the_decision_there_is_no_outcome(app: Flask, sign_in: SignIn) -> None:
    audit = factories.evaluated()
    page = f"/decisions/{audit.application_id}/outcome"
    coop = factories.representative(audit.application.organisation)
    assert sign_in(coop).get(page).status_code == 404
    assert sign_in(factories.person(Role.SECRETARIAT)).get(page).status_code == 404


@pytest.mark.parametrize("role", [Role.COOPERATIVE, Role.AUDITOR])
def test_a_stranger_does_not_learn_that_there_is_a_decision(
    app: Flask, sign_in: SignIn, role: Role
) -> None:
    key = refused().application_id
    client = sign_in(factories.person(role))
    there = client.get(f"/decisions/{key}/outcome")
    nowhere = client.get("/decisions/99999/outcome")
    assert there.status_code == nowhere.status_code == 404


def test_the_applicant_does_not_see_who_decided(app: Flask, sign_in: SignIn) -> None:
    decision = refused()
    decided_by = decision.decided_by
    decided_by.name = "Nome Riservato"
    coop = factories.representative(decision.application.organisation)
    client, key = sign_in(coop), decision.application_id
    assert "Nome Riservato" not in client.get(f"/decisions/{key}/outcome").text
    for page in (f"/decisions/{key}/decision", f"/decisions/{key}/grounds.json"):
        assert client.get(page).status_code == 403


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.SECRETARIAT, Role.COOPERATIVE])
def test_only_the_committee_has_cases_to_decide(
    app: Flask, sign_in: SignIn, role: Role
) -> None:
    key = factories.evaluated().application_id
    client = sign_in(factories.person(role))
    for page in ("/decisions", f"/decisions/{key}", f"/decisions/{key}/send-back"):
        assert client.get(page).status_code == 403
