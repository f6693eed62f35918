"""Forms of the auditor and the secretariat; the values to verify are the edition's."""

from collections.abc import Collection, Mapping
from datetime import date
from functools import cached_property
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms.fields import RadioField, SelectChoice, TextAreaField
from wtforms.validators import DataRequired, Length

from registry.accounts.forms import AskingForm, Checkboxes
from registry.applications import questionnaire
from registry.audits import rules
from registry.audits.models import (
    CONFLICT_LABELS,
    SEVERITY_LABELS,
    Audit,
    Conflict,
    Severity,
)
from registry.criteria.asked import asked, possible_evidence
from registry.criteria.edition import Answer, Edition, EvidenceKind
from registry.criteria.evaluation import Verdict
from registry.web.forms import Form

NEEDED = _("This is needed.")
NOTE = _("Why another value is established")
LINE = (Length(max=1000),)


def choices(words: Mapping[Any, str]) -> list[SelectChoice]:
    """The choices of a field from labels to translate, by enum member."""
    return [SelectChoice(key.value, gettext(label)) for key, label in words.items()]


class ConfirmForm(Form):
    """A single button."""


class AssignForm(AskingForm):
    """Which auditor takes the case."""

    auditor = RadioField(_("Auditor"), coerce=int, validators=[DataRequired(NEEDED)])


class DeclarationForm(AskingForm):
    """What ties the auditor to the applicant, if anything."""

    conflict = RadioField(
        _("In the last two years, is there or was there a tie with this organisation?"),
        validators=[DataRequired(NEEDED)],
    )
    note = TextAreaField(
        _("Which tie"),
        description=_("Only the secretariat reads it. Needed for “another tie”."),
        validators=[Length(max=1000)],
    )

    def __init__(self, *args: Any, ties_only: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        labels = dict(CONFLICT_LABELS)
        if ties_only:
            del labels[Conflict.NONE]
        self.conflict.choices = choices(labels)

    @property
    def chosen(self) -> Conflict:
        """The tie that was declared."""
        return Conflict(self.conflict.data)


class VerdictForm(AskingForm):
    """What the auditor says of one criterion."""

    verdict = RadioField(_("Verdict"), validators=[DataRequired(NEEDED)])
    severity = RadioField(_("Weight of the finding"), default="")
    finding = TextAreaField(
        _("Finding, or reason for the verdict"),
        description=_(
            "Needed where the criterion is not met, where there is a finding, and "
            "where the verdict is another than the rules propose. The applicant "
            "reads it after the decision: no names of persons."
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.verdict.choices = [
            SelectChoice(v.value, gettext(v.label)) for v in Verdict
        ]
        none = SelectChoice("", gettext("No finding"))
        self.severity.choices = [none, *choices(SEVERITY_LABELS)]

    @property
    def weight(self) -> Severity | None:
        """The weight of the finding, if there is one."""
        return Severity(self.severity.data) if self.severity.data else None


class RefusalForm(AskingForm):
    """Why a piece of evidence is not accepted."""

    reason = TextAreaField(
        _("Why it is refused"),
        description=_("The applicant reads it after the decision."),
        validators=[DataRequired(NEEDED), Length(max=1000)],
    )


class WaiverForm(AskingForm):
    """What the auditor makes of the claim that a criterion does not apply."""

    accepted = RadioField(_("Does the reason hold?"), validators=[DataRequired(NEEDED)])
    words = TextAreaField(
        _("In words"),
        description=_("Needed to refuse it. The organisation reads it at once."),
        validators=LINE,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, prefix="waiver-", **kwargs)
        self.accepted.choices = [
            SelectChoice("yes", gettext("Accept: the criterion does not apply")),
            SelectChoice("no", gettext("Refuse: the criterion is judged by its rule")),
        ]


class CompletionForm(AskingForm):
    """What the organisation is asked to complete."""

    items = Checkboxes(_("What to complete"), validators=[DataRequired(NEEDED)])
    message = TextAreaField(
        _("What is needed"),
        description=_("It goes into the letter to the organisation."),
        validators=[DataRequired(NEEDED)],
    )

    def __init__(
        self,
        edition: Edition,
        known: Mapping[str, Any],
        lacking: Collection[str],
        language: str,
    ) -> None:
        super().__init__()
        names, kinds = asked(edition, known), possible_evidence(edition, known)
        #: What may be chosen, by the title of its section.
        self.parts: dict[str, list[SelectChoice]] = {}
        for key, section in edition.sections.items():
            here = [n for n in edition.answers_in(key) if n in names]
            proofs = [n for n in edition.evidence_in(key) if n in kinds]
            self.parts[section.title.in_(language)] = [
                *[_item("answer", n, edition.answers[n], language) for n in here],
                *[_item("evidence", n, edition.evidence[n], language) for n in proofs],
            ]
        self.items.choices = [one for part in self.parts.values() for one in part]
        for choice in self.items.choices:
            if choice.value in lacking:
                choice.label = gettext("%(label)s (missing)", label=choice.label)

    @property
    def groups(self) -> list[tuple[str, list[Any]]]:
        """The boxes to tick, by the title of their section."""
        boxes = {box.data: box for box in self.items}
        return [
            (title, [boxes[choice.value] for choice in part])
            for title, part in self.parts.items()
            if part
        ]


def _item(
    what: str, name: str, of: Answer | EvidenceKind, language: str
) -> SelectChoice:
    label = of.label.in_(language)
    if what == "evidence":
        label = gettext("Document: %(label)s", label=label)
    return SelectChoice(f"{what}:{name}", label)


class ReportForm(AskingForm):
    """The auditor's words to the committee."""

    summary = TextAreaField(
        _("Summary for the committee"),
        description=_("What was looked at, what was found, what is proposed."),
        validators=[DataRequired(NEEDED)],
    )


class ValuesSheet(questionnaire.Sheet):
    """The values of a criterion as the auditor may correct them: the same questions."""

    def __init__(
        self, audit: Audit, edition: Edition, section: str, today: date
    ) -> None:
        super().__init__(audit.application, edition, section, audit.auditor, today)
        self.audit = audit

    @property
    def revision(self) -> int:
        """Moves with every change of the audit."""
        return self.audit.revision

    @cached_property
    def values(self) -> dict[str, Any]:
        """The verified values, and the declared ones where there are none yet."""
        return rules.believed(self.audit, self.edition)

    @cached_property
    def open(self) -> dict[str, Answer]:
        """All that is asked: an auditor may correct anything."""
        return self.asked

    def notes(self) -> "NotesForm":
        """The reasons beside the values."""
        fields = {
            name: TextAreaField(NOTE, validators=LINE, render_kw={"rows": 2})
            for name in self.open
        }
        made = type("NotesOfCriterion", (NotesForm,), fields)
        known = {row.name: row.note for row in self.audit.verifications}
        return made(prefix="note", data=known)  # type: ignore[no-any-return]


class NotesForm(AskingForm):
    """Why other values than the declared ones are established; one field each."""

    def given(self) -> dict[str, str]:
        """The notes by the name of their answer."""
        fields = (field for field in self if isinstance(field, TextAreaField))
        return {field.short_name: field.data or "" for field in fields}
