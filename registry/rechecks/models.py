"""Re-checks, the reminders sent for them, and the measures the committee decides on."""

import enum
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from registry.applications.models import Application
from registry.certificates.models import Certificate
from registry.db import Model
from registry.errors import N_


class Recheck(Model):
    """One anniversary of one certificate (or its end: then `renews`)."""

    __tablename__ = "rechecks"
    __table_args__ = (UniqueConstraint("certificate_id", "due_on"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    certificate_id: Mapped[int] = mapped_column(ForeignKey("certificates.id"))
    application_id: Mapped[int] = mapped_column(
        ForeignKey("applications.id"), unique=True
    )
    #: The anniversary: filed on or before it counts as in time.
    due_on: Mapped[date] = mapped_column(index=True)
    #: The last anniversary is the end of the certificate: it asks for the next one.
    renews: Mapped[bool]
    opened_at: Mapped[datetime]
    #: When the certificate was told that this was filed in time.
    filed_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]

    certificate: Mapped[Certificate] = relationship()
    application: Mapped[Application] = relationship()

    @property
    def reference(self) -> str:
        return f"recheck:{self.id}"

    @property
    def case(self) -> str:
        return f"application:{self.application_id}"


class Reminder(Model):
    """A letter of the ladder that was written: once each, for ever."""

    __tablename__ = "reminders"

    recheck_id: Mapped[int] = mapped_column(ForeignKey("rechecks.id"), primary_key=True)
    #: Days from the anniversary: -90, -60, -30, -7, 0, 7.
    offset: Mapped[int] = mapped_column(primary_key=True)
    written_at: Mapped[datetime]


class MeasureKind(enum.StrEnum):
    SUSPENSION = "suspension"  # recorded by the registry, the committee ratifies
    WITHDRAWAL = "withdrawal"  # proposed by the registry, the committee decides

    @property
    def label(self) -> str:
        return MEASURE_LABELS[self]


MEASURE_LABELS = {
    MeasureKind.SUSPENSION: N_("Suspension to ratify"),
    MeasureKind.WITHDRAWAL: N_("Proposed withdrawal"),
}


class MeasureOutcome(enum.StrEnum):
    UPHELD = "upheld"
    REJECTED = "rejected"
    LAPSED = "lapsed"  # the certificate is no longer suspended: nothing to decide

    @property
    def label(self) -> str:
        return OUTCOME_LABELS[self]


OUTCOME_LABELS = {
    MeasureOutcome.UPHELD: N_("Upheld"),
    MeasureOutcome.REJECTED: N_("Rejected"),
    MeasureOutcome.LAPSED: N_("No longer needed"),
}


class Measure(Model):
    """What the registry recorded or proposed for lateness; the committee decides."""

    __tablename__ = "measures"
    __table_args__ = (
        CheckConstraint(
            "(decided_at IS NULL) = (outcome IS NULL)"
            " AND (outcome IS NULL OR reasons <> '')",
            name="decided_with_reasons",
        ),
        Index(
            "uq_measures_open",
            "certificate_id",
            "kind",
            unique=True,
            sqlite_where=text("decided_at IS NULL"),
            postgresql_where=text("decided_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    certificate_id: Mapped[int] = mapped_column(
        ForeignKey("certificates.id"), index=True
    )
    recheck_id: Mapped[int | None] = mapped_column(ForeignKey("rechecks.id"))
    kind: Mapped[MeasureKind]
    reason_code: Mapped[str]
    proposed_at: Mapped[datetime]
    decide_by_on: Mapped[date]
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    outcome: Mapped[MeasureOutcome | None]
    reasons: Mapped[str] = mapped_column(default="")
    revision: Mapped[int] = mapped_column()

    certificate: Mapped[Certificate] = relationship()
    recheck: Mapped[Recheck | None] = relationship()

    __mapper_args__ = {"version_id_col": revision}  # noqa: RUF012

    @property
    def reference(self) -> str:
        return f"measure:{self.id}"

    @property
    def case(self) -> str | None:
        return self.recheck.case if self.recheck else self.certificate.case
