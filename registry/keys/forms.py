"""Forms about keys."""

from typing import Any

from flask_babel import lazy_gettext as _
from wtforms.fields import SelectChoice, SelectField, StringField
from wtforms.validators import DataRequired, Length

from registry.accounts.forms import AskingForm, Checkboxes, said
from registry.keys.models import Scope
from registry.keys.rules import LONGEST_NAME
from registry.organisations.models import Organisation


def scopes() -> list[SelectChoice]:
    """What a key may be for, in words."""
    return [SelectChoice(scope.value, said(scope.label)) for scope in Scope]


class KeyForm(AskingForm):
    """A new key."""

    organisation = SelectField(_("Organisation"), validators=[DataRequired()])
    name = StringField(
        _("Name of the key"),
        validators=[DataRequired(), Length(max=LONGEST_NAME)],
        description=_("The program that will use it, as “Purchasing software”."),
    )
    scopes = Checkboxes(
        _("What it is for"), choices=scopes, validators=[DataRequired()]
    )

    def __init__(self, organisations: list[Organisation], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.organisation.choices = [
            SelectChoice(str(one.id), one.name) for one in organisations
        ]
        if len(organisations) == 1:
            self.organisation.data = str(organisations[0].id)
