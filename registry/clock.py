"""The only place that asks what time it is, and the civil calendar of the body."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

ROME = ZoneInfo("Europe/Rome")


class Clock(Protocol):
    def now(self) -> datetime: ...


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


@dataclass
class FixedClock:
    """A clock for tests and demos: it moves only when told to."""

    at: datetime

    def now(self) -> datetime:
        return self.at

    def tick(self, **by: int) -> None:
        """Move on by a `timedelta`: `clock.tick(days=30)`."""
        self.at += timedelta(**by)


@dataclass
class ShiftedClock:
    """The real clock seen from another day: `REGISTRY_CLOCK_SHIFT_DAYS`, demo only."""

    days: int

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(days=self.days)


def civil_day(at: datetime) -> date:
    """The day it is in Italy at the instant `at`; every deadline is counted in it."""
    return at.astimezone(ROME).date()


def instant(at: datetime) -> str:
    """The instant as programs read it: UTC, to the second (RFC 3339)."""
    utc = at.astimezone(UTC).replace(tzinfo=None)
    return f"{utc.isoformat(timespec='seconds')}Z"


def start_of(day: date) -> datetime:
    """The first instant of a civil day, in UTC."""
    return datetime.combine(day, time(), tzinfo=ROME).astimezone(UTC)


def add_months(day: date, months: int) -> date:
    """
    The same day `months` later; where that month is shorter, its last day.

    Source: art. 2963 c.c., commi 4 e 5 (29 February plus a year is 28 February).
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
