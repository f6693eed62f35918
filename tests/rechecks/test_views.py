"""The calendar of the secretariat, and the measures of the committee."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from registry.accounts.models import Role, User
from registry.certificates.standing import Code
from registry.clock import FixedClock
from registry.db import db as database
from registry.rechecks.models import Measure, MeasureOutcome
from tests import factories
from tests.rechecks.stories import (
    FIRST,
    committee_member,
    file,
    go_to,
    night,
    opened,
    today,
)

SignIn = Callable[[User], FlaskClient]


@pytest.fixture
def measure(app: Flask, clock: FixedClock) -> Measure:
    """A suspension to ratify."""
    opened(clock)
    night(clock, FIRST + timedelta(days=31))
    return database.session.scalars(select(Measure)).one()


def test_the_calendar_says_what_will_open_and_what_is_due(
    app: Flask, clock: FixedClock, sign_in: SignIn
) -> None:
    certificate = factories.certified()
    go_to(clock, date(2026, 11, 30))
    secretary = factories.person(Role.SECRETARIAT)
    client = sign_in(secretary)
    page = client.get("/rechecks?month=2026-12").text
    assert "2 dicembre 2026" in page
    assert certificate.number in page
    assert certificate.number not in client.get("/rechecks?month=2027-01").text
    night(clock, date(2026, 12, 2))
    client = sign_in(secretary)
    assert certificate.number in client.get("/rechecks?month=2027-03").text
    assert certificate.number not in client.get("/rechecks?month=2026-12").text


def test_the_calendar_says_who_is_late_and_who_is_in_update(
    app: Flask, clock: FixedClock, sign_in: SignIn
) -> None:
    recheck = opened(clock)
    name = recheck.certificate.organisation.name
    go_to(clock, FIRST + timedelta(days=1))
    client = sign_in(factories.person(Role.SECRETARIAT))
    assert name in client.get("/rechecks?month=2030-01").text
    file(recheck, clock, FIRST)
    assert name not in client.get("/rechecks?month=2030-01").text
    go_to(clock, FIRST + timedelta(days=1))
    assert name in client.get("/rechecks?month=2030-01").text


@pytest.mark.parametrize(
    "month", ["", "2027-13", "9999-99", "٢٠٢٧-٠٣", "2027", "-", "x" * 5000]
)
def test_an_odd_month_shows_the_present_one(
    app: Flask, clock: FixedClock, sign_in: SignIn, month: str
) -> None:
    client = sign_in(factories.person(Role.SECRETARIAT))
    page = client.get("/rechecks", query_string={"month": month})
    assert page.status_code == 200
    assert "Marzo 2026" in page.text


def test_a_recheck_shows_its_letters_to_staff_and_holder_and_to_no_stranger(
    app: Flask, clock: FixedClock, sign_in: SignIn
) -> None:
    recheck = opened(clock)
    holder = factories.representative(recheck.certificate.organisation)
    at = f"/rechecks/{recheck.id}"
    for person in (factories.person(Role.SECRETARIAT), holder):
        assert "90 giorni prima" in sign_in(person).get(at).text
    assert sign_in(factories.person()).get(at).status_code == 404


def test_the_committee_rejects_a_suspension_with_reasons(
    measure: Measure, clock: FixedClock, sign_in: SignIn
) -> None:
    client, at = sign_in(committee_member()), f"/measures/{measure.id}"
    assert measure.certificate.organisation.name in client.get("/measures").text
    given = {"revision": str(measure.revision), "outcome": "rejected", "reasons": " "}
    assert client.post(at, data=given).status_code == 422
    given["reasons"] = "Una calamità ha impedito la presentazione."
    assert client.post(at, data=given).status_code == 302
    database.session.expire_all()
    assert measure.outcome is MeasureOutcome.REJECTED
    assert today(measure.certificate, clock) is Code.VALID
    assert "Una calamità" in client.get(at).text


def test_two_members_deciding_at_once_are_told(
    measure: Measure, sign_in: SignIn
) -> None:
    client, at = sign_in(committee_member()), f"/measures/{measure.id}"
    given = {"revision": str(measure.revision), "outcome": "upheld", "reasons": "Sì."}
    assert client.post(at, data=given).status_code == 302
    assert client.post(at, data={**given, "outcome": "rejected"}).status_code == 409


def test_a_member_tied_to_the_holder_does_not_decide(
    measure: Measure, clock: FixedClock, sign_in: SignIn
) -> None:
    tied = factories.representative(measure.certificate.organisation)
    tied.roles = factories.person(Role.COMMITTEE).roles
    client, at = sign_in(tied), f"/measures/{measure.id}"
    assert 'name="outcome"' not in client.get(at).text
    given = {"revision": str(measure.revision), "outcome": "rejected", "reasons": "Sì."}
    assert client.post(at, data=given).status_code == 403


def test_the_secretariat_reads_and_does_not_decide(
    measure: Measure, sign_in: SignIn
) -> None:
    client = sign_in(factories.person(Role.SECRETARIAT))
    at = f"/measures/{measure.id}"
    assert client.get(at).status_code == 200
    given = {"revision": str(measure.revision), "outcome": "upheld", "reasons": "Sì."}
    assert client.post(at, data=given).status_code == 403


def test_holders_and_strangers_see_no_measures(
    measure: Measure, sign_in: SignIn
) -> None:
    holder = factories.representative(measure.certificate.organisation)
    client = sign_in(holder)
    assert client.get("/measures").status_code == 403
    assert client.get(f"/measures/{measure.id}").status_code == 403
    assert sign_in(committee_member()).get("/measures/999999").status_code == 404
