"""
Many certified organisations as bare rows, to try the speed of pages with them.

They have no paper, no application and no journal: one page that says so stands in for
all their certificates.  Everything else is what the operations make; a test compares a
hundred.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from sqlalchemy import func, insert, select, update

from registry.accounts.queries import the_registry
from registry.certificates.layouts import look
from registry.certificates.models import (
    Certificate,
    CertificateEvent,
    CertificateState,
    EventKind,
    Projection,
)
from registry.certificates.numbers import Number
from registry.certificates.rules import last_day
from registry.certificates.standing import course
from registry.clock import add_months, civil_day, start_of
from registry.criteria.edition import Edition
from registry.db import db
from registry.demo.cast import BERGAMO, PROFILES, invented_vat
from registry.journal.models import Series
from registry.journal.operations import next_number
from registry.organisations.models import (
    Activity,
    Organisation,
    OrganisationKind,
    Sector,
    SectorRow,
)
from registry.organisations.rules import provinces
from registry.search import key

AT_ONCE = 2000
#: So many numbers an office has for us; Bergamo's and Milan's (Agenzia delle Entrate).
SERIES, OFFICES = 800_000, (BERGAMO, "015")
DAY = timedelta(days=1)
K = EventKind
FIRST_WORDS = (
    *("Officina", "Cantiere", "Bottega", "Filiera", "Sentiero", "Laboratorio"),
    *("Approdo", "Radura", "Fucina", "Trama", "Crocevia", "Vivaio", "Argine"),
)
SECOND_WORDS = (
    *("Valchiarella", "Montebrusio", "Roccasalva", "Pianombra", "Terrefonde"),
    *("Fontegrigia", "Pratoventoso", "Cascinalta", "Rivamorena", "Selvabella"),
    *("Campoquieto", "Pontestorto", "Acquafredina", "Borgonovello"),
)
KINDS = (
    OrganisationKind.SOCIAL_B,
    OrganisationKind.SOCIAL_B,
    OrganisationKind.PRODUCTION_LABOUR,
    OrganisationKind.SOCIAL_AB,
)


@dataclass(frozen=True)
class Happening:
    """Something that befell a certificate: recorded at `at`, in effect from a day."""

    kind: EventKind
    at: datetime
    effective_on: dt.date
    reason_code: str | None = None
    anniversary: dt.date | None = None

    @property
    def recorded_at(self) -> datetime:
        return self.at

    @property
    def id(self) -> int:
        """Those of a day are taken in the order of their instants."""
        return int(self.at.timestamp())


@dataclass(frozen=True)
class Invented:
    """An organisation and its certificate, as the operations would be told of it."""

    kind: OrganisationKind
    facts: dict[str, str | None]
    ateco: tuple[str, ...]
    sectors: tuple[Sector, ...]
    happenings: tuple[Happening, ...]

    @property
    def at(self) -> datetime:
        """When it was entered, described and certified: all at once."""
        return self.happenings[0].at


def invented(number: int, today: dt.date) -> Invented:
    """The organisation with that number (from 0), as it stands on the day `today`."""
    here = [one for one in provinces().values() if one.valid_until is None]
    province = here[number * 7 % len(here)]
    trades = list(PROFILES.values())[:-2]
    trade = trades[number // 3 % len(trades)]
    kind = KINDS[number % len(KINDS)]
    social = kind is not OrganisationKind.PRODUCTION_LABOUR
    first = FIRST_WORDS[number % len(FIRST_WORDS)]
    second = SECOND_WORDS[number // 13 % len(SECOND_WORDS)]
    form = "Società Cooperativa Sociale" if social else "Società Cooperativa"
    vat = invented_vat(100_000 + number % SERIES, OFFICES[number // SERIES])
    return Invented(
        kind=kind,
        facts={
            "name": f"{first} {second} {number + 1} {form}",
            "vat": vat,
            "tax_code": vat,
            "albo": _albo(number),
            "rea": f"{province.sigla}-{8_000_000 + number}",
            "province": province.sigla,
            "town": province.name,
            "address": f"Via Inventata {number % 200 + 1}",
            "website": None,
        },
        ateco=trade.ateco,
        sectors=trade.sectors,
        happenings=tuple(_happenings(number, today)),
    )


def _albo(number: int) -> str | None:
    """Numbers so high are not given; where they end, none."""
    if number < 90_000:
        return f"A{900_000 + number}"
    return f"C{900_000 + number - 90_000}" if number < 190_000 else None


def _happenings(number: int, today: dt.date) -> Iterable[Happening]:
    """Fifteen in twenty are valid, and one each is something else."""
    some = number // 20 % 300
    turn = number % 20
    if turn < 10:
        yield _issued(today - (10 + some) * DAY)
    elif turn < 15:
        yield from _confirmed(add_months(today, -13) - some * DAY, 1)
    elif turn == 15:
        yield from _updating(add_months(today, -12) - (1 + some % 30) * DAY)
    elif turn == 16:
        yield from _missed(add_months(today, -13) - (5 + some % 100) * DAY)
    elif turn == 17:
        yield from _withdrawn(add_months(today, -21) - some % 60 * DAY)
    elif turn == 18:
        yield from _confirmed(add_months(today, -37) - some * DAY, 2)
    else:
        yield from _ended(today - (60 + some) * DAY, today - (1 + some % 50) * DAY)


def _on(day: dt.date, kind: EventKind, **facts: Any) -> Happening:
    effective_on = facts.pop("effective_on", day)
    return Happening(kind, start_of(day) + timedelta(hours=10), effective_on, **facts)


def _issued(day: dt.date) -> Happening:
    return _on(day, K.ISSUED)


def _filed(due_on: dt.date) -> Happening:
    return _on(
        due_on - 15 * DAY,
        K.UPDATE_OPENED,
        effective_on=due_on + DAY,
        anniversary=due_on,
    )


def _confirmed(day: dt.date, times: int) -> Iterable[Happening]:
    yield _issued(day)
    for year in range(1, times + 1):
        due_on = add_months(day, 12 * year)
        yield _filed(due_on)
        yield _on(due_on + 9 * DAY, K.CONFIRMED, anniversary=due_on)


def _updating(day: dt.date) -> Iterable[Happening]:
    yield _issued(day)
    yield _filed(add_months(day, 12))


def _missed(day: dt.date) -> Iterable[Happening]:
    yield _issued(day)
    suspended_on = add_months(day, 12) + 31 * DAY
    yield _on(suspended_on, K.SUSPENDED, reason_code="suspended_missed_recheck")


def _withdrawn(day: dt.date) -> Iterable[Happening]:
    yield from _missed(day)
    withdrawn_on = add_months(day, 19) + 20 * DAY
    yield _on(withdrawn_on, K.WITHDRAWN, reason_code="withdrawn_missed_recheck")


def _ended(day: dt.date, ended_on: dt.date) -> Iterable[Happening]:
    yield _issued(day)
    yield _on(ended_on, K.ENDED_BY_HOLDER, reason_code="ended_by_holder")


def add_bulk(
    number: int,
    edition: Edition,
    sha256: str,
    *,
    at: datetime,
    tell: Callable[[str], None],
) -> None:
    """
    Add so many more; `tell` hears how far.  The caller commits.

    `sha256` names the kept file that stands in for the papers.
    """
    before = bulk_count()
    for start in range(before, before + number, AT_ONCE):
        stop = min(start + AT_ONCE, before + number)
        add(
            [invented(n, civil_day(at)) for n in range(start, stop)],
            edition,
            sha256,
            by_id=the_registry().id,
        )
        tell(f"  {stop - before} of {number} organisations")


def bulk_count() -> int:
    """How many such rows there are."""
    bare = Certificate.application_id.is_(None)
    return db.session.scalars(select(func.count(Certificate.id)).where(bare)).one()


def add(
    batch: Sequence[Invented], edition: Edition, sha256: str, *, by_id: int
) -> None:
    """Insert organisations, certificates, events and projections."""
    ids = _added(Organisation, [_organisation_row(one) for one in batch])
    both = list(zip(ids, batch, strict=True))
    _insert(Activity, [{"organisation_id": id_, "code": code}
                       for id_, one in both for code in one.ateco])  # fmt: skip
    _insert(SectorRow, [{"organisation_id": id_, "sector": sector}
                        for id_, one in both for sector in one.sectors])  # fmt: skip
    numbers = _numbers(batch, edition)
    rows = [
        _certificate_row(id_, one, number, edition) | {"sha256": sha256}
        for (id_, one), number in zip(both, numbers, strict=True)
    ]
    papers = list(zip(_added(Certificate, rows), batch, rows, strict=True))
    _insert(CertificateEvent, [_event_row(id_, event, by_id)
                               for id_, one, _ in papers
                               for event in one.happenings])  # fmt: skip
    _insert(Projection, [_projection_row(*paper) for paper in papers])


def _added(table: type[Any], rows: list[dict[str, Any]]) -> Sequence[int]:
    made = insert(table).returning(table.id, sort_by_parameter_order=True)
    return db.session.scalars(made, rows).all()


def _insert(table: type[Any], rows: list[dict[str, Any]]) -> None:
    db.session.execute(insert(table), rows)


def _organisation_row(one: Invented) -> dict[str, Any]:
    return {
        **one.facts,
        "kind": one.kind,
        "name_key": key(str(one.facts["name"])),
        "created_at": one.at,
        "changed_at": one.at,
        "revision": 2,  # entered, then described
    }


def _numbers(batch: Sequence[Invented], edition: Edition) -> list[Number]:
    """The next numbers of each year, taken from the same series as all others."""
    prefix = look(edition.scheme).prefix
    years = [civil_day(one.at).year for one in batch]
    serials = {
        year: iter(_take(f"certificates-{edition.scheme}-{year}", len(list(same))))
        for year, same in groupby(sorted(years))
    }
    return [Number(prefix, year, next(serials[year])) for year in years]


def _take(series: str, count: int) -> range:
    first = next_number(series)
    rest = update(Series).where(Series.name == series)
    db.session.execute(rest.values(last=Series.last + count - 1))
    return range(first, first + count)


def _certificate_row(
    organisation_id: int, one: Invented, number: Number, edition: Edition
) -> dict[str, Any]:
    issued_on = civil_day(one.at)
    return {
        "organisation_id": organisation_id,
        "scheme": edition.scheme,
        "edition": edition.key,
        "edition_digest": edition.digest,
        "number": str(number),
        "year": number.year,
        "serial": number.serial,
        "state": CertificateState.ISSUED,
        "facts": {},
        "issued_on": issued_on,
        "valid_until": last_day(issued_on, edition),
        "reserved_at": one.at,
        "issued_at": one.at,
    }


def _event_row(certificate_id: int, event: Happening, by_id: int) -> dict[str, Any]:
    return {
        "certificate_id": certificate_id,
        "kind": event.kind,
        "effective_on": event.effective_on,
        "recorded_at": event.at,
        "by_id": by_id,
        "reason_code": event.reason_code,
        "anniversary": event.anniversary,
    }


def _projection_row(
    certificate_id: int, one: Invented, certificate: dict[str, Any]
) -> dict[str, Any]:
    latest = course(one.happenings, dt.date.max)
    if latest is None:
        raise ValueError("not issued")
    return {
        "certificate_id": certificate_id,
        "organisation_id": certificate["organisation_id"],
        "scheme": certificate["scheme"],
        "edition": certificate["edition"],
        "code": latest.code,
        "since_on": latest.since,
        "reason_code": latest.reason_code,
        "in_update_from": latest.in_update_from,
        "valid_until": certificate["valid_until"],
    }
