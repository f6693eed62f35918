"""What the page of a search shows: rows, map, and what else may have been meant."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from flask import request, url_for

from registry.organisations.rules import provinces
from registry.public import filters, finding, rows
from registry.public.asked import Asked, Kind
from registry.public.counts import counted
from registry.public.found import Filters, Found, place
from registry.public.map import Outlines, Shaded, legend, outlines, shaded
from registry.services import services


def page() -> dict[str, Any]:
    """Everything the template of a search needs, from the address of the request."""
    doors, given = services(), request.args
    today = doors.today()
    asked = filters.asked_for(given, doors.editions)
    at = place(given.get("after", ""), given.get("before", ""))
    found = finding.found(asked, today, at)
    return {
        **around(asked, found, today),
        "start": at is None,
        "mended": [] if found.total else finding.mended(asked, today),
        "unfiltered": 0 if found.total else _unfiltered(asked, today),
    }


def around(asked: Filters, found: Found, today: date) -> dict[str, Any]:
    """A page of what was found, and the form, the map and the words around it."""
    say = rows.words()
    return {
        "filters": asked,
        "found": found,
        "count": say.count(found),
        "rows": rows.markup(found.rows, say),
        "start": True,
        "mended": [],
        "unfiltered": 0,
        "map": the_map(asked, today),
        "provinces": provinces(),
        **filters.words(asked, services().editions),
    }


def _unfiltered(asked: Filters, today: date) -> int:
    """How many there would be for the name or number alone."""
    if asked.asked.kind is Kind.NOTHING or not asked.filtered:
        return 0
    return finding.found(Filters(asked.asked), today).total


@dataclass(frozen=True)
class Map:
    """The map of a search: what it counts, and where each province leads."""

    outlines: Outlines
    provinces: list[Shaded]
    legend: list[tuple[int, int, int]]
    total: int
    at: datetime

    def href(self, sigla: str) -> str:
        """The same search in one province, whatever the name."""
        kept: dict[str, Any] = dict(filters.kept_words())
        kept.pop("q", None)
        return url_for("public.register", **kept | {"province": sigla})


def the_map(asked: Filters, on: date) -> Map:
    """How many holders there are in each province with the other filters chosen."""
    whole = replace(asked, asked=Asked(Kind.NOTHING, ""), province="")
    numbers = counted(whole, on, lambda: finding.by_province(whole, on))
    return Map(
        outlines(),
        shaded(numbers.what, asked.province),
        legend(numbers.what),
        sum(numbers.what.values()),
        numbers.at,
    )
