"""The service for programs, version 1: no key, no session, open to every origin."""

import logging
import time
from typing import Any

from flask import Blueprint, Response, jsonify, request
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as NoConnection

from registry.accounts.access import open_to_everyone
from registry.accounts.limits import limiter
from registry.api import description
from registry.api.shapes import VerifyQuery
from registry.errors import N_, Unavailable
from registry.services import services
from registry.verification import verdicts
from registry.verification.questions import question
from registry.web.cache import offer
from registry.web.errors import refuse

blueprint = Blueprint("api", __name__, url_prefix="/api/v1")
log = logging.getLogger(__name__)
VERIFY = "60 per minute;2000 per day"


class NotReadable(Unavailable):
    """The database does not answer; that is never the answer “never certified”."""


@blueprint.get("/verify")
@open_to_everyone
@limiter.limit(VERIFY)
@description.spec.validate(
    query=VerifyQuery,
    resp=description.ANSWERS,
    skip_validation=True,
    operation_id="verify",
    tags=["verify"],
)
def verify() -> ResponseReturnValue:
    """Whether a cooperative is certified, by one of its numbers.

    Answers 200 also for whoever never had a certificate: status never_certified.
    """
    doors, at = services(), services().clock.now()
    asked = question(request.args, at)
    answer = verdicts.answer(asked, at, doors.editions, doors.settings.base_url)
    said = answer.model_dump_json(exclude_none=True)
    response = Response(said, mimetype="application/json")
    response.headers["Cache-Control"] = f"public, max-age={verdicts.TTL}"
    response.set_etag(verdicts.tag(answer), weak=True)
    return response.make_conditional(request)


@blueprint.get("/openapi.json")
@open_to_everyone
def openapi() -> ResponseReturnValue:
    """The description of this service."""
    response = jsonify(description.document(services().settings.base_url))
    response.headers["Cache-Control"] = "public, max-age=3600"
    response.add_etag()
    return response.make_conditional(request)


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
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Access-Control-Expose-Headers"] = (
        "RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset, Retry-After, ETag"
    )
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
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
