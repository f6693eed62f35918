"""The form of a doubt, and those by which the secretariat acts on it."""

from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms.fields import (
    EmailField,
    RadioField,
    SelectChoice,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, Length, Optional, ValidationError

from registry.accounts.forms import LONGEST_ADDRESS, AskingForm
from registry.accounts.rules import tidy_email
from registry.complaints import rules
from registry.complaints.models import Outcome, Topic

NEEDED = _("This field is required.")


class ReportForm(AskingForm):
    """A doubt about a holder, on a public page: no session, so no token."""

    class Meta(AskingForm.Meta):
        csrf = False

    topic = RadioField(_("What is it about?"), validators=[DataRequired(NEEDED)])
    words = TextAreaField(
        _("What have you seen or heard?"),
        description=_(
            "Facts, with place and date. No names or other data of persons: if they "
            "are needed, the secretariat will ask."
        ),
        validators=[DataRequired(NEEDED), Length(max=rules.LONGEST)],
    )
    email = EmailField(
        _("Your e-mail address, if you wish an answer by mail"),
        description=_("Not needed. Only the secretariat sees it."),
        validators=[Optional(), Length(max=LONGEST_ADDRESS)],
    )
    #: People do not see it; programs that fill in everything do.
    website = StringField(_("Leave this field empty"), validators=[Length(max=200)])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.topic.choices = [
            SelectChoice(one.value, gettext(one.label)) for one in Topic
        ]

    def validate_email(self, field: EmailField) -> None:
        """An address that letters can reach."""
        if not tidy_email(field.data or ""):
            raise ValidationError(_("This is not an e-mail address."))

    @property
    def is_from_a_program(self) -> bool:
        """Whether the field nobody sees was filled in."""
        return bool(self.website.data)


class ActForm(AskingForm):
    """Reasons for an act."""

    words = TextAreaField(
        _("Reasons"),
        description=_("Who raised the doubt reads them. No names of persons."),
        validators=[DataRequired(NEEDED), Length(max=rules.LONGEST)],
    )


class NoteForm(AskingForm):
    """A note for the registry alone."""

    note = TextAreaField(
        _("Note"),
        description=_("Only the secretariat reads it; it cannot be changed."),
        validators=[DataRequired(NEEDED), Length(max=rules.LONGEST)],
    )


class CloseForm(ActForm):
    """What was found, and why."""

    outcome = RadioField(_("Outcome"), validators=[DataRequired(NEEDED)])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.outcome.choices = [
            SelectChoice(one.value, gettext(one.label)) for one in Outcome
        ]
