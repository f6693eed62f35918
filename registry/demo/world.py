"""Three years in a minute: day by day, the people act and the timetable's jobs run."""

import dataclasses
import datetime as dt
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from typing import Any

from flask import current_app
from sqlalchemy import event, func, select

from registry.accounts import security
from registry.accounts.models import User
from registry.accounts.queries import the_registry
from registry.applications.models import Application
from registry.certificates.models import Certificate
from registry.clock import FixedClock, civil_day, start_of
from registry.db import db
from registry.demo.acts import Stage
from registry.demo.buying import hand_in_lists
from registry.demo.cast import PASSWORD, Cooperative, cooperatives
from registry.demo.chapters import Days
from registry.demo.doubts import raise_doubts
from registry.demo.drafts import open_for_comments
from registry.demo.evidence import Papers
from registry.demo.nights import busy_nights
from registry.demo.people import the_staff
from registry.demo.programs import set_up
from registry.demo.renaming import rename_two
from registry.demo.stories import STORIES
from registry.editions.operations import keep_all
from registry.jobs import Job
from registry.journal.models import Entry
from registry.journal.operations import record
from registry.services import services
from registry.timetable import TIMETABLE

EDITION = "impact/2022"
DAY = timedelta(days=1)
#: The letters of the last days wait: there is no mail server to bring them.
UNDELIVERED = timedelta(days=7)
#: Jobs that the timetable wakes every few minutes, and those of the night.
FREQUENT = [job for job in TIMETABLE if job.when.startswith("*")]
NIGHTLY = [job for job in TIMETABLE if not job.when.startswith("*")]
BEGUN, BUILT = "demo.begun", "demo.built"

Tell = Callable[[str], None]


class Silent:
    """A postman who takes every letter and brings none."""

    ready = True

    def deliver(self, message: EmailMessage) -> None:
        """Take the letter."""


class JobFailed(Exception):
    """A job of the timetable failed on something: the world would not be whole."""


@dataclass
class Actor:
    """A story under way, and the day on which it goes on."""

    who: Cooperative
    story: Days
    next_on: dt.date


def is_begun() -> bool:
    """Whether the demo world was begun here, finished or not."""
    return _was_written(BEGUN)


def is_built() -> bool:
    """Whether the demo world was built here to its end."""
    return _was_written(BUILT)


def is_inhabited() -> bool:
    """Whether there is anybody but the registry itself."""
    return bool(db.session.scalar(select(func.count()).select_from(User))) and (
        db.session.scalars(select(func.count()).select_from(User)).one() > 1
    )


def _was_written(verb: str) -> bool:
    found = db.session.scalar(select(Entry.id).where(Entry.verb == verb).limit(1))
    return found is not None


def build(tell: Tell) -> None:
    """
    Make the whole world, from the first story's first day to now; commits.

    `tell` is given a line for every month.  Raises JobFailed where a job did not do
    all of its work.
    """
    now = services().clock.now()
    with _moved_clock() as clock, _hurried(), _failures() as failures:
        stage = _stage(now)
        actors = _actors(stage)
        day = min(actor.next_on for actor in actors) - 3 * DAY
        clock.at = stage.at = start_of(day) + timedelta(hours=8)
        the_staff(stage)
        keep_all(services().editions, by=the_registry(), at=stage.at)
        record(BEGUN, the_registry(), by=the_registry(), at=stage.at)
        db.session.commit()
        busy: set[dt.date] = set()
        while day < stage.today:
            if _live(stage, clock, actors, day, busy):
                busy = busy_nights(stage.edition)
            if failures:
                raise JobFailed(failures[0])
            if (day + DAY).day == 1:
                tell(_summary(day))
            day += DAY
        clock.at = stage.at = now
        set_up(stage)
        hand_in_lists(stage)
        rename_two(stage)
        raise_doubts(stage)
        open_for_comments(stage)
        db.session.commit()
        _run(NIGHTLY + FREQUENT, stage)
        record(BUILT, the_registry(), by=the_registry(), at=now)
        db.session.commit()


def _stage(now: datetime) -> Stage:
    edition = services().editions[EDITION]
    return Stage(
        edition=edition,
        papers=Papers(edition, services().paper),
        storage=services().storage,
        password_hash=security.hash_password(PASSWORD),
        today=civil_day(now),
        at=now,
    )


def _actors(stage: Stage) -> list[Actor]:
    actors = []
    for who in cooperatives():
        story = STORIES[who.story](stage, who)
        actors.append(Actor(who, story, _working_day(next(story))))
    return actors


def _working_day(day: dt.date) -> dt.date:
    """The same day, or the Friday before a weekend."""
    return day - DAY * max(0, day.weekday() - 4)


def _live(
    stage: Stage,
    clock: FixedClock,
    actors: list[Actor],
    day: dt.date,
    busy: set[dt.date],
) -> bool:
    """One day: jobs of the night, what people do, jobs of the minute; was it busy?"""
    clock.at = stage.at = start_of(day) + timedelta(hours=5)
    if day in busy:
        _run(NIGHTLY, stage)
    awake = [actor for actor in actors if actor.next_on <= day]
    for number, actor in enumerate(awake):
        morning = start_of(day) + timedelta(hours=9)
        clock.at = stage.at = morning + timedelta(minutes=number * 13)
        _go_on(actor, day)
    if not awake and day not in busy:
        return False
    clock.at = stage.at = start_of(day) + timedelta(hours=18)
    _run(FREQUENT, stage)
    return True


def _go_on(actor: Actor, day: dt.date) -> None:
    while actor.next_on <= day:
        try:
            actor.next_on = _working_day(next(actor.story))
        except StopIteration:
            actor.next_on = dt.date.max
        db.session.commit()


def _run(jobs: list[Job], stage: Stage) -> None:
    for job in jobs:
        delivers = job.name == "mail.deliver_waiting"
        if not delivers or stage.on <= stage.today - UNDELIVERED:
            job.work(stage.at)


def _summary(day: dt.date) -> str:
    counts = [
        db.session.scalars(select(func.count()).select_from(table)).one()
        for table in (Application, Certificate)
    ]
    db.session.rollback()
    return f"  {day:%B %Y}: {counts[0]} applications, {counts[1]} certificates"


@contextmanager
def _moved_clock() -> Iterator[FixedClock]:
    """The doors of the build: a clock that is moved, a postman who brings nothing."""
    doors = current_app.extensions["registry"]
    clock = FixedClock(doors.clock.now())
    moved = dataclasses.replace(doors, clock=clock, postman=Silent())
    current_app.extensions["registry"] = moved
    try:
        yield clock
    finally:
        current_app.extensions["registry"] = doors


@contextmanager
def _hurried() -> Iterator[None]:
    """A world half built is built anew, so SQLite need not survive a power cut."""
    if db.engine.dialect.name != "sqlite":
        yield
        return

    def hurry(connection: Any, record: Any) -> None:
        connection.execute("PRAGMA synchronous=OFF")

    event.listen(db.engine, "connect", hurry)
    db.session.remove()
    db.engine.dispose()
    try:
        yield
    finally:
        event.remove(db.engine, "connect", hurry)
        db.session.remove()
        db.engine.dispose()


@contextmanager
def _failures() -> Iterator[list[str]]:
    """What jobs log as failed while the world is built."""
    found: list[str] = []

    class Heard(logging.Handler):
        def emit(self, told: logging.LogRecord) -> None:
            error = told.exc_info[1] if told.exc_info else None
            found.append(f"{told.getMessage()}: {error!r}")

    handler = Heard(logging.ERROR)
    log = logging.getLogger("registry.jobs")
    log.addHandler(handler)
    try:
        yield found
    finally:
        log.removeHandler(handler)
