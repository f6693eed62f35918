"""Forms about people; those of signing in are Flask-Security's with our words."""

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any, cast

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_security.forms import ChangePasswordForm as TheirChangePasswordForm
from flask_security.forms import ForgotPasswordForm as TheirForgotPasswordForm
from flask_security.forms import LoginForm
from flask_security.forms import TwoFactorRescueForm as TheirRescueForm
from flask_security.forms import TwoFactorSetupForm as TheirSetupForm
from flask_security.forms import TwoFactorVerifyCodeForm as TheirCodeForm
from wtforms.fields import (
    EmailField,
    Field,
    FieldList,
    FormField,
    PasswordField,
    RadioField,
    SelectChoice,
    SelectMultipleField,
    StringField,
)
from wtforms.validators import DataRequired, Length, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from registry.accounts import rules
from registry.accounts.models import ROLE_LABELS, Role, User
from registry.db import db
from registry.errors import Conflict, Invalid, RegistryError
from registry.web.filters import day
from registry.web.forms import Form
from registry.web.language import LANGUAGES

#: RFC 5321, 4.5.3.1.3.
LONGEST_ADDRESS = 254


def said(sentence: str, **params: Any) -> str:
    """A marked sentence in the language of the page, its days in words."""
    words = {
        name: day(one) if isinstance(one, date) else one for name, one in params.items()
    }
    return str(gettext(sentence, **words))


class AskingForm(Form):
    """A form that shows, beside what was typed, why an operation refused it."""

    def does(self, act: Callable[[], Any]) -> bool:
        """Whether `act` was done; its Invalid or Conflict becomes an error here.

        A refusal with a `field` is shown there; one with `problems`, pairs of a field
        and a refusal, at each of them.
        """
        try:
            act()
        except (Invalid, Conflict) as refusal:
            db.session.rollback()
            for name, problem in getattr(refusal, "problems", None) or [
                (getattr(refusal, "field", None), refusal)
            ]:
                self.show(name, problem)
            return False
        return True

    def show(self, name: str | None, refusal: RegistryError) -> None:
        """Put a refusal at a field, or above the form."""
        words = said(refusal.message, **refusal.params)
        for path in _paths(self):
            if path[-1].name == name:
                path[-1].errors = [*path[-1].errors, words]
                for outer in path[:-1]:
                    if isinstance(outer, FieldList):  # else the form seems right
                        outer.errors = [*outer.errors, {}]
                return
        self.form_errors.append(words)


def _paths(form: Any) -> Iterator[list[Field]]:
    """Every field of a form, each after those it stands in."""
    for field in form:
        yield [field]
        inside = field.form if isinstance(field, FormField) else None
        if isinstance(field, FieldList):
            inside = field.entries
        for path in _paths(inside or ()):
            yield [field, *path]


class Checkboxes(SelectMultipleField):  # type: ignore[misc]
    """Several of a few choices."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


def _address(label: Any) -> EmailField:
    return EmailField(
        label,
        validators=[DataRequired(), Length(max=LONGEST_ADDRESS)],
        render_kw={"autocomplete": "email", "spellcheck": "false"},
    )


def _password(label: Any, autocomplete: str, hint: Any = "") -> PasswordField:
    return PasswordField(
        label,
        validators=[DataRequired(), Length(max=rules.LONGEST)],
        description=hint,
        render_kw={"autocomplete": autocomplete},
    )


ADVICE = _(
    "At least 12 characters. Three or four words that only you would put together "
    "are easy to remember; no capitals or digits are needed."
)


class SignInForm(LoginForm):
    """The door."""

    email = _address(_("E-mail address"))
    password = _password(_("Password"), "current-password")
    remember = None
    submit = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.password.description = ""  # theirs is a link; ours stands below

    def validate_email(self, field: EmailField) -> None:
        """One spelling of an address, as it is kept; what is none finds nobody."""
        address = rules.tidy_email(field.data or "")
        if address is None:
            raise ValidationError(gettext("This is not an e-mail address."))
        field.data = address


class ForgotPasswordForm(TheirForgotPasswordForm):
    """Asking for a letter with a link."""

    submit = None

    def validate(self, **kwargs: Any) -> bool:
        """Only those who joined have a password to reset; others are invited again."""
        return super().validate(**kwargs) and rules.has_joined(cast(User, self.user))


class ChangePasswordForm(TheirChangePasswordForm):
    """A new password for who knows the old one (ASVS 5.0, 6.2.3)."""

    password = _password(_("Your password now"), "current-password")
    new_password = _password(_("New password"), "new-password", ADVICE)
    new_password_confirm = _password(_("New password, once more"), "new-password")
    submit = None

    def validate_new_password_confirm(self, field: PasswordField) -> None:
        if field.data != self.new_password.data:
            raise ValidationError(gettext("The two passwords differ."))


class CodeForm(TheirCodeForm):
    """The six digits from the telephone."""

    code = StringField(
        _("Code of six digits"),
        validators=[DataRequired(), Length(max=20)],
        render_kw={"autocomplete": "one-time-code", "inputmode": "numeric"},
    )
    submit = None


class SetupForm(TheirSetupForm):
    """Choosing a second factor: there is one kind, an app on the telephone."""

    setup = RadioField(
        choices=[SelectChoice("authenticator"), SelectChoice("disable")],
        validate_choice=False,
    )
    phone = StringField()
    submit = None


class RescueForm(TheirRescueForm):
    """Without the telephone."""

    help_setup = RadioField(choices=[SelectChoice("help")], validate_choice=False)
    submit = None


class DetailsForm(AskingForm):
    """My name and language."""

    name = StringField(
        _("Name and surname"),
        validators=[DataRequired(), Length(max=105)],
        render_kw={"autocomplete": "name"},
    )
    language = RadioField(
        _("Language of pages and letters"),
        choices=LANGUAGES,
        default="it",
        validators=[DataRequired()],
    )


class AcceptForm(DetailsForm):
    """Taking up an invitation."""

    password = _password(_("Choose a password"), "new-password", ADVICE)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, obj=user, **kwargs)
        self._user = user

    def validate_password(self, field: PasswordField) -> None:
        about = [self._user.email, self._user.name, self.name.data or ""]
        if problem := rules.problem_with(field.data or "", about):
            raise ValidationError(said(problem))


def role_choices() -> list[SelectChoice]:
    """The roles people may have, in words."""
    return [
        SelectChoice(role.value, said(label))
        for role, label in ROLE_LABELS.items()
        if role is not Role.REGISTRY
    ]


class RolesForm(AskingForm):
    """What a person is for the registry."""

    roles = Checkboxes(_("Roles"), choices=role_choices)

    def chosen(self) -> set[Role]:
        """The roles ticked."""
        return {Role(value) for value in self.roles.data or ()}


class InviteForm(RolesForm):
    """Asking someone in."""

    email = _address(_("E-mail address"))
    name = StringField(
        _("Name and surname"), validators=[DataRequired(), Length(max=105)]
    )
    language = RadioField(
        _("Language of pages and letters"),
        choices=LANGUAGES,
        default="it",
    )

    def validate_roles(self, field: Checkboxes) -> None:
        if not field.data:
            raise ValidationError(gettext("Choose at least one role."))


class ActForm(AskingForm):
    """A button: nothing but its token."""
