"""The page of statistics: counted, drawn on the server, told in tables."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import format_date, gettext

from registry.accounts.access import open_to_everyone
from registry.accounts.limits import SEARCH, limiter
from registry.certificates.layouts import mark_of
from registry.criteria.schemes import MAIN_SCHEME, published
from registry.organisations.models import OrganisationKind, Sector
from registry.organisations.rules import provinces
from registry.public.charts import line_chart
from registry.public.counts import counted
from registry.public.pages import serve
from registry.public.tallies import FEWEST, tallies
from registry.services import services

blueprint = Blueprint("statistics", __name__)
serve(blueprint)


@blueprint.get("/<any(it, en):lang>/statistics")
@open_to_everyone
@limiter.limit(SEARCH)
def index() -> ResponseReturnValue:
    """The register in numbers."""
    doors = services()
    today = doors.today()
    schemes = published(doors.editions)
    asked = request.args.get("scheme", "")
    scheme = asked if asked in schemes else MAIN_SCHEME
    kept = counted(
        ("tallies", scheme), today, lambda: tallies(today, doors.editions, scheme)
    )
    shown = kept.what
    kinds = {one.value: gettext(one.label) for one in OrganisationKind}
    sectors = {one.value: gettext(one.label) for one in Sector}
    names = {sigla: one.name for sigla, one in provinces().items()}
    return render_template(
        "public/statistics.html",
        tallies=shown,
        at=kept.at,
        fewest=FEWEST,
        line=line_chart([(month(day), number) for day, number in shown.line]),
        provinces=bars(shown.provinces, names),
        kinds=bars(shown.kinds, kinds),
        sectors=bars(shown.sectors, sectors),
        month=month,
        marks=[(one, mark_of(one)) for one in schemes] if len(schemes) > 1 else [],
        of_mark={"scheme": scheme} if len(schemes) > 1 else {},
    )


def month(day: object) -> str:
    """A month as a chart says it: nov 2026."""
    return str(format_date(day, "MMM y", rebase=False))


@dataclass(frozen=True)
class Bar:
    """A row of a table and its bar: `length` of a hundred."""

    value: str
    label: str
    number: int
    length: int


@dataclass(frozen=True)
class Bars:
    """Rows, the longest first; those too small to tell, by name and together."""

    rows: list[Bar]
    small: list[str]
    small_sum: int


def bars(numbers: Mapping[str, int], words: Mapping[str, str]) -> Bars:
    """The rows of a table; small numbers are told together, if they are several."""
    small = {name: n for name, n in numbers.items() if n < FEWEST}
    most = max(numbers.values(), default=1)
    large = _longest_first(numbers.keys() - small.keys(), numbers)
    return Bars(
        [
            Bar(name, words[name], numbers[name], round(100 * numbers[name] / most))
            for name in large
        ],
        sorted(words[name] for name in small),
        sum(small.values()),
    )


def _longest_first(names: Iterable[str], numbers: Mapping[str, int]) -> list[str]:
    return sorted(names, key=lambda name: (-numbers[name], name))
