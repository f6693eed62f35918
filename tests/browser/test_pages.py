"""
Every page of a small world with two of everything, as each role sees it, on a telephone
and on a desk: axe finds nothing, nothing sticks out at the side, nothing complains.
"""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser.chromium import DESK, chromium, complaints, listen, served
from tests.house.access import VISITOR, may
from tests.security import addresses
from tests.security.world import ROLES, World

pytestmark = pytest.mark.browser
#: Of its applications the cooperative sees three: a draft, one that is being looked at,
#: and one to complete; of other things, and for the others, one is enough.
STATES = slice(1, None, 3)
#: A page of several members of the staff is looked at with the eyes of the first.
STAFF = ("secretariat", "committee", "administrator", "auditor", "scheme_owner")
#: Those that sign out, download, or are read by programs.
APART = ("/api/", "/static/", "/sign-out", "/metrics", "/healthz", "/typefaces/")
PAPER = (".json", ".pdf", "/english", "/file", "/paper")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.mark.parametrize("who", [VISITOR, *(role.value for role in ROLES)])
def test_every_page_is_accessible_and_fits_and_obeys_the_policy(
    world: World, browser: Browser, who: str
) -> None:
    context = browser.new_context(viewport={"width": DESK, "height": 900})
    page = context.new_page()
    said, wrong = listen(page), []
    with served(world.app) as site:
        if who in world.cookies:
            name = world.app.config["SESSION_COOKIE_NAME"]
            cookie = {"name": name, "value": world.cookies[who], "url": site}
            context.add_cookies([cookie])  # type: ignore[list-item]
        for path in pages(world, who):
            page.goto(site + path)
            page.evaluate("document.querySelectorAll('details').forEach(d=>d.open=1)")
            if found := complaints(page):
                wrong.append((path, found))
    assert wrong == []
    assert said == []


def pages(world: World, who: str) -> Iterator[str]:
    """The addresses this person may open; the public ones for visitors only."""
    with world.inside():
        client = world.browser(who)
        for rule in addresses.rules(world.app):
            public = may(world.app, rule.endpoint, VISITOR)
            apart = rule.rule.startswith(APART) or rule.rule.endswith(PAPER)
            if "GET" not in addresses.methods(rule) or apart:
                continue
            if not may(world.app, rule.endpoint, who) or public != (who == VISITOR):
                continue
            if not public and is_seen_before(world, rule.endpoint, who):
                continue
            found = list(addresses.of(rule, world.own))
            of_mine = who == "cooperative" and addresses.kind_of(rule) == "application"
            for path in found[STATES] if of_mine else found:
                with client.get(path) as answer:
                    page = answer.mimetype == "text/html" and answer.status_code == 200
                if page:
                    yield path
                    if not of_mine:
                        break


def is_seen_before(world: World, endpoint: str, who: str) -> bool:
    """Whether somebody else looks at this page, and finds the same there."""
    if all(may(world.app, endpoint, role) for role in ROLES):
        return who != ROLES[0]  # one's own account
    before = STAFF[: STAFF.index(who)] if who in STAFF else ()
    return any(may(world.app, endpoint, role) for role in before)
