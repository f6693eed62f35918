"""What the public may find: holders of a certificate, and names in published lists.

An organisation that never had a certificate does not exist here, whether it never
applied, is being evaluated or was refused (RELIABILITY.md, threat 26).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    cast,
    distinct,
    exists,
    func,
    literal,
    null,
    or_,
    select,
    tuple_,
    type_coerce,
    union_all,
)
from sqlalchemy.orm import aliased, selectinload

from registry.certificates.models import (
    Certificate,
    CertificateEvent,
    CertificateState,
    Projection,
)
from registry.certificates.queries import has_standing, of_organisation
from registry.certificates.standing import Code, Course, Standing, on_day
from registry.db import db
from registry.organisations.models import (
    Listing,
    Organisation,
    OrganisationKind,
    Sector,
    SectorRow,
)
from registry.public.asked import Asked, Kind
from registry.search import MOST_WORDS, key, names_like

ISSUED = CertificateState.ISSUED
Rows = Select[*tuple[Any, ...]]
PROJECTED = (
    *(Projection.edition, Projection.code, Projection.since_on),
    *(Projection.reason_code, Projection.in_update_from, Projection.valid_until),
)
SIZE = 25
#: Beyond this the register says “more than”: nobody needs the count, and it costs.
COUNTED = 1000
LISTED = "listed"
CURSOR = re.compile(r"(.{0,400})~([hl])([1-9][0-9]{0,9})", re.DOTALL)


@dataclass(frozen=True)
class Filters:
    """What somebody looks for; an empty word means “any”."""

    asked: Asked
    province: str = ""
    kind: OrganisationKind | None = None
    sector: Sector | None = None
    status: str = ""

    @property
    def any(self) -> bool:
        """Whether something was asked at all."""
        chosen = (self.province, self.kind, self.sector, self.status)
        return self.asked.kind is not Kind.NOTHING or any(chosen)


@dataclass(frozen=True)
class Row:
    """One line of the register: an organisation, or a name in a published list."""

    what: Literal["h", "l"]
    id: int
    name: str
    name_key: str
    town: str
    province: str
    kind: str
    number: str | None
    edition: str | None
    standing: Standing | None

    @property
    def cursor(self) -> str:
        return f"{self.name_key}~{self.what}{self.id}"


@dataclass(frozen=True)
class Found:
    """A page of the register, and where it goes on; no page costs more than another."""

    rows: Sequence[Row]
    total: int
    before: str | None
    after: str | None

    @property
    def more_than(self) -> bool:
        return self.total > COUNTED


@dataclass(frozen=True)
class Place:
    """Where a page begins: after (or, going back, before) a row."""

    name_key: str
    what: str
    id: int
    back: bool


def place(after: str, before: str) -> Place | None:
    """The place an address names; None for the beginning, or for nonsense."""
    given = CURSOR.fullmatch(before or after)
    if given is None or int(given[3]) > 2**31 - 1 or "\x00" in given[1]:
        return None
    return Place(given[1], given[2], int(given[3]), back=bool(before))


def found(filters: Filters, on: date, at: Place | None = None) -> Found:
    """The rows that match from a place on: holders by name, then published names."""
    if filters.asked.problem:
        return Found((), 0, None, None)
    back, broad = bool(at and at.back), _is_broad(filters.asked)
    total = _count(filters, on, broad)
    parts = [
        _ordered(part, back).limit(SIZE + 1)
        for what, whole in _parts(filters, on, broad, walk=total > COUNTED)
        if (part := _from(at, what, whole)) is not None
    ]
    if not parts:
        return Found((), total, None, None)
    rows = [_row(row, on) for row in db.session.execute(_merged(parts, back))]
    more, rows = len(rows) > SIZE, rows[:SIZE]
    if back:
        rows.reverse()
    return Found(
        rows,
        total,
        before=rows[0].cursor if rows and at and (more or not back) else None,
        after=rows[-1].cursor if rows and (more or back) else None,
    )


def _count(filters: Filters, on: date, broad: bool) -> int:
    """How many match; at most COUNTED + 1."""
    total = 0
    for _, part in _parts(filters, on, broad, walk=False):
        some = part.with_only_columns(literal(1)).limit(COUNTED + 1).subquery()
        total += db.session.scalar(select(func.count()).select_from(some)) or 0
    return min(total, COUNTED + 1)


def _is_broad(asked: Asked) -> bool:
    """Whether so many names match that looking along the names is quicker."""
    like = names_like(asked.text, db.engine.dialect.name, Organisation.id)
    if asked.kind is not Kind.NAME or like is None:
        return False
    some = select(literal(1)).where(like).limit(COUNTED + 1).subquery()
    return (db.session.scalar(select(func.count()).select_from(some)) or 0) > COUNTED


def _parts(
    filters: Filters, on: date, broad: bool, *, walk: bool
) -> list[tuple[str, Rows]]:
    parts: list[tuple[str, Rows]] = []
    if filters.status != LISTED:
        parts.append(("h", _holders(filters, on, broad, walk)))
    if not (filters.kind or filters.sector or filters.asked.is_number) and (
        filters.status in {"", LISTED}
    ):
        parts.append(("l", _listings(filters)))
    return parts


def _holders(filters: Filters, on: date, broad: bool, walk: bool) -> Rows:
    """
    Each holder with its newest certificate.

    `walk`: many match, so go along the names and stop when the page is full; the sum
    keeps SQLite from starting anywhere else.
    """
    organisation = Organisation.id + 0 if walk else Organisation.id
    query: Rows = (
        select(
            literal("h").label("what"),
            Organisation.id.label("id"),
            Organisation.name.label("name"),
            Organisation.name_key.label("name_key"),
            Organisation.town.label("town"),
            Organisation.province.label("province"),
            type_coerce(Organisation.kind, String).label("kind"),
            Certificate.number.label("number"),
            *(column.label(column.key) for column in PROJECTED),
        )
        .join(Projection, Projection.organisation_id == organisation)
        .join(Certificate, Certificate.id == Projection.certificate_id)
        .where(_is_newest(), *_chosen(filters, on))
    )
    if broad:
        return query.where(*_begin(Organisation.name_key, filters.asked))
    condition = _identified(filters.asked)
    return query if condition is None else query.where(condition)


def _chosen(filters: Filters, on: date) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if filters.status:
        conditions.append(has_standing(Code(filters.status), on))
    if filters.province:
        conditions.append(Organisation.province == filters.province)
    if filters.kind:
        conditions.append(Organisation.kind == filters.kind)
    if filters.sector:
        does = select(SectorRow.organisation_id)
        does = does.where(SectorRow.sector == filters.sector)
        conditions.append(Organisation.id.in_(does))
    return conditions


def _begin(name_key: Any, asked: Asked) -> list[ColumnElement[bool]]:
    """Every word typed begins a word of the name, told without an index."""
    words = key(asked.text).split()[:MOST_WORDS]
    # The key holds letters, digits and blanks only: nothing of LIKE in it.
    return [(literal(" ") + name_key).like(f"% {word}%") for word in words]


def _is_newest() -> ColumnElement[bool]:
    newer = aliased(Projection)
    return ~exists(
        select(newer.certificate_id).where(
            newer.organisation_id == Projection.organisation_id,
            newer.certificate_id > Projection.certificate_id,
        )
    )


def _identified(asked: Asked) -> ColumnElement[bool] | None:
    if asked.kind is Kind.NAME:
        return names_like(asked.text, db.engine.dialect.name, Organisation.id)
    if asked.kind in {Kind.VAT, Kind.TAX_CODE}:
        return or_(
            Organisation.vat == asked.value, Organisation.tax_code == asked.value
        )
    if asked.kind is Kind.ALBO:
        return Organisation.albo == asked.value
    if asked.kind is Kind.CERTIFICATE:
        return Organisation.id.in_(
            select(Certificate.organisation_id).where(
                Certificate.number == asked.value, Certificate.state == ISSUED
            )
        )
    return None


def _listings(filters: Filters) -> Rows:
    certified = select(Projection.certificate_id).where(
        Projection.organisation_id == Listing.organisation_id
    )
    absent = (Certificate.number, *PROJECTED)
    query: Rows = select(
        literal("l").label("what"),
        Listing.id.label("id"),
        Listing.name.label("name"),
        Listing.name_key.label("name_key"),
        Listing.town.label("town"),
        Listing.province.label("province"),
        Listing.kind.label("kind"),
        *(cast(null(), one.type).label(one.key) for one in absent),
    ).where(
        or_(Listing.organisation_id.is_(None), ~exists(certified)),
        *_begin(Listing.name_key, filters.asked),
    )
    if filters.province:
        query = query.where(Listing.province == filters.province)
    return query


def _ordered(query: Rows, back: bool) -> Rows:
    columns = query.selected_columns
    order = (columns.name_key, columns.id)
    return query.order_by(*(one.desc() if back else one for one in order))


def _merged(parts: list[Rows], back: bool) -> Rows:
    whole = union_all(*(select(part.subquery()) for part in parts)).subquery()
    order = (whole.c.what, whole.c.name_key, whole.c.id)
    return (
        select(whole)
        .order_by(*(one.desc() if back else one for one in order))
        .limit(SIZE + 1)
    )


def _from(at: Place | None, what: str, part: Rows) -> Rows | None:
    """What of a part lies beyond a place: all, some or (None) nothing of it."""
    if at is None:
        return part
    if what != at.what:
        beyond = what < at.what if at.back else what > at.what
        return part if beyond else None
    columns = part.selected_columns
    mine, there = tuple_(columns.name_key, columns.id), tuple_(at.name_key, at.id)
    return part.where(mine < there if at.back else mine > there)


def _row(row: Any, on: date) -> Row:
    standing = None
    if row.code is not None:
        course = Course(
            Code(row.code), row.since_on, row.reason_code, row.in_update_from
        )
        standing = on_day(course, row.valid_until, on)
    return Row(
        row.what,
        row.id,
        row.name,
        row.name_key,
        row.town,
        row.province,
        row.kind,
        row.number,
        row.edition,
        standing,
    )


@dataclass(frozen=True)
class Numbers:
    """What the register counts on a day."""

    valid: int
    in_update: int
    provinces: int


def numbers(on: date) -> Numbers:
    """How many certificates are valid and in update, and in how many provinces."""
    valid, updating = has_standing(Code.VALID, on), has_standing(Code.IN_UPDATE, on)
    row = db.session.execute(
        select(
            func.count().filter(valid),
            func.count().filter(updating),
            func.count(distinct(Organisation.province)).filter(or_(valid, updating)),
        )
        .select_from(Projection)
        .join(Organisation, Organisation.id == Projection.organisation_id)
    ).one()
    return Numbers(*row)


def version() -> int:
    """A number that grows with every event of a certificate."""
    return db.session.scalar(select(func.max(CertificateEvent.id))) or 0


def latest(count: int, on: date) -> Sequence[Certificate]:
    """The certificates issued last, newest first, that are good on a day."""
    newest = select(Projection.certificate_id).order_by(
        Projection.certificate_id.desc()
    )
    recent = newest.limit(10 * count).subquery()
    good = or_(has_standing(Code.VALID, on), has_standing(Code.IN_UPDATE, on))
    return db.session.scalars(
        select(Certificate)
        .join(Projection, Projection.certificate_id == Certificate.id)
        .where(good, Certificate.id.in_(select(recent.c.certificate_id)))
        .options(
            selectinload(Certificate.organisation), selectinload(Certificate.events)
        )
        .order_by(Certificate.id.desc())
        .limit(count)
    ).all()


def holder(id_: int) -> tuple[Organisation, Sequence[Certificate]] | None:
    """An organisation that has or had a certificate, with all of them; else None."""
    certificates = of_organisation(id_)
    if not certificates:
        return None
    organisation = db.session.get_one(
        Organisation,
        id_,
        options=[
            selectinload(Organisation.ateco),
            selectinload(Organisation.sectors),
            selectinload(Organisation.seats),
        ],
    )
    return organisation, certificates


def identified(asked: Asked) -> Organisation | None:
    """The holder a number names, or a name in a published list; else None."""
    condition = _identified(asked)
    if condition is None or asked.problem or not asked.is_number:
        return None
    public = [
        exists(select(table.organisation_id).where(table.organisation_id == mine))
        for table, mine in ((Projection, Organisation.id), (Listing, Organisation.id))
    ]
    return db.session.scalars(
        select(Organisation).where(condition, or_(*public)).order_by(Organisation.id)
    ).first()


def numbered(number: str) -> Certificate | None:
    """The issued certificate of a number in the register's spelling."""
    return db.session.scalar(
        select(Certificate)
        .where(Certificate.number == number, Certificate.state == ISSUED)
        .options(
            selectinload(Certificate.events), selectinload(Certificate.organisation)
        )
    )


def successor(certificate: Certificate) -> Certificate | None:
    """The certificate that took the place of this one."""
    ids = [one.other_id for one in certificate.events if one.other_id is not None]
    return db.session.get(Certificate, ids[-1]) if ids else None


def listing(id_: int) -> Listing | None:
    """What the owner of a scheme published about one name."""
    return db.session.scalar(
        select(Listing)
        .where(Listing.id == id_)
        .options(selectinload(Listing.appearances))
    )


def listings_of(organisation_id: int) -> Sequence[Listing]:
    """The published listings that speak of an organisation."""
    return db.session.scalars(
        select(Listing)
        .where(Listing.organisation_id == organisation_id)
        .options(selectinload(Listing.appearances))
        .order_by(Listing.scheme, Listing.id)
    ).all()


def paper(certificate: Certificate, language: str) -> str | None:
    """The SHA-256 of the sealed file in a language; None where there is none."""
    return papers(certificate).get(language)


def papers(certificate: Certificate) -> dict[str, str]:
    """The sealed files by language; bulk demo rows have no paper."""
    if certificate.unsigned_sha256 is None or certificate.sha256 is None:
        return {}
    copies = {copy.language: copy.sha256 for copy in certificate.copies if copy.sha256}
    return {"it": certificate.sha256, **copies}
