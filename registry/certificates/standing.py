"""What a certificate is worth on a day: worked out from dated events, never kept."""

import enum
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol

from registry.certificates.models import EventKind
from registry.errors import N_

DAY = timedelta(days=1)


class Code(enum.StrEnum):
    """The public answers (DECISIONS.md); their words are in registry.web.standings."""

    VALID = "valid"
    IN_UPDATE = "in_update"
    SUSPENDED = "suspended"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    ENDED_BY_HOLDER = "ended_by_holder"
    SUPERSEDED = "superseded"
    NEVER_CERTIFIED = "never_certified"


#: Why a standing is what it is, in public words; the codes are a promise of the API.
REASONS = {
    "suspended_missed_recheck": N_("The yearly re-check was not filed in time."),
    "suspended_failed_recheck": N_("The re-check found that a criterion is not met."),
    "suspended_major_finding": N_("A major nonconformity was found."),
    "suspended_misuse": N_("The mark was used against its rules."),
    "suspended_on_request": N_("The holder asked for it."),
    "withdrawn_missed_recheck": N_("It stayed suspended for the longest time allowed."),
    "withdrawn_requirements_lost": N_("The criteria are no longer met."),
    "withdrawn_misuse": N_("The mark was used against its rules."),
    "ended_by_holder": N_("The holder gave it up."),
    "expired": N_("Its term has passed."),
    "superseded": N_("A newer certificate took its place."),
    "in_update": N_("The re-check was filed in time and is being decided."),
    "never_certified": N_("No certificate of this register bears this identifier."),
}
SUSPENSIONS = tuple(code for code in REASONS if code.startswith("suspended_"))
WITHDRAWALS = tuple(code for code in REASONS if code.startswith("withdrawn_"))

LAST_WORDS = {
    EventKind.WITHDRAWN: Code.WITHDRAWN,
    EventKind.ENDED_BY_HOLDER: Code.ENDED_BY_HOLDER,
    EventKind.SUPERSEDED: Code.SUPERSEDED,
}
CLOSES_UPDATE = {EventKind.UPDATE_CLOSED, EventKind.CONFIRMED}


class Event(Protocol):
    """What the reckoning needs of an event."""

    @property
    def id(self) -> int: ...
    @property
    def kind(self) -> EventKind: ...
    @property
    def effective_on(self) -> date: ...
    @property
    def recorded_at(self) -> datetime: ...
    @property
    def reason_code(self) -> str | None: ...
    @property
    def anniversary(self) -> date | None: ...


@dataclass(frozen=True)
class Standing:
    """A code, the first day it holds without a break, and why."""

    code: Code
    since: date
    reason_code: str | None = None


@dataclass(frozen=True)
class Course:
    """The standing without the passing of time, and the update still open, if any."""

    code: Code
    since: date
    reason_code: str | None
    in_update_from: date | None


def course(
    events: Iterable[Event], on: date, known_at: datetime | None = None
) -> Course | None:
    """
    What the events in effect on the day `on` say (recorded by `known_at`, if given).

    None before the certificate was issued.  The first last word (withdrawn, ended,
    superseded) stays for ever.
    """
    known = [e for e in events if known_at is None or e.recorded_at <= known_at]
    current: Course | None = None
    for event in sorted(known, key=lambda e: (e.effective_on, e.id)):
        if event.effective_on <= on:
            current = _after(current, event)
    if current is None or current.code in LAST_WORDS.values():
        return current
    since = current.since
    if current.code is Code.VALID:
        since = max([since, *_closings(known, on)])
    return Course(current.code, since, current.reason_code, _open_update(known, on))


def _after(current: Course | None, event: Event) -> Course | None:
    day = event.effective_on
    if current is None:
        begins = event.kind is EventKind.ISSUED
        return Course(Code.VALID, day, None, None) if begins else None
    if current.code in LAST_WORDS.values():
        return current
    if event.kind in LAST_WORDS:
        return Course(LAST_WORDS[event.kind], day, event.reason_code, None)
    if event.kind is EventKind.SUSPENDED and current.code is Code.VALID:
        return Course(Code.SUSPENDED, day, event.reason_code, None)
    if event.kind is EventKind.REINSTATED and current.code is Code.SUSPENDED:
        return Course(Code.VALID, day, None, None)
    return current


def _open_update(events: list[Event], on: date) -> date | None:
    """The first day of the update not closed by `on`; it may still be to come."""
    closed = {
        e.anniversary
        for e in events
        if e.kind in CLOSES_UPDATE and e.effective_on <= on
    }
    days = [
        e.effective_on
        for e in events
        if e.kind is EventKind.UPDATE_OPENED and e.anniversary not in closed
    ]
    return min(days, default=None)


def _closings(events: list[Event], on: date) -> list[date]:
    """The days on which an update that had begun was closed."""
    begun = {
        e.anniversary: e.effective_on
        for e in events
        if e.kind is EventKind.UPDATE_OPENED
    }
    return [
        e.effective_on
        for e in events
        if e.kind in CLOSES_UPDATE
        and e.effective_on <= on
        and e.anniversary in begun
        and begun[e.anniversary] < e.effective_on
    ]


def on_day(current: Course | None, valid_until: date, on: date) -> Standing:
    """
    The public answer on the day `on`: the course, and what time alone does to it.

    A renewal filed in time keeps the certificate alive beyond its last day until it is
    decided: in update, or suspended if it was suspended.
    """
    if current is None:
        return Standing(Code.NEVER_CERTIFIED, on, "never_certified")
    if current.code in LAST_WORDS.values():
        return Standing(current.code, current.since, current.reason_code)
    opened = current.in_update_from
    updating = opened is not None and opened <= on
    if opened is not None and updating and current.code is Code.VALID:
        return Standing(Code.IN_UPDATE, max(opened, current.since), "in_update")
    if on > valid_until and not updating:
        return Standing(Code.EXPIRED, max(valid_until + DAY, current.since), "expired")
    return Standing(current.code, current.since, current.reason_code)


def standing(
    events: Iterable[Event],
    valid_until: date,
    on: date,
    known_at: datetime | None = None,
) -> Standing:
    """The public answer for dated events on a day: `course`, then `on_day`."""
    return on_day(course(events, on, known_at), valid_until, on)
