"""A doubt from the page of a holder to its outcome."""

import re
from datetime import UTC, date, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.exc import DatabaseError

from registry.accounts.models import Role, RoleRow, User
from registry.accounts.queries import the_registry
from registry.audits.models import Audit
from registry.certificates.models import Certificate
from registry.clock import FixedClock
from registry.complaints import jobs, operations, queries, rules
from registry.complaints.models import (
    Act,
    ActKind,
    Complaint,
    ComplaintState,
    Outcome,
    Topic,
)
from registry.db import db
from registry.mail.models import Letter
from registry.states import WrongState
from tests import factories
from tests.factories import person
from tests.public.stories import certified

OURS = {"Origin": "http://localhost"}
WORDS = "Il marchio è stampato su un prodotto che non c’entra, a marzo in fiera."
AT = datetime(2026, 3, 2, 9, tzinfo=UTC)


def doubt(made: Certificate, email: str | None = None, key: str = "key") -> Complaint:
    found = operations.report(
        made.organisation,
        Topic.MARK,
        WORDS,
        email,
        language="it",
        key=key,
        by=the_registry(),
        at=AT,
    )
    db.session.commit()
    return found


def sent(client: FlaskClient, holder: int, **changes: Any) -> Any:
    given = {"topic": "mark", "words": WORDS, "email": "", "website": "", **changes}
    return client.post(f"/it/register/{holder}/doubt", data=given, headers=OURS)


def give(user: User, role: Role) -> None:
    row = db.session.scalars(select(RoleRow).where(RoleRow.name == role)).one()
    user.roles.append(row)


def letters() -> list[Letter]:
    found = db.session.scalars(select(Letter).where(Letter.about.like("complaint:%")))
    return list(found.all())


def test_anybody_reports_and_follows_by_a_secret_address(client: FlaskClient) -> None:
    made = certified("Alfa")
    holder = client.get(f"/it/register/{made.organisation_id}").text
    assert f"/it/register/{made.organisation_id}/doubt" in holder
    form = client.get(f"/it/register/{made.organisation_id}/doubt")
    assert form.status_code == 200
    answer = sent(client, made.organisation_id, email="Chi@Esempio.it")
    assert answer.status_code == 303
    page = client.get(answer.location)
    assert page.headers["Cache-Control"] == "no-store"
    text = unescape(page.text)
    assert "SEG-2026-0001" in text
    assert WORDS in text
    assert "9 marzo 2026" in text
    (letter,) = letters()
    assert letter.secret
    assert letter.to_id is None
    assert answer.location.partition("?")[0] in str(letter.body)


def test_nobody_finds_a_report_without_its_address(client: FlaskClient) -> None:
    doubt(certified("Alfa"), key="right")
    assert client.get("/it/doubts/right").status_code == 200
    assert client.get("/it/doubts/wrong").status_code == 404
    holder = client.get("/it/register?q=alfa").text
    assert "SEG-" not in holder


@pytest.mark.parametrize(
    "changes", [{"words": "Troppo poco"}, {"topic": ""}, {"email": "nessuno"}]
)
def test_what_is_missing_is_told(client: FlaskClient, changes: dict[str, str]) -> None:
    made = certified("Alfa")
    answer = sent(client, made.organisation_id, **changes)
    assert answer.status_code == 422
    assert "Qualcosa da correggere" in answer.text or "notice-danger" in answer.text
    assert db.session.scalar(select(Complaint)) is None


def test_what_was_corrected_does_not_count_and_what_is_too_much_says_until_when(
    app: Any, client: FlaskClient
) -> None:
    app.config["REGISTRY_RATE_LIMITS"] = True
    holder = certified("Alfa").organisation_id
    wrong = [sent(client, holder, words="Poco").status_code for _ in range(6)]
    right = [sent(client, holder).status_code for _ in range(5)]
    assert (set(wrong), set(right)) == ({422}, {303})
    answer = sent(client, holder)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "3600")
    assert "entro 60 minuti" in answer.text


def test_programs_and_other_sites_report_nothing(client: FlaskClient) -> None:
    made = certified("Alfa")
    assert sent(client, made.organisation_id, website="x").status_code == 302
    path = f"/it/register/{made.organisation_id}/doubt"
    given = {"topic": "mark", "words": WORDS}
    for headers in ({}, {"Origin": "https://altrove.example"}):
        assert client.post(path, data=given, headers=headers).status_code == 403
    assert db.session.scalar(select(Complaint)) is None


def test_only_a_holder_can_be_reported(client: FlaskClient) -> None:
    never = factories.organisation(name="Mai Certificata")
    db.session.commit()
    assert client.get(f"/it/register/{never.id}/doubt").status_code == 404
    assert sent(client, never.id).status_code == 404


def test_it_is_admitted_noted_and_closed_and_each_step_is_told(
    app: Any, clock: FixedClock
) -> None:
    complaint = doubt(certified("Alfa"), "chi@esempio.it")
    by = person(Role.SECRETARIAT)
    operations.admit(complaint, "Riguarda il marchio.", by=by, at=AT)
    operations.note(complaint, "Chiesta una foto.", by=by, at=AT)
    operations.close(complaint, Outcome.FOUNDED, "Uso corretto.", by=by, at=AT)
    db.session.commit()
    assert complaint.state is ComplaintState.CLOSED
    told = [act.kind for act in rules.told(complaint)]
    assert told == [ActKind.RECEIVED, ActKind.ADMITTED, ActKind.CLOSED]
    bodies = [str(one.body) for one in letters()]
    assert len(bodies) == 3
    assert "Esito: fondata." in bodies[2]
    assert not any("foto" in body for body in bodies)
    with pytest.raises(WrongState):
        operations.admit(complaint, "Di nuovo.", by=by, at=AT)


def test_a_rejected_report_ends_with_its_reasons(app: Any) -> None:
    complaint = doubt(certified("Alfa"))
    by = person(Role.SECRETARIAT)
    with pytest.raises(operations.NoReasons):
        operations.reject(complaint, "  ", by=by, at=AT)
    operations.reject(complaint, "Non riguarda un certificato.", by=by, at=AT)
    assert complaint.state is ComplaintState.NOT_ADMISSIBLE
    assert letters() == []


def test_who_took_part_in_the_certification_does_not_look_into_it(app: Any) -> None:
    made = certified("Alfa")
    complaint = doubt(made)
    auditor = db.session.scalars(select(Audit)).one().auditor
    give(auditor, Role.SECRETARIAT)
    with pytest.raises(operations.NotImpartial):
        operations.admit(complaint, "Riguarda il marchio.", by=auditor, at=AT)
    speaker = factories.representative(made.organisation)
    give(speaker, Role.SECRETARIAT)
    with pytest.raises(operations.NotImpartial):
        operations.admit(complaint, "Riguarda il marchio.", by=speaker, at=AT)


def test_acts_cannot_be_rewritten(app: Any) -> None:
    doubt(certified("Alfa"))
    with pytest.raises(DatabaseError, match="append-only"):
        db.session.execute(update(Act).values(words="altro"))
    db.session.rollback()


def test_the_answer_is_due_on_the_fifth_working_day() -> None:
    assert rules.answer_by(date(2026, 3, 2)) == date(2026, 3, 9)
    assert rules.answer_by(date(2026, 4, 3)) == date(2026, 4, 13)  # over Easter
    assert rules.answer_by(date(2026, 12, 24)) == date(2027, 1, 4)
    assert [rules.easter(year) for year in (2024, 2025, 2026, 2038)] == [
        date(2024, 3, 31),
        date(2025, 4, 20),
        date(2026, 4, 5),
        date(2038, 4, 25),
    ]


def test_words_and_address_are_erased_two_years_after_the_end(
    app: Any, clock: FixedClock
) -> None:
    complaint = doubt(certified("Alfa"), "chi@esempio.it")
    operations.reject(complaint, "No.", by=person(Role.SECRETARIAT), at=AT)
    db.session.commit()
    assert jobs.forget_ended(AT + timedelta(days=700)) == 0
    assert jobs.forget_ended(AT + timedelta(days=740)) == 1
    assert jobs.forget_ended(AT + timedelta(days=740)) == 0
    found = db.session.scalars(select(Complaint)).one()
    assert (found.words, found.email) == (None, None)
    assert len(found.acts) == 2


def test_the_secretariat_sees_it_and_nobody_else(sign_in: Any) -> None:
    complaint = doubt(certified("Alfa"), "chi@esempio.it")
    path = f"/complaints/{complaint.id}"
    secretary = sign_in(person(Role.SECRETARIAT))
    assert "SEG-2026-0001" in secretary.get("/complaints").text
    assert "SEG-2026-0001" in secretary.get("/desk").text
    page = secretary.get(path).text
    assert WORDS in unescape(page)
    assert "chi@esempio.it" in page
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    revision = re.search(r'name="revision"[^>]*value="([^"]+)"', page)
    given = {
        "words": "Riguarda il marchio.",
        "csrf_token": token[1] if token else "",
        "revision": revision[1] if revision else "",
    }
    assert secretary.post(f"{path}/admit", data=given).status_code == 302
    assert "Chiudere il caso" in secretary.get(path).text
    for role in (Role.COMMITTEE, Role.AUDITOR, Role.COOPERATIVE, Role.COMPANY):
        assert sign_in(person(role)).get(path).status_code == 403
    assert queries.by_key("key") is not None
