"""Decisions.  The database refuses one by anyone who audited the case."""

import enum
from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from registry.accounts.models import User
from registry.applications.models import Application
from registry.db import Model
from registry.errors import N_


class Outcome(enum.StrEnum):
    GRANTED = "granted"
    GRANTED_WITH_CONDITIONS = "granted_with_conditions"
    REFUSED = "refused"

    @property
    def label(self) -> str:
        return OUTCOME_LABELS[self]


OUTCOME_LABELS = {
    Outcome.GRANTED: N_("Granted"),
    Outcome.GRANTED_WITH_CONDITIONS: N_("Granted with conditions"),
    Outcome.REFUSED: N_("Refused"),
}


class Decision(Model):
    """
    Written once and never changed (the database has no UPDATE or DELETE for it).

    A trigger, `decider_audited_the_case`, refuses a decider who has ever been
    assigned to audit the case (ISO/IEC 17065, 7.6.2).
    """

    __tablename__ = "decisions"
    __table_args__ = (
        CheckConstraint("reasons <> ''", name="has_reasons"),
        CheckConstraint(
            "outcome <> 'granted_with_conditions' OR conditions <> ''",
            name="conditions_said",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    application_id: Mapped[int] = mapped_column(
        ForeignKey("applications.id"), unique=True
    )
    outcome: Mapped[Outcome]
    reasons: Mapped[str]
    conditions: Mapped[str] = mapped_column(default="")
    decided_at: Mapped[datetime]
    decided_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    #: Edition digest, answers, verified values, evidence hashes, result, trace.
    grounds: Mapped[dict[str, Any]]
    #: SHA-256 of the canonical JSON of the grounds.
    grounds_sha256: Mapped[str]

    application: Mapped[Application] = relationship()
    decided_by: Mapped[User] = relationship()

    @property
    def due(self) -> date | None:
        """The last day of the corrective action agreed with the grant, if there is."""
        actions = self.grounds.get("actions", {}).values()
        return max((date.fromisoformat(one["due"]) for one in actions), default=None)

    @property
    def reference(self) -> str:
        return f"decision:{self.id}"

    @property
    def case(self) -> str:
        return f"application:{self.application_id}"
