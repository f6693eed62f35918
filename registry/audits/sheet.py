"""
The auditor's sheet, made from the edition: what was declared, what was verified, what
the rules say.  The committee reads the same sheet.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from registry.applications import rules as application_rules
from registry.applications.models import Evidence, Waiver
from registry.audits import rules
from registry.audits.models import Audit, EvidenceReview, Verdict
from registry.criteria.asked import asked, required_evidence
from registry.criteria.edition import Answer, Column, Edition, EvidenceKind, Requirement
from registry.criteria.evaluation import RequirementResult, Result
from registry.criteria.explanation import read_rule, reasons
from registry.criteria.needed import superfluous
from registry.criteria.values import from_json
from registry.criteria.wording import Wording


@dataclass(frozen=True)
class Table:
    """Repeated rows as people read them: heads, and a list of cells per row."""

    heads: list[str]
    rows: list[list[str]]


@dataclass(frozen=True)
class Line:
    """One answer; `declared` and `verified` are words, or a Table for rows."""

    name: str
    label: str
    is_rows: bool
    given: bool
    declared: Any
    established: bool
    verified: Any
    note: str
    #: The verified value is another than the declared one.
    differs: bool
    #: Established, and the organisation has not changed its answer since.
    settled: bool
    #: Another than in the case that a re-check or renewal starts from.
    changed: bool
    #: Only criteria that do not apply look at it: nothing is to establish.
    idle: bool


@dataclass(frozen=True)
class Proof:
    """One attached file, what it must show, and what the auditor said of it."""

    piece: Evidence
    kind: EvidenceKind
    review: EvidenceReview | None
    #: Not among the files of the case that a re-check or renewal starts from.
    new: bool

    @property
    def state(self) -> str:
        """`open`, `accepted` or `refused`."""
        if self.review is None:
            return "open"
        return "accepted" if self.review.accepted else "refused"


@dataclass(frozen=True)
class Chapter:
    """One criterion with everything that bears on it."""

    requirement: Requirement
    rule: str
    lines: list[Line]
    proofs: list[Proof]
    #: Kinds of evidence that must be there and are not.
    lacking: list[EvidenceKind]
    result: RequirementResult
    reasons: list[str]
    verdict: Verdict | None
    #: The verdict is not the one the rules propose.
    departs: bool
    changed: bool
    #: The claim that the criterion does not apply, where there is one to look at.
    waiver: Waiver | None
    #: The same was claimed in the case that a re-check or renewal starts from.
    waived_as_before: bool

    @property
    def to_confirm(self) -> list[str]:
        """The answers given and not established yet."""
        return [
            one.name
            for one in self.lines
            if one.given and not one.settled and not one.idle
        ]

    @property
    def waits(self) -> bool:
        """Whether the claim that the criterion does not apply has no answer yet."""
        return self.waiver is not None and self.waiver.accepted is None

    @property
    def is_waived(self) -> bool:
        """Whether it was accepted that the criterion does not apply: no verdict."""
        return self.result.waived is not None

    @property
    def shown(self) -> str | None:
        """What people see of the auditor's verdict; None before there is one."""
        if self.is_waived:
            return self.result.shown
        if self.verdict is None:
            return None
        agrees = self.verdict.verdict == self.result.verdict
        return self.result.shown if agrees else self.verdict.verdict

    @property
    def is_done(self) -> bool:
        """Whether nothing is left to say here."""
        if self.waits or self.to_confirm or not all(p.review for p in self.proofs):
            return False
        if self.verdict is None:
            return self.is_waived
        return not self.departs or bool(self.verdict.finding)


@dataclass(frozen=True)
class Sheet:
    """All the criteria of a case, as one auditor leaves them."""

    audit: Audit
    edition: Edition
    result: Result
    chapters: list[Chapter]

    @property
    def done(self) -> int:
        """How many criteria have nothing left to say."""
        return sum(one.is_done for one in self.chapters)

    def chapter(self, requirement: str) -> Chapter:
        """The chapter of a criterion; KeyError when there is none."""
        for one in self.chapters:
            if one.requirement.id == requirement:
                return one
        raise KeyError(requirement)


def sheet(audit: Audit, edition: Edition, language: str) -> Sheet:
    """The sheet of an audit in `language` ("it" or "en")."""
    writer = _Writer(audit, edition, language)
    chapters = [writer.chapter(one) for one in edition.requirements]
    return Sheet(audit, edition, writer.result, chapters)


class _Writer:
    def __init__(self, audit: Audit, edition: Edition, language: str) -> None:
        self.audit, self.edition, self.language = audit, edition, language
        self.words = Wording(edition, language)
        self.result = rules.proposed(audit, edition)
        self.reasons = reasons(edition, self.result, language)
        believed = rules.believed(audit, edition)
        self.asked = set(asked(edition, believed))
        self.idle = superfluous(edition, self.result, believed)
        self.required = required_evidence(edition, believed, self.idle)
        application = audit.application
        self.declared = application.values
        self.changed = application_rules.changed_since_start(application)
        start = application.starts_from
        self.files_before = {p.file.sha256 for p in start.attached} if start else None

    def chapter(self, requirement: Requirement) -> Chapter:
        section = requirement.section
        lines = [
            self.line(name, answer)
            for name, answer in self.edition.answers_in(section).items()
            if name in self.asked or rules.verification_of(self.audit, name)
        ]
        proofs = self.proofs(section)
        result = self.result.requirement(requirement.id)
        verdict = rules.verdict_on(self.audit, requirement.id)
        application, waiver = self.audit.application, None
        if application_rules.is_waivable(self.edition, requirement.id):
            waiver = application_rules.waiver_of(application, requirement.id)
        as_before = application_rules.waived_as_before(application, requirement.id)
        new = bool(waiver and application.starts_from and not as_before)
        return Chapter(
            requirement=requirement,
            rule=read_rule(self.edition, requirement.id, self.language),
            lines=lines,
            proofs=proofs,
            lacking=self.lacking(section),
            result=result,
            reasons=self.reasons[requirement.id],
            verdict=verdict,
            departs=verdict is not None and verdict.verdict != result.verdict,
            changed=new
            or any(one.changed for one in lines)
            or any(one.new for one in proofs),
            waiver=waiver,
            waived_as_before=as_before,
        )

    def line(self, name: str, answer: Answer) -> Line:
        row = rules.verification_of(self.audit, name)
        declared = self.declared.get(name)
        verified = row.value if row else None
        return Line(
            name=name,
            label=answer.label.in_(self.language),
            is_rows=answer.type == "rows",
            given=declared is not None,
            declared=said(self.words, answer, declared),
            established=row is not None,
            verified=said(self.words, answer, verified),
            note=row.note if row else "",
            differs=row is not None and verified != declared,
            settled=rules.is_settled(self.audit, name),
            changed=name in self.changed,
            idle=name in self.idle,
        )

    def proofs(self, section: str) -> list[Proof]:
        kinds = self.edition.evidence_in(section)
        return [
            Proof(
                piece,
                kinds[piece.kind],
                rules.review_of(self.audit, piece),
                self.files_before is not None
                and piece.file.sha256 not in self.files_before,
            )
            for piece in self.audit.application.attached
            if piece.kind in kinds
        ]

    def lacking(self, section: str) -> list[EvidenceKind]:
        has = {piece.kind for piece in self.audit.application.attached}
        return [
            kind
            for name, kind in self.edition.evidence_in(section).items()
            if name in self.required and name not in has
        ]


def said(words: Wording, answer: Answer, json: Any) -> Any:
    """A kept value in words: "" for none, a Table for rows."""
    value = from_json(answer, json)
    if answer.type == "rows":
        return _table(words, answer, value or [])
    return "" if value is None else words.value(answer, value)


def _table(words: Wording, answer: Answer, rows: list[Mapping[str, Any]]) -> Table:
    columns = answer.columns
    used = [name for name in columns if any(row.get(name) is not None for row in rows)]
    return Table(
        [columns[name].label.in_(words.language) for name in used],
        [[_cell(words, columns[name], row.get(name)) for name in used] for row in rows],
    )


def _cell(words: Wording, column: Column, value: Any) -> str:
    if value is None:
        return "—"
    if column.table is None:
        return words.value(column, value)
    found = words.edition.tables[column.table].get(value)
    return f"{value} · {found.title}" if found else str(value)
