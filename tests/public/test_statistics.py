"""The register in numbers: right, drawn with a table, silent about few."""

from datetime import date, timedelta
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from registry.certificates.models import Certificate
from registry.certificates.rules import standing_of
from registry.certificates.standing import Code
from registry.clock import FixedClock
from registry.db import db
from registry.decisions.models import Outcome
from registry.public.charts import line_chart, nice_step
from registry.public.statistics import bars
from registry.public.tallies import FEWEST, Share, tallies
from tests import factories
from tests.public.stories import (
    LATER,
    certified,
    ended,
    in_update,
    superseded,
    suspended,
    withdrawn,
)

IN_COURSE = {Code.VALID, Code.IN_UPDATE, Code.SUSPENDED}


@pytest.mark.parametrize("months", [1, 13, 30, 40])
def test_the_line_counts_what_a_replay_of_the_events_counts(
    app: Flask, clock: FixedClock, months: int
) -> None:
    for story in (certified, suspended, withdrawn, ended, in_update, superseded):
        story()
    clock.at = LATER + timedelta(days=31 * months)
    today = clock.at.date()
    shown = tallies(today, factories.editions()).line
    everyone = db.session.scalars(select(Certificate)).all()
    assert shown[-1][0] == today
    assert len(shown) == 37
    for day, number in shown:
        alive = [
            one
            for one in everyone
            if one.issued_on <= day and standing_of(one, day).code in IN_COURSE
        ]
        assert (day, number) == (day, len(alive))


def test_holders_are_counted_by_place_kind_and_service(app: Flask) -> None:
    for number in range(FEWEST):
        certified(f"Alfa {number}", province="MI")
    certified("Beta", province="BG")
    suspended("Gamma", province="BG")
    shown = tallies(date(2026, 3, 2), factories.editions())
    assert shown.provinces == {"MI": FEWEST, "BG": 1}
    assert shown.ever == FEWEST + 2


def test_the_page_tells_no_small_number(client: FlaskClient) -> None:
    for number in range(FEWEST + 1):
        certified(f"Alfa {number}", province="MI")
    certified("Beta", province="BG")
    refused = factories.organisation(name="Respinta")
    factories.decided(refused, outcome=Outcome.REFUSED)
    page = client.get("/it/statistics")
    assert page.status_code == 200
    text = unescape(page.text)
    assert ">Milano</a>" in text
    assert ">Bergamo</a>" not in text
    assert 'Bergamo <span class="small muted">meno di 5 ciascuno' in text
    assert "Su 8 organizzazioni, almeno 50% sono state certificate" in text
    assert "Respinta" not in text
    assert client.get("/en/statistics").status_code == 200


def test_an_empty_register_has_a_page_of_numbers_too(client: FlaskClient) -> None:
    assert "Ancora nulla da contare" in client.get("/it/statistics").text


@pytest.mark.parametrize(
    ("part", "whole", "told"),
    [
        (4, 4, None),
        (5, 5, ("", 100)),
        (0, 9, ("", 0)),
        (4, 40, ("most", 10)),
        (36, 40, ("least", 90)),
        (39, 40, ("least", 90)),
        (5, 40, ("", 12)),
        (995, 1000, ("", 99)),
    ],
)
def test_a_share_hides_few_on_either_side(
    part: int, whole: int, told: tuple[str, int] | None
) -> None:
    share = Share(part, whole)
    assert share.hidden == (told is None)
    assert told is None or (share.bound, share.percent) == told


def test_small_rows_are_told_together() -> None:
    found = bars({"a": 9, "b": 2, "c": 1}, {"a": "A", "b": "B", "c": "C"})
    assert [(one.label, one.number) for one in found.rows] == [("A", 9)]
    assert (found.small, found.small_sum) == (["B", "C"], 3)


def test_a_line_needs_two_points_and_round_steps() -> None:
    assert line_chart([("a", 1)]) is None
    line = line_chart([("a", 0), ("b", 7)])
    assert line is not None
    assert [mark.word for mark in line.ups] == ["0", "2", "4", "6", "8"]
    assert [nice_step(most) for most in (0, 5, 6, 26, 260)] == [1, 1, 2, 10, 100]
