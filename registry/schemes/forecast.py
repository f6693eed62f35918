"""What lapses when, if nothing is done: pure, from the last verified answers."""

import datetime as dt
import itertools
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from registry.criteria.calendar import FOREVER
from registry.criteria.edition import Edition
from registry.criteria.evaluation import Outcome, Result, Verdict, evaluate
from registry.criteria.facts import Basis, Case

DAY = dt.timedelta(days=1)
PASSED = (Outcome.CONFORMING, Outcome.CONDITIONAL)
GOOD = (Verdict.MET, Verdict.MET_WITH_RESERVE)
#: Steps after which we stop looking: no edition has as many limits in time.
MOST_STEPS = 60


class Lapse(NamedTuple):
    """
    The day from which the verdict on a requirement would be another, or from which no
    corrective action holds it up.
    """

    on: dt.date
    requirement: str
    before: Verdict
    after: Verdict


class Expiry(NamedTuple):
    """The last day on which an accepted document serves."""

    on: dt.date
    kind: str


class Forecast(NamedTuple):
    """What time does to a case; `fails_on` is the first day it would not pass."""

    lapses: tuple[Lapse, ...]
    expiries: tuple[Expiry, ...]
    fails_on: dt.date | None


def forecast(
    edition: Edition,
    case: Case,
    grounds: Mapping[str, Any],
    since: dt.date,
    until: dt.date,
) -> Forecast:
    """What changes from `since`, the day of the answers, to `until`, both included."""
    results = list(_results(edition, case, since, until))
    lapses = [
        Lapse(now.on, one.id, was.verdict, one.verdict)
        for before, now in itertools.pairwise(results)
        for was, one in zip(before.requirements, now.requirements, strict=True)
        if was.verdict is not one.verdict
        or (was.action_until is not None and one.action_until is None)
    ]
    failing = (one.on for one in results if one.outcome not in PASSED)
    return Forecast(
        tuple(one for one in lapses if one.on <= until),
        tuple(_expiries(grounds, since, until)),
        next((day for day in failing if day <= until), None),
    )


def lost_by_day(edition: Edition, found: Forecast) -> dict[dt.date, list[str]]:
    """The mandatory requirements no longer met from a day on, by that day."""
    days: dict[dt.date, list[str]] = {}
    for one in found.lapses:
        is_lost = one.before in GOOD or one.before is one.after
        mandatory = edition.requirement(one.requirement).mandatory
        if is_lost and one.after not in GOOD and mandatory:
            days.setdefault(one.on, []).append(one.requirement)
    return days


def _results(
    edition: Edition, case: Case, on: dt.date, until: dt.date
) -> Iterator[Result]:
    """The result on each day on which it may be another."""
    for _ in range(MOST_STEPS):
        result = evaluate(edition, case, on, Basis.VERIFIED)
        yield result
        if result.stable_until >= min(until, FOREVER - DAY):
            return
        on = max(result.stable_until, on) + DAY


def _expiries(
    grounds: Mapping[str, Any], on: dt.date, until: dt.date
) -> Iterator[Expiry]:
    days = {
        (dt.date.fromisoformat(piece["expires_on"]), piece["kind"])
        for piece in grounds["evidence"]
        if piece["accepted"] and piece["expires_on"]
    }
    for day, kind in sorted(days):
        if on <= day <= until:
            yield Expiry(day, kind)
