"""What if everybody were judged by the draft: who keeps, who loses, what is not known.

Three-valued: what the old edition never asked is undetermined, never a failure.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import StrEnum
from itertools import islice
from typing import Any, NamedTuple

from registry.criteria.bits import rows_of
from registry.criteria.bulk import Bulk, evaluate_all
from registry.criteria.columns import Columns
from registry.criteria.edition import Edition
from registry.criteria.evaluation import evaluate
from registry.criteria.explanation import reasons
from registry.criteria.facts import Basis, Case
from registry.criteria.result import Outcome, Verdict
from registry.criteria.transition import carry_case
from registry.errors import N_

_AT_ONCE = 20_000
_PASSED = (Outcome.CONFORMING, Outcome.CONDITIONAL)


class Fate(StrEnum):
    """What becomes of one case under the draft."""

    KEPT = "kept"
    LOST = "lost"
    UNDETERMINED = "undetermined"

    @property
    def label(self) -> str:
        """The English words people see; marked for translation."""
        return _LABELS[self]


_LABELS = {
    Fate.KEPT: N_("Would keep it"),
    Fate.LOST: N_("Would lose it"),
    Fate.UNDETERMINED: N_("Not known from the answers given"),
}
_FATES = {
    Outcome.CONFORMING: Fate.KEPT,
    Outcome.CONDITIONAL: Fate.KEPT,
    Outcome.INCOMPLETE: Fate.UNDETERMINED,
    Outcome.NOT_CONFORMING: Fate.LOST,
}


class Subject(NamedTuple):
    """A holder or an open application: its name, what is known, its groups.

    `groups` are values by name, as {"province": "BG", "kind": "social_b"}.
    """

    key: str
    case: Case
    groups: Mapping[str, str] = {}


class Obstacle(NamedTuple):
    """How many of those who passed would stumble on a requirement.

    `only` counts those for whom it is the single requirement in the way.
    """

    not_met: int = 0
    undetermined: int = 0
    only: int = 0


class WhatIf(NamedTuple):
    """The draft against everybody, on a day; `subjects` has the fate of each."""

    old: str
    new: str
    new_digest: str
    on: dt.date
    moves: Mapping[tuple[Outcome, Outcome], int]
    obstacles: Mapping[str, Obstacle]
    groups: Mapping[str, Mapping[str, Mapping[Fate, int]]]
    levels: Mapping[str | None, int]
    subjects: Mapping[str, tuple[Outcome, Outcome]]

    @property
    def passed(self) -> int:
        """How many pass under the old edition."""
        return sum(n for (before, _), n in self.moves.items() if before in _PASSED)

    def count(self, fate: Fate) -> int:
        """How many of those who pass have that fate."""
        return sum(
            n
            for (before, after), n in self.moves.items()
            if before in _PASSED and _FATES[after] is fate
        )

    @property
    def gained(self) -> int:
        """How many do not pass under the old edition and would under the new."""
        return sum(
            n
            for (before, after), n in self.moves.items()
            if before not in _PASSED and after in _PASSED
        )

    def to_json(self) -> dict[str, Any]:
        """The figures, without the single subjects: what is attached to publishing."""
        return {
            "format": 1,
            "old": self.old,
            "new": self.new,
            "new_digest": self.new_digest,
            "on": self.on.isoformat(),
            "passed": self.passed,
            **{fate.value: self.count(fate) for fate in Fate},
            "gained": self.gained,
            "requirements": {id_: one._asdict() for id_, one in self.obstacles.items()},
            "levels": {level or "": n for level, n in self.levels.items()},
            "groups": {
                name: {value: _plain(row) for value, row in rows.items()}
                for name, rows in self.groups.items()
            },
        }


def _plain(row: Mapping[Fate, int]) -> dict[str, int]:
    return {fate.value: row.get(fate, 0) for fate in Fate}


def what_if(
    old: Edition,
    new: Edition,
    subjects: Iterable[Subject],
    on: dt.date,
    basis: Basis = Basis.DECLARED,
    progress: Callable[[int], None] | None = None,
) -> WhatIf:
    """The draft `new` against every subject that answered under `old`, on the day `on`.

    Nothing is written. `progress` is told how many were done, from time to time.
    """
    tally = _Tally(new)
    done = 0
    for some in _chunks(subjects):
        before = evaluate_all(
            old, Columns.of_cases([one.case for one in some]), on, basis
        )
        carried = [carry_case(new, old, one.case) for one in some]
        tally.add(some, before, evaluate_all(new, Columns.of_cases(carried), on, basis))
        done += len(some)
        if progress is not None:
            progress(done)
    return WhatIf(
        old.key,
        new.key,
        new.digest,
        on,
        tally.moves,
        tally.obstacles,
        tally.groups,
        tally.levels,
        tally.fates,
    )


def _chunks(subjects: Iterable[Subject]) -> Iterator[list[Subject]]:
    left = iter(subjects)
    while some := list(islice(left, _AT_ONCE)):
        yield some


class _Tally:
    """The counts as they grow, chunk by chunk."""

    def __init__(self, new: Edition) -> None:
        self.new = new
        self.moves: dict[tuple[Outcome, Outcome], int] = {}
        self.obstacles = {one.id: Obstacle() for one in new.requirements}
        self.groups: dict[str, dict[str, dict[Fate, int]]] = {}
        self.levels: dict[str | None, int] = {}
        self.fates: dict[str, tuple[Outcome, Outcome]] = {}

    def add(self, some: list[Subject], before: Bulk, after: Bulk) -> None:
        passed = (
            before.outcome[Outcome.CONFORMING] | before.outcome[Outcome.CONDITIONAL]
        )
        self._obstacles(after, passed)
        for level, rows in after.level.items():
            count = (rows & passed).bit_count()
            self.levels[level] = self.levels.get(level, 0) + count
        for was, old_rows in before.outcome.items():
            for now, new_rows in after.outcome.items():
                both = old_rows & new_rows
                if both:
                    count = both.bit_count()
                    self.moves[was, now] = self.moves.get((was, now), 0) + count
                for row in rows_of(both):
                    self._one(some[row], was, now)

    def _one(self, subject: Subject, was: Outcome, now: Outcome) -> None:
        self.fates[subject.key] = was, now
        if was not in _PASSED:
            return
        for name, value in subject.groups.items():
            row = self.groups.setdefault(name, {}).setdefault(value, {})
            row[_FATES[now]] = row.get(_FATES[now], 0) + 1

    def _obstacles(self, after: Bulk, passed: int) -> None:
        mandatory = [one.id for one in self.new.requirements if one.mandatory]
        # once: the rows with an obstacle so far; twice: those with more than one.
        once = twice = 0
        for id_ in mandatory:
            judged = after.requirements[id_]
            failed = judged.verdict[Verdict.NOT_MET] & ~judged.acting
            twice |= once & failed
            once |= failed
        alone = once & ~twice & passed
        for id_, found in self.obstacles.items():
            verdict = after.requirements[id_].verdict
            failed = verdict[Verdict.NOT_MET]
            only = (failed & alone).bit_count() if id_ in mandatory else 0
            self.obstacles[id_] = Obstacle(
                found.not_met + (failed & passed).bit_count(),
                found.undetermined + (verdict[Verdict.PENDING] & passed).bit_count(),
                found.only + only,
            )


class Personal(NamedTuple):
    """One subject under both editions, with the reasons of the new one.

    `shown` is what people see of each verdict: that it does not apply, where so.
    """

    key: str
    before: Outcome
    after: Outcome
    verdicts: Mapping[str, tuple[Verdict | None, Verdict]]
    shown: Mapping[str, tuple[str | None, str]]
    reasons: Mapping[str, list[str]]


def of_subject(
    old: Edition,
    new: Edition,
    subject: Subject,
    on: dt.date,
    basis: Basis = Basis.DECLARED,
    language: str = "it",
) -> Personal:
    """What changes for one subject, requirement by requirement, and why."""
    before = evaluate(old, subject.case, on, basis)
    after = evaluate(new, carry_case(new, old, subject.case), on, basis)
    was = {one.id: one for one in before.requirements}
    both = [(was.get(one.id), one) for one in after.requirements]
    return Personal(
        subject.key,
        before.outcome,
        after.outcome,
        {one.id: (then and then.verdict, one.verdict) for then, one in both},
        {one.id: (then and then.shown, one.shown) for then, one in both},
        reasons(new, after, language),
    )


def published_groups(
    rows: Mapping[str, Mapping[Fate, int]], small: int
) -> dict[str, dict[Fate, int]]:
    """The rows of a group that may be made public: none with a small number in it.

    Rows with a count from 1 to `small` - 1 are put together under "other"; if that row
    is still small the smallest of the others joins it, so that no difference from the
    total gives the number away. When even the total is small nothing is left.
    """
    shown = {value: _full(row) for value, row in rows.items()}
    other = dict.fromkeys(Fate, 0)
    hidden = [value for value, row in shown.items() if _is_small(row, small)]
    while hidden:
        for value in hidden:
            for fate, count in shown.pop(value).items():
                other[fate] += count
        if not shown or not _is_small(other, small):
            break
        hidden = [min(shown, key=lambda value: sum(shown[value].values()))]
    if any(other.values()) and not _is_small(other, small):
        shown["other"] = other
    return shown


def _full(row: Mapping[Fate, int]) -> dict[Fate, int]:
    return {fate: row.get(fate, 0) for fate in Fate}


def _is_small(row: Mapping[Fate, int], small: int) -> bool:
    return any(0 < count < small for count in row.values())
