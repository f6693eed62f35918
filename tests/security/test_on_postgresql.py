"""Each page on the other database; on SQLite test_every_response looks at more."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.house.access import PEOPLE, may
from tests.security import addresses
from tests.security.world import World, build

pytestmark = pytest.mark.postgresql


def test_each_page_opens_for_everybody_who_may(
    new_database: Callable[[Path], Any], tmp_path: Path, seal: Any, editions: Any
) -> None:
    with new_database(tmp_path) as address:
        world = build(tmp_path, {"seal": seal, "editions": editions}, address)
        try:
            opened = dict(pages(world))
        finally:
            world.close()
    assert [page for page, status in opened.items() if status > 499] == []
    assert list(opened.values()).count(200) > 100


def pages(world: World) -> Iterator[tuple[tuple[str, str], int]]:
    """Every GET of something that is one's own, and its status."""
    for rule in addresses.rules(world.app):
        if "GET" not in addresses.methods(rule):
            continue
        path = addresses.one(rule, world)
        for who in PEOPLE:
            if may(world.app, rule.endpoint, who):
                with world.browser(who).get(path) as answer:
                    answer.get_data()
                    yield (path, who), answer.status_code
                if may(world.app, rule.endpoint, PEOPLE[0]):
                    break
