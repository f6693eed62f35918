"""No form is taken from another site, another session or without its token."""

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import func, select

from registry.accounts.models import Role, SignIn
from registry.db import Model, db
from tests.security import addresses
from tests.security.world import ROLES, World

#: Its page has no session, so it asks where the request comes from instead.
BY_ORIGIN = "/demo/sign-in"
#: These have neither session nor token: what is sent is judged and forgotten.
KEEP_NOTHING = {
    "/<any(it, en):lang>/criteria/<scheme>/<edition>/check",
    *("/verify", "/<any(it, en):lang>/verify"),
    *("/receipts", "/receipts/check"),  # of what anybody may ask
}
#: Programs show a key in a header, or nothing: there is no session to ride on.
KEYED = "/api/"


def forms(app: Flask) -> Iterator[tuple[str, str]]:
    for rule in addresses.rules(app):
        for method in addresses.methods(rule):
            if method not in ("GET", "HEAD", "OPTIONS"):
                yield method, rule.rule


@pytest.fixture
def guarded(world: World) -> World:
    world.app.config["WTF_CSRF_ENABLED"] = True
    return world


@pytest.mark.parametrize("token", ["none", "wrong", "another's", "in the address"])
def test_a_form_without_its_own_token_changes_nothing(
    guarded: World, token: str
) -> None:
    """ASVS 3.5.1, as whoever may open the address."""
    before = counted(guarded)
    wrong = []
    for rule in addresses.rules(guarded.app):
        for method in set(addresses.methods(rule)) - {"GET"}:
            if rule.rule in {BY_ORIGIN, *KEEP_NOTHING} or rule.rule.startswith(KEYED):
                continue
            path = addresses.one(rule, guarded)
            who = _whoever_may(guarded.app, rule.endpoint)
            mine = f"?csrf_token={token_of(guarded, who)}"
            answer = guarded.browser(who).open(
                path + (mine if token == "in the address" else ""),
                method=method,
                data=_sent(guarded, token, who),
            )
            if answer.status_code not in (400, 403):
                wrong.append(f"{method} {rule.rule}: {answer.status}")
    assert not wrong, wrong
    assert counted(guarded) == before


def test_a_form_with_its_own_token_is_taken(guarded: World) -> None:
    """The control of the test above."""
    token = token_of(guarded, "secretariat")
    answer = guarded.browser("secretariat").post(
        "/account",
        data={"csrf_token": token, "name": "Anna Verdi", "language": "it"},
    )
    assert answer.status_code == 302


def test_a_form_of_another_site_is_refused_even_with_a_token(guarded: World) -> None:
    token = token_of(guarded, "secretariat")
    answer = guarded.browser("secretariat").post(
        "/account",
        data={"csrf_token": token, "name": "Anna Verdi", "language": "it"},
        headers={"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"},
    )
    assert answer.status_code in (400, 403)


def _whoever_may(app: Flask, endpoint: str) -> str:
    roles = getattr(app.view_functions[endpoint], "open_to", ()) or ROLES
    others = (role for role in ROLES if role in roles and role != Role.COMPANY)
    return str(next(others, Role.COMPANY))


def _sent(world: World, token: str, who: str) -> dict[str, str]:
    """What comes instead of the token of `who`."""
    if token == "another's":
        other = Role.COOPERATIVE if who == Role.COMPANY else Role.COMPANY
        return {"csrf_token": token_of(world, other)}
    return {"csrf_token": "x" * 40} if token == "wrong" else {}


def token_of(world: World, who: str) -> str:
    """The token a page of this person carries."""
    import re

    page = world.browser(who).get("/account").text
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert found, "no token on the page"
    return found[1]


def counted(world: World) -> dict[str, int]:
    """How many rows each table has, and how many sign-ins ended."""
    with world.inside():
        ended = select(func.count()).where(SignIn.ended_at.is_not(None))
        return {
            table.name: db.session.scalars(
                select(func.count()).select_from(table)
            ).one()
            for table in Model.metadata.sorted_tables
        } | {"ended": db.session.scalars(ended).one()}
