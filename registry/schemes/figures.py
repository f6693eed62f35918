"""The figures of a what-if as a page shows them: rows for tables and for charts."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from registry.clock import add_months
from registry.criteria.edition import Edition
from registry.criteria.result import Outcome
from registry.criteria.what_if import Fate, published_groups
from registry.errors import N_
from registry.organisations.models import OrganisationKind
from registry.organisations.rules import provinces
from registry.schemes.queries import Ahead
from registry.schemes.trying import Tried

PASSED = (Outcome.CONFORMING, Outcome.CONDITIONAL)
GROUPS = {"province": N_("By province"), "kind": N_("By kind of organisation")}


class Row(NamedTuple):
    """A bar: its label (marked for translation or a name), and its counts by fate."""

    label: str
    counts: Mapping[str, int]

    @property
    def total(self) -> int:
        """All of them."""
        return sum(self.counts.values())


class Touched(NamedTuple):
    """One holder or applicant whose fate is not to keep what it has."""

    name: str
    key: str
    certificate_id: int | None
    before: Outcome
    after: Outcome


def whole(figures: Mapping[str, Any]) -> Row:
    """Everybody who passes under the old edition, by fate."""
    return Row("", {fate.value: figures[fate.value] for fate in Fate})


def groups(figures: Mapping[str, Any]) -> dict[str, list[Row]]:
    """A list of bars for each way of grouping, by its title; the longest first."""
    return {
        GROUPS[name]: sorted(
            (Row(_label(name, value), counts) for value, counts in rows.items()),
            key=lambda row: (-row.total, row.label),
        )
        for name, rows in figures["groups"].items()
    }


def obstacles(figures: Mapping[str, Any], new: Edition) -> Iterator[tuple[Any, Any]]:
    """Each requirement of the new edition with its counts, where there are any."""
    for one in new.requirements:
        counts = figures["requirements"].get(one.id)
        if counts and any(counts.values()):
            yield one, counts


def touched(tried: Tried) -> list[Touched]:
    """Those who pass now and would not, or not surely; the losers first."""
    found = [
        Touched(one.name, key, one.certificate_id, before, after)
        for key, (before, after) in tried.figures.subjects.items()
        if before in PASSED and after not in PASSED
        for one in [tried.people[key]]
    ]
    order = {Outcome.NOT_CONFORMING: 0, Outcome.INCOMPLETE: 1}
    return sorted(found, key=lambda one: (order[one.after], one.name))


def by_month(rows: Sequence[Ahead], on: dt.date) -> list[tuple[dt.date, list[Ahead]]]:
    """The rows of each of the next twelve months, from that of a day, by its first day;
    the last month is the same one, a year later."""
    firsts = [add_months(on.replace(day=1), ahead) for ahead in range(13)]
    return [
        (first, [row for row in rows if row.on.replace(day=1) == first])
        for first in firsts
    ]


def public(figures: Mapping[str, Any], small: int) -> dict[str, list[Row]]:
    """The same groups with no small number in them, the whole first."""
    everybody = {"": {fate: figures[fate.value] for fate in Fate}}
    made = {N_("In all"): _shown("", everybody, small)}
    for name, rows in figures["groups"].items():
        typed = {
            value: {Fate(fate): n for fate, n in row.items()}
            for value, row in rows.items()
        }
        made[GROUPS[name]] = _shown(name, typed, small)
    return made


def _shown(name: str, rows: Mapping[str, Mapping[Fate, int]], small: int) -> list[Row]:
    return [
        Row(_label(name, value), {fate.value: n for fate, n in counts.items()})
        for value, counts in sorted(published_groups(rows, small).items())
    ]


def _label(name: str, value: str) -> str:
    if value == "other":
        return N_("All others")
    if name == "kind":
        return OrganisationKind(value).label
    if name == "province":
        known = provinces().get(value)
        return known.name if known else value
    return N_("In all")
