"""Who is who."""

from collections.abc import Sequence

from sqlalchemy import Select, select

from registry.accounts.models import Role, RoleRow, User
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
