"""A file for programs: is it genuine, and what is its certificate worth today?"""

from typing import Literal

from flask import Blueprint, Response, abort, jsonify, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from pydantic import Field
from spectree import Response as Answers
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnection
from werkzeug.datastructures import MultiDict

from registry.accounts.access import open_to_everyone
from registry.accounts.limits import FILES, FILES_KEYED, limiter
from registry.api.description import described
from registry.api.keyed import QUOTA, for_scope, shown, who
from registry.api.shapes import Problem
from registry.api.views import open_to_origins, unreadable
from registry.certificates.handed import Handed, look_at, said_in_words
from registry.certificates.verification import MOST_BYTES
from registry.clock import instant
from registry.errors import N_, Invalid
from registry.services import services
from registry.verification import verdicts
from registry.verification.answers import Answer, Told
from registry.verification.questions import question
from registry.web.errors import answer as refusal

blueprint = Blueprint("api_files", __name__, url_prefix="/api/v1/verify")
for fault in (DBAPIError, NoConnection):
    blueprint.register_error_handler(fault, unreadable)
#: For what is sent beside the file itself.
ROOM = 64 * 1024
WHOLE = (
    *("application/pdf", "application/vc+jwt", "application/jwt"),
    "application/octet-stream",
)
UNKNOWN_BODY = N_("Send the file as the body (%(known)s), or as “file” of a form.")


class NoFile(Invalid):
    """There is no file, or it is empty."""


class CheckTold(Told):
    """One thing that was looked at; `told` says what was found."""

    code: str
    passed: bool
    told: str


class SealTold(Told):
    """What the seal says of itself; worth something only on a genuine file."""

    signer: str
    sealed_at: str | None = Field(None, description="ISO 8601")
    level: str | None = Field(None, description="Of ETSI EN 319 142-1, as B-LTA")


class FileTold(Told):
    """What a file is, and what its certificate is worth today."""

    verdict: Literal[
        "genuine",
        "altered",
        "not_sealed_by_us",
        "sealed_but_unknown",
        "not_a_certificate",
        "unreadable",
    ]
    stands: bool = Field(description="Genuine, and its certificate in force today")
    told: str = Field(description="The answer in one sentence")
    kind: Literal["paper", "credential", "badge", "picture", "other"]
    sha256: str = Field(description="Of the bytes received")
    certificate: str | None = Field(None, description="The number of a genuine file")
    claims: str | None = Field(
        None, description="The number that a file claims which is not genuine"
    )
    checks: list[CheckTold]
    seal: SealTold | None = None
    standing: Answer | None = Field(
        None, description="What the register says of the certificate of a genuine file"
    )
    as_of: str = Field(description="The instant of the answer, UTC")


@blueprint.post("/file")
@open_to_everyone
@limiter.limit(lambda: FILES if shown() is None else FILES_KEYED, key_func=who)
@QUOTA
@for_scope(None)
@described(
    resp=Answers(
        HTTP_200=(FileTold, "The answer, whatever the file is"),
        HTTP_413=(Problem, "More than 10 MB"),
        HTTP_415=(Problem, "The body is neither a file of these kinds nor a form"),
        HTTP_422=(Problem, "There is no file: see `code`"),
        HTTP_429=(Problem, "Too many questions: see Retry-After"),
        HTTP_503=(Problem, "No answer just now: see Retry-After"),
    ),
    operation_id="verifyFile",
    tags=["verify"],
)
def verify_file() -> ResponseReturnValue:
    """Whether a PDF or a credential is genuine, and what it is worth today.

    The file is looked at, and not kept. Answers 200 whatever the file is.
    """
    request.max_content_length = MOST_BYTES + ROOM
    handed = look_at(_content())
    response = jsonify(_told(handed).model_dump(mode="json", exclude_none=True))
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.after_request
def open_to_all(response: Response) -> Response:
    """A page of any origin may send a file."""
    response.headers["Access-Control-Allow-Methods"] = "POST, OPTIONS"
    response.headers["Access-Control-Allow-Headers"] = "Authorization, Content-Type"
    return open_to_origins(response)


def _content() -> bytes:
    if request.mimetype == "multipart/form-data":
        given = request.files.get("file")
        content = given.read() if given else b""
    elif request.mimetype in WHOLE:
        content = request.get_data()
    else:
        said = gettext(UNKNOWN_BODY, known=", ".join(WHOLE))
        abort(refusal(415, "unknown_body", said))
    if not content:
        raise NoFile(N_("There is no file, or it is empty."))
    return content


def _told(handed: Handed) -> FileTold:
    found, doors = handed.answer, services()
    at = doors.clock.now()
    seal = SealTold(
        signer=found.signer,
        sealed_at=found.sealed_at or None,
        level=found.level or None,
    )
    return FileTold(
        verdict=found.verdict.value,
        stands=handed.stands,
        told=said_in_words(handed),
        kind=found.kind.value,
        sha256=found.sha256,
        certificate=found.number if found.genuine else None,
        claims=None if found.genuine else found.number or None,
        checks=[
            CheckTold(code=one.name, passed=one.passed, told=gettext(one.told))
            for one in found.checks
        ],
        seal=seal if found.signer else None,
        standing=_standing(found.number) if found.genuine else None,
        as_of=instant(at),
    )


def _standing(number: str) -> Answer:
    doors = services()
    at = doors.clock.now()
    asked = question(MultiDict({"certificate": number}), at, ())
    return verdicts.answer(asked, at, doors.editions, doors.settings.base_url)
