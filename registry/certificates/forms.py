"""Forms about a certificate: what cannot be undone is asked twice."""

from collections.abc import Iterable
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms.fields import BooleanField, RadioField, SelectChoice
from wtforms.validators import DataRequired

from registry.accounts.forms import AskingForm
from registry.certificates.models import ReissueReason
from registry.certificates.standing import REASONS

NEEDED = _("This field is required.")


class AskForm(AskingForm):
    """A button, with its token."""


class EndForm(AskingForm):
    """The holder gives the certificate up."""

    understood = BooleanField(
        _("I understand that this cannot be undone"),
        validators=[DataRequired(_("Tick the box to go on."))],
    )


class ReasonForm(AskingForm):
    """Why, from a closed list; the words are public."""

    reason = RadioField(
        _("Reason"),
        description=_("The public register shows these words."),
        validators=[DataRequired(NEEDED)],
    )

    def __init__(self, *args: Any, codes: Iterable[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.reason.choices = [
            SelectChoice(code, gettext(REASONS[code])) for code in codes
        ]


class ReissueForm(AskingForm):
    """Why a certificate is issued again; the holder is told."""

    reason = RadioField(
        _("Reason"),
        description=_("The letter to the holder says it."),
        validators=[DataRequired(NEEDED)],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.reason.choices = [
            SelectChoice(one.value, gettext(one.label)) for one in ReissueReason
        ]
