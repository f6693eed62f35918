"""Many cases as columns of answers, and the rules judged over all of them at once."""

import datetime as dt
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from registry.criteria.bits import Coded, Counter, digits_of, mask_of
from registry.criteria.calendar import DAY, NEVER, add_months
from registry.criteria.conditions import (
    AllOf,
    AnyOf,
    AtLeast,
    AtMost,
    Condition,
    NotExpired,
    PercentAtLeast,
    Rule,
    SomeOf,
    WithinMonths,
    names,
)
from registry.criteria.edition import Answer, Derived, Edition
from registry.criteria.facts import Action, Basis, Case, Fact
from registry.criteria.judging import Gap, Range, Seen, judge
from registry.criteria.view import derive, fact_seen

Kleene = tuple[int, int]  # the rows for which a rule is true, those where it is false
_NOTHING = Fact()


class Columns:
    """The answers of many cases, coded once and then judged under any edition.

    Of `facts` each value is a Fact. What is worked out from repeated rows is kept, so
    that another draft with the same definitions need not work it out again.
    """

    def __init__(self, rows: int, facts: Mapping[str, Coded]) -> None:
        self.rows = rows
        self.facts = dict(facts)
        self.used: dict[str, int] = {}
        self.waived: dict[tuple[str, Basis], int] = {}
        self.actions: dict[str, list[tuple[int, Action]]] = {}
        self.made: dict[Hashable, Any] = {}

    @classmethod
    def of_values(cls, columns: Mapping[str, Sequence[Any]], rows: int) -> "Columns":
        """Declared values by answer, None where there is none."""
        made = {}
        for name, column in columns.items():
            coded = Coded.of(column)
            made[name] = coded.with_values(Fact(value) for value in coded.values)
        return cls(rows, made)

    @classmethod
    def of_cases(cls, cases: Sequence[Case]) -> "Columns":
        """Everything known of the cases, in their order."""
        names_ = list(dict.fromkeys(name for case in cases for name in case.facts))
        facts = {
            name: Coded.of(
                [case.facts.get(name, _NOTHING) for case in cases], _key, _value
            )
            for name in names_
        }
        columns = cls(len(cases), facts)
        used: dict[str, list[int]] = {}
        waived: dict[tuple[str, Basis], list[int]] = {}
        for row, case in enumerate(cases):
            for id_ in case.reserves_used:
                used.setdefault(id_, []).append(row)
            for id_, waiver in case.waivers.items():
                for basis in filter(waiver.holds, Basis):
                    waived.setdefault((id_, basis), []).append(row)
            for id_, action in case.actions.items():
                columns.actions.setdefault(id_, []).append((row, action))
        columns.used = {id_: mask_of(one, len(cases)) for id_, one in used.items()}
        columns.waived = {key: mask_of(one, len(cases)) for key, one in waived.items()}
        return columns


def _key(fact: Fact) -> Hashable:
    given, found = fact.declared, fact.verified
    key = (type(given), given, type(found), found, fact.expires, fact.rejected)
    hash(key)
    return key


def _value(fact: Fact) -> Any:
    return fact.declared if fact.verified is None else fact.verified


class Table:
    """Rules judged over all the rows of some columns, on a day."""

    def __init__(
        self,
        edition: Edition,
        columns: Columns,
        on: dt.date,
        basis: Basis = Basis.DECLARED,
    ) -> None:
        self.edition, self.columns, self.on, self.basis = edition, columns, on, basis
        self.all = (1 << columns.rows) - 1
        self._judged: dict[Rule, Kleene] = {}
        self._seen: dict[str, Coded] = {}
        self._unknown: dict[tuple[str, tuple[int, ...]], int] = {}

    def rule(self, rule: Rule) -> Kleene:
        """The rows for which a rule is true, and those for which it is false."""
        found = self._judged.get(rule)
        if found is None:
            found = self._judged[rule] = self._judge(rule)
        return found

    def _judge(self, rule: Rule) -> Kleene:
        if isinstance(rule, AllOf):
            yes, no = self.all, 0
            for part in rule.all_of:
                true, false = self.rule(part)
                yes, no = yes & true, no | false
            return yes, no
        if isinstance(rule, AnyOf):
            yes, no = 0, self.all
            for part in rule.any_of:
                true, false = self.rule(part)
                yes, no = yes | true, no & false
            return yes, no
        if isinstance(rule, SomeOf):
            return self._some(rule)
        true, false = self._condition(rule)
        asked, not_asked = self.all, 0
        for name in names(rule):
            yes, no = self.asked(name)
            asked, not_asked = asked & yes, not_asked | no
        return true & asked, (false & asked) | not_asked

    def _some(self, rule: SomeOf) -> Kleene:
        yes, no = Counter(), Counter()
        for part in rule.some_of:
            true, false = self.rule(part)
            yes.add(true, 1)
            no.add(false, 1)
        need, too_many = Counter(), Counter()
        need.add(self.all, rule.how_many)
        too_many.add(self.all, len(rule.some_of) - rule.how_many + 1)
        return yes.at_least(need, self.all), no.at_least(too_many, self.all)

    def asked(self, name: str) -> Kleene:
        """The rows in which a question is asked, and those in which it is not."""
        derived = self.edition.derived.get(name)
        answer = self.edition.answers[name if derived is None else derived.rows]
        return (self.all, 0) if answer.asked_if is None else self.rule(answer.asked_if)

    # --- one condition ----------------------------------------------------------

    def _condition(self, rule: Condition) -> Kleene:
        if isinstance(rule, PercentAtLeast) and rule.out_of is not None:
            return self._percent(rule.answer, rule.out_of, rule.percent_at_least, rule)
        column = self.seen(rule.answer)
        test = _test(rule, self.on)
        truths = [
            test(one.value)
            if type(one.value) in _SIMPLE
            else judge(rule, {rule.answer: one}, self.on).truth
            for one in column.values
        ]
        true = column.mask([one is True for one in truths])
        return true, self._known(rule.answer, column, truths) & ~true

    def _known(self, name: str, column: Coded, truths: Sequence[bool | None]) -> int:
        places = tuple(at for at, one in enumerate(truths) if one is None)
        if (name, places) not in self._unknown:
            self._unknown[name, places] = column.mask([one is None for one in truths])
        return self.all & ~self._unknown[name, places]

    def _percent(self, part: str, whole: str, percent: int, rule: Rule) -> Kleene:
        a, b = self._digits(part), self._digits(whole)
        if a is None or b is None:
            return self._pairs(part, whole, rule)
        known = a[0] & b[0]
        nonzero = 0
        for plane in b[1].planes:
            nonzero |= plane
        reached = a[1].times(100).at_least(b[1].times(percent), self.all)
        true = known & nonzero & reached
        return true, known & ~true

    def _digits(self, name: str) -> tuple[int, Counter] | None:
        """Known rows and numbers of a column; None where some have only bounds."""
        column = self.seen(name)
        key = ("digits", name, id(self.columns.facts.get(name)), id(column.values))
        if key not in self.columns.made:
            self.columns.made[key] = (column, self._worked(name, column))
        made: tuple[int, Counter] | None = self.columns.made[key][1]
        return made

    def _worked(self, name: str, column: Coded) -> tuple[int, Counter] | None:
        numbers: list[int] = []
        for one in column.values:
            value = one.value
            if isinstance(value, Range) and value.exact:
                value = value.low
            if value is not None and (type(value) is not int or value < 0):
                return None
            numbers.append(value or 0)
        truths = [None if one.value is None else True for one in column.values]
        return self._known(name, column, truths), digits_of(column, numbers)

    def _pairs(self, part: str, whole: str, rule: Rule) -> Kleene:
        a, b = self.seen(part), self.seen(whole)
        pairs = list(zip(a.codes, b.codes, strict=True))
        truth = {
            (i, j): judge(rule, {part: a.values[i], whole: b.values[j]}, self.on).truth
            for i, j in set(pairs)
        }
        coded = Coded([True, False, None], [_PLACES[truth[pair]] for pair in pairs])
        return coded.mask([True, False, False]), coded.mask([False, True, False])

    # --- what the rules see -------------------------------------------------------

    def seen(self, name: str) -> Coded:
        """The column of an answer or derived answer, each value as the rules see it.

        Whether the question is asked is looked at apart, in `asked`.
        """
        if name not in self._seen:
            derived = self.edition.derived.get(name)
            if derived is not None:
                self._seen[name] = self._derived(name, derived)
            else:
                self._seen[name] = self._answer(name, self.edition.answers[name])
        return self._seen[name]

    def _answer(self, name: str, answer: Answer) -> Coded:
        facts = self.columns.facts.get(name)
        if facts is None:
            return Coded([Seen(gap=Gap.ANSWER)], bytes(self.columns.rows))
        key = ("seen", name, answer.model_dump_json(), self.on, self.basis)
        if key not in self.columns.made:
            self.columns.made[key] = facts.with_values(
                fact_seen(answer, fact, self.on, self.basis) for fact in facts.values
            )
        made: Coded = self.columns.made[key]
        return made

    def _derived(self, name: str, derived: Derived) -> Coded:
        needed = self._needed(derived)
        key = self._derived_key(derived, needed)
        if key not in self.columns.made:
            self.columns.made[key] = self._work_out(derived, needed)
        made: Coded = self.columns.made[key]
        return made

    def _derived_key(self, derived: Derived, needed: list[str]) -> Hashable:
        answers = self.edition.answers
        tables = tuple((name, one.digest) for name, one in self.edition.tables.items())
        texts = [
            derived.model_dump_json(),
            *(answers[n].model_dump_json() for n in needed),
        ]
        if any(answers[name].asked_if is not None for name in needed):
            # Whether they are asked depends on answers of this edition.
            return ("derived", *texts, self.on, self.basis, tables, self.edition.digest)
        return ("derived", *texts, self.on, self.basis, tables)

    def _needed(self, derived: Derived) -> list[str]:
        found = {derived.rows: None}
        for column in self.edition.answers[derived.rows].derived.values():
            if column.days_between is not None and column.days_between.less:
                found[column.days_between.less] = None
            if column.in_period is not None:
                found[column.in_period.ending] = None
            if column.in_table is not None:
                found[column.in_table.on] = None
        return list(found)

    def _work_out(self, derived: Derived, needed: list[str]) -> Coded:
        columns = [self._visible(name, rows=name == derived.rows) for name in needed]
        found = [
            derive(self.edition, derived, dict(zip(needed, row, strict=True)), self.on)
            for row in zip(*columns, strict=True)
        ]
        bare = [Seen(one.value, gap=one.gap) for one in found]
        return Coded.of(bare, lambda one: (type(one.value), one.value, one.gap), _order)

    def _visible(self, name: str, *, rows: bool) -> Iterable[Seen]:
        column = self.seen(name)
        values = [column.values[code] for code in column.codes]
        if rows or self.edition.answers[name].asked_if is None:
            return values
        asked, _ = self.asked(name)
        hidden = Seen(gap=Gap.PERHAPS)
        return [one if asked >> at & 1 else hidden for at, one in enumerate(values)]


_PLACES = {True: 0, False: 1, None: 2}
_SIMPLE = {int, Decimal, dt.date}


def _order(seen: Seen) -> Any:
    return seen.value.low if isinstance(seen.value, Range) else seen.value


def _test(rule: Condition, on: dt.date) -> Callable[[Any], bool | None]:
    """The truth of a condition for a plain number or day, quicker than `judge`."""
    if isinstance(rule, AtLeast):
        least = rule.at_least
        return lambda value: bool(value >= least)
    if isinstance(rule, AtMost):
        most = rule.at_most
        return lambda value: bool(value <= most)
    if isinstance(rule, NotExpired):
        return lambda value: bool(value >= on)
    if isinstance(rule, WithinMonths):
        first = oldest(rule.within_months, on)
        return lambda value: bool(first <= value <= on)
    return lambda value: judge(rule, {rule.answer: Seen(value)}, on).truth


def oldest(months: int, on: dt.date) -> dt.date:
    """The first day that is not more than these months before `on`."""
    day = add_months(on, -months)
    if day == NEVER:
        return day
    while add_months(day - DAY, months) >= on:
        day -= DAY
    while add_months(day, months) < on:
        day += DAY
    return day
