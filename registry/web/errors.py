"""Where refusals become pages, or problem documents (RFC 9457) for programs."""

import logging
import math
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Flask, Response, jsonify, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from flask_limiter import RateLimitExceeded
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException, SecurityError

from registry import errors
from registry.db import db
from registry.errors import N_
from registry.web.standings import STANDINGS, STATES
from registry.web.typed import handed_back

log = logging.getLogger(__name__)

STATUS: dict[type[errors.RegistryError], int] = {
    errors.NotFound: 404,
    errors.Forbidden: 403,
    errors.Conflict: 409,
    errors.Invalid: 422,
    errors.Unavailable: 503,
}


@dataclass(frozen=True)
class Words:
    """A title for a status, what it means and what to do next."""

    title: str
    meaning: str
    advice: str


#: Not found and not yours to see are the same answer, so its words never vary.
NOT_FOUND = Words(
    N_("There is nothing at this address"),
    N_("The page does not exist, or it is not among those you may see."),
    N_("Check the address, or start again from the home page."),
)
WORDS = {
    400: Words(
        N_("The request cannot be understood"),
        N_("Something in what was sent is broken or missing."),
        N_("Go back, reload the page and try again."),
    ),
    401: Words(
        N_("A key is needed"),
        N_("The key is missing, or is not one of ours."),
        N_("Show the key of your program, or make one on your pages."),
    ),
    403: Words(
        N_("This is not open to you"),
        N_("Your role does not include this."),
        N_("If you think it should, write to the secretariat."),
    ),
    404: NOT_FOUND,
    405: Words(
        N_("This address does not work that way"),
        N_("The page exists, but not for what was asked of it."),
        N_("Start again from the page before."),
    ),
    409: Words(
        N_("This is no longer possible"),
        N_("Someone changed this meanwhile. Reload the page and try again."),
        N_("Reload the page before to see how things stand now."),
    ),
    413: Words(
        N_("What was sent is too large"),
        N_("The files together are larger than the registry accepts."),
        N_("Go back and send smaller files, or one at a time."),
    ),
    422: Words(
        N_("Something is missing or wrong"),
        N_("What was sent cannot be accepted as it is."),
        N_("Go back and correct it: nothing has been changed."),
    ),
    429: Words(
        N_("Too many requests"),
        N_("Too many requests came from this connection in a short time."),
        N_("Wait a little and try again."),
    ),
    500: Words(
        N_("Something broke on our side"),
        N_("The fault is ours and has been written down. Nothing has been changed."),
        N_("Try again; if it happens again, tell the secretariat the number below."),
    ),
    503: Words(
        N_("Not available just now"),
        N_("A service the registry needs does not answer."),
        N_("Try again in a few minutes."),
    ),
}
#: Here programs ask, and get problem documents.
PROGRAMS = (
    *("/api/", "/id/", "/credentials/", "/status/", "/.well-known/", "/badge/"),
)
#: Seconds after which asking again may help.
PATIENCE = {429: "60", 503: "30"}
UNTRUSTED = N_("This page stayed open too long, or was not made by us.")


def init_app(app: Flask) -> None:
    """Answer every refusal and every fault of `app` in words."""
    app.register_error_handler(errors.RegistryError, refuse)
    app.register_error_handler(StaleDataError, outdated)
    app.register_error_handler(IntegrityError, clashed)
    app.register_error_handler(OperationalError, unreachable)
    app.register_error_handler(CSRFError, untrusted)
    app.register_error_handler(HTTPException, from_http)
    app.register_error_handler(Exception, broken)


def refuse(error: errors.RegistryError) -> ResponseReturnValue:
    """A refusal of ours, in the reader's language."""
    db.session.rollback()  # else rendering the page could flush what we just refused
    status = next(code for kind, code in STATUS.items() if isinstance(error, kind))
    if status == 404:  # a foreign object and an unknown address read the same
        return answer(404, "not_found")
    return answer(status, error.code, gettext(error.message, **_said(error.params)))


def outdated(error: StaleDataError) -> ResponseReturnValue:
    """Two people at once: the second is told."""
    return refuse(errors.Conflict(WORDS[409].meaning))


def clashed(error: IntegrityError) -> ResponseReturnValue:
    """Two people took the same number or name at once: the second is told."""
    if _is_taken(error):
        return refuse(errors.Conflict(WORDS[409].meaning))
    return broken(error)


def unreachable(error: OperationalError) -> ResponseReturnValue:
    """The database does not answer, is full, or writers blocked each other."""
    log.error("the database refused: %s", type(error.orig).__name__, exc_info=error)
    return refuse(errors.Unavailable(WORDS[503].meaning))


def untrusted(error: CSRFError) -> ResponseReturnValue:
    """A form without its token: usually a page left open overnight."""
    db.session.rollback()
    kept = handed_back(400)
    return kept or answer(400, "untrusted_form", gettext(UNTRUSTED))


def from_http(error: HTTPException) -> ResponseReturnValue:
    """What Flask itself refuses: unknown addresses, wrong methods, too much data."""
    db.session.rollback()
    if isinstance(error, SecurityError):  # a forged Host: no page, it would have links
        return Response("400\n", 400, mimetype="text/plain")
    if isinstance(error, RateLimitExceeded) and error.limit is not None:
        return _too_many(error.limit.limit.get_expiry())
    status = error.code or 500
    if status < 400 or error.response is not None:
        return error.get_response()
    response = answer(status, _http_code(status))
    for name, value in error.get_headers():
        if name in ("Allow", "Retry-After", "WWW-Authenticate"):
            response.headers[name] = value
    return response


def _too_many(seconds: int) -> Response:
    """Refused by a limit that counts over so many seconds: it opens again in these."""
    minutes = math.ceil(seconds / 60)
    said = ngettext(
        "Too many requests came from this connection: it is heard again in a minute.",
        "Too many requests came from this connection: it is heard again within "
        "%(num)s minutes.",
        minutes,
    )
    response = answer(429, _http_code(429), said)
    response.headers["Retry-After"] = str(seconds)
    return response


def broken(error: Exception) -> ResponseReturnValue:
    """A bug: the trace goes to the log, the reader gets a number to quote."""
    db.session.rollback()
    number = uuid.uuid4().hex[:12]
    log.error("request %s failed", number, exc_info=error)
    return answer(500, "internal_error", number=number)


def answer(
    status: int, code: str, sentence: str | None = None, *, number: str | None = None
) -> Response:
    """A page, or a problem document where programs ask, for `status`."""
    words = WORDS.get(status, WORDS[500] if status >= 500 else WORDS[400])
    said = sentence or gettext(words.meaning)
    if request.path.startswith(PROGRAMS):
        response = _problem(status, code, gettext(words.title), said, number)
    else:
        page = render_template(
            "errors/refusal.html",
            words=words,
            sentence=said,
            status=status,
            number=number,
        )
        response = make_response(page, status)
    if status in PATIENCE:
        response.headers["Retry-After"] = PATIENCE[status]
    return response


def _is_taken(error: IntegrityError) -> bool:
    """Whether a UNIQUE rule refused; PostgreSQL says 23505, SQLite says it in words."""
    state = getattr(error.orig, "sqlstate", None)
    return state == "23505" or str(error.orig).startswith("UNIQUE constraint failed")


def _problem(
    status: int, code: str, title: str, detail: str, number: str | None
) -> Response:
    problem = {
        "type": "about:blank",
        "title": title,
        "status": status,
        "detail": detail,
        "code": code,
        **({"instance": f"urn:request:{number}"} if number else {}),
    }
    response = jsonify(problem)
    response.status_code = status
    response.mimetype = "application/problem+json"
    return response


def _http_code(status: int) -> str:
    names = {404: "not_found", 405: "method_not_allowed", 413: "too_large"}
    return names.get(status, "too_many_requests" if status == 429 else "bad_request")


def _said(params: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters that are codes of a status are said in its word."""
    looks = {**STATES, **STANDINGS}
    return {
        name: gettext(looks[value].word)
        if isinstance(value, str) and value in looks
        else value
        for name, value in params.items()
    }
