"""Reading the journal."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from registry.db import db
from registry.journal.models import Entry, JobRun


def of_case(case: str) -> Sequence[Entry]:
    """Every act of a case, oldest first."""
    return db.session.scalars(
        select(Entry).where(Entry.case == case).order_by(Entry.at, Entry.id)
    ).all()


def about(subject: str) -> Sequence[Entry]:
    """Every act on one thing, oldest first."""
    return db.session.scalars(
        select(Entry).where(Entry.subject == subject).order_by(Entry.at, Entry.id)
    ).all()


def last_runs() -> dict[str, datetime]:
    """When each job of the timetable last ran; those that never did are not there."""
    return dict(iter(db.session.execute(select(JobRun.name, JobRun.last_at))))
