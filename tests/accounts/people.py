"""People who joined by an invitation, with a password that opens."""

from datetime import UTC, datetime
from functools import cache
from itertools import count

from registry.accounts import operations, queries, security
from registry.accounts.models import STAFF, Role, User
from registry.db import db

#: Some days before the tests' clock.
AT = datetime(2026, 2, 20, 9, tzinfo=UTC)
PASSWORD = "quattro cavalli blu lenti"  # of everybody here
_numbers = count(1)


def person(*roles: Role, email: str = "", name: str = "", language: str = "it") -> User:
    """Someone who took up an invitation; staff have their second factor."""
    number = next(_numbers)
    user = operations.invite(
        email or f"invitato{number}@example.org",
        name or f"Persona Numero{number}",
        roles=roles or (Role.COOPERATIVE,),
        by=queries.the_registry(),
        at=AT,
    )
    operations.accept(
        user, name=user.name, password_hash=_hashed(), language=language, at=AT
    )
    if user.is_a(*STAFF):
        operations.protect(user, security.new_totp_secret(), by=user, at=AT)
    db.session.flush()
    return user


@cache
def _hashed() -> str:
    """One hash for all: hashing is slow on purpose."""
    return security.hash_password(PASSWORD)
