"""The year of a certificate: opened, reminded, filed or missed, decided."""

from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from registry.applications import operations as applications
from registry.applications.models import ApplicationKind, ApplicationState
from registry.certificates import operations as certificates
from registry.certificates.jobs import issue_granted
from registry.certificates.models import Certificate
from registry.certificates.standing import Code
from registry.clock import FixedClock
from registry.db import db as database
from registry.decisions.models import Outcome
from registry.rechecks import jobs
from registry.rechecks.models import (
    Measure,
    MeasureKind,
    MeasureOutcome,
    Recheck,
    Reminder,
)
from registry.rechecks.operations import decide_measure
from registry.rechecks.rules import is_in_time
from tests import factories
from tests.rechecks.stories import (
    DAY,
    FIRST,
    LAST,
    SECOND,
    code,
    committee_member,
    decide,
    decline,
    file,
    go_to,
    letters,
    night,
    opened,
    today,
)


def rechecks() -> list[Recheck]:
    return list(database.session.scalars(select(Recheck).order_by(Recheck.id)))


def measures() -> list[Measure]:
    return list(database.session.scalars(select(Measure).order_by(Measure.id)))


def test_a_recheck_opens_ninety_days_before_the_anniversary(
    app: Flask, clock: FixedClock
) -> None:
    factories.certified()
    night(clock, FIRST - timedelta(days=91))
    assert rechecks() == []
    night(clock, FIRST - timedelta(days=90))
    [recheck] = rechecks()
    assert (recheck.due_on, recheck.renews) == (FIRST, False)
    assert recheck.application.kind is ApplicationKind.RECHECK
    assert recheck.application.values == recheck.certificate.application.values
    night(clock, FIRST - timedelta(days=89))
    assert rechecks() == [recheck]


def test_the_last_one_asks_for_the_renewal_by_the_last_day(
    app: Flask, clock: FixedClock
) -> None:
    recheck = opened(clock, LAST)
    assert (recheck.due_on, recheck.renews) == (LAST, True)
    assert recheck.application.kind is ApplicationKind.RENEWAL


def test_the_letters_climb_the_ladder_and_stop_when_it_is_filed(
    app: Flask, clock: FixedClock
) -> None:
    opened(clock)
    days = range(-89, 29)
    written = [n for n in days if jobs.remind(go_to(clock, FIRST + n * DAY))]
    assert written == [-60, -30, -7, 0, 7]
    subjects = [letter.subject for letter in letters("rechecks/reminder")]
    assert len(set(subjects)) == 6


def test_days_skipped_give_one_letter_that_tells_the_days_left(
    app: Flask, clock: FixedClock
) -> None:
    opened(clock)
    night(clock, FIRST - timedelta(days=25))
    assert len(letters("rechecks/reminder")) == 2
    assert "25 giorni" in (letters("rechecks/reminder")[-1].body or "")
    passed = database.session.scalars(select(Reminder.offset)).all()
    assert sorted(passed) == [-90, -60, -30]


def test_nobody_is_reminded_of_what_is_filed(app: Flask, clock: FixedClock) -> None:
    recheck = opened(clock)
    file(recheck, clock, FIRST - timedelta(days=50))
    for days in (-30, -7, 0, 7):
        night(clock, FIRST + timedelta(days=days))
    assert len(letters("rechecks/reminder")) == 1


@pytest.mark.parametrize(
    ("filed", "after"),
    [(FIRST, Code.IN_UPDATE), (FIRST + DAY, Code.VALID)],
    ids=["on the anniversary", "a day late"],
)
def test_in_update_only_when_filed_in_time(
    app: Flask, clock: FixedClock, filed: date, after: Code
) -> None:
    recheck = opened(clock)
    file(recheck, clock, filed)
    assert code(recheck.certificate, FIRST + 5 * DAY) is after


def test_confirmed_it_is_valid_and_the_letter_says_the_next_day(
    app: Flask, clock: FixedClock
) -> None:
    recheck = opened(clock)
    file(recheck, clock, FIRST - timedelta(days=60))
    decide(recheck, clock, FIRST - timedelta(days=40))
    certificate = recheck.certificate
    days = [FIRST + timedelta(days=n) for n in range(-40, 200)]
    assert {code(certificate, day) for day in days} == {Code.VALID}
    assert recheck.closed_at is not None
    [letter] = letters("certificates/confirmed")
    assert "2 marzo 2028" in (letter.body or "")
    night(clock, SECOND - timedelta(days=90))
    assert [one.due_on for one in rechecks()] == [FIRST, SECOND]


def test_missed_it_is_suspended_on_the_31st_day_and_put_to_the_committee(
    app: Flask, clock: FixedClock
) -> None:
    recheck = opened(clock)
    member = committee_member()
    night(clock, FIRST + timedelta(days=30))
    assert today(recheck.certificate, clock) is Code.VALID
    night(clock, FIRST + timedelta(days=31))
    assert today(recheck.certificate, clock) is Code.SUSPENDED
    [measure] = measures()
    assert measure.kind is MeasureKind.SUSPENSION
    assert member.email in {one.to_email for one in letters("rechecks/to_ratify")}
    upheld = MeasureOutcome.UPHELD
    decide_measure(measure, upheld, "Confermo.", by=member, at=clock.now())
    assert today(recheck.certificate, clock) is Code.SUSPENDED


def test_a_suspension_the_committee_rejects_does_not_come_back(
    app: Flask, clock: FixedClock
) -> None:
    recheck = opened(clock)
    member = committee_member()
    night(clock, FIRST + timedelta(days=31))
    [measure] = measures()
    rejected = MeasureOutcome.REJECTED
    decide_measure(measure, rejected, "Forza maggiore.", by=member, at=clock.now())
    database.session.commit()
    assert today(recheck.certificate, clock) is Code.VALID
    night(clock, FIRST + timedelta(days=32))
    assert today(recheck.certificate, clock) is Code.VALID
    assert len(measures()) == 1


def test_filed_late_and_confirmed_it_is_reinstated(
    app: Flask, clock: FixedClock
) -> None:
    recheck = opened(clock)
    night(clock, FIRST + timedelta(days=31))
    file(recheck, clock, FIRST + timedelta(days=50))
    assert today(recheck.certificate, clock) is Code.SUSPENDED
    decide(recheck, clock, FIRST + timedelta(days=60))
    assert today(recheck.certificate, clock) is Code.VALID
    night(clock, FIRST + timedelta(days=61))
    assert measures()[0].outcome is MeasureOutcome.LAPSED


def test_refused_it_is_suspended(app: Flask, clock: FixedClock) -> None:
    recheck = opened(clock)
    file(recheck, clock, FIRST)
    decide(recheck, clock, FIRST + timedelta(days=20), Outcome.REFUSED)
    assert code(recheck.certificate, FIRST + timedelta(days=19)) is Code.IN_UPDATE
    assert today(recheck.certificate, clock) is Code.SUSPENDED
    assert measures() == []  # the committee decided it already


def test_declined_by_the_secretariat_the_committee_ratifies_the_suspension(
    app: Flask, clock: FixedClock
) -> None:
    recheck = opened(clock)
    file(recheck, clock, FIRST)
    decline(recheck, clock, FIRST + timedelta(days=5))
    assert today(recheck.certificate, clock) is Code.SUSPENDED
    assert [one.kind for one in measures()] == [MeasureKind.SUSPENSION]


def test_six_months_suspended_a_withdrawal_is_proposed_once_and_decided(
    app: Flask, clock: FixedClock
) -> None:
    recheck = opened(clock)
    member = committee_member()
    night(clock, FIRST + timedelta(days=31))  # 2 April 2027
    night(clock, date(2027, 10, 1))
    assert len(measures()) == 1
    night(clock, date(2027, 10, 2))
    night(clock, date(2027, 10, 3))
    proposed = measures()[-1]
    assert [one.kind for one in measures()].count(MeasureKind.WITHDRAWAL) == 1
    assert len(letters("rechecks/withdrawal_proposed")) == 1
    upheld = MeasureOutcome.UPHELD
    decide_measure(proposed, upheld, "Mai sanata.", by=member, at=clock.now())
    database.session.commit()
    assert today(recheck.certificate, clock) is Code.WITHDRAWN
    night(clock, date(2027, 10, 4))
    assert recheck.application.state is ApplicationState.ARCHIVED
    assert recheck.closed_at is not None
    assert {one.outcome for one in measures()} == {
        MeasureOutcome.UPHELD,
        MeasureOutcome.LAPSED,
    }


def test_a_renewal_filed_in_time_keeps_it_alive_until_the_new_one(
    app: Flask, clock: FixedClock
) -> None:
    recheck = opened(clock, LAST)
    file(recheck, clock, LAST)
    old = recheck.certificate
    assert code(old, LAST + timedelta(days=40)) is Code.IN_UPDATE
    decide(recheck, clock, LAST + timedelta(days=50))
    assert today(old, clock) is Code.IN_UPDATE  # not a minute without
    issue_granted(clock.now())
    new = database.session.scalars(
        select(Certificate).order_by(Certificate.id.desc())
    ).first()
    assert new is not None
    assert today(old, clock) is Code.SUPERSEDED
    assert today(new, clock) is Code.VALID
    assert new.replaces_id == old.id


def test_a_renewal_not_filed_expires_and_its_draft_is_closed(
    app: Flask, clock: FixedClock
) -> None:
    recheck = opened(clock, LAST)
    night(clock, LAST)
    assert today(recheck.certificate, clock) is Code.VALID
    night(clock, LAST + DAY)
    assert today(recheck.certificate, clock) is Code.EXPIRED
    assert recheck.application.state is ApplicationState.ARCHIVED


def test_a_renewal_refused_ends_with_its_term(app: Flask, clock: FixedClock) -> None:
    recheck = opened(clock, LAST)
    file(recheck, clock, LAST)
    decide(recheck, clock, LAST + timedelta(days=20), Outcome.REFUSED)
    assert today(recheck.certificate, clock) is Code.EXPIRED


def test_given_up_by_the_holder_its_draft_is_closed(
    app: Flask, clock: FixedClock
) -> None:
    recheck = opened(clock)
    holder = factories.representative(recheck.certificate.organisation)
    certificates.end(recheck.certificate, by=holder, at=clock.now())
    database.session.commit()
    night(clock, FIRST - timedelta(days=60))
    assert recheck.application.state is ApplicationState.ARCHIVED
    assert len(letters("rechecks/reminder")) == 1


def test_a_certificate_withdrawn_meanwhile_is_not_confirmed(
    app: Flask, clock: FixedClock
) -> None:
    recheck = opened(clock)
    file(recheck, clock, FIRST)
    member = committee_member()
    certificates.withdraw(
        recheck.certificate, "withdrawn_misuse", by=member, at=clock.now()
    )
    decide(recheck, clock, FIRST + timedelta(days=20))
    assert today(recheck.certificate, clock) is Code.WITHDRAWN
    assert recheck.closed_at is not None
    assert letters("certificates/confirmed") == []


def test_opened_late_because_of_another_application_the_grace_counts_from_there(
    app: Flask, clock: FixedClock
) -> None:
    certificate = factories.certified()
    other = factories.draft(certificate.organisation, at=clock.now())
    database.session.commit()
    night(clock, FIRST + timedelta(days=40))
    assert rechecks() == []
    by = factories.representative(certificate.organisation)
    applications.withdraw(other, by=by, at=clock.now())
    database.session.commit()
    night(clock, FIRST + timedelta(days=41))
    assert len(rechecks()) == 1
    night(clock, FIRST + timedelta(days=71))
    assert today(certificate, clock) is Code.VALID
    night(clock, FIRST + timedelta(days=72))
    assert today(certificate, clock) is Code.SUSPENDED


def test_a_machine_that_stood_still_for_weeks_does_each_thing_once(
    app: Flask, clock: FixedClock
) -> None:
    factories.certified()
    night(clock, FIRST + timedelta(days=45))
    night(clock, FIRST + timedelta(days=46))
    [recheck] = rechecks()
    assert len(letters("rechecks/reminder")) == 1
    assert today(recheck.certificate, clock) is Code.VALID


def test_issued_on_29_february_it_is_due_on_28(app: Flask, clock: FixedClock) -> None:
    leap = go_to(clock, date(2028, 2, 29))
    factories.certified(at=leap)
    night(clock, date(2028, 11, 29))
    assert rechecks() == []
    night(clock, date(2028, 11, 30))
    [recheck] = rechecks()
    assert recheck.due_on == date(2029, 2, 28)


@pytest.mark.parametrize("filed_at_hour", [21, 22])
def test_the_day_of_filing_is_that_of_rome(
    app: Flask, clock: FixedClock, filed_at_hour: int
) -> None:
    """2 March 2027, 23:59 in Rome is 22:59 UTC; at 23:00 UTC it is the third."""
    recheck = opened(clock)
    file(recheck, clock, FIRST)
    at = go_to(clock, FIRST).replace(hour=filed_at_hour, minute=59)
    recheck.application.submitted_at = at
    assert is_in_time(recheck)
    recheck.application.submitted_at = at.replace(hour=23, minute=0)
    assert not is_in_time(recheck)


def test_every_job_has_nothing_left_to_do_the_second_time(
    app: Flask, clock: FixedClock
) -> None:
    opened(clock)
    at = go_to(clock, FIRST + timedelta(days=31))
    for job in (jobs.open_due, jobs.remind, jobs.suspend_missed):
        job(at)
        assert job(at) == 0
    at = go_to(clock, date(2027, 10, 2))
    assert jobs.propose_withdrawals(at) == 1
    assert jobs.propose_withdrawals(at) == 0
