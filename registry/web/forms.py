"""The base of every form: what people type is tidied, bounded, and never lost."""

import unicodedata
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Protocol

from flask import request
from flask_babel import get_domain, gettext
from flask_wtf import FlaskForm
from flask_wtf.i18n import translations as wtforms_words
from werkzeug.exceptions import UnsupportedMediaType
from wtforms import Form as PlainForm
from wtforms.fields import (
    DateField,
    DecimalField,
    Field,
    FieldList,
    FileField,
    FormField,
    HiddenField,
    IntegerField,
    PasswordField,
    SelectFieldBase,
    StringField,
    TextAreaField,
)
from wtforms.meta import DefaultMeta
from wtforms.validators import DateRange, Length, NumberRange, ValidationError

from registry.errors import N_
from registry.web.filters import day

LINE = 200
TEXT = 5_000
#: What a database integer holds, and far more than any amount in a cooperative.
WHOLE = 2**31 - 1
AMOUNT = 10**12
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2199, 12, 31)

#: Left behind by word processors and web pages: removed without a word.
LEFTOVERS = dict.fromkeys(map(ord, "\u00ad\u200b\u2060\ufeff"))
#: They make a name read differently from what it is (Unicode UTS 39, TR 9).
DIRECTIONS = frozenset(
    "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)

#: WTForms says these without Italian, or in Italian nobody speaks: ours come first.
SAID_BY_WTFORMS = (
    N_("This field is required."),
    N_("Not a valid choice."),
    N_("'%(value)s' is not a valid choice for this field."),
    N_("Not a valid date value."),
    N_("Not a valid time value."),
    N_("Not a valid integer value."),
    N_("Not a valid decimal value."),
    N_("Date must be at least %(min)s."),
    N_("Date must be at most %(max)s."),
    N_("Date must be between %(min)s and %(max)s."),
)


class Revised(Protocol):
    """What a form can be made of: it counts its changes."""

    @property
    def revision(self) -> int: ...


class Words:
    """Our catalogue first, then WTForms' own: it lacks some Italian sentences."""

    def gettext(self, string: str) -> str:
        ours = str(get_domain().get_translations().ugettext(string))
        return ours if ours != string else str(wtforms_words.gettext(string))

    def ngettext(self, singular: str, plural: str, n: int) -> str:
        ours = str(get_domain().get_translations().ungettext(singular, plural, n))
        if ours not in (singular, plural):
            return ours
        return str(wtforms_words.ngettext(singular, plural, n))


def tidy(*, lines: bool) -> Callable[[Any], Any]:
    """A filter: no blanks around, composed letters (NFC), nothing invisible.

    With `lines` line ends and tabs stay. Raises ValueError, in words, for control
    characters and for those that turn the direction of writing.
    """

    def clean(value: Any) -> Any:
        if not isinstance(value, str):
            return value
        text = unicodedata.normalize("NFC", value.replace("\r\n", "\n"))
        text = text.translate(LEFTOVERS).strip()
        for letter in text:
            if not (lines and letter in "\n\t") and _is_hidden(letter):
                raise ValueError(
                    gettext(
                        "There is an invisible character here (U+%(code)s): "
                        "type the text instead of pasting it.",
                        code=f"{ord(letter):04X}",
                    )
                )
        return text

    return clean


class _Meta(DefaultMeta):  # type: ignore[misc]
    def bind_field(self, form: Any, unbound_field: Any, options: Any) -> Any:
        field = _tidied(unbound_field).bind(form=form, **options)
        if isinstance(field, FieldList):
            field.unbound_field = _tidied(field.unbound_field)
        _bound(field)
        return field

    def get_translations(self, form: Any) -> Words:
        return Words()


class Row(PlainForm):  # type: ignore[misc]
    """One repeatable row: `FieldList(FormField(CourseRow), …)`. It has no token."""

    class Meta(_Meta):
        pass


class RowsField(FieldList):  # type: ignore[misc]
    """Repeatable rows; a name with an odd number in it is no row, and no fault."""

    def _extract_indices(self, prefix: str, formdata: Any) -> Iterator[int]:
        for name in formdata:
            number = name[len(prefix) + 1 :].split("-", 1)[0]
            plain = number.isascii() and number.isdigit() and len(number) < 6
            if plain and name.startswith(f"{prefix}-"):
                yield int(number)


class Form(FlaskForm):  # type: ignore[misc]
    """Base of every form.

    `Form(of=thing)` carries the revision of `thing` that its page was made from. When
    it changed meanwhile the form is `outdated`: it does not validate, keeps what was
    typed, tells what is saved now beside each field that differs, and takes the new
    revision, so that saving again is a choice and not an accident.

    A page shows it again with `return render_template(…), form.status`.
    """

    revision = HiddenField()
    outdated = False
    reshaped = False

    class Meta(_Meta, FlaskForm.Meta):  # type: ignore[misc]
        def wrap_formdata(self, form: Any, formdata: Any) -> Any:
            """What a page sent; JSON would bring shapes that no field expects."""
            if request.is_json:
                raise UnsupportedMediaType
            return super().wrap_formdata(form, formdata)

    def __init__(self, *args: Any, of: Revised | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._of = of
        self._shown = self.revision.data
        if of is not None:
            self.revision.data = str(of.revision)
        self._sent = bool(self.is_submitted())
        if self._sent:
            self._reshape()

    @property
    def status(self) -> int:
        """The HTTP status of the page that shows this form: 200, 409 or 422."""
        if self.outdated:
            return 409
        return 422 if self._sent and self.errors else 200

    def validate_on_submit(self, extra_validators: Any = None) -> bool:
        """Whether it was sent, is right, and is about what its page showed."""
        if not self._sent or self.reshaped:
            return False
        right = bool(self.validate(extra_validators=extra_validators))
        if self._of is not None and self._shown != str(self._of.revision):
            self._tell_outdated()
        return right and not self.outdated

    def _tell_outdated(self) -> None:
        self.outdated = True
        for field in _leaves(self):
            saved = field.object_data
            if saved not in (None, "", []) and saved != field.data:
                field.saved_meanwhile = _said(field, saved)

    def _reshape(self) -> None:
        """Take away the rows marked for it; add one where that was asked."""
        removed = set(request.form.getlist("remove"))
        wanted = request.form.get("add")
        for field in self:
            if isinstance(field, FieldList):
                kept = [entry for entry in field.entries if entry.name not in removed]
                field.entries = kept
                if field.name == wanted and _has_room(field):
                    field.append_entry()
                    self.reshaped = True


def _is_hidden(letter: str) -> bool:
    return letter in DIRECTIONS or unicodedata.category(letter) in (
        "Cc",
        "Cs",
        "Zl",
        "Zp",
    )


def _has_room(field: FieldList) -> bool:
    return field.max_entries is None or len(field.entries) < field.max_entries


def _tidied(unbound: Any) -> Any:
    """`unbound` with the filter of its kind; passwords are taken as they are."""
    kind = unbound.field_class
    if not issubclass(kind, StringField) or issubclass(kind, PasswordField):
        return unbound
    filters: Sequence[Any] = unbound.kwargs.get("filters") or ()
    clean = tidy(lines=issubclass(kind, TextAreaField))
    kwargs = {**unbound.kwargs, "filters": [clean, *filters]}
    return type(unbound)(kind, *unbound.args, **kwargs)


def _bound(field: Field) -> None:
    """Give a field the limit of its kind where it has none of its own."""
    kinds = {type(validator) for validator in field.validators}
    limit: Any = None
    if isinstance(field, StringField) and Length not in kinds:
        limit = Length(max=TEXT if isinstance(field, TextAreaField) else LINE)
        field.flags.maxlength = limit.max
    elif isinstance(field, IntegerField) and NumberRange not in kinds:
        limit = NumberRange(min=-WHOLE, max=WHOLE)
    elif isinstance(field, DecimalField) and NumberRange not in kinds:
        limit = NumberRange(min=-AMOUNT, max=AMOUNT)
    elif isinstance(field, DateField) and DateRange not in kinds:
        limit = DateRange(min=FIRST_DAY, max=LAST_DAY)
    if limit is not None:
        field.validators = [*field.validators, _when_given(limit)]


def _when_given(limit: Callable[[Any, Any], None]) -> Callable[[Any, Any], None]:
    def check(form: Any, field: Field) -> None:
        if isinstance(field.data, Decimal) and not field.data.is_finite():
            raise ValidationError(field.gettext("Not a valid decimal value."))
        if field.data is not None and field.data != "":
            limit(form, field)

    return check


def _leaves(form: Any) -> Iterator[Field]:
    for field in form:
        if isinstance(field, FormField):
            yield from _leaves(field.form)
        elif isinstance(field, FieldList):
            yield from _leaves(field.entries)
        elif not isinstance(field, HiddenField | FileField):
            yield field


def _said(field: Field, value: Any) -> str:
    """A saved answer as a person reads it: choices by their label, days in words."""
    if isinstance(field, SelectFieldBase):
        labels = {choice[0]: str(choice[1]) for choice in field.iter_choices()}
        values = value if isinstance(value, list | tuple | set) else [value]
        return ", ".join(labels.get(one, str(one)) for one in values)
    if isinstance(value, bool):
        return str(gettext("yes") if value else gettext("no"))
    return day(value) if isinstance(value, date) else str(value)
