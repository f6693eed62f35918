"""Making the answer object from certificate, organisation and day."""

from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from flask import url_for

from registry.api import queries
from registry.api.answers import (
    Answer,
    CertificateTold,
    Links,
    Match,
    Matched,
    Query,
)
from registry.api.questions import Question
from registry.certificates.models import Certificate
from registry.certificates.rules import next_anniversary, standing_of
from registry.certificates.standing import Code, Standing
from registry.criteria.reader import Editions
from registry.organisations.models import Organisation

#: Seconds for which an answer may be kept.
TTL = 60
WATCHED = {Code.VALID, Code.IN_UPDATE, Code.SUSPENDED}


def answer(question: Question, at: datetime, editions: Editions, base: str) -> Answer:
    """What the register says to a question at an instant."""
    certificate = queries.certificate(question)
    holder = certificate.organisation if certificate else queries.organisation(question)
    standing = (
        standing_of(certificate, question.on)
        if certificate
        else Standing(Code.NEVER_CERTIFIED, question.on, "never_certified")
    )
    if standing.code is Code.NEVER_CERTIFIED:
        certificate = None  # not yet issued on that day
    return Answer(
        query=_query(question),
        matched=_matched(holder) if holder else None,
        match=Match(type="exact", score=100) if holder else None,
        status=standing.code.value,
        status_since=standing.since.isoformat() if certificate else None,
        certificate=_certificate(certificate) if certificate else None,
        next_review=_next_review(certificate, standing, question, editions),
        flags=["listed_by_owner"] if holder and queries.is_listed(holder) else [],
        as_of=at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        ttl=TTL,
        reason_code=standing.reason_code,  # type: ignore[arg-type] # checked by pydantic
        links=_links(question, certificate, holder, base),
    )


def tag(answer: Answer) -> str:
    """A validator for the answer: the same while only the clock moves on."""
    said = answer.model_dump_json(exclude={"as_of"}, exclude_none=True)
    return sha256(said.encode()).hexdigest()[:32]


def _query(question: Question) -> Query:
    on = question.on.isoformat() if question.dated else None
    return Query(**{question.by: question.value}, on=on)


def _matched(holder: Organisation) -> Matched:
    return Matched(
        id=holder.id,
        legal_name=holder.name,
        vat=holder.vat,
        tax_code=holder.tax_code or holder.vat,
        albo=holder.albo,
        town=holder.town,
        province=holder.province,
    )


def _certificate(certificate: Certificate) -> CertificateTold:
    return CertificateTold(
        number=certificate.number,
        issued=certificate.issued_on.isoformat(),
        expires=certificate.valid_until.isoformat(),
        edition=certificate.edition,
        edition_digest=certificate.edition_digest,
    )


def _next_review(
    certificate: Certificate | None,
    standing: Standing,
    question: Question,
    editions: Editions,
) -> str | None:
    if certificate is None or standing.code not in WATCHED:
        return None
    edition = editions.get(certificate.edition)
    day = next_anniversary(certificate, edition, question.on) if edition else None
    return day.isoformat() if day else None


def _links(
    question: Question,
    certificate: Certificate | None,
    holder: Organisation | None,
    base: str,
) -> Links:
    asked: dict[str, Any] = {question.by: question.value}
    if question.dated:
        asked["on"] = question.on.isoformat()
    newer = queries.newer(certificate) if certificate else None
    return Links(
        self=base + url_for("api.verify", **asked),
        profile=base + url_for("public.holder", id_=holder.id, lang="it")
        if holder and queries.is_certified(holder)
        else None,
        certificate=_page(certificate.number, base) if certificate else None,
        document=base
        + url_for("public.download", number=certificate.number, language="it")
        if certificate and certificate.unsigned_sha256
        else None,
        newer=_page(newer, base) if newer else None,
    )


def _page(number: str, base: str) -> str:
    return base + url_for("public.certificate", number=number)
