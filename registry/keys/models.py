"""API keys of an organisation, their secrets, and how much each was used on a day."""

import enum
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from registry.accounts.models import User
from registry.db import Model
from registry.errors import N_
from registry.organisations.models import Organisation


class Scope(enum.StrEnum):
    """What a program may do with a key."""

    VERIFY = "verify"
    BULK = "bulk"
    JOBS = "jobs"
    WATCHES = "watches"

    @property
    def label(self) -> str:
        return SCOPE_LABELS[self]


SCOPE_LABELS = {
    Scope.VERIFY: N_("Single checks"),
    Scope.BULK: N_("Up to 1,000 checks in one call"),
    Scope.JOBS: N_("Whole files"),
    Scope.WATCHES: N_("Watched suppliers and webhooks"),
}


class ApiKey(Model):
    """A key: whose, for what; programs show one of its secrets."""

    __tablename__ = "api_keys"
    __table_args__ = (CheckConstraint("name <> ''", name="has_name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(
        ForeignKey("organisations.id"), index=True
    )
    name: Mapped[str]
    scopes: Mapped[list[str]]
    created_at: Mapped[datetime]
    created_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    #: Noted at most once a minute.
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]

    organisation: Mapped[Organisation] = relationship()
    created_by: Mapped[User] = relationship()
    secrets: Mapped[list["KeySecret"]] = relationship(
        back_populates="key", order_by="KeySecret.id"
    )

    @property
    def reference(self) -> str:
        return f"key:{self.id}"

    @property
    def case(self) -> str | None:
        return None

    @property
    def scope_labels(self) -> list[str]:
        """What the key is for, marked for translation."""
        return [Scope(scope).label for scope in self.scopes]

    @property
    def current(self) -> "KeySecret":
        """The newest secret, the one that stays."""
        return self.secrets[-1]


class KeySecret(Model):
    """What opens: kept as its SHA-256 and its last four letters."""

    __tablename__ = "api_key_secrets"

    id: Mapped[int] = mapped_column(primary_key=True)
    key_id: Mapped[int] = mapped_column(ForeignKey("api_keys.id"), index=True)
    sha256: Mapped[str] = mapped_column(unique=True)
    last_four: Mapped[str]
    created_at: Mapped[datetime]
    #: Set when another took its place: until then both work.
    ends_at: Mapped[datetime | None]

    key: Mapped[ApiKey] = relationship(back_populates="secrets")


class KeyUsage(Model):
    """How much a key was used on one civil day."""

    __tablename__ = "api_key_usage"

    key_id: Mapped[int] = mapped_column(ForeignKey("api_keys.id"), primary_key=True)
    on: Mapped[date] = mapped_column(primary_key=True)
    requests: Mapped[int] = mapped_column(default=0)
    #: Identifiers asked about: one for a single check, each of them for many.
    items: Mapped[int] = mapped_column(default=0)
