"""The form by which the committee decides on a measure."""

from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms.fields import RadioField, SelectChoice, TextAreaField
from wtforms.validators import DataRequired

from registry.accounts.forms import AskingForm
from registry.errors import N_
from registry.rechecks.models import MeasureKind, MeasureOutcome

NEEDED = _("This field is required.")
#: What each outcome does, by kind of measure.
EFFECTS = {
    MeasureKind.SUSPENSION: (
        N_("Uphold: the certificate stays suspended"),
        N_("Reject: the certificate is valid again from today"),
    ),
    MeasureKind.WITHDRAWAL: (
        N_("Uphold: the certificate is withdrawn for ever from today"),
        N_("Reject: the certificate stays suspended"),
    ),
}


class MeasureForm(AskingForm):
    """Uphold or reject, with reasons."""

    outcome = RadioField(_("Outcome"), validators=[DataRequired(NEEDED)])
    reasons = TextAreaField(
        _("Reasons"),
        description=_("They are kept for ever: no names of persons."),
        validators=[DataRequired(NEEDED)],
    )

    def __init__(self, *args: Any, kind: MeasureKind, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        upheld, rejected = EFFECTS[kind]
        self.outcome.choices = [
            SelectChoice(MeasureOutcome.UPHELD.value, gettext(upheld)),
            SelectChoice(MeasureOutcome.REJECTED.value, gettext(rejected)),
        ]

    @property
    def chosen(self) -> MeasureOutcome:
        """The outcome that was chosen."""
        return MeasureOutcome(self.outcome.data)
