"""From a question of the edition to its field, and from a value to what is typed."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, cast

from flask_babel import lazy_gettext
from markupsafe import Markup
from wtforms import FieldList, FormField, RadioField, SelectField, StringField
from wtforms.fields import Field, SelectMultipleField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length
from wtforms.widgets import CheckboxInput, ListWidget, TextInput

from registry.criteria.edition import Answer, Column
from registry.web.forms import Row, RowsField
from registry.web.language import page_language

LONG = 200  # characters from which a text gets more than a line
FEW = 8  # options that are shown at once; more go into a list


class Asked:
    """Marks what must be given before the end; a draft may still lack it."""

    field_flags: Mapping[str, bool] = {"required": True}

    def __call__(self, form: Any, field: Field) -> None:
        """Nothing: what is missing is told on the task list."""


class DayInput(TextInput):  # type: ignore[misc]
    """A calendar, or the text itself where what was typed is no day."""

    def __call__(self, field: Field, **kwargs: Any) -> Markup:
        typed = field.data or ""
        kwargs["type"] = "date" if not typed or _is_iso(typed) else "text"
        return cast(Markup, super().__call__(field, **kwargs))


class DigitsInput(TextInput):  # type: ignore[misc]
    """A short box; telephones show digits."""

    def __call__(self, field: Field, **kwargs: Any) -> Markup:
        decimal = field.kind == "decimal"
        kwargs |= {"inputmode": "decimal" if decimal else "numeric", "size": 10}
        return cast(Markup, super().__call__(field, autocomplete="off", **kwargs))


class TypedField(StringField):  # type: ignore[misc]
    """A number or a day, kept as it was typed until the edition's rules read it."""

    def __init__(self, *args: Any, kind: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind = kind
        self.widget = DayInput() if kind == "date" else DigitsInput()


class ChoicesField(SelectMultipleField):  # type: ignore[misc]
    """Several options, each with a box to tick."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()

    def __init__(self, *args: Any, asked: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # not a validator: each single box would be required
        self.flags.required = asked


def is_radio(question: Answer | Column, *, inside: bool = False) -> bool:
    if question.type in ("yes_no", "choices"):
        return True
    return question.type == "choice" and not inside and len(question.options) <= FEW


# --- from a question to its field ---------------------------------------------


def field_of(question: Answer | Column, *, inside: bool = False) -> Any:
    """The unbound field of a question; `inside` a row there is less room."""
    marks = [] if question.optional else [Asked()]
    said = {"label": _words(question.label), "description": _words(question.help)}
    if question.type == "rows":
        return _rows(question, said)
    if question.type == "choices":
        return ChoicesField(
            choices=_options(question),
            asked=not question.optional,
            validate_choice=False,
            **said,
        )
    if question.type in ("yes_no", "choice"):
        return _choice(question, marks, said, inside=inside)
    if question.type == "text":
        kind = TextAreaField if question.max_length > LONG else StringField
        limit = Length(max=question.max_length)
        size = {"size": 8} if question.table else {}
        return kind(validators=[*marks, limit], render_kw=size, **said)
    return TypedField(kind=question.type, validators=marks, **said)


def _choice(
    question: Answer | Column, marks: list[Asked], said: dict[str, Any], *, inside: bool
) -> Any:
    options = _options(question)
    if question.type == "yes_no":
        options = [
            SelectChoice("yes", lazy_gettext("Yes")),
            SelectChoice("no", lazy_gettext("No")),
        ]
    if is_radio(question, inside=inside):
        return RadioField(
            choices=options, validators=marks, validate_choice=False, **said
        )
    first = SelectChoice("", lazy_gettext("Choose…"))
    return SelectField(
        choices=[first, *options], validators=marks, validate_choice=False, **said
    )


def _rows(question: Answer, said: dict[str, Any]) -> FieldList:
    cells = {n: field_of(column, inside=True) for n, column in question.columns.items()}
    return RowsField(
        FormField(type("RowOfSection", (Row,), cells)),
        min_entries=1,
        max_entries=question.max_rows,
        **said,
    )


def _options(question: Answer | Column) -> list[SelectChoice]:
    language = page_language()
    return [SelectChoice(n, t.in_(language)) for n, t in question.options.items()]


def _words(text: Any) -> str:
    return text.in_(page_language()) if text else ""


# --- between typed values and what stands in the boxes ------------------------


def as_typed(question: Answer | Column, value: Any) -> Any:
    """A value as a person would have typed it."""
    if value is None:
        return None
    if question.type == "rows":
        columns = question.columns
        return [
            {n: as_typed(c, row.get(n)) for n, c in columns.items()} for row in value
        ]
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value).replace(".", "," if page_language() == "it" else ".")
    if isinstance(value, tuple):
        return list(value)
    return str(value)


def raw(field: Field) -> Any:
    if isinstance(field, FieldList):
        return [
            {cell.short_name: cell.data for cell in entry.form}
            for entry in field.entries
        ]
    return field.data


def _is_iso(typed: str) -> bool:
    parts = typed.split("-")
    right = [len(part) for part in parts] == [4, 2, 2]
    return right and all(part.isdigit() and part.isascii() for part in parts)
