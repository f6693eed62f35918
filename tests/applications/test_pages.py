"""The pages of an application, for those who fill it in and those who read it."""

import io
import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from registry.accounts.models import Role
from registry.applications import operations, rules
from registry.applications.models import Application, ApplicationKind
from registry.applications.models import ApplicationState as S
from registry.applications.questionnaire import Sheet
from registry.db import db
from registry.files.checking import MOST_BYTES
from registry.journal.queries import of_case
from registry.services import services
from tests import factories
from tests.factories import LONG_AGO, edition, representative
from tests.files.hostile import HOSTILE, pdf

SECTIONS = ["eligibility", "revision", "assemblies", "contracts", "quality", "training"]


@pytest.fixture
def draft(app: Any) -> Application:
    return factories.draft()


@pytest.fixture
def mine(draft: Application, sign_in: Any) -> FlaskClient:
    """The legal representative's browser."""
    return sign_in(representative(draft.organisation))


@pytest.fixture
def secretariat(app: Any, sign_in: Any) -> FlaskClient:
    return sign_in(factories.person(Role.SECRETARIAT))


def again(application: Application) -> Application:
    """The application as it is in the database now."""
    db.session.expire_all()
    return application


def section_of(application: Application, name: str) -> Sheet:
    user = representative(application.organisation)
    return Sheet(again(application), edition(), name, user, services().today())


def sent(application: Application, section: str, **changes: str) -> dict[str, Any]:
    """What a browser sends of a section as it stands, with some changes."""
    sheet = section_of(application, section)
    data: dict[str, Any] = {"revision": str(sheet.revision)}
    for name, question in sheet.open.items():
        value = application.values.get(name)
        if question.type == "rows":
            for index, row in enumerate(value or []):
                for column, cell in row.items():
                    data[f"{name}-{index}-{column}"] = typed(cell)
        elif value is not None:
            data[name] = typed(value)
    return {**data, **changes}


def typed(value: Any) -> Any:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value if isinstance(value, list) else str(value)


# --- beginning ------------------------------------------------------------------


def test_an_application_is_begun_for_an_organisation_one_speaks_for(
    app: Any, sign_in: Any
) -> None:
    made = factories.organisation(name="Officina Verde")
    browser = sign_in(representative(made))
    page = browser.get("/applications/new").get_data(as_text=True)
    assert "Officina Verde" in page
    assert "Revisione cooperativa" in page
    answer = browser.post("/applications/new", data={"organisation": made.id})
    assert answer.status_code == 302
    assert "Officina Verde" in browser.get(answer.location).get_data(as_text=True)


def test_a_second_application_is_refused_in_words(
    mine: FlaskClient, draft: Application
) -> None:
    page = mine.get("/applications/new").get_data(as_text=True)
    assert f'href="/applications/{draft.id}"' in page
    answer = mine.post(
        "/applications/new", data={"organisation": draft.organisation_id}
    )
    assert answer.status_code in (409, 422)
    assert "Una domanda per questo marchio è già in corso." in answer.get_data(True)


@pytest.mark.parametrize("wanted", ["999999", "", "x", "9" * 5000, "-1"])
def test_nobody_begins_for_an_organisation_they_do_not_speak_for(
    mine: FlaskClient, wanted: str
) -> None:
    assert (
        mine.post("/applications/new", data={"organisation": wanted}).status_code == 404
    )


# --- the task list --------------------------------------------------------------


def test_the_task_list_tells_what_is_missing_and_leads_there(
    mine: FlaskClient, draft: Application
) -> None:
    by = representative(draft.organisation)
    gone = {"workers_total": None, "albo_registered": None}
    operations.save_answers(draft, gone, by=by, at=LONG_AGO)
    rows = [{"held_on": "2025-04-28"}]
    operations.save_answers(draft, {"assemblies": rows}, by=by, at=LONG_AGO)
    page = mine.get(f"/applications/{draft.id}").get_data(as_text=True)
    for there in (
        "/sections/contracts#workers_total",
        "/sections/eligibility#albo_registered-0",
        "/sections/assemblies#assemblies-0-kind",
    ):
        assert there in page
        path, _, anchor = there.partition("#")
        form = mine.get(f"/applications/{draft.id}{path}").get_data(as_text=True)
        assert f'id="{anchor}"' in form


def test_the_task_list_tells_the_result_as_declared_with_its_reasons(
    mine: FlaskClient, draft: Application
) -> None:
    page = mine.get(f"/applications/{draft.id}").get_data(as_text=True)
    assert "Il risultato, come dichiarato" in page
    assert page.count("badge-good") >= 6
    by = representative(draft.organisation)
    operations.save_answers(draft, {"proceedings": "liquidation"}, by=by, at=LONG_AGO)
    page = mine.get(f"/applications/{draft.id}").get_data(as_text=True)
    assert "Procedure in corso: liquidazione volontaria" in page


@pytest.mark.parametrize("name", SECTIONS)
def test_every_section_is_shown_and_saved_as_it_was(
    mine: FlaskClient, draft: Application, name: str
) -> None:
    before = draft.values
    address = f"/applications/{draft.id}/sections/{name}"
    assert mine.get(address).status_code == 200
    answer = mine.post(address, data=sent(draft, name))
    assert answer.status_code == 302, answer.get_data(as_text=True)
    assert again(draft).values == before


def test_save_and_continue_leads_through_the_sections_and_back(
    mine: FlaskClient, draft: Application
) -> None:
    here, then = f"/applications/{draft.id}", {"then": "continue"}
    for name, following in zip(SECTIONS, [*SECTIONS[1:], None], strict=True):
        answer = mine.post(f"{here}/sections/{name}", data=sent(draft, name, **then))
        assert answer.location == (
            f"{here}/sections/{following}" if following else here
        )


# --- sections -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "field", "value", "anchor"),
    [
        ("contracts", "contracts_on", "31/02/2026", "contracts_on"),
        ("contracts", "workers_total", "molti", "workers_total"),
        ("contracts", "workers_total", "9" * 10_000, "workers_total"),
        ("contracts", "workers_total", "-3", "workers_total"),
        ("contracts", "contracts-0-code", "?!", "contracts-0-code"),
        ("contracts", "contracts-0-workers", "1,5", "contracts-0-workers"),
        ("contracts", "contracts-0-activity", "a" * 10_000, "contracts-0-activity"),
        ("contracts", "contracts-0-activity", "a\u202eb", "contracts-0-activity"),
        ("contracts", "contracts-0-activity", "a\x00b", "contracts-0-activity"),
        ("eligibility", "cooperative_kind", "bank", "cooperative_kind-0"),
        ("eligibility", "albo_registered", "perhaps", "albo_registered-0"),
        ("assemblies", "assemblies-1-topics", "gossip", "assemblies-1-topics-0"),
        ("training", "courses-0-hours", "4,55", "courses-0-hours"),
        ("training", "courses-0-ended_on", "0001-01-01", "courses-0-ended_on"),
    ],
)
def test_a_wrong_answer_is_linked_to_its_field_and_everything_typed_stays(
    mine: FlaskClient,
    draft: Application,
    name: str,
    field: str,
    value: str,
    anchor: str,
) -> None:
    before = draft.values
    data = sent(draft, name, **{field: value})
    answer = mine.post(f"/applications/{draft.id}/sections/{name}", data=data)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert f'href="#{anchor}"' in page
    assert f'id="{anchor}"' in page
    if value in ("31/02/2026", "molti", "?!", "1,5", "4,55"):
        assert f'value="{value}"' in page
    assert again(draft).values == before


def test_markup_in_an_answer_is_text_everywhere(
    mine: FlaskClient, draft: Application
) -> None:
    data = sent(draft, "contracts", **{"contracts-0-activity": "<script>x</script>"})
    mine.post(f"/applications/{draft.id}/sections/contracts", data=data)
    for path in ("sections/contracts", "submit", ""):
        page = mine.get(f"/applications/{draft.id}/{path}".rstrip("/"))
        assert "<script>x" not in page.get_data(as_text=True)


def test_questions_that_an_answer_calls_for_appear_after_saving(
    mine: FlaskClient, draft: Application
) -> None:
    address = f"/applications/{draft.id}/sections/eligibility"
    page = mine.get(address).get_data(as_text=True)
    assert 'name="constituted_on"' not in page
    assert "Data di costituzione» compare dopo aver salvato" in page
    answer = mine.post(address, data=sent(draft, "eligibility", first_year="yes"))
    assert answer.location.endswith("#constituted_on")
    assert 'name="constituted_on"' in mine.get(answer.location).get_data(as_text=True)


def test_days_and_numbers_may_be_typed_the_italian_way(
    mine: FlaskClient, draft: Application
) -> None:
    data = sent(draft, "contracts", contracts_on="1/2/2026", workers_total="1.014")
    mine.post(f"/applications/{draft.id}/sections/contracts", data=data)
    saved = again(draft).values
    assert saved["contracts_on"] == "2026-02-01"
    assert saved["workers_total"] == 1014


def test_a_row_is_added_and_taken_away_without_script(
    mine: FlaskClient, draft: Application
) -> None:
    address = f"/applications/{draft.id}/sections/training"
    data = sent(draft, "training", average_workers="15", add="courses")
    page = mine.post(address, data=data)
    assert page.status_code == 200
    assert 'name="courses-1-title"' in page.get_data(as_text=True)
    assert 'value="15"' in page.get_data(as_text=True)
    assert again(draft).values["average_workers"] == 14, "adding a row saves nothing"
    mine.post(address, data=sent(draft, "training", remove="courses-0"))
    assert again(draft).values["courses"] == []


def test_an_empty_row_is_no_row(mine: FlaskClient, draft: Application) -> None:
    data = sent(
        draft, "contracts", **{"contracts-1-code": "", "contracts-1-workers": ""}
    )
    mine.post(f"/applications/{draft.id}/sections/contracts", data=data)
    assert len(again(draft).values["contracts"]) == 1


@pytest.mark.parametrize("number", ["²", "9" * 5000, "99999", "-1", "x"])
def test_rows_with_impossible_numbers_are_no_fault(
    mine: FlaskClient, draft: Application, number: str
) -> None:
    data = sent(draft, "contracts", **{f"contracts-{number}-code": "T151"})
    answer = mine.post(f"/applications/{draft.id}/sections/contracts", data=data)
    assert answer.status_code in (302, 422)


def test_more_rows_than_the_edition_takes_are_not_read(
    mine: FlaskClient, draft: Application
) -> None:
    rows = {f"contracts-{n}-code": "T151" for n in range(1, 60)}
    rows |= {f"contracts-{n}-workers": "1" for n in range(1, 60)}
    mine.post(
        f"/applications/{draft.id}/sections/contracts",
        data=sent(draft, "contracts", **rows),
    )
    assert len(again(draft).values["contracts"]) <= 20


def test_an_agreement_is_looked_for_and_used_without_losing_what_was_typed(
    mine: FlaskClient, draft: Application
) -> None:
    address = f"/applications/{draft.id}/sections/contracts"
    data = sent(draft, "contracts", workers_total="77", look_for="pulizia multiservizi")
    page = mine.post(address, data={**data, "look": "1"}).get_data(as_text=True)
    assert 'name="use" value="K511"' in page
    assert "Confcooperative, Legacoop, AGCI" in page
    assert 'value="77"' in page
    page = mine.post(address, data={**data, "use": "K511"}).get_data(as_text=True)
    assert re.search(r'id="contracts-1-code"[^>]*value="K511"', page)
    assert again(draft).values["workers_total"] == 14


def test_beside_a_code_stands_what_it_means(
    mine: FlaskClient, draft: Application
) -> None:
    address = f"/applications/{draft.id}/sections/contracts"
    assert "CCNL Cooperative Sociali" in mine.get(address).get_data(as_text=True)
    mine.post(address, data=sent(draft, "contracts", **{"contracts-0-code": "Z999"}))
    assert "il codice Z999 non c’è" in mine.get(address).get_data(as_text=True)


def test_the_second_of_two_people_is_told_and_loses_nothing(
    mine: FlaskClient, draft: Application
) -> None:
    address = f"/applications/{draft.id}/sections/contracts"
    data = sent(draft, "contracts", workers_total="20")
    by = representative(draft.organisation)
    operations.save_answers(draft, {"workers_total": 33}, by=by, at=LONG_AGO)
    answer = mine.post(address, data=data)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert 'value="20"' in page
    assert "<strong>33</strong>" in page
    assert again(draft).values["workers_total"] == 33
    revision = re.search(r'name="revision"[^>]*value="(\d+)"', page)
    assert revision
    mine.post(address, data={**data, "revision": revision[1]})
    assert again(draft).values["workers_total"] == 20


def test_two_people_in_two_sections_do_not_disturb_each_other(
    mine: FlaskClient, draft: Application
) -> None:
    data = sent(draft, "contracts", workers_total="20")
    by = representative(draft.organisation)
    operations.save_answers(draft, {"average_workers": 9}, by=by, at=LONG_AGO)
    answer = mine.post(f"/applications/{draft.id}/sections/contracts", data=data)
    assert answer.status_code == 302


# --- documents ------------------------------------------------------------------


def upload(
    browser: FlaskClient,
    application: Application,
    content: bytes,
    kind: str = "register_extract",
    **days: str,
) -> Any:
    data = {
        f"{kind}-file": FileStorage(io.BytesIO(content), "visura.pdf"),
        f"{kind}-issued_on": "2026-02-20",
        **{f"{kind}-{name}": day for name, day in days.items()},
    }
    # encoded here: the client would leave a large body's file open
    boundary, body = encode_multipart(data)
    return browser.post(
        f"/applications/{application.id}/sections/eligibility/evidence/{kind}",
        data=body,
        content_type=f"multipart/form-data; boundary={boundary}",
    )


def test_a_document_is_attached_beside_its_questions(
    mine: FlaskClient, draft: Application
) -> None:
    answer = upload(mine, draft, pdf(), period_from="2025-01-01")
    assert answer.status_code == 302
    piece = again(draft).attached[-1]
    assert (piece.file.name, piece.file.media_type) == ("visura.pdf", "application/pdf")
    page = mine.get(answer.location).get_data(as_text=True)
    assert "visura.pdf" in page
    assert "Oscurare residenze e codici fiscali" in page


@pytest.mark.parametrize(
    ("what", "words"),
    [
        ("a program called .pdf", "Si accettano solo PDF, JPEG e PNG"),
        ("a PDF behind a password", "protetto da una password"),
        ("a script at the door", "contenuti attivi"),
        ("a PDF with a file inside", "contiene altri file"),
        ("a PDF cut in half", "rovinato o incompleto"),
        ("a flood of pixels", "40 milioni di pixel"),
        ("a PDF that is an archive", "ne nasconde un altro"),
        ("nothing at all", "Il file è vuoto"),
    ],
)
def test_a_hostile_document_is_refused_in_words_beside_its_field(
    mine: FlaskClient, draft: Application, what: str, words: str
) -> None:
    before = len(draft.evidence)
    answer = upload(mine, draft, HOSTILE[what][0])
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert words in page
    assert 'href="#register_extract-file"' in page
    assert 'value="2026-02-20"' in page
    assert len(again(draft).evidence) == before


def test_a_document_of_one_byte_too_many_is_refused(
    mine: FlaskClient, draft: Application
) -> None:
    answer = upload(mine, draft, b"%PDF-" + b"0" * (MOST_BYTES - 4))
    assert "supera i 10 MB" in answer.get_data(as_text=True)


def test_a_document_that_counts_by_its_date_wants_one(
    mine: FlaskClient, draft: Application
) -> None:
    answer = upload(mine, draft, pdf(), issued_on="")
    assert answer.status_code == 422
    assert 'href="#register_extract-issued_on"' in answer.get_data(as_text=True)


def test_an_upload_without_a_file_or_of_no_kind_is_refused(
    mine: FlaskClient, draft: Application
) -> None:
    here = f"/applications/{draft.id}/sections/eligibility/evidence"
    answer = mine.post(f"{here}/register_extract", data={})
    assert "Scegliere un file." in answer.get_data(as_text=True)
    assert mine.post(f"{here}/love_letter", data={}).status_code == 404
    assert mine.post(f"{here}/training_attestation", data={}).status_code == 404


def test_a_document_is_taken_out_and_put_back(
    mine: FlaskClient, draft: Application
) -> None:
    piece = next(p for p in draft.attached if p.kind == "register_extract")
    here = f"/applications/{draft.id}/evidence/{piece.id}"
    page = mine.get(mine.post(f"{here}/detach").location).get_data(as_text=True)
    assert "Rimetti" in page
    assert piece not in again(draft).attached
    mine.post(f"{here}/put-back")
    assert piece in again(draft).attached


def test_a_document_is_served_as_an_attachment_that_can_do_nothing(
    mine: FlaskClient, draft: Application
) -> None:
    piece = draft.attached[0]
    answer = mine.get(f"/applications/{draft.id}/evidence/{piece.id}")
    assert answer.data == factories.services().storage.read(piece.file.sha256)
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"
    db.session.expire_all()
    assert of_case(draft.case)[-1].verb == "evidence.read"


def renewed(days: int) -> Application:
    """A renewal begun so many days after the first application."""
    before = factories.submitted()
    by = representative(before.organisation)
    operations.withdraw(before, by=by, at=LONG_AGO)
    return operations.open_application(
        before.organisation,
        edition(),
        kind=ApplicationKind.RENEWAL,
        starts_from=before,
        by=by,
        at=LONG_AGO + days * factories.DAY,
    )


def test_a_document_of_last_time_that_still_serves_is_attached_again(
    app: Any, sign_in: Any, clock: Any
) -> None:
    application = renewed(days=30)
    clock.tick(days=30)
    browser = sign_in(representative(application.organisation))
    here = f"/applications/{application.id}"
    page = browser.get(f"{here}/sections/eligibility").get_data(as_text=True)
    assert "Della volta scorsa, ancora validi" in page
    assert application.starts_from is not None
    old = application.starts_from.attached[0]
    browser.post(f"{here}/evidence/{old.id}/reuse")
    (piece,) = again(application).attached
    assert piece.file.sha256 == old.file.sha256
    assert piece.issued_on == old.issued_on
    assert browser.post(f"{here}/evidence/{old.id}/reuse").status_code == 422


def test_a_document_of_last_time_whose_term_has_passed_is_not_offered(
    app: Any, sign_in: Any, clock: Any
) -> None:
    application = renewed(days=300)
    clock.tick(days=300)
    browser = sign_in(representative(application.organisation))
    here = f"/applications/{application.id}"
    page = browser.get(f"{here}/sections/contracts").get_data(as_text=True)
    offered = page.count("Allega di nuovo")
    assert offered == 1, "the declaration serves twelve months, the summary three"
    assert application.starts_from is not None
    old = application.starts_from.attached[0]
    assert old.kind == "register_extract"
    assert browser.post(f"{here}/evidence/{old.id}/reuse").status_code == 422


def test_a_first_application_has_no_last_time(
    mine: FlaskClient, draft: Application
) -> None:
    piece = draft.attached[0]
    answer = mine.post(f"/applications/{draft.id}/evidence/{piece.id}/reuse")
    assert answer.status_code == 404


def test_the_review_of_a_renewal_shows_what_changed(app: Any, sign_in: Any) -> None:
    application = renewed(days=1)
    by = representative(application.organisation)
    operations.save_answers(application, {"workers_total": 15}, by=by, at=LONG_AGO)
    browser = sign_in(by)
    page = browser.get(f"/applications/{application.id}/submit").get_data(as_text=True)
    assert page.count("Cambiato dall’ultima volta") == 1


# --- sending --------------------------------------------------------------------


def test_the_legal_representative_declares_and_gets_a_receipt(
    mine: FlaskClient, draft: Application
) -> None:
    here = f"/applications/{draft.id}"
    page = mine.get(f"{here}/submit").get_data(as_text=True)
    assert "d.P.R. 28 dicembre 2000, n. 445" in page
    data = {"revision": str(draft.revision), "declared": "y"}
    answer = mine.post(f"{here}/submit", data=data)
    assert answer.location == f"{here}/receipt"
    page = mine.get(answer.location).get_data(as_text=True)
    assert again(draft).content_sha256 in page
    assert "P-2026-000001" in page
    assert "2 marzo 2026, 10:00" in page
    assert all(p.file.sha256 in page for p in draft.attached)


def test_without_the_declaration_nothing_is_sent(
    mine: FlaskClient, draft: Application
) -> None:
    answer = mine.post(
        f"/applications/{draft.id}/submit", data={"revision": str(draft.revision)}
    )
    assert answer.status_code == 422
    assert 'href="#declared"' in answer.get_data(as_text=True)
    assert again(draft).state is S.DRAFT


def test_what_was_changed_since_the_review_is_not_declared(
    mine: FlaskClient, draft: Application
) -> None:
    data = {"revision": str(draft.revision), "declared": "y"}
    by = representative(draft.organisation)
    later = LONG_AGO + factories.DAY
    operations.save_answers(draft, {"workers_total": 15}, by=by, at=later)
    assert mine.post(f"/applications/{draft.id}/submit", data=data).status_code == 409
    assert again(draft).state is S.DRAFT


def test_an_incomplete_application_is_not_offered_for_sending(
    mine: FlaskClient, draft: Application
) -> None:
    by = representative(draft.organisation)
    operations.save_answers(draft, {"workers_total": None}, by=by, at=LONG_AGO)
    page = mine.get(f"/applications/{draft.id}/submit").get_data(as_text=True)
    assert "Manca ancora una cosa" in page
    assert 'name="declared"' not in page
    data = {"revision": str(again(draft).revision), "declared": "y"}
    answer = mine.post(f"/applications/{draft.id}/submit", data=data)
    assert answer.status_code == 422


def test_the_receipt_on_paper_is_the_same_bytes_every_time(
    app: Any, sign_in: Any
) -> None:
    application = factories.submitted()
    browser = sign_in(representative(application.organisation))
    first, second = (
        browser.get(f"/applications/{application.id}/receipt.pdf") for _ in range(2)
    )
    assert first.data.startswith(b"%PDF-")
    assert first.data == second.data
    assert "P-2026-000001.pdf" in first.headers["Content-Disposition"]


def test_a_draft_has_no_receipt(mine: FlaskClient, draft: Application) -> None:
    assert mine.get(f"/applications/{draft.id}/receipt").status_code == 404


def test_withdrawing_asks_whether_one_is_sure(
    mine: FlaskClient, draft: Application
) -> None:
    here = f"/applications/{draft.id}/withdraw"
    assert mine.post(here, data={"revision": str(draft.revision)}).status_code == 422
    mine.post(here, data={"revision": str(again(draft).revision), "sure": "y"})
    assert again(draft).state is S.WITHDRAWN
    assert mine.get(f"/applications/{draft.id}").status_code == 200


# --- completing -----------------------------------------------------------------


def test_while_completing_only_what_was_asked_can_be_changed(
    app: Any, sign_in: Any
) -> None:
    application = factories.in_evaluation().application
    operations.ask_completion(
        application,
        edition(),
        ["answer:workers_total"],
        "Il numero non torna.",
        by=factories.person(Role.AUDITOR),
        at=LONG_AGO,
    )
    browser = sign_in(representative(application.organisation))
    here = f"/applications/{application.id}"
    page = browser.get(here).get_data(as_text=True)
    assert "Il numero non torna." in page
    assert "17 marzo 2026" in page
    assert f"{here}/sections/contracts#workers_total" in page
    page = browser.get(f"{here}/sections/contracts").get_data(as_text=True)
    assert 'name="workers_total"' in page
    assert 'name="contracts_on"' not in page
    page = browser.get(f"{here}/sections/training").get_data(as_text=True)
    assert "<textarea" not in page
    assert 'name="average_workers"' not in page
    data = sent(application, "contracts", workers_total="15", contracts_on="2020-01-01")
    browser.post(f"{here}/sections/contracts", data=data)
    assert again(application).values["workers_total"] == 15
    assert application.values["contracts_on"] != "2020-01-01"
    browser.post(f"{here}/reply")
    assert again(application).state is S.IN_EVALUATION
    assert "Integrata in seguito" in browser.get(f"{here}/receipt").get_data(True)


# --- the secretariat ------------------------------------------------------------


def test_the_secretariat_finds_applications_by_state(secretariat: FlaskClient) -> None:
    factories.draft(factories.organisation(name="Ancora in bozza"))
    factories.submitted(factories.organisation(name="Appena inviata"))
    factories.accepted(factories.organisation(name="Già accettata"))
    page = secretariat.get("/applications").get_data(as_text=True)
    assert "Appena inviata" in page
    assert "Già accettata" in page
    assert "Ancora in bozza" not in page
    page = secretariat.get("/applications?state=accepted").get_data(as_text=True)
    assert "Già accettata" in page
    assert "Appena inviata" not in page
    assert secretariat.get("/applications?state=x&page=9999999").status_code == 200


def test_the_secretariat_accepts(secretariat: FlaskClient) -> None:
    application = factories.submitted()
    here = f"/applications/{application.id}"
    page = secretariat.get(f"{here}/review").get_data(as_text=True)
    assert "sociale di tipo B" in page
    assert application.attached[0].file.sha256 in page
    secretariat.post(f"{here}/accept")
    assert again(application).state is S.ACCEPTED
    assert secretariat.post(f"{here}/accept").status_code == 409


def test_the_secretariat_declines_with_a_reason(secretariat: FlaskClient) -> None:
    application = factories.submitted()
    here = f"/applications/{application.id}"
    refused = secretariat.post(f"{here}/decline", data={"reason": " "})
    assert refused.status_code == 422
    assert 'href="#reason"' in refused.get_data(as_text=True)
    secretariat.post(f"{here}/decline", data={"reason": "Non è una cooperativa B."})
    assert again(application).closing_reason == "Non è una cooperativa B."


def test_the_secretariat_reads_documents_and_receipts(secretariat: FlaskClient) -> None:
    application = factories.submitted()
    here = f"/applications/{application.id}"
    piece = application.attached[0]
    assert secretariat.get(f"{here}/evidence/{piece.id}").status_code == 200
    assert secretariat.get(f"{here}/receipt").status_code == 200


# --- strangers ------------------------------------------------------------------

PATHS = [
    "",
    "/sections/contracts",
    "/submit",
    "/withdraw",
    "/receipt",
    "/receipt.pdf",
    "/evidence/1",
]
ACTS = [
    "/sections/contracts",
    "/sections/eligibility/evidence/register_extract",
    "/evidence/1/detach",
    "/evidence/1/put-back",
    "/submit",
    "/withdraw",
    "/reply",
]


@pytest.mark.parametrize("path", PATHS)
def test_a_stranger_does_not_learn_that_an_application_exists(
    app: Any, sign_in: Any, path: str
) -> None:
    application = factories.submitted()
    stranger = sign_in(representative(factories.organisation()))
    theirs = stranger.get(f"/applications/{application.id}{path}")
    nobodys = stranger.get(f"/applications/99999{path}")
    assert theirs.status_code == nobodys.status_code == 404
    assert theirs.data == nobodys.data


@pytest.mark.parametrize("path", ACTS)
def test_a_stranger_can_do_nothing(app: Any, sign_in: Any, path: str) -> None:
    application = factories.draft()
    before = application.revision
    stranger = sign_in(representative(factories.organisation()))
    answer = stranger.post(f"/applications/{application.id}{path}", data={})
    assert answer.status_code == 404
    assert again(application).revision == before


@pytest.mark.parametrize("path", ["/review", "/accept", "/decline"])
def test_the_applicant_does_not_review_itself(
    app: Any, sign_in: Any, path: str
) -> None:
    application = factories.submitted()
    browser = sign_in(representative(application.organisation))
    here = f"/applications/{application.id}{path}"
    answer = browser.get(here) if path == "/review" else browser.post(here)
    assert answer.status_code == 403
    assert again(application).state is S.SUBMITTED


def test_a_former_speaker_is_a_stranger(app: Any, sign_in: Any) -> None:
    application = factories.draft()
    former = application.organisation.representations[0]
    former.ended_at = LONG_AGO
    browser = sign_in(former.user)
    assert browser.get(f"/applications/{application.id}").status_code == 404


@pytest.mark.parametrize("id_", ["0", "-1", "9" * 30, "x", "1.5"])
def test_an_odd_address_is_not_there(mine: FlaskClient, id_: str) -> None:
    assert mine.get(f"/applications/{id_}").status_code == 404


def test_nobody_signed_out_sees_anything(client: FlaskClient) -> None:
    application = factories.submitted()
    for path in PATHS:
        answer = client.get(f"/applications/{application.id}{path}")
        assert answer.status_code == 302
        assert "/login" in answer.location or "sign" in answer.location


def test_the_edition_alone_makes_the_pages(
    mine: FlaskClient, draft: Application
) -> None:
    for name in SECTIONS:
        page = mine.get(f"/applications/{draft.id}/sections/{name}").get_data(True)
        for question in section_of(draft, name).asked:
            assert f'name="{question}' in page
    assert not rules.missing(draft, edition(), services().today())
