"""Many questions in one call, and names instead of numbers."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from flask import Response
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from pydantic import BaseModel, ConfigDict, Field

from registry.accounts.access import open_to_everyone
from registry.api.description import described
from registry.api.keyed import BULK, asks, for_scope, open_to_programs
from registry.api.service import JSON, BadBody, base, blueprint, body
from registry.api.shapes import Problem, answers
from registry.certificates.layouts import mark_of
from registry.criteria.schemes import MAIN_SCHEME, named, published
from registry.errors import N_, Invalid
from registry.keys.models import Scope
from registry.organisations.rules import BadPlace, checked_province
from registry.services import services
from registry.verification import bulk, matching, verdicts
from registry.verification.answers import Answer, Reason, Status, Told, without_nulls
from registry.verification.questions import (
    CHECKS,
    ONCE,
    SCHEME,
    By,
    OneIdentifier,
    Question,
    UnknownParameter,
    identifier,
    known_scheme,
    when,
)

Answered = Callable[[list[Question]], Iterable[Answer]]

MOST_ITEMS = 1_000
MOST_CANDIDATES = 20
LONGEST_REF, LONGEST_NAME = 200, 200
LEAST_SCORE = 50


class TooManyItems(Invalid):
    """More items than one call answers."""


class BadItem(Invalid):
    """An item that is no object of texts."""


class BadScore(Invalid):
    """A score is a whole number between two limits."""


class Item(BaseModel):
    """Exactly one identifier, and a mark of one’s own that comes back with it."""

    model_config = ConfigDict(extra="forbid", json_schema_extra=without_nulls)

    ref: str | None = Field(None, max_length=LONGEST_REF)
    vat: str | None = Field(None, description="Partita IVA")
    tax_code: str | None = Field(None, description="Codice fiscale")
    albo: str | None = Field(None, description="Number in the Albo")
    rea: str | None = Field(None, description="REA number")
    certificate: str | None = Field(None, description="Number of a certificate")


class Many(BaseModel):
    """Up to 1,000 items, and the day or the instant and the scheme they are about."""

    model_config = ConfigDict(extra="forbid", json_schema_extra=without_nulls)

    items: list[Item] = Field(max_length=MOST_ITEMS)
    on: str | None = Field(None, description="A day, YYYY-MM-DD; today if not given")
    known_at: str | None = Field(None, description="An instant with its zone")
    scheme: str | None = Field(None, description="As in `/verify`; impact if not given")


class Result(Told):
    """What one item got: an answer, or the reason why it cannot be one."""

    ref: str | None = None
    status: int = Field(description="200 with an answer, 422 with a problem")
    answer: Answer | None = None
    problem: Problem | None = None


class Results(Told):
    """One result for each item, in the same order."""

    results: list[Result]


class Wanted(BaseModel):
    """A name, and where its bearer is if that is known."""

    model_config = ConfigDict(extra="forbid", json_schema_extra=without_nulls)

    name: str = Field(max_length=LONGEST_NAME)
    town: str | None = Field(None, max_length=LONGEST_NAME)
    province: str | None = Field(None, description="Its two letters, or its name")
    min_score: int | None = Field(
        None, ge=LEAST_SCORE, le=100, description="85 if not given"
    )
    scheme: str | None = Field(
        None, description="What the status is about; impact if not given"
    )


class CandidateTold(Told):
    """An organisation that may be meant; certain only after its number was checked."""

    score: int = Field(description="0–100; 100 only for the very same name")
    matched_name: str
    matched_field: matching.Field
    id: int
    legal_name: str
    vat: str | None = None
    tax_code: str | None = None
    town: str
    province: str
    status: Status
    reason_code: Reason | None = None
    certificate: str | None = None
    verify: str = Field(description="Where the whole answer is")


class Candidates(Told):
    """The likeliest first; none is an answer too."""

    candidates: list[CandidateTold]
    min_score: int
    scheme: str = Field(description="The scheme that the statuses are about")
    scheme_name: str


@blueprint.post("/verify/bulk")
@open_to_everyone
@BULK
@for_scope(Scope.BULK)
@described(
    json=Many,
    resp=answers(Results, "A result for each item, in order, some of them problems",
                 413),
    operation_id="verifyMany",
    tags=["verify"],
)  # fmt: skip
def verify_many() -> ResponseReturnValue:
    """Up to 1,000 numbers in one call, each with its own answer.

    The order is kept, numbers may come twice, and a wrong one does not spoil the rest.
    """
    at, told = services().clock.now(), body()
    asks(len(_items(told)))
    doors = services()
    return many(
        told, at, lambda asked: verdicts.answers(asked, at, doors.editions, base())
    )


def many(told: dict[str, Any], at: datetime, answered: Answered) -> Response:
    """A result for each item of a body, from whoever answers questions."""
    results = list(_results(_items(told), _about(told, at), answered))
    said = Results(results=results).model_dump_json(exclude_none=True)
    return Response(said, mimetype=JSON, headers={"Cache-Control": "no-store"})


def _about(told: dict[str, Any], at: datetime) -> Any:
    """Day, whether it was asked for, instant and scheme of all the questions."""
    given = {name: told[name] for name in ONCE if name in told}
    if not all(isinstance(value, str) for value in given.values()):
        raise BadBody(N_("Days, instants and schemes are texts."))
    return *when(given, at), _scheme(given.get(SCHEME))


def _scheme(named: str | None) -> str | None:
    return known_scheme(named, published(services().editions))


def _items(told: dict[str, Any]) -> list[Any]:
    items = told.get("items")
    if not isinstance(items, list):
        raise BadBody(N_("Send the list “items”."))
    if unknown := told.keys() - Many.model_fields.keys():
        raise UnknownParameter(
            N_("There is no parameter of this name. Known: %(known)s."),
            known=", ".join(sorted(unknown)),
        )
    if len(items) > MOST_ITEMS:
        raise TooManyItems(
            N_("One call answers %(most)s items at most."), most=MOST_ITEMS
        )
    return items


def _results(items: list[Any], about: Any, answered: Answered) -> Iterator[Result]:
    read = [_read(item) for item in items]
    questions = [Question(*one, *about) for one in read if isinstance(one, tuple)]
    found = iter(answered(questions))
    for item, one in zip(items, read, strict=True):
        ref = item.get("ref") if isinstance(item, dict) else None
        ref = ref if isinstance(ref, str) and len(ref) <= LONGEST_REF else None
        if isinstance(one, tuple):
            yield Result(ref=ref, status=200, answer=next(found))
        else:
            yield Result(ref=ref, status=422, problem=_problem(one))


def _read(item: Any) -> tuple[By, str] | Invalid:
    """The identifier of an item, or why it has none."""
    try:
        return _identifier(item)
    except Invalid as refusal:
        return refusal


def _identifier(item: Any) -> tuple[By, str]:
    if not isinstance(item, dict) or not all(
        isinstance(value, str) for value in item.values()
    ):
        raise BadItem(N_("An item is an object whose values are texts."))
    if len(item.get("ref", "")) > LONGEST_REF:
        raise BadItem(N_("A “ref” has %(most)s letters at most."), most=LONGEST_REF)
    if item.keys() - Item.model_fields.keys():
        raise UnknownParameter(
            N_("There is no parameter of this name. Known: %(known)s."),
            known=", ".join(Item.model_fields),
        )
    asked = [by for by in CHECKS if by in item]
    if len(asked) != 1:
        raise OneIdentifier(
            N_("Give exactly one of: %(known)s."), known=", ".join(CHECKS)
        )
    return asked[0], identifier(asked[0], item[asked[0]])


def _problem(refusal: Invalid) -> Problem:
    return Problem(
        type="about:blank",
        title=gettext("Something is missing or wrong"),
        status=422,
        detail=gettext(refusal.message, **refusal.params),
        code=refusal.code,
    )


@blueprint.post("/match")
@open_to_programs(Scope.VERIFY)
@described(
    json=Wanted,
    resp=answers(Candidates, "Who may be meant, the likeliest first", 413),
    operation_id="match",
    tags=["verify"],
)
def match() -> ResponseReturnValue:
    """Who may be meant by a name, with a score; former names count as well."""
    asked = body()
    name, town, province, least = _wanted(asked)
    scheme = _scheme(_text(asked, SCHEME)) or MAIN_SCHEME
    asks(1)
    found = matching.candidates(name, town, province, least)[:MOST_CANDIDATES]
    said = Candidates(
        candidates=list(_candidates(found, scheme)),
        min_score=least,
        scheme=scheme,
        scheme_name=mark_of(scheme),
    )
    return Response(
        said.model_dump_json(exclude_none=True),
        mimetype=JSON,
        headers={"Cache-Control": "no-store"},
    )


def _text(told: dict[str, Any], name: str) -> str | None:
    given = told.get(name)
    if not isinstance(given, str | None):
        raise BadBody(N_("“%(name)s” is a text."), name=name)
    return given


def _wanted(told: dict[str, Any]) -> tuple[str, str | None, str | None, int]:
    if told.keys() - Wanted.model_fields.keys():
        raise UnknownParameter(
            N_("There is no parameter of this name. Known: %(known)s."),
            known=", ".join(Wanted.model_fields),
        )
    texts = [told.get(name) for name in ("name", "town", "province")]
    name, town, province = texts
    if not isinstance(name, str) or not all(
        isinstance(text, str | None) and len(text or "") <= LONGEST_NAME
        for text in texts
    ):
        raise BadBody(
            N_("Send a “name”, and a “town” and a “province” if they are known.")
        )
    if province:
        province = _province(province)
    return name, town or None, province or None, _score(told.get("min_score"))


def _province(typed: str) -> str:
    try:
        return checked_province(typed)
    except BadPlace as refusal:
        raise BadItem(refusal.message, **refusal.params) from refusal


def _score(given: Any) -> int:
    if given is None:
        return matching.MIN_SCORE
    right = isinstance(given, int) and not isinstance(given, bool)
    if not right or not LEAST_SCORE <= given <= 100:
        raise BadScore(
            N_("“min_score” is a whole number from %(least)s to 100."),
            least=LEAST_SCORE,
        )
    return int(given)


def _candidates(
    found: list[matching.Candidate], scheme: str
) -> Iterator[CandidateTold]:
    ids = [one.organisation_id for one in found]
    known = bulk.entities(ids, services().today(), scheme)
    for one in found:
        there = known[one.organisation_id]
        number = {"vat": there.vat} if there.vat else {"tax_code": there.tax_code}
        yield CandidateTold(
            score=one.score,
            matched_name=one.matched,
            matched_field=one.field,
            id=one.organisation_id,
            legal_name=one.legal_name,
            vat=there.vat,
            tax_code=there.tax_code,
            town=one.town,
            province=one.province,
            status=there.status.value,
            reason_code=there.reason_code,  # type: ignore[arg-type] # a closed list
            certificate=there.certificate,
            verify=f"{base()}/api/v1/verify?{urlencode(number | named(scheme))}",
        )
