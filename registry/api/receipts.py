"""Receipts for programs: asked for, looked up by number, checked."""

from typing import Any

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue
from pydantic import BaseModel, ConfigDict, Field
from spectree import Response as Answers
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnection
from werkzeug.datastructures import MultiDict

from registry.accounts.access import open_to_everyone
from registry.accounts.limits import limiter
from registry.api.description import described
from registry.api.keyed import QUOTA, asks, for_scope, open_to_programs, who
from registry.api.shapes import Problem, VerifyQuery
from registry.api.views import open_to_origins, unreadable
from registry.clock import instant
from registry.errors import N_, Invalid, NotFound
from registry.keys.models import Scope
from registry.receipts import numbers, queries
from registry.receipts.checking import MOST_BYTES, Verdict
from registry.receipts.rules import fingerprint
from registry.receipts.views import ISSUE, issued_for, looked_at, paper
from registry.verification.answers import Told

blueprint = Blueprint("api_receipts", __name__, url_prefix="/api/v1/receipts")
blueprint.after_request(open_to_origins)
for fault in (DBAPIError, NoConnection):
    blueprint.register_error_handler(fault, unreadable)
PDF = "application/pdf"


class NotAQuestion(Invalid):
    """The body is not a JSON object of texts."""


class ReceiptTold(Told):
    """What the register keeps of a receipt."""

    number: str = Field(description="As RIC-2026-000123-38")
    issued_at: str = Field(description="The instant it was issued, UTC")
    fingerprint: str = Field(description="SHA-256 of its payload (RFC 8785)")


class ReceiptIssued(ReceiptTold):
    """A receipt, in the hands of whoever asked: the register keeps no copy."""

    jwt: str = Field(description="The receipt, signed (ES256, typ receipt+jwt)")
    payload: dict[str, Any] = Field(description="What the token says, in clear")


class ReceiptChecked(Told):
    """What a file or a token is, and what it says where that can be believed."""

    verdict: Verdict
    genuine: bool
    fingerprint: str | None = None
    payload: dict[str, Any] | None = None


class Token(BaseModel):
    """The token to check; a file goes as the body itself."""

    model_config = ConfigDict(extra="forbid")

    jwt: str


REFUSED = {
    "HTTP_422": (Problem, "The question is wrong: see `code`"),
    "HTTP_429": (Problem, "Too many questions: see Retry-After"),
    "HTTP_503": (Problem, "The register cannot be read: this is no answer"),
}


@blueprint.post("")
@open_to_everyone
@limiter.limit(ISSUE, key_func=who)
@QUOTA
@for_scope(Scope.VERIFY)
@described(
    json=VerifyQuery,
    resp=Answers(HTTP_201=(ReceiptIssued, "The receipt"), **REFUSED),
    operation_id="issueReceipt",
    tags=["receipts"],
)
def issue() -> ResponseReturnValue:
    """Check, and get the signed receipt of it; as PDF where `Accept` asks for one."""
    asks(1)
    made = issued_for(_question())
    if request.accept_mimetypes.best_match(["application/json", PDF]) == PDF:
        return paper(made), 201
    told = ReceiptIssued(
        number=made.number,
        issued_at=made.payload["issued_at"],
        fingerprint=made.fingerprint,
        jwt=made.jwt,
        payload=made.payload,
    )
    return jsonify(told.model_dump()), 201


@blueprint.get("/<number>")
@open_to_programs(None)
@described(
    resp=Answers(
        HTTP_200=(ReceiptTold, "It was issued"),
        HTTP_404=(Problem, "There is none of this number"),
        **{code: REFUSED[code] for code in ("HTTP_429", "HTTP_503")},
    ),
    operation_id="receipt",
    tags=["receipts"],
)
def show(number: str) -> ResponseReturnValue:
    """That a receipt was issued, when, and its fingerprint: all that is kept of it."""
    receipt = queries.by_number(numbers.read(number))
    if receipt is None:
        raise NotFound(N_("There is no such receipt."))
    told = ReceiptTold(
        number=receipt.number,
        issued_at=instant(receipt.issued_at),
        fingerprint=receipt.fingerprint,
    )
    return jsonify(told.model_dump())


@blueprint.post("/verify")
@open_to_programs(None)
@described(
    json=Token,
    resp=Answers(HTTP_200=(ReceiptChecked, "What it is"), **REFUSED),
    operation_id="verifyReceipt",
    tags=["receipts"],
)
def verify() -> ResponseReturnValue:
    """Whether a token (as JSON), or a file as the body itself, is a receipt of ours."""
    content = request.get_data()[: MOST_BYTES + 1]
    if request.is_json:
        told = request.get_json(silent=True)
        jwt = told.get("jwt") if isinstance(told, dict) else None
        content = jwt.encode(errors="replace") if isinstance(jwt, str) else b""
    if not content:
        raise NotAQuestion(N_("Give the token as {“jwt”: …}, or the file as the body."))
    found = looked_at(content).checked
    answer = ReceiptChecked(
        verdict=found.verdict,
        genuine=found.genuine,
        fingerprint=fingerprint(found.payload) if found.payload else None,
        payload=found.payload,
    )
    return jsonify(answer.model_dump(mode="json", exclude_none=True))


def _question() -> "MultiDict[str, str]":
    told = request.get_json(silent=True)
    if not isinstance(told, dict) or not all(isinstance(v, str) for v in told.values()):
        raise NotAQuestion(N_("Send one JSON object whose values are texts."))
    return MultiDict(told)
