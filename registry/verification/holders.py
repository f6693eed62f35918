"""The holders of certificates, one row for each, as programs page through them."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, select
from sqlalchemy.orm import aliased

from registry.certificates.models import Certificate, CertificateState, Projection
from registry.certificates.queries import has_standing, of_organisation
from registry.certificates.rules import standing_of
from registry.certificates.standing import Code, Course, Standing, on_day
from registry.criteria.schemes import MAIN_SCHEME
from registry.db import db
from registry.organisations.models import (
    Activity,
    FormerName,
    Organisation,
    OrganisationKind,
    Seat,
    Sector,
    SectorRow,
)
from registry.verification.models import PublicChange


@dataclass(frozen=True, kw_only=True)
class Filters:
    """What all of the holders asked for have in common; the scheme first of all."""

    scheme: str = MAIN_SCHEME
    id: int | None = None
    status: str | None = None
    province: str | None = None
    kind: str | None = None
    sector: str | None = None
    edition: str | None = None
    #: Something public befell one of its certificates at this instant or later.
    since: datetime | None = None


@dataclass(frozen=True)
class Holder:
    """A holder, its newest certificate of a scheme, and what that is worth."""

    id: int
    legal_name: str
    kind: str
    vat: str | None
    tax_code: str | None
    albo: str | None
    rea: str | None
    town: str
    province: str
    number: str
    issued_on: date
    valid_until: date
    scheme: str
    edition: str
    edition_digest: str
    standing: Standing
    sectors: list[str] = field(default_factory=list)
    ateco: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Rest:
    """What only the page of one holder tells."""

    former_names: Sequence[tuple[str, date]]
    places: Sequence[tuple[str, str]]
    papers: Sequence[tuple[Certificate, Standing]]

    @property
    def schemes(self) -> list[str]:
        """Those of its certificates, that of the newest first."""
        return list(dict.fromkeys(paper.scheme for paper, _ in self.papers))


def page(filters: Filters, on: date, after: int, limit: int) -> list[Holder]:
    """The holders with a key beyond `after`, by key; at most `limit`."""
    rows = db.session.execute(
        select(
            Organisation.id, Organisation.name, Organisation.kind, Organisation.vat,
            Organisation.tax_code, Organisation.albo, Organisation.rea,
            Organisation.town, Organisation.province,
            Certificate.number, Certificate.issued_on, Certificate.valid_until,
            Certificate.scheme, Certificate.edition, Certificate.edition_digest,
            Projection.code, Projection.since_on, Projection.reason_code,
            Projection.in_update_from,
        )
        .join(Certificate, Certificate.organisation_id == Organisation.id)
        .join(Projection, Projection.certificate_id == Certificate.id)
        .where(Organisation.id > after, _is_newest(), *_conditions(filters, on))
        .order_by(Organisation.id)
        .limit(limit)
    ).all()  # fmt: skip
    ids = [row.id for row in rows]
    sectors = _lists(SectorRow.organisation_id, SectorRow.sector, ids)
    ateco = _lists(Activity.organisation_id, Activity.code, ids)
    return [_holder(row, on, sectors[row.id], ateco[row.id]) for row in rows]


def _is_newest() -> ColumnElement[bool]:
    other = aliased(Certificate)
    later = and_(other.issued_on == Certificate.issued_on, other.id > Certificate.id)
    return and_(
        Certificate.state == CertificateState.ISSUED,
        ~exists().where(
            other.organisation_id == Certificate.organisation_id,
            other.scheme == Certificate.scheme,
            other.state == CertificateState.ISSUED,
            (other.issued_on > Certificate.issued_on) | later,
        ),
    )


def _conditions(filters: Filters, on: date) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [Certificate.scheme == filters.scheme]
    if filters.id is not None:
        found.append(Organisation.id == filters.id)
    if filters.status is not None:
        found.append(has_standing(Code(filters.status), on))
    if filters.province is not None:
        found.append(Organisation.province == filters.province)
    if filters.kind is not None:
        found.append(Organisation.kind == OrganisationKind(filters.kind))
    if filters.sector is not None:
        mine = SectorRow.organisation_id == Organisation.id
        found.append(exists().where(mine, SectorRow.sector == Sector(filters.sector)))
    if filters.edition is not None:
        found.append(Certificate.edition == filters.edition)
    if filters.since is not None:
        found.append(_changed(filters.since))
    return found


def _changed(since: datetime) -> ColumnElement[bool]:
    mine = aliased(Certificate)
    return exists().where(
        mine.organisation_id == Organisation.id,
        mine.scheme == Certificate.scheme,
        PublicChange.certificate_id == mine.id,
        PublicChange.at >= since,
    )


def _lists(owner: Any, value: Any, ids: list[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    query = select(owner, value).where(owner.in_(ids)).order_by(owner, value)
    for id_, one in db.session.execute(query) if ids else ():
        found[id_].append(str(one))
    return found


def _holder(row: Any, on: date, sectors: list[str], ateco: list[str]) -> Holder:
    *facts, code, since, reason, updating = row
    course = Course(Code(code), since, reason, updating)
    told: Any = (*facts, on_day(course, row.valid_until, on), sectors, ateco)
    return Holder(*told)


def rest(id_: int, on: date) -> Rest:
    """Former names, places of work and all certificates of a holder."""
    names = select(FormerName.name, FormerName.until_on)
    places = select(Seat.town, Seat.province)
    return Rest(
        _pairs(names.where(FormerName.organisation_id == id_).order_by(FormerName.id)),
        _pairs(places.where(Seat.organisation_id == id_).order_by(Seat.id)),
        [(paper, standing_of(paper, on)) for paper in of_organisation(id_)],
    )


def _pairs(query: Any) -> list[Any]:
    return [tuple(row) for row in db.session.execute(query)]
