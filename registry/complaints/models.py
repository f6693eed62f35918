"""Doubts raised about holders, and the acts on them."""

import enum
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from registry.accounts.models import User
from registry.db import Model
from registry.errors import N_
from registry.organisations.models import Organisation
from registry.states import Moves


class ComplaintState(enum.StrEnum):
    """Each comment says whose move it is."""

    RECEIVED = "received"  # the secretariat says whether it can be looked into
    ADMISSIBLE = "admissible"  # the secretariat looks into it and closes it
    NOT_ADMISSIBLE = "not_admissible"  # nobody
    CLOSED = "closed"  # nobody

    @property
    def label(self) -> str:
        return STATE_LABELS[self]


STATE_LABELS = {
    ComplaintState.RECEIVED: N_("Just received"),
    ComplaintState.ADMISSIBLE: N_("Being looked into"),
    ComplaintState.NOT_ADMISSIBLE: N_("Not admissible"),
    ComplaintState.CLOSED: N_("Closed"),
}
MOVES: Moves[ComplaintState] = {
    ComplaintState.RECEIVED: frozenset(
        {ComplaintState.ADMISSIBLE, ComplaintState.NOT_ADMISSIBLE}
    ),
    ComplaintState.ADMISSIBLE: frozenset({ComplaintState.CLOSED}),
    ComplaintState.NOT_ADMISSIBLE: frozenset(),
    ComplaintState.CLOSED: frozenset(),
}


class Topic(enum.StrEnum):
    """What a doubt is about."""

    MARK = "mark"
    CRITERIA = "criteria"
    FACTS = "facts"
    OTHER = "other"

    @property
    def label(self) -> str:
        return TOPIC_LABELS[self]


TOPIC_LABELS = {
    Topic.MARK: N_("The mark is used against its rules"),
    Topic.CRITERIA: N_("A criterion does not seem to be met"),
    Topic.FACTS: N_("Something on this page is wrong"),
    Topic.OTHER: N_("Something else about the certificate"),
}


class Outcome(enum.StrEnum):
    """What was found when a doubt was looked into."""

    FOUNDED = "founded"
    PARTLY_FOUNDED = "partly_founded"
    UNFOUNDED = "unfounded"

    @property
    def label(self) -> str:
        return OUTCOME_LABELS[self]


OUTCOME_LABELS = {
    Outcome.FOUNDED: N_("Founded"),
    Outcome.PARTLY_FOUNDED: N_("Founded in part"),
    Outcome.UNFOUNDED: N_("Not founded"),
}


class Complaint(Model):
    """A doubt somebody raised about a holder; never public."""

    __tablename__ = "complaints"
    __table_args__ = (
        CheckConstraint(
            "(state = 'closed') = (outcome IS NOT NULL)", name="closed_with_an_outcome"
        ),
        CheckConstraint(
            "(state IN ('closed', 'not_admissible')) = (ended_at IS NOT NULL)",
            name="ended_on_a_day",
        ),
        Index("ix_complaints_state", "state", "answer_by_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(unique=True)  # SEG-2026-0007
    organisation_id: Mapped[int] = mapped_column(
        ForeignKey("organisations.id"), index=True
    )
    topic: Mapped[Topic]
    #: What was written, and where to answer; forgotten some time after the end.
    words: Mapped[str | None]
    email: Mapped[str | None]
    language: Mapped[str]
    #: Of the secret address under which who wrote it follows it.
    key_sha256: Mapped[str] = mapped_column(unique=True)
    received_at: Mapped[datetime]
    #: The last day to say whether it is admissible.
    answer_by_on: Mapped[date]
    state: Mapped[ComplaintState]
    outcome: Mapped[Outcome | None]
    ended_at: Mapped[datetime | None]
    revision: Mapped[int] = mapped_column()

    organisation: Mapped[Organisation] = relationship()
    acts: Mapped[list["Act"]] = relationship(
        back_populates="complaint", order_by="Act.id"
    )

    __mapper_args__ = {"version_id_col": revision}  # noqa: RUF012

    @property
    def reference(self) -> str:
        return f"complaint:{self.id}"

    @property
    def case(self) -> str | None:
        return None


class ActKind(enum.StrEnum):
    """What was done about a doubt."""

    RECEIVED = "received"
    ADMITTED = "admitted"
    REJECTED = "rejected"
    NOTED = "noted"
    CLOSED = "closed"

    @property
    def label(self) -> str:
        return ACT_LABELS[self]


ACT_LABELS = {
    ActKind.RECEIVED: N_("Report received"),
    ActKind.ADMITTED: N_("Found admissible: it is being looked into"),
    ActKind.REJECTED: N_("Found not admissible"),
    ActKind.NOTED: N_("Note of the secretariat"),
    ActKind.CLOSED: N_("Closed"),
}
#: What the person who raised the doubt is told; notes are for the registry alone.
TOLD = {ActKind.RECEIVED, ActKind.ADMITTED, ActKind.REJECTED, ActKind.CLOSED}


class Act(Model):
    """One act with its reasons.  The database refuses to change or delete it."""

    __tablename__ = "complaint_acts"

    id: Mapped[int] = mapped_column(primary_key=True)
    complaint_id: Mapped[int] = mapped_column(ForeignKey("complaints.id"), index=True)
    kind: Mapped[ActKind]
    at: Mapped[datetime]
    by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    words: Mapped[str] = mapped_column(default="")

    complaint: Mapped[Complaint] = relationship(back_populates="acts")
    by: Mapped[User] = relationship()
