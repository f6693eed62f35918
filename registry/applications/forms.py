"""Forms about an application; those of its sections are made in questionnaire.py."""

from typing import Any

from flask_babel import lazy_gettext as _
from flask_wtf.file import FileField, FileRequired
from wtforms.fields import BooleanField, DateField, TextAreaField
from wtforms.validators import DataRequired, Length, Optional

from registry.accounts.forms import AskingForm
from registry.applications import filled, operations
from registry.applications.workbook import MEDIA_TYPE
from registry.criteria.edition import EvidenceKind
from registry.errors import RegistryError
from registry.files.checking import ACCEPTED, MOST_BYTES

NEEDED = _("This is needed.")


class ActForm(AskingForm):
    """A button that does one thing."""


class EvidenceForm(AskingForm):
    """A document and the days written on it."""

    file = FileField(
        _("File"),
        [FileRequired(_("Choose a file."))],
        description=_("PDF, JPEG or PNG, at most 10 MB."),
        render_kw={"accept": ACCEPTED},
    )
    issued_on = DateField(_("Date of issue"), [Optional()])
    period_from = DateField(
        _("Period covered: first day"),
        [Optional()],
        description=_("If the document refers to a period."),
    )
    period_until = DateField(_("Period covered: last day"), [Optional()])
    expires_on = DateField(
        _("Expiry"), [Optional()], description=_("If one is written on it.")
    )

    def __init__(self, kind: EvidenceKind, name: str, **kwargs: Any) -> None:
        super().__init__(prefix=f"{name}-", **kwargs)
        self.kind = name
        if kind.valid_months is not None:
            self.issued_on.validators = [DataRequired(NEEDED)]
            self.issued_on.flags.required = True
            self.issued_on.description = _(
                "The document serves for %(months)s months from this day.",
                months=kind.valid_months,
            )

    def show(self, name: str | None, refusal: RegistryError) -> None:
        """As everywhere; the fields of this form bear the name of the kind in front."""
        mine = name is not None and name in self
        super().show(f"{self.kind}-{name}" if mine else name, refusal)

    def content(self) -> bytes:
        """The bytes sent, and not many more than we take."""
        return bytes(self.file.data.stream.read(MOST_BYTES + 1))

    def days(self) -> dict[str, Any]:
        """The days written on the document, as the operation wants them."""
        names = ("issued_on", "period_from", "period_until", "expires_on")
        return {name: self[name].data for name in names}


class WaiverForm(AskingForm):
    """Why a criterion does not apply."""

    reason = TextAreaField(
        _("Why it does not apply"),
        [DataRequired(NEEDED), Length(max=operations.LONGEST_REASON)],
        description=_(
            "An auditor reads it and accepts or refuses it. No names of persons."
        ),
        render_kw={"rows": 3},
    )

    def __init__(self, requirement: str, **kwargs: Any) -> None:
        super().__init__(prefix=f"{requirement}-", **kwargs)
        self.requirement = requirement


class DeclarationForm(AskingForm):
    """The declaration of the legal representative (d.P.R. 445/2000)."""

    declared = BooleanField(
        _("I have read the declaration and I make it"),
        [DataRequired(_("Without the declaration the application cannot be sent."))],
    )


class WithdrawForm(AskingForm):
    """Taking an application back: once, and on purpose."""

    sure = BooleanField(
        _("I confirm that the application is withdrawn"),
        [DataRequired(_("Tick the box to confirm."))],
    )


class DeclineForm(AskingForm):
    """Why the application is outside the scheme."""

    reason = TextAreaField(
        _("Why it is declined"),
        [DataRequired(NEEDED), Length(max=2000)],
        description=_("The reason goes into the letter to the organisation."),
    )


class WorkbookForm(AskingForm):
    """A questionnaire filled in off line."""

    file = FileField(
        _("Workbook"),
        [FileRequired(_("Choose a file."))],
        description=_("The XLSX downloaded from this page, at most 5 MB."),
        render_kw={"accept": f".xlsx,{MEDIA_TYPE}"},
    )

    def content(self) -> bytes:
        """The bytes sent, and not many more than we take."""
        return bytes(self.file.data.stream.read(filled.MOST_BYTES + 1))
