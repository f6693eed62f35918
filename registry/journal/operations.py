"""Adding to the journal, and taking the next number of a series."""

from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import insert, select, update

from registry.db import db
from registry.journal.models import Entry, JobRun, Series


class Actor(Protocol):
    """Anyone who can be answerable: a person, or the registry itself."""

    @property
    def id(self) -> int: ...


class Subject(Protocol):
    """What an act is about; `case` is the reference of the application it serves."""

    @property
    def reference(self) -> str: ...

    @property
    def case(self) -> str | None: ...


def record(
    verb: str, subject: Subject, *, by: Actor, at: datetime, **facts: Any
) -> None:
    """Add an entry.  `verb` is room.past_participle: "application.submitted"."""
    db.session.add(
        Entry(
            at=at,
            by_id=by.id,
            verb=verb,
            subject=subject.reference,
            case=subject.case,
            facts=facts,
        )
    )


def next_number(series: str) -> int:
    """
    Take the next number of `series` (1, 2, 3…), in this transaction.

    The row stays locked until the commit, so a rolled back number is given again: no
    gaps and no doubles.
    """
    taken = update(Series).where(Series.name == series).values(last=Series.last + 1)
    number = db.session.scalar(taken.returning(Series.last))
    if number is None:
        db.session.execute(insert(Series).values(name=series, last=1))
        number = db.session.scalars(
            select(Series.last).where(Series.name == series)
        ).one()
    return number


def note_run(job: str, *, at: datetime) -> None:
    """Remember that a job of the timetable ran."""
    db.session.merge(JobRun(name=job, last_at=at))
