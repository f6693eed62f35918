"""A search answered before Flask is the page that Flask makes."""

import re
from collections.abc import Iterator
from urllib.parse import quote_plus

import pytest
from flask import Flask
from flask.testing import FlaskClient

from registry.db import db
from registry.public import found
from registry.public.lane import Searches, search_lanes
from tests.public.stories import certified, suspended
from tests.public.test_finding import renamed
from tests.public.test_register import listed

COUNTED_AT = re.compile(r"Conteggio del [^.]*\.")


@pytest.fixture
def lanes(app: Flask) -> Iterator[dict[str, Searches]]:
    made = search_lanes(app)
    yield made
    for lane in made.values():
        lane.close()


@pytest.mark.parametrize("counted", [3, 1000])
def test_the_page_is_the_same_byte_for_byte(
    client: FlaskClient,
    lanes: dict[str, Searches],
    monkeypatch: pytest.MonkeyPatch,
    counted: int,
) -> None:
    monkeypatch.setattr(found, "SIZE", 3)
    monkeypatch.setattr(found, "COUNTED", counted)
    for name in ("A & B <i>", "Alba Rossa", "Alba Nera", "Alba Chiara"):
        certified(f"{name} Cooperativa")
    suspended("L’Alba dell’8 Società Cooperativa")
    listed("Albatro", kind="", town="")
    db.session.commit()
    for lane, language in (
        (lanes["/it/register"], "it"),
        (lanes["/en/register"], "en"),
    ):
        for typed in ("alb", "alba", "Alba nera", "cooperativa", "albatro", "è alba"):
            query = f"q={quote_plus(typed)}"
            made, page = lane(query), client.get(f"/{language}/register?{query}").text
            if "rows-list" not in page:
                assert made is None
                continue
            assert made is not None
            assert COUNTED_AT.sub("", made[0].decode()) == COUNTED_AT.sub("", page)


def test_what_is_not_plain_is_left_to_flask(lanes: dict[str, Searches]) -> None:
    made = certified("Alba Cooperativa", rea="BG-250195")
    renamed(made, "Tramonto Cooperativa")
    lane = lanes["/it/register"]
    for query in (
        "",
        "q=",
        "q=alba",  # found by a former name
        "q=nessuno",
        f"q={made.number}",
        "q=BG-250195",
        "q=tramonto&province=BG",
        "q=tramonto&q=tramonto",
        "q=tramonto%2F",
        "q=%20tramonto",
        "after=tramonto~h1",
    ):
        assert lane(query) is None
    assert lane("q=tramonto") is not None


def test_a_change_of_the_register_is_seen_at_once(lanes: dict[str, Searches]) -> None:
    certified("Alba Cooperativa")
    lane = lanes["/it/register"]
    before = lane("q=alba")
    certified("Alba Nuova Cooperativa")
    after = lane("q=alba")
    assert before is not None
    assert after is not None
    assert "Alba Nuova" in after[0].decode()
    assert before[1] != after[1]
