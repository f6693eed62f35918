"""Registers with any past, and a slow, independent way of telling what they say."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from registry.accounts.models import Role
from registry.certificates import operations
from registry.certificates.models import (
    Certificate,
    CertificateEvent,
    CertificateState,
    EventKind,
)
from registry.certificates.numbers import Number
from registry.clock import civil_day
from registry.db import db
from registry.organisations.models import Organisation, OrganisationKind
from tests import factories

K = EventKind
DAY = timedelta(days=1)
START = datetime(2024, 1, 10, 9, tzinfo=UTC)
#: The moment at which the register is asked.
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
SPAN = int((NOW - START).total_seconds())
TERM = timedelta(days=400)
REASON = {
    K.SUSPENDED: "suspended_misuse",
    K.WITHDRAWN: "withdrawn_misuse",
    K.ENDED_BY_HOLDER: "ended_by_holder",
    K.SUPERSEDED: "superseded",
}


@dataclass
class Past:
    """A holder, its certificates, and what was recorded of each, in that order."""

    holder: Organisation
    papers: list[tuple[Certificate, list[CertificateEvent]]] = field(
        default_factory=list
    )


def moments() -> st.SearchStrategy[datetime]:
    """Instants of the past, some of them exactly when something was recorded."""
    return st.integers(0, SPAN).map(lambda s: START + timedelta(seconds=s))


@st.composite
def happenings(draw: Any) -> list[tuple[EventKind, date, datetime, date | None]]:
    """Any acts, sensible or not: kind, day it counts from, recorded at, anniversary."""
    times = sorted(draw(st.lists(moments(), min_size=1, max_size=8)))
    issued_on = civil_day(times[0])
    told: list[tuple[EventKind, date, datetime, date | None]] = []
    opened = [issued_on + 365 * DAY]
    told.append((K.ISSUED, issued_on, times[0], None))
    for at in times[1:]:
        kind = draw(st.sampled_from([one for one in K if one is not K.ISSUED]))
        day, about = civil_day(at), None
        if kind is K.UPDATE_OPENED:
            about = day + draw(st.integers(-30, 60)) * DAY
            day = about + DAY
            opened.append(about)
        else:
            day = max(issued_on, day - draw(st.sampled_from([0, 0, 0, 5, 90])) * DAY)
        if kind in {K.UPDATE_CLOSED, K.CONFIRMED}:
            about = draw(st.sampled_from(opened))
        told.append((kind, day, at, about))
    return told


#: The letters of a scheme before its numbers.
PREFIX = {"impact": "IMP", "impresa-solidale": "SOL"}


def written(stories: list[Any], schemes: list[str] | None = None) -> Past:
    """A holder with a certificate for each story, as rows; of impact unless told."""
    number = db.session.query(Certificate).count() + 1
    holder = Organisation(
        kind=OrganisationKind.SOCIAL_B, name=f"Prova {number}",
        name_key=f"prova {number}", vat=factories.vat(), albo=f"A{number:06}",
        rea=f"BG-{number}", province="BG", town="Stezzano", created_at=START,
        changed_at=START,
    )  # fmt: skip
    past = Past(holder)
    by = factories.person(Role.COMMITTEE)
    for place, story in enumerate(stories):
        scheme = schemes[place] if schemes else "impact"
        past.papers.append(_paper(holder, scheme, number + place, story, by.id))
    db.session.flush()
    return past


def _paper(
    holder: Organisation, scheme: str, serial: int, story: Any, by_id: int
) -> Any:
    issued_on = story[0][1]
    made = Certificate(
        organisation=holder, scheme=scheme, edition=f"{scheme}/2022",
        edition_digest="0", number=str(Number(PREFIX[scheme], 2026, serial)), year=2026,
        serial=serial, facts={}, issued_on=issued_on, valid_until=issued_on + TERM,
        reserved_at=START, state=CertificateState.ISSUED, issued_at=START,
        sha256="0" * 64,
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    events = []
    for kind, day, at, about in story:
        event = CertificateEvent(
            kind=kind, effective_on=day, recorded_at=at, by_id=by_id,
            reason_code=REASON.get(kind), anniversary=about,
        )  # fmt: skip
        made.events.append(event)
        db.session.flush()
        events.append(event)
    operations.project(made)
    return made, events


def replayed(past: Past, on: date, known_at: datetime) -> tuple[str, str | None]:
    """The number of the certificate in question, and its status: day after day."""
    known = [
        (made, [one for one in events if one.recorded_at <= known_at])
        for made, events in past.papers
        if made.issued_on <= on and events[0].recorded_at <= known_at
    ]
    if not known:
        return "never_certified", None
    made, events = max(known, key=lambda one: (one[0].issued_on, one[0].id))
    return status(made, events, on), made.number


def status(made: Certificate, events: list[CertificateEvent], on: date) -> str:
    """What the events make of a certificate, one day after the other."""
    now, closed = "never_certified", set()
    day = min(event.effective_on for event in events)
    while day <= on:
        for event in events:
            if event.effective_on != day:
                continue
            if event.kind in {K.CONFIRMED, K.UPDATE_CLOSED}:
                closed.add(event.anniversary)
            now = _after(now, event.kind)
        day += DAY
    running = any(
        event.kind is K.UPDATE_OPENED
        and event.effective_on <= on
        and event.anniversary not in closed
        for event in events
    )
    if now not in {"valid", "suspended"}:
        return now
    if running:
        return "in_update" if now == "valid" else now
    return "expired" if on > made.valid_until else now


def _after(now: str, kind: EventKind) -> str:
    if now == "never_certified":
        return "valid" if kind is K.ISSUED else now
    if now not in {"valid", "suspended"}:
        return now
    if kind in {K.WITHDRAWN, K.ENDED_BY_HOLDER, K.SUPERSEDED}:
        return str(kind.value)
    turns = {K.SUSPENDED: "suspended", K.REINSTATED: "valid"}
    return turns.get(kind, now)
