"""Every case that matters to some rules: the values at the edges, all combined.

A rule of this language changes its verdict only at the limits it names (the number
before and the limit itself, the last day that serves and the day before it, each
option). So the cases of a grid stand for all cases, and what holds on it is proved.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from itertools import product
from math import prod
from typing import Any

from registry.criteria.bits import Coded
from registry.criteria.calendar import DAY, NEVER
from registry.criteria.columns import Columns, Kleene, Table, oldest
from registry.criteria.conditions import (
    AtLeast,
    AtMost,
    Condition,
    Includes,
    Is,
    NotExpired,
    OneOf,
    PercentAtLeast,
    Rule,
    WithinMonths,
    conditions,
    names,
)
from registry.criteria.edition import Answer, Column, Derived, DerivedColumn, Edition
from registry.criteria.judging import Range, Seen, Share

Question = Answer | Column | Derived | DerivedColumn
MOST = 2_000_000  # cases of one grid; beyond it nothing is claimed
_TOP = 999_999_999  # the largest number that can be typed
_TENTH = Decimal("0.1")


class TooMany(Exception):
    """The rules look at too many answers together to try every case."""


class Grid(Table):
    """The cases that matter to `rules`, judged as rows of one table.

    `scope` gives other questions instead of the answers of the edition; `free` takes
    every question as asked; `linked` answers are tried at one another's limits too.
    Raises TooMany.
    """

    def __init__(
        self,
        edition: Edition,
        rules: Sequence[Rule],
        on: dt.date,
        scope: Mapping[str, Question] | None = None,
        *,
        free: bool = False,
        linked: Sequence[tuple[str, str]] = (),
    ) -> None:
        everything: dict[str, Question] = {**edition.answers, **edition.derived}
        self.scope = everything if scope is None else scope
        self.free = free
        used = self._used(rules)
        found = list(dict.fromkeys(name for one in used for name in names(one)))
        values = candidates(self.scope, found, used, on)
        for one, other in linked:
            if one in values and other in values:
                both = [*values[one], *values[other]]
                values[one] = values[other] = list(dict.fromkeys(both))
        self.size = prod(len(one) for one in values.values())
        if self.size > MOST:
            raise TooMany
        super().__init__(edition, Columns(self.size, {}), on)
        inner = self.size
        for name, column in values.items():
            inner //= len(column)
            codes = b"".join(bytes([at]) * inner for at in range(len(column)))
            codes *= self.size // len(codes)
            self._seen[name] = Coded([Seen(one) for one in column], codes)
        self.values = values

    def _used(self, rules: Sequence[Rule]) -> list[Condition]:
        """The conditions of the rules, and of the questions they stand on."""
        found: dict[Condition, None] = {}
        waiting = list(rules)
        while waiting:
            for condition in conditions(waiting.pop()):
                if condition in found:
                    continue
                found[condition] = None
                for name in names(condition):
                    rule = None if self.free else self._asked_if(name)
                    if rule is not None:
                        waiting.append(rule)
        return list(found)

    def _asked_if(self, name: str) -> Rule | None:
        question = self.scope[name]
        if isinstance(question, Derived):
            question = self.scope[question.rows]
        return question.asked_if if isinstance(question, Answer) else None

    def asked(self, name: str) -> Kleene:
        """The rows in which a question is asked, and those in which it is not."""
        rule = None if self.free else self._asked_if(name)
        return (self.all, 0) if rule is None else self.rule(rule)

    def true(self, rule: Rule) -> int:
        """The cases for which a rule is true; in all the others it is false."""
        return self.rule(rule)[0]

    def case(self, row: int) -> dict[str, Any]:
        """The values of one case, those of questions not asked left out."""
        return {
            name: column[row].value
            for name, column in self._seen.items()
            if name in self.values and self.asked(name)[0] >> row & 1
        }


def candidates(
    scope: Mapping[str, Question],
    wanted: Sequence[str],
    used: Sequence[Condition],
    on: dt.date,
) -> dict[str, list[Any]]:
    """For each answer the values that stand for all the others, as rules see them."""
    found = {name: _values(name, scope[name], scope, used, on) for name in wanted}
    for one in used:
        if isinstance(one, PercentAtLeast) and one.out_of is not None:
            _parts(found, one, scope)
    return found


def _values(
    name: str,
    question: Question,
    scope: Mapping[str, Question],
    used: Sequence[Condition],
    on: dt.date,
) -> list[Any]:
    mine = [one for one in used if name in names(one)]
    if question.type == "yes_no":
        return [True, False]
    if question.type == "choice":
        return _by_signature(getattr(question, "options", {}), mine)
    if question.type == "choices":
        return _subsets(getattr(question, "options", {}), mine)
    if question.type == "date":
        days = _days(mine, on)
        return [NEVER, *days] if isinstance(question, Derived) else days
    if question.type == "share":
        return _shares(mine)
    numbers = _numbers(question, mine, _bounds(question, scope))
    if isinstance(question, Derived):
        return [Range(one, one) for one in numbers]
    return numbers


def _limits(one: Condition) -> frozenset[Any]:
    if isinstance(one, Is):
        return frozenset([one.is_])
    if isinstance(one, OneOf):
        return frozenset(one.one_of)
    return frozenset(one.includes) if isinstance(one, Includes) else frozenset()


def _by_signature(options: Iterable[str], mine: Sequence[Condition]) -> list[Any]:
    # Options that no condition tells apart stand for one another.
    kinds = {tuple(one in _limits(rule) for rule in mine): one for one in options}
    return list(kinds.values())


def _subsets(options: Iterable[str], mine: Sequence[Condition]) -> list[Any]:
    atoms: dict[tuple[bool, ...], list[str]] = {}
    for option in options:
        key = tuple(option in _limits(rule) for rule in mine)
        atoms.setdefault(key, []).append(option)
    parts = []
    for atom in atoms.values():
        choices: list[tuple[str, ...]] = [(), tuple(atom)]
        if len(atom) > 1:
            choices.append((atom[0],))
        parts.append(choices)
    return [sum(chosen, ()) for chosen in product(*parts)]


def _days(mine: Sequence[Condition], on: dt.date) -> list[dt.date]:
    days: set[dt.date] = set()
    for one in mine:
        if isinstance(one, WithinMonths):
            first = oldest(one.within_months, on)
            days |= {first - DAY if first > NEVER + DAY else first, first, on, on + DAY}
        elif isinstance(one, NotExpired):
            days |= {on - DAY, on}
    return sorted(days) or [on]


def _shares(mine: Sequence[Condition]) -> list[Share]:
    marks = {0, 100}
    for one in mine:
        if isinstance(one, PercentAtLeast):
            marks |= {one.percent_at_least - 1, one.percent_at_least}
    return [
        Share(Range(mark, mark), Range(100 - mark, 100 - mark))
        for mark in sorted(marks)
    ]


def _bounds(question: Question, scope: Mapping[str, Question]) -> tuple[int, int]:
    if isinstance(question, DerivedColumn):
        return -_TOP, _TOP
    if isinstance(question, Derived):
        rows = scope[question.rows]
        most = rows.max_rows if isinstance(rows, Answer) else _TOP
        if question.sum is None or not isinstance(rows, Answer):
            return 0, most
        top = rows.columns[question.sum].max
        return 0, _TOP if top is None else top * most
    low = 0 if question.min is None else question.min
    return low, _TOP if question.max is None else question.max


def _numbers(
    question: Question, mine: Sequence[Condition], bounds: tuple[int, int]
) -> list[Any]:
    decimal = question.type == "decimal"
    step: Any = _TENTH if decimal else 1
    kind: Any = Decimal if decimal else int
    low, high = bounds
    marks = {kind(low), kind(high)}
    for one in mine:
        if isinstance(one, AtLeast):
            marks |= {kind(one.at_least) - step, kind(one.at_least)}
        elif isinstance(one, AtMost):
            marks |= {kind(one.at_most), kind(one.at_most) + step}
    return sorted(mark for mark in marks if low <= mark <= high)


def _parts(
    found: dict[str, list[Any]], one: PercentAtLeast, scope: Mapping[str, Question]
) -> None:
    """Adds, for every whole, the least part that reaches the percentage, and less."""
    assert one.out_of is not None  # noqa: S101 - the caller looked
    low, high = _bounds(scope[one.answer], scope)
    marks = {_plain(value) for value in found[one.answer]}
    for value in found[one.out_of]:
        least = -(-_plain(value) * one.percent_at_least // 100)
        marks |= {least, least - 1}
    derived = isinstance(scope[one.answer], Derived)
    kept = sorted(mark for mark in marks if low <= mark <= high)
    found[one.answer] = [Range(m, m) for m in kept] if derived else list(kept)


def _plain(value: Any) -> int:
    return int(value.low if isinstance(value, Range) else value)
