"""Every shared piece of a page, on a telephone and on a desk, in a real browser."""

import shutil
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from threading import Thread
from types import SimpleNamespace
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask, render_template
from jinja2 import ChoiceLoader, FileSystemLoader
from playwright.sync_api import Page, sync_playwright
from werkzeug.serving import make_server
from wtforms import (
    BooleanField,
    DateField,
    FieldList,
    FileField,
    FormField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, InputRequired
from wtforms.widgets import CheckboxInput, ListWidget

from registry.web.forms import Form, Row
from registry.web.standings import STANDINGS, STATES, VERDICTS

pytestmark = pytest.mark.browser
ARGUMENTS = [
    *("--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update"),
    *("--disable-sync", "--disable-quic"),
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
]
RULES = [
    *("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"),
]


class CourseRow(Row):
    title = StringField("Titolo", [DataRequired()])
    held_on = DateField("Svolto il", [DataRequired()])


class EveryField(Form):
    name = StringField("Denominazione", [DataRequired()], description="Come in visura.")
    about = TextAreaField("Che cosa fa", [DataRequired()])
    kind = SelectField("Tipo", choices=["A", "B"])
    held_on = DateField("Data", [DataRequired()])
    approved = RadioField("Approvato?", [InputRequired()], choices=["sì", "no"])
    areas = SelectMultipleField(
        "Ambiti",
        choices=["Educazione", "Anziani"],
        option_widget=CheckboxInput(),
        widget=ListWidget(prefix_label=False),
    )
    true = BooleanField("Dichiaro che è vero", [DataRequired()])
    proof = FileField("Verbale", render_kw={"accept": ".pdf"}, description="PDF.")
    courses = FieldList(FormField(CourseRow), "Corsi", min_entries=1)


class PlainForm(Form):
    note = StringField("Nota")

    def __init__(self) -> None:
        super().__init__(prefix="plain")


def everything() -> tuple[str, int]:
    form = EveryField(
        of=SimpleNamespace(revision=3), data={"name": "Frutteto", "kind": "A"}
    )
    form.validate_on_submit()
    entries = [
        SimpleNamespace(
            at=datetime(2026, 3, 2, 9, tzinfo=UTC),
            text="Presentata",
            who="La segreteria",
        ),
        SimpleNamespace(on=date(2026, 3, 3), text="Ammessa", who=None),
    ]
    page = render_template(
        "everything.html",
        form=form,
        plain=PlainForm(),
        entries=entries,
        page=SimpleNamespace(number=2, pages=3, url=lambda number: f"?page={number}"),
        standings=STANDINGS,
        states=STATES,
        verdicts=VERDICTS,
    )
    return page, form.status


@pytest.fixture
def address(app: Flask, typefaces: Any) -> Iterator[str]:
    mine = FileSystemLoader(Path(__file__).parent / "templates")
    app.jinja_loader = ChoiceLoader([mine, app.jinja_loader])  # type: ignore[list-item]
    app.config.update(REGISTRY_DEMO=True)
    everything.open_to = ()  # type: ignore[attr-defined]
    app.add_url_rule("/it/all", "all", everything, methods=["GET", "POST"])
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}/it/all"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(params=[390, 1280])
def page(request: pytest.FixtureRequest) -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=ARGUMENTS
        )
        yield browser.new_page(viewport={"width": request.param, "height": 900})
        browser.close()


def complaints(page: Page) -> list[Any]:
    """What axe finds, and whether anything sticks out at the side."""
    options = {"runOnly": {"type": "tag", "values": RULES}}
    violations = Axe().run(page, options=options).response["violations"]
    found = [(v["id"], [node["html"] for node in v["nodes"]]) for v in violations]
    wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
    return [*found, *(["too wide"] if wide else [])]


def test_every_piece_is_accessible_and_fits_and_obeys_the_policy(
    address: str, page: Page
) -> None:
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(address)
    assert complaints(page) == []
    assert said == []


def test_a_refused_form_is_accessible_and_leads_to_each_error(
    address: str, page: Page
) -> None:
    page.goto(address)
    page.fill("#name", "")
    page.evaluate("document.querySelector('[name=revision]').value = '1'")
    page.locator("main form .actions .button").first.click()
    page.wait_for_selector(".notice-danger[role=alert]")
    assert complaints(page) == []
    page.click("[role=alert] a[href='#courses-0-title']")
    assert page.evaluate("document.activeElement.id") == "courses-0-title"


def test_a_row_is_added_by_a_button_that_needs_no_script(
    address: str, page: Page
) -> None:
    page.goto(address)
    page.fill("#courses-0-title", "Sicurezza")
    page.click("button[name=add]")
    page.wait_for_selector("#courses-1-title")
    assert page.input_value("#courses-0-title") == "Sicurezza"
