"""Forms about watched suppliers and webhooks."""

from flask_babel import lazy_gettext as _
from wtforms.fields import (
    RadioField,
    SelectChoice,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, Length

from registry.accounts.forms import AskingForm, Checkboxes, said
from registry.courier import LONGEST_URL
from registry.watches.models import Telling
from registry.watches.rules import EVENTS, MOST_TYPED

#: The longest spelling of an identifier, times as many as may be typed.
LONGEST = 40 * MOST_TYPED


def tellings() -> list[SelectChoice]:
    """When a company may be written to, in words."""
    return [SelectChoice(one.value, said(one.label)) for one in Telling]


def events() -> list[SelectChoice]:
    """What a webhook may be told of, in words."""
    return [SelectChoice(name, said(words)) for name, words in EVENTS.items()]


class IdentifiersForm(AskingForm):
    """Identifiers to watch, or to watch no more."""

    identifiers = TextAreaField(
        _("Identifiers of suppliers"),
        validators=[DataRequired(), Length(max=LONGEST)],
        description=_(
            "Partita IVA, codice fiscale, Albo, REA or certificate number: one on "
            "each line, also copied from a spreadsheet."
        ),
        render_kw={"rows": 5, "spellcheck": "false", "autocomplete": "off"},
    )


class TellingForm(AskingForm):
    """When the company is written to."""

    telling = RadioField(
        _("When to write to us"), choices=tellings, validators=[DataRequired()]
    )


class WebhookForm(AskingForm):
    """A webhook: where, and what it is told."""

    url = StringField(
        _("Address"),
        validators=[DataRequired(), Length(max=LONGEST_URL)],
        description=_("https://… of a program of yours that is open to the internet."),
        render_kw={"inputmode": "url", "spellcheck": "false", "autocomplete": "off"},
    )
    events = Checkboxes(
        _("What it is told"), choices=events, validators=[DataRequired()]
    )
