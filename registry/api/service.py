"""What all addresses of the service share: the blueprint, refusals, validators."""

import csv
import io
import json
import logging
import time
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue
from pydantic import BaseModel
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as NoConnection

from registry.accounts.limits import limiter
from registry.criteria.schemes import MAIN_SCHEME, named, published
from registry.errors import N_, Invalid, Unavailable
from registry.services import services
from registry.verification.questions import (
    SCHEME,
    OneIdentifier,
    UnknownParameter,
    known_scheme,
)
from registry.verification.verdicts import TTL
from registry.web import headers
from registry.web.cache import offer
from registry.web.errors import refuse

blueprint = Blueprint("api", __name__, url_prefix="/api/v1")
log = logging.getLogger(__name__)
JSON = "application/json"
#: What a body may weigh: a thousand items with room to spare.
MOST_BYTES = 1024 * 1024
#: Beyond this no database counts.
LAST = 2**31 - 1
#: A spreadsheet would take these for the beginning of a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


class NotReadable(Unavailable):
    """The database does not answer; that is never the answer “never certified”."""


class BadBody(Invalid):
    """The body is not the JSON that this address reads."""


class BadNumber(Invalid):
    """A cursor or a limit that this service never gave."""


def parameters(*known: str) -> dict[str, str]:
    """The parameters of the address, each once; raises UnknownParameter."""
    for name, values in request.args.lists():
        if name not in known:
            raise UnknownParameter(
                N_("There is no parameter of this name. Known: %(known)s."),
                known=", ".join(known) or "–",
            )
        if len(values) > 1:
            raise OneIdentifier(
                N_("The parameter “%(name)s” is given more than once."), name=name
            )
    return request.args.to_dict()


def scheme_of(given: Mapping[str, str]) -> str:
    """The scheme that was named, or the main one; raises UnknownScheme."""
    known = published(services().editions)
    return known_scheme(given.get(SCHEME), known) or MAIN_SCHEME


def about(address: str, scheme: str) -> str:
    """An address without a query, with the scheme where it has to be named."""
    words = urlencode(named(scheme))
    return f"{address}?{words}" if words else address


def number(given: dict[str, str], name: str, default: int, most: int = LAST) -> int:
    """A whole number from 0 to `most`; raises BadNumber."""
    typed = given.get(name)
    if typed is None:
        return default
    right = typed.isascii() and typed.isdigit() and len(typed) <= 10
    if not right or int(typed) > most:
        raise BadNumber(
            N_("The parameter “%(name)s” is a whole number from 0 to %(most)s."),
            name=name,
            most=most,
        )
    return int(typed)


def body() -> dict[str, Any]:
    """The JSON object that was sent; raises BadBody."""
    request.max_content_length = MOST_BYTES
    try:
        told = json.loads(request.get_data().decode(), parse_constant=_no_constant)
        json.dumps(told, ensure_ascii=False).encode()  # half a letter is no letter
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, dict):
        raise BadBody(N_("Send one JSON object in UTF-8."))
    return told


def _no_constant(name: str) -> None:
    raise ValueError(name)


def answered(told: BaseModel, *apart: str) -> Response:
    """
    The answer as JSON, which may be kept for a minute.

    Its validator leaves out the members `apart`, which change with the clock alone.
    """
    said = told.model_dump_json(exclude_none=True, by_alias=True)
    response = Response(said, mimetype=JSON)
    rest = told.model_dump_json(exclude=set(apart), exclude_none=True)
    return kept_a_while(response, rest.encode())


def kept_a_while(response: Response, content: bytes) -> Response:
    """A public answer with a validator made of what it says."""
    response.headers["Cache-Control"] = f"public, max-age={TTL}"
    response.set_etag(sha256(content).hexdigest()[:32], weak=True)
    response.make_conditional(request)
    return response


def table(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> Response:
    """Rows as CSV (RFC 4180, UTF-8); what looks like a formula is made harmless."""
    written = io.StringIO()
    lines = csv.writer(written)
    lines.writerow(head)
    lines.writerows([_harmless(value) for value in row] for row in rows)
    content = written.getvalue().encode()
    response = Response(content, mimetype="text/csv", content_type="text/csv")
    response.content_type = "text/csv; charset=utf-8; header=present"
    return kept_a_while(response, content)


def _harmless(value: Any) -> Any:
    if isinstance(value, str) and value.startswith(FORMULA):
        return f"'{value}"
    return value


def base() -> str:
    """The address of the register."""
    return services().settings.base_url


@blueprint.errorhandler(DBAPIError)
@blueprint.errorhandler(NoConnection)
def unreadable(error: SQLAlchemyError) -> ResponseReturnValue:
    """503 with its code, and when to come back."""
    log.error("the database does not answer", exc_info=error)
    refused: Any = refuse(
        NotReadable(N_("The register cannot be read just now: this is not an answer."))
    )
    refused.headers["Retry-After"] = "30"
    return refused  # type: ignore[no-any-return]


@blueprint.after_request
def open_to_origins(response: Response) -> Response:
    """Any page may ask; how often is said on every answer."""
    headers.open_to_origins(response)
    response.headers["Access-Control-Allow-Headers"] = "Authorization, Content-Type"
    response.headers["Access-Control-Expose-Headers"] = (
        "RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset, Retry-After, ETag"
    )
    if response.status_code == 200 and response.cache_control.public:
        offer(limiter)
    limit = limiter.current_limit
    if limit is not None:
        seconds = str(max(0, round(limit.reset_at - time.time())))
        response.headers["RateLimit-Limit"] = str(limit.limit.amount)
        response.headers["RateLimit-Remaining"] = str(max(0, limit.remaining))
        response.headers["RateLimit-Reset"] = seconds
        if response.status_code == 429:
            response.headers["Retry-After"] = seconds
    return response
