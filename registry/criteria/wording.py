"""Names, values and rules of an edition in plain words, in one language."""

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from functools import singledispatchmethod
from typing import Any

from registry.criteria.calendar import NEVER
from registry.criteria.conditions import (
    AllOf,
    AnyOf,
    AtLeast,
    AtMost,
    Includes,
    Is,
    NotExpired,
    OneOf,
    PercentAtLeast,
    Rule,
    SomeOf,
    WithinMonths,
    children,
)
from registry.criteria.edition import (
    Answer,
    Column,
    Derived,
    DerivedColumn,
    Edition,
    Requirement,
    Until,
)
from registry.criteria.judging import Range
from registry.criteria.phrases import PHRASES, day, number, the_percent

Question = Answer | Column | Derived | DerivedColumn
Scope = Mapping[str, Question]


class Wording:
    """Speaks of the answers of one edition in one language ("it" or "en")."""

    def __init__(self, edition: Edition, language: str) -> None:
        self.edition = edition
        self.language = "en" if language == "en" else "it"
        self.scope: Scope = {**edition.answers, **edition.derived}

    def say(self, phrase: str, **parts: Any) -> str:
        """A phrase of the language with its parts filled in."""
        return PHRASES[self.language][phrase].format(**parts)

    def row_scope(self, rows: str) -> Scope:
        """The columns of a repeated answer, worked-out ones included."""
        answer = self.edition.answers[rows]
        return {**answer.columns, **answer.derived}

    def label(self, name: str, scope: Scope | None = None) -> str:
        """What a question is called."""
        found = (self.scope if scope is None else scope)[name]
        return found.label.in_(self.language)

    def count(self, n: int, one: str, many: str) -> str:
        """A number with the word it counts."""
        word = PHRASES[self.language][one if n == 1 else many]
        return f"{number(n, self.language)} {word}"

    def months(self, n: int) -> str:
        """ "6 mesi", "1 month"."""
        return self.count(n, "month", "months")

    def duration(self, months: int, days: int) -> str:
        """Months and days; the days alone when there is no whole month."""
        parts = [self.months(months)] if months else []
        if days or not months:
            parts.append(self.count(days, "day", "days"))
        return self.say("and").join(parts)

    def value(self, question: Question, value: Any) -> str:
        """A value in words: an option's label, a day, a number, yes or no."""
        options = getattr(question, "options", {})
        if isinstance(value, bool):
            return self.say("yes" if value else "no")
        if isinstance(value, dt.date):
            if value == NEVER:
                return self.say("never")
            return day(value, self.language)
        if isinstance(value, Range):
            return number(value.low, self.language) if value.exact else "?"
        if isinstance(value, int | Decimal):
            return number(value, self.language)
        if isinstance(value, tuple):
            chosen = [self.option(options, one) for one in value]
            return ", ".join(chosen) or self.say("none")
        return self.option(options, value)

    def option(self, options: Mapping[str, Any], name: str) -> str:
        """The label of an option."""
        return options[name].in_(self.language) if name in options else name

    def amount(self, name: str, value: int | Decimal, scope: Scope) -> str:
        """A number with its unit, where the derived answer has one."""
        unit = getattr(scope[name], "unit", None)
        text = number(value, self.language)
        if unit is None:
            return text
        word = unit.one if value == 1 else unit.many
        return f"{text} {word.in_(self.language)}"

    # --- the rule read back ---------------------------------------------------

    def ask(self, rule: Rule, scope: Scope) -> str:
        """A rule as a sentence without its final stop."""
        if isinstance(rule, AllOf):
            parts = [self._nested(child, scope) for child in rule.all_of]
            return self.say("also").join(parts)
        if isinstance(rule, AnyOf):
            parts = [self._nested(child, scope) for child in rule.any_of]
            return self.say("else").join(parts)
        if isinstance(rule, SomeOf):
            parts = [self._nested(child, scope) for child in rule.some_of]
            return self.say("some", n=rule.how_many) + "; ".join(parts)
        return f"{self.label(rule.answer, scope)}: {self.wanted(rule, scope)}"

    def _nested(self, rule: Rule, scope: Scope) -> str:
        text = self.ask(rule, scope)
        return f"({text})" if children(rule) else text

    @singledispatchmethod
    def wanted(self, rule: Any, scope: Scope) -> str:
        """What a condition asks of its answer."""
        raise TypeError(rule)

    @wanted.register
    def _(self, rule: Is, scope: Scope) -> str:
        return self.value(scope[rule.answer], rule.is_)

    @wanted.register
    def _(self, rule: OneOf, scope: Scope) -> str:
        options = getattr(scope[rule.answer], "options", {})
        return self.say("or").join(self.option(options, one) for one in rule.one_of)

    @wanted.register
    def _(self, rule: Includes, scope: Scope) -> str:
        options = getattr(scope[rule.answer], "options", {})
        names = [self.option(options, one) for one in rule.includes]
        return self.say("includes", wanted=self.say("and").join(names))

    @wanted.register
    def _(self, rule: AtLeast, scope: Scope) -> str:
        return self.say("at_least", n=number(rule.at_least, self.language))

    @wanted.register
    def _(self, rule: AtMost, scope: Scope) -> str:
        return self.say("at_most", n=number(rule.at_most, self.language))

    @wanted.register
    def _(self, rule: PercentAtLeast, scope: Scope) -> str:
        share = the_percent(rule.percent_at_least, self.language)
        if rule.out_of is None:
            return self.say("share_asked", p=share)
        return self.say("part_asked", p=share, whole=self.label(rule.out_of, scope))

    @wanted.register
    def _(self, rule: WithinMonths, scope: Scope) -> str:
        return self.say("within", n=self.months(rule.within_months))

    @wanted.register
    def _(self, rule: NotExpired, scope: Scope) -> str:
        return self.say("not_passed")

    # --- definitions ----------------------------------------------------------

    def definition(self, name: str) -> str:
        """How a derived answer is worked out from its rows."""
        derived = self.edition.derived[name]
        scope, rows = self.row_scope(derived.rows), self.label(derived.rows)
        for way in ("distinct", "sum", "share", "latest"):
            if (column := getattr(derived, way)) is not None:
                said = self.say(
                    f"{way}_of", column=self.label(column, scope), rows=rows
                )
                break
        else:
            said = self.say("count_of", rows=rows)
        if derived.where is not None:
            said += self.say("where", rule=self.ask(derived.where, scope))
        return said

    def column_definition(self, column: DerivedColumn, scope: Scope) -> str:
        """How a worked-out column follows from its row."""
        if (between := column.days_between) is not None:
            a, b = self.label(between.from_, scope), self.label(between.to, scope)
            said = self.say("days_between", a=a, b=b)
            if between.less is not None:
                said += self.say("less", c=self.label(between.less))
            return said
        if (same := column.same_day_as) is not None:
            rule = self.ask(same.where, scope)
            return self.say("same_day", a=self.label(same.column, scope), rule=rule)
        if (period := column.in_period) is not None:
            return self.say(
                "in_period",
                a=self.label(period.column, scope),
                n=self.months(period.months),
                b=self.label(period.ending),
            )
        table = column.in_table
        assert table is not None  # noqa: S101 - one of the four, by the model
        a, b = self.label(table.column, scope), self.label(table.on)
        return self.say("in_table", a=a, b=b)

    def until(self, end: Until) -> str:
        """The day on which a reserve ends."""
        label = self.label(end.answer)
        if not end.plus_months:
            return self.say("until_answer", a=label)
        return self.say("until_after", n=self.months(end.plus_months), a=label)

    def reserve_and_awaits(self, requirement: Requirement) -> list[str]:
        """The sentences on passing with reserve and on being left pending."""
        said = []
        if (reserve := requirement.reserve) is not None:
            ends = self.say("earliest").join(map(self.until, reserve.until))
            rule = self.ask(reserve.rule, self.scope)
            said.append(self.say("read_reserve", rule=rule, until=ends))
            if reserve.once:
                said.append(self.say("once"))
        if requirement.awaits is not None:
            rule = self.ask(requirement.awaits.rule, self.scope)
            said.append(self.say("read_awaits", rule=rule))
        return said

    def terms(self, requirement: Requirement) -> list[str]:
        """When a requirement holds, its points, and what if it is not met."""
        said = []
        if (applies := requirement.applies_if) is not None:
            said.append(self.say("read_applies", rule=self.ask(applies, self.scope)))
        if requirement.not_applicable is not None:
            said.append(self.say("read_waiver"))
        if requirement.points is not None:
            said.append(self.say("read_points", n=requirement.points))
        for step in reversed(requirement.steps):
            rule = self.ask(step.rule, self.scope)
            said.append(self.say("read_step", n=step.points, rule=rule))
        if requirement.knock_out:
            said.append(self.say("read_knock_out"))
        days = self.edition.parameters.corrective_days
        if not requirement.mandatory:
            said.append(self.say("read_optional"))
        elif requirement.severity == "minor" and days is not None:
            said.append(self.say("read_minor", n=self.count(days, "day", "days")))
        return said
