"""Who is who."""

import hashlib
from collections.abc import Sequence

from sqlalchemy import Select, and_, or_, select

from registry.accounts.models import Role, RoleRow, SignIn, User
from registry.db import db

#: The one account nobody signs in with.
REGISTRY = "the-registry"


def the_registry() -> User:
    """The user in whose name jobs act; the first migration adds it."""
    return db.session.scalars(select(User).where(User.fs_uniquifier == REGISTRY)).one()


def having(role: Role) -> Select[User]:
    """The select of active people with a role, by name."""
    return (
        select(User)
        .join(User.roles)
        .where(RoleRow.name == role.value, User.active)
        .order_by(User.name, User.id)
    )


def staff(role: Role) -> Sequence[User]:
    """The active people with a role: `staff(Role.SECRETARIAT)`."""
    return db.session.scalars(having(role)).all()


def by_email(email: str) -> User | None:
    return db.session.scalar(select(User).where(User.email == email.strip().lower()))


def people(typed: str = "") -> Select[User]:
    """Everyone but the machine, whose name or address has all the words typed."""
    found = select(User).where(User.fs_uniquifier != REGISTRY)
    for word in typed.replace("\0", " ").split()[:8]:  # PostgreSQL takes no NUL
        part = word.lower()
        found = found.where(
            or_(
                User.name.icontains(part, autoescape=True),
                User.email.icontains(part, autoescape=True),
            )
        )
    return found.order_by(User.name, User.id)


def person(id_: int) -> User | None:
    """A person by key, never the machine."""
    return db.session.scalar(
        select(User).where(and_(User.id == id_, User.fs_uniquifier != REGISTRY))
    )


def role_row(role: Role) -> RoleRow:
    """The row of a role; the first migration adds them all."""
    return db.session.scalars(select(RoleRow).where(RoleRow.name == role.value)).one()


def hashed(token: str) -> str:
    """What is kept of a token: 256 random bits need no slow hash."""
    return hashlib.sha256(token.encode()).hexdigest()


def by_invitation(token: str) -> User | None:
    """Whom the link in a letter invites, if it still does; ask `is_invited` too."""
    return db.session.scalar(
        select(User).where(User.invitation_sha256 == hashed(token), User.active)
    )


def sign_in_of(token: str) -> SignIn | None:
    """The signed-in browser that holds `token`, live or not."""
    return db.session.scalar(select(SignIn).where(SignIn.token_sha256 == hashed(token)))


def open_sign_ins(user: User) -> Sequence[SignIn]:
    """The browsers of a person that have not signed out, newest first."""
    return db.session.scalars(
        select(SignIn)
        .where(SignIn.user_id == user.id, SignIn.ended_at.is_(None))
        .order_by(SignIn.started_at.desc(), SignIn.id.desc())
    ).all()
