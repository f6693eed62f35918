"""The demo world is built once for this file: it takes most of a minute."""

import html
import re
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import ateco
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text
from stdnum.it import iva

from registry.accounts.models import STAFF, Role, User
from registry.accounts.queries import by_email, having
from registry.accounts.rules import problem_with
from registry.applications.models import (
    Application,
    ApplicationKind,
    ApplicationState,
)
from registry.audits.models import Audit, AuditState
from registry.certificates.models import Certificate
from registry.certificates.rules import standing_of
from registry.certificates.standing import Code
from registry.clock import FixedClock
from registry.db import db
from registry.demo import world
from registry.demo.cast import ACCOUNTS, PASSWORD, Person, cooperatives
from registry.demo.commands import demo_cli
from registry.doctor import examine
from registry.mail.models import Letter, LetterState
from registry.organisations.models import Listing, Organisation
from registry.organisations.queries import spoken_for_by
from registry.postman import NoPostman
from registry.rechecks.models import Measure, MeasureKind, Recheck
from registry.services import services
from registry.storage import Storage
from registry.timetable import TIMETABLE
from tests.conftest import make_app, opened

NOW = datetime(2026, 11, 25, 10, 30, tzinfo=UTC)
S = ApplicationState


@pytest.fixture(scope="module")
def app(
    new_database: Callable[[Path], Any],
    tmp_path_factory: pytest.TempPathFactory,
    seal: Any,
    editions: Any,
) -> Iterator[Flask]:
    """The application with the demo world in it."""
    folder = tmp_path_factory.mktemp("demo")
    doors = {
        "clock": FixedClock(NOW),
        "storage": Storage(folder / "files"),
        "seal": seal,
        "postman": NoPostman(),
        "editions": editions,
    }
    with new_database(folder) as address:
        app = make_app(address, folder, **doors)
        with opened(app):
            world.build(lambda line: None)
            yield app


def certificates() -> list[Certificate]:
    return list(db.session.scalars(select(Certificate)))


def standings() -> Counter[Code]:
    today = services().today()
    return Counter(standing_of(one, today).code for one in certificates())


def test_at_least_forty_cooperatives_live_across_italy(app: Flask) -> None:
    everyone = db.session.scalars(select(Organisation)).all()
    assert len(everyone) >= 40
    assert len({one.province for one in everyone}) >= 30


def test_every_standing_of_a_certificate_is_there(app: Flask) -> None:
    assert set(standings()) == set(Code) - {Code.NEVER_CERTIFIED}


def test_most_certificates_are_valid_and_some_were_confirmed_twice(app: Flask) -> None:
    found = standings()
    assert found[Code.VALID] > found.total() / 2
    confirmed = [
        sum(event.kind == "confirmed" for event in one.events) for one in certificates()
    ]
    assert confirmed.count(2) >= 5


def test_every_state_of_an_application_is_there(app: Flask) -> None:
    states = set(db.session.scalars(select(Application.state)))
    assert states == set(S)


def test_every_kind_of_application_is_there(app: Flask) -> None:
    assert set(db.session.scalars(select(Application.kind))) == set(ApplicationKind)


def test_every_state_of_an_audit_but_replaced_is_there(app: Flask) -> None:
    states = set(db.session.scalars(select(Audit.state)))
    assert states >= set(AuditState) - {AuditState.REPLACED}


def test_every_reason_to_be_suspended_for_lateness_or_lack_is_there(
    app: Flask,
) -> None:
    today = services().today()
    reasons = {
        standing_of(one, today).reason_code
        for one in certificates()
        if standing_of(one, today).code is Code.SUSPENDED
    }
    assert reasons == {
        "suspended_missed_recheck",
        "suspended_failed_recheck",
        "suspended_major_finding",
    }


def test_the_committee_has_both_kinds_of_measures_to_decide(app: Flask) -> None:
    waiting = select(Measure.kind).where(Measure.decided_at.is_(None))
    assert set(db.session.scalars(waiting)) == set(MeasureKind)


def test_a_recheck_is_open_and_another_is_overdue(app: Flask) -> None:
    today = services().today()
    unfiled = (
        select(Recheck)
        .join(Application)
        .where(Recheck.closed_at.is_(None), Application.submitted_at.is_(None))
    )
    due = [one.due_on for one in db.session.scalars(unfiled)]
    assert any(day > today for day in due)
    assert any(today - timedelta(days=30) < day < today for day in due)


def test_a_certificate_lives_beyond_its_last_day_because_of_its_renewal(
    app: Flask,
) -> None:
    today = services().today()
    assert any(
        one.valid_until < today
        for one in certificates()
        if standing_of(one, today).code is Code.IN_UPDATE
    )


def test_a_second_round_of_completion_is_open(app: Flask) -> None:
    cases = db.session.scalars(
        select(Application).where(Application.state == S.INTEGRATION)
    )
    assert {len(case.completions) for case in cases} == {1, 2}


def test_there_is_one_account_for_each_role(app: Flask) -> None:
    for person in ACCOUNTS:
        user = by_email(person.email)
        assert user is not None
        assert user.is_a(person.role)
        assert bool(user.tf_totp_secret) == (person.role in STAFF)
    assert {one.role for one in ACCOUNTS} == set(Role) - {Role.REGISTRY}


def test_there_are_three_auditors_and_three_members_of_the_committee(
    app: Flask,
) -> None:
    for role in (Role.AUDITOR, Role.COMMITTEE):
        assert len(db.session.scalars(having(role)).all()) == 3


def test_the_demo_cooperative_speaks_for_two_organisations(app: Flask) -> None:
    user = by_email("cooperative@demo.example")
    assert user is not None
    ours = {one.id for one in spoken_for_by(user)}
    drafts = db.session.scalars(
        select(Application).where(
            Application.organisation_id.in_(ours), Application.state == S.DRAFT
        )
    ).all()
    assert len(ours) == 2
    assert {one.kind for one in drafts} == {
        ApplicationKind.RECHECK,
        ApplicationKind.INITIAL,
    }


def test_the_owner_of_the_scheme_has_listed_three(app: Flask) -> None:
    assert len(db.session.scalars(select(Listing)).all()) == 3


def test_only_the_letters_of_the_last_week_wait(app: Flask) -> None:
    week = services().clock.now() - timedelta(days=8)
    waiting = select(Letter).where(Letter.state == LetterState.WAITING)
    found = db.session.scalars(waiting).all()
    assert found
    assert all(letter.written_at > week for letter in found)


def test_the_doctor_finds_nothing(app: Flask) -> None:
    assert not {code: found for code, found in examine().items() if found}


def test_no_job_finds_anything_to_do_on_the_same_day(app: Flask) -> None:
    done = {job.name: job.work(services().clock.now()) for job in TIMETABLE}
    assert not {name: number for name, number in done.items() if number}


def test_the_database_holds_together(app: Flask) -> None:
    if db.engine.dialect.name == "sqlite":
        assert db.session.execute(text("PRAGMA foreign_key_check")).all() == []


def test_the_doors_are_put_back(app: Flask) -> None:
    assert isinstance(services().postman, NoPostman)


def test_it_is_built_only_once(app: Flask) -> None:
    before = db.session.scalars(select(Application.id)).all()
    said = app.test_cli_runner().invoke(demo_cli, ["--if-empty"])
    assert said.exit_code == 0
    assert said.output == "The demo world is there already.\n"
    assert db.session.scalars(select(Application.id)).all() == before


def test_the_accounts_are_told_with_their_codes_of_this_moment(app: Flask) -> None:
    said = app.test_cli_runner().invoke(demo_cli, ["accounts"])
    first, *lines = said.output.splitlines()
    assert PASSWORD in first
    assert len(lines) == len(ACCOUNTS)
    for line, person in zip(lines, ACCOUNTS, strict=True):
        assert person.email in line
        assert (line[-6:].isdigit()) == (person.role in STAFF)


def test_the_cast_has_sound_numbers_and_codes() -> None:
    everyone = cooperatives()
    assert all(iva.is_valid(one.vat) for one in everyone)
    assert all(one.vat[0] == "9" for one in everyone)
    codes = {code for one in everyone for code in one.profile.ateco}
    assert not [c for c in codes if ateco.lookup(c, edition="2025") is None]
    for numbers in ("vat", "albo", "rea", "key", "name"):
        assert len({getattr(one, numbers) for one in everyone}) == len(everyone)


def test_the_password_of_the_demo_is_one_we_would_take() -> None:
    assert problem_with(PASSWORD, [ACCOUNTS[0].name, ACCOUNTS[0].email]) is None


#: How many addresses of one endpoint are opened for each role.
SAMPLE = 4


def links(page: str) -> list[str]:
    """The addresses of this site that a page links to."""
    found = re.findall(r'<a\b[^>]*?\bhref="(/[^"#]*)', page)
    return [html.unescape(address) for address in found]


def broken_links(app: Flask, client: FlaskClient, start: str) -> list[str]:
    """Follow links from a page, a few of each endpoint; those that do not open."""
    opened_so_far: Counter[str] = Counter()
    seen, queue, broken = {start}, [start], []
    while queue:
        address = queue.pop(0)
        endpoint, _ = app.url_map.bind("localhost").match(urlsplit(address).path)
        if endpoint == "security.logout" or opened_so_far[endpoint] >= SAMPLE:
            continue
        opened_so_far[endpoint] += 1
        answer = client.get(address)
        if answer.status_code >= 400:
            broken.append(f"{answer.status_code} {address}")
        elif answer.location or answer.mimetype == "text/html":
            found = [answer.location] if answer.location else links(answer.text)
            fresh = [one for one in found if one not in seen]
            seen.update(fresh)
            queue.extend(fresh)
        answer.close()
    return broken


@pytest.mark.parametrize("person", ACCOUNTS, ids=lambda person: person.role)
def test_every_link_that_a_role_sees_opens(
    app: Flask, sign_in: Callable[[User], FlaskClient], person: Person
) -> None:
    user = by_email(person.email)
    assert user is not None
    assert broken_links(app, sign_in(user), "/desk") == []


@pytest.mark.parametrize("language", ["it", "en"])
def test_every_link_that_the_public_sees_opens(
    app: Flask, client: FlaskClient, language: str
) -> None:
    assert broken_links(app, client, f"/{language}/") == []
