"""People and roles, in the shape Flask-Security wants them."""

import enum
from datetime import datetime
from typing import Any

from flask_security import AsaList, RoleMixin, UserMixin
from sqlalchemy import Column, ForeignKey, Table
from sqlalchemy.ext.mutable import MutableList
from sqlalchemy.orm import Mapped, mapped_column, relationship

from registry.db import Model
from registry.errors import N_


class Role(enum.StrEnum):
    """What a person may be for the registry; one person may be several."""

    COOPERATIVE = "cooperative"
    AUDITOR = "auditor"
    COMMITTEE = "committee"
    SECRETARIAT = "secretariat"
    COMPANY = "company"
    ADMINISTRATOR = "administrator"
    SCHEME_OWNER = "scheme_owner"
    REGISTRY = "registry"  # the machine itself, when a job acts

    @property
    def label(self) -> str:
        return ROLE_LABELS[self]


ROLE_LABELS = {
    Role.COOPERATIVE: N_("Cooperative"),
    Role.AUDITOR: N_("Auditor"),
    Role.COMMITTEE: N_("Committee"),
    Role.SECRETARIAT: N_("Secretariat"),
    Role.COMPANY: N_("Company"),
    Role.ADMINISTRATOR: N_("Administrator"),
    Role.SCHEME_OWNER: N_("Scheme owner"),
    Role.REGISTRY: N_("The registry"),
}

#: Those who must sign in with a second factor.
STAFF = frozenset(
    {
        Role.AUDITOR,
        Role.COMMITTEE,
        Role.SECRETARIAT,
        Role.ADMINISTRATOR,
        Role.SCHEME_OWNER,
    }
)

#: Those who speak for organisations, which may ask for a mark.
SPEAKERS = (Role.COOPERATIVE, Role.COMPANY)

user_roles = Table(
    "user_roles",
    Model.metadata,
    Column("user_id", ForeignKey("users.id"), primary_key=True),
    Column("role_id", ForeignKey("roles.id"), primary_key=True),
)


class RoleRow(Model, RoleMixin):
    __tablename__ = "roles"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    description: Mapped[str | None]
    permissions: Mapped[Any | None] = mapped_column(MutableList.as_mutable(AsaList()))


class User(Model, UserMixin):
    """A person with an account (or the registry itself)."""

    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    language: Mapped[str] = mapped_column(default="it")
    password: Mapped[str | None]
    active: Mapped[bool]
    fs_uniquifier: Mapped[str] = mapped_column(unique=True)
    confirmed_at: Mapped[datetime | None]
    #: An invitation not yet taken up ends on this instant.
    invited_until: Mapped[datetime | None]
    #: What its letter holds, hashed: it opens the door once.
    invitation_sha256: Mapped[str | None] = mapped_column(unique=True)
    tf_primary_method: Mapped[str | None]
    tf_totp_secret: Mapped[str | None]
    tf_phone_number: Mapped[str | None]
    #: The half minute of the last code taken: no code serves twice.
    tf_last_counter: Mapped[int | None]
    mf_recovery_codes: Mapped[Any | None] = mapped_column(
        MutableList.as_mutable(AsaList())
    )
    created_at: Mapped[datetime]

    # Flask-Security types its own, narrower, list.
    roles: Mapped[list[RoleRow]] = relationship(  # type: ignore[assignment]
        secondary=user_roles, lazy="selectin"
    )

    @property
    def reference(self) -> str:
        return f"user:{self.id}"

    @property
    def case(self) -> str | None:
        return None

    @property
    def role_labels(self) -> list[str]:
        """The names of the roles held, marked for translation."""
        return [Role(row.name).label for row in sorted(self.roles, key=lambda r: r.id)]

    def state_label(self, at: datetime) -> str:
        """How the account stands at an instant, marked for translation."""
        if not self.active:
            return N_("Shut out")
        if self.confirmed_at is not None:
            return N_("May sign in")
        waits = self.invited_until is not None and at < self.invited_until
        return N_("Invited") if waits else N_("Invitation expired")

    @property
    def must_have_second_factor(self) -> bool:
        """Staff sign in with a code besides the password; others may choose to."""
        return self.is_a(*STAFF)

    def check_tf_required(
        self, tf_setup_methods: list[tuple[str, str]], tf_fresh: bool
    ) -> tuple[bool, list[tuple[str, str]]]:
        """What Flask-Security asks at sign-in: a code is due, or must be set up."""
        due = self.must_have_second_factor or bool(tf_setup_methods)
        return due, tf_setup_methods

    def check_tf_required_setup(self) -> bool:
        """What Flask-Security asks before it offers to switch the codes off."""
        return self.must_have_second_factor

    def is_a(self, *roles: Role) -> bool:
        """Whether the person has one of these roles."""
        held = {row.name for row in self.roles}
        return any(role.value in held for role in roles)


class SignIn(Model):
    """One signed-in browser: signing out ends it here, so a copied cookie is dead."""

    __tablename__ = "sign_ins"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_sha256: Mapped[str] = mapped_column(unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    started_at: Mapped[datetime]
    #: Renewed at most once a minute while in use.
    seen_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
