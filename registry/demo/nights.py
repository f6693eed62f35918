"""
The nights on which a job may find something to do.

The timetable wakes its jobs every night, and each asks what is due; years of that would
take longer than all the rest.  So the demo looks into the same rows, and sleeps through
the nights in which nothing falls due.
"""

import datetime as dt
from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import select

from registry.applications.models import Application, ApplicationState, Completion
from registry.certificates.models import Certificate, CertificateEvent, EventKind
from registry.certificates.rules import anniversaries, opens_on
from registry.clock import add_months, civil_day
from registry.criteria.edition import Edition
from registry.db import db
from registry.rechecks.models import Recheck

DAY = timedelta(days=1)


def busy_nights(edition: Edition) -> set[dt.date]:
    """The days from which something is due, as things stand now."""
    return {*_openings(edition), *_ladders(edition), *_suspensions(edition),
            *_waits(edition)}  # fmt: skip


def _openings(edition: Edition) -> Iterator[dt.date]:
    for issued_on in db.session.scalars(select(Certificate.issued_on)):
        for day in anniversaries(issued_on, edition):
            yield opens_on(day, edition)


def _ladders(edition: Edition) -> Iterator[dt.date]:
    """Reminders, the end of the grace, the day after a term; of what is not filed."""
    unfiled = (
        select(Recheck.due_on)
        .join(Application)
        .where(Recheck.closed_at.is_(None), Application.submitted_at.is_(None))
    )
    steps = (*edition.parameters.reminder_days, 1, edition.parameters.grace_days + 1)
    for due_on in db.session.scalars(unfiled):
        yield from (due_on + step * DAY for step in steps)


def _suspensions(edition: Edition) -> Iterator[dt.date]:
    months = edition.parameters.suspension_months
    suspended = CertificateEvent.kind == EventKind.SUSPENDED
    for day in db.session.scalars(
        select(CertificateEvent.effective_on).where(suspended)
    ):
        yield add_months(day, months)


def _waits(edition: Edition) -> Iterator[dt.date]:
    """The day after a completion is due, and after a draft was idle for too long."""
    asked = select(Completion.due_on).where(Completion.closed_at.is_(None))
    for day in db.session.scalars(asked):
        yield day + DAY
    drafts = select(Application.changed_at).where(
        Application.state == ApplicationState.DRAFT
    )
    for at in db.session.scalars(drafts):
        yield civil_day(at) + (edition.parameters.idle_days + 1) * DAY
