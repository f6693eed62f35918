"""An edition of the criteria: what is asked, what is required, in which words."""

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Literal

from pydantic import Field, PrivateAttr, StrictBool, StrictInt, StringConstraints

from registry.criteria.conditions import Model, Months, Rule, Slug
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
    "Awaits",
    "Column",
    "ColumnType",
    "Derived",
    "DerivedColumn",
    "Edition",
    "EvidenceKind",
    "ParameterNote",
    "Parameters",
    "Requirement",
    "Reserve",
    "Section",
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


class Requirement(Model):
    """One criterion: the official sentence, why, where from, and its rule."""

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


class ParameterNote(Model):
    """Where a parameter comes from; `ours` when no source says it."""

    ours: StrictBool
    text: Text


class Edition(Model):
    """The criteria of a scheme as they were adopted once; never changed afterwards."""

    format: Literal[1]
    scheme: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{1,47}$")]
    edition: Annotated[str, StringConstraints(pattern=r"^[0-9]{4}(\.[0-9]+)?$")]
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
