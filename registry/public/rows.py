"""
The rows of the register as markup, and the few words around them.

Written here and not in a template: a search prints twenty-five of them, thousands of
times a minute, also where no Flask is around (`public.lane`).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from babel.dates import format_date
from flask import current_app
from flask_babel import get_translations, gettext
from markupsafe import Markup, escape

from registry.certificates.layouts import edition_name
from registry.certificates.standing import Code
from registry.organisations.models import OrganisationKind
from registry.organisations.rules import provinces
from registry.public.found import COUNTED, Found, Row
from registry.translations.elision import elided
from registry.web.language import page_language

SPECIAL = re.compile("[&<>'\"]")


@dataclass(frozen=True)
class Words:
    """What rows say in a language; made once, inside a request."""

    language: str
    kinds: dict[str, str]
    badges: dict[str, str]
    since: str
    listed: str
    not_ours: str
    formerly: str
    one: str
    several: str
    more: str

    def count(self, found: Found) -> str:
        """How many were found."""
        if found.more_than:
            return self.more % {"count": COUNTED}
        return (self.one if found.total == 1 else self.several) % {"num": found.total}


def words() -> Words:
    """The words of the language of the page."""
    return _words(page_language(), current_app._get_current_object())  # type: ignore[attr-defined]


@lru_cache(maxsize=16)
def _words(language: str, app: Any) -> Words:
    badge = app.jinja_env.get_template("_macros.html").module.standing
    plain = get_translations()  # which leaves the place of a number open
    return Words(
        language,
        {one.value: str(escape(gettext(one.label))) for one in OrganisationKind},
        {code.value: str(badge(code)) for code in Code},
        gettext("since %(day)s"),
        str(escape(gettext("Listed by the scheme owner"))),
        str(escape(gettext("not certified by this register"))),
        str(escape(gettext("formerly"))),
        plain.ngettext("%(num)s found.", "%(num)s found, by name.", 1),
        plain.ngettext("%(num)s found.", "%(num)s found, by name.", 2),
        gettext("More than %(count)s found, by name."),
    )


def markup(rows: Sequence[Row], say: Words) -> Markup:
    """The rows, as the items of a list."""
    return Markup("".join([_row(row, say) for row in rows]))  # noqa: S704 - escaped below


def _row(row: Row, say: Words) -> str:
    place = _place(row.town, row.province)
    address = f"/{say.language}/register/"
    if row.standing is None:
        address += "listed/"
        about = f"<span>{escape(row.kind)}</span>" if row.kind else ""
        worth = (
            f'<span class="badge badge-outline">{say.listed}</span> '
            f"<span>{say.not_ours}</span>"
        )
    else:
        about = (
            f"<span>{say.kinds[row.kind]}</span> <span>{_edition(row.edition)}</span>"
        )
        since = _since(row.standing.since, say.since, say.language)
        worth = f"{say.badges[row.standing.code]} <span>{since}</span>"
    former = (
        f'<p class="meta"><span>{say.formerly} <bdi>{escape(row.formerly)}</bdi>'
        "</span></p>"
        if row.formerly
        else ""
    )
    return (
        f'<li><div><h2><a href="{address}{row.id}"><bdi>{_safe(row.name)}</bdi></a>'
        f'</h2><p class="meta"><span>{place}</span> {about}</p>{former}</div>'
        f'<p class="worth">{worth}</p></li>\n'
    )


@lru_cache(maxsize=4096)
def _since(day: date, words: str, language: str) -> str:
    told = words % {"day": format_date(day, "d MMMM y", locale=language)}
    return str(escape(elided(told) if language == "it" else told))


@lru_cache(maxsize=256)
def _edition(key: str | None) -> str:
    return _safe(edition_name(key or ""))


@lru_cache(maxsize=4096)
def _place(town: str, province: str) -> str:
    if town:
        return _safe(f"{town} ({province})" if province else town)
    known = provinces().get(province)
    return _safe(known.name if known else province)


def _safe(text: str) -> str:
    """The text as it may stand between tags; most hold nothing that needs care."""
    return str(escape(text)) if SPECIAL.search(text) else text
