"""
The register in numbers.

Who is on the register is public one by one. What rests on applications is not: groups
of fewer than five are never told (our choice, as is the threshold).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, null, or_, select

from registry.applications.models import Application, ApplicationKind
from registry.audits.models import Verdict
from registry.certificates.models import Certificate, Projection
from registry.certificates.queries import has_standing
from registry.certificates.standing import LAST_WORDS, Code
from registry.clock import add_months
from registry.criteria.edition import Requirement
from registry.criteria.reader import Editions
from registry.criteria.schemes import MAIN_SCHEME
from registry.db import db
from registry.decisions.models import Decision
from registry.decisions.queries import GRANTS
from registry.organisations.models import Organisation, SectorRow

#: Fewer than these are not told.
FEWEST = 5
#: Months the line goes back.
MONTHS = 36
MET = ("met", "met_with_reserve")
GOOD = (Code.VALID, Code.IN_UPDATE)


@dataclass(frozen=True)
class Share:
    """How many of how many, as far as it may be told."""

    part: int
    whole: int

    @property
    def hidden(self) -> bool:
        """Whether there are too few to tell anything."""
        return self.whole < FEWEST

    @property
    def bound(self) -> str:
        """Whether only “at least” or “at most” is told: few are on the other side."""
        if 0 < self.whole - self.part < FEWEST:
            return "least"
        return "most" if 0 < self.part < FEWEST else ""

    @property
    def percent(self) -> int:
        """A whole number; of a bound that which holds for every hidden number."""
        few = FEWEST - 1
        if self.bound == "least":
            return 100 * max(0, self.whole - few) // self.whole
        if self.bound == "most":
            return min(100, -(-100 * few // self.whole))
        if self.part in {0, self.whole}:
            return 100 if self.part else 0
        return min(99, max(1, round(100 * self.part / self.whole)))


@dataclass(frozen=True)
class CriterionTally:
    """How often a criterion of an edition was found met."""

    edition: str
    requirement: Requirement
    share: Share


@dataclass(frozen=True)
class Tallies:
    """Everything the page of statistics shows of one scheme."""

    on: date
    scheme: str
    #: Holders in course (valid, in update or suspended) at the end of each month.
    line: Sequence[tuple[date, int]]
    good: int
    ever: int
    provinces: Mapping[str, int]
    kinds: Mapping[str, int]
    sectors: Mapping[str, int]
    first_time: Share
    criteria: Sequence[CriterionTally]


def tallies(on: date, editions: Editions, scheme: str = MAIN_SCHEME) -> Tallies:
    """Count the holders of a scheme on a day."""
    provinces = _good_by(Organisation.province, on, scheme)
    return Tallies(
        on,
        scheme,
        _line(on, scheme),
        sum(provinces.values()),
        _ever(scheme),
        provinces,
        _good_by(Organisation.kind, on, scheme),
        _by_sector(on, scheme),
        _first_time(scheme),
        _criteria(editions, scheme),
    )


def _is_good(on: date, scheme: str) -> ColumnElement[bool]:
    standing = or_(*(has_standing(code, on) for code in GOOD))
    return and_(Projection.scheme == scheme, standing)


def _ever(scheme: str) -> int:
    holders = func.count(func.distinct(Projection.organisation_id))
    ever = select(holders).where(Projection.scheme == scheme)
    return db.session.scalar(ever) or 0


def _good_by(column: Any, on: date, scheme: str) -> dict[str, int]:
    """Holders that may present their certificate as valid, by something of theirs."""
    found = db.session.execute(
        select(column, func.count(func.distinct(Organisation.id)))
        .join(Projection, Projection.organisation_id == Organisation.id)
        .where(_is_good(on, scheme))
        .group_by(column)
    )
    return {str(value): number for value, number in found}


def _by_sector(on: date, scheme: str) -> dict[str, int]:
    found = db.session.execute(
        select(SectorRow.sector, func.count(func.distinct(SectorRow.organisation_id)))
        .join(Projection, Projection.organisation_id == SectorRow.organisation_id)
        .where(_is_good(on, scheme))
        .group_by(SectorRow.sector)
    )
    return {sector.value: number for sector, number in found}


def _line(on: date, scheme: str) -> list[tuple[date, int]]:
    """
    The certificates in course at the end of each of the last months, and today.

    One is in course from its issue until the day of its last word, or beyond its last
    day; an update that is open keeps it in course. A certificate that takes the place
    of another leaves the number as it was. (One that had expired before it was replaced
    counts until then.)
    """
    ended = case(
        (Projection.code.in_([code.value for code in LAST_WORDS.values()]), "word"),
        (Projection.in_update_from.is_not(None), "open"),
        else_="term",
    )
    day = case(
        (ended == "word", Projection.since_on),
        (ended == "open", null()),
        else_=Projection.valid_until,
    )
    begun = _by_day(Certificate.issued_on, scheme)
    over = {
        (how, when): number
        for how, when, number in db.session.execute(
            select(ended, day, func.count())
            .where(Projection.scheme == scheme)
            .group_by(ended, day)
        )
        if when is not None
    }
    return [(end, _in_course(end, begun, over)) for end in _ends(on)]


def _in_course(
    on: date, begun: Mapping[date, int], over: Mapping[tuple[str, date], int]
) -> int:
    gone = sum(
        number
        for (how, day), number in over.items()
        if (day <= on if how == "word" else day < on)
    )
    return sum(number for day, number in begun.items() if day <= on) - gone


def _by_day(column: Any, scheme: str) -> dict[date, int]:
    found = db.session.execute(
        select(column, func.count())
        .join(Projection, Projection.certificate_id == Certificate.id)
        .where(Projection.scheme == scheme)
        .group_by(column)
    )
    return {row[0]: row[1] for row in found}


def _ends(on: date) -> list[date]:
    """The last days of the months before, the oldest first, then the day itself."""
    first = on.replace(day=1)
    months = [add_months(first, -back) for back in range(MONTHS - 1, -1, -1)]
    return [*(date.fromordinal(one.toordinal() - 1) for one in months), on]


def _first_time(scheme: str) -> Share:
    """How many organisations were granted at their first decision."""
    first = (
        select(func.min(Decision.id))
        .join(Application, Application.id == Decision.application_id)
        .where(
            Application.kind == ApplicationKind.INITIAL, Application.scheme == scheme
        )
        .group_by(Application.organisation_id)
    )
    granted, whole = db.session.execute(
        select(func.count().filter(Decision.outcome.in_(GRANTS)), func.count()).where(
            Decision.id.in_(first)
        )
    ).one()
    return Share(granted, whole)


def _criteria(editions: Editions, scheme: str) -> list[CriterionTally]:
    """How often each criterion was met in what the committee decided."""
    rows = db.session.execute(
        select(
            Application.edition,
            Verdict.requirement,
            func.count().filter(Verdict.verdict.in_(MET)),
            func.count(),
        )
        .join(Decision, Decision.application_id == Application.id)
        .join(Verdict, Verdict.audit_id == Decision.grounds["audit"].as_integer())
        .where(Application.scheme == scheme)
        .group_by(Application.edition, Verdict.requirement)
    )
    counted = {(edition, name): Share(met, of) for edition, name, met, of in rows}
    return [
        CriterionTally(edition.key, requirement, counted[edition.key, requirement.id])
        for edition in editions.values()
        for requirement in edition.requirements
        if (edition.key, requirement.id) in counted
    ]
