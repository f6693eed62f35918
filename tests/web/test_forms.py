"""What people type is tidied, bounded and never lost."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from flask import Flask, render_template_string
from wtforms import (
    DateField,
    DecimalField,
    FieldList,
    FormField,
    IntegerField,
    PasswordField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Optional

from registry.web.forms import Form, Row

KINDS = [SelectChoice("a", "Social A"), SelectChoice("b", "Social B")]
PAGE = '{% import "_macros.html" as m %}{{ m.form(form, extra=[("then", "x", "X")]) }}'


class CourseRow(Row):
    title = StringField("Title", [DataRequired()])
    people = IntegerField("People", [Optional()])


class AnyForm(Form):
    name = StringField("Name", [DataRequired()], description="As registered.")
    about = TextAreaField("About")
    kind = SelectField("Kind", choices=KINDS)
    approved = RadioField("Approved?", [InputRequired()], choices=["yes", "no"])
    held_on = DateField("Held on", [Optional()])
    amount = DecimalField("Amount", [Optional()])
    members = IntegerField("Members", [Optional()])
    secret = PasswordField("Password")
    courses = FieldList(FormField(CourseRow), "Courses")


@dataclass
class Thing:
    revision: int


GOOD = {"name": "Orto", "kind": "a", "approved": "yes", "revision": "1"}


def sent(app: Flask, typed: dict[str, Any], **kwargs: Any) -> tuple[AnyForm, bool, str]:
    """The form after it was sent, whether it was accepted, and its page."""
    with app.test_request_context("/en/", method="POST", data=typed):
        form = AnyForm(**kwargs)
        accepted = form.validate_on_submit()
        return form, accepted, render_template_string(PAGE, form=form)


def test_blanks_around_an_answer_are_taken_away_and_letters_are_composed(
    app: Flask,
) -> None:
    form, accepted, _ = sent(app, {**GOOD, "name": "  Societa\u0300 \u00a0"})
    assert accepted
    assert form.name.data == "Società"


def test_lines_stay_in_a_long_text(app: Flask) -> None:
    form, accepted, _ = sent(app, {**GOOD, "about": "one\r\n\ttwo\r\n"})
    assert accepted
    assert form.about.data == "one\n\ttwo"


def test_a_password_is_taken_as_it_is(app: Flask) -> None:
    form, _, _ = sent(app, {**GOOD, "secret": "  two  blanks "})
    assert form.secret.data == "  two  blanks "


@pytest.mark.parametrize("letter", ["\x00", "\x1b", "\u202e", "\u2066", "\n", "\u2028"])
def test_an_invisible_character_inside_a_name_is_refused_in_words(
    app: Flask, letter: str
) -> None:
    form, accepted, page = sent(app, {**GOOD, "name": f"Or{letter}to"})
    assert not accepted
    assert f"U+{ord(letter):04X}" in form.name.errors[0]
    assert form.status == 422
    assert "Something needs correcting" in page


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "x" * 10_000),
        ("about", "x" * 10_000),
        ("kind", "<script>"),
        ("approved", "perhaps"),
        ("held_on", "0001-01-01"),
        ("held_on", "2026-02-30"),
        ("amount", "NaN"),
        ("amount", "sNaN"),
        ("amount", "Infinity"),
        ("amount", "1e400"),
        ("members", "9" * 30),
        ("members", "9" * 10_000),
    ],
)
def test_a_value_beyond_reason_is_refused_beside_its_field(
    app: Flask, field: str, value: str
) -> None:
    form, accepted, page = sent(app, {**GOOD, field: value})
    assert not accepted
    assert form[field].errors
    assert f'href="#{field}' in page


def test_typed_markup_comes_back_as_text(app: Flask) -> None:
    _, _, page = sent(app, {"name": '"><script>alert(1)</script>'})
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


def test_each_error_is_linked_to_its_field_and_said_beside_it(app: Flask) -> None:
    _, _, page = sent(app, {"courses-0-people": "many"})
    for control in ("name", "approved-0", "courses-0-title", "courses-0-people"):
        assert f'href="#{control}"' in page
        assert f'id="{control}"' in page
    assert 'aria-describedby="name-hint name-error"' in page
    assert 'id="name-error"' in page
    assert 'aria-invalid="true"' in page


def test_a_row_is_added_without_losing_what_was_typed(app: Flask) -> None:
    data = {**GOOD, "courses-0-title": "Safety", "add": "courses"}
    form, accepted, page = sent(app, data)
    assert not accepted
    assert form.status == 200
    assert [row["title"] for row in form.courses.data] == ["Safety", None]
    assert "Something needs correcting" not in page


def test_a_row_marked_for_removal_is_gone_and_need_not_be_right(app: Flask) -> None:
    data = {**GOOD, "courses-0-title": "", "courses-1-title": "Safety"}
    form, accepted, _ = sent(app, {**data, "remove": "courses-0"})
    assert accepted
    assert [row["title"] for row in form.courses.data] == ["Safety"]


def test_the_second_of_two_people_is_told_and_loses_nothing(app: Flask) -> None:
    saved = {"name": "Frutteto", "kind": "b", "held_on": date(2026, 3, 2)}
    form, accepted, page = sent(app, GOOD, of=Thing(revision=2), data=saved)
    assert not accepted
    assert form.outdated
    assert form.status == 409
    assert form.name.data == "Orto"
    assert "Someone changed this while you were writing" in page
    assert "<strong>Frutteto</strong>" in page
    assert "<strong>Social B</strong>" in page
    assert 'value="2"' in page, "saving again must be possible"


def test_saving_again_after_having_been_told_is_accepted(app: Flask) -> None:
    form, accepted, _ = sent(app, {**GOOD, "revision": "2"}, of=Thing(revision=2))
    assert accepted
    assert not form.outdated


def test_a_form_of_nothing_has_no_revision_to_compare(app: Flask) -> None:
    _, accepted, _ = sent(app, {**GOOD, "revision": "17"})
    assert accepted


@pytest.mark.parametrize("code", ["it", "en"])
def test_required_answers_are_asked_for_in_the_language_of_the_page(
    app: Flask, code: str
) -> None:
    with app.test_request_context(f"/{code}/", method="POST", data={}):
        form = AnyForm()
        form.validate_on_submit()
        said = {"it": "Questa risposta è necessaria.", "en": "This field is required."}
        assert form.name.errors == [said[code]]
