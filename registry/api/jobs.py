"""Whole files for programs: handed in, watched over, fetched with their answers."""

from typing import Literal

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue
from pydantic import BaseModel, ConfigDict, Field
from spectree import Response as Answers
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnection

from registry.accounts.access import open_to_everyone
from registry.api.description import described
from registry.api.keyed import BULK, QUOTA, asks, for_scope, open_to_programs, the_key
from registry.api.service import JSON, open_to_origins, scheme_of, unreadable
from registry.api.shapes import Problem
from registry.clock import instant
from registry.db import db
from registry.errors import N_, Conflict, Invalid, NotFound
from registry.keys.models import Scope
from registry.services import services
from registry.suppliers import operations, outcome, queries, reading, rules, work
from registry.suppliers.columns import KINDS
from registry.suppliers.models import ListState, SupplierList
from registry.suppliers.operations import Wishes
from registry.suppliers.reading import MEDIA_TYPES, MOST_BYTES
from registry.suppliers.vault import the_vault
from registry.verification.answers import Told
from registry.verification.questions import UnknownParameter, read_day

blueprint = Blueprint("api_jobs", __name__, url_prefix="/api/v1/jobs")
blueprint.after_request(open_to_origins)
for fault in (DBAPIError, NoConnection):
    blueprint.register_error_handler(fault, unreadable)
#: For what is sent beside the file itself.
ROOM = 64 * 1024
#: Seconds after which asking again may help.
AGAIN = "5"
LONGEST_KEY = 200
LONGEST_COLUMNS = 500
KEY = {"key": []}  # type: ignore[var-annotated]
S = ListState


class NotDone(Conflict):
    """The result of a job is asked for that has none, or none any more."""


class BadParameter(Invalid):
    """A parameter with a value that it does not take."""


class JobQuery(BaseModel):
    """How the file is to be checked."""

    model_config = ConfigDict(extra="forbid")

    on: str | None = Field(None, description="A past day, YYYY-MM-DD; today if absent")
    min_score: int | None = Field(
        None, ge=rules.LOWEST, le=rules.HIGHEST, description="85 if absent"
    )
    language: Literal["it", "en"] | None = Field(
        None, description="Of the texts in the file: it if absent"
    )
    names: Literal["ask", "leave"] | None = Field(
        None,
        description=(
            "“ask”: names that are only alike wait for a person of the company; "
            "“leave”, if absent: they come back as to_confirm"
        ),
    )
    scheme: str | None = Field(
        None, description="The scheme asked about: impact if absent"
    )
    columns: str | None = Field(
        None,
        description=(
            "Which column is which, where the header does not say: as vat:3,name:1, "
            f"counted from 1. Known: {', '.join(KINDS)}"
        ),
    )


class JobLinks(Told):
    """Addresses of the job."""

    self: str
    result: str | None = None
    page: str = Field(description="For the people of the company")


class Job(Told):
    """A file that was handed in, and how far it is."""

    id: int
    state: Literal[
        "uploaded",
        "asking",
        "checking",
        "confirming",
        "done",
        "cancelled",
        "failed",
        "erased",
    ]
    format: Literal["csv", "xlsx", "ods", "jsonl"]
    rows: int
    rows_done: int
    names_to_confirm: int
    scheme: str = Field(description="The scheme the answers are about, as impact")
    on: str | None = Field(None, description="The day the answers are about")
    counts: dict[str, int] = Field(description="Rows by status, once it is done")
    problem: str | None = Field(None, description="The rule a failed file breaks")
    handed_in_at: str
    erased_at: str = Field(description="When it was or will be erased, UTC")
    links: JobLinks


REFUSED = {
    "HTTP_401": (Problem, "No key, or one that opens nothing"),
    "HTTP_403": (Problem, "The key is for other things, or of no company"),
    "HTTP_429": (Problem, "Too many questions: see Retry-After"),
    "HTTP_503": (Problem, "The register cannot be read: this is no answer"),
}
NOT_FOUND = {"HTTP_404": (Problem, "There is no such job")}
NOT_NOW = {"HTTP_409": (Problem, "Not possible as things stand: see `code`")}


@blueprint.post("")
@open_to_everyone
@BULK
@QUOTA
@for_scope(Scope.JOBS, required=True)
@described(
    query=JobQuery,
    resp=Answers(
        HTTP_202=(Job, "Handed in; `state` says how far it is"),
        HTTP_413=(Problem, "More than 10 MB"),
        HTTP_422=(Problem, "The file or a parameter is wrong: see `code`"),
        **NOT_NOW,
        **REFUSED,
    ),
    operation_id="createJob",
    tags=["jobs"],
    security=KEY,
)
def create() -> ResponseReturnValue:
    """Hand in a file (CSV, XLSX, ODS, JSON Lines): each row gets an answer.

    As the body itself, or as “file” of a form. At most 10 MB and 50,000 rows; two jobs
    at a time. With an `Idempotency-Key` sending the same again makes no second job.
    """
    request.max_content_length = MOST_BYTES + ROOM
    given, at = _given(), services().clock.now()
    content, name = _sent()
    with work.only_reading():
        tables = reading.read(content, services().settings.list_rows)
    made = operations.hand_in(
        the_key().organisation,
        content,
        name,
        tables,
        _wishes(given),
        by=the_key().created_by,
        at=at,
        vault=the_vault(),
        key=_idempotency_key(),
    )
    if made.handed_in_at == at:  # not the one of a call before
        asks(made.total)
    db.session.commit()
    if rules.is_at_work(made) and made.total <= rules.AT_ONCE_ROWS:
        work.check(made.id, at)
    return _said(made, 202)


@blueprint.get("/<id:id_>")
@open_to_programs(Scope.JOBS, required=True)
@described(
    resp=Answers(HTTP_200=(Job, "The job"), **NOT_FOUND, **REFUSED),
    operation_id="job",
    tags=["jobs"],
    security=KEY,
)
def show(id_: int) -> ResponseReturnValue:
    """How far a job is."""
    return _said(_job(id_), 200)


@blueprint.get("/<id:id_>/result")
@open_to_programs(Scope.JOBS, required=True)
@described(
    resp=Answers(HTTP_200=None, **NOT_FOUND, **NOT_NOW, **REFUSED),
    operation_id="jobResult",
    tags=["jobs"],
    security=KEY,
)
def result(id_: int) -> ResponseReturnValue:
    """The file as it was sent, with the answers added: in its own format."""
    of = _job(id_)
    file = queries.content(of, "result", the_vault()) if of.state is S.DONE else None
    if file is None:
        raise NotDone(
            N_("This job has no result: its state is “%(state)s”."),
            state=of.state.value,
        )
    response = Response(file, mimetype=MEDIA_TYPES[of.format])
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.delete("/<id:id_>")
@open_to_programs(Scope.JOBS, required=True)
@described(
    resp=Answers(HTTP_204=None, **NOT_FOUND, **NOT_NOW, **REFUSED),
    operation_id="deleteJob",
    tags=["jobs"],
    security=KEY,
)
def delete(id_: int) -> ResponseReturnValue:
    """Stop a job if it runs, and erase all that it holds."""
    of, by, at = _job(id_), the_key().created_by, services().clock.now()
    if rules.may_be_cancelled(of):
        operations.cancel(of, by=by, at=at)
    elif of.state is S.DONE:
        operations.erase(of, by=by, at=at)
    db.session.commit()
    return "", 204


def _sent() -> tuple[bytes, str]:
    """The bytes of the file and what it is called."""
    if request.mimetype == "multipart/form-data":
        given = request.files.get("file")
        return (given.read(), given.filename or "") if given else (b"", "")
    return request.get_data(), ""


def _given() -> dict[str, str]:
    """The parameters of the address; raises UnknownParameter."""
    known = JobQuery.model_fields
    if request.args.keys() - known.keys():
        raise UnknownParameter(
            N_("There is no parameter of this name. Known: %(known)s."),
            known=", ".join(known),
        )
    return request.args.to_dict()


def _wishes(given: dict[str, str]) -> Wishes:
    at = services().clock.now()
    return Wishes(
        _one_of(given, "language", ("it", "en")),
        read_day(given["on"], at) if "on" in given else None,
        _score(given.get("min_score", str(rules.THRESHOLD))),
        _columns(given["columns"]) if "columns" in given else None,
        _one_of(given, "names", ("leave", "ask")) == "ask",
        scheme_of(given),
    )


def _score(typed: str) -> int:
    """A number of up to three digits; the operation knows which are right."""
    plain = typed.isascii() and typed.isdigit() and len(typed) <= 3
    return int(typed) if plain else 0


def _one_of(given: dict[str, str], name: str, known: tuple[str, ...]) -> str:
    value = given.get(name, known[0])
    if value not in known:
        raise BadParameter(
            N_("The parameter “%(name)s” is one of: %(known)s."),
            name=name,
            known=", ".join(known),
        )
    return value


def _idempotency_key() -> str | None:
    return request.headers.get("Idempotency-Key", "")[:LONGEST_KEY] or None


def _columns(typed: str) -> dict[str, int]:
    """“vat:3,name:1” as columns counted from 0."""
    found: dict[str, int] = {}
    for part in typed[:LONGEST_COLUMNS].split(","):
        kind, _, place = part.strip().partition(":")
        right = place.isascii() and place.isdigit() and len(place) <= 3
        found[kind] = int(place) - 1 if right else -1
    return found


def _job(id_: int) -> SupplierList:
    """A job of the company whose key is shown: any other does not exist."""
    found = queries.of_one_company(id_, the_key().organisation)
    if found is None:
        raise NotFound(N_("There is no such job."))
    return found


def _said(of: SupplierList, status: int) -> Response:
    base = services().settings.base_url
    path = f"{base}/api/v1/jobs/{of.id}"
    told = Job(
        id=of.id,
        state=of.state.value,
        format=of.format,  # type: ignore[arg-type] # checked by pydantic
        rows=of.total,
        rows_done=of.done,
        names_to_confirm=of.doubtful,
        scheme=of.scheme,
        on=of.checked_on.isoformat() if of.checked_on else None,
        counts=outcome.rows_counted(of.counts),
        problem=f"file_{of.problem}" if of.problem else None,
        handed_in_at=instant(of.handed_in_at),
        erased_at=instant(of.erased_at or rules.erased_on(of)),
        links=JobLinks(
            self=path,
            result=f"{path}/result" if of.state is S.DONE else None,
            page=f"{base}/suppliers/{of.id}",
        ),
    )
    said = told.model_dump_json(exclude_none=True)
    response = Response(said, status, mimetype=JSON)
    response.headers["Cache-Control"] = "no-store"
    if status == 202:
        response.headers["Location"] = path
    if rules.is_at_work(of):
        response.headers["Retry-After"] = AGAIN
    return response
