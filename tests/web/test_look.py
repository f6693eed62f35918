"""Every shared piece of a page, on a telephone and on a desk, in a real browser."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask, render_template
from jinja2 import ChoiceLoader, FileSystemLoader
from playwright.sync_api import Page
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
from tests.browser.chromium import complaints, listen, page_of, served

pytestmark = pytest.mark.browser


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
    with served(app) as site:
        yield f"{site}/it/all"


@pytest.fixture
def page() -> Iterator[Page]:
    with page_of() as page:
        yield page


def test_every_piece_is_accessible_and_fits_and_obeys_the_policy(
    address: str, page: Page
) -> None:
    said = listen(page)
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
