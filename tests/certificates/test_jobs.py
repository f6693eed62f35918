"""Granted decisions become paper by themselves."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from registry.certificates import rules
from registry.certificates.jobs import issue_granted, reserve_granted
from registry.certificates.models import Certificate, CertificateState
from registry.certificates.standing import Code
from registry.clock import FixedClock, civil_day
from registry.db import db as database
from registry.decisions.models import Decision, Outcome
from tests import factories

pytestmark = pytest.mark.usefixtures("printed_in_full")


def certificates() -> list[Certificate]:
    database.session.expire_all()
    return list(database.session.scalars(select(Certificate).order_by(Certificate.id)))


def test_a_refusal_becomes_nothing(app: Flask, clock: FixedClock) -> None:
    factories.decided(outcome=Outcome.REFUSED)
    database.session.commit()
    assert issue_granted(clock.now()) == 0
    assert certificates() == []


def test_a_number_is_taken_before_anything_is_rendered(
    app: Flask, clock: FixedClock
) -> None:
    factories.decided()
    database.session.commit()
    assert reserve_granted(clock.now()) == 1
    [owed] = certificates()
    assert owed.state is CertificateState.RESERVED
    assert (owed.unsigned_sha256, owed.sha256, owed.events) == (None, None, [])
    assert reserve_granted(clock.now()) == 0


def test_one_that_cannot_be_made_does_not_stop_the_others(
    app: Flask, clock: FixedClock, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(2):
        factories.decided()
    database.session.commit()
    reserve_granted(clock.now())
    broken, _sound = certificates()
    broken.unsigned_sha256 = "0" * 64
    database.session.commit()
    assert issue_granted(clock.now()) == 1
    states = [one.state for one in certificates()]
    assert states == [CertificateState.RESERVED, CertificateState.ISSUED]


def test_a_new_certificate_takes_the_place_of_the_one_that_still_stands(
    app: Flask, clock: FixedClock
) -> None:
    first = factories.certified()
    clock.at += timedelta(days=30)
    again = factories.decided(first.organisation, at=clock.now())
    assert isinstance(again, Decision)
    database.session.commit()
    issue_granted(clock.now())
    old, new = certificates()
    today = civil_day(clock.now())
    assert rules.standing_of(old, today).code is Code.SUPERSEDED
    assert rules.standing_of(new, today).code is Code.VALID
    assert old.number.startswith("IMP-2026-000001-")
    assert new.number.startswith("IMP-2026-000002-")
