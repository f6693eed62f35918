"""What changes from one edition to the next: stricter, looser, different, with a case.

Proved on the cases at the limits of both rules, not guessed from the text.
"""

import datetime as dt
import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, NamedTuple

from registry.criteria.bits import rows_of
from registry.criteria.boundaries import Grid, Question, TooMany
from registry.criteria.conditions import (
    AllOf,
    AnyOf,
    Includes,
    Is,
    OneOf,
    PercentAtLeast,
    Rule,
    SomeOf,
    children,
    conditions,
    names,
)
from registry.criteria.edition import Answer, Derived, Edition, Requirement
from registry.criteria.judging import Gap, Range, Seen, Share, judge
from registry.criteria.transition import Source, sources
from registry.errors import N_

_OLD = "old."
_LOOKED_AT = 500  # cases among which the plainest example is chosen


class Relation(StrEnum):
    """How a requirement of the new edition stands to that of the old."""

    NEW = "new"
    REMOVED = "removed"
    EQUAL = "equal"
    STRICTER = "stricter"
    LOOSER = "looser"
    DIFFERENT = "different"

    @property
    def label(self) -> str:
        """The English words people see; marked for translation."""
        return _LABELS[self]


_LABELS = {
    Relation.NEW: N_("New"),
    Relation.REMOVED: N_("Removed"),
    Relation.EQUAL: N_("Unchanged"),
    Relation.STRICTER: N_("Stricter"),
    Relation.LOOSER: N_("Looser"),
    Relation.DIFFERENT: N_("Different"),
}


class Example(NamedTuple):
    """A case judged otherwise: values by answer of the new edition (of the old one
    under "old.name" where they do not correspond), and the verdicts."""

    values: Mapping[str, Any]
    before: bool
    after: bool


class Change(NamedTuple):
    """What changes in one requirement; `terms` are (name, before, after)."""

    id: str
    relation: Relation
    examples: tuple[Example, ...] = ()
    terms: tuple[tuple[str, Any, Any], ...] = ()
    proved: bool = True


class Difference(NamedTuple):
    """Everything that changes from `old` to `new`, as seen on the day `on`."""

    old: Edition
    new: Edition
    on: dt.date
    requirements: tuple[Change, ...]
    parameters: tuple[tuple[str, Any, Any], ...]
    levels: tuple[tuple[str, ...], tuple[str, ...]]
    answers: Mapping[str, Source]
    scope: Mapping[str, Question]


def difference(old: Edition, new: Edition, on: dt.date | None = None) -> Difference:
    """The difference between two editions; days are tried around `on`.

    `on` is the day the new one comes into force unless given.
    """
    day = new.in_force_from if on is None else on
    merged = _Merged(old, new)
    before = {one.id: one for one in old.requirements}
    changes = [
        _change(merged, before.get(one.id), one, day) for one in new.requirements
    ]
    kept = {one.id for one in new.requirements}
    changes += [
        Change(one.id, Relation.REMOVED)
        for one in old.requirements
        if one.id not in kept
    ]
    parameters = tuple(
        (name, was, now)
        for name in type(new.parameters).model_fields
        if (was := getattr(old.parameters, name))
        != (now := getattr(new.parameters, name))
    )
    levels = (
        tuple(one.id for one in old.levels),
        tuple(one.id for one in new.levels),
    )
    answers = sources(new, old)
    return Difference(
        old, new, day, tuple(changes), parameters, levels, answers, merged.scope
    )


_TERMS = ("mandatory", "knock_out", "severity", "points", "not_applicable", "number")


def _change(
    merged: "_Merged", old: Requirement | None, new: Requirement, on: dt.date
) -> Change:
    if old is None:
        return Change(new.id, Relation.NEW)
    terms = [
        (name, getattr(old, name), getattr(new, name))
        for name in _TERMS
        if getattr(old, name) != getattr(new, name)
    ]
    for name in ("reserve", "awaits", "steps"):
        was, now = merged.part(old, name), merged.part(new, name, new=True)
        if was != now:
            terms.append((name, bool(getattr(old, name)), bool(getattr(new, name))))
    try:
        relation, examples = _compare(merged, old, new, on)
    except TooMany:
        return Change(new.id, Relation.DIFFERENT, (), tuple(terms), proved=False)
    return Change(new.id, relation, examples, tuple(terms))


def _compare(
    merged: "_Merged", old: Requirement, new: Requirement, on: dt.date
) -> tuple[Relation, tuple[Example, ...]]:
    was, is_ = merged.old_rule(_asks(old)), _asks(new)
    was_if = None if old.applies_if is None else merged.old_rule(old.applies_if)
    rules = [rule for rule in (was, is_, was_if, new.applies_if) if rule is not None]
    grid = Grid(merged.new, rules, on, merged.scope, linked=merged.links)
    possible = merged.possible(grid)
    before = _passes(grid, was, was_if) & possible
    after = _passes(grid, is_, new.applies_if) & possible
    lost, won = before & ~after, after & ~before
    examples = []
    if lost:
        case = _reduced(_plainest(grid, lost, is_), merged.scope, rules, on)
        examples.append(Example(case, True, False))
    if won:
        case = _reduced(_plainest(grid, won, was), merged.scope, rules, on)
        examples.append(Example(case, False, True))
    relation = {
        (False, False): Relation.EQUAL,
        (True, False): Relation.STRICTER,
        (False, True): Relation.LOOSER,
        (True, True): Relation.DIFFERENT,
    }[bool(lost), bool(won)]
    return relation, tuple(examples)


def _asks(requirement: Requirement) -> Rule:
    """The easiest rule by which a requirement is not failed."""
    return requirement.steps[0].rule if requirement.steps else requirement.rule


def _passes(grid: Grid, rule: Rule, applies: Rule | None) -> int:
    return grid.true(rule) | (0 if applies is None else grid.all & ~grid.true(applies))


def _plainest(grid: Grid, rows: int, failed: Rule) -> dict[str, Any]:
    """The case, among some, that lacks the fewest conditions; then of small numbers."""
    masks = [grid.true(one) for one in conditions(failed)]

    def distance(row: int) -> tuple[int, Any]:
        sizes = [_size(one) for one in grid.case(row).values()]
        numbers = sum(one for one in sizes if type(one) is int)
        return sum(not mask >> row & 1 for mask in masks), numbers

    return grid.case(min(rows_of(rows)[:_LOOKED_AT], key=distance))


def _reduced(
    case: dict[str, Any], scope: Mapping[str, Question], rules: list[Rule], on: dt.date
) -> dict[str, Any]:
    """The same case with its percentages in lowest terms, 1 of 10 for 10,000 of
    100,000, wherever every rule judges that as before."""
    shares = {
        (one.answer, one.out_of)
        for rule in rules
        for one in conditions(rule)
        if isinstance(one, PercentAtLeast) and one.out_of is not None
    }
    for names_ in sorted(shares):
        numbers = [case[n] for n in names_ if type(case.get(n)) is int]
        if len(numbers) < 2:
            continue
        divisor = math.gcd(*numbers) or 1
        small = case | {name: case[name] // divisor for name in names_}
        allowed = all(small[n] >= (getattr(scope[n], "min", 0) or 0) for n in names_)
        if allowed and _truths(small, rules, on) == _truths(case, rules, on):
            case = small
    return case


def _truths(
    case: Mapping[str, Any], rules: list[Rule], on: dt.date
) -> list[bool | None]:
    seen = defaultdict(
        lambda: Seen(gap=Gap.NOT_ASKED),
        {name: Seen(value) for name, value in case.items()},
    )
    return [judge(rule, seen, on).truth for rule in rules]


class _Merged:
    """The questions of both editions side by side, those carried over only once."""

    def __init__(self, old: Edition, new: Edition) -> None:
        self.old, self.new = old, new
        self.names: dict[str, str] = {}
        self.options: dict[str, Mapping[str, str]] = {}
        self.scope: dict[str, Question] = {**new.answers, **new.derived}
        self.links: list[tuple[str, str]] = []
        self.below: list[
            tuple[str, str]
        ] = []  # the first is never more than the second
        for name, source in sources(new, old).items():
            if source.name is not None:
                self.names[source.name] = name
                self.options[source.name] = source.options
        for name, answer in old.answers.items():
            if name not in self.names:
                self._apart(name, answer)
        for name, derived in old.derived.items():
            self._derived(name, derived)

    def _apart(self, name: str, answer: Answer) -> None:
        self.names[name] = _OLD + name
        if answer.asked_if is not None:
            answer = answer.model_copy(
                update={"asked_if": self.old_rule(answer.asked_if)}
            )
        self.scope[_OLD + name] = answer

    def _derived(self, name: str, old: Derived) -> None:
        new = self.new.derived.get(name)
        rows = self.names[old.rows]
        if new is not None and self._meaning(self.old, old) == self._meaning(
            self.new, new
        ):
            self.names[name] = name
            return
        self.names[name] = apart = _OLD + name
        self.scope[apart] = old.model_copy(update={"rows": rows})
        if new is None or rows != new.rows or _amount(old) != _amount(new):
            return
        self.links.append((apart, name))
        never_more, never_less = self._order(old, new)
        if never_more:
            self.below.append((name, apart))
        if never_less:
            self.below.append((apart, name))

    def _meaning(self, edition: Edition, derived: Derived) -> object:
        rows = edition.answers[derived.rows]
        return (
            self.names.get(derived.rows) if edition is self.old else derived.rows,
            _amount(derived),
            derived.where,
            _ways(rows),
        )

    def _order(self, old: Derived, new: Derived) -> tuple[bool, bool]:
        """Whether the new one counts only rows of the old, and the other way round."""
        before, after = self.old.answers[old.rows], self.new.answers[new.rows]
        if old.where is None or new.where is None or _ways(before) != _ways(after):
            return old.where is None, new.where is None
        scope: dict[str, Question] = {**after.columns, **after.derived}
        rules = [old.where, new.where]
        if any(name not in scope for rule in rules for name in _names(rule)):
            return False, False
        try:
            grid = Grid(self.new, rules, self.new.in_force_from, scope, free=True)
        except TooMany:
            return False, False
        was, is_ = grid.true(old.where), grid.true(new.where)
        return is_ & ~was == 0, was & ~is_ == 0

    def old_rule(self, rule: Rule) -> Rule:
        """A rule of the old edition in the names and options of the new one."""
        if isinstance(rule, AllOf | AnyOf | SomeOf):
            word = next(w for w in ("all_of", "any_of", "some_of") if hasattr(rule, w))
            parts = tuple(self.old_rule(child) for child in children(rule))
            return rule.model_copy(update={word: parts})
        update: dict[str, Any] = {"answer": self.names.get(rule.answer, rule.answer)}
        options = self.options.get(rule.answer, {})
        if isinstance(rule, Is) and isinstance(rule.is_, str):
            update["is_"] = options.get(rule.is_, rule.is_)
        elif isinstance(rule, OneOf):
            update["one_of"] = tuple(options.get(one, one) for one in rule.one_of)
        elif isinstance(rule, Includes):
            update["includes"] = tuple(options.get(one, one) for one in rule.includes)
        elif isinstance(rule, PercentAtLeast) and rule.out_of is not None:
            update["out_of"] = self.names.get(rule.out_of, rule.out_of)
        return rule.model_copy(update=update)

    def part(self, requirement: Requirement, name: str, *, new: bool = False) -> object:
        """The rules of a reserve, a wait or the steps, in the names of the new one."""
        found = getattr(requirement, name)
        said = (lambda rule: rule) if new else self.old_rule
        if name == "steps":
            return tuple((step.points, said(step.rule)) for step in found)
        if found is None:
            return None
        until = tuple(
            (end.answer if new else self.names[end.answer], end.plus_months)
            for end in getattr(found, "until", ())
        )
        return said(found.rule), until, getattr(found, "once", None)

    def possible(self, grid: Grid) -> int:
        """The cases in which what counts fewer rows is not the larger number."""
        rows = grid.all
        for less, more in self.below:
            if less not in grid.values or more not in grid.values:
                continue
            lower, upper = grid.seen(less), grid.seen(more)
            tops = [_size(one.value) for one in upper.values]
            allowed = 0
            for at, one in enumerate(lower.values):
                here = lower.mask([place == at for place in range(len(lower.values))])
                size = _size(one.value)
                allowed |= here & upper.mask([top >= size for top in tops])
            rows &= allowed
        return rows


def _amount(derived: Derived) -> tuple[object, ...]:
    return derived.count, derived.distinct, derived.sum, derived.share, derived.latest


def _ways(answer: Answer) -> object:
    """How the worked-out columns of a row are made, whatever they are called."""
    return {
        name: column.model_dump(exclude={"label"})
        for name, column in answer.derived.items()
    }


def _names(rule: Rule) -> Sequence[str]:
    return [name for one in conditions(rule) for name in names(one)]


def _size(value: Any) -> Any:
    if isinstance(value, Share):
        return value.inside.low
    return value.low if isinstance(value, Range) else value
