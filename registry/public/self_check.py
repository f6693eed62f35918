"""A check of oneself against an edition: from a form to verdicts and a plan.

Nothing is kept: the answers travel in the form, and the same code judges them that
judges an application.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any, cast

from flask import request
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms.fields import BooleanField

from registry.applications.asking import AnswersForm, Asking
from registry.applications.fields import field_of
from registry.applications.questionnaire import anchor, settled
from registry.applications.reading import Said, said
from registry.applications.rules import Missing
from registry.criteria.asked import asked, required_evidence, unanswered
from registry.criteria.calendar import FOREVER
from registry.criteria.edition import Answer, Edition, EvidenceKind, Requirement
from registry.criteria.evaluation import RequirementResult, Result, Verdict, evaluate
from registry.criteria.explanation import reasons
from registry.criteria.facts import Case, Waiver
from registry.criteria.needed import needed, superfluous
from registry.web.language import page_language

#: Before the name of a repeated answer: “we have none”.
NONE = "none_"
#: The name of the boxes that say which criteria do not apply.
WAIVE = "waive"


class CheckForm(AnswersForm):
    """The questions, without token: there is nothing to protect and no session."""

    class Meta(AnswersForm.Meta):
        csrf = False

    def validate(self, extra_validators: Any = None) -> bool:
        """Rows left empty are no answer, unless “we have none” is ticked."""
        right = super().validate(extra_validators)
        for name, question in self.sheet.open.items():
            if question.type == "rows" and not self.typed.get(name):
                self.typed[name] = [] if self[f"{NONE}{name}"].data else None
        return right


@dataclass
class Questions(Asking):
    """The questions of an edition that a form shows."""

    edition: Edition
    names: tuple[str, ...]

    @cached_property
    def open(self) -> Mapping[str, Answer]:
        return {name: self.edition.answers[name] for name in self.names}

    def form(self) -> CheckForm:
        """Their form, filled with what was sent."""
        fields: dict[str, Any] = {}
        for name, question in self.open.items():
            fields[name] = field_of(question)
            if question.type == "rows":
                fields[f"{NONE}{name}"] = BooleanField(_("We have none"))
        kind = type("FormOfCheck", (CheckForm,), {**fields, "sheet": self})
        return cast(CheckForm, kind())


@dataclass(frozen=True)
class Judged:
    """A requirement, what comes out of it, and why."""

    requirement: Requirement
    result: RequirementResult
    reasons: list[str]


@dataclass(frozen=True)
class Step:
    """One thing of the plan: what to mend or settle, or which section to complete."""

    what: str  # "mend", "settle" or "wait"
    judged: Judged


class SelfCheck:
    """What was answered, and what an edition says of it on a day."""

    def __init__(self, edition: Edition, on: date) -> None:
        self.edition, self.on = edition, on
        self.sent = request.method == "POST"
        everything = Questions(edition, tuple(edition.answers)).form()
        if self.sent:
            everything.validate()
        typed = everything.typed if self.sent else {}
        self.values = {name: one for name, one in typed.items() if one is not None}
        ticked = request.form.getlist(WAIVE)
        self.waived = [
            one.id
            for one in edition.requirements
            if one.not_applicable is not None and one.id in ticked
        ]

    @cached_property
    def result(self) -> Result:
        reason = gettext("as ticked here. An application wants the reason, in words")
        waivers = dict.fromkeys(self.waived, Waiver(reason))
        case = replace(Case.declared(self.values), waivers=waivers)
        return evaluate(self.edition, case, self.on)

    @cached_property
    def needed(self) -> frozenset[str]:
        """What can still change the result."""
        return needed(self.edition, self.result)

    @cached_property
    def shown(self) -> tuple[str, ...]:
        """Questions asked that were answered, or can still change the result."""
        return tuple(
            name
            for name in asked(self.edition, self.values)
            if name in self.needed or _was_sent(name)
        )

    @cached_property
    def form(self) -> CheckForm:
        form = Questions(self.edition, self.shown).form()
        if self.sent:
            form.validate()
            form.tell_contracts()
        return form

    @property
    def status(self) -> int:
        """422 while something typed cannot be read; the rest is judged all the same."""
        return 422 if self.sent and not self.form.reshaped and self.form.errors else 200

    @property
    def carried(self) -> list[tuple[str, str]]:
        """What was typed into questions not asked now: kept in the page, unseen."""
        names = [one for one in self.edition.answers if one not in self.shown]
        return [
            (field, value)
            for field, value in request.form.items(multi=True)
            for name in names
            if _belongs(field, name)
        ]

    def shown_in(self, section: str) -> list[str]:
        """The questions shown of a section."""
        here = self.edition.answers_in(section)
        return [name for name in self.shown if name in here]

    def asks_codes_in(self, section: str) -> bool:
        """Whether a code of the table of contracts is asked in a section."""
        shown = self.shown_in(section)
        return any(name in shown for name, _ in self.form.sheet.code_columns)

    @cached_property
    def superfluous(self) -> dict[str, tuple[str, ...]]:
        return superfluous(self.edition, self.result, self.values)

    def left_out_of(self, section: str) -> list[tuple[Answer, str]]:
        """The questions of a section that are not shown, each with why, if it is told.

        Those without have no bearing on any criterion.
        """
        here = self.edition.answers_in(section)
        return [
            (here[n], settled(self.edition, self.result, self.superfluous.get(n, ())))
            for n in asked(self.edition, self.values)
            if n in here and n not in self.shown
        ]

    def answers_in(self, section: str) -> list[Said]:
        """What was answered in a section, in words."""
        here = self.edition.answers_in(section)
        given = {n: here[n] for n in here if n in self.shown and n in self.values}
        return said(self.edition, given, self.values)

    @cached_property
    def judged(self) -> list[Judged]:
        why = reasons(self.edition, self.result, page_language())
        return [
            Judged(one, self.result.requirement(one.id), why[one.id])
            for one in self.edition.requirements
        ]

    @property
    def changes_on(self) -> date | None:
        """The last day on which the result holds by itself, if there is one."""
        until = self.result.stable_until
        return None if until == FOREVER else until

    @property
    def level(self) -> str | None:
        """The title of the level reached, where the edition has levels."""
        for level in self.edition.levels:
            if level.id == self.result.level:
                return level.title.in_(page_language())
        return None

    @property
    def plan(self) -> list[Step]:
        """What to mend (what stops everything first), to settle in time, to wait for.

        The order is the register's choice: a gate, a knock-out, what is mandatory and
        major, minor, and last what only gives points.
        """
        ranked = sorted(self.judged, key=lambda one: _rank(one.requirement))
        return [
            Step(what, one)
            for what, verdict in (
                ("mend", Verdict.NOT_MET),
                ("settle", Verdict.MET_WITH_RESERVE),
                ("wait", Verdict.PENDING),
            )
            for one in ranked
            if one.result.verdict is verdict
            and (what != "wait" or not self._lacks(one.requirement))
        ]

    @property
    def missing(self) -> list[tuple[str, str]]:
        """(anchor, label) of each question without which the result cannot be told."""
        lacking = unanswered(self.edition, self.values)
        answers = self.edition.answers
        return [
            (
                anchor(
                    self.edition,
                    Missing(answers[name].section, "answer", name, answers[name].label),
                ),
                answers[name].label.in_(page_language()),
            )
            for name in lacking
            if name in self.shown and name in self.needed
        ]

    @property
    def documents(self) -> list[EvidenceKind]:
        """The documents an application with these answers rests on."""
        wanted = required_evidence(self.edition, self.values, self.superfluous)
        return [self.edition.evidence[name] for name in wanted]

    def _lacks(self, requirement: Requirement) -> bool:
        section = self.edition.answers_in(requirement.section)
        lacking = unanswered(self.edition, self.values)
        return any(name in self.needed and name in section for name in lacking)


def _rank(one: Requirement) -> tuple[bool, bool, bool, bool, int]:
    return (
        not one.gate,
        not one.knock_out,
        not one.mandatory,
        one.severity != "major",
        one.number,
    )


def _was_sent(name: str) -> bool:
    return any(value for value in _sent(name))


def _sent(name: str) -> Iterator[str]:
    for field, value in request.form.items(multi=True):
        if _belongs(field, name):
            yield value


def _belongs(field: str, name: str) -> bool:
    """Whether a control is that of an answer, or of a cell of its rows."""
    return field in (name, f"{NONE}{name}") or field.startswith(f"{name}-")
