"""What happens to a certificate over the years, one call a step."""

from datetime import UTC, date, datetime, timedelta

from sqlalchemy import select

from registry.accounts.models import Role, User
from registry.applications import operations as applications
from registry.certificates.models import Certificate
from registry.certificates.rules import standing_of
from registry.certificates.standing import Code
from registry.clock import FixedClock, civil_day
from registry.db import db
from registry.decisions.models import Outcome
from registry.mail.models import Letter
from registry.rechecks import jobs
from registry.rechecks.models import Recheck
from tests import factories

#: The certificate of these stories is issued on 2 March 2026.
FIRST = date(2027, 3, 2)
SECOND = date(2028, 3, 2)
LAST = date(2029, 3, 1)
DAY = timedelta(days=1)


def go_to(clock: FixedClock, day: date) -> datetime:
    """Four in the morning in Rome of a day, when the jobs have their hour."""
    clock.at = datetime(day.year, day.month, day.day, 3, 30, tzinfo=UTC)
    return clock.at


def night(clock: FixedClock, day: date) -> None:
    """What the timetable does on a day, in its order."""
    at = go_to(clock, day)
    for job in (
        jobs.register_filed,
        jobs.close_decided,
        jobs.close_ended,
        jobs.open_due,
        jobs.remind,
        jobs.suspend_missed,
        jobs.propose_withdrawals,
        jobs.lapse_measures,
    ):
        job(at)


def committee_member() -> User:
    """One with no tie to anybody, who is still there after a job went wrong."""
    member = factories.person(Role.COMMITTEE)
    db.session.commit()
    return member


def opened(clock: FixedClock, due: date = FIRST) -> Recheck:
    """A re-check on the day it opened."""
    factories.certified()
    night(clock, due - timedelta(days=90))
    return db.session.scalars(select(Recheck)).one()


def file(recheck: Recheck, clock: FixedClock, day: date) -> None:
    at = go_to(clock, day)
    application = recheck.application
    factories.fill(application, at=at)
    by = factories.representative(application.organisation)
    applications.submit(application, factories.editions(), by=by, at=at)
    db.session.commit()
    jobs.register_filed(at)


def decide(
    recheck: Recheck,
    clock: FixedClock,
    day: date,
    outcome: Outcome = Outcome.GRANTED,
) -> None:
    at = go_to(clock, day)
    application = recheck.application
    secretary = factories.person(Role.SECRETARIAT)
    applications.accept(application, factories.edition(), by=secretary, at=at)
    audit = factories.take_up(application, at=at)
    factories.evaluate(audit, at=at)
    factories.decide(audit, outcome, at=at)
    db.session.commit()
    jobs.close_decided(at)


def decline(recheck: Recheck, clock: FixedClock, day: date) -> None:
    at = go_to(clock, day)
    by = factories.person(Role.SECRETARIAT)
    applications.decline(recheck.application, "Fuori ambito.", by=by, at=at)
    db.session.commit()
    jobs.close_decided(at)


def code(certificate: Certificate, day: date) -> Code:
    return standing_of(certificate, day).code


def today(certificate: Certificate, clock: FixedClock) -> Code:
    return code(certificate, civil_day(clock.now()))


def letters(event: str) -> list[Letter]:
    found = select(Letter).where(Letter.event == event).order_by(Letter.id)
    return list(db.session.scalars(found))
