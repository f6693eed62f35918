"""The pages of supplier lists in a real browser, by the keyboard too."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page

from registry.accounts.models import User
from tests import factories
from tests.browser.chromium import DESK, complaints, listen, page_of, served
from tests.suppliers import companies
from tests.suppliers.companies import company, csv

pytestmark = pytest.mark.browser


@pytest.fixture
def site(app: Flask, typefaces: Any) -> Iterator[str]:
    with served(app) as site:
        yield site


def enter(page: Page, app: Flask, site: str, cookie: Any) -> None:
    name = app.config["SESSION_COOKIE_NAME"]
    page.context.add_cookies([{"name": name, "value": cookie.value, "url": site}])


def test_no_page_of_a_company_has_a_fault(
    app: Flask, db: Any, site: str, sign_in: Callable[[User], Any]
) -> None:
    mine = company()
    holder = factories.certified().organisation
    asked, named, done = companies.lists_in_every_state(
        mine, holder.name, factories.LONG_AGO
    )
    paths = [
        "/it/companies",
        "/it/companies/asked",
        "/suppliers",
        f"/suppliers/{asked.id}",
        f"/suppliers/{asked.id}/columns",
        f"/suppliers/{named.id}",
        f"/suppliers/{named.id}/names",
        f"/suppliers/{done.id}",
    ]
    client = sign_in(companies.buyer(mine))
    cookie = client.get_cookie(app.config["SESSION_COOKIE_NAME"])
    db.session.commit()
    with page_of() as page:
        said = listen(page)
        enter(page, app, site, cookie)
        for path in paths:
            answer = page.goto(site + path)
            assert answer is not None
            assert answer.status == 200, path
            assert (path, complaints(page)) == (path, [])
        assert said == []


def test_a_list_is_handed_in_and_fetched_by_the_keyboard_alone(
    app: Flask, db: Any, site: str, sign_in: Callable[[User], Any], tmp_path: Path
) -> None:
    holder = factories.certified().organisation
    mine = company()
    client = sign_in(companies.buyer(mine))
    cookie = client.get_cookie(app.config["SESSION_COOKIE_NAME"])
    rows = csv([["P.IVA"], [str(holder.vat)]])
    db.session.commit()
    with page_of(DESK) as page:
        enter(page, app, site, cookie)
        page.goto(f"{site}/suppliers")
        file = {"name": "elenco.csv", "mimeType": "text/csv", "buffer": rows}
        page.locator("#file").set_input_files(file)  # type: ignore[arg-type]
        page.locator("#file").focus()
        page.keyboard.press("Tab")
        page.keyboard.press("Tab")
        for _ in range(12):  # a date has several stops
            if page.evaluate("document.activeElement.tagName") == "BUTTON":
                break
            page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.wait_for_url("**/suppliers/*")
        link = page.get_by_role("link", name="Scaricare il file con le risposte")
        link.focus()
        with page.expect_download() as download:
            page.keyboard.press("Enter")
        kept = tmp_path / "back.csv"
        download.value.save_as(kept)
        assert "Valido" in kept.read_text()
