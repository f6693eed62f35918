"""An application as its pages tell it: answers in words, result, whose move it is."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property
from typing import Any, cast

from flask_babel import gettext

from registry.accounts.models import User
from registry.applications import rules
from registry.applications.asking import signatory_words
from registry.applications.forms import EvidenceForm, WaiverForm
from registry.applications.models import (
    Application,
    ApplicationState,
    Completion,
    Evidence,
    Waiver,
)
from registry.applications.questionnaire import Sheet, anchor
from registry.clock import civil_day
from registry.criteria.asked import asked, required_evidence
from registry.criteria.edition import Answer, Edition, EvidenceKind, Requirement
from registry.criteria.evaluation import Outcome, RequirementResult, Result
from registry.criteria.explanation import reasons
from registry.criteria.values import from_json
from registry.criteria.wording import Wording
from registry.organisations.models import Organisation
from registry.web.language import page_language

S = ApplicationState


@dataclass(frozen=True)
class Table:
    """Repeated rows as they are shown: headings, and a cell for each."""

    headings: list[str]
    rows: list[list[str]]


@dataclass(frozen=True)
class Said:
    """One answer in words; a table where it has rows; empty while it lacks."""

    name: str
    label: str
    words: str
    table: Table | None = None
    #: Since the answers this application starts from.
    changed: bool = False


@dataclass(frozen=True)
class Judged:
    """A criterion, what comes out of it as declared, and why; whether it is claimed
    not to apply, and whether that was claimed last time too."""

    requirement: Requirement
    result: RequirementResult
    reasons: list[str]
    waiver: Waiver | None = None
    as_before: bool = False


@dataclass(frozen=True)
class Documents:
    """A kind of document on a section's page: what is here, and the way to add."""

    name: str
    kind: EvidenceKind
    required: bool
    attached: list[Evidence]
    detached: list[Evidence]
    of_last_time: list[Evidence]
    form: EvidenceForm | None


@dataclass
class Dossier:
    """Everything a page tells of an application, on a day, to a person."""

    application: Application
    edition: Edition
    user: User
    today: date

    @property
    def organisation(self) -> Organisation:
        return self.application.organisation

    @property
    def may_submit(self) -> bool:
        return rules.may_submit(self.application, self.user)

    @property
    def may_withdraw(self) -> bool:
        return rules.may_withdraw(self.application, self.user)

    @property
    def may_reply(self) -> bool:
        return rules.may_reply(self.application, self.user)

    @property
    def may_edit(self) -> bool:
        return rules.may_edit(self.application, self.user)

    @cached_property
    def progress(self) -> list[rules.Progress]:
        return rules.progress(self.application, self.edition, self.settled)

    @property
    def done(self) -> int:
        return sum(one.done for one in self.progress)

    @property
    def total(self) -> int:
        return sum(one.total for one in self.progress)

    @property
    def missing(self) -> list[rules.Missing]:
        return [lack for one in self.progress for lack in one.missing]

    def anchor(self, lack: rules.Missing) -> str:
        """The id of the control where something missing is given."""
        return anchor(self.edition, lack)

    @cached_property
    def result(self) -> Result:
        """What the edition says of the declared answers, on the day reckoned."""
        return rules.declared_result(self.application, self.edition, self.today)

    @property
    def outcome(self) -> Outcome:
        return self.result.outcome

    @cached_property
    def judged(self) -> list[Judged]:
        """Each criterion with its verdict as declared and the reasons in words."""
        why = reasons(self.edition, self.result, page_language())
        return [
            Judged(
                one,
                self.result.requirement(one.id),
                why[one.id],
                rules.waiver_of(self.application, one.id),
                rules.waived_as_before(self.application, one.id),
            )
            for one in self.edition.requirements
        ]

    def judged_in(self, section: str) -> list[Judged]:
        return [one for one in self.judged if one.requirement.section == section]

    def waiver_forms(self, section: str, sent: WaiverForm | None) -> dict[str, Any]:
        """For each criterion of a section that may be claimed not to apply now, the
        form to do so; `sent` is one that was refused."""
        found = {}
        for one in self.edition.requirements_in(section):
            if rules.may_waive(self.application, self.edition, one.id, self.user):
                claim = rules.waiver_of(self.application, one.id)
                found[one.id] = WaiverForm(one.id, obj=claim, formdata=None)
        return found | ({sent.requirement: sent} if sent else {})

    @property
    def due_on(self) -> date | None:
        """The day by which the next move should be made, where there is one."""
        if self.application.state is S.DRAFT:
            return self.application.due_on
        if request := self.application.open_completion:
            return request.due_on
        if self.application.closed_at is not None:
            return None
        return rules.decide_by(self.application, self.edition, self.today)

    @property
    def set_aside_on(self) -> date | None:
        """The day on which a draft nobody touches is put aside."""
        application = self.application
        if application.state is not S.DRAFT or application.due_on is not None:
            return None
        days = timedelta(days=self.edition.parameters.idle_days)
        return civil_day(application.changed_at) + days

    def asked_items(self, completion: Completion) -> list[tuple[str, str, str]]:
        """(section, anchor, words) of each thing to complete."""
        given = rules.values(self.application, self.edition)
        now = {f"answer:{name}" for name in asked(self.edition, given)}
        needed = required_evidence(self.edition, given)
        now |= {
            f"evidence:{name}"
            for name, kind in self.edition.evidence.items()
            if name in needed or kind.required_if is None
        }
        found = []
        for item in completion.items:
            what, _, name = item.partition(":")
            if item not in now:
                continue  # opened only in case another answer calls for it
            if what == "answer":
                answer = self.edition.answers[name]
                lack = rules.Missing(answer.section, "answer", name, answer.label)
            else:
                section = rules.section_of(self.edition, name)
                label = self.edition.evidence[name].label
                lack = rules.Missing(section, "evidence", name, label)
            words = lack.label.in_(page_language())
            found.append((lack.section, self.anchor(lack), words))
        return found

    @cached_property
    def settled(self) -> dict[str, tuple[str, ...]]:
        """The questions that need no answer any more."""
        return rules.folded(self.application, self.edition, self.today)

    def answers_in(self, section: str) -> list[Said]:
        """The answers of a section that are asked, in words; those folded only if
        they were given."""
        sheet = Sheet(self.application, self.edition, section, self.user, self.today)
        changed = rules.changed_since_start(self.application)
        told = {
            name: answer
            for name, answer in sheet.asked.items()
            if name in sheet.values or name not in self.settled
        }
        return [
            replace(one, changed=one.name in changed)
            for one in said(self.edition, told, sheet.values)
        ]

    def changed_in(self, section: str) -> list[Said]:
        """Answers of a section that differ from last time, with what was said then."""
        before = self.application.starts_from
        if before is None:
            return []
        changed = rules.changed_since_start(self.application)
        here = self.edition.answers_in(section)
        then = rules.values(before, self.edition)
        return said(self.edition, {n: here[n] for n in here if n in changed}, then)

    def answers_shut(self, sheet: Sheet) -> list[Said]:
        """Those that cannot be changed now, in words."""
        return said(self.edition, sheet.shut, sheet.values)

    def pieces_in(self, section: str) -> list[Evidence]:
        """The documents of a section that stand."""
        kinds = self.edition.evidence_in(section)
        mine = [p for p in self.application.attached if p.kind in kinds]
        return [p for p in mine if rules.section_of(self.edition, p.kind) == section]

    def serves_until(self, piece: Evidence) -> date | None:
        """The last day on which a document serves, by its kind and its dates."""
        given = rules.values(self.application, self.edition)
        return rules.last_day(piece, self.edition, given)


def said(
    edition: Edition, answers: dict[str, Answer], values: dict[str, Any]
) -> list[Said]:
    """Answers in words, in the language of the page."""
    wording = Wording(edition, page_language())
    return [
        Said(name, wording.label(name), "", _table(edition, wording, name, value))
        if answer.type == "rows"
        else Said(
            name,
            wording.label(name),
            "" if value is None else wording.value(answer, value),
        )
        for name, answer in answers.items()
        for value in [values.get(name)]
    ]


def said_of_json(edition: Edition, kept: dict[str, Any]) -> list[Said]:
    """The same of answers kept as JSON, in the edition's order."""
    answers = {n: a for n, a in edition.answers.items() if kept.get(n) is not None}
    values = {n: from_json(a, kept[n]) for n, a in answers.items()}
    return said(edition, answers, values)


def _table(edition: Edition, wording: Wording, name: str, rows: Any) -> Table | None:
    if not rows:
        return None
    columns = edition.answers[name].columns
    used = [n for n in columns if any(row.get(n) is not None for row in rows)]
    headings = [columns[n].label.in_(wording.language) for n in used]
    cells = [
        ["" if row.get(n) is None else wording.value(columns[n], row[n]) for n in used]
        for row in rows
    ]
    for at, column in enumerate(used):
        if columns[column].table == "contracts":
            headings.insert(at + 1, gettext("Agreement and who signed it"))
            for row, told in zip(rows, cells, strict=True):
                told.insert(at + 1, _contract(edition, row.get(column)))
    return Table(headings, cells)


def _contract(edition: Edition, code: Any) -> str:
    found = edition.tables["contracts"].get(cast(str, code or ""))
    return f"{found.title} · {signatory_words(found)}" if found else ""


def documents(sheet: Sheet, sent: EvidenceForm | None, on: date) -> list[Documents]:
    """The documents of a section on a day; `sent` is an upload that was refused."""
    before = rules.reusable(sheet.application, sheet.edition, on)
    pieces, required, open_kinds = (
        sheet.application.evidence,
        sheet.required,
        sheet.open_kinds,
    )
    found = []
    for name, kind in sheet.kinds.items():
        here = [piece for piece in pieces if piece.kind == name]
        form = EvidenceForm(kind, name) if name in open_kinds else None
        if sent is not None and sent.kind == name:
            form = sent
        found.append(
            Documents(
                name,
                kind,
                name in required,
                [piece for piece in here if piece.detached_at is None],
                [piece for piece in here if piece.detached_at is not None],
                [piece for piece in before if piece.kind == name],
                form,
            )
        )
    return found


def declaration_text(organisation: Organisation) -> str:
    """What the legal representative declares, in the language of the page."""
    words = gettext(
        "As legal representative of %(name)s, aware of the criminal consequences of "
        "false statements (art. 76 of d.P.R. 28 December 2000, no. 445) and that "
        "benefits obtained through them are lost (art. 75), I declare under articles "
        "46 and 47 of the same decree that what is stated in this application is true "
        "and complete and that the documents attached agree with their originals. I "
        "undertake to tell the registry of any change that bears on the requirements.",
        name=organisation.name,
    )
    return str(words)
