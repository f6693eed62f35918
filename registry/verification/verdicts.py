"""Making the answer object from certificate, organisation and day."""

from collections.abc import Sequence
from datetime import date, datetime
from hashlib import sha256
from typing import Any
from urllib.parse import quote_plus

from registry.certificates.layouts import edition_name, mark_of
from registry.certificates.rules import next_anniversary
from registry.certificates.standing import Code, Standing, standing
from registry.clock import instant
from registry.criteria.reader import Editions
from registry.organisations.models import OrganisationKind
from registry.verification import queries
from registry.verification.answers import Answer, Flag
from registry.verification.queries import Found
from registry.verification.questions import Question, asked_for

#: Seconds for which an answer may be kept.
TTL = 60
WATCHED = {Code.VALID, Code.IN_UPDATE, Code.SUSPENDED}


def answer(question: Question, at: datetime, editions: Editions, base: str) -> Answer:
    """What the register says to a question at an instant.

    `base` is the address of the register, without a slash at its end.
    """
    return answers([question], at, editions, base)[0]


def answers(
    questions: Sequence[Question], at: datetime, editions: Editions, base: str
) -> list[Answer]:
    """The answers to many questions, in their order, read with one statement."""
    found = queries.found(questions) if questions else []
    return [
        told(one, there, at, editions, base)
        for one, there in zip(questions, found, strict=True)
    ]


def standing_then(found: Found, on: date) -> Standing:
    """What the certificate found was worth on a day, by the events known."""
    if found.row.number is None:
        return Standing(Code.NEVER_CERTIFIED, on, "never_certified")
    return standing(found.events, found.row.valid_until, on)


def told(
    question: Question, found: Found, at: datetime, editions: Editions, base: str
) -> Answer:
    """What was found to a question, as its answer."""
    now = standing_then(found, question.on)
    there = found.row, now, found.newer
    return Answer.model_validate(members(question, *there, at, editions, base))


def members(
    question: Question,
    row: Any,
    now: Standing,
    newer: str | None,
    at: datetime,
    editions: Editions,
    base: str,
) -> dict[str, Any]:
    """
    The members of the answer that there are, in the order of `Answer`.

    `row` has the names in `queries.COLUMNS` and what is known of the scheme; `newer` is
    the number of the certificate that took the place of this one.
    """
    known = now.code is not Code.NEVER_CERTIFIED  # else not yet issued on that day
    asked, through = asked_for(question), row.recorded_through
    return _known(
        query=asked,
        scheme=row.scheme,
        scheme_name=mark_of(row.scheme) if row.scheme else None,
        matched=_matched(row) if row.id else None,
        match={"type": "exact", "score": 100} if row.id else None,
        status=now.code.value,
        status_since=now.since.isoformat() if known else None,
        certificate=_certificate(row) if known else None,
        next_review=_next_review(row, now, question.on, editions),
        flags=_flags(row, known),
        as_of=instant(at),
        recorded_through=instant(through) if through else None,
        ttl=TTL,
        reason_code=now.reason_code,
        links=_links(asked, row, newer, known, base),
    )


def tag(said: bytes) -> str:
    """A validator for an answer as it is sent: the same while only the clock moves."""
    before, _, rest = said.partition(b'"as_of":')
    after = rest.partition(b'"ttl":')[2]  # `recorded_through` stands between them
    return sha256(before + after).hexdigest()[:32]


def _known(**given: Any) -> dict[str, Any]:
    return {name: value for name, value in given.items() if value is not None}


def _matched(row: Any) -> dict[str, Any]:
    return _known(
        id=row.id,
        legal_name=row.name,
        vat=row.vat,
        tax_code=row.tax_code or row.vat,
        albo=row.albo,
        rea=row.rea,
        town=row.town,
        province=row.province,
    )


def _certificate(row: Any) -> dict[str, str]:
    return {
        "number": row.number,
        "issued": row.issued_on.isoformat(),
        "expires": row.valid_until.isoformat(),
        "edition": row.edition,
        "edition_name": edition_name(row.edition),
        "edition_digest": row.edition_digest,
    }


def _next_review(row: Any, now: Standing, on: date, editions: Editions) -> str | None:
    edition = editions.get(row.edition) if now.code in WATCHED else None
    day = next_anniversary(row, edition, on) if edition else None
    return day.isoformat() if day else None


def _flags(row: Any, told: bool) -> list[Flag]:
    flags: dict[Flag, bool] = {
        "listed_by_owner": row.listed,
        "legal_name_changed": told and row.printed_name not in {None, row.name},
        "group_only": told and row.kind == OrganisationKind.CONSORTIUM,
        "evidence_partial": told and row.reserved,
    }
    return [flag for flag, raised in flags.items() if raised]


def _links(
    asked: dict[str, str], row: Any, newer: str | None, told: bool, base: str
) -> dict[str, str]:
    page = f"{base}/c/{row.number}"
    query = "&".join([f"{name}={quote_plus(value)}" for name, value in asked.items()])
    return _known(
        self=f"{base}/api/v1/verify?{query}",
        profile=f"{base}/it/register/{row.id}" if row.certified else None,
        linkset=f"{base}/id/{row.id}?linkType=linkset" if row.certified else None,
        certificate=page if told else None,
        document=f"{page}/it.pdf" if told and row.printed else None,
        credential=f"{base}/credentials/{row.number}" if told and row.signed else None,
        newer=f"{base}/c/{newer}" if told and newer else None,
    )
