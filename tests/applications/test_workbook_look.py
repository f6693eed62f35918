"""The page of the workbook in a browser, with everything wrong it can tell."""

import os
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from registry.applications.workbook import workbook
from registry.db import db
from tests import factories
from tests.applications.test_workbook import with_text, worked
from tests.browser.chromium import DESK, chromium, complaints, listen, served
from tests.factories import edition, representative

pytestmark = pytest.mark.browser


def test_the_page_of_the_workbook_is_accessible_and_tells_each_cell(
    app: Flask, sign_in: Any, typefaces: Any, tmp_path: Path
) -> None:
    draft = factories.draft()
    address = f"/applications/{draft.id}/workbook"
    client = sign_in(representative(draft.organisation))
    db.session.commit()
    with app.test_request_context("/it/"):
        content = workbook(edition(), worked()[0], draft=False)
    wrong = tmp_path / "risposte.xlsx"
    wrong.write_bytes(with_text(content, ">T151<", ">151T?<"))
    name = app.config["SESSION_COOKIE_NAME"]
    cookie = client.get_cookie(name)
    assert cookie is not None
    with served(app) as site, chromium() as browser:
        context = browser.new_context(viewport={"width": DESK, "height": 900})
        context.add_cookies([{"name": name, "value": cookie.value, "url": site}])
        page = context.new_page()
        said = listen(page)
        page.goto(site + address)
        assert complaints(page) == []
        page.set_input_files('input[type="file"]', wrong)
        page.click("form.form .actions button")
        assert "Celle da correggere" in page.content()
        assert complaints(page) == []
        if folder := os.environ.get("SCREENSHOTS"):
            shot = Path(folder) / "workbook.png"
            page.screenshot(path=shot, full_page=True)
    assert said == []
