"""Who is on the public register, page by page, and everything about one of them."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from flask.typing import ResponseReturnValue
from pydantic import BaseModel, ConfigDict, Field

from registry.api.description import described
from registry.api.feeds import ChangeTold, told_of
from registry.api.keyed import open_to_programs
from registry.api.service import (
    about,
    answered,
    base,
    blueprint,
    number,
    parameters,
    scheme_of,
    table,
)
from registry.api.shapes import answers
from registry.certificates.layouts import edition_name, mark_of
from registry.certificates.standing import Code
from registry.clock import instant
from registry.criteria.schemes import published
from registry.errors import N_, Invalid, NotFound
from registry.organisations.models import OrganisationKind, Sector
from registry.organisations.rules import provinces
from registry.services import services
from registry.verification import changes, holders
from registry.verification.answers import (
    CertificateTold,
    Reason,
    Status,
    Told,
    without_nulls,
)
from registry.verification.holders import Filters, Holder
from registry.verification.questions import SCHEME, read_instant

MOST = 200
FILTERS = ("status", "province", "kind", "sector", "scheme", "edition", "since")


class BadFilter(Invalid):
    """A filter with a value that nothing has."""


class HoldersQuery(BaseModel):
    """Filters, all of which hold; and where the page begins."""

    model_config = ConfigDict(extra="forbid", json_schema_extra=without_nulls)

    status: str | None = Field(None, description="One of the statuses of an answer")
    province: str | None = Field(None, description="Two letters, as BG")
    kind: str | None = Field(None, description="As social_b")
    sector: str | None = Field(None, description="As cleaning")
    scheme: str | None = Field(None, description="impact if not given")
    edition: str | None = Field(None, description="As impact/2022")
    since: str | None = Field(
        None, description="An instant with its zone: something changed since then"
    )
    after: str | None = Field(None, description="The `id` after which the page begins")
    limit: str | None = Field(None, description="Up to 200; 100 if not given")


class SchemeQuery(BaseModel):
    """Under which scheme it holds a certificate."""

    model_config = ConfigDict(extra="forbid", json_schema_extra=without_nulls)

    scheme: str | None = Field(None, description="impact if not given")


class HolderLinks(Told):
    """Addresses about a holder."""

    self: str
    profile: str
    history: str
    linkset: str
    verify: str


class HolderTold(Told):
    """A holder, and what its newest certificate of a scheme is worth today."""

    id: int
    legal_name: str
    kind: str
    vat: str | None = None
    tax_code: str | None = None
    albo: str | None = None
    rea: str | None = None
    town: str
    province: str
    sectors: list[str]
    ateco: list[str] = Field(description="Codes of ATECO 2025")
    scheme: str = Field(description="The only one that this is about")
    scheme_name: str = Field(description="Its mark, as Impact")
    status: Status
    status_since: str
    reason_code: Reason | None = None
    certificate: CertificateTold
    links: HolderLinks


class HoldersPage(Told):
    """A page of holders, by `id`; `next` is there while there are more."""

    holders: list[HolderTold]
    next: str | None = None
    as_of: str


class PaperTold(Told):
    """A certificate of a holder, and what it is worth today."""

    certificate: CertificateTold
    status: Status
    status_since: str
    reason_code: Reason | None = None
    links: dict[str, str]


class FormerNameTold(Told):
    """A name it bore, and the last day it bore it."""

    legal_name: str
    until: str


class PlaceTold(Told):
    """Where it works, beside the registered seat."""

    town: str
    province: str


class HolderInFull(HolderTold):
    """Everything public about a holder under a scheme."""

    schemes: list[str] = Field(
        description="All under which it holds or held a certificate"
    )
    former_names: list[FormerNameTold]
    places: list[PlaceTold]
    certificates: list[PaperTold] = Field(description="The newest first")
    as_of: str


class History(Told):
    """Everything that befell the certificates of a holder, the oldest first."""

    holder: int
    changes: list[ChangeTold]


@blueprint.get("/holders")
@open_to_programs(None)
@described(
    query=HoldersQuery,
    resp=answers(HoldersPage, "A page of holders"),
    operation_id="holders",
    tags=["holders"],
)
def list_holders() -> ResponseReturnValue:
    """Everyone who has or had a certificate of a scheme, filtered, page by page."""
    given = parameters(*FILTERS, "after", "limit")
    found, following = _page(given)
    page = HoldersPage(
        holders=[_told(one) for one in found],
        next=following,
        as_of=instant(services().clock.now()),
    )
    return answered(page, "as_of")


@blueprint.get("/holders.csv")
@open_to_programs(None)
@described(
    query=HoldersQuery,
    resp=answers(HoldersPage, "The same page as a table"),
    operation_id="holdersTable",
    tags=["holders"],
)
def holders_table() -> ResponseReturnValue:
    """The same as a table; the header `Link` says where it goes on."""
    found, following = _page(parameters(*FILTERS, "after", "limit"))
    rows = [_row(_told(one)) for one in found]
    response = table(COLUMNS, rows)
    if following:
        onward = following.replace("/holders?", "/holders.csv?")
        response.headers["Link"] = f'<{onward}>; rel="next"'
    return response


@blueprint.get("/holders/<id:id_>")
@open_to_programs(None)
@described(
    query=SchemeQuery,
    resp=answers(HolderInFull, "The holder", 404),
    operation_id="holder",
    tags=["holders"],
)
def show_holder(id_: int) -> ResponseReturnValue:
    """Everything public about a holder of a scheme."""
    found = _known(id_, scheme_of(parameters(SCHEME)))
    return answered(_in_full(found), "as_of")


@blueprint.get("/holders/<id:id_>/history")
@open_to_programs(None)
@described(
    query=SchemeQuery,
    resp=answers(History, "What befell its certificates", 404),
    operation_id="history",
    tags=["holders"],
)
def history(id_: int) -> ResponseReturnValue:
    """Everything that befell its certificates of a scheme, the oldest first."""
    scheme = scheme_of(parameters(SCHEME))
    found = changes.of_holder(_known(id_, scheme).id, scheme)
    return answered(History(holder=id_, changes=[told_of(one) for one in found]))


def _page(given: dict[str, str]) -> tuple[list[Holder], str | None]:
    """Some holders, and where the list goes on."""
    limit = max(1, number(given, "limit", 100, MOST))
    after, today = number(given, "after", 0), services().today()
    found = holders.page(_filters(given), today, after, limit + 1)
    if len(found) <= limit:
        return found, None
    onward = given | {"after": str(found[limit - 1].id)}
    return found[:limit], f"{base()}/api/v1/holders?{urlencode(onward)}"


def _filters(given: dict[str, str]) -> Filters:
    editions = services().editions
    known: dict[str, Any] = {
        "status": {code.value for code in Code if code is not Code.NEVER_CERTIFIED},
        "province": provinces(),
        "kind": set(OrganisationKind),
        "sector": set(Sector),
        SCHEME: published(editions),
        "edition": editions,
    }
    for name, values in known.items():
        if name in given and given[name] not in values:
            raise BadFilter(
                N_("There is no “%(name)s” of this value. Known: %(known)s."),
                name=name,
                known=", ".join(list(values)[:20]),
            )
    since = given.get("since")
    chosen: dict[str, Any] = {name: given[name] for name in known if name in given}
    chosen[SCHEME] = _scheme(given)
    at = services().clock.now()
    return Filters(**chosen, since=None if since is None else read_instant(since, at))


def _scheme(given: dict[str, str]) -> str:
    """The scheme that was named, that of the edition, or the main one."""
    edition = given.get("edition", "")
    if edition and SCHEME not in given:
        given = {SCHEME: edition.partition("/")[0]}
    return scheme_of(given)


def _known(id_: int, scheme: str) -> Holder:
    found = holders.page(Filters(scheme=scheme, id=id_), services().today(), 0, 1)
    if not found:
        raise NotFound(N_("There is no such holder."))
    return found[0]


def _told(one: Holder) -> HolderTold:
    return HolderTold(**_facts(one))


def _facts(one: Holder) -> dict[str, Any]:
    here = f"{base()}/api/v1/holders/{one.id}"
    return {
        "id": one.id,
        "legal_name": one.legal_name,
        "kind": one.kind,
        "vat": one.vat,
        "tax_code": one.tax_code or one.vat,
        "albo": one.albo,
        "rea": one.rea,
        "town": one.town,
        "province": one.province,
        "sectors": one.sectors,
        "ateco": one.ateco,
        "scheme": one.scheme,
        "scheme_name": mark_of(one.scheme),
        "status": one.standing.code.value,
        "status_since": one.standing.since.isoformat(),
        "reason_code": one.standing.reason_code,
        "certificate": _certificate(one),
        "links": HolderLinks(
            self=about(here, one.scheme),
            profile=f"{base()}/it/register/{one.id}",
            history=about(f"{here}/history", one.scheme),
            linkset=f"{base()}/id/{one.id}?linkType=linkset",
            verify=f"{base()}/api/v1/verify?certificate={one.number}",
        ),
    }


def _certificate(one: Any) -> CertificateTold:
    return CertificateTold(
        number=one.number,
        issued=one.issued_on.isoformat(),
        expires=one.valid_until.isoformat(),
        edition=one.edition,
        edition_name=edition_name(one.edition),
        edition_digest=one.edition_digest,
    )


def _in_full(one: Holder) -> HolderInFull:
    rest = holders.rest(one.id, services().today())
    return HolderInFull(
        **_facts(one),
        schemes=rest.schemes,
        former_names=[
            FormerNameTold(legal_name=name, until=until.isoformat())
            for name, until in rest.former_names
        ],
        places=[PlaceTold(town=town, province=where) for town, where in rest.places],
        certificates=list(_papers(rest, one.scheme)),
        as_of=instant(services().clock.now()),
    )


def _papers(rest: holders.Rest, scheme: str) -> Iterator[PaperTold]:
    for paper, now in rest.papers:
        if paper.scheme != scheme:
            continue
        yield PaperTold(
            certificate=_certificate(paper),
            status=now.code.value,
            status_since=now.since.isoformat(),
            reason_code=now.reason_code,  # type: ignore[arg-type] # a closed list
            links={"certificate": f"{base()}/c/{paper.number}"},
        )


COLUMNS = (
    *("id", "legal_name", "kind", "vat", "tax_code", "albo", "rea", "town"),
    *("province", "status", "status_since", "reason_code", "certificate", "issued"),
    *("expires", "edition", "profile", "scheme", "scheme_name"),
)


def _row(one: HolderTold) -> list[Any]:
    paper = one.certificate
    apart = {
        "certificate": paper.number,
        "issued": paper.issued,
        "expires": paper.expires,
        "edition": paper.edition,
        "profile": one.links.profile,
    }
    return [apart.get(name) or getattr(one, name, None) for name in COLUMNS]
