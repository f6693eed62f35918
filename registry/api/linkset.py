"""Everything there is about a holder, from one permanent address (RFC 9264)."""

from typing import Any

from flask import Blueprint, Response, redirect, request
from flask.typing import ResponseReturnValue
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnection
from werkzeug.datastructures import MIMEAccept

from registry.api.description import described
from registry.api.keyed import open_to_programs
from registry.api.service import (
    about,
    base,
    kept_a_while,
    open_to_origins,
    parameters,
    unreadable,
)
from registry.api.shapes import answers
from registry.errors import N_, NotFound
from registry.services import services
from registry.verification import holders
from registry.verification.answers import Told, without_nulls
from registry.web.language import LANGUAGES, choose

blueprint = Blueprint("linkset", __name__)
blueprint.after_request(open_to_origins)
for fault in (DBAPIError, NoConnection):
    blueprint.register_error_handler(fault, unreadable)
LINKSET = "application/linkset+json"
PAGES = ("text/html", "application/xhtml+xml")


class LinksetQuery(BaseModel):
    """What to give: the links themselves, whatever the reader accepts."""

    model_config = ConfigDict(extra="forbid", json_schema_extra=without_nulls)

    linkType: str | None = Field(None, description="`linkset`")  # noqa: N815 - GS1’s


class Linkset(Told):
    """Links by relation (RFC 9264, 4.2)."""

    linkset: list[dict[str, Any]]


@blueprint.get("/id/<id:id_>")
@open_to_programs(None)
@described(
    query=LinksetQuery,
    resp=answers(Linkset, "The links", 404),
    operation_id="linkset",
    tags=["holders"],
)
def resolve(id_: int) -> ResponseReturnValue:
    """The links of a holder for programs; people are led to its page."""
    asked = parameters("linkType").get("linkType")
    rest = _known(id_)
    if asked != "linkset" and _wants_a_page(request.accept_mimetypes):
        response = redirect(f"{base()}/{choose()}/register/{id_}", 303)
        response.headers["Link"] = f'<{_own(id_)}>; rel="linkset"; type="{LINKSET}"'
    else:
        told = Linkset(linkset=[_links(id_, rest)]).model_dump_json()
        response = kept_a_while(Response(told, mimetype=LINKSET), told.encode())
    response.vary.add("Accept")
    return response


def _wants_a_page(accepted: MIMEAccept) -> bool:
    """
    Whether a page is asked for by its name, as browsers do.

    Programs that take anything (`*/*`) are given the links: a page says less to them.
    """
    named = max((quality for kind, quality in accepted if kind in PAGES), default=0)
    return bool(named) and named >= accepted[LINKSET]


def _known(id_: int) -> holders.Rest:
    rest = holders.rest(id_, services().today())
    if not rest.papers:
        raise NotFound(N_("There is no such holder."))
    return rest


def _own(id_: int) -> str:
    return f"{base()}/id/{id_}?linkType=linkset"


def _links(id_: int, rest: holders.Rest) -> dict[str, Any]:
    """Relations are those IANA registers: what describes, and what is an item of it."""
    there = f"{base()}/api/v1/holders/{id_}"
    pages = [
        {
            "href": f"{base()}/{lang}/register/{id_}",
            "type": "text/html",
            "hreflang": [lang],
        }
        for lang in LANGUAGES
    ]
    return {
        "anchor": f"{base()}/id/{id_}",
        "describedby": pages,
        "alternate": [_as_data(there, scheme) for scheme in rest.schemes],
        "version-history": [
            _as_data(f"{there}/history", scheme) for scheme in rest.schemes
        ],
        "item": [one for paper, _ in rest.papers for one in _paper(paper)],
        "license": [{"href": f"{base()}/dumps/", "type": "text/html"}],
    }


def _as_data(address: str, scheme: str) -> dict[str, str]:
    return {"href": about(address, scheme), "type": "application/json"}


def _paper(paper: Any) -> list[dict[str, str]]:
    number = paper.number
    found = [{"href": f"{base()}/c/{number}", "type": "text/html", "title": number}]
    badge = {"href": f"{base()}/badge/{number}.json", "type": "application/json"}
    if paper.credential is not None:
        href = f"{base()}/credentials/{number}"
        found.append({"href": href, "type": "application/vc+jwt", "title": number})
    return [*found, badge | {"title": number}]
