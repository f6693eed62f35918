"""What the address of a search says, and the words for it."""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import ateco
from flask import request, url_for
from flask_babel import gettext

from registry.certificates.layouts import mark_of
from registry.certificates.standing import Code
from registry.criteria.reader import Editions
from registry.criteria.schemes import published
from registry.errors import N_, RegistryError
from registry.organisations.models import OrganisationKind, Sector
from registry.organisations.rules import ATECO, ateco_title, provinces
from registry.public.asked import read
from registry.public.found import IN_FORCE, LISTED, Filters
from registry.web.language import page_language
from registry.web.standings import standing_look

NAMES = (
    *("q", "province", "kind", "sector", "status"),
    *("ateco", "scheme", "edition"),
)
#: The standings one may search for; a newest certificate is never superseded.
STATUSES = (
    *(Code.VALID, Code.IN_UPDATE, Code.SUSPENDED),
    *(Code.WITHDRAWN, Code.EXPIRED, Code.ENDED_BY_HOLDER),
)
IN_FORCE_WORD = N_("Valid or in update")
LISTED_WORD = N_("Listed by the scheme owner")

Choices = dict[str, list[tuple[str, str]]]


def asked_for(given: Mapping[str, str], editions: Editions) -> Filters:
    """The filters of an address; words that mean nothing count as not given."""
    kind, sector = given.get("kind", ""), given.get("sector", "")
    province, status = given.get("province", ""), given.get("status", "")
    code, edition = given.get("ateco", ""), given.get("edition", "")
    scheme = given.get("scheme", "")
    activity = code if code in activities() else ""
    return Filters(
        asked=read(given.get("q", "")),
        province=province if province in provinces() else "",
        kind=OrganisationKind(kind) if kind in set(OrganisationKind) else None,
        sector=Sector(sector) if sector in set(Sector) else None,
        ateco=activity,
        ateco_range=activities().get(activity, ("", "")),
        status=status if status in {*STATUSES, LISTED, IN_FORCE} else "",
        scheme=scheme if scheme in published(editions) else "",
        edition=edition if edition in editions else "",
    )


@cache
def activities() -> dict[str, tuple[str, str]]:
    """
    The sections and divisions of ATECO 2025, each with its first code and the first
    beyond it: a section is a run of divisions.
    """
    found: dict[str, tuple[str, str]] = {}
    for number in range(1, 100):
        division = ateco.lookup(f"{number:02}", edition=ATECO)
        if division is None:
            continue
        start, end = division.code, f"{number + 1:02}" if number < 99 else ":"
        first, _ = found.get(division.parent, (start, ""))
        found[division.parent] = (first, end)
        found[start] = (start, end)
    return found


def words(filters: Filters, editions: Editions) -> dict[str, Any]:
    """The choices of the form, those made, and addresses without them."""
    choices = _choices(page_language()) | {
        "scheme": [(one, mark_of(one)) for one in published(editions)],
        "edition": [
            (key, f"{one.title.in_(page_language())}, {one.edition}")
            for key, one in editions.items()
        ],
    }
    made = dict(_made(filters))
    return {
        "choices": choices,
        "made": made,
        "chosen": [(name, dict(choices[name])[value]) for name, value in made.items()],
        "kind_words": dict(choices["kind"]),
        "clear": without,
        "page": further,
        "said": said,
    }


def _made(filters: Filters) -> Iterator[tuple[str, str]]:
    for name in NAMES[1:]:
        if value := getattr(filters, name):
            yield name, str(value)


@cache
def _choices(language: str) -> Choices:
    """The choices that are the same on every page in a language."""
    return {
        "province": [(sigla, one.name) for sigla, one in provinces().items()],
        "kind": _by_word({kind.value: kind.label for kind in OrganisationKind}),
        "sector": _by_word({sector.value: sector.label for sector in Sector}),
        "ateco": [(code, _activity(code)) for code in sorted(activities(), key=_place)],
        "status": [
            (IN_FORCE, gettext(IN_FORCE_WORD)),
            *((code.value, gettext(standing_look(code).word)) for code in STATUSES),
            (LISTED, gettext(LISTED_WORD)),
        ],
    }


def _place(code: str) -> tuple[str, bool]:
    """A section stands before its divisions."""
    return activities()[code][0], code.isdigit()


def _activity(code: str) -> str:
    title = ateco_title(code)
    return f"{code} · {title if code.isdigit() else title.capitalize()}"


def without(name: str) -> str:
    """The address of the same search without one of its filters, from the beginning."""
    kept: dict[str, Any] = {k: v for k, v in kept_words() if k != name}
    return url_for("public.register", **kept)


def further(before: str | None, after: str | None) -> str:
    """The address of the same search, going on from a row; from the start for none."""
    place = {"before": before, "after": after}
    kept: dict[str, Any] = dict(kept_words())
    kept |= {name: row for name, row in place.items() if row}
    return url_for("public.register", **kept)


def said(problem: RegistryError) -> str:
    """Why a number cannot exist, in the reader's language."""
    return str(gettext(problem.message, **problem.params))


def has_empty_words() -> bool:
    """Whether the address holds choices nobody made: a form sends them all."""
    return any(request.args.get(name) == "" for name in NAMES)


def kept_words() -> list[tuple[str, str]]:
    """What the address of this search says, without its place in the pages."""
    return [(name, value) for name in NAMES if (value := request.args.get(name, ""))]


def _by_word(labels: Mapping[str, str]) -> list[tuple[str, str]]:
    words = [(value, str(gettext(label))) for value, label in labels.items()]
    return sorted(words, key=lambda pair: pair[1])
