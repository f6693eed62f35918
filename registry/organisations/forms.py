"""Forms about organisations."""

from typing import Any

from flask_babel import lazy_gettext as _
from wtforms.fields import (
    EmailField,
    FieldList,
    FormField,
    RadioField,
    SelectChoice,
    SelectField,
    StringField,
)
from wtforms.validators import DataRequired, Length, Optional

from registry.accounts.forms import (
    LONGEST_ADDRESS,
    AskingForm,
    Checkboxes,
    said,
)
from registry.errors import N_
from registry.organisations import rules
from registry.organisations.models import Capacity, OrganisationKind, Sector
from registry.web.forms import Row
from registry.web.language import LANGUAGES

FIRST = ""


def kinds() -> list[SelectChoice]:
    """The kinds of organisation, in words."""
    return [SelectChoice(kind.value, said(kind.label)) for kind in OrganisationKind]


def provinces() -> list[SelectChoice]:
    """The provinces there are, by name, after an empty choice; no seat is in others."""
    named = [
        SelectChoice(one.sigla, f"{one.name} ({one.sigla})")
        for one in rules.provinces().values()
        if one.valid_until is None
    ]
    return [SelectChoice(FIRST, said(N_("Choose"))), *named]


def sectors() -> list[SelectChoice]:
    """The sectors, in words."""
    return [SelectChoice(sector.value, said(sector.label)) for sector in Sector]


def _line(label: Any, hint: Any = "", *, required: bool = False) -> StringField:
    first = DataRequired() if required else Optional()
    return StringField(label, validators=[first], description=hint)


class OrganisationForm(AskingForm):
    """What identifies an organisation."""

    kind = SelectField(_("Kind"), choices=kinds, validators=[DataRequired()])
    name = _line(
        _("Name of the organisation"),
        _("As in the business register: it goes on the certificate as it stands here."),
        required=True,
    )
    vat = _line(_("Partita IVA"), _("Eleven digits."))
    tax_code = _line(_("Codice fiscale"), _("Only if it differs from the partita IVA."))
    albo = _line(
        _("Albo number"), _("Of the Albo delle società cooperative, as A122855.")
    )
    rea = _line(_("REA number"), _("As BG-250195."))
    province = SelectField(
        _("Province of the registered seat"),
        choices=provinces,
        validators=[DataRequired()],
    )
    town = _line(_("Town of the registered seat"), required=True)
    address = _line(_("Street and number"))
    website = _line(_("Website"))

    def validate(self, *args: Any, **kwargs: Any) -> bool:
        """Tell everything that is wrong at once, numbers and places too."""
        right = bool(super().validate(*args, **kwargs))
        for name, problem in rules.problems_in(self.facts()):
            if not self[name].errors:
                self.show(name, problem)
                right = False
        return right

    def facts(self) -> dict[str, Any]:
        """What was typed, by the names the operations use."""
        return {name: self[name].data for name in rules.CHECKS}

    def chosen_kind(self) -> OrganisationKind:
        """The kind chosen."""
        return OrganisationKind(self.kind.data)


class SpeakerForm(AskingForm):
    """Asking somebody to speak for an organisation."""

    person = StringField(
        _("Name and surname"), validators=[DataRequired(), Length(max=105)]
    )
    email = EmailField(
        _("E-mail address"),
        validators=[DataRequired(), Length(max=LONGEST_ADDRESS)],
    )
    language = RadioField(
        _("Language of pages and letters"), choices=LANGUAGES, default="it"
    )


class AppointForm(SpeakerForm):
    """The secretariat also says in which capacity."""

    capacity = RadioField(
        _("Capacity"),
        choices=lambda: [SelectChoice(one.value, said(one.label)) for one in Capacity],
        default=Capacity.DELEGATE.value,
    )


class RegistrationForm(OrganisationForm):
    """An organisation and its legal representative, in one go."""

    person = StringField(
        _("Legal representative: name and surname"),
        validators=[DataRequired(), Length(max=105)],
    )
    email = EmailField(
        _("Legal representative: e-mail address"),
        validators=[DataRequired(), Length(max=LONGEST_ADDRESS)],
        description=_("The invitation goes there; it works once, for three days."),
    )


class SeatRow(Row):
    """A place of work."""

    town = StringField(_("Town"), validators=[DataRequired()])
    province = SelectField(
        _("Province"), choices=provinces, validators=[DataRequired()]
    )
    address = StringField(_("Street and number"), validators=[Optional()])


class DescriptionForm(AskingForm):
    """Where an organisation works and what it does."""

    seats = FieldList(
        FormField(SeatRow),
        label=_("Other places of work"),
        description=_("Besides the registered seat."),
        max_entries=rules.MOST_SEATS,
    )
    ateco = FieldList(
        StringField(_("Code"), validators=[Optional(), Length(max=20)]),
        label=_("ATECO 2025 codes"),
        description=_("As in the business register since April 2025: 81.21.00."),
        max_entries=rules.MOST_ACTIVITIES,
    )
    sectors = Checkboxes(
        _("Sectors"),
        choices=sectors,
        description=_("By these companies look for suppliers."),
    )
    website = _line(_("Website"))

    def places(self) -> list[dict[str, str]]:
        """The seats typed."""
        return [
            {name: row[name] or "" for name in ("town", "province", "address")}
            for row in self.seats.data
        ]

    def chosen_sectors(self) -> list[Sector]:
        """The sectors ticked."""
        return [Sector(value) for value in self.sectors.data or ()]
