"""A place to try programs: invented holders in every status, and answers that stay.

The holders are in sandbox.json. Their numbers have right check digits, and no
organisation of the register bears them. The day of the answers is fixed; `on` and
`known_at` are read as everywhere, and change nothing.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue
from pydantic import Field
from spectree import Response as Answers

from registry.accounts.access import open_to_everyone
from registry.api.bulk import Many, Results, many
from registry.api.description import ANSWERS, described
from registry.api.keyed import BULK, for_scope, open_to_programs
from registry.api.service import body, open_to_origins
from registry.api.shapes import Problem, VerifyQuery, answers
from registry.certificates.layouts import mark_of
from registry.criteria.schemes import MAIN_SCHEME, published
from registry.services import services
from registry.verification.answers import Answer, Told
from registry.verification.questions import Question, asked_for, question

blueprint = Blueprint("api_sandbox", __name__, url_prefix="/api/v1/sandbox")
blueprint.after_request(open_to_origins)
FILE = Path(__file__).with_name("sandbox.json")
DAY = 86_400
NOBODY = {"status": "never_certified", "flags": [], "reason_code": "never_certified"}
#: Where in an answer identifiers stand; a superseded certificate only by its own.
PLACES = ("vat", "tax_code", "albo", "rea")


class Case(Told):
    """An invented holder: what it is there for, and by which numbers to ask."""

    case: str
    vat: str
    albo: str
    rea: str
    certificate: str | None = None


class Cases(Told):
    """Everybody in the sandbox."""

    holders: list[Case] = Field(description="None of them exists")


@cache
def kept() -> dict[str, Any]:
    """The file, read once."""
    found: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
    return found


@cache
def by_identifier() -> dict[tuple[str, str], dict[str, Any]]:
    """The answer for each identifier of the sandbox."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for one in kept()["holders"]:
        answer = one["answer"]
        if certificate := answer.get("certificate"):
            found["certificate", certificate["number"]] = answer
        if answer["status"] != "superseded":
            matched = answer["matched"]
            found.update(((by, matched[by]), answer) for by in PLACES)
    return found


@blueprint.get("/verify")
@open_to_programs(None)
@described(
    query=VerifyQuery,
    resp=ANSWERS,
    operation_id="sandboxVerify",
    tags=["sandbox"],
)
def verify() -> ResponseReturnValue:
    """As `/verify`, about invented holders: the answers never change."""
    doors = services()
    asked = question(request.args, doors.clock.now(), published(doors.editions))
    return _said(_answer(asked, doors.settings.base_url))


@blueprint.post("/verify/bulk")
@open_to_everyone
@BULK
@for_scope(None)
@described(
    json=Many,
    resp=answers(Results, "A result for each item, in order, some of them problems",
                 413),
    operation_id="sandboxVerifyMany",
    tags=["sandbox"],
)  # fmt: skip
def verify_many() -> ResponseReturnValue:
    """As `/verify/bulk`, about invented holders; nothing of it counts for the day."""
    base_url = services().settings.base_url
    return many(
        body(),
        services().clock.now(),
        lambda asked: [_answer(one, base_url) for one in asked],
    )


@blueprint.get("/holders")
@open_to_programs(None)
@described(
    resp=Answers(
        HTTP_200=(Cases, "Invented holders, one for each status and flag"),
        HTTP_429=(Problem, "Too many questions: see Retry-After"),
    ),
    operation_id="sandboxHolders",
    tags=["sandbox"],
)
def holders() -> ResponseReturnValue:
    """Whom to ask about in the sandbox."""
    return _said(Cases(holders=[_case(one) for one in kept()["holders"]]))


def _answer(asked: Question, base: str) -> Answer:
    scheme = asked.about or MAIN_SCHEME
    told = by_identifier().get((asked.by, asked.value), NOBODY)
    if scheme != MAIN_SCHEME:
        told = NOBODY
    about = {"scheme": scheme, "scheme_name": mark_of(scheme)}
    query = asked_for(asked)
    same = {name: kept()[name] for name in ("as_of", "recorded_through", "ttl")}
    links = {"self": f"{base}/api/v1/sandbox/verify?{urlencode(query)}"}
    return Answer.model_validate(
        {**told, **about, **same, "query": query, "links": links}
    )


def _case(one: dict[str, Any]) -> Case:
    answer = one["answer"]
    return Case(
        case=one["case"],
        vat=answer["matched"]["vat"],
        albo=answer["matched"]["albo"],
        rea=answer["matched"]["rea"],
        certificate=answer.get("certificate", {}).get("number"),
    )


def _said(told: Told) -> Response:
    said = told.model_dump_json(exclude_none=True)
    response = Response(said, mimetype="application/json")
    response.headers["Cache-Control"] = f"public, max-age={DAY}"
    response.add_etag()
    response.make_conditional(request)
    return response
