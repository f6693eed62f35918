"""The page of a certificate on a past day, and as it was known at an instant."""

import pytest
from flask.testing import FlaskClient

from registry.clock import FixedClock
from tests.public.stories import suspended


@pytest.fixture
def page(client: FlaskClient, clock: FixedClock) -> str:
    number = suspended().number  # issued on 2 March 2026, suspended on 1 April
    clock.tick(days=90)
    return f"/c/{number}"


def test_a_past_day_shows_what_held_then(client: FlaskClient, page: str) -> None:
    assert "Sospeso" in client.get(page).text
    then = client.get(f"{page}?on=2026-03-31").text
    assert "31 marzo 2026" in then
    assert "Questo certificato è valido." in then
    assert 'content="noindex"' in then
    assert "Sospeso" not in then


def test_what_was_recorded_later_was_not_known(client: FlaskClient, page: str) -> None:
    known = client.get(f"{page}?on=2026-05-01&known_at=2026-03-20T10:00:00Z").text
    assert "Questo certificato è valido." in known
    assert "Sospeso" not in known


def test_before_it_was_issued_it_was_nothing(client: FlaskClient, page: str) -> None:
    then = client.get(f"{page}?on=2026-03-01").text
    assert "Quel giorno non era ancora stato rilasciato." in then


@pytest.mark.parametrize("query", ["on=2026-02-30", "on=2030-01-01", "known_at=now"])
def test_a_day_that_cannot_be_is_refused_in_words(
    client: FlaskClient, page: str, query: str
) -> None:
    assert client.get(f"{page}?{query}").status_code == 422
