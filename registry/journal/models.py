"""The journal and the numbers it gives out."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from registry.db import Model


class Entry(Model):
    """One act.  The database refuses to change or delete it."""

    __tablename__ = "journal"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    verb: Mapped[str]
    subject: Mapped[str] = mapped_column(index=True)
    #: The case (application) whose story this act belongs to, if any.
    case: Mapped[str | None] = mapped_column(index=True)
    facts: Mapped[dict[str, Any]]


class Series(Model):
    """A series of numbers without gaps: protocol numbers, certificate numbers."""

    __tablename__ = "series"

    name: Mapped[str] = mapped_column(primary_key=True)
    last: Mapped[int]


class JobRun(Model):
    """When a job of the timetable last ran, so that a day skipped is caught up once."""

    __tablename__ = "job_runs"

    name: Mapped[str] = mapped_column(primary_key=True)
    last_at: Mapped[datetime]
