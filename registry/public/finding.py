"""
Finding holders by name, number and filters, a page at a time.

An organisation that never had a certificate does not exist here, whether it never
applied, is being evaluated or was refused (RELIABILITY.md, threat 26).
"""

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import lru_cache
from itertools import pairwise
from typing import Any

from sqlalchemy import TextClause, select, text

from registry.db import db
from registry.organisations.models import FormerName
from registry.public import found as pages
from registry.public.asked import Asked, Kind
from registry.public.counts import counted
from registry.public.found import Filters, Found, Place, Row
from registry.public.statements import Reads, Search
from registry.search import corrections, words

#: How many ways of mending what was typed are tried, and how many are offered.
MOST_TRIES, MOST_OFFERED = 10, 3
NOTHING = Found((), 0)


class BySession:
    """Reads in the session of the request."""

    def __init__(self, on: date) -> None:
        self.dialect, self._on = db.engine.dialect.name, on

    def rows(self, statement: str, given: Mapping[str, Any]) -> Sequence[Any]:
        """The rows of a statement."""
        return db.session.execute(_text(statement), given).all()

    def remembered(self, name: Hashable, count: Callable[[], int]) -> int:
        """Kept for all requests."""
        return counted(name, self._on, count).what


def found(filters: Filters, on: date, at: Place | None = None) -> Found:
    """The rows that match from a place on: holders by name, then published names."""
    page = seek(filters, on, BySession(on), at)
    if page.by_former:
        return replace(page, rows=_with_former(page.rows, filters.asked))
    return page


def seek(filters: Filters, on: date, reads: Reads, at: Place | None = None) -> Found:
    """The same, whoever reads; without the former names by which rows were found."""
    if filters.asked.problem:
        return NOTHING
    back = bool(at and at.back)
    search = Search(filters, on, reads)
    rows, total = search.page(at, back)
    more, rows = len(rows) > pages.SIZE, rows[: pages.SIZE]
    if back:
        rows.reverse()
    return Found(
        rows,
        min(total, pages.COUNTED + 1),
        before=rows[0].cursor if rows and at and (more or not back) else None,
        after=rows[-1].cursor if rows and (more or back) else None,
        by_former=search.by_former,
    )


def by_province(filters: Filters, on: date) -> dict[str, int]:
    """How many match in each province."""
    return Search(filters, on, BySession(on)).by_province()


def mended(filters: Filters, on: date) -> list[tuple[str, int]]:
    """
    What may have been meant where nothing was found: other words, and how many match.

    Only what the public finds is offered.
    """
    if filters.asked.kind is not Kind.NAME:
        return []
    offered: dict[str, int] = {}
    for tried in list(_tries(words(filters.asked.text)))[:MOST_TRIES]:
        asked = Asked(Kind.NAME, tried)
        meant = Search(replace(filters, asked=asked), on, BySession(on))
        if total := meant.count():
            offered[tried] = total
        if len(offered) == MOST_OFFERED:
            break
    return list(offered.items())


def _tries(typed: list[str]) -> Iterator[str]:
    """Other ways to spell it, the nearest first: two words in one, a slip mended."""
    for first, second in pairwise(typed):
        yield " ".join(typed).replace(f"{first} {second}", first + second, 1)
    near = {word: some for word, some in corrections(typed).items() if some}
    for word, some in near.items():
        for other in some:
            yield " ".join(other if one == word else one for one in typed)
    if len(near) > 1:
        yield " ".join(near.get(word, [word])[0] for word in typed)


@lru_cache(maxsize=512)
def _text(statement: str) -> TextClause:
    return text(statement)


def _with_former(rows: Sequence[Row], asked: Asked) -> Sequence[Row]:
    """The same rows; those found by a former name say which."""
    typed = words(asked.text)
    found = [
        row.id for row in rows if row.what == "h" and not _has(row.name_key, typed)
    ]
    former: dict[int, str] = {}
    for one in db.session.scalars(
        select(FormerName)
        .where(FormerName.organisation_id.in_(found))
        .order_by(FormerName.id)
    ):
        if _has(one.name_key, typed):
            former[one.organisation_id] = one.name
    return [
        row._replace(formerly=former.get(row.id))
        if row.what == "h" and row.id in found
        else row
        for row in rows
    ]


def _has(name_key: str, typed: list[str]) -> bool:
    return all(f" {word}" in f" {name_key}" for word in typed)
