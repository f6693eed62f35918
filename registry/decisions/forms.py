"""Forms of the committee."""

from datetime import date
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms.fields import DateField, RadioField, SelectChoice, TextAreaField
from wtforms.validators import DataRequired, Optional

from registry.accounts.forms import AskingForm
from registry.decisions.models import Outcome

NEEDED = _("This is needed.")


class DecisionForm(AskingForm):
    """Grant or refuse, with reasons; offers only what the verdicts allow."""

    outcome = RadioField(_("Outcome"), validators=[DataRequired(NEEDED)])
    reasons = TextAreaField(
        _("Reasons"),
        description=_(
            "They go into the letter and are kept for ever: no names of persons."
        ),
        validators=[DataRequired(NEEDED)],
    )
    conditions = TextAreaField(
        _("Conditions, and by when"),
        description=_(
            "Only for a grant with conditions: minor nonconformities and reserves."
        ),
    )

    due = DateField(
        _("Last day of the corrective action"),
        [Optional()],
        description=_("Only with conditions: until then the minor criteria hold."),
    )

    def __init__(
        self,
        *args: Any,
        possible: list[Outcome],
        last_day: date | None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        if last_day is None:
            del self.due
        else:
            self.due.render_kw = {"max": last_day.isoformat()}
        self.outcome.choices = [
            SelectChoice(one.value, gettext(one.label)) for one in possible
        ]

    @property
    def due_on(self) -> date | None:
        """The last day of the corrective action, where one is asked for."""
        return self.due.data if "due" in self else None

    @property
    def chosen(self) -> Outcome:
        """The outcome that was chosen."""
        return Outcome(self.outcome.data)


class SendBackForm(AskingForm):
    """What the auditor should look at again."""

    reason = TextAreaField(
        _("What the auditor should look at again"),
        description=_("It goes into the letter to the auditor."),
        validators=[DataRequired(NEEDED)],
    )
