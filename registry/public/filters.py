"""What the address of a search says, and the words for it."""

from collections.abc import Mapping
from typing import Any

from flask import request, url_for
from flask_babel import gettext

from registry.certificates.standing import Code
from registry.errors import N_, RegistryError
from registry.organisations.models import OrganisationKind, Sector
from registry.organisations.rules import provinces
from registry.public.asked import read
from registry.public.queries import LISTED, Filters
from registry.web.standings import standing_look

NAMES = ("q", "province", "kind", "sector", "status")
#: The standings one may search for; a newest certificate is never superseded.
STATUSES = (
    *(Code.VALID, Code.IN_UPDATE, Code.SUSPENDED),
    *(Code.WITHDRAWN, Code.EXPIRED, Code.ENDED_BY_HOLDER),
)
LISTED_WORD = N_("Listed by the scheme owner")


def asked_for(given: Mapping[str, str]) -> Filters:
    """The filters of an address; words that mean nothing count as not given."""
    kind, sector = given.get("kind", ""), given.get("sector", "")
    province, status = given.get("province", ""), given.get("status", "")
    return Filters(
        asked=read(given.get("q", "")),
        province=province if province in provinces() else "",
        kind=OrganisationKind(kind) if kind in set(OrganisationKind) else None,
        sector=Sector(sector) if sector in set(Sector) else None,
        status=status if status in {*STATUSES, LISTED} else "",
    )


def words(filters: Filters) -> dict[str, Any]:
    """The choices of the form, those made, and addresses without them."""
    choices = {
        "province": [(sigla, one.name) for sigla, one in provinces().items()],
        "kind": _by_word({kind.value: kind.label for kind in OrganisationKind}),
        "sector": _by_word({sector.value: sector.label for sector in Sector}),
        "status": [
            *((code.value, gettext(standing_look(code).word)) for code in STATUSES),
            (LISTED, gettext(LISTED_WORD)),
        ],
    }
    made = {
        "province": filters.province,
        "kind": filters.kind or "",
        "sector": filters.sector or "",
        "status": filters.status,
    }
    return {
        "choices": choices,
        "chosen": [
            (name, dict(choices[name])[value]) for name, value in made.items() if value
        ],
        "kind_words": dict(choices["kind"]),
        "clear": without,
        "page": further,
        "said": said,
    }


def without(name: str) -> str:
    """The address of the same search without one of its filters, from the beginning."""
    kept: dict[str, Any] = {k: v for k, v in _kept() if k != name}
    return url_for("public.register", **kept)


def further(before: str | None, after: str | None) -> str:
    """The address of the same search, going on from a row; from the start for none."""
    place = {"before": before, "after": after}
    kept: dict[str, Any] = dict(_kept())
    kept |= {name: row for name, row in place.items() if row}
    return url_for("public.register", **kept)


def said(problem: RegistryError) -> str:
    """Why a number cannot exist, in the reader's language."""
    return str(gettext(problem.message, **problem.params))


def _kept() -> list[tuple[str, str]]:
    return [(name, value) for name in NAMES if (value := request.args.get(name, ""))]


def _by_word(labels: Mapping[str, str]) -> list[tuple[str, str]]:
    words = [(value, str(gettext(label))) for value, label in labels.items()]
    return sorted(words, key=lambda pair: pair[1])
