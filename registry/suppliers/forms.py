"""Forms of companies."""

from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms.fields import EmailField, PasswordField, SelectField, StringField
from wtforms.validators import DataRequired, Length, ValidationError

from registry.accounts import rules as people
from registry.accounts.forms import ADVICE, LONGEST_ADDRESS, AskingForm
from registry.organisations.forms import provinces
from registry.suppliers.models import SignUp


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
