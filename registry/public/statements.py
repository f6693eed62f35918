"""
The statements by which the register is searched.

Written by hand, and asked of whatever reads (`Reads`): they are the whole cost of a
search.  Of the words typed the rarest is looked up, and the few names that have it are
looked at; where many match, the names are walked along until the page is full.
"""

import json
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, Protocol

from sqlalchemy import or_

from registry.certificates.queries import has_standing
from registry.certificates.standing import Code
from registry.public import found as pages
from registry.public.asked import Asked, Kind
from registry.public.found import GOOD, IN_FORCE, Filters, Place, Row
from registry.search import words
from registry.verification.projected import worth

COLUMNS = """organisations.id, organisations.name, organisations.name_key,
    organisations.town, organisations.province, organisations.kind,
    certificate_projection.edition, certificate_projection.code,
    certificate_projection.since_on, certificate_projection.reason_code,
    certificate_projection.in_update_from, certificate_projection.valid_until,
    certificate_projection.certificate_id"""
LISTING = "id, name, name_key, town, province, kind"
NEWEST = """NOT EXISTS (SELECT 1 FROM certificate_projection AS newer
    WHERE newer.organisation_id = certificate_projection.organisation_id
    AND newer.scheme = certificate_projection.scheme
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
WITHIN = {"sqlite": "instr", "postgresql": "strpos"}
IDS = {"sqlite": "SELECT value FROM json_each(:{})", "postgresql": "SELECT unnest(:{})"}
MEANT = {
    "sqlite": """json_each(:ids) AS meant
        CROSS JOIN organisations ON organisations.id = meant.value""",
    "postgresql": """unnest(CAST(:ids AS integer[])) AS meant
        JOIN organisations ON organisations.id = meant""",
}
#: Names of published lists that we certified stand as holders, once.
UNCERTIFIED = """(listings.organisation_id IS NULL OR NOT EXISTS (
    SELECT 1 FROM certificate_projection
    WHERE certificate_projection.organisation_id = listings.organisation_id))"""
PLACED = """organisation_search_places AS placed
    {} organisations ON organisations.id = placed.organisation_id"""
RARE = """SELECT coalesce(sum(names), 0), count(*), min(word) FROM (SELECT names, word
    FROM organisation_search_words WHERE word >= :word AND word < :beyond
    LIMIT :most) AS part"""
WITH_WORD = """SELECT organisation_id FROM organisation_search_places
    WHERE word >= :word AND word < :beyond LIMIT :most"""
NOW = {
    "sqlite": """SELECT rowid FROM organisation_search
        WHERE organisation_search MATCH :term LIMIT :most""",
    "postgresql": """SELECT id FROM organisations
        WHERE to_tsvector('simple', name_key) @@ to_tsquery('simple', :term)
        LIMIT :most""",
}
BEFORE = {
    "sqlite": """SELECT organisation_id FROM organisation_search_former
        WHERE organisation_search_former MATCH :term LIMIT :most""",
    "postgresql": """SELECT organisation_id FROM organisation_search_former
        WHERE to_tsvector('simple', name_key) @@ to_tsquery('simple', :term)
        LIMIT :most""",
}
BEARS = {
    Kind.VAT: "vat = :value OR tax_code = :value",
    Kind.TAX_CODE: "vat = :value OR tax_code = :value",
    Kind.ALBO: "albo = :value",
    Kind.REA: "rea = :value",
    Kind.CERTIFICATE: """id IN (SELECT organisation_id FROM certificates
        WHERE number = :value AND state = 'issued')""",
}


#: Of names this few each is looked at, without looking for a rarer word.
RARE_ENOUGH = 50


@dataclass(frozen=True)
class Rarity:
    """How many names have a word that begins as typed, about, and which words."""

    typed: str
    names: int
    words: int
    word: str


class Rows(Protocol):
    """Whoever asks the database."""

    def rows(self, statement: str, given: Mapping[str, Any]) -> Sequence[Any]:
        """The rows of a statement with :names in it, as tuples."""
        ...


class Reads(Rows, Protocol):
    """Whoever remembers also numbers that cost."""

    dialect: str

    def remembered(self, name: Hashable, count: Callable[[], int]) -> int:
        """What `count` says, kept under `name` while the register stays the same."""
        ...


class Search:
    """One search: which organisations are meant, how many there are, a page of them."""

    def __init__(self, filters: Filters, on: date, reads: Reads) -> None:
        self._filters, self._on, self._reads = filters, on, reads
        self._given = _chosen(filters)
        #: What a name must be like, and who was called so before.
        self._like: list[str] = []
        self._before: list[int] = []
        #: Whether a name or number left few enough to look at each.
        self._few = False
        #: The common word along whose names to walk.
        self._along = ""
        if filters.asked.kind is Kind.NAME:
            self._look_for_name(words(filters.asked.text))
        elif filters.asked.is_number:
            self._few = True
            self._given["ids"] = self._ids(self._bearing(filters.asked))

    def page(self, at: Place | None, back: bool) -> tuple[list[Row], int]:
        """
        The rows from a place on, and one more; the last first when going back.

        And how many match in all, at most COUNTED + 1.
        """
        total = None if self._few and at is None else self._total()
        parts = ["l", "h"] if back else ["h", "l"]
        rows: list[Row] = []
        counted = 0
        for what in parts[parts.index(at.what) if at else 0 :]:
            here = at if at and at.what == what else None
            walk = total is not None and total > pages.COUNTED
            some, number = self._part(what, here, back, walk)
            rows, counted = rows + some, counted + number
            if total is not None and len(rows) > pages.SIZE:
                break
        return rows[: pages.SIZE + 1], counted if total is None else total

    @property
    def by_former(self) -> bool:
        """Whether some are meant for a name they no longer bear."""
        return bool(self._before)

    def count(self) -> int:
        """How many match; at most COUNTED + 1."""
        return self.page(None, False)[1] if self._few else self._total()

    def by_province(self) -> dict[str, int]:
        """How many match in each province."""
        found: dict[str, int] = {}
        for table, source, conditions in self._parts():
            statement = f"""SELECT {table}.province, count(*) FROM {source}
                WHERE {" AND ".join(conditions)} GROUP BY 1"""  # noqa: S608
            for province, number in self._reads.rows(statement, self._given):
                found[province] = found.get(province, 0) + number
        return found

    def _look_for_name(self, typed: list[str]) -> None:
        if self._reads.remembered("former names", self._former_names):
            self._before = self._rows_of(BEFORE, self._term(typed))
        within = WITHIN[self._reads.dialect]
        self._like = [
            f"{within}(' ' || {{}}.name_key, :word{n}) > 0" for n in range(len(typed))
        ]
        self._given |= {f"word{n}": f" {word}" for n, word in enumerate(typed)}
        now = self._now(typed)
        if len(now) <= pages.COUNTED:
            self._few = True
            self._given["ids"] = self._ids([*now, *self._before])
            self._given["before"] = self._ids(self._before)

    def _now(self, typed: list[str]) -> list[int]:
        """The names that have the rarest word; more than COUNTED if all are common."""
        rarest = self._rarest(typed)
        if rarest.names <= pages.COUNTED:
            found = self._reads.rows(WITH_WORD, _begins_with(rarest.typed))
            return [id_ for (id_,) in found]
        found = [0] * (pages.COUNTED + 1)
        if len(typed) > 1:
            found = self._rows_of(NOW, self._term(typed))
        if len(found) > pages.COUNTED and rarest.words == 1:
            self._along = self._given["along"] = rarest.word
        return found

    def _rarest(self, typed: list[str]) -> "Rarity":
        """The rarest word; one that is rare enough will do."""
        found = []
        for word in sorted(set(typed), key=_likely_rare):
            found.append(self._rarity(word))
            if found[-1].names <= RARE_ENOUGH:
                break
        return min(found, key=lambda one: one.names)

    def _rarity(self, word: str) -> "Rarity":
        names, number, first = self._reads.rows(RARE, _begins_with(word))[0]
        return Rarity(word, int(names), number, first or "")

    def _former_names(self) -> int:
        statement = "SELECT count(*) FROM organisation_names"
        return int(self._reads.rows(statement, {})[0][0])

    def _term(self, typed: list[str]) -> str:
        if self._reads.dialect == "sqlite":
            return " ".join(f'"{word}"*' for word in typed)
        return " & ".join(f"{word}:*" for word in typed)

    def _rows_of(self, statement: dict[str, str], term: str) -> list[int]:
        given = {"term": term, "most": pages.COUNTED + 1}
        return [
            id_ for (id_,) in self._reads.rows(statement[self._reads.dialect], given)
        ]

    def _bearing(self, asked: Asked) -> list[int]:
        statement = f"SELECT id FROM organisations WHERE {BEARS[asked.kind]} LIMIT 10"  # noqa: S608
        found = self._reads.rows(statement, {"value": asked.value})
        return [id_ for (id_,) in found]

    def _ids(self, ids: list[int]) -> Any:
        distinct = sorted(set(ids))
        return json.dumps(distinct) if self._reads.dialect == "sqlite" else distinct

    def _total(self) -> int:
        return self._reads.remembered((self._filters, self._on), self._counted)

    def _counted(self) -> int:
        total = 0
        for _, source, conditions in self._parts():
            statement = f"""SELECT count(*) FROM (SELECT 1 FROM {source}
                WHERE {" AND ".join(conditions)} LIMIT {pages.COUNTED + 1})
                AS part"""  # noqa: S608
            total += self._reads.rows(statement, self._given)[0][0]
        return min(total, pages.COUNTED + 1)

    def _parts(self) -> list[tuple[str, str, list[str]]]:
        """Table, source and conditions of holders and of published names."""
        parts = []
        if self._filters.holders:
            parts.append(("organisations", self._source(), self._of_holders()))
        if self._filters.listings:
            parts.append(("listings", "listings", self._of_listings()))
        return parts

    def _part(
        self, what: str, at: Place | None, back: bool, walk: bool
    ) -> tuple[list[Row], int]:
        """Rows of one part from a place on, and how many there are from there on."""
        of_holders = what == "h"
        if not (self._filters.holders if of_holders else self._filters.listings):
            return [], 0
        table = "organisations" if of_holders else "listings"
        source = self._source(walk) if of_holders else "listings"
        conditions = self._of_holders(walk) if of_holders else self._of_listings()
        order = [f"{table}.name_key", f"{table}.id"]
        if self._along and of_holders:
            order = ["placed.name_key", "placed.organisation_id"]
        if at is not None:
            self._given |= {"name_key": at.name_key, "id": at.id, "paper": at.paper}
            conditions = [*conditions, *_beyond(order, at, back)]
        turn = "DESC" if back else "ASC"
        if of_holders:  # who has two marks stands there twice
            order.append("certificate_projection.certificate_id")
        whole = "0" if walk else "count(*) OVER ()"
        statement = f"""SELECT {COLUMNS if of_holders else LISTING}, {whole}
            FROM {source} WHERE {" AND ".join(conditions)}
            ORDER BY {", ".join(f"{column} {turn}" for column in order)}
            LIMIT {pages.SIZE + 1}"""  # noqa: S608
        found = self._reads.rows(statement, self._given)
        make = self._holder if of_holders else _listing
        return [make(row) for row in found], found[0][-1] if found else 0

    def _of_holders(self, walk: bool = False) -> list[str]:
        conditions = [NEWEST]
        for name, column in (
            ("province", "organisations.province"),
            ("kind", "organisations.kind"),
            ("scheme", "certificate_projection.scheme"),
            ("edition", "certificate_projection.edition"),
        ):
            if name in self._given:
                conditions.append(f"{column} = :{name}")
        if self._filters.status:
            conditions.append(stands(self._filters.status, self._on))
        each = walk or self._few or bool(self._along)
        if "sector" in self._given and each:
            conditions.append(DOES)
        if self._filters.ateco:
            conditions.append(ACTS if each else IS_AMONG_WHO_ACTS)
        if self._like:
            conditions.append(self._named())
        if self._along:
            conditions.append("placed.word = :along")
        return conditions

    def _named(self) -> str:
        alike = " AND ".join(one.format("organisations") for one in self._like)
        if not (self._few and self._before):
            return f"({alike})"
        before = IDS[self._reads.dialect].format("before")
        return f"({alike} OR organisations.id IN ({before}))"

    def _of_listings(self) -> list[str]:
        chosen = [name for name in ("province", "scheme") if name in self._given]
        return [
            UNCERTIFIED,
            *(f"listings.{name} = :{name}" for name in chosen),
            *(one.format("listings") for one in self._like),
        ]

    def _source(self, walk: bool = False) -> str:
        """The tables, in the order in which SQLite shall take them."""
        on_sqlite, walk = self._reads.dialect == "sqlite", walk or bool(self._along)
        join = "CROSS JOIN" if on_sqlite and (walk or self._few) else "JOIN"
        first = "organisations"
        if self._few:
            first = MEANT[self._reads.dialect]
        elif self._along:
            first = PLACED.format(join)
        elif "sector" in self._given and not walk:
            first = WHO_DOES
        index = "INDEXED BY ix_certificate_projection_organisation_id"
        by = index if on_sqlite and walk else ""
        return f"""{first} {join} certificate_projection {by}
            ON certificate_projection.organisation_id = organisations.id"""

    def _holder(self, row: Any) -> Row:
        standing, _ = worth(*row[7:12], self._on)
        return Row._make(("h", *row[:7], standing, row[12], None))


def _beyond(order: Sequence[str], at: Place, back: bool) -> list[str]:
    """The conditions “after (or before) this row”, by name and key."""
    turn, columns = "<" if back else ">", ", ".join(order)
    if not at.paper:
        return [f"({columns}) {turn} (:name_key, :id)"]
    others = f"{order[1]} <> :id OR certificate_projection.certificate_id {turn} :paper"
    return [f"({columns}) {turn}= (:name_key, :id)", f"({others})"]


def _begins_with(word: str) -> dict[str, Any]:
    """What the statements over the words of names are given."""
    return {"word": word, "beyond": word + chr(0x10FFFF), "most": pages.COUNTED + 1}


def _likely_rare(word: str) -> tuple[bool, int]:
    """Numbers first, then the longest."""
    return word.isalpha(), -len(word)


def _chosen(filters: Filters) -> dict[str, Any]:
    given = {
        "province": filters.province,
        "kind": filters.kind and filters.kind.value,
        "sector": filters.sector and filters.sector.value,
        "scheme": filters.scheme,
        "edition": filters.edition,
    }
    if filters.ateco:
        given["from"], given["to"] = filters.ateco_range
    return {name: value for name, value in given.items() if value}


def _listing(row: Any) -> Row:
    return Row("l", *row[:6])


@lru_cache(maxsize=256)
def stands(status: str, on: date) -> str:
    """The condition “its standing on a day is this”, or one that is in force."""
    codes = GOOD if status == IN_FORCE else [Code(status)]
    condition = or_(*(has_standing(code, on) for code in codes))
    return f"({condition.compile(compile_kwargs={'literal_binds': True})})"
