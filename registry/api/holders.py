"""Who is on the public register, page by page, and everything about one of them."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from flask.typing import ResponseReturnValue
from pydantic import BaseModel, ConfigDict, Field

from registry.api.description import described
from registry.api.feeds import ChangeTold, told_of
from registry.api.keyed import open_to_programs
from registry.api.service import answered, base, blueprint, number, parameters, table
from registry.api.shapes import answers
from registry.certificates.standing import Code
from registry.clock import instant
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
from registry.verification.questions import read_instant

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
    scheme: str | None = Field(None, description="As impact")
    edition: str | None = Field(None, description="As impact/2022")
    since: str | None = Field(
        None, description="An instant with its zone: something changed since then"
    )
    after: str | None = Field(None, description="The `id` after which the page begins")
    limit: str | None = Field(None, description="Up to 200; 100 if not given")


class HolderLinks(Told):
    """Addresses about a holder."""

    self: str
    profile: str
    history: str
    linkset: str
    verify: str


class HolderTold(Told):
    """A holder, and what its newest certificate is worth today."""

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
    """Everything public about a holder."""

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
    """Everyone who has or had a certificate, filtered, page by page."""
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
    resp=answers(HolderInFull, "The holder", 404),
    operation_id="holder",
    tags=["holders"],
)
def show_holder(id_: int) -> ResponseReturnValue:
    """Everything public about a holder."""
    parameters()
    return answered(_in_full(_known(id_)), "as_of")


@blueprint.get("/holders/<id:id_>/history")
@open_to_programs(None)
@described(
    resp=answers(History, "What befell its certificates", 404),
    operation_id="history",
    tags=["holders"],
)
def history(id_: int) -> ResponseReturnValue:
    """Everything that befell the certificates of a holder, the oldest first."""
    parameters()
    found = changes.of_holder(_known(id_).id)
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
        "scheme": {one.scheme for one in editions.values()},
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
    at = services().clock.now()
    return Filters(**chosen, since=None if since is None else read_instant(since, at))


def _known(id_: int) -> Holder:
    found = holders.page(Filters(id=id_), services().today(), 0, 1)
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
        "status": one.standing.code.value,
        "status_since": one.standing.since.isoformat(),
        "reason_code": one.standing.reason_code,
        "certificate": _certificate(one),
        "links": HolderLinks(
            self=here,
            profile=f"{base()}/it/register/{one.id}",
            history=f"{here}/history",
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
        edition_digest=one.edition_digest,
    )


def _in_full(one: Holder) -> HolderInFull:
    rest = holders.rest(one.id, services().today())
    return HolderInFull(
        **_facts(one),
        former_names=[
            FormerNameTold(legal_name=name, until=until.isoformat())
            for name, until in rest.former_names
        ],
        places=[PlaceTold(town=town, province=where) for town, where in rest.places],
        certificates=list(_papers(rest)),
        as_of=instant(services().clock.now()),
    )


def _papers(rest: holders.Rest) -> Iterator[PaperTold]:
    for paper, now in rest.papers:
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
    *("expires", "edition", "profile"),
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
