"""The public pages in a real browser, on a telephone and on a desk."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page

from registry.clock import FixedClock
from registry.db import db as database
from tests.browser.chromium import complaints, listen, page_of, served
from tests.public.stories import certified, superseded, suspended, withdrawn
from tests.public.test_register import listed

pytestmark = pytest.mark.browser


@pytest.fixture
def addresses(app: Flask, clock: FixedClock) -> list[str]:
    """Answers of public pages that tests/browser/test_pages.py does not see."""
    made = certified("Il Ginepro Società Cooperativa Sociale")
    others = [suspended("Beta").number, withdrawn("Gamma").number]
    first, newer = superseded(
        "Zefiro Servizi Integrati Società Cooperativa Sociale di Inserimento Lavorativo"
    )
    entry = listed("Aurora")
    database.session.commit()
    clock.at = datetime(2026, 6, 1, 9, tzinfo=UTC)
    return [
        "/en/",
        "/en/register?q=zefiro&province=BG&status=valid",
        "/it/register?q=01234567890",
        "/it/register?q=nessuno",
        f"/it/register/{made.organisation_id}",
        f"/en/register/{newer.organisation_id}",
        f"/it/register/listed/{entry.id}",
        *(f"/c/{number}?lang=it" for number in (made.number, first.number, *others)),
        "/c/IMP-2026-000123-39?lang=it",
        f"/it/verify?q={made.organisation.vat}",
        "/it/verify?q=90000010166",
        "/it/verify?q=IMP-2026-000123-39",
    ]


@pytest.fixture
def site(app: Flask, typefaces: Any) -> Iterator[str]:
    with served(app) as site:
        yield site


@pytest.fixture
def page() -> Iterator[Page]:
    with page_of() as page:
        yield page


def test_every_answer_is_accessible_and_fits_and_obeys_the_policy(
    addresses: list[str], site: str, page: Page
) -> None:
    said = listen(page)
    wrong = []
    for address in addresses:
        page.goto(site + address)
        if found := complaints(page):
            wrong.append((address, found))
    assert wrong == []
    assert said == []
