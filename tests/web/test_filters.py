"""Days, hours, numbers and words as people read them."""

from datetime import UTC, date, datetime

import pytest
from flask import Flask

from registry.web import filters
from registry.web.standings import STANDINGS, STATES, VERDICTS


@pytest.mark.parametrize(
    ("code", "said"), [("it", "12 ottobre 2026"), ("en", "12 October 2026")]
)
def test_a_day_is_said_in_words(app: Flask, code: str, said: str) -> None:
    with app.test_request_context(f"/{code}/"):
        assert filters.day(date(2026, 10, 12)) == said


def test_a_moment_is_told_by_the_clock_of_rome_on_both_sides_of_summer_time(
    app: Flask,
) -> None:
    with app.test_request_context("/it/"):
        summer = datetime(2026, 6, 30, 22, 30, tzinfo=UTC)
        winter = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)
        assert filters.moment(summer) == "1 luglio 2026, 00:30"
        assert filters.day(summer) == "1 luglio 2026"
        assert filters.moment(winter) == "1 gennaio 2027, 00:30"


def test_a_partita_iva_is_grouped_and_anything_else_left_alone() -> None:
    assert filters.vat("01234567890") == "0123 456 7890"
    assert filters.vat("IT-1") == "IT-1"
    assert filters.vat(None) == "—"


@pytest.mark.parametrize("table", [STANDINGS, STATES, VERDICTS])
def test_every_status_has_an_italian_word(app: Flask, table: dict[str, object]) -> None:
    from registry.translations import merged

    catalogue = merged()
    for look in table.values():
        assert catalogue[look.word].string  # type: ignore[attr-defined]
