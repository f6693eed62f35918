"""Forms of the scheme owner, and of an applicant who changes edition."""

from flask_babel import lazy_gettext as _
from wtforms import BooleanField
from wtforms.validators import DataRequired

from registry.accounts.forms import AskingForm


class ActForm(AskingForm):
    """Nothing but the button."""


class MoveForm(AskingForm):
    """Moving a draft to another edition: on purpose, since answers may go."""

    sure = BooleanField(
        _("I confirm: the application goes on under the other edition"),
        [DataRequired(_("Tick the box to confirm."))],
    )
