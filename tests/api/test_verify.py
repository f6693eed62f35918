"""What programs are told: every status, every refusal, and nothing more."""

from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from registry.accounts.models import Role
from registry.api.shapes import Problem
from registry.certificates import operations
from registry.clock import FixedClock
from registry.decisions.models import Outcome
from registry.verification.answers import Answer
from tests import factories
from tests.public.stories import (
    certified,
    ended,
    in_update,
    superseded,
    suspended,
    withdrawn,
)
from tests.public.test_register import listed


def told(client: FlaskClient, **query: Any) -> dict[str, Any]:
    answer = client.get("/api/v1/verify", query_string=query)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json
    Answer.model_validate(body)
    assert None not in body.values()
    return body


def test_a_valid_certificate_is_told_in_full(client: FlaskClient) -> None:
    made = certified("Il Ginepro Cooperativa Sociale")
    body = told(client, vat=f"IT {made.organisation.vat}")
    assert body["query"] == {"vat": made.organisation.vat}
    assert body["status"] == "valid"
    assert body["status_since"] == "2026-03-02"
    assert body["next_review"] == "2027-03-02"
    assert body["flags"] == []
    assert body["as_of"] == "2026-03-02T09:00:00Z"
    assert "reason_code" not in body
    assert body["certificate"] == {
        "number": made.number,
        "issued": "2026-03-02",
        "expires": "2029-03-01",
        "edition": "impact/2022",
        "edition_name": "Impact 2022",
        "edition_digest": made.edition_digest,
    }
    assert body["matched"]["legal_name"] == "Il Ginepro Cooperativa Sociale"
    assert body["links"]["certificate"] == f"http://localhost/c/{made.number}"


def test_every_identifier_gives_the_same_answer(client: FlaskClient) -> None:
    made = certified(rea="BG-250195")
    holder = made.organisation
    questions = [
        {"vat": holder.vat},
        {"tax_code": holder.vat},
        {"albo": holder.albo},
        {"rea": holder.rea},
        {"certificate": made.number},
    ]
    answers = [told(client, **question) for question in questions]
    for answer in answers:
        del answer["query"], answer["links"]["self"]
    assert all(answer == answers[0] for answer in answers)


@pytest.mark.parametrize(
    ("make", "status", "reason"),
    [
        (suspended, "suspended", "suspended_major_finding"),
        (withdrawn, "withdrawn", "withdrawn_requirements_lost"),
        (ended, "ended_by_holder", "ended_by_holder"),
        (lambda: superseded()[0], "superseded", "superseded"),
    ],
)
def test_each_end_has_its_status_and_its_reason(
    client: FlaskClient, clock: FixedClock, make: Any, status: str, reason: str
) -> None:
    number = make().number
    clock.at = datetime(2026, 6, 1, 9, tzinfo=UTC)
    body = told(client, certificate=number)
    assert (body["status"], body["reason_code"]) == (status, reason)


def test_what_was_replaced_leads_to_the_newer(
    client: FlaskClient, clock: FixedClock
) -> None:
    first, newer = superseded()
    clock.tick(days=60)
    links = told(client, certificate=first.number)["links"]
    assert links["newer"] == f"http://localhost/c/{newer.number}"
    body = told(client, vat=first.organisation.vat)
    assert body["certificate"]["number"] == newer.number


def test_a_past_day_is_answered_as_it_was(
    client: FlaskClient, clock: FixedClock
) -> None:
    first, newer = superseded()
    vat = first.organisation.vat
    clock.tick(days=60)
    assert told(client, vat=vat, on="2026-03-01")["status"] == "never_certified"
    then = told(client, vat=vat, on="2026-03-15")
    assert (then["status"], then["certificate"]["number"]) == ("valid", first.number)
    now = told(client, vat=vat, on="2026-05-01")
    assert now["certificate"]["number"] == newer.number
    assert now["query"] == {"vat": vat, "on": "2026-05-01"}


def test_time_alone_is_told_too(client: FlaskClient, clock: FixedClock) -> None:
    number = in_update().number
    clock.at = datetime(2027, 3, 3, 9, tzinfo=UTC)
    body = told(client, certificate=number)
    assert (body["status"], body["status_since"]) == ("in_update", "2027-03-03")
    other = certified(at=datetime(2024, 3, 1, 9, tzinfo=UTC)).number
    body = told(client, certificate=other)
    assert (body["status"], body["reason_code"]) == ("expired", "expired")
    assert "next_review" not in body


def test_whoever_never_had_one_gets_one_and_the_same_no(client: FlaskClient) -> None:
    under_way = factories.submitted().organisation
    refused = factories.organisation()
    factories.decided(refused, outcome=Outcome.REFUSED)
    answers = []
    for vat in (under_way.vat, refused.vat, factories.vat()):
        body = told(client, vat=vat)
        assert body["status"] == body["reason_code"] == "never_certified"
        assert "matched" not in body
        assert "certificate" not in body
        del body["query"], body["links"]
        answers.append(body)
    assert all(answer == answers[0] for answer in answers)


def test_a_published_name_is_never_certified_with_its_flag(
    client: FlaskClient,
) -> None:
    organisation = factories.organisation()
    listed("Aurora", organisation=organisation)
    body = told(client, vat=organisation.vat)
    assert body["status"] == "never_certified"
    assert body["flags"] == ["listed_by_owner"]
    assert body["matched"]["id"] == organisation.id
    assert "profile" not in body["links"]


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("", "one_identifier"),
        ("vat=90000010166&albo=A122855", "one_identifier"),
        ("vat=90000010166&vat=90000010166", "one_identifier"),
        ("vat=90000010166&knew_at=2026-01-01", "unknown_parameter"),
        ("vat=90000010166&known_at=2026-01-01", "bad_instant"),
        ("vat=90000010166&known_at=2026-01-01T10:00", "bad_instant"),
        ("vat=90000010166&known_at=0001-01-01T00:00%2B14:00", "bad_instant"),
        ("vat=90000010166&known_at=2026-03-02T10:00Z", "date_in_future"),
        ("vat=01234567890", "bad_identifier"),
        ("vat=", "bad_identifier"),
        ("albo=B1", "bad_identifier"),
        ("tax_code=RSSMRA80A01H501U", "bad_identifier"),
        ("certificate=IMP-2026-000123-39", "bad_identifier"),
        ("vat=90000010166&on=2026-02-30", "bad_date"),
        ("vat=90000010166&on=20260201", "bad_date"),
        ("vat=90000010166&on=", "bad_date"),
        ("vat=90000010166&on=2026-03-03", "date_in_future"),
    ],
)
def test_a_wrong_question_has_a_stable_code(
    client: FlaskClient, query: str, code: str
) -> None:
    answer = client.get(f"/api/v1/verify?{query}")
    assert answer.status_code == 422
    assert answer.mimetype == "application/problem+json"
    assert Problem.model_validate(answer.json).code == code


def test_an_outage_is_never_a_no(client: FlaskClient, db: Any) -> None:

    db.session.execute(text("ALTER TABLE certificates RENAME TO elsewhere"))
    db.session.commit()
    answer = client.get("/api/v1/verify?vat=90000010166")
    assert answer.status_code == 503
    assert Problem.model_validate(answer.json).code == "not_readable"
    assert answer.headers["Retry-After"] == "30"


def test_any_origin_may_ask_and_ask_again_cheaply(
    client: FlaskClient, clock: FixedClock
) -> None:
    number = certified().number
    first = client.get(f"/api/v1/verify?certificate={number}")
    assert first.headers["Access-Control-Allow-Origin"] == "*"
    assert first.headers["Cache-Control"] == "public, max-age=60"
    assert "Set-Cookie" not in first.headers
    clock.tick(minutes=5)
    again = client.get(
        f"/api/v1/verify?certificate={number}",
        headers={"If-None-Match": first.headers["ETag"]},
    )
    assert again.status_code == 304


def test_a_withdrawal_is_told_at_once(client: FlaskClient, clock: FixedClock) -> None:

    made = certified()
    first = client.get(f"/api/v1/verify?certificate={made.number}")
    by = factories.person(Role.COMMITTEE)
    reason = "withdrawn_requirements_lost"
    operations.withdraw(made, reason, by=by, at=clock.now())
    again = client.get(
        f"/api/v1/verify?certificate={made.number}",
        headers={"If-None-Match": first.headers["ETag"]},
    )
    assert again.status_code == 200
    assert again.json["status"] == "withdrawn"


def test_how_often_one_may_ask_is_said_and_held(
    app: Flask, client: FlaskClient
) -> None:
    app.config["REGISTRY_RATE_LIMITS"] = True
    first = client.get("/api/v1/verify?vat=90000010166")
    assert first.headers["RateLimit-Limit"] == "60"
    assert int(first.headers["RateLimit-Remaining"]) < 60
    for _ in range(60):
        last = client.get("/api/v1/verify?vat=90000010166")
    assert last.status_code == 429
    assert Problem.model_validate(last.json).code == "too_many_requests"
    assert 0 < int(last.headers["Retry-After"]) <= 86_400
