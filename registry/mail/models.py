"""The outbox."""

import enum
from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from registry.db import Model
from registry.errors import N_
from registry.states import Moves


class LetterState(enum.StrEnum):
    """Each comment says whose move it is."""

    WAITING = "waiting"  # the postman brings it
    SENT = "sent"  # nobody
    FAILED = "failed"  # the secretariat resends it

    @property
    def label(self) -> str:
        return LETTER_LABELS[self]


LETTER_LABELS = {
    LetterState.WAITING: N_("Waiting"),
    LetterState.SENT: N_("Sent"),
    LetterState.FAILED: N_("Not delivered"),
}


MOVES: Moves[LetterState] = {
    LetterState.WAITING: frozenset({LetterState.SENT, LetterState.FAILED}),
    LetterState.SENT: frozenset(),
    LetterState.FAILED: frozenset({LetterState.WAITING}),
}


class Letter(Model):
    """One letter to one person, every word fixed when it was written."""

    __tablename__ = "letters"
    __table_args__ = (Index("ix_letters_due", "state", "next_attempt_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    #: Fixed once: a letter sent twice by accident is recognised as the same.
    message_id: Mapped[str] = mapped_column(unique=True)
    event: Mapped[str]  # "applications/submitted": the template it was made from
    about: Mapped[str] = mapped_column(index=True)  # the reference of its subject
    language: Mapped[str]
    to_email: Mapped[str]
    to_name: Mapped[str]
    to_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), index=True)
    subject: Mapped[str]
    #: Plain text; addresses stand as base:/path.  A secret letter loses it once sent.
    body: Mapped[str | None]
    #: Holds a sign-in link: never shown to staff, made anew when sent again.
    secret: Mapped[bool]
    state: Mapped[LetterState] = mapped_column(default=LetterState.WAITING)
    written_at: Mapped[datetime] = mapped_column(index=True)
    next_attempt_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    sent_at: Mapped[datetime | None]
    last_error: Mapped[str | None]

    @property
    def reference(self) -> str:
        return f"letter:{self.id}"

    @property
    def case(self) -> str | None:
        return self.about if self.about.startswith("application:") else None
