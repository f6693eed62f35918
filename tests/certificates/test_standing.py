"""What a certificate is worth on a day, for any story it may have had."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from registry.certificates.models import Certificate, EventKind, Projection
from registry.certificates.queries import has_standing
from registry.certificates.rules import anniversaries, last_day
from registry.certificates.standing import (
    LAST_WORDS,
    Code,
    Course,
    Standing,
    course,
    on_day,
    standing,
)
from registry.clock import civil_day
from registry.db import db as database
from registry.organisations.models import Organisation, OrganisationKind

K = EventKind
DAY = timedelta(days=1)
ISSUED = date(2026, 3, 2)
LAST = date(2029, 3, 1)
FIRST_ANNIVERSARY = date(2027, 3, 2)


@dataclass(frozen=True)
class Told:
    """An event as the reckoning sees it."""

    id: int
    kind: EventKind
    effective_on: date
    recorded_at: datetime
    reason_code: str | None = None
    anniversary: date | None = None


def story(*acts: tuple[EventKind, date] | tuple[EventKind, date, date]) -> list[Told]:
    """Acts recorded on their day; a third date is the anniversary they are about."""
    told = []
    for number, (kind, day, *rest) in enumerate([(K.ISSUED, ISSUED), *acts], 1):
        anniversary = rest[0] if rest else None
        effective = anniversary + DAY if kind is K.UPDATE_OPENED else day
        at = datetime.combine(day, time(10), UTC)
        told.append(Told(number, kind, effective, at, kind.value, anniversary))
    return told


def code(events: list[Told], on: date, until: date = LAST) -> Code:
    return standing(events, until, on).code


@st.composite
def stories(draw: Any) -> list[Told]:
    """Any acts in any order, sensible or not, each recorded on or after the last."""
    day, acts, opened = ISSUED, [], [FIRST_ANNIVERSARY]
    for kind in draw(st.lists(st.sampled_from(list(K)[1:]), max_size=9)):
        day += timedelta(days=draw(st.integers(0, 200)))
        about = None
        if kind is K.UPDATE_OPENED:
            about = day + timedelta(days=draw(st.integers(-5, 90)))
            opened.append(about)
        elif kind in {K.UPDATE_CLOSED, K.CONFIRMED}:
            about = draw(st.sampled_from(opened))
        acts.append((kind, day, about) if about else (kind, day))
    return story(*acts)


def last_recorded(events: list[Told]) -> date:
    return max(civil_day(event.recorded_at) for event in events)


@pytest.fixture
def row(app: Flask) -> Projection:
    """A certificate in the search table, to be told any story."""
    at = datetime(2026, 3, 2, 9, tzinfo=UTC)
    holder = Organisation(
        kind=OrganisationKind.SOCIAL_B,
        name="Il Melograno",
        name_key="il melograno",
        province="BG",
        town="Stezzano",
        created_at=at,
        changed_at=at,
    )
    certificate = Certificate(
        organisation=holder,
        scheme="impact",
        edition="impact/2022",
        edition_digest="0",
        number="IMP-2026-000001-00",
        year=2026,
        serial=1,
        facts={},
        issued_on=ISSUED,
        valid_until=LAST,
        reserved_at=at,
    )
    database.session.add(certificate)
    database.session.flush()
    made = Projection(
        certificate_id=certificate.id,
        organisation_id=holder.id,
        scheme="impact",
        edition="impact/2022",
        code="valid",
        since_on=ISSUED,
        valid_until=LAST,
    )
    database.session.add(made)
    database.session.commit()
    return made


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    events=stories(),
    term=st.integers(1, 1500),
    later=st.integers(0, 1500),
    data=st.data(),
)
def test_a_search_finds_what_the_events_say(
    row: Projection, events: list[Told], term: int, later: int, data: Any
) -> None:
    until = ISSUED + timedelta(days=term)
    on = last_recorded(events) + timedelta(days=later)
    latest = course(events, date.max)
    assert latest is not None
    row.code, row.since_on = latest.code, latest.since
    row.reason_code, row.in_update_from = latest.reason_code, latest.in_update_from
    row.valid_until = until
    database.session.flush()
    said = standing(events, until, on)
    found = [
        code
        for code in Code
        if database.session.scalar(
            select(Projection.certificate_id).where(has_standing(code, on))
        )
    ]
    assert found == [said.code]
    kept = Course(Code(row.code), row.since_on, row.reason_code, row.in_update_from)
    assert on_day(kept, until, on) == said


@given(events=stories(), days=st.tuples(st.integers(0, 3000), st.integers(0, 3000)))
def test_the_first_last_word_stays_for_ever(
    events: list[Told], days: tuple[int, int]
) -> None:
    early, late = (ISSUED + timedelta(days=count) for count in sorted(days))
    before, after = (standing(events, LAST, day) for day in (early, late))
    if before.code in LAST_WORDS.values():
        assert after == before


@given(events=stories(), later=st.integers(0, 3000))
def test_what_was_known_then_does_not_change_with_what_was_recorded_later(
    events: list[Told], later: int
) -> None:
    then = events[len(events) // 2].recorded_at
    on = ISSUED + timedelta(days=later)
    known = [event for event in events if event.recorded_at <= then]
    assert standing(events, LAST, on, known_at=then) == standing(known, LAST, on)


@given(events=stories(), later=st.integers(0, 2000))
@example(
    # in update for the first year, confirmed; the second year filed early
    events=story(
        (K.UPDATE_OPENED, date(2027, 2, 1), FIRST_ANNIVERSARY),
        (K.CONFIRMED, date(2027, 3, 20), FIRST_ANNIVERSARY),
        (K.UPDATE_OPENED, date(2028, 1, 10), date(2028, 3, 2)),
    ),
    later=700,
)
def test_a_standing_holds_without_a_break_since_its_first_day(
    events: list[Told], later: int
) -> None:
    on = ISSUED + timedelta(days=later)
    said = standing(events, LAST, on)
    assert said.since <= on
    assert code(events, said.since) is said.code
    between = (on - said.since).days // 2
    assert code(events, said.since + timedelta(days=between)) is said.code


def test_before_it_was_issued_there_was_no_certificate() -> None:
    assert code(story(), ISSUED - DAY) is Code.NEVER_CERTIFIED


def test_the_last_day_is_included_and_the_next_is_not() -> None:
    assert code(story(), LAST) is Code.VALID
    assert standing(story(), LAST, LAST + DAY) == Standing(
        Code.EXPIRED, LAST + DAY, "expired"
    )


@pytest.mark.parametrize(
    ("instant", "expected"),
    [
        (datetime(2029, 3, 1, 22, 59, 59, tzinfo=UTC), Code.VALID),
        (datetime(2029, 3, 1, 23, tzinfo=UTC), Code.EXPIRED),
    ],
)
def test_it_expires_at_midnight_in_rome(instant: datetime, expected: Code) -> None:
    assert code(story(), civil_day(instant)) is expected


def test_filed_in_time_it_is_in_update_from_the_day_after_the_anniversary() -> None:
    filed = story((K.UPDATE_OPENED, date(2027, 2, 1), FIRST_ANNIVERSARY))
    assert code(filed, FIRST_ANNIVERSARY) is Code.VALID
    assert code(filed, FIRST_ANNIVERSARY + DAY) is Code.IN_UPDATE
    assert code(filed, date(2027, 12, 31)) is Code.IN_UPDATE


def test_not_filed_it_is_never_in_update() -> None:
    days = (FIRST_ANNIVERSARY + timedelta(days=n) for n in range(-100, 700))
    assert {code(story(), day) for day in days} == {Code.VALID}


def test_confirmed_before_the_anniversary_it_never_shows_in_update() -> None:
    events = story(
        (K.UPDATE_OPENED, date(2027, 1, 10), FIRST_ANNIVERSARY),
        (K.CONFIRMED, date(2027, 2, 1), FIRST_ANNIVERSARY),
    )
    days = (ISSUED + timedelta(days=n) for n in range(1000))
    assert {code(events, day) for day in days} == {Code.VALID}


def test_confirmed_the_day_after_it_is_valid_again_since_then() -> None:
    events = story(
        (K.UPDATE_OPENED, date(2027, 2, 1), FIRST_ANNIVERSARY),
        (K.CONFIRMED, date(2027, 4, 1), FIRST_ANNIVERSARY),
    )
    assert code(events, date(2027, 3, 31)) is Code.IN_UPDATE
    assert standing(events, LAST, date(2027, 5, 1)) == Standing(
        Code.VALID, date(2027, 4, 1)
    )


def test_a_renewal_filed_in_time_keeps_it_beyond_its_last_day() -> None:
    filed = story((K.UPDATE_OPENED, date(2029, 2, 1), LAST))
    assert code(filed, LAST + timedelta(days=80)) is Code.IN_UPDATE
    closed = [*filed, *story((K.UPDATE_CLOSED, date(2029, 5, 1), LAST))[1:]]
    assert standing(closed, LAST, date(2029, 5, 2)) == Standing(
        Code.EXPIRED, date(2029, 5, 1), "expired"
    )


def test_a_suspension_outlives_a_second_one_and_ends_when_reinstated() -> None:
    events = story(
        (K.SUSPENDED, date(2026, 6, 1)),
        (K.SUSPENDED, date(2026, 7, 1)),
        (K.REINSTATED, date(2026, 8, 1)),
        (K.REINSTATED, date(2026, 9, 1)),
    )
    assert standing(events, LAST, date(2026, 7, 15)).since == date(2026, 6, 1)
    assert standing(events, LAST, date(2026, 10, 1)).since == date(2026, 8, 1)


def test_reinstated_while_the_update_is_open_it_is_in_update_since_then() -> None:
    events = story(
        (K.UPDATE_OPENED, date(2027, 2, 1), FIRST_ANNIVERSARY),
        (K.SUSPENDED, date(2027, 2, 10)),
        (K.REINSTATED, date(2027, 3, 20)),
    )
    assert code(events, date(2027, 3, 10)) is Code.SUSPENDED
    assert standing(events, LAST, date(2027, 4, 1)) == Standing(
        Code.IN_UPDATE, date(2027, 3, 20), "in_update"
    )


def test_issued_on_29_february_it_meets_it_again_in_leap_years(editions: Any) -> None:
    edition = editions["impact/2022"]
    leap = date(2028, 2, 29)
    assert anniversaries(leap, edition) == [
        date(2029, 2, 28),
        date(2030, 2, 28),
        date(2031, 2, 27),
    ]
    assert last_day(leap, edition) == date(2031, 2, 27)
    longer = edition.model_copy(
        update={
            "parameters": edition.parameters.model_copy(
                update={"certificate_months": 60}
            )
        }
    )
    assert date(2032, 2, 29) in anniversaries(leap, longer)
