"""Watch-lists as keyed hashes, news that wait for a letter, and webhooks."""

import enum
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from registry.db import Model
from registry.errors import N_
from registry.organisations.models import Organisation
from registry.states import Moves


class Telling(enum.StrEnum):
    """When a company is written to."""

    AT_ONCE = "at_once"
    DAILY = "daily"
    NEVER = "never"

    @property
    def label(self) -> str:
        return TELLING_LABELS[self]


TELLING_LABELS = {
    Telling.AT_ONCE: N_("As soon as something changes"),
    Telling.DAILY: N_("Once a day, when something has changed"),
    Telling.NEVER: N_("Never: only webhooks and these pages"),
}


class WatchList(Model):
    """The one watch-list of a company."""

    __tablename__ = "watch_lists"

    organisation_id: Mapped[int] = mapped_column(
        ForeignKey("organisations.id"), primary_key=True
    )
    telling: Mapped[Telling] = mapped_column(default=Telling.DAILY)
    #: The word in the secret address of the calendar, hashed.
    calendar_sha256: Mapped[str | None] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]

    organisation: Mapped[Organisation] = relationship()

    @property
    def reference(self) -> str:
        return f"watch_list:{self.organisation_id}"

    @property
    def case(self) -> str | None:
        return None


class Watched(Model):
    """One identifier of a supplier, as a keyed hash that says nothing of it."""

    __tablename__ = "watched"

    organisation_id: Mapped[int] = mapped_column(
        ForeignKey("watch_lists.organisation_id"), primary_key=True
    )
    mark: Mapped[str] = mapped_column(primary_key=True, index=True)
    added_at: Mapped[datetime]


class News(Model):
    """What a letter will tell a company: sealed, and gone once it is written."""

    __tablename__ = "watch_news"

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(
        ForeignKey("watch_lists.organisation_id"), index=True
    )
    sealed: Mapped[bytes]
    written_at: Mapped[datetime]


class Progress(Model):
    """The only row: up to where public changes and acts on editions were told."""

    __tablename__ = "watch_progress"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    change: Mapped[int]
    edition_act: Mapped[int]


class Forewarned(Model):
    """That those who watch a certificate were told so many days before its end."""

    __tablename__ = "watch_forewarned"

    certificate_id: Mapped[int] = mapped_column(
        ForeignKey("certificates.id"), primary_key=True
    )
    days: Mapped[int] = mapped_column(primary_key=True)


class Reason(enum.StrEnum):
    """Why nothing is sent to a webhook any more."""

    ASKED = "asked"
    GONE = "gone"  # it answered 410
    FAILING = "failing"  # it took nothing for five days

    @property
    def label(self) -> str:
        return REASON_LABELS[self]


REASON_LABELS = {
    Reason.ASKED: N_("Switched off"),
    Reason.GONE: N_("Switched off: the address answered 410, gone"),
    Reason.FAILING: N_("Switched off: it took nothing for five days"),
}


class Webhook(Model):
    """An address of a company to which we post what happens."""

    __tablename__ = "webhooks"

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(
        ForeignKey("organisations.id"), index=True
    )
    url: Mapped[str]
    events: Mapped[list[str]]
    created_at: Mapped[datetime]
    created_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    #: Since when every attempt has failed; None: the last one did not.
    failing_since: Mapped[datetime | None]
    off_at: Mapped[datetime | None]
    off_because: Mapped[Reason | None]

    organisation: Mapped[Organisation] = relationship()
    secrets: Mapped[list["WebhookSecret"]] = relationship(
        order_by="WebhookSecret.id", cascade="all, delete-orphan"
    )
    deliveries: Mapped[list["Delivery"]] = relationship(
        back_populates="webhook",
        order_by="Delivery.id.desc()",
        cascade="all, delete-orphan",
    )

    @property
    def reference(self) -> str:
        return f"webhook:{self.id}"

    @property
    def case(self) -> str | None:
        return None


class WebhookSecret(Model):
    """What messages are signed with, sealed; the one before signs too for a while."""

    __tablename__ = "webhook_secrets"

    id: Mapped[int] = mapped_column(primary_key=True)
    webhook_id: Mapped[int] = mapped_column(ForeignKey("webhooks.id"), index=True)
    sealed: Mapped[bytes]
    created_at: Mapped[datetime]
    ends_at: Mapped[datetime | None]


class DeliveryState(enum.StrEnum):
    """Each comment says whose move it is."""

    WAITING = "waiting"  # the registry sends it when it is due
    DELIVERED = "delivered"  # nobody; the company may ask for it again
    FAILED = "failed"  # nobody; the company may ask for it again

    @property
    def label(self) -> str:
        return DELIVERY_LABELS[self]


D = DeliveryState
DELIVERY_LABELS = {
    D.WAITING: N_("Waits to be sent"),
    D.DELIVERED: N_("Taken"),
    D.FAILED: N_("Not taken, given up"),
}
MOVES: Moves[DeliveryState] = {
    D.WAITING: frozenset({D.DELIVERED, D.FAILED}),
    D.DELIVERED: frozenset({D.WAITING}),
    D.FAILED: frozenset({D.WAITING}),
}


class Delivery(Model):
    """One message for one webhook; its bytes are sealed and never change."""

    __tablename__ = "webhook_deliveries"
    __table_args__ = (Index("ix_webhook_deliveries_due", "state", "next_attempt_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    webhook_id: Mapped[int] = mapped_column(ForeignKey("webhooks.id"), index=True)
    message_id: Mapped[str] = mapped_column(unique=True)
    event: Mapped[str]
    sealed: Mapped[bytes]
    created_at: Mapped[datetime] = mapped_column(index=True)
    state: Mapped[DeliveryState] = mapped_column(default=DeliveryState.WAITING)
    next_attempt_at: Mapped[datetime]
    #: Of the present round: a replay begins a new one.
    attempts: Mapped[int] = mapped_column(default=0)

    webhook: Mapped[Webhook] = relationship(back_populates="deliveries")
    log: Mapped[list["Attempt"]] = relationship(
        order_by="Attempt.id", cascade="all, delete-orphan"
    )

    @property
    def reference(self) -> str:
        return f"delivery:{self.id}"

    @property
    def case(self) -> str | None:
        return None


class Attempt(Model):
    """What became of one attempt: the status answered, or why there was none."""

    __tablename__ = "webhook_attempts"

    id: Mapped[int] = mapped_column(primary_key=True)
    delivery_id: Mapped[int] = mapped_column(
        ForeignKey("webhook_deliveries.id"), index=True
    )
    at: Mapped[datetime]
    status: Mapped[int | None]
    problem: Mapped[str | None]
    milliseconds: Mapped[int]
