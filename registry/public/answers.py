"""What each standing means for who relies on it, in public words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from registry.certificates.layouts import edition_name
from registry.certificates.models import Certificate, CertificateEvent, EventKind
from registry.certificates.rules import standing_of
from registry.certificates.standing import REASONS, Code, Standing, standing
from registry.clock import civil_day
from registry.criteria.edition import Edition
from registry.errors import N_
from registry.organisations.models import Organisation


@dataclass(frozen=True)
class Words:
    """The answer as a sentence, and what follows from it."""

    title: str
    meaning: str


WORDS = {
    Code.VALID: Words(
        N_("This certificate is valid."),
        N_(
            "The committee found the criteria met, and the yearly re-checks are in "
            "order."
        ),
    ),
    Code.IN_UPDATE: Words(
        N_("This certificate is valid; its yearly re-check is being decided."),
        N_(
            "The re-check was filed in time. Until the committee decides, the "
            "certificate keeps its value."
        ),
    ),
    Code.SUSPENDED: Words(
        N_("This certificate is suspended."),
        N_(
            "While it is suspended the holder may not present it as valid. It can be "
            "reinstated when the reason is put right."
        ),
    ),
    Code.WITHDRAWN: Words(
        N_("This certificate was withdrawn."),
        N_(
            "It has no value any more and cannot be reinstated. Only a new application "
            "can lead to a new certificate."
        ),
    ),
    Code.EXPIRED: Words(
        N_("This certificate has expired."),
        N_("Its term has passed and it was not renewed in time."),
    ),
    Code.ENDED_BY_HOLDER: Words(
        N_("The holder gave this certificate up."),
        N_("It ended at the holder’s own wish and has no value any more."),
    ),
    Code.SUPERSEDED: Words(
        N_("This certificate was replaced by a newer one."),
        N_("Look at the newer certificate to know how things stand today."),
    ),
    Code.NEVER_CERTIFIED: Words(
        N_("No certificate."),
        N_(
            "No certificate of this register bears this number or belongs to its owner."
        ),
    ),
}
#: Standings in which the holder may present the certificate as valid.
GOOD = {Code.VALID, Code.IN_UPDATE}


@dataclass(frozen=True)
class Worth:
    """What a certificate, or its absence, is worth, in public words."""

    standing: Standing

    @property
    def code(self) -> Code:
        return self.standing.code

    @property
    def words(self) -> Words:
        return WORDS[self.code]

    @property
    def reason(self) -> str | None:
        """Why, where a sentence adds something to the standing itself."""
        if self.code in {Code.SUSPENDED, Code.WITHDRAWN}:
            return REASONS.get(str(self.standing.reason_code))
        return None


@dataclass(frozen=True)
class Answer(Worth):
    """What the register says about a certificate, or about its absence, on a day."""

    certificate: Certificate | None = None
    organisation: Organisation | None = None

    @property
    def name(self) -> str:
        """The holder as the certificate names it."""
        if self.certificate is None or self.organisation is None:
            return ""
        printed = self.certificate.facts.get("organisation", {})
        return str(printed.get("name", self.organisation.name))

    @property
    def scheme(self) -> str:
        """That of the certificate."""
        return self.certificate.scheme if self.certificate else ""

    @property
    def mark(self) -> str:
        """The mark and its edition, as people call it."""
        return edition_name(self.certificate.edition) if self.certificate else ""

    @property
    def valid_until(self) -> date | None:
        """The last day of the certificate."""
        return self.certificate.valid_until if self.certificate else None


def answer(certificate: Certificate, on: date) -> Answer:
    """What a certificate is worth on a day."""
    return Answer(standing_of(certificate, on), certificate, certificate.organisation)


def no_certificate(on: date) -> Answer:
    """The answer where there is none; the same for whoever never had one."""
    return Answer(Standing(Code.NEVER_CERTIFIED, on))


@dataclass(frozen=True)
class Told:
    """An event of a certificate as the public reads it."""

    on: date
    text: str
    number: str
    reason: str | None = None
    #: The day it was recorded, where that is another.
    recorded_on: date | None = None


def timeline(
    certificates: Sequence[Certificate], on: date, known_at: datetime | None = None
) -> list[Told]:
    """
    What happened to some certificates until the day `on`, newest first.

    With `known_at`, only what was recorded by then.
    """
    told = [
        _told(certificate, event)
        for certificate in certificates
        for event in certificate.events
        if event.effective_on <= on
        and (known_at is None or event.recorded_at <= known_at)
    ]
    told += [
        Told(worth.since, N_("Certificate expired"), certificate.number)
        for certificate in certificates
        if (
            worth := standing(certificate.events, certificate.valid_until, on, known_at)
        ).code
        is Code.EXPIRED
    ]
    told.reverse()  # of two acts on one day the later stands first
    return sorted(told, key=lambda one: one.on, reverse=True)


def _told(certificate: Certificate, event: CertificateEvent) -> Told:
    why = {EventKind.SUSPENDED, EventKind.WITHDRAWN}
    reason = REASONS.get(event.reason_code or "") if event.kind in why else None
    recorded_on = civil_day(event.recorded_at)
    late = recorded_on if recorded_on != event.effective_on else None
    return Told(event.effective_on, event.kind.label, certificate.number, reason, late)


@dataclass(frozen=True)
class Criterion:
    """A criterion as the certificate says it was found."""

    id: str
    number: str
    title: str
    result: str
    reserve_until: date | None
    #: Those that are sure, out of how many; None where it gives none.
    points: int | None = None
    of: int | None = None


def criteria(
    certificate: Certificate, edition: Edition | None, language: str
) -> list[Criterion]:
    """The criteria on the certificate, in the reader's language where it is known."""
    titles, rows = _titles(edition, language), certificate.facts.get("criteria", [])
    return [_criterion(row, titles) for row in rows]


def not_applicable(
    certificate: Certificate, edition: Edition | None, language: str
) -> list[str]:
    """The titles of the criteria that do not apply, for a reason accepted."""
    titles = _titles(edition, language)
    rows = certificate.facts.get("not_applicable", [])
    return [titles.get(row["id"], row["title"]) for row in rows]


def _titles(edition: Edition | None, language: str) -> dict[str, str]:
    known = edition.requirements if edition else ()
    return {one.id: one.title.in_(language) for one in known}


def _criterion(row: dict[str, Any], titles: dict[str, str]) -> Criterion:
    until = row.get("reserve_until")
    return Criterion(
        id=row["id"],
        number=row["number"],
        title=titles.get(row["id"], row["title"]),
        result=row["result"],
        reserve_until=date.fromisoformat(until) if until else None,
        points=row.get("points"),
        of=row.get("of"),
    )
