"""The pages of secretariat and auditor: they work, refuse in words, hide the rest."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from lxml import html
from sqlalchemy import select

from registry.accounts.models import Role, User
from registry.applications import operations as applications
from registry.applications.models import ApplicationKind, ApplicationState
from registry.audits import operations, rules
from registry.audits.models import Audit, AuditState, Conflict
from registry.clock import FixedClock
from registry.criteria.evaluation import Verdict
from registry.db import db as database
from registry.journal import queries as journal
from registry.organisations import operations as organisations
from registry.organisations.models import Capacity
from registry.services import services
from tests import factories
from tests.factories import DAY, LONG_AGO

SignIn = Callable[[User], FlaskClient]
AT = LONG_AGO


def again(audit_id: int) -> Audit:
    """The audit as it is in the database now."""
    database.session.expire_all()
    return database.session.get_one(Audit, audit_id)


def revision_of(audit: Audit) -> int:
    """The revision that a page of the audit would carry."""
    database.session.flush()
    return audit.revision


def undeclared() -> Audit:
    case, auditor = factories.accepted(), factories.person(Role.AUDITOR)
    by = factories.person(Role.SECRETARIAT)
    return operations.assign(case, auditor, by=by, at=AT)


# --- the secretariat ----------------------------------------------------------------


def test_the_secretariat_assigns_and_assigns_again(app: Flask, sign_in: SignIn) -> None:
    case = factories.accepted()
    first, second = (factories.person(Role.AUDITOR, name=n) for n in ("Ada", "Berto"))
    key, ids = case.id, (first.id, second.id)
    client = sign_in(factories.person(Role.SECRETARIAT))
    assert case.organisation.name in client.get("/audits/assign").text
    for person in ids:
        page = f"/audits/assign/{key}"
        shown = re.search(r'name="revision"[^>]*value="(\d+)"', client.get(page).text)
        assert shown
        sent = client.post(page, data={"auditor": person, "revision": shown[1]})
        assert sent.status_code == 302
    audits = database.session.scalars(select(Audit).order_by(Audit.id)).all()
    assert [a.state for a in audits] == [AuditState.REPLACED, AuditState.ASSIGNED]
    assert "Berto" in client.get("/audits/assign").text


def test_an_auditor_with_a_tie_cannot_be_chosen(app: Flask, sign_in: SignIn) -> None:
    speaker = factories.person(Role.AUDITOR, Role.COOPERATIVE, name="Clara Legata")
    case = factories.accepted(factories.organisation(speaker=speaker))
    key, revision = case.id, case.revision
    client = sign_in(factories.person(Role.SECRETARIAT))
    page = client.get(f"/audits/assign/{key}")
    assert "Clara Legata" not in page.text
    data = {"auditor": speaker.id, "revision": revision}
    assert client.post(f"/audits/assign/{key}", data=data).status_code == 422


def test_a_draft_is_not_there_for_the_secretariat(app: Flask, sign_in: SignIn) -> None:
    key = factories.draft().id
    client = sign_in(factories.person(Role.SECRETARIAT))
    assert client.get(f"/audits/assign/{key}").status_code == 404


# --- declaring ----------------------------------------------------------------------


def test_before_the_declaration_only_name_kind_and_town_are_shown(
    app: Flask, sign_in: SignIn
) -> None:
    audit = undeclared()
    key, case = audit.id, audit.application
    piece, protocol, vat = case.attached[0].id, case.protocol, case.organisation.vat
    name, town = case.organisation.name, case.organisation.town
    client = sign_in(audit.auditor)
    away = client.get(f"/audits/{key}")
    assert away.headers["Location"] == f"/audits/{key}/declaration"
    page = client.get(f"/audits/{key}/declaration").text
    assert name in page
    assert town in page
    assert str(protocol) not in page
    assert str(vat) not in page
    for rest in (
        "criteria/training",
        "criteria/training/values",
        f"evidence/{piece}/file",
        f"evidence/{piece}/refuse",
        "completion",
        "report",
        "recusal",
    ):
        assert client.get(f"/audits/{key}/{rest}").status_code == 404, rest


def test_no_conflict_opens_the_sheet(app: Flask, sign_in: SignIn) -> None:
    audit = undeclared()
    key, revision = audit.id, revision_of(audit)
    client = sign_in(audit.auditor)
    data = {"conflict": "none", "revision": revision}
    done = client.post(f"/audits/{key}/declaration", data=data)
    assert done.headers["Location"] == f"/audits/{key}"
    assert client.get(f"/audits/{key}").status_code == 200
    assert again(key).application.state is ApplicationState.IN_EVALUATION


def test_a_conflict_closes_it_for_ever(app: Flask, sign_in: SignIn) -> None:
    audit = undeclared()
    key, revision = audit.id, revision_of(audit)
    client = sign_in(audit.auditor)
    data = {"conflict": "other", "note": "", "revision": revision}
    refused = client.post(f"/audits/{key}/declaration", data=data)
    assert refused.status_code == 422
    data["note"] = "Mio fratello ci lavora."
    assert client.post(f"/audits/{key}/declaration", data=data).status_code == 302
    assert client.get(f"/audits/{key}").status_code == 404
    assert again(key).conflict is Conflict.OTHER


def test_who_speaks_for_the_applicant_is_refused_in_words(
    app: Flask, sign_in: SignIn
) -> None:
    audit = undeclared()
    organisations.appoint(
        audit.application.organisation,
        audit.auditor,
        Capacity.DELEGATE,
        by=factories.person(Role.SECRETARIAT),
        at=AT,
    )
    key, revision = audit.id, revision_of(audit)
    client = sign_in(audit.auditor)
    data = {"conflict": "none", "revision": revision}
    refused = client.post(f"/audits/{key}/declaration", data=data)
    assert refused.status_code == 403
    assert "rappresenta" in refused.text


# --- the sheet ----------------------------------------------------------------------


def test_the_list_begins_with_the_oldest_deadline(app: Flask, sign_in: SignIn) -> None:
    auditor = factories.person(Role.AUDITOR)
    later = factories.in_evaluation(
        factories.organisation(name="Seconda"), auditor=auditor, at=AT
    )
    earlier = factories.in_evaluation(
        factories.organisation(name="Prima"), auditor=auditor, at=AT - 5 * DAY
    )
    assert later.id < earlier.id
    page = sign_in(auditor).get("/audits").text
    assert page.index("Prima") < page.index("Seconda")


def test_a_criterion_is_confirmed_accepted_and_judged(
    app: Flask, sign_in: SignIn
) -> None:
    audit = factories.in_evaluation()
    key = audit.id
    [piece] = [p.id for p in audit.application.attached if p.kind == "revision_paper"]
    client = sign_in(audit.auditor)
    here = f"/audits/{key}/criteria/revision"
    page = client.get(here).text
    assert "Revisione cooperativa" in page
    assert "Conferma tutto come dichiarato" in page
    assert client.post(f"{here}/confirm").status_code == 302
    assert client.post(f"/audits/{key}/evidence/{piece}/accept").status_code == 302
    data = {"verdict": "met", "severity": "", "revision": again(key).revision}
    assert client.post(here, data=data).status_code == 302
    row = rules.verdict_on(again(key), "revision")
    assert row is not None
    assert row.verdict == Verdict.MET


def test_a_departing_verdict_without_words_keeps_what_was_chosen(
    app: Flask, sign_in: SignIn
) -> None:
    audit = factories.in_evaluation()
    key, revision = audit.id, revision_of(audit)
    client = sign_in(audit.auditor)
    data = {"verdict": "met", "severity": "observation", "revision": revision}
    refused = client.post(f"/audits/{key}/criteria/training", data=data)
    assert refused.status_code == 422
    assert "il verdetto vuole il suo motivo" in refused.text
    assert re.search(r'checked[^>]*value="observation"', refused.text)
    assert again(key).verdicts == []


def values_of(client: FlaskClient, page: str) -> dict[str, Any]:
    """What the boxes of a page hold, as a browser would send it back."""
    form = [
        f for f in html.fromstring(client.get(page).data).forms if f.method == "POST"
    ]
    return dict(form[-1].form_values())


def test_a_value_is_corrected_with_its_note(app: Flask, sign_in: SignIn) -> None:
    audit = factories.in_evaluation()
    key = audit.id
    client = sign_in(audit.auditor)
    page = f"/audits/{key}/criteria/contract/values"
    data = values_of(client, page)
    assert data["workers_total"] == "14"
    data["workers_total"] = "20"
    refused = client.post(page, data=data)
    assert refused.status_code == 422
    assert 'value="20"' in refused.text
    assert "note-workers_total" in refused.text
    data["note-workers_total"] = "Dal libro unico."
    assert client.post(page, data=data).status_code == 302
    kept = again(key)
    row = rules.verification_of(kept, "workers_total")
    assert row is not None
    assert (row.value, row.note) == (20, "Dal libro unico.")
    confirmed = rules.verification_of(kept, "contracts")
    assert confirmed is not None
    assert confirmed.value == kept.application.values["contracts"]


def test_a_wrong_number_is_refused_beside_its_box(app: Flask, sign_in: SignIn) -> None:
    audit = factories.in_evaluation()
    key = audit.id
    client = sign_in(audit.auditor)
    page = f"/audits/{key}/criteria/contract/values"
    data = values_of(client, page) | {"workers_total": "tanti"}
    refused = client.post(page, data=data)
    assert refused.status_code == 422
    assert "#workers_total" in refused.text
    assert 'value="tanti"' in refused.text


def test_a_stale_sheet_is_told_and_nothing_typed_is_lost(
    app: Flask, sign_in: SignIn
) -> None:
    audit = factories.in_evaluation()
    key, revision = audit.id, revision_of(audit)
    operations.verify(audit, "workers_total", 14, by=audit.auditor, at=AT + DAY)
    client = sign_in(audit.auditor)
    data = {"verdict": "met", "finding": "Scritto a mano.", "revision": revision}
    refused = client.post(f"/audits/{key}/criteria/training", data=data)
    assert refused.status_code == 409
    assert "Scritto a mano." in refused.text


def test_what_changed_since_last_time_is_marked(
    app: Flask, sign_in: SignIn, clock: FixedClock
) -> None:
    first = factories.decided().application
    clock.tick(days=300)
    at, by = clock.now(), factories.representative(first.organisation)
    case = applications.open_application(
        first.organisation,
        factories.edition(),
        kind=ApplicationKind.RECHECK,
        starts_from=first,
        by=by,
        at=at,
    )
    factories.fill(case, at=at, workers_total=15)
    applications.attach(
        case,
        "contribution_summary",
        factories.picture(7),
        "riepilogo.png",
        by=by,
        at=at,
        storage=services().storage,
    )
    applications.submit(case, factories.editions(), by=by, at=at)
    secretary = factories.person(Role.SECRETARIAT)
    applications.accept(case, factories.edition(), by=secretary, at=at)
    audit = factories.take_up(case, at=at)
    key = audit.id
    client = sign_in(audit.auditor)
    assert "Verifica annuale" in client.get(f"/audits/{key}").text
    page = client.get(f"/audits/{key}/criteria/contract").text
    assert "Cambiato dall’ultima volta" in page
    assert "Nuova dall’ultima volta" in page


# --- evidence -----------------------------------------------------------------------


def test_evidence_is_a_download_that_is_written_down(
    app: Flask, sign_in: SignIn
) -> None:
    audit = factories.in_evaluation()
    piece, key = audit.application.attached[0], audit.id
    piece_id, about = piece.id, piece.reference
    client = sign_in(audit.auditor)
    sent = client.get(f"/audits/{key}/evidence/{piece_id}/file")
    assert sent.status_code == 200
    assert sent.data.startswith(b"\x89PNG")
    assert sent.headers["Content-Disposition"].startswith("attachment")
    assert "sandbox" in sent.headers["Content-Security-Policy"]
    assert [entry.verb for entry in journal.about(about)][-1] == "evidence.read"


def test_altered_evidence_is_not_shown(app: Flask, sign_in: SignIn) -> None:
    audit = factories.in_evaluation()
    piece, key = audit.application.attached[0], audit.id
    piece_id, sha256 = piece.id, piece.file.sha256
    (services().storage.root / sha256[:2] / sha256).write_bytes(b"altro")
    client = sign_in(audit.auditor)
    sent = client.get(f"/audits/{key}/evidence/{piece_id}/file")
    assert sent.status_code == 503
    assert "altro" not in sent.text


def test_evidence_of_another_case_is_not_there(app: Flask, sign_in: SignIn) -> None:
    other = factories.in_evaluation().application.attached[0].id
    audit = factories.in_evaluation()
    client = sign_in(audit.auditor)
    answer = client.get(f"/audits/{audit.id}/evidence/{other}/file")
    assert answer.status_code == 404


def test_evidence_is_refused_with_its_reason(app: Flask, sign_in: SignIn) -> None:
    audit = factories.in_evaluation()
    key, piece = audit.id, audit.application.attached[0].id
    revision = revision_of(audit)
    client = sign_in(audit.auditor)
    page = f"/audits/{key}/evidence/{piece}/refuse"
    assert (
        client.post(page, data={"reason": "", "revision": revision}).status_code == 422
    )
    data = {"reason": "Manca la firma.", "revision": revision}
    assert client.post(page, data=data).status_code == 302
    [review] = again(key).evidence_reviews
    assert (review.accepted, review.reason) == (False, "Manca la firma.")


# --- completing and reporting -------------------------------------------------------


def test_completion_is_asked_on_chosen_items(app: Flask, sign_in: SignIn) -> None:
    audit = factories.in_evaluation()
    key = audit.id
    client = sign_in(audit.auditor)
    page = f"/audits/{key}/completion"
    assert "Richiesta 1 di 2" in client.get(page).text
    assert client.post(page, data={"message": "Serve altro."}).status_code == 422
    data = {"items": ["answer:workers_total"], "message": "Contare di nuovo."}
    assert client.post(page, data=data).status_code == 302
    sheet = client.get(f"/audits/{key}").text
    assert "Il tempo è sospeso" in sheet
    assert "Contare di nuovo." in sheet
    assert again(key).application.state is ApplicationState.INTEGRATION


def test_a_report_is_refused_until_everything_was_looked_at(
    app: Flask, sign_in: SignIn
) -> None:
    audit = factories.in_evaluation()
    key, revision = audit.id, revision_of(audit)
    client = sign_in(audit.auditor)
    page = f"/audits/{key}/report"
    assert f"/audits/{key}/criteria/training#verdict" in client.get(page).text
    data = {"summary": "Tutto bene.", "revision": revision}
    refused = client.post(page, data=data)
    assert refused.status_code == 422


def test_a_report_hands_the_case_to_the_committee(app: Flask, sign_in: SignIn) -> None:
    audit = factories.in_evaluation()
    by, edition = audit.auditor, factories.edition()
    operations.confirm(audit, audit.application.values, by=by, at=AT)
    for piece in audit.application.attached:
        operations.review(audit, piece, accepted=True, by=by, at=AT)
    for one in edition.requirements:
        operations.judge(audit, edition, one.id, Verdict.MET, by=by, at=AT)
    database.session.flush()
    key, revision = audit.id, revision_of(audit)
    client = sign_in(by)
    data = {"summary": "Tutto <b>bene</b>.", "revision": revision}
    assert client.post(f"/audits/{key}/report", data=data).status_code == 302
    assert again(key).application.state is ApplicationState.EVALUATED
    page = client.get(f"/audits/{key}").text
    assert "&lt;b&gt;bene" in page
    assert "Chiedi un’integrazione" not in page


# --- strangers ----------------------------------------------------------------------


@pytest.mark.parametrize("role", [Role.COMMITTEE, Role.SECRETARIAT, Role.COOPERATIVE])
def test_other_roles_have_no_audits(app: Flask, sign_in: SignIn, role: Role) -> None:
    audit = factories.in_evaluation()
    key = audit.id
    client = sign_in(factories.person(role))
    for page in ("/audits", f"/audits/{key}", f"/audits/{key}/criteria/training"):
        assert client.get(page).status_code == 403


def test_another_auditor_does_not_learn_that_the_audit_exists(
    app: Flask, sign_in: SignIn
) -> None:
    audit = factories.in_evaluation()
    key, piece = audit.id, audit.application.attached[0].id
    client = sign_in(factories.person(Role.AUDITOR))
    for page in (
        f"/audits/{key}",
        f"/audits/{key}/declaration",
        f"/audits/{key}/criteria/training",
        f"/audits/{key}/evidence/{piece}/file",
        f"/audits/{key + 1000}",
        f"/audits/{10**30}",
        f"/audits/{key}/criteria/nothing",
    ):
        assert client.get(page).status_code == 404, page
    assert client.post(f"/audits/{key}/criteria/training/confirm").status_code == 404


def test_who_is_not_signed_in_is_asked_to(app: Flask, client: FlaskClient) -> None:
    answer = client.get("/audits")
    assert answer.status_code == 302
    assert "/sign-in" in answer.headers["Location"]
