"""The fixture that signs people in leads to where they would be by themselves."""

from collections.abc import Callable
from typing import Any

from flask.testing import FlaskClient

from registry.accounts.models import Role, User
from registry.accounts.operations import give_role
from registry.accounts.queries import the_registry
from registry.clock import FixedClock


def person(db: Any, clock: FixedClock, *roles: Role) -> User:
    user = User(
        email="ada@example.org",
        name="Ada Neri",
        active=True,
        fs_uniquifier="ada",
        created_at=clock.now(),
    )
    db.session.add(user)
    db.session.flush()
    for role in roles:
        give_role(user, role, by=the_registry(), at=clock.now())
    return user


def test_a_signed_in_person_opens_their_account(
    db: Any, clock: FixedClock, sign_in: Callable[[User], FlaskClient]
) -> None:
    client = sign_in(person(db, clock, Role.AUDITOR))
    assert client.get("/account").status_code == 200
    clock.tick(days=1)
    assert client.get("/account").status_code == 302
