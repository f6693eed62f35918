"""Why a verdict is what it is, and what a rule asks, in sentences for people."""

import datetime as dt
from collections.abc import Iterator
from functools import singledispatchmethod
from typing import Any, cast

from registry.criteria.calendar import add_months, age
from registry.criteria.conditions import (
    AnyOf,
    AtLeast,
    AtMost,
    Condition,
    Includes,
    Is,
    NotExpired,
    OneOf,
    PercentAtLeast,
    Rule,
    SomeOf,
    WithinMonths,
    conditions,
    names,
)
from registry.criteria.edition import Derived, Edition
from registry.criteria.evaluation import (
    Points,
    RequirementResult,
    Result,
    Status,
    Trace,
    Verdict,
)
from registry.criteria.judging import Gap, Node, Range, Row, Seen, Share, View
from registry.criteria.phrases import day, number, percent, the_percent
from registry.criteria.wording import Question, Scope, Wording

# Enough rows to see what is wrong, few enough to be read.
_ROWS_TOLD = 5
_SILENT = (Gap.PERHAPS, Gap.NOT_ASKED)


def reasons(edition: Edition, result: Result, language: str) -> dict[str, list[str]]:
    """For each requirement id the sentences that explain its verdict."""
    speaker = _Speaker(edition, result, language)
    return {one.id: speaker.requirement(one) for one in result.requirements}


def read_rule(edition: Edition, requirement_id: str, language: str) -> str:
    """The rule of a requirement read back as sentences, definitions included."""
    wording = Wording(edition, language)
    requirement = edition.requirement(requirement_id)
    said = [wording.ask(requirement.rule, wording.scope) + "."]
    said += wording.terms(requirement)
    said += wording.reserve_and_awaits(requirement)
    rules: list[Rule] = [requirement.rule, *(one.rule for one in requirement.steps)]
    rules += [one.rule for one in (requirement.reserve, requirement.awaits) if one]
    if requirement.applies_if is not None:
        rules.append(requirement.applies_if)
    said += _definitions(wording, rules)
    return " ".join(said)


def _definitions(wording: Wording, rules: list[Rule]) -> list[str]:
    said: dict[str, None] = {}
    for name in _names(rules):
        derived = wording.edition.derived.get(name)
        if derived is None:
            continue
        title = wording.say("quoted", text=wording.label(name))
        said[f"{title}: {wording.definition(name)}."] = None
        if derived.where is None:
            continue
        scope, answer = (
            wording.row_scope(derived.rows),
            wording.edition.answers[derived.rows],
        )
        for column in _names([derived.where]):
            if (made := answer.derived.get(column)) is not None:
                text = wording.column_definition(made, scope)
                title = wording.say("quoted", text=made.label.in_(wording.language))
                said[f"{title}: {text}."] = None
    return list(said)


def _names(rules: list[Rule]) -> list[str]:
    found = [name for rule in rules for one in conditions(rule) for name in names(one)]
    return list(dict.fromkeys(found))


def _distance(node: Node, view: View) -> tuple[int, int]:
    """How far a rule is from holding: conditions lacking, then those that hold."""
    if node.children:
        parts = [_distance(child, view) for child in node.children]
        if isinstance(node.rule, AnyOf):
            return min(parts)
        return sum(part[0] for part in parts), sum(part[1] for part in parts)
    if node.truth is True:
        return 0, -1
    seen = view.get(names(cast(Condition, node.rule))[0])
    rows = [row.node for row in seen.rows if row.node] if seen is not None else []
    apart = [_distance(row, {}) for row in rows if row.truth is not True]
    return min(apart, default=(1, 0))


def _telling(node: Node, view: View) -> Iterator[tuple[Node, bool]]:
    """The conditions that decide a verdict; of failed alternatives, the nearest.

    With each, whether it is another alternative just as near as the one before.
    """
    if not node.children:
        yield node, False
        return
    chosen = [child for child in node.children if child.truth is node.truth]
    if node.truth is None and isinstance(node.rule, SomeOf):
        chosen = [child for child in node.children if child.truth is not True]
    choice = isinstance(node.rule, AnyOf)
    if choice and node.truth is True:
        chosen = chosen[:1]
    elif choice:
        near = min(_distance(child, view) for child in chosen)
        chosen = [child for child in chosen if _distance(child, view) == near]
    for place, child in enumerate(chosen):
        for leaf, other in _telling(child, view):
            yield leaf, other or (choice and place > 0)


class _Speaker:
    def __init__(self, edition: Edition, result: Result, language: str) -> None:
        self.words = Wording(edition, language)
        self.edition = edition
        self.result = result
        self.on = result.on

    def requirement(self, result: RequirementResult) -> list[str]:
        """The sentences on one requirement."""
        if result.waived is not None:
            return [self._stop(self.words.say("waived", reason=result.waived.strip()))]
        applies = result.trace.applies
        if result.status is Status.NOT_APPLICABLE and applies is not None:
            text = " ".join(self._sentences(applies))
            return [self.words.say("not_applies", text=text)]
        said = self._verdict(result)
        if applies is not None and applies.truth is None:
            text = " ".join(self._sentences(applies))
            said.insert(0, self.words.say("applies_unknown", text=text))
        if result.action_until is not None:
            said.append(self.words.say("action", day=self._day(result.action_until)))
        if result.points is not None:
            said.append(self._points(result.points))
        return said

    @staticmethod
    def _stop(text: str) -> str:
        return text if text.endswith((".", "!", "?", "…")) else f"{text}."

    def _points(self, points: Points) -> str:
        phrase = "points" if points.low == points.high else "points_range"
        return self.words.say(phrase, **points._asdict())

    def _verdict(self, result: RequirementResult) -> list[str]:
        requirement = self.edition.requirement(result.id)
        trace, say = result.trace, self.words.say
        said = self._sentences(trace.rule)
        if result.verdict is Verdict.MET_WITH_RESERVE and requirement.reserve:
            text = requirement.reserve.text.in_(self.words.language)
            until = self._day(result.reserve_until)
            return [say("reserve", day=until, text=text), *said]
        if trace.reserve_spent:
            said.append(say("reserve_spent"))
        if trace.reserve_lapsed is not None:
            said.append(say("reserve_lapsed", day=self._day(trace.reserve_lapsed)))
        if result.verdict is not Verdict.PENDING:
            return said + self._nearly(trace)
        if trace.awaits is not None and trace.awaits.truth is True:
            assert requirement.awaits is not None  # noqa: S101 - it was judged
            return [requirement.awaits.text.in_(self.words.language), *said]
        for node in (trace.reserve, trace.awaits):
            if node is not None and node.truth is None:
                said += [
                    say("reserve_missing", text=one) for one in self._sentences(node)
                ]
        return said

    def _nearly(self, trace: Trace) -> list[str]:
        """What was lacking of a reserve, or ended a wait, when it was one thing."""
        said = []
        for node, phrase in (
            (trace.reserve, "reserve_missing"),
            (trace.awaits, "waited"),
        ):
            if node is None or node.truth is not False:
                continue
            lacking, holding = _distance(node, self.result.seen)
            if lacking == 1 and holding < 0:
                said += [
                    self.words.say(phrase, text=one) for one in self._sentences(node)
                ]
        return said

    def _day(self, value: dt.date | None) -> str:
        return "" if value is None else day(value, self.words.language)

    def _sentences(self, node: Node) -> list[str]:
        told: dict[str, bool] = {}
        silent: dict[str, bool] = {}
        options: set[str] = set()
        leaves = list(_telling(node, self.result.seen))
        within = {x.rule.answer for x, _ in leaves if isinstance(x.rule, WithinMonths)}
        for leaf, other in leaves:
            if isinstance(leaf.rule, NotExpired) and leaf.rule.answer in within:
                continue
            if isinstance(leaf.rule, Is | OneOf):
                # The widest choice comes first; the narrower ones would repeat it.
                if leaf.rule.answer in options and leaf.truth is not True:
                    continue
                options.add(leaf.rule.answer)
            for gap, text in self._told(leaf, self.words.scope):
                (silent if gap in _SILENT else told).setdefault(text + ".", other)
        return [
            self.words.say("or_else", text=text) if other and place else text
            for place, (text, other) in enumerate((told or silent).items())
        ]

    def _told(self, node: Node, scope: Scope) -> Iterator[tuple[Gap | None, str]]:
        if node.gaps:
            for name, gap in node.gaps:
                yield gap, self._missing(name, gap, scope)
            return
        rule: Any = node.rule
        label = self.words.label(rule.answer, scope)
        text = f"{label}: {self._why(rule, node, scope)}"
        yield None, text + self._rows(rule, node, scope)

    def _missing(self, name: str, gap: Gap, scope: Scope) -> str:
        scope = {**self.words.scope, **scope}
        question = scope[name]
        if isinstance(question, Derived):
            seen = self.result.seen[name]
            if gap is Gap.ROW:
                return self._incomplete(name, question, seen)
            name = question.rows
        word = "incomplete" if gap is Gap.ROW else gap.value
        return f"{self.words.label(name, scope)}: {self.words.say(word)}"

    def _incomplete(self, name: str, derived: Derived, seen: Seen) -> str:
        scope = self.words.row_scope(derived.rows)
        cells = []
        for row in seen.rows:
            lacking = self._lacking(row, derived, scope)
            if lacking:
                cells.append(f"{self._row_name(derived, row)}, {', '.join(lacking)}")
        what = "; ".join(cells[:_ROWS_TOLD])
        text = f"{self.words.label(derived.rows)}: {self.words.say('incomplete')}"
        return f"{text} ({what})" if what else text

    def _lacking(self, row: Row, derived: Derived, scope: Scope) -> list[str]:
        columns: dict[str, None] = {}
        everything = {**self.words.scope, **scope}
        if row.node is not None and row.node.truth is None:
            for leaf, _ in _telling(row.node, {}):
                for column, _ in leaf.gaps:
                    columns[column] = None
        amount = derived.sum or derived.share or derived.latest or derived.distinct
        if amount is not None and row.amount is None:
            columns[amount] = None
        return [
            self.words.say("cell", column=self.words.label(column, everything))
            for column in columns
        ]

    def _row_name(self, derived: Derived, row: Row) -> str:
        answer = self.edition.answers[derived.rows]
        if row.name is None or answer.named_by is None:
            return self.words.say("row", n=row.number + 1)
        column = answer.columns[answer.named_by]
        name = self.words.value(column, row.name)
        if column.table is None:
            return name
        found = self.edition.tables[column.table].get(name)
        if found is None:
            return self.words.say("not_in_table", code=name)
        if found.cooperative_signatories and found.valid_until is not None:
            return self.words.say("ended", code=name, day=self._day(found.valid_until))
        if found.cooperative_signatories:
            return self.words.say("starts", code=name, day=self._day(found.valid_from))
        who = ", ".join(found.employers)
        return self.words.say("signed_by", code=name, who=who)

    # --- rows that did not count ------------------------------------------------

    def _rows(self, rule: Condition, node: Node, scope: Scope) -> str:
        question = scope[rule.answer]
        if node.truth is True or not isinstance(question, Derived):
            return ""
        out = [
            row
            for row in self.result.seen[rule.answer].rows
            if row.node is not None and row.node.truth is not True
        ]
        if not out:
            return ""
        if question.share is not None:
            return f"; {self._left_out(rule.answer, question, out, scope)}"
        if not isinstance(rule, AtLeast):
            return ""
        near = min(_distance(row.node, {}) for row in out if row.node is not None)
        told = [
            self._row_reason(question, row)
            for row in out
            if row.node is not None and _distance(row.node, {}) == near
        ]
        return f" ({'; '.join(told[:_ROWS_TOLD])})"

    def _left_out(
        self, name: str, derived: Derived, out: list[Row], scope: Scope
    ) -> str:
        told = [
            f"{self._row_name(derived, row)}, "
            f"{self.words.amount(name, row.amount or 0, scope)}"
            for row in out[:_ROWS_TOLD]
        ]
        return self.words.say("left_out", rows="; ".join(told))

    def _row_reason(self, derived: Derived, row: Row) -> str:
        scope = self.words.row_scope(derived.rows)
        assert row.node is not None  # noqa: S101 - the caller chose rows with a rule
        told = [
            text[0].lower() + text[1:]
            for leaf, other in _telling(row.node, {})
            for _, text in self._told(leaf, scope)
            if not other
        ]
        return f"{self._row_name(derived, row)}: {', '.join(told)}"

    # --- one condition ------------------------------------------------------------

    @singledispatchmethod
    def _why(self, rule: Any, node: Node, scope: Scope) -> str:
        raise TypeError(rule)

    def _plain(self, rule: Condition, node: Node, scope: Scope) -> str:
        question: Question = scope[rule.answer]
        text = self.words.value(question, node.value)
        if node.truth is True or question.type == "yes_no":
            return text
        wanted = self.words.wanted(rule, scope)
        return f"{text}; {self.words.say('needs', wanted=wanted)}"

    @_why.register
    def _(self, rule: Is, node: Node, scope: Scope) -> str:
        return self._plain(rule, node, scope)

    @_why.register
    def _(self, rule: OneOf, node: Node, scope: Scope) -> str:
        return self._plain(rule, node, scope)

    @_why.register
    def _(self, rule: Includes, node: Node, scope: Scope) -> str:
        return self._plain(rule, node, scope)

    @_why.register
    def _(self, rule: AtLeast, node: Node, scope: Scope) -> str:
        return self._numeric(rule.at_least, "at_least", node, scope[rule.answer])

    @_why.register
    def _(self, rule: AtMost, node: Node, scope: Scope) -> str:
        return self._numeric(rule.at_most, "at_most", node, scope[rule.answer])

    def _numeric(self, limit: int, word: str, node: Node, question: Question) -> str:
        value = node.value
        if isinstance(value, Range) and not value.exact:
            bound = value.low if node.truth is (word == "at_least") else value.high
            side = "at_least" if bound == value.low else "at_most"
            text = self.words.say(side, n=number(bound or 0, self.words.language))
        else:
            text = self.words.value(question, value)
        if node.truth is True:
            return text
        asked = number(limit, self.words.language)
        return f"{text}; {self.words.say(f'needs_{word}', n=asked)}"

    @_why.register
    def _(self, rule: PercentAtLeast, node: Node, scope: Scope) -> str:
        language = self.words.language
        if isinstance(node.value, Share):
            inside, outside = node.value
            part, whole = inside, Range(inside.low + outside.low, None)
            if inside.exact and outside.exact:
                whole = Range(whole.low, whole.low)
        else:
            part, whole = node.value
        asked = self.words.say(
            "needs_share", p=the_percent(rule.percent_at_least, language)
        )
        if not (part.exact and whole.exact):
            return asked
        count = self.words.amount(rule.answer, part.low, scope)
        text = self.words.say("of", part=count, whole=number(whole.low, language))
        if whole.low:
            text += f", {percent(int(part.low * 1000 // whole.low), language)}"
        return text if node.truth is True else f"{text}; {asked}"

    @_why.register
    def _(self, rule: WithinMonths, node: Node, scope: Scope) -> str:
        value, say = node.value, self.words.say
        told = self.words.value(scope[rule.answer], value)
        if value > self.on:
            return say("future", day=told)
        last = add_months(value, rule.within_months)
        if value == dt.date.min:
            return told
        past = say("today", day=told)
        if value < self.on:
            past = say("ago", day=told, age=self.words.duration(*age(value, self.on)))
        if node.truth is True:
            return f"{past} ({say('until', day=self._day(last))})"
        allowed = self.words.months(rule.within_months)
        return f"{past}; {say('too_old', n=allowed, day=self._day(last))}"

    @_why.register
    def _(self, rule: NotExpired, node: Node, scope: Scope) -> str:
        told = self.words.value(scope[rule.answer], node.value)
        return told if node.truth is True else self.words.say("passed", day=told)
