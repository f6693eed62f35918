"""Editions as they were imported, their life, and what was tried before publishing."""

import enum
from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from registry.accounts.models import User
from registry.db import Model
from registry.errors import N_
from registry.states import Moves


class EditionState(enum.StrEnum):
    """Each comment says whose move it is."""

    DRAFT = "draft"  # the scheme owner opens the consultation
    CONSULTATION = "consultation"  # whoever wants to comments; then the scheme owner
    ADOPTED = "adopted"  # the scheme owner publishes it and tells the holders
    NOTIFIED = "notified"  # nobody: it comes into force on its day
    IN_FORCE = "in_force"  # nobody, until another edition takes its place
    TRANSITION = "transition"  # nobody: its last applications and certificates
    RETIRED = "retired"  # nobody

    @property
    def label(self) -> str:
        """The English words people see; marked for translation."""
        return STATE_LABELS[self]


E = EditionState
STATE_LABELS = {
    E.DRAFT: N_("Draft"),
    E.CONSULTATION: N_("Open for comments"),
    E.ADOPTED: N_("Adopted"),
    E.NOTIFIED: N_("Holders told"),
    E.IN_FORCE: N_("In force"),
    E.TRANSITION: N_("In transition"),
    E.RETIRED: N_("Retired"),
}
#: The first edition of a scheme goes from adopted to in force: it needs no notice.
MOVES: Moves[EditionState] = {
    E.DRAFT: frozenset({E.CONSULTATION, E.ADOPTED}),
    E.CONSULTATION: frozenset({E.DRAFT, E.ADOPTED}),
    E.ADOPTED: frozenset({E.NOTIFIED, E.IN_FORCE}),
    E.NOTIFIED: frozenset({E.IN_FORCE}),
    E.IN_FORCE: frozenset({E.TRANSITION}),
    E.TRANSITION: frozenset({E.RETIRED}),
    E.RETIRED: frozenset(),
}


class EditionCopy(Model):
    """
    A published edition, word for word.  The database refuses to change or delete it.

    A second row of the same edition has other texts (an erratum), never other rules.
    """

    __tablename__ = "editions"
    __table_args__ = (UniqueConstraint("key", "text_digest"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str]  # "impact/2022"
    digest: Mapped[str]  # of the rules and the official texts
    text_digest: Mapped[str]  # of everything
    content: Mapped[dict[str, Any]]
    imported_at: Mapped[datetime]
    by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))

    @property
    def reference(self) -> str:
        return f"edition:{self.key}"

    @property
    def case(self) -> str | None:
        return None


class LifeEvent(Model):
    """
    An act in the life of an edition, also of a draft that is in no table yet.

    What follows from the calendar alone (in force, in transition, retired) is no event:
    `rules.state_on` works it out.  The database refuses to change or delete a row.
    """

    __tablename__ = "edition_life"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(index=True)
    digest: Mapped[str]
    state: Mapped[EditionState]
    on: Mapped[date]
    at: Mapped[datetime]
    by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))

    by: Mapped[User] = relationship()

    @property
    def reference(self) -> str:
        return f"edition:{self.key}"

    @property
    def case(self) -> str | None:
        return None


class Trial(Model):
    """The figures of a what-if, attached to the publication of a draft; for ever."""

    __tablename__ = "what_ifs"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(index=True)
    digest: Mapped[str]
    run_at: Mapped[datetime]
    run_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    summary: Mapped[dict[str, Any]]
    #: SHA-256 (hex) of the canonical JSON of the summary.
    sha256: Mapped[str]

    @property
    def reference(self) -> str:
        return f"edition:{self.key}"

    @property
    def case(self) -> str | None:
        return None
