"""
Finding holders by name, number and filters, a page at a time.

An organisation that never had a certificate does not exist here, whether it never
applied, is being evaluated or was refused (RELIABILITY.md, threat 26).

The statements are written by hand: they are the whole cost of a search. Few matches are
put in order; of many, the names are walked along until the page is full.
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from itertools import pairwise, product
from typing import Any, Literal

from sqlalchemy import Date, TextClause, TextualSelect, false, or_, select, text

from registry.certificates.queries import has_standing
from registry.certificates.standing import Code, Course, Standing, on_day
from registry.db import db
from registry.organisations.models import (
    FormerName,
    Organisation,
    OrganisationKind,
    Sector,
)
from registry.public.asked import Asked, Kind
from registry.public.queries import bears
from registry.search import corrections, names_like, words

SIZE = 25
#: Beyond this the register says “more than”: nobody needs the count, and it costs.
COUNTED = 1000
LISTED, IN_FORCE = "listed", "in_force"
#: Standings in which the holder may present the certificate as valid.
GOOD = (Code.VALID, Code.IN_UPDATE)
CURSOR = re.compile(r"(.{0,400})~([hl])([1-9][0-9]{0,9})", re.DOTALL)
#: How many ways of mending what was typed are tried, and how many are offered.
MOST_TRIES, MOST_OFFERED = 10, 3
COLUMNS = """organisations.id, organisations.name, organisations.name_key,
    organisations.town, organisations.province, organisations.kind,
    certificates.number, certificate_projection.edition, certificate_projection.code,
    certificate_projection.since_on, certificate_projection.reason_code,
    certificate_projection.in_update_from, certificate_projection.valid_until"""
NEWEST = """NOT EXISTS (SELECT 1 FROM certificate_projection AS newer
    WHERE newer.organisation_id = certificate_projection.organisation_id
    AND newer.certificate_id > certificate_projection.certificate_id)"""
DOES = """EXISTS (SELECT 1 FROM organisation_sectors AS does
    WHERE does.organisation_id = organisations.id AND does.sector = :sector)"""
WHO_DOES = """organisation_sectors AS does
    JOIN organisations ON organisations.id = does.organisation_id
    AND does.sector = :sector"""
ACTS = """EXISTS (SELECT 1 FROM activities AS acts
    WHERE acts.organisation_id = organisations.id
    AND acts.code >= :from AND acts.code < :to)"""
IS_AMONG_WHO_ACTS = """organisations.id IN (SELECT organisation_id FROM activities
    WHERE code >= :from AND code < :to)"""
MEANT_ON_SQLITE = """json_each(:ids) AS meant
    CROSS JOIN organisations ON organisations.id = meant.value"""
MEANT_ON_POSTGRESQL = """unnest(CAST(:ids AS integer[])) AS meant
    JOIN organisations ON organisations.id = meant"""
#: Names of published lists that we certified stand as holders, once.
UNCERTIFIED = """NOT EXISTS (SELECT 1 FROM certificate_projection
    WHERE certificate_projection.organisation_id = listings.organisation_id)"""


@dataclass(frozen=True)
class Filters:
    """What somebody looks for; an empty word means “any”."""

    asked: Asked
    province: str = ""
    kind: OrganisationKind | None = None
    sector: Sector | None = None
    #: The letter of a section of ATECO 2025, or the two digits of a division.
    ateco: str = ""
    #: The first code of it, and the first beyond it.
    ateco_range: tuple[str, str] = ("", "")
    status: str = ""
    scheme: str = ""
    edition: str = ""

    @property
    def any(self) -> bool:
        """Whether something was asked at all."""
        return self.asked.kind is not Kind.NOTHING or self.filtered

    @property
    def filtered(self) -> bool:
        """Whether something was asked beside the name or number."""
        what = (self.province, self.kind, self.sector, self.ateco)
        return any((*what, self.status, self.scheme, self.edition))

    @property
    def holders(self) -> bool:
        """Whether holders can match."""
        return self.status != LISTED

    @property
    def listings(self) -> bool:
        """Whether names in published lists can match: little is known of them."""
        unknown = (self.kind, self.sector, self.ateco, self.edition)
        return (
            self.status in {"", LISTED}
            and not any(unknown)
            and not self.asked.is_number
        )


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
    number: str | None = None
    edition: str | None = None
    standing: Standing | None = None
    #: The former name by which it was found.
    formerly: str | None = None

    @property
    def cursor(self) -> str:
        return f"{self.name_key}~{self.what}{self.id}"


@dataclass(frozen=True)
class Found:
    """A page of the register, and where it goes on; no page costs more than another."""

    rows: Sequence[Row]
    total: int
    before: str | None = None
    after: str | None = None

    @property
    def more_than(self) -> bool:
        return self.total > COUNTED


NOTHING = Found((), 0)


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
        return NOTHING
    search = _Search(filters, on)
    total = search.count()
    back = bool(at and at.back)
    rows = search.page(at, back, total) if total else []
    more, rows = len(rows) > SIZE, rows[:SIZE]
    if back:
        rows.reverse()
    return Found(
        _with_former(rows, filters.asked),
        total,
        before=rows[0].cursor if rows and at and (more or not back) else None,
        after=rows[-1].cursor if rows and (more or back) else None,
    )


def mended(filters: Filters, on: date) -> list[tuple[str, int]]:
    """
    What may have been meant where nothing was found: other words, and how many match.

    Only what the public finds is offered.
    """
    if filters.asked.kind is not Kind.NAME:
        return []
    offered = []
    for tried in _tries(words(filters.asked.text)):
        asked = Asked(Kind.NAME, tried)
        if total := _Search(replace(filters, asked=asked), on).count():
            offered.append((tried, total))
        if len(offered) == MOST_OFFERED:
            break
    return offered


def _tries(typed: list[str]) -> Iterator[str]:
    """Other ways to spell it, the nearest first: two words in one, a slip mended."""
    for first, second in pairwise(typed):
        yield " ".join(typed).replace(f"{first} {second}", first + second, 1)
    near = corrections(typed)
    ways = product(*([word, *near.get(word, [])] for word in typed))
    changed = sorted(
        (way for way in ways if list(way) != typed),
        key=lambda way: sum(a != b for a, b in zip(way, typed, strict=True)),
    )
    yield from (" ".join(way) for way in changed[:MOST_TRIES])


class _Search:
    """One search: which organisations are meant, how many there are, a page of them."""

    def __init__(self, filters: Filters, on: date) -> None:
        self._filters, self._on = filters, on
        self._on_sqlite = db.engine.dialect.name == "sqlite"
        chosen = {
            "province": filters.province,
            "kind": filters.kind and filters.kind.value,
            "sector": filters.sector and filters.sector.value,
            "scheme": filters.scheme,
            "edition": filters.edition,
        }
        self._given: dict[str, Any] = {k: v for k, v in chosen.items() if v}
        self._words: list[str] = []
        #: Whether a name or number left few enough to look at each.
        self._few = False
        if filters.asked.kind is not Kind.NOTHING:
            self._look_for(filters.asked)

    def _look_for(self, asked: Asked) -> None:
        ids = meant(asked)
        if len(ids) <= COUNTED:
            self._few = True
            self._given["ids"] = json.dumps(ids) if self._on_sqlite else ids
        if asked.kind is Kind.NAME:
            # The key holds letters, digits and blanks only: nothing of LIKE in it.
            for number, word in enumerate(words(asked.text)):
                self._given[f"word{number}"] = f"% {word}%"
                self._words.append(f"' ' || {{}}.name_key LIKE :word{number}")

    def count(self) -> int:
        """How many match; at most COUNTED + 1."""
        total = 0
        if self._filters.holders:
            total += self._counted(self._source(), self._of_holders())
        if self._filters.listings:
            total += self._counted("listings", self._of_listings())
        return min(total, COUNTED + 1)

    def _counted(self, source: str, conditions: list[str]) -> int:
        statement = f"""SELECT count(*) FROM (SELECT 1 FROM {source}
            WHERE {" AND ".join(conditions)} LIMIT {COUNTED + 1}) AS some"""  # noqa: S608
        return int(db.session.execute(_plain(statement), self._given).scalar_one())

    def by_province(self) -> dict[str, int]:
        """How many match in each province."""
        found: dict[str, int] = {}
        parts = []
        if self._filters.holders:
            parts.append(("organisations", self._source(), self._of_holders()))
        if self._filters.listings:
            parts.append(("listings", "listings", self._of_listings()))
        for table, source, conditions in parts:
            statement = f"""SELECT {table}.province, count(*) FROM {source}
                WHERE {" AND ".join(conditions)} GROUP BY 1"""  # noqa: S608
            for province, number in db.session.execute(_plain(statement), self._given):
                found[province] = found.get(province, 0) + number
        return found

    def page(self, at: Place | None, back: bool, total: int) -> list[Row]:
        """The rows from a place on, and one more; the last first when going back."""
        parts = ["l", "h"] if back else ["h", "l"]
        rows: list[Row] = []
        for what in parts[parts.index(at.what) if at else 0 :]:
            here = at if at and at.what == what else None
            if what == "h" and self._filters.holders:
                rows += self._holders(here, back, walk=total > COUNTED)
            elif what == "l" and self._filters.listings:
                rows += self._listings(here, back)
            if len(rows) > SIZE:
                break
        return rows

    def _holders(self, at: Place | None, back: bool, walk: bool) -> list[Row]:
        walk = walk and not self._few
        some = self._some(
            "organisations", self._source(walk), self._of_holders(walk), at, back
        )
        statement = _dated(f"SELECT {COLUMNS} FROM {some}")  # noqa: S608
        rows = db.session.execute(statement, self._given)
        return [_holder(row, self._on) for row in rows]

    def _listings(self, at: Place | None, back: bool) -> list[Row]:
        some = self._some("listings", "listings", self._of_listings(), at, back)
        columns = "id, name, name_key, town, province, kind"
        statement = _plain(f"SELECT {columns} FROM {some}")  # noqa: S608
        return [Row("l", *row) for row in db.session.execute(statement, self._given)]

    def _some(
        self,
        table: str,
        source: str,
        conditions: list[str],
        at: Place | None,
        back: bool,
    ) -> str:
        """Where a page of rows comes from: after FROM, to the end."""
        if at is not None:
            self._given |= {"name_key": at.name_key, "id": at.id}
            sign = "<" if back else ">"
            conditions = [
                *conditions,
                f"({table}.name_key, {table}.id) {sign} (:name_key, :id)",
            ]
        turn = "DESC" if back else "ASC"
        return f"""{source} WHERE {" AND ".join(conditions)}
            ORDER BY {table}.name_key {turn}, {table}.id {turn} LIMIT {SIZE + 1}"""

    def _of_holders(self, walk: bool = False) -> list[str]:
        asked, conditions = self._filters, [NEWEST]
        for name, column in (
            ("province", "organisations.province"),
            ("kind", "organisations.kind"),
            ("scheme", "certificate_projection.scheme"),
            ("edition", "certificate_projection.edition"),
        ):
            if name in self._given:
                conditions.append(f"{column} = :{name}")
        if asked.status:
            conditions.append(stands(asked.status, self._on))
        if asked.sector and (walk or self._few):
            conditions.append(DOES)
        if asked.ateco:
            self._given["from"], self._given["to"] = asked.ateco_range
            conditions.append(ACTS if walk or self._few else IS_AMONG_WHO_ACTS)
        if not self._few:
            conditions += [one.format("organisations") for one in self._words]
        return conditions

    def _of_listings(self) -> list[str]:
        chosen = [name for name in ("province", "scheme") if name in self._given]
        return [
            f"(listings.organisation_id IS NULL OR {UNCERTIFIED})",
            *(f"listings.{name} = :{name}" for name in chosen),
            *(one.format("listings") for one in self._words),
        ]

    def _source(self, walk: bool = False) -> str:
        """The tables, in the order in which SQLite shall take them."""
        join, by, first = "JOIN", "", "organisations"
        if self._few:
            first = MEANT_ON_SQLITE if self._on_sqlite else MEANT_ON_POSTGRESQL
        elif self._filters.sector and not walk:
            first = WHO_DOES
        if self._on_sqlite and (walk or self._few):
            join = "CROSS JOIN"
        if self._on_sqlite and walk:
            by = "INDEXED BY ix_certificate_projection_organisation_id"
        return f"""{first} {join} certificate_projection {by}
            ON certificate_projection.organisation_id = organisations.id
            {join} certificates
            ON certificates.id = certificate_projection.certificate_id"""


def meant(asked: Asked) -> list[int]:
    """The organisations of a name or number: at most COUNTED + 1 of them."""
    condition = bears(asked)
    if condition is None:
        condition = names_like(asked.text, db.engine.dialect.name, Organisation.id)
    condition = false() if condition is None else condition
    found = select(Organisation.id).where(condition).limit(COUNTED + 1)
    return list(db.session.scalars(found))


@lru_cache(maxsize=256)
def stands(status: str, on: date) -> str:
    """The condition “its standing on a day is this”, or one that is in force."""
    codes = GOOD if status == IN_FORCE else [Code(status)]
    condition = or_(*(has_standing(code, on) for code in codes))
    return f"({condition.compile(compile_kwargs={'literal_binds': True})})"


@lru_cache(maxsize=512)
def _plain(statement: str) -> TextClause:
    return text(statement)


@lru_cache(maxsize=512)
def _dated(statement: str) -> TextualSelect:
    days = dict.fromkeys(("since_on", "in_update_from", "valid_until"), Date)
    return text(statement).columns(**days)


def _holder(row: Any, on: date) -> Row:
    course = Course(Code(row.code), row.since_on, row.reason_code, row.in_update_from)
    return Row(
        "h",
        row.id,
        row.name,
        row.name_key,
        row.town,
        row.province,
        row.kind,
        row.number,
        row.edition,
        on_day(course, row.valid_until, on),
    )


def _with_former(rows: list[Row], asked: Asked) -> list[Row]:
    """The same rows; those found by a former name say which."""
    if asked.kind is not Kind.NAME:
        return rows
    typed = words(asked.text)
    strange = [row for row in rows if row.what == "h" and not _has(row.name_key, typed)]
    if not strange:
        return rows
    former: dict[int, str] = {}
    for one in db.session.scalars(
        select(FormerName)
        .where(FormerName.organisation_id.in_([row.id for row in strange]))
        .order_by(FormerName.id)
    ):
        if _has(one.name_key, typed):
            former[one.organisation_id] = one.name
    return [
        replace(row, formerly=former.get(row.id)) if row in strange else row
        for row in rows
    ]


def _has(name_key: str, typed: list[str]) -> bool:
    return all(f" {word}" in f" {name_key}" for word in typed)


def by_province(filters: Filters, on: date) -> dict[str, int]:
    """How many match in each province."""
    return _Search(filters, on).by_province()
