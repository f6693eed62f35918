"""An edition of the criteria: what is asked, what is required, in which words."""

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Literal

from pydantic import (
    Field,
    PrivateAttr,
    StrictBool,
    StrictInt,
    StringConstraints,
    model_validator,
)

from registry.criteria.conditions import Model, Months, Percent, Rule, Slug
from registry.criteria.questions import (
    Answer,
    AnswerType,
    Column,
    ColumnType,
    Derived,
    DerivedColumn,
    Text,
    Unit,
)
from registry.criteria.tables import ContractTable

__all__ = [
    "Answer",
    "AnswerType",
    "Applicant",
    "Awaits",
    "Column",
    "ColumnType",
    "Derived",
    "DerivedColumn",
    "Edition",
    "EvidenceKind",
    "Level",
    "ParameterNote",
    "Parameters",
    "Replaces",
    "Requirement",
    "Reserve",
    "Section",
    "Step",
    "Text",
    "Unit",
    "Until",
]


class Section(Model):
    """A part of the questionnaire, answered and saved on its own."""

    title: Text
    intro: Text


class Until(Model):
    """A day: the one answered, or so many months after it."""

    answer: Slug
    plus_months: Annotated[StrictInt, Field(ge=0, le=600)] = 0


class EvidenceKind(Model):
    """A kind of document: what it must show, and for how long it serves."""

    label: Text
    shows: Text
    help: Text | None = None
    personal_data: Text | None = None
    required_if: Rule | None = None
    optional: StrictBool = False
    valid_months: Months | None = None
    valid_until: Until | None = None


class Reserve(Model):
    """When a requirement not met may pass with reserve, and until which day."""

    rule: Rule
    until: Annotated[tuple[Until, ...], Field(min_length=1)]
    once: StrictBool = True
    text: Text


class Awaits(Model):
    """When a requirement not met is left pending, waiting for someone else's act."""

    rule: Rule
    text: Text


Points = Annotated[StrictInt, Field(ge=1, le=1000)]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{1,47}$")]
EditionName = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}(\.[0-9]+)?$")]
Applicant = Literal["cooperative", "consortium", "company"]


class Step(Model):
    """Part of the points of a requirement, for a rule easier than its own."""

    points: Points
    rule: Rule


class Requirement(Model):
    """One criterion: the official sentence, why, where from, and its rule.

    `rule` gives all the points, each of `steps` a part of them. A requirement that is
    not `mandatory` only gives points. A `knock_out` one, failed, closes the matter:
    no action, no waiver and no reserve can save it.
    """

    id: Slug
    number: Annotated[StrictInt, Field(ge=0, le=99)]
    section: Slug
    title: Text
    text: Text
    why: Text
    source: Text
    interpretation: Text | None = None
    severity: Literal["major", "minor"]
    gate: StrictBool = False
    rule: Rule
    reserve: Reserve | None = None
    awaits: Awaits | None = None
    mandatory: StrictBool = True
    knock_out: StrictBool = False
    applies_if: Rule | None = None
    not_applicable: Literal["with_reason"] | None = None
    points: Points | None = None
    steps: tuple[Step, ...] = ()

    @model_validator(mode="after")
    def _fits(self) -> "Requirement":
        marks = [*(one.points for one in self.steps), self.points or 0]
        if self.steps and sorted(set(marks)) != marks:
            raise ValueError(
                "i punti degli «steps» devono crescere e restare sotto «points»"
            )
        if not self.mandatory and self.points is None:
            raise ValueError("un requisito non obbligatorio deve dare punti")
        if self.knock_out and (
            not self.mandatory
            or self.severity != "major"
            or self.steps
            or self.reserve is not None
            or self.not_applicable is not None
        ):
            raise ValueError(
                "un requisito «knock_out» è obbligatorio e major, senza steps, "
                "reserve e not_applicable"
            )
        return self


class Level(Model):
    """A degree of the certificate; each level asks also what those before it ask."""

    id: Slug
    title: Text
    requires: tuple[Slug, ...] = ()
    percent_at_least: Percent | None = None
    percent_in: dict[Slug, Percent] = {}


class Replaces(Model):
    """How an edition takes over from the one before: days, and what is carried over.

    `answers_from` says for a new answer which old one it was; `values_from` for an
    answer which option each old option became; `ask_again` what is asked anew.
    """

    edition: EditionName
    new_applications_until: dt.date
    holders_until: dt.date
    answers_from: dict[Slug, Slug] = {}
    values_from: dict[Slug, dict[Slug, Slug]] = {}
    ask_again: tuple[Slug, ...] = ()


class Parameters(Model):
    """The terms of the certificate and of the procedure, in months and days."""

    certificate_months: Months
    recheck_months: Months
    recheck_opens_days: Annotated[StrictInt, Field(ge=0)]
    reminder_days: tuple[StrictInt, ...]
    grace_days: Annotated[StrictInt, Field(ge=0)]
    ratify_days: Annotated[StrictInt, Field(ge=0)]
    suspension_months: Months
    completion_days: Annotated[StrictInt, Field(ge=1)]
    completion_rounds: Annotated[StrictInt, Field(ge=0)]
    decision_days: Annotated[StrictInt, Field(ge=1)]
    idle_days: Annotated[StrictInt, Field(ge=1)]
    max_reserves: Annotated[StrictInt, Field(ge=0)]
    small_number: Annotated[StrictInt, Field(ge=1)]
    corrective_days: Annotated[StrictInt, Field(ge=1)] | None = None


class ParameterNote(Model):
    """Where a parameter comes from; `ours` when no source says it."""

    ours: StrictBool
    text: Text


class Edition(Model):
    """The criteria of a scheme as they were adopted once; never changed afterwards."""

    format: Literal[1]
    scheme: Name
    edition: EditionName
    title: Text
    official_title: Text
    summary: Text
    source: Text
    in_force_from: dt.date
    parameters: Parameters
    parameter_notes: dict[Slug, ParameterNote]
    sections: dict[Slug, Section]
    evidence: dict[Slug, EvidenceKind] = {}
    answers: dict[Slug, Answer]
    derived: dict[Slug, Derived] = {}
    requirements: Annotated[tuple[Requirement, ...], Field(min_length=1)]
    applicants: Annotated[tuple[Applicant, ...], Field(min_length=1)] = (
        "cooperative",
        "consortium",
    )
    levels: tuple[Level, ...] = ()
    replaces: Replaces | None = None
    _tables: dict[str, ContractTable] = PrivateAttr(default_factory=dict)

    @property
    def key(self) -> str:
        """The name of the edition, "impact/2022"."""
        return f"{self.scheme}/{self.edition}"

    @property
    def tables(self) -> Mapping[str, ContractTable]:
        """The dated tables the rules look into, by name."""
        return self._tables

    def with_tables(self, tables: Mapping[str, ContractTable]) -> "Edition":
        """The same edition, with the tables its rules look into."""
        copy = self.model_copy()
        copy._tables = dict(tables)
        return copy

    @cached_property
    def digest(self) -> str:
        """SHA-256 (hex) of rules and official texts: it can never change."""
        return _digest(self, _EDITORIAL)

    @cached_property
    def text_digest(self) -> str:
        """SHA-256 (hex) of everything, helps and translations included."""
        return _digest(self, frozenset())

    def requirement(self, id: str) -> Requirement:
        """The requirement of that id; KeyError when there is none."""
        for requirement in self.requirements:
            if requirement.id == id:
                return requirement
        raise KeyError(id)

    def requirements_in(self, section: str) -> tuple[Requirement, ...]:
        """The requirements a section of the questionnaire serves."""
        return tuple(one for one in self.requirements if one.section == section)

    def answers_in(self, section: str) -> dict[str, Answer]:
        """The answers of a section, in the order in which they are asked."""
        return {
            name: answer
            for name, answer in self.answers.items()
            if answer.section == section
        }

    def evidence_in(self, section: str) -> dict[str, EvidenceKind]:
        """The kinds of evidence the answers of a section ask for."""
        wanted = [
            kind for one in self.answers_in(section).values() for kind in one.evidence
        ]
        return {name: kind for name, kind in self.evidence.items() if name in wanted}


_EDITORIAL = frozenset({"help", "en", "source", "public", "summary", "intro"})


def _digest(edition: Edition, left_out: frozenset[str]) -> str:
    plain = edition.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    text = json.dumps(
        _canonical(plain, left_out), ensure_ascii=False, separators=(",", ":")
    )
    return hashlib.sha256(text.encode()).hexdigest()


def _canonical(node: object, left_out: frozenset[str]) -> object:
    # A pair list keeps the order of sections and questions out of json's hands:
    # keys are sorted, because order is layout and never changes a verdict.
    if isinstance(node, dict):
        return {
            key: _canonical(value, left_out)
            for key, value in sorted(node.items())
            if key not in left_out
        }
    if isinstance(node, list | tuple):
        return [_canonical(value, left_out) for value in node]
    return node
