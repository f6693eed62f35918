"""The plain question, answered before Flask: byte for byte what Flask answers."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from registry.accounts.limits import limiter
from registry.accounts.models import Role
from registry.api.lane import PATH, verify_lane
from registry.certificates import operations
from registry.clock import FixedClock
from registry.db import db as database
from registry.services import services
from registry.verification.version import STATEMENT
from registry.web import cache
from tests import factories
from tests.public import stories
from tests.public.test_register import listed
from tests.throwaway import Counted


@pytest.fixture
def certificates(app: Flask) -> list[Any]:
    made = [factories.certified() for _ in range(3)]
    by, at = factories.person(Role.COMMITTEE), services().clock.now()
    operations.suspend(made[1], "suspended_misuse", by=by, at=at)
    operations.withdraw(made[2], "withdrawn_misuse", by=by, at=at)
    database.session.commit()
    return made


@pytest.fixture
def asked(app: Flask, certificates: list[Any]) -> Counted:
    counted = Counted(app.wsgi_app)
    app.wsgi_app = counted  # type: ignore[method-assign]
    lanes = {PATH: verify_lane(app)}
    cache.install(app, limiter, STATEMENT, room=0, lanes=lanes)
    return counted


def _questions(certificates: list[Any]) -> list[str]:
    asked = []
    for one in certificates:
        organisation = one.organisation
        asked += [f"certificate={one.number}", f"vat={organisation.vat}"]
        asked += [f"tax_code={organisation.vat}&on=2026-01-01"]
        asked += [f"albo={organisation.albo}", f"vat=IT%20{organisation.vat}"]
        asked += [f"vat={organisation.vat}&known_at=2025-01-01T00:00:00Z"]
    return [*asked, "vat=00488410010", "certificate=IMP-2026-000099-34"]


def test_answers_are_the_same_with_and_without_flask(
    client: FlaskClient, asked: Counted, certificates: list[Any], app: Flask
) -> None:
    _compare(client, asked, app, _questions(certificates))
    assert {client.get(f"{PATH}?vat={one.organisation.vat}").json["status"]
            for one in certificates} == {"valid", "suspended", "withdrawn"}  # fmt: skip


def test_whatever_there_is_to_a_holder_is_told_as_by_flask(
    client: FlaskClient, asked: Counted, app: Flask, clock: FixedClock
) -> None:
    first, _ = stories.superseded("Due volte Cooperativa")
    holders = [first, stories.certified(), stories.ended(), stories.in_update()]
    bodies = [one.organisation for one in holders]
    bodies[0].name = "Due volte e più Cooperativa"
    bodies.append(factories.organisation(name="Solo in un elenco Cooperativa"))
    found = listed(bodies[-1].name, province=bodies[-1].province)
    found.organisation_id = bodies[-1].id
    bodies.append(factories.organisation(name="Mai Certificata Cooperativa"))
    database.session.commit()
    questions = [f"vat={one.vat}" for one in bodies]
    questions += [f"rea={one.rea}" for one in bodies if one.rea]
    _compare(client, asked, app, questions)
    clock.tick(days=366)
    _compare(client, asked, app, questions)
    told = {client.get(f"{PATH}?{one}").json["status"] for one in questions}
    assert told == {"valid", "in_update", "ended_by_holder", "never_certified"}
    assert "listed_by_owner" in client.get(f"{PATH}?{questions[4]}").json["flags"]
    clock.tick(days=1200)
    _compare(client, asked, app, questions)
    assert client.get(f"{PATH}?{questions[1]}").json["status"] == "expired"


def test_an_event_of_tomorrow_is_not_told_today(
    client: FlaskClient, asked: Counted, certificates: list[Any], app: Flask
) -> None:
    by, at = factories.person(Role.COMMITTEE), services().clock.now()
    operations.suspend(
        certificates[0], "suspended_misuse", by=by, at=at + timedelta(days=1)
    )
    database.session.commit()
    question = f"vat={certificates[0].organisation.vat}"
    _compare(client, asked, app, [question])
    assert client.get(f"{PATH}?{question}").json["status"] == "valid"


def _compare(
    client: FlaskClient, asked: Counted, app: Flask, questions: list[str]
) -> None:
    """Each gets the same answer from both; a good one without Flask."""
    plain = Counted(asked.app)
    layer = app.wsgi_app
    client.get(f"{PATH}?vat=00488410010")
    for question in questions:
        app.wsgi_app = plain  # type: ignore[method-assign]
        theirs = client.get(f"{PATH}?{question}")
        app.wsgi_app = layer  # type: ignore[method-assign]
        before = asked.times
        ours = client.get(f"{PATH}?{question}")
        assert ours.data == theirs.data
        assert _but_date(ours) == _but_date(theirs)
        if ours.status_code == 200:
            assert asked.times == before


def _but_date(answer: Any) -> list[tuple[str, str]]:
    """A second may have gone by."""
    return [one for one in answer.headers.to_wsgi_list() if one[0] != "Date"]


def test_an_answer_is_of_now_however_long_ago_its_head_was_seen(
    client: FlaskClient, app: Flask, asked: Counted
) -> None:
    client.get(f"{PATH}?vat=00488410010")
    layer: Any = app.wsgi_app
    (head,) = layer._models.values()
    then = "Mon, 02 Mar 2026 09:00:00 GMT"
    head.headers[:] = [(n, then if n == "Date" else v) for n, v in head.headers]
    assert client.get(f"{PATH}?albo=A122855").headers["Date"] != then
    assert asked.times == 1


@pytest.mark.parametrize(
    "question", ["", "vat=1", "vat=00488410010&x=1", "on=2026-01-01", "vat=%00"]
)
def test_a_wrong_question_is_refused_by_flask(
    client: FlaskClient, asked: Counted, question: str
) -> None:
    client.get(f"{PATH}?vat=00488410010")
    answer = client.get(f"{PATH}?{question}")
    assert (answer.status_code, asked.times) == (422, 2)


def test_what_was_withdrawn_a_moment_ago_is_told_so(
    client: FlaskClient, asked: Counted, certificates: list[Any]
) -> None:
    address = f"{PATH}?certificate={certificates[0].number}"
    assert [client.get(address).json["status"] for _ in range(2)] == ["valid"] * 2
    operations.withdraw(
        certificates[0],
        "withdrawn_misuse",
        by=factories.person(Role.COMMITTEE),
        at=services().clock.now(),
    )
    database.session.commit()
    assert client.get(address).json["status"] == "withdrawn"
    assert asked.times == 1
