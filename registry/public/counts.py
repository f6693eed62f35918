"""
What is counted over the whole register, kept until something happens.

Counting costs more the larger the register is. So what was counted is given again while
the register's version is the same, and for a while after: twenty times as long as the
counting took. Never is more than a twentieth of the time spent on counting again.
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import date, datetime
from threading import Lock
from typing import Any, Generic, TypeVar

from flask import current_app

from registry.services import services
from registry.verification import version

T = TypeVar("T")
KEPT = "registry.public.counts"
MOST_KEPT = 200
PATIENCE = 20


@dataclass(frozen=True)
class Counted(Generic[T]):
    """What was counted, and when."""

    what: T
    at: datetime
    version: int
    until: float


def counted(name: Hashable, on: date, count: Callable[[], T]) -> Counted[T]:
    """What `count` says of the register on the day `on`; kept under `name`."""
    kept, lock = _kept()
    key, now = (name, on), version.now()
    with lock:
        found = kept.get(key)
    if found is not None and (found.version == now or time.monotonic() < found.until):
        return found
    before = time.monotonic()
    what = count()
    after = time.monotonic()
    at = services().clock.now()
    made = Counted(what, at, now, after + PATIENCE * (after - before))
    with lock:
        kept[key] = made
        kept.move_to_end(key)
        while len(kept) > MOST_KEPT:
            kept.popitem(last=False)
    return made


def _kept() -> tuple["OrderedDict[Hashable, Counted[Any]]", Lock]:
    empty: tuple[Any, Lock] = (OrderedDict(), Lock())
    made: Any = current_app.extensions.setdefault(KEPT, empty)
    return made  # type: ignore[no-any-return]
