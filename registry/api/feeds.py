"""What changed, for programs that follow: by cursor, as Atom, as JSON Feed."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from flask import Response, render_template
from flask.typing import ResponseReturnValue
from flask_babel import force_locale, gettext
from pydantic import BaseModel, ConfigDict, Field

from registry.api.description import described
from registry.api.keyed import open_to_programs
from registry.api.service import (
    about,
    answered,
    base,
    blueprint,
    kept_a_while,
    number,
    parameters,
    scheme_of,
    table,
)
from registry.api.shapes import answers
from registry.certificates.layouts import edition_name, mark_of
from registry.certificates.models import EVENT_LABELS, EventKind
from registry.certificates.standing import REASONS
from registry.clock import instant
from registry.criteria.schemes import named
from registry.errors import N_
from registry.verification import changes
from registry.verification.answers import Reason, Told, without_nulls
from registry.verification.changes import Change
from registry.web.language import DEFAULT, LANGUAGES

#: How many of the newest a feed holds.
NEWEST = 50
LABELS = {
    **{kind.value: words for kind, words in EVENT_LABELS.items()},
    "in_update": EventKind.UPDATE_OPENED.label,
    "expired": N_("Certificate expired"),
}


class ChangesQuery(BaseModel):
    """After which change to begin, and how many to tell."""

    model_config = ConfigDict(extra="forbid", json_schema_extra=without_nulls)

    since: str | None = Field(
        None, description="A `cursor`; from the first if not given"
    )
    limit: str | None = Field(None, description="Up to 1,000; 100 if not given")
    scheme: str | None = Field(None, description="impact if not given")


class FeedQuery(BaseModel):
    """The language of the titles, and the scheme."""

    model_config = ConfigDict(extra="forbid", json_schema_extra=without_nulls)

    lang: str | None = Field(None, description="it or en; it if not given")
    scheme: str | None = Field(None, description="impact if not given")


class ChangedHolder(Told):
    """Whose certificate it is."""

    id: int
    legal_name: str
    town: str
    province: str


class ChangeLinks(Told):
    """Addresses about the change."""

    certificate: str
    profile: str
    newer: str | None = Field(None, description="The certificate that replaced it")


class ChangeTold(Told):
    """Something that befell a certificate."""

    cursor: int = Field(description="Ask for what came after this")
    event: str = Field(description="As certificate.suspended")
    on: str = Field(description="The civil day from which it counts")
    recorded_at: str = Field(description="When the register recorded it, UTC")
    certificate: str
    scheme: str = Field(description="As impact")
    scheme_name: str = Field(description="Its mark, as Impact")
    edition: str
    edition_name: str = Field(description="As people call it: Impact 2022")
    reason_code: Reason | None = None
    holder: ChangedHolder
    links: ChangeLinks


class ChangesPage(Told):
    """Some changes, the oldest first; ask again from `cursor`, now or later."""

    changes: list[ChangeTold]
    cursor: int = Field(description="That of the last change told")
    more: bool = Field(description="Whether there were more to tell")


class FeedItem(Told):
    """A change, as readers of feeds show it."""

    id: str
    url: str
    title: str
    content_text: str
    date_published: str
    tags: list[str]


class Feed(Told):
    """JSON Feed 1.1 (jsonfeed.org)."""

    version: str
    title: str
    home_page_url: str
    feed_url: str
    language: str
    items: list[FeedItem]


@blueprint.get("/changes")
@open_to_programs(None)
@described(
    query=ChangesQuery,
    resp=answers(ChangesPage, "The changes after a cursor"),
    operation_id="changes",
    tags=["changes"],
)
def list_changes() -> ResponseReturnValue:
    """Every public change of a scheme after a cursor, in the order of their showing.

    What comes with time alone (an update that begins, the end of a term) is told within
    minutes of its day.
    """
    found, more, cursor = _asked()
    told = [told_of(one) for one in found]
    return answered(ChangesPage(changes=told, cursor=cursor, more=more))


@blueprint.get("/changes.csv")
@open_to_programs(None)
@described(
    query=ChangesQuery,
    resp=answers(ChangesPage, "The same as a table"),
    operation_id="changesTable",
    tags=["changes"],
)
def changes_table() -> ResponseReturnValue:
    """The same as a table."""
    found, _, _ = _asked()
    head = ("cursor", "event", "on", "recorded_at", "certificate", "edition",
            "reason_code", "holder", "legal_name", "town", "province", "scheme",
            "scheme_name")  # fmt: skip
    return table(head, [_row(told_of(one)) for one in found])


@blueprint.get("/feed.json")
@open_to_programs(None)
@described(
    query=FeedQuery,
    resp=answers(Feed, "The newest changes"),
    operation_id="jsonFeed",
    tags=["changes"],
)
def json_feed() -> ResponseReturnValue:
    """The newest public changes as a JSON Feed."""
    language, scheme = _of_feed()
    with force_locale(language):
        feed = Feed(
            version="https://jsonfeed.org/version/1.1",
            title=_title(scheme),
            home_page_url=f"{base()}/{language}/",
            feed_url=about(f"{base()}/api/v1/feed.json", scheme),
            language=language,
            items=[_item(one) for one in changes.latest(NEWEST, scheme)],
        )
    response = answered(feed)
    response.mimetype = "application/feed+json"
    return response


@blueprint.get("/feed.atom")
@open_to_programs(None)
@described(
    query=FeedQuery,
    resp=answers(Feed, "The newest changes"),
    operation_id="atomFeed",
    tags=["changes"],
)
def atom_feed() -> ResponseReturnValue:
    """The newest public changes as Atom (RFC 4287)."""
    language, scheme = _of_feed()
    found = changes.latest(NEWEST, scheme)
    with force_locale(language):
        page = render_template(
            "api/feed.xml",
            items=[(one, _item(one)) for one in found],
            title=_title(scheme),
            address=about(f"{base()}/api/v1/feed.atom", scheme),
            instant=instant,
            base=base(),
            language=language,
        )
    response = Response(page, mimetype="application/atom+xml")
    return kept_a_while(response, page.encode())


def told_of(one: Change) -> ChangeTold:
    """A change as the service tells it."""
    return ChangeTold(
        cursor=one.number,
        event=f"certificate.{one.kind}",
        on=one.on.isoformat(),
        recorded_at=instant(one.at),
        certificate=one.certificate,
        scheme=one.scheme,
        scheme_name=mark_of(one.scheme),
        edition=one.edition,
        edition_name=edition_name(one.edition),
        reason_code=one.reason_code,  # type: ignore[arg-type] # a closed list
        holder=ChangedHolder(
            id=one.organisation_id,
            legal_name=one.legal_name,
            town=one.town,
            province=one.province,
        ),
        links=ChangeLinks(
            certificate=f"{base()}/c/{one.certificate}",
            profile=f"{base()}/it/register/{one.organisation_id}",
            newer=f"{base()}/c/{one.newer}" if one.newer else None,
        ),
    )


def _asked() -> tuple[Sequence[Change], bool, int]:
    given = parameters("since", "limit", "scheme")
    scheme = scheme_of(given)
    limit = max(1, number(given, "limit", 100, changes.MOST - 1))
    since = number(given, "since", 0)
    found = changes.since(since, limit + 1, scheme)
    told = found[:limit]
    return told, len(found) > limit, told[-1].number if told else since


def _row(told: ChangeTold) -> list[Any]:
    who = told.holder
    return [told.cursor, told.event, told.on, told.recorded_at, told.certificate,
            told.edition, told.reason_code, who.id, who.legal_name, who.town,
            who.province, told.scheme, told.scheme_name]  # fmt: skip


def _item(one: Change) -> FeedItem:
    happened = gettext(LABELS[one.kind])
    reason = gettext(REASONS[one.reason_code]) if one.reason_code else ""
    where = f"{one.town} ({one.province})"
    place = {"since": one.number - 1, "limit": 1, **named(one.scheme)}
    return FeedItem(
        id=f"{base()}/api/v1/changes?{urlencode(place)}",
        url=f"{base()}/c/{one.certificate}",
        title=f"{one.legal_name}: {happened}",
        content_text=f"{edition_name(one.edition)} · {one.certificate} · {where} · "
        f"{one.on.isoformat()}. {reason}",
        date_published=instant(one.at),
        tags=[one.kind, one.edition],
    )


def _of_feed() -> tuple[str, str]:
    """The language and the scheme of a feed."""
    given = parameters("lang", "scheme")
    asked = given.get("lang", DEFAULT)
    return asked if asked in LANGUAGES else DEFAULT, scheme_of(given)


def _title(scheme: str) -> str:
    title = gettext("Impact Registry: what changed")
    return f"{title} ({mark_of(scheme)})" if named(scheme) else str(title)
