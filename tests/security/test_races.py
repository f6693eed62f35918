"""Two people press at the same instant: one effect each, on either database."""

import contextvars
import re
import threading
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from registry.accounts.models import Role, User
from registry.applications.models import Application
from registry.audits.models import Audit
from registry.certificates.jobs import issue_granted
from registry.certificates.models import Certificate
from registry.clock import FixedClock
from registry.db import db as database
from registry.decisions.models import Decision
from registry.journal.models import Entry
from registry.organisations.models import Organisation
from tests import factories
from tests.conftest import _enter

ROUNDS = 5


class Apart(FlaskClient):
    """A client that shares neither session nor `g` with the test."""

    def open(self, *args: Any, **kwargs: Any) -> Any:
        return contextvars.Context().run(super().open, *args, **kwargs)


@pytest.fixture
def browser(app: Flask) -> Callable[[User], FlaskClient]:
    """A browser of its own for each person."""

    def enter(user: User) -> FlaskClient:
        user.tf_primary_method = "authenticator"
        user_id = user.id
        database.session.commit()
        client = Apart(app, app.response_class)
        entered = contextvars.Context().run(_enter, app, client, user_id)
        with client.session_transaction() as cookie:
            cookie.update(entered)
        return client

    return enter


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """Start all acts in the same instant; what each gave, or the error it raised."""
    database.session.commit()
    database.session.remove()
    ready, done = threading.Barrier(len(acts)), []

    def run(act: Callable[[], Any]) -> None:
        ready.wait()
        try:
            done.append(act())
        except Exception as error:
            done.append(error)

    threads = [
        threading.Thread(target=contextvars.Context().run, args=(run, act))
        for act in acts
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return done


def revision(page: str) -> str:
    found = re.search(r'name="revision"[^>]*value="(\d*)"', page)
    return found[1] if found else ""


def press(client: FlaskClient, path: str, **form: str) -> Callable[[], int]:
    """Open the page, fill the form; the press itself is still to come."""
    shown = client.get(path).text if form else ""
    data = {"revision": revision(shown)} | form
    return lambda: client.post(path, data=data).status_code


def count(what: Any) -> int:
    return int(database.session.scalars(select(func.count()).select_from(what)).one())


def entries(verb: str) -> int:
    found = select(func.count()).where(Entry.verb == verb)
    return int(database.session.scalars(found).one())


def test_two_decisions_at_once_are_one(app: Flask, browser: Any) -> None:
    members = [factories.person(Role.COMMITTEE) for _ in range(2)]
    browsers = [browser(member) for member in members]
    for number in range(1, ROUNDS + 1):
        case = factories.evaluated().application.id
        database.session.commit()
        answers = at_once(
            *(
                press(one, f"/decisions/{case}", outcome="granted", reasons="Conforme.")
                for one in browsers
            )
        )
        assert 302 in answers, answers
        assert all(answer in (302, 409, 422) for answer in answers), answers
        assert count(Decision) == number
        assert entries("decision.taken") in (0, number)


def test_the_same_decision_sent_twice_is_one(app: Flask, browser: Any) -> None:
    one = browser(factories.person(Role.COMMITTEE))
    case = factories.evaluated().application.id
    database.session.commit()
    act = press(one, f"/decisions/{case}", outcome="granted", reasons="Conforme.")
    assert all(status < 500 for status in at_once(act, act, act, act))
    assert count(Decision) == 1


def test_an_application_sent_twice_has_one_protocol(app: Flask, browser: Any) -> None:
    for number in range(1, ROUNDS + 1):
        draft = factories.draft()
        one = browser(factories.representative(draft.organisation))
        path, id_ = f"/applications/{draft.id}/submit", draft.id
        database.session.commit()
        act = press(one, path, **boxes(one.get(path).text))
        answers = at_once(act, act)
        assert all(status in (302, 409) for status in answers), answers
        assert 302 in answers
        assert entries("application.submitted") == number
        sent = database.session.get_one(Application, id_)
        assert sent.protocol


def boxes(page: str) -> dict[str, str]:
    """Every box of a declaration ticked."""
    names = (
        re.search(r'name="([^"]+)"', box) for box in re.findall(r"<input[^>]*>", page)
        if 'type="checkbox"' in box
    )  # fmt: skip
    return {found[1]: "y" for found in names if found}


def test_two_assignments_at_once_are_one(app: Flask, browser: Any) -> None:
    auditors = [factories.person(Role.AUDITOR).id for _ in range(2)]
    secretaries = [browser(factories.person(Role.SECRETARIAT)) for _ in range(2)]
    for number in range(1, ROUNDS + 1):
        case = factories.accepted().id
        database.session.commit()
        answers = at_once(
            *(
                press(one, f"/audits/assign/{case}", auditor=str(auditor))
                for one, auditor in zip(secretaries, auditors, strict=True)
            )
        )
        assert sorted(answers) == [302, 409], answers
        assert count(Audit) == number


def test_two_workers_issue_each_certificate_once(app: Flask, clock: FixedClock) -> None:
    decisions = 3
    for _ in range(decisions):
        factories.decided()
    database.session.commit()

    def work() -> int:
        with app.app_context():
            return issue_granted(clock.now())

    at_once(work, work)
    with app.app_context():
        issue_granted(clock.now())
    kept = database.session.scalars(select(Certificate)).all()
    assert sorted(one.serial for one in kept) == [1, 2, 3]
    assert len({one.decision_id for one in kept}) == decisions
    assert entries("certificate.issued") == decisions


def test_two_people_register_one_partita_iva(app: Flask, browser: Any) -> None:
    secretaries = [browser(factories.person(Role.SECRETARIAT)) for _ in range(2)]
    before = count(Organisation)
    for number in range(1, ROUNDS + 1):
        form = {
            "kind": "social_b",
            "name": f"Nuova {number} Società Cooperativa",
            "vat": factories.vat(),
            "province": "BG",
            "town": "Bergamo",
        }
        answers = at_once(
            *(press(one, "/organisations/new", **form) for one in secretaries)
        )
        assert all(status in (302, 409, 422) for status in answers), answers
        assert count(Organisation) == before + number
