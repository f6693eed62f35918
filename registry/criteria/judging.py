"""One rule, judged on what can be seen: true, false, or not to be told yet.

Kleene's logic: what is unknown makes a rule unknown only where it matters.
"""

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from functools import singledispatch
from typing import Any, NamedTuple

from registry.criteria.calendar import DAY, FOREVER, add_months
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
)

Number = int | Decimal


class Gap(StrEnum):
    """Why a value cannot be told."""

    ANSWER = "answer"  # nobody answered
    NOT_ASKED = "not_asked"  # other answers make it superfluous
    PERHAPS = "perhaps"  # whether it is asked depends on an answer still missing
    VERIFICATION = "verification"  # declared, not verified yet
    REFUSED = "refused"  # the auditor refused it
    EVIDENCE = "evidence"  # its evidence has expired
    ILLEGAL = "illegal"  # not a value of this question
    ROW = "row"  # cells of some rows are missing


class Range(NamedTuple):
    """A number of which the bounds are sure; `high` None when it has no bound."""

    low: Number
    high: Number | None

    @property
    def exact(self) -> bool:
        """Whether the number is known."""
        return self.low == self.high


class Share(NamedTuple):
    """The part for which a rule holds and the part for which it does not."""

    inside: Range
    outside: Range


class Node(NamedTuple):
    """A rule, its verdict, and the last day on which the verdict stays by itself."""

    rule: Rule
    truth: bool | None
    until: dt.date = FOREVER
    value: Any = None
    gaps: tuple[tuple[str, Gap], ...] = ()
    children: tuple["Node", ...] = ()


class Row(NamedTuple):
    """A repeated row as a derived answer judged it; `node` None without a rule."""

    number: int
    name: Any
    amount: Any
    node: Node | None


class Seen(NamedTuple):
    """A value as the rules may see it, with the last day on which they see it so."""

    value: Any = None
    until: dt.date = FOREVER
    gap: Gap | None = None
    rows: tuple[Row, ...] = ()
    lacks: tuple[tuple[str, Gap], ...] = ()  # of a cell worked out from others


NOTHING = Seen(gap=Gap.ANSWER)
View = Mapping[str, Seen]


@singledispatch
def judge(rule: Any, view: View, on: dt.date) -> Node:
    """The verdict of a rule on the values of `view`, on the day `on`."""
    raise TypeError(rule)


@judge.register
def _(rule: AllOf, view: View, on: dt.date) -> Node:
    return _some(rule, rule.all_of, len(rule.all_of), view, on)


@judge.register
def _(rule: AnyOf, view: View, on: dt.date) -> Node:
    return _some(rule, rule.any_of, 1, view, on)


@judge.register
def _(rule: SomeOf, view: View, on: dt.date) -> Node:
    return _some(rule, rule.some_of, rule.how_many, view, on)


def _some(
    rule: Rule, parts: tuple[Rule, ...], need: int, view: View, on: dt.date
) -> Node:
    nodes = tuple(judge(part, view, on) for part in parts)
    yes = sorted((one.until for one in nodes if one.truth is True), reverse=True)
    no = sorted((one.until for one in nodes if one.truth is False), reverse=True)
    if len(yes) >= need:
        return Node(rule, True, yes[need - 1], children=nodes)
    if len(nodes) - len(no) < need:
        return Node(rule, False, no[len(nodes) - need], children=nodes)
    return Node(rule, None, min(one.until for one in nodes), children=nodes)


def _unknown(rule: Rule, seen: Seen, name: str) -> Node:
    # What is not asked is not there: nothing that needs it can hold.
    truth = False if seen.gap is Gap.NOT_ASKED else None
    gaps = seen.lacks or ((name, seen.gap or Gap.ANSWER),)
    return Node(rule, truth, seen.until, gaps=gaps)


@judge.register
def _(rule: Is, view: View, on: dt.date) -> Node:
    seen = view.get(rule.answer, NOTHING)
    if seen.value is None:
        return _unknown(rule, seen, rule.answer)
    return Node(rule, seen.value == rule.is_, seen.until, seen.value)


@judge.register
def _(rule: OneOf, view: View, on: dt.date) -> Node:
    seen = view.get(rule.answer, NOTHING)
    if seen.value is None:
        return _unknown(rule, seen, rule.answer)
    chosen = seen.value if isinstance(seen.value, tuple) else (seen.value,)
    truth = any(one in rule.one_of for one in chosen)
    return Node(rule, truth, seen.until, seen.value)


@judge.register
def _(rule: Includes, view: View, on: dt.date) -> Node:
    seen = view.get(rule.answer, NOTHING)
    if seen.value is None:
        return _unknown(rule, seen, rule.answer)
    truth = all(one in seen.value for one in rule.includes)
    return Node(rule, truth, seen.until, seen.value)


def as_range(value: Any) -> Range:
    """A number as a range that holds only it."""
    return value if isinstance(value, Range) else Range(value, value)


@judge.register
def _(rule: AtLeast, view: View, on: dt.date) -> Node:
    seen = view.get(rule.answer, NOTHING)
    if seen.value is None:
        return _unknown(rule, seen, rule.answer)
    low, high = as_range(seen.value)
    truth: bool | None = None
    if low >= rule.at_least:
        truth = True
    elif high is not None and high < rule.at_least:
        truth = False
    return _numeric(rule, truth, seen, rule.answer)


@judge.register
def _(rule: AtMost, view: View, on: dt.date) -> Node:
    seen = view.get(rule.answer, NOTHING)
    if seen.value is None:
        return _unknown(rule, seen, rule.answer)
    low, high = as_range(seen.value)
    truth: bool | None = None
    if low > rule.at_most:
        truth = False
    elif high is not None and high <= rule.at_most:
        truth = True
    return _numeric(rule, truth, seen, rule.answer)


def _numeric(rule: Rule, truth: bool | None, seen: Seen, name: str) -> Node:
    gaps = ((name, Gap.ROW),) if truth is None else ()
    return Node(rule, truth, seen.until, seen.value, gaps)


@judge.register
def _(rule: PercentAtLeast, view: View, on: dt.date) -> Node:
    part = view.get(rule.answer, NOTHING)
    if rule.out_of is None:
        if part.value is None:
            return _unknown(rule, part, rule.answer)
        truth = _share_reaches(part.value, rule.percent_at_least)
        return _numeric(rule, truth, part, rule.answer)
    whole = view.get(rule.out_of, NOTHING)
    until = min(part.until, whole.until)
    gaps = tuple(
        (name, seen.gap or Gap.ANSWER)
        for name, seen in ((rule.answer, part), (rule.out_of, whole))
        if seen.value is None
    )
    if gaps:
        absent = any(gap is Gap.NOT_ASKED for _, gap in gaps)
        return Node(rule, False if absent else None, until, gaps=gaps)
    a, b = as_range(part.value), as_range(whole.value)
    reached = _part_reaches(a, b, rule.percent_at_least)
    gaps = ((rule.answer, Gap.ROW),) if reached is None else ()
    return Node(rule, reached, until, (a, b), gaps)


def _share_reaches(share: Share, percent: int) -> bool | None:
    # inside / (inside + outside) >= p %  is  inside * (100 - p) >= p * outside:
    # exact, and each bound of the two sides can be taken alone.
    inside, outside = share
    if inside.high == 0 and outside.high == 0:
        return False
    some = inside.low + outside.low > 0
    if some and outside.high is not None:
        worst = inside.low * (100 - percent) >= percent * outside.high
        if worst:
            return True
    if percent == 100:
        return False if outside.low > 0 else None
    if inside.high is None:
        return None
    return False if inside.high * (100 - percent) < percent * outside.low else None


def _part_reaches(part: Range, whole: Range, percent: int) -> bool | None:
    if whole.high == 0:
        return False
    if whole.high is not None and whole.low > 0:
        worst = part.low * 100 >= percent * whole.high
        if worst:
            return True
    if part.high is not None and part.high * 100 < percent * whole.low:
        return False
    return None


@judge.register
def _(rule: WithinMonths, view: View, on: dt.date) -> Node:
    seen = view.get(rule.answer, NOTHING)
    day = seen.value
    if day is None:
        return _unknown(rule, seen, rule.answer)
    if day > on:
        return Node(rule, False, min(seen.until, day - DAY), day)
    last = add_months(day, rule.within_months)
    if on <= last:
        return Node(rule, True, min(seen.until, last), day)
    return Node(rule, False, seen.until, day)


@judge.register
def _(rule: NotExpired, view: View, on: dt.date) -> Node:
    seen = view.get(rule.answer, NOTHING)
    day = seen.value
    if day is None:
        return _unknown(rule, seen, rule.answer)
    if on <= day:
        return Node(rule, True, min(seen.until, day), day)
    return Node(rule, False, seen.until, day)
