"""The self-check and the pages of editions in a browser, on a telephone and a desk."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser

from tests.browser.chromium import DESK, PHONE, chromium, complaints, listen, served

pytestmark = pytest.mark.browser


@pytest.fixture
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


def photographed(page: Any, name: str) -> None:
    """Keep a picture where SCREENSHOTS says, for somebody to look at."""
    if folder := os.environ.get("SCREENSHOTS"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


@pytest.mark.parametrize("width", [PHONE, DESK])
def test_a_cooperative_checks_itself_without_script(
    app: Flask, browser: Browser, typefaces: Any, width: int
) -> None:
    context = browser.new_context(
        viewport={"width": width, "height": 900}, java_script_enabled=False
    )
    page = context.new_page()
    with served(app) as site:
        page.goto(f"{site}/it/criteria/impact/2022/check")
        page.check("#cooperative_kind-1")
        page.check("#albo_registered-1")
        page.fill("#register_extract_on", "2026-02-01")
        page.fill("#contracts-0-code", "T151")
        page.fill("#contracts-0-workers", "14")
        page.click('#contracts button[name="add"]')
        assert page.url.endswith("#contracts")
        assert page.input_value("#contracts-0-code") == "T151"
        page.click("#section-eligibility .actions button >> nth=0")
        assert page.url.endswith("#result")
        assert page.is_checked("#albo_registered-1")
        assert "Albo" in page.inner_text("#plan")
        photographed(page, f"check-{width}")


def test_the_pages_of_editions_are_accessible_and_fit(
    app: Flask, browser: Browser, typefaces: Any
) -> None:
    page = browser.new_page(viewport={"width": DESK, "height": 900})
    said, wrong = listen(page), []
    with served(app) as site:
        for number, path in enumerate(PATHS):
            page.goto(site + path)
            if path.endswith("/check"):
                page.check("#cooperative_kind-1")
                page.check("#albo_registered-1")
                page.fill("#workers_total", "molti")
                page.click("#section-eligibility .actions button >> nth=0")
            page.evaluate("document.querySelectorAll('details').forEach(d=>d.open=1)")
            photographed(page, f"edition-{number}")
            if found := complaints(page):
                wrong.append((path, found))
    assert wrong == []
    assert [one for one in said if "422" not in one] == []


PATHS = [
    "/it/criteria/impact/2022/check",
    "/it/criteria/impact/2026",
    "/it/criteria/impresa-solidale/2026",
    "/it/criteria/impact/2022...2026",
    "/it/criteria/impact/2026/check",
]
