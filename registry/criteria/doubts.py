"""What is legal in an edition and yet cannot be meant: looked at before publishing.

Rules that nobody or everybody satisfies, conditions that never matter, steps that do
not build on one another, numbers of a rule that its sentence does not say.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from registry.criteria.boundaries import Grid, Question, TooMany
from registry.criteria.checks import Place, Problem
from registry.criteria.conditions import (
    AllOf,
    AnyOf,
    AtLeast,
    AtMost,
    Condition,
    PercentAtLeast,
    Rule,
    SomeOf,
    WithinMonths,
    children,
    conditions,
    names,
    word_of,
)
from registry.criteria.edition import Edition, Requirement


def doubts(edition: Edition) -> list[Problem]:
    """Everything that is probably not meant, with its place in the file."""
    found: list[Problem] = []
    for place, rule, scope in _rules(edition):
        found.extend(_senseless(edition, rule, place, scope))
    for index, one in enumerate(edition.requirements):
        found.extend(_steps(edition, one, ("requirements", index)))
        found.extend(_numbers(edition, one, ("requirements", index)))
    return found


Placed = tuple[Place, Rule, Mapping[str, Question] | None]


def _rules(edition: Edition) -> Iterator[Placed]:
    for name, answer in edition.answers.items():
        if answer.asked_if is not None:
            yield ("answers", name, "asked_if"), answer.asked_if, None
    for name, kind in edition.evidence.items():
        if kind.required_if is not None:
            yield ("evidence", name, "required_if"), kind.required_if, None
    for name, derived in edition.derived.items():
        if derived.where is not None:
            answer = edition.answers[derived.rows]
            scope: dict[str, Question] = {**answer.columns, **answer.derived}
            yield ("derived", name, "where"), derived.where, scope
    for index, one in enumerate(edition.requirements):
        place: Place = ("requirements", index)
        yield (*place, "rule"), one.rule, None
        for step_index, step in enumerate(one.steps):
            yield (*place, "steps", step_index, "rule"), step.rule, None
        if one.applies_if is not None:
            yield (*place, "applies_if"), one.applies_if, None
        if one.reserve is not None:
            yield (*place, "reserve", "rule"), one.reserve.rule, None
        if one.awaits is not None:
            yield (*place, "awaits", "rule"), one.awaits.rule, None


# --- rules and conditions that decide nothing --------------------------------------

_IMPOSSIBLE = "nessuna risposta può soddisfare questa regola: correggere i suoi limiti"
_ALWAYS = "sempre vera, qualunque sia la risposta: toglierla o correggere il limite"
_IDLE = "condizione inutile, il giudizio non cambia mai: toglierla o correggerla"


def _senseless(
    edition: Edition,
    rule: Rule,
    place: Place,
    scope: Mapping[str, Question] | None,
) -> Iterator[Problem]:
    try:
        grid = Grid(
            edition, [rule], edition.in_force_from, scope, free=scope is not None
        )
    except TooMany:
        return
    true = grid.true(rule)
    if true == 0:
        yield place, _IMPOSSIBLE
    elif true == grid.all:
        yield place, _ALWAYS
    else:
        # That a question is only asked when others say so makes no condition idle:
        # whoever reads the rule does not see it.
        free = Grid(edition, [rule], edition.in_force_from, scope, free=True)
        yield from _idle(free, rule, rule, place, ())


def _idle(
    grid: Grid, whole: Rule, part: Rule, place: Place, path: tuple[int, ...]
) -> Iterator[Problem]:
    """The outermost parts of a rule without which every case is judged the same."""
    true = grid.true(whole)
    word = word_of(part) or ""
    for index, child in enumerate(children(part)):
        here, at = (*place, word, index), (*path, index)
        own = grid.true(child)
        if own == 0:
            yield here, f"{_named(child)}: {_IMPOSSIBLE}"
        elif own == grid.all:
            yield here, f"{_named(child)}: {_ALWAYS}"
        elif true in (
            _fixed(grid, whole, at, grid.all),
            _fixed(grid, whole, at, 0),
        ):
            yield here, f"{_named(child)}: {_IDLE}"
        else:
            yield from _idle(grid, whole, child, here, at)


def _named(rule: Rule) -> str:
    if children(rule):
        return f"«{word_of(rule)}»"
    return " ".join([*(f"«{name}»" for name in names_of(rule)), word_of(rule) or ""])


def names_of(rule: Rule) -> list[str]:
    """The answers a rule looks at, each once."""
    return list(dict.fromkeys(name for one in conditions(rule) for name in names(one)))


def _fixed(grid: Grid, rule: Rule, path: tuple[int, ...], truth: int) -> int:
    """The cases for which a rule is true when the part at `path` is as said."""
    if not path:
        return truth
    parts = [
        _fixed(grid, child, path[1:], truth) if index == path[0] else grid.true(child)
        for index, child in enumerate(children(rule))
    ]
    if isinstance(rule, AllOf):
        found = grid.all
        for part in parts:
            found &= part
        return found
    if isinstance(rule, AnyOf):
        found = 0
        for part in parts:
            found |= part
        return found
    assert isinstance(rule, SomeOf)  # noqa: S101 - the third and last grouping
    return _at_least(parts, rule.how_many, grid.all)


def _at_least(parts: Sequence[int], how_many: int, everything: int) -> int:
    # reached[k]: the cases in which at least k of the parts seen so far are true.
    reached = [everything] + [0] * how_many
    for part in parts:
        for count in range(how_many, 0, -1):
            reached[count] |= reached[count - 1] & part
    return reached[how_many]


# --- steps ------------------------------------------------------------------------


def _steps(edition: Edition, one: Requirement, place: Place) -> Iterator[Problem]:
    if not one.steps:
        return
    rules = [*(step.rule for step in one.steps), one.rule]
    try:
        grid = Grid(edition, rules, edition.in_force_from)
    except TooMany:
        return
    for index, (easier, harder) in enumerate(pairwise(rules)):
        if grid.true(harder) & ~grid.true(easier):
            text = (
                f"chi ottiene i punti successivi deve soddisfare anche questo gradino "
                f"da {one.steps[index].points} punti: correggere la regola"
            )
            yield (*place, "steps", index), text


# --- numbers said in words -----------------------------------------------------------


def _numbers(edition: Edition, one: Requirement, place: Place) -> Iterator[Problem]:
    texts = [one.text.it] + ([one.interpretation.it] if one.interpretation else [])
    said = numbers_said(" ".join(texts))
    where = "interpretation" if one.interpretation else "text"
    for number in sorted(numbers_of(edition, one) - said):
        text = (
            f"il testo e l’interpretazione non dicono il numero {number} della regola: "
            "scriverlo, oppure correggere la regola"
        )
        yield (*place, where), text


def numbers_of(edition: Edition, one: Requirement) -> set[int]:
    """The numbers that decide a requirement, those of its worked-out answers too.

    Zero, and the plain "all" of 100 %, go without saying.
    """
    rules: list[Rule] = [one.rule, *(step.rule for step in one.steps)]
    rules += [part.rule for part in (one.reserve, one.awaits) if part is not None]
    rules += [one.applies_if] if one.applies_if is not None else []
    found: set[int] = set()
    if one.reserve is not None:
        found |= {end.plus_months for end in one.reserve.until}
    seen: set[str] = set()
    while rules:
        for condition in conditions(rule := rules.pop()):
            found |= _limits(condition)
            for name in set(names(condition)) - seen:
                seen.add(name)
                derived = edition.derived.get(name)
                if derived is not None and derived.where is not None:
                    rules.append(derived.where)
        found |= _counts(rule)
    return found - {0}


def _limits(one: Condition) -> set[int]:
    if isinstance(one, AtLeast):
        return {one.at_least}
    if isinstance(one, AtMost):
        return {one.at_most}
    if isinstance(one, PercentAtLeast):
        return {one.percent_at_least}
    return {one.within_months} if isinstance(one, WithinMonths) else set()


def _counts(rule: Rule) -> set[int]:
    own = {rule.how_many} if isinstance(rule, SomeOf) else set()
    return own.union(*(_counts(child) for child in children(rule)))


_UNITS = [
    "zero",
    "uno",
    "due",
    "tre",
    "quattro",
    "cinque",
    "sei",
    "sette",
    "otto",
    "nove",
    "dieci",
    "undici",
    "dodici",
    "tredici",
    "quattordici",
    "quindici",
    "sedici",
    "diciassette",
    "diciotto",
    "diciannove",
]
_TENS = [
    "venti",
    "trenta",
    "quaranta",
    "cinquanta",
    "sessanta",
    "settanta",
    "ottanta",
    "novanta",
]
_ALSO = {
    "un": 1, "una": 1, "metà": 50, "cento": 100, "tutti": 100, "tutte": 100,
    "annuale": 12, "biennale": 24, "biennio": 24, "triennio": 36,
}  # fmt: skip


def _words() -> dict[str, int]:
    words = {word: number for number, word in enumerate(_UNITS)} | _ALSO
    for index, ten in enumerate(_TENS):
        for unit in range(10):
            # ventuno, ventotto: the ten loses its vowel before uno and otto.
            stem = ten[:-1] if unit in (1, 8) else ten
            words[stem + (_UNITS[unit] if unit else "")] = (index + 2) * 10 + unit
    return words | {"ventitré": 23, "trentatré": 33, "quarantatré": 43}


_WORDS = _words()
_DIGITS = re.compile(r"\d{1,3}(?:\.\d{3})+|\d+")
_YEARS = re.compile(r"(\w+)\s+ann[oi]\b")


def numbers_said(text: str) -> set[int]:
    """The whole numbers an Italian sentence says, in digits or in words.

    Years count as months too: "due anni" says 24.
    """
    found = {int(one.replace(".", "")) for one in _DIGITS.findall(text)}
    words = re.findall(r"[^\W\d_]+", text.lower())
    found |= {_WORDS[word] for word in words if word in _WORDS}
    for many in _YEARS.findall(text.lower()):
        years = int(many) if many.isdigit() else _WORDS.get(many)
        if years is not None:
            found.add(years * 12)
    return found
