"""Audits: who looks at a case, what they verified, their verdicts and findings."""

import enum
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, and_, text
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from registry.accounts.models import User
from registry.applications.models import Application, Evidence
from registry.db import Json, Model
from registry.errors import N_
from registry.states import Moves


class AuditState(enum.StrEnum):
    """Each comment says whose move it is."""

    ASSIGNED = "assigned"  # the auditor declares whether there is a conflict
    IN_PROGRESS = "in_progress"  # the auditor verifies and reports
    REPORTED = "reported"  # the committee decides
    RECUSED = "recused"  # the secretariat assigns another auditor
    REPLACED = "replaced"  # nobody

    @property
    def label(self) -> str:
        """The words people see, to translate."""
        return STATE_LABELS[self]


STATE_LABELS = {
    AuditState.ASSIGNED: N_("Assigned: declaration awaited"),
    AuditState.IN_PROGRESS: N_("Audit going on"),
    AuditState.REPORTED: N_("Report handed in"),
    AuditState.RECUSED: N_("Stepped back"),
    AuditState.REPLACED: N_("Replaced by someone else"),
}
A = AuditState
MOVES: Moves[AuditState] = {
    A.ASSIGNED: frozenset({A.IN_PROGRESS, A.RECUSED, A.REPLACED}),
    A.IN_PROGRESS: frozenset({A.REPORTED, A.RECUSED, A.REPLACED}),
    A.REPORTED: frozenset({A.IN_PROGRESS}),
    A.RECUSED: frozenset(),
    A.REPLACED: frozenset(),
}
#: The audit of a case that counts now.
CURRENT = frozenset({A.ASSIGNED, A.IN_PROGRESS, A.REPORTED})


class Conflict(enum.StrEnum):
    """What ties an auditor to an organisation, in the last two years (our term)."""

    NONE = "none"
    EMPLOYMENT = "employment"
    CONSULTANCY = "consultancy"
    KINSHIP = "kinship"
    OTHER = "other"

    @property
    def label(self) -> str:
        return CONFLICT_LABELS[self]


CONFLICT_LABELS = {
    Conflict.NONE: N_("No conflict of interest"),
    Conflict.EMPLOYMENT: N_("Employment or office in the last two years"),
    Conflict.CONSULTANCY: N_("Consultancy in the last two years"),
    Conflict.KINSHIP: N_("Kinship with those who run it, in the last two years"),
    Conflict.OTHER: N_("Another tie"),
}


class Severity(enum.StrEnum):
    """How much a finding weighs (ISO/IEC 17021-1, 3.12 and 3.13)."""

    MAJOR = "major"
    MINOR = "minor"
    OBSERVATION = "observation"

    @property
    def label(self) -> str:
        return SEVERITY_LABELS[self]


SEVERITY_LABELS = {
    Severity.MAJOR: N_("Major nonconformity"),
    Severity.MINOR: N_("Minor nonconformity"),
    Severity.OBSERVATION: N_("Observation"),
}


class Audit(Model):
    __tablename__ = "audits"
    __table_args__ = (
        CheckConstraint(
            "state IN ('assigned', 'replaced') OR conflict IS NOT NULL",
            name="declared_first",
        ),
        Index(
            "uq_audits_current",
            "application_id",
            unique=True,
            sqlite_where=text("state IN ('assigned', 'in_progress', 'reported')"),
            postgresql_where=text("state IN ('assigned', 'in_progress', 'reported')"),
        ),
        Index("ix_audits_auditor", "auditor_id", "state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    application_id: Mapped[int] = mapped_column(
        ForeignKey("applications.id"), index=True
    )
    auditor_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    state: Mapped[AuditState] = mapped_column(default=AuditState.ASSIGNED)
    assigned_at: Mapped[datetime]
    assigned_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    conflict: Mapped[Conflict | None]
    conflict_note: Mapped[str] = mapped_column(default="")
    declared_at: Mapped[datetime | None]
    reported_at: Mapped[datetime | None]
    summary: Mapped[str] = mapped_column(default="")
    changed_at: Mapped[datetime]
    revision: Mapped[int] = mapped_column()

    application: Mapped[Application] = relationship()
    auditor: Mapped[User] = relationship(foreign_keys=auditor_id)
    verifications: Mapped[list["Verification"]] = relationship()
    verdicts: Mapped[list["Verdict"]] = relationship()
    evidence_reviews: Mapped[list["EvidenceReview"]] = relationship()
    #: The reported audit of the case that a re-check or renewal starts from.
    before: Mapped["Audit | None"] = relationship(
        secondary=Application.__table__,
        primaryjoin=lambda: Audit.application_id == foreign(Application.id),
        secondaryjoin=lambda: and_(
            foreign(Application.starts_from_id) == Audit.application_id,
            Audit.state == AuditState.REPORTED,
        ),
        uselist=False,
        viewonly=True,
    )

    __mapper_args__ = {"version_id_col": revision}  # noqa: RUF012

    @property
    def reference(self) -> str:
        return f"audit:{self.id}"

    @property
    def case(self) -> str:
        return f"application:{self.application_id}"


class Verification(Model):
    """What the auditor established for one answer, beside what was declared."""

    __tablename__ = "verifications"
    __table_args__ = (UniqueConstraint("audit_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    audit_id: Mapped[int] = mapped_column(ForeignKey("audits.id"), index=True)
    name: Mapped[str]
    value: Mapped[Any] = mapped_column(Json)
    #: Empty when the declared value was confirmed.
    note: Mapped[str] = mapped_column(default="")
    changed_at: Mapped[datetime]


class Verdict(Model):
    """What the auditor says of one requirement, and the finding behind it."""

    __tablename__ = "verdicts"
    __table_args__ = (
        UniqueConstraint("audit_id", "requirement"),
        CheckConstraint("severity IS NULL OR finding <> ''", name="finding_in_words"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    audit_id: Mapped[int] = mapped_column(ForeignKey("audits.id"), index=True)
    requirement: Mapped[str]
    verdict: Mapped[str]  # registry.criteria Verdict
    severity: Mapped[Severity | None]
    finding: Mapped[str] = mapped_column(default="")
    changed_at: Mapped[datetime]


class EvidenceReview(Model):
    """Whether one piece of evidence was accepted; refused only with a reason."""

    __tablename__ = "evidence_reviews"
    __table_args__ = (
        UniqueConstraint("audit_id", "evidence_id"),
        CheckConstraint("accepted OR reason <> ''", name="refused_why"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    audit_id: Mapped[int] = mapped_column(ForeignKey("audits.id"), index=True)
    evidence_id: Mapped[int] = mapped_column(ForeignKey("evidence.id"))
    accepted: Mapped[bool]
    reason: Mapped[str] = mapped_column(default="")
    changed_at: Mapped[datetime]

    evidence: Mapped[Evidence] = relationship()
