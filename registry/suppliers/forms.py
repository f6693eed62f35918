"""Forms of companies."""

from collections.abc import Sequence
from datetime import date
from typing import Any, ClassVar, cast

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf.file import FileField, FileRequired
from wtforms.fields import (
    DateField,
    EmailField,
    PasswordField,
    RadioField,
    SelectChoice,
    SelectField,
    StringField,
)
from wtforms.validators import (
    DataRequired,
    Length,
    Optional,
    ValidationError,
)

from registry.accounts import rules as people
from registry.accounts.forms import ADVICE, LONGEST_ADDRESS, AskingForm, said
from registry.certificates.layouts import mark_of
from registry.organisations.forms import provinces
from registry.suppliers import rules
from registry.suppliers.columns import KINDS, LABELS, Layout
from registry.suppliers.confirming import Group
from registry.suppliers.models import SignUp
from registry.suppliers.reading import ACCEPTED
from registry.suppliers.tables import Preview
from registry.verification.questions import DateInFuture


class SignUpForm(AskingForm):
    """A company asks for an account, on a public page: no session, so no token."""

    class Meta(AskingForm.Meta):
        csrf = False

    company = StringField(
        _("Name of the company"),
        validators=[DataRequired()],
        render_kw={"autocomplete": "organization"},
    )
    vat = StringField(
        _("Partita IVA"),
        validators=[DataRequired()],
        description=_("Eleven digits."),
        render_kw={"inputmode": "numeric"},
    )
    province = SelectField(
        _("Province of the registered seat"),
        choices=provinces,
        validators=[DataRequired()],
    )
    town = StringField(
        _("Town of the registered seat"),
        validators=[DataRequired()],
        render_kw={"autocomplete": "address-level2"},
    )
    person = StringField(
        _("Name and surname"),
        validators=[DataRequired(), Length(max=105)],
        render_kw={"autocomplete": "name"},
    )
    email = EmailField(
        _("E-mail address"),
        validators=[DataRequired(), Length(max=LONGEST_ADDRESS)],
        description=_("The link to choose a password goes there."),
        render_kw={"autocomplete": "email", "spellcheck": "false"},
    )

    def facts(self) -> dict[str, Any]:
        """What was typed, by the names the operation uses."""
        return {field.name: field.data for field in self if field.name != "revision"}


class PasswordForm(AskingForm):
    """The last step of opening an account."""

    password = PasswordField(
        _("Choose a password"),
        validators=[DataRequired(), Length(max=people.LONGEST)],
        description=ADVICE,
        render_kw={"autocomplete": "new-password"},
    )

    def __init__(self, *args: Any, asked: SignUp, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._asked = asked

    def validate_password(self, field: PasswordField) -> None:
        about = [self._asked.email, self._asked.person, self._asked.company]
        if problem := people.problem_with(field.data or "", about):
            raise ValidationError(gettext(problem))


def likenesses() -> list[SelectChoice]:
    """From which score a name is proposed."""
    words = {
        100: gettext("100 – only the very same name"),
        85: gettext("85 – advised"),
        70: gettext("70 – many proposals"),
    }
    steps = range(rules.HIGHEST, rules.LOWEST, -5)
    return [SelectChoice(str(n), words.get(n, str(n))) for n in steps]


class ListForm(AskingForm):
    """Handing in a list."""

    file = FileField(
        _("Your supplier list"),
        validators=[FileRequired(_("Choose a file."))],
        description=_(
            "CSV, XLSX or ODS, at most 10 MB. Your columns may have any name and order."
        ),
        render_kw={"accept": ACCEPTED},
    )
    threshold = SelectField(
        _("Names without a number: propose those at least so alike"),
        choices=likenesses,
        default=str(rules.THRESHOLD),
        description=_("From 0 to 100. You confirm each proposal once."),
    )
    on = DateField(
        _("As of a past day"),
        validators=[Optional()],
        description=_("Leave empty to check as of today."),
    )
    scheme = SelectField(
        _("Which mark to ask about"),
        description=_("An answer is about one mark only."),
    )

    def __init__(
        self, *args: Any, today: date, schemes: Sequence[str], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self._today = today
        self.scheme.choices = [SelectChoice(one, mark_of(one)) for one in schemes]
        if len(schemes) < 2:
            del self.scheme

    def validate_on(self, field: DateField) -> None:
        try:
            rules.check_wishes(rules.THRESHOLD, field.data, self._today)
        except (rules.BadDay, DateInFuture) as refusal:
            raise ValidationError(said(refusal.message)) from None


class ColumnsForm(AskingForm):
    """Which column is which: one question for each kind."""

    def layout(self, header_row: int | None) -> Layout:
        """What was chosen."""
        chosen = {kind: self[kind].data for kind in KINDS}
        return Layout({kind: int(n) for kind, n in chosen.items() if n}, header_row)


def columns_form(preview: Preview) -> ColumnsForm:
    """The form for a table, filled with what is understood of it."""
    named = [
        SelectChoice(str(n), f"{letter} · {text[:60]}" if text else letter)
        for n, (letter, text) in enumerate(preview.named)
    ]
    choices = [SelectChoice("", gettext("No column")), *named]
    fields = {
        kind: SelectField(
            said(LABELS[kind]),
            choices=choices,
            validators=[Optional()],
            default=str(preview.layout.columns.get(kind, "")),
        )
        for kind in KINDS
    }
    return cast(ColumnsForm, type("FormOfColumns", (ColumnsForm,), fields)())


class LeftOpen:
    """May be left open; the page says so once, not at each."""

    field_flags: ClassVar = {"left_open": True}

    def __call__(self, form: Any, field: Any) -> None:
        """Nothing to check."""


class NamesForm(AskingForm):
    """Who is meant by each name; what is left open is asked again."""

    def said(self, groups: Sequence[Group]) -> dict[str, int | None]:
        """The organisation meant, or nobody, by the mark of each name answered."""
        answers = {group.mark: self[group.field].data for group in groups}
        return {
            mark: None if answer == NOBODY else int(answer)
            for mark, answer in answers.items()
            if answer
        }


NOBODY = "none"


def names_form(groups: Sequence[Group]) -> NamesForm:
    """The form for some names."""
    fields = {
        group.field: RadioField(
            group.words,
            choices=[
                *(SelectChoice(str(one.id), one.words) for one in group.offers),
                SelectChoice(NOBODY, gettext("None of these")),
            ],
            validators=[Optional(), LeftOpen()],
            description=group.places,
        )
        for group in groups
    }
    return cast(NamesForm, type("FormOfNames", (NamesForm,), fields)())
