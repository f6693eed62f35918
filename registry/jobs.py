"""What a job is, and how it works through many things one by one."""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from registry.db import db

T = TypeVar("T")
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Job:
    name: str
    when: str  # crontab, in UTC
    work: Callable[[datetime], int]  # how many things were done


def one_by_one(
    ids: Iterable[int], load: Callable[[int], T | None], work: Callable[[T], None]
) -> int:
    """
    Do `work` on each thing in a transaction of its own; log what fails and go on.

    `load(id)` is asked inside that transaction, with the row locked, and answers None
    when the work is no longer due: so two schedulers do it once.
    Returns how many were done.
    """
    done = 0
    for id_ in list(ids):
        db.session.rollback()
        try:
            thing = load(id_)
            if thing is None:
                db.session.rollback()
                continue
            work(thing)
            db.session.commit()
            done += 1
        except Exception:
            db.session.rollback()
            log.exception("failed on %s", id_)
    return done
