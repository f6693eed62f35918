"""The service for programs, version 1: no key, no session, open to every origin."""

from flask import Response, jsonify, request
from flask.typing import ResponseReturnValue

from registry.accounts.access import open_to_everyone
from registry.api import bulk, criteria, description, feeds, holders
from registry.api.keyed import asks, open_to_programs
from registry.api.service import JSON, blueprint, open_to_origins, unreadable
from registry.api.shapes import VerifyQuery
from registry.criteria.schemes import published
from registry.keys.models import Scope
from registry.services import services
from registry.verification import verdicts
from registry.verification.questions import question

__all__ = ["blueprint", "open_to_origins", "unreadable"]
#: Their views are of the same blueprint.
PARTS = (bulk, criteria, feeds, holders)


@blueprint.get("/verify")
@open_to_programs(Scope.VERIFY)
@description.described(
    query=VerifyQuery,
    resp=description.ANSWERS,
    operation_id="verify",
    tags=["verify"],
)
def verify() -> ResponseReturnValue:
    """Whether an organisation holds a certificate, by one of its numbers.

    Answers 200 also for whoever never had a certificate: status never_certified.
    """
    asks(1)
    doors, at = services(), services().clock.now()
    asked = question(request.args, at, published(doors.editions))
    answer = verdicts.answer(asked, at, doors.editions, doors.settings.base_url)
    said = answer.model_dump_json(exclude_none=True).encode()
    response = Response(said, mimetype=JSON)
    response.headers["Cache-Control"] = f"public, max-age={verdicts.TTL}"
    response.set_etag(verdicts.tag(said), weak=True)
    return response.make_conditional(request)


@blueprint.get("/openapi.json")
@open_to_everyone
def openapi() -> ResponseReturnValue:
    """The description of this service."""
    response = jsonify(description.document(services().settings.base_url))
    response.headers["Cache-Control"] = "public, max-age=3600"
    response.add_etag()
    return response.make_conditional(request)
