"""What the form macros ask about a form and its fields."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask, current_app, url_for
from wtforms import FieldList, FileField, FormField, RadioField, SubmitField
from wtforms.fields import BooleanField, Field, SelectMultipleField
from wtforms.form import BaseForm
from wtforms.widgets import CheckboxInput, HiddenInput, ListWidget


@dataclass(frozen=True)
class Problem:
    """One thing to correct, and the id of the control where it is corrected."""

    id: str
    label: str
    text: str

    @property
    def sentence(self) -> str:
        """The problem as the summary says it: the question first."""
        if not self.label:
            return self.text
        return f"{self.label}{'' if self.label.endswith('?') else ':'} {self.text}"


def field_kind(field: Field) -> str:
    """How a field is laid out: hidden, rows, group, radio, checkboxes, checkbox, …"""
    if isinstance(field.widget, HiddenInput):
        return "hidden"
    for kind, name in (
        (FieldList, "rows"),
        (FormField, "group"),
        (RadioField, "radio"),
        (SubmitField, "submit"),
        (BooleanField, "checkbox"),
    ):
        if isinstance(field, kind):
            return name
    if isinstance(field, SelectMultipleField) and isinstance(field.widget, ListWidget):
        return "checkboxes"
    return "checkbox" if isinstance(field.widget, CheckboxInput) else "input"


def has_files(form: BaseForm) -> bool:
    """Whether a form must be sent as multipart."""
    return any(isinstance(field, FileField) for field in _all_fields(form))


def has_rows(form: BaseForm) -> bool:
    """Whether a form has repeatable rows, so that Enter must not mean “add a row”."""
    return any(isinstance(field, FieldList) for field in form)


def form_problems(form: BaseForm) -> list[Problem]:
    """Everything wrong with a form, in the order of its fields."""
    overall = [Problem("", "", str(error)) for error in form.form_errors]
    return overall + [problem for field in form for problem in _problems(field)]


def flat_errors(field: Field) -> list[str]:
    """What is wrong with a field itself, not with the fields inside it."""
    if isinstance(field, FormField):
        return [str(error) for error in field.form.form_errors]
    return [str(e) for e in field.errors if not isinstance(e, list | tuple | dict)]


def described_by(field: Field) -> str:
    """The ids of the hint, of the other saved answer and of the error of a field."""
    parts = (
        ("hint", field.description),
        ("now", getattr(field, "saved_meanwhile", None)),
        ("error", flat_errors(field)),
    )
    return " ".join(f"{field.id}-{name}" for name, present in parts if present)


def control_attributes(field: Field) -> dict[str, Any]:
    """What a control says of itself to assistive technology."""
    attributes: dict[str, Any] = {}
    if ids := described_by(field):
        attributes["aria-describedby"] = ids
    if field.errors:
        attributes["aria-invalid"] = "true"
    return attributes


def asset(name: str) -> str:
    """The address of a static file, which changes when its content does."""
    digest = _digest(Path(str(current_app.static_folder)) / name)
    return url_for("static", filename=name, v=digest)


def init_app(app: Flask) -> None:
    """Give the macros their questions."""
    app.jinja_env.globals.update(
        asset=asset,
        control_attributes=control_attributes,
        described_by=described_by,
        field_kind=field_kind,
        flat_errors=flat_errors,
        form_problems=form_problems,
        has_files=has_files,
        has_rows=has_rows,
    )


@cache
def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


def _all_fields(form: BaseForm) -> Iterator[Field]:
    for field in form:
        yield field
        if isinstance(field, FormField):
            yield from _all_fields(field.form)
        elif isinstance(field, FieldList):
            yield from field.entries
            for entry in field.entries:
                if isinstance(entry, FormField):
                    yield from _all_fields(entry.form)


def _problems(field: Field) -> Iterator[Problem]:
    label = str(field.label.text)
    for error in flat_errors(field):
        yield Problem(_anchor(field), label, error)
    if isinstance(field, FormField):
        for inner in field.form:
            yield from _problems(inner)
    elif isinstance(field, FieldList):
        for number, entry in enumerate(field.entries, start=1):
            for problem in _problems(entry):
                place = f"{label} {number}"
                within = isinstance(entry, FormField) and problem.label
                name = f"{place}, {problem.label}" if within else place
                yield Problem(problem.id, name, problem.text)


def _anchor(field: Field) -> str:
    """The id of the first control of a field: choices have one each."""
    if field_kind(field) in ("radio", "checkboxes"):
        return f"{field.id}-0"
    return str(field.id)
