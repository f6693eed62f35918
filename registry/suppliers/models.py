"""Supplier lists: how far each has come.  What they say is sealed (`vault`)."""

import enum
from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from registry.db import Model
from registry.errors import N_
from registry.organisations.models import Organisation
from registry.states import Moves


class ListState(enum.StrEnum):
    """Each comment says whose move it is."""

    UPLOADED = "uploaded"  # the registry starts checking
    ASKING = "asking"  # the company says which column is which
    CHECKING = "checking"  # the registry
    CONFIRMING = "confirming"  # the company says which names are meant
    DONE = "done"  # nobody, until it is erased
    CANCELLED = "cancelled"  # nobody
    FAILED = "failed"  # the company hands in another file
    ERASED = "erased"  # nobody

    @property
    def label(self) -> str:
        return LIST_LABELS[self]


S = ListState
LIST_LABELS = {
    S.UPLOADED: N_("In the queue"),
    S.ASKING: N_("Columns to be named"),
    S.CHECKING: N_("Being checked"),
    S.CONFIRMING: N_("Names to confirm"),
    S.DONE: N_("Checked"),
    S.CANCELLED: N_("Cancelled"),
    S.FAILED: N_("Not checked"),
    S.ERASED: N_("Erased"),
}
MOVES: Moves[ListState] = {
    S.UPLOADED: frozenset({S.CHECKING, S.CANCELLED, S.FAILED, S.ERASED}),
    S.ASKING: frozenset({S.UPLOADED, S.CANCELLED, S.ERASED}),
    S.CHECKING: frozenset({S.CONFIRMING, S.DONE, S.CANCELLED, S.FAILED, S.ERASED}),
    S.CONFIRMING: frozenset({S.UPLOADED, S.CHECKING, S.CANCELLED, S.ERASED}),
    S.DONE: frozenset({S.UPLOADED, S.ERASED}),
    S.CANCELLED: frozenset(),
    S.FAILED: frozenset(),
    S.ERASED: frozenset(),
}


class SupplierList(Model):
    """One file of one company.  Only counts of it stand here in the clear."""

    __tablename__ = "supplier_lists"
    __table_args__ = (
        UniqueConstraint("company_id", "idempotency_key"),
        CheckConstraint("done >= 0 AND done <= total", name="done_within_total"),
        CheckConstraint("threshold BETWEEN 60 AND 100", name="threshold"),
        Index("ix_supplier_lists_company_id", "company_id", "id"),
        Index("ix_supplier_lists_state", "state", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    company_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    state: Mapped[ListState] = mapped_column(default=ListState.UPLOADED)
    format: Mapped[str]  # csv, xlsx, ods, jsonl
    language: Mapped[str]  # of the answers: it, en
    scheme: Mapped[str]  # asked about: impact
    #: The day asked about; None: the day of the check.
    on: Mapped[date | None]
    #: The day the answers are about, once the check began.
    checked_on: Mapped[date | None]
    #: From which likeness (60–100) a name is proposed.
    threshold: Mapped[int]
    total: Mapped[int]  # rows
    done: Mapped[int] = mapped_column(default=0)  # rows
    doubtful: Mapped[int] = mapped_column(default=0)  # rows still to confirm
    #: Whether the doubtful ones were gone through.
    confirmed: Mapped[bool] = mapped_column(default=False)
    #: Numbers of rows by answer, for the summary.
    counts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    problem: Mapped[str | None]  # the rule a failed list broke
    #: Hashed, with the digest of what was sent with it (API).
    idempotency_key: Mapped[str | None]
    request_digest: Mapped[str | None]
    handed_in_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    erased_at: Mapped[datetime | None]
    revision: Mapped[int] = mapped_column()

    company: Mapped[Organisation] = relationship()

    __mapper_args__ = {"version_id_col": revision}  # noqa: RUF012

    @property
    def reference(self) -> str:
        return f"supplier_list:{self.id}"

    @property
    def case(self) -> str | None:
        return None


class Content(Model):
    """A sealed part of a list: the file, its table, the answers, what goes back."""

    __tablename__ = "supplier_contents"

    list_id: Mapped[int] = mapped_column(
        ForeignKey("supplier_lists.id"), primary_key=True
    )
    kind: Mapped[str] = mapped_column(primary_key=True)
    part: Mapped[int] = mapped_column(primary_key=True)
    sealed: Mapped[bytes]


class Layout(Model):
    """Which column is which in files whose first row says the same."""

    __tablename__ = "supplier_layouts"

    company_id: Mapped[int] = mapped_column(
        ForeignKey("organisations.id"), primary_key=True
    )
    mark: Mapped[str] = mapped_column(primary_key=True)  # keyed hash of the header
    columns: Mapped[dict[str, Any]]
    kept_at: Mapped[datetime]


class Confirmation(Model):
    """Which organisation a company means by a name; both are unreadable here."""

    __tablename__ = "supplier_confirmations"

    company_id: Mapped[int] = mapped_column(
        ForeignKey("organisations.id"), primary_key=True
    )
    mark: Mapped[str] = mapped_column(primary_key=True)  # keyed hash of name and town
    sealed: Mapped[bytes]  # the organisation meant, if any, and those offered
    kept_at: Mapped[datetime]


class SignUp(Model):
    """A company that asked for an account and has not opened its letter yet."""

    __tablename__ = "sign_ups"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_sha256: Mapped[str] = mapped_column(unique=True)
    email: Mapped[str] = mapped_column(index=True)
    person: Mapped[str]
    language: Mapped[str]
    company: Mapped[str]
    vat: Mapped[str]
    province: Mapped[str]
    town: Mapped[str]
    asked_at: Mapped[datetime] = mapped_column(index=True)
    until: Mapped[datetime]

    @property
    def reference(self) -> str:
        return f"sign_up:{self.id}"

    @property
    def case(self) -> str | None:
        return None
