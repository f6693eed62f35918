"""Applications: answers, evidence, completion requests, the clock and its stops."""

import enum
from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from registry.accounts.models import User
from registry.db import Json, Model
from registry.files.models import File
from registry.organisations.models import Organisation
from registry.states import Moves


class ApplicationKind(enum.StrEnum):
    INITIAL = "initial"  # asks for a first certificate
    RECHECK = "recheck"  # the yearly look at a certificate
    RENEWAL = "renewal"  # asks for the next certificate before this one ends


class ApplicationState(enum.StrEnum):
    """Each comment says whose move it is."""

    DRAFT = "draft"  # the organisation answers
    SUBMITTED = "submitted"  # the secretariat accepts or declines
    ACCEPTED = "accepted"  # the secretariat assigns an auditor
    IN_EVALUATION = "in_evaluation"  # the auditor verifies
    INTEGRATION = "integration"  # the organisation completes; the clock stands still
    EVALUATED = "evaluated"  # the committee decides
    GRANTED = "granted"  # nobody
    GRANTED_WITH_CONDITIONS = "granted_with_conditions"  # nobody
    REFUSED = "refused"  # nobody
    DECLINED = "declined"  # nobody: outside the scope of the scheme
    WITHDRAWN = "withdrawn"  # nobody
    ARCHIVED = "archived"  # nobody: a draft left alone for half a year


S = ApplicationState
MOVES: Moves[ApplicationState] = {
    S.DRAFT: frozenset({S.SUBMITTED, S.WITHDRAWN, S.ARCHIVED}),
    S.SUBMITTED: frozenset({S.ACCEPTED, S.DECLINED, S.WITHDRAWN}),
    S.ACCEPTED: frozenset({S.IN_EVALUATION, S.WITHDRAWN}),
    S.IN_EVALUATION: frozenset({S.INTEGRATION, S.EVALUATED, S.WITHDRAWN}),
    S.INTEGRATION: frozenset({S.IN_EVALUATION, S.WITHDRAWN}),
    S.EVALUATED: frozenset(
        {
            S.IN_EVALUATION,
            S.GRANTED,
            S.GRANTED_WITH_CONDITIONS,
            S.REFUSED,
            S.WITHDRAWN,
        }
    ),
    S.GRANTED: frozenset(),
    S.GRANTED_WITH_CONDITIONS: frozenset(),
    S.REFUSED: frozenset(),
    S.DECLINED: frozenset(),
    S.WITHDRAWN: frozenset(),
    S.ARCHIVED: frozenset(),
}

#: Nobody has a move any more.
CLOSED = frozenset(state for state, moves in MOVES.items() if not moves)
DECIDED = frozenset({S.GRANTED, S.GRANTED_WITH_CONDITIONS, S.REFUSED})


class Application(Model):
    __tablename__ = "applications"
    __table_args__ = (
        CheckConstraint(
            "state IN ('draft', 'withdrawn', 'archived')"
            " OR (submitted_at IS NOT NULL AND protocol IS NOT NULL)",
            name="submitted_has_protocol",
        ),
        CheckConstraint(
            "state <> 'declined' OR closing_reason <> ''", name="declined_why"
        ),
        Index("ix_applications_state", "state", "changed_at"),
        # one open application of an organisation for a scheme at a time
        Index(
            "uq_applications_open",
            "organisation_id",
            "scheme",
            unique=True,
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(
        ForeignKey("organisations.id"), index=True
    )
    kind: Mapped[ApplicationKind]
    scheme: Mapped[str]
    #: The edition answered to ("impact/2022") and its digest, pinned for life.
    edition: Mapped[str]
    edition_digest: Mapped[str]
    state: Mapped[ApplicationState] = mapped_column(default=ApplicationState.DRAFT)
    opened_at: Mapped[datetime]
    opened_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    #: A re-check or renewal starts from the answers of an earlier application.
    starts_from_id: Mapped[int | None] = mapped_column(ForeignKey("applications.id"))
    #: To be filed by this day to count as in time (re-checks and renewals).
    due_on: Mapped[date | None]
    protocol: Mapped[str | None] = mapped_column(unique=True)  # P-2026-000123
    submitted_at: Mapped[datetime | None]
    declared_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    #: SHA-256 over the canonical answers and the hashes of the files, as submitted.
    content_sha256: Mapped[str | None]
    accepted_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    closing_reason: Mapped[str] = mapped_column(default="")
    #: Moves with every change, also of answers and evidence, and takes revision along.
    changed_at: Mapped[datetime]
    #: Two people editing at once: the second is told, not silently overwritten.
    revision: Mapped[int] = mapped_column()

    organisation: Mapped[Organisation] = relationship()
    declared_by: Mapped[User | None] = relationship(foreign_keys=declared_by_id)
    starts_from: Mapped["Application | None"] = relationship(remote_side=id)
    answers: Mapped[list["Answer"]] = relationship(
        back_populates="application", order_by="Answer.id"
    )
    evidence: Mapped[list["Evidence"]] = relationship(
        back_populates="application", order_by="Evidence.id"
    )
    completions: Mapped[list["Completion"]] = relationship(
        back_populates="application", order_by="Completion.round"
    )
    waivers: Mapped[list["Waiver"]] = relationship(
        back_populates="application",
        order_by="Waiver.id",
        cascade="all, delete-orphan",
    )

    __mapper_args__ = {"version_id_col": revision}  # noqa: RUF012

    @property
    def reference(self) -> str:
        return f"application:{self.id}"

    @property
    def case(self) -> str:
        return self.reference

    @property
    def values(self) -> dict[str, Any]:
        """The declared answers as JSON values, by name."""
        return {answer.name: answer.value for answer in self.answers}

    @property
    def attached(self) -> list["Evidence"]:
        """The evidence that still stands."""
        return [piece for piece in self.evidence if piece.detached_at is None]

    @property
    def open_completion(self) -> "Completion | None":
        """The completion request not yet replied to, if any."""
        return next((c for c in self.completions if c.closed_at is None), None)


class Answer(Model):
    __tablename__ = "answers"
    __table_args__ = (UniqueConstraint("application_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    application_id: Mapped[int] = mapped_column(
        ForeignKey("applications.id"), index=True
    )
    name: Mapped[str]  # as in the edition
    value: Mapped[Any] = mapped_column(Json)  # as registry.criteria.values writes it
    changed_at: Mapped[datetime]
    changed_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))

    application: Mapped[Application] = relationship(back_populates="answers")


class Evidence(Model):
    """A file offered as proof.  Detached, never deleted, while the case is open."""

    __tablename__ = "evidence"

    id: Mapped[int] = mapped_column(primary_key=True)
    application_id: Mapped[int] = mapped_column(
        ForeignKey("applications.id"), index=True
    )
    kind: Mapped[str]  # an evidence kind of the edition
    file_id: Mapped[int] = mapped_column(ForeignKey("files.id"))
    issued_on: Mapped[date | None]
    period_from: Mapped[date | None]
    period_until: Mapped[date | None]
    expires_on: Mapped[date | None]
    attached_at: Mapped[datetime]
    attached_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    detached_at: Mapped[datetime | None]

    application: Mapped[Application] = relationship(back_populates="evidence")
    file: Mapped[File] = relationship()

    @property
    def reference(self) -> str:
        return f"evidence:{self.id}"

    @property
    def case(self) -> str:
        return f"application:{self.application_id}"


class Completion(Model):
    """What the auditor asked to complete: only these items open again."""

    __tablename__ = "completions"
    __table_args__ = (UniqueConstraint("application_id", "round"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    application_id: Mapped[int] = mapped_column(
        ForeignKey("applications.id"), index=True
    )
    round: Mapped[int]  # 1, 2…
    #: "answer:<name>" or "evidence:<kind>"
    items: Mapped[list[str]]
    message: Mapped[str]
    asked_at: Mapped[datetime]
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    due_on: Mapped[date]
    closed_at: Mapped[datetime | None]
    #: True when the organisation replied, False when the time ran out.
    replied: Mapped[bool | None]

    application: Mapped[Application] = relationship(back_populates="completions")


class Waiver(Model):
    """
    The claim that a criterion does not apply, with its reason.

    What the auditor who holds the case answers stands beside it: None until then,
    refused only with words.
    """

    __tablename__ = "waivers"
    __table_args__ = (
        UniqueConstraint("application_id", "requirement"),
        CheckConstraint("reason <> ''", name="claimed_why"),
        CheckConstraint("accepted OR answer <> ''", name="refused_why"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    application_id: Mapped[int] = mapped_column(
        ForeignKey("applications.id"), index=True
    )
    requirement: Mapped[str]  # as in the edition
    reason: Mapped[str]
    claimed_at: Mapped[datetime]
    claimed_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    accepted: Mapped[bool | None]
    answer: Mapped[str] = mapped_column(default="")
    answered_at: Mapped[datetime | None]
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))

    application: Mapped[Application] = relationship(back_populates="waivers")
