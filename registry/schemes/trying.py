"""A draft against everybody, each on the day their answers are about."""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import groupby
from typing import NamedTuple

from registry.criteria.edition import Edition
from registry.criteria.facts import Basis
from registry.criteria.what_if import Fate, Obstacle, WhatIf, what_if
from registry.schemes.known import Known

Groups = dict[str, dict[str, Counter[Fate]]]


class Tried(NamedTuple):
    """The figures, and whom they are about, by key."""

    figures: WhatIf
    people: dict[str, Known]


def try_on(
    old: Edition,
    new: Edition,
    known: Iterable[Known],
    on: dt.date,
    progress: Callable[[int], None] | None = None,
) -> Tried:
    """
    What `new` says of everybody known; nothing is written.

    Each is judged, by the edition they answered to and by the new one, on the day of
    those answers: what differs is the rules, not the months gone by. `progress` is told
    how many more were done.
    """
    everybody = sorted(known, key=lambda one: (one.edition.key, one.day))
    parts = []
    for (_, day), some in groupby(everybody, lambda one: (one.edition.key, one.day)):
        these = list(some)
        subjects = [one.subject for one in these]
        parts.append(what_if(these[0].edition, new, subjects, day, Basis.VERIFIED))
        if progress is not None:
            progress(len(these))
    people = {one.subject.key: one for one in everybody}
    return Tried(merged(old, new, on, parts), people)


def merged(old: Edition, new: Edition, on: dt.date, parts: Sequence[WhatIf]) -> WhatIf:
    """The figures of several days as one."""
    moves: Counter[object] = Counter()
    levels: Counter[str | None] = Counter()
    obstacles = {one.id: Obstacle() for one in new.requirements}
    groups: Groups = {}
    for part in parts:
        moves.update(part.moves)
        levels.update(part.levels)
        for id_, more in part.obstacles.items():
            both = zip(obstacles[id_], more, strict=True)
            obstacles[id_] = Obstacle(*(a + b for a, b in both))
        for name, rows in part.groups.items():
            for value, counts in rows.items():
                row = groups.setdefault(name, {}).setdefault(value, Counter())
                row.update(counts)
    fates = {key: one for part in parts for key, one in part.subjects.items()}
    return WhatIf(
        old.key,
        new.key,
        new.digest,
        on,
        moves,  # type: ignore[arg-type]  # a Counter of the same pairs
        obstacles,
        groups,
        levels,
        fates,
    )
