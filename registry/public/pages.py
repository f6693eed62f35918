"""How public pages are kept by browsers and proxies: and asked for again each time."""

import logging

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as NoConnection

from registry.accounts.limits import limiter
from registry.errors import N_, Unavailable
from registry.web.cache import offer
from registry.web.errors import refuse

log = logging.getLogger(__name__)
#: A copy may be kept, and shown only when the register says that it still holds: what
#: was valid a minute ago may not be.
ASK_AGAIN = "public, no-cache"


class NotReadable(Unavailable):
    """The database does not answer; that is never the answer “not certified”."""


def serve(blueprint: Blueprint) -> None:
    """Let the pages of `blueprint` be the same for everyone, and cheap to ask again."""
    blueprint.url_value_preprocessor(drop_language)
    blueprint.after_request(may_be_kept)
    for fault in (DBAPIError, NoConnection):
        blueprint.register_error_handler(fault, unreadable)


def drop_language(endpoint: str | None, values: dict[str, object] | None) -> None:
    """The language of an address is read by registry.web.language, not by views."""
    if values:
        values.pop("lang", None)


def may_be_kept(response: Response) -> Response:
    """A validator from the content, so that an unchanged page is not sent twice."""
    good = request.method in {"GET", "HEAD"} and response.status_code == 200
    response.headers.setdefault("Cache-Control", ASK_AGAIN if good else "no-cache")
    if not good:
        return response
    if "ETag" not in response.headers:
        response.add_etag()
    offer(limiter)
    response.make_conditional(request)
    return response


def unreadable(error: SQLAlchemyError) -> ResponseReturnValue:
    """503 in words, and when to come back."""
    log.error("the database does not answer", exc_info=error)
    answer = refuse(
        NotReadable(N_("The register cannot be read just now: this is not an answer."))
    )
    assert isinstance(answer, Response)  # noqa: S101 - `refuse` always makes one
    answer.headers["Retry-After"] = "30"
    return answer
