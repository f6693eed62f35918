"""What is answered before Flask is the page that Flask makes."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import quote_plus

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from registry.accounts.models import Role
from registry.certificates import operations
from registry.certificates.models import Certificate
from registry.certificates.numbers import Number
from registry.clock import FixedClock
from registry.db import db
from registry.organisations.models import Organisation
from registry.public import found
from registry.public.lane import Lane, page_lanes
from registry.services import services
from tests import factories
from tests.public.stories import (
    certified,
    ended,
    in_update,
    superseded,
    suspended,
    withdrawn,
)
from tests.public.test_finding import renamed
from tests.public.test_register import listed

COUNTED_AT = re.compile(r"Conteggio del [^.]*\.")


@pytest.fixture
def lanes(app: Flask) -> Iterator[dict[str, Lane]]:
    made = page_lanes(app)
    yield made
    for lane in made.values():
        lane.close()


@pytest.mark.parametrize("counted", [3, 1000])
def test_the_page_is_the_same_byte_for_byte(
    client: FlaskClient,
    lanes: dict[str, Lane],
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


def test_what_is_not_plain_is_left_to_flask(lanes: dict[str, Lane]) -> None:
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


def test_a_change_of_the_register_is_seen_at_once(lanes: dict[str, Lane]) -> None:
    certified("Alba Cooperativa")
    lane = lanes["/it/register"]
    before = lane("q=alba")
    certified("Alba Nuova Cooperativa")
    after = lane("q=alba")
    assert before is not None
    assert after is not None
    assert "Alba Nuova" in after[0].decode()
    assert before[1] != after[1]


@pytest.mark.parametrize("year", [2027, 2031])
def test_what_a_number_is_worth_is_the_same_byte_for_byte(
    client: FlaskClient, lanes: dict[str, Lane], year: int, clock: FixedClock
) -> None:
    clock.at = datetime(year, 3, 11, 10, tzinfo=UTC)
    at = datetime(2026, 3, 8, 10, tzinfo=UTC)
    told = {"albo": "A122855", "rea": "BG-250195"}
    certified("L’Alba dell’8 & Figli <i>", at=at, **told)
    for story in (suspended, withdrawn, ended, in_update):
        story()
    superseded()
    other = certified()
    numbers = [one.number for one in db.session.scalars(select(Certificate))]
    numbers += [str(one.vat) for one in db.session.scalars(select(Organisation))]
    short = f"{other.year}-{other.serial}"
    for typed in (
        *numbers,
        *told.values(),
        short,
        "it 00488410010",
        str(Number("IMP", 2026, 99)),
    ):
        for language in ("it", "en"):
            query = f"q={quote_plus(typed)}"
            made = lanes[f"/{language}/verify"](query)
            page = client.get(f"/{language}/verify?{query}").text
            assert made is not None, typed
            assert made[0].decode() == page


def test_numbers_that_are_not_plain_are_left_to_flask(lanes: dict[str, Lane]) -> None:
    listed("Albatro")
    for query in ("", "q=", "q=alba", "q=12345678901", "q=%20x", "q=1&q=2", "x=1"):
        assert lanes["/it/verify"](query) is None


def test_a_certificate_withdrawn_a_moment_ago_is_told_so(
    lanes: dict[str, Lane],
) -> None:
    made = suspended("Alba Cooperativa")
    query = f"q={made.number}"
    before = lanes["/it/verify"](query)
    by, at = factories.person(Role.COMMITTEE), services().clock.now()
    operations.withdraw(made, "withdrawn_misuse", by=by, at=at)
    db.session.commit()
    after = lanes["/it/verify"](query)
    assert before is not None
    assert after is not None
    assert "badge-stop badge-large" in after[0].decode()
    assert before != after
