"""
Issuing takes two steps, each with its own commit, so that a crash loses nothing:

1. `reserve` writes the number and every word of the paper.  Now we know what we owe.
2. `issue` renders, reads the proof, seals, keeps the file.  It may be tried again.

After that a certificate only gains dated events.  Nothing here commits.
"""

import secrets
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.orm import InstrumentedAttribute

from registry.accounts.models import Role, User
from registry.accounts.queries import staff
from registry.certificates import queries, rules
from registry.certificates.credential import (
    Places,
    badge,
    fingerprint,
    payload,
    plain,
)
from registry.certificates.facts import Issuer, facts_in, facts_of
from registry.certificates.layouts import look
from registry.certificates.models import (
    ENTRIES,
    MOVES,
    Certificate,
    CertificateEvent,
    CertificateState,
    Copy,
    Credential,
    EventKind,
    Projection,
)
from registry.certificates.numbers import Number
from registry.certificates.standing import (
    SUSPENSIONS,
    WITHDRAWALS,
    Code,
    course,
)
from registry.clock import civil_day
from registry.criteria.edition import Edition
from registry.db import db
from registry.decisions.models import Decision
from registry.errors import N_, Conflict, Forbidden, Invalid, Unavailable
from registry.journal.operations import next_number, record
from registry.mail.operations import post
from registry.organisations.queries import speakers
from registry.seal import NotSealed, Seal
from registry.signing import Signer
from registry.states import move
from registry.storage import Storage

Paper = Certificate | Copy
#: A seal with its certificates adds no more bytes than this.
LONGEST_SEAL = 200_000
#: What a certificate issued again takes over from the one it replaces.
INHERITED = {
    Code.SUSPENDED: EventKind.SUSPENDED,
    Code.WITHDRAWN: EventKind.WITHDRAWN,
    Code.ENDED_BY_HOLDER: EventKind.ENDED_BY_HOLDER,
}
#: How often a free bit is looked for: with one in a hundred free, it is found.
TRIES = 2_000


class PaperDrifted(Unavailable):
    """Rendered again, the paper is not the one that was planned: somebody must look."""


class ListsFull(Unavailable):
    """No bit of a status list is free: the registry needs a second pair of lists."""


class NotPossible(Conflict):
    """The certificate's standing does not allow this act today."""


class NotYours(Forbidden):
    """This act belongs to somebody else."""


def reserve(
    decision: Decision,
    edition: Edition,
    *,
    issuer: Issuer,
    signer: Signer,
    replaces: Certificate | None = None,
    by: User,
    at: datetime,
) -> Certificate:
    """
    Take the next number of the year, fix every word of the paper, sign the credential.

    Year and days are those of Rome at `at`.  `replaces` is the certificate a renewal
    takes the place of.  Raises ListsFull when no status bits are left.
    """
    number = _next(edition, civil_day(at))
    facts = facts_of(decision, edition, number, issuer, civil_day(at))
    made = _written(number, facts, edition, decision, issuer, signer)
    made.decision, made.replaces = decision, replaces
    return _reserved(made, by=by, at=at)


def reserve_anew(
    before: Certificate,
    edition: Edition,
    *,
    issuer: Issuer,
    signer: Signer,
    by: User,
    at: datetime,
) -> Certificate:
    """
    The same for a re-issue: it goes on with the decision and the term of `before`.

    Raises NotPossible where no decision is behind it.
    """
    decision = before.rests_on
    if decision is None:
        raise NotPossible(N_("This certificate cannot be issued again now."))
    number = _next(edition, civil_day(at))
    facts = facts_of(decision, edition, number, issuer, civil_day(at), before)
    made = _written(number, facts, edition, decision, issuer, signer)
    made.replaces, made.counted_from = before, before.begins_on
    return _reserved(made, by=by, at=at)


def _next(edition: Edition, today: date) -> Number:
    serial = next_number(f"certificates-{edition.scheme}-{today.year}")
    return Number(look(edition.scheme).prefix, today.year, serial)


def _written(
    number: Number,
    facts: dict[str, Any],
    edition: Edition,
    decision: Decision,
    issuer: Issuer,
    signer: Signer,
) -> Certificate:
    """A certificate with every word of it, and its credential."""
    application = decision.application
    credential = _signed(facts, edition, issuer, signer)
    return Certificate(
        application=application,
        credential=credential,
        organisation=application.organisation,
        scheme=edition.scheme,
        edition=edition.key,
        edition_digest=edition.digest,
        number=str(number),
        year=number.year,
        serial=number.serial,
        facts={**facts, "fingerprint": fingerprint(plain(credential.jwt))},
        issued_on=date.fromisoformat(facts["issued_on"]),
        valid_until=date.fromisoformat(facts["valid_until"]),
    )


def _reserved(certificate: Certificate, *, by: User, at: datetime) -> Certificate:
    certificate.reserved_at = at
    db.session.add(certificate)
    db.session.flush()
    number = certificate.number
    record("certificate.reserved", certificate, by=by, at=at, number=number)
    return certificate


def _signed(
    facts: dict[str, Any], edition: Edition, issuer: Issuer, signer: Signer
) -> Credential:
    """The credential of these facts, its status bits drawn by lot."""
    revocation = _by_lot(Credential.revocation_index)
    suspension = _by_lot(Credential.suspension_index)
    places = Places(signer.did, issuer.base_url, revocation, suspension)
    return Credential(
        jwt=signer.sign(payload(facts, edition, places)),
        badge=signer.sign(badge(facts, edition, places)),
        revocation_index=revocation,
        suspension_index=suspension,
    )


def _by_lot(column: InstrumentedAttribute[int]) -> int:
    for _ in range(TRIES):
        index = secrets.randbelow(ENTRIES)
        if not queries.is_given(column, index):
            return index
    raise ListsFull(N_("The status lists have no room for another certificate."))


def plan(paper: Paper, pdf: bytes) -> None:
    """
    Keep the hash of the unsealed pages; the same facts give the same bytes.

    Raises PaperDrifted when the hash kept before is another one.
    """
    digest = Storage.digest(pdf)
    if paper.unsigned_sha256 not in {None, digest}:
        raise PaperDrifted(
            N_("The paper of %(number)s changed since it was planned: not sealed."),
            number=paper.facts["number"],
        )
    paper.unsigned_sha256 = digest


def issue(
    certificate: Certificate,
    pdf: bytes,
    *,
    again: bool = False,
    seal: Seal,
    storage: Storage,
    by: User,
    at: datetime,
) -> None:
    """
    Seal the planned pages, keep the sealed bytes, and say that the certificate exists.

    `again`: an earlier attempt broke off after the plan; a sealed file it left is taken
    up instead of sealing a second one.  Raises PaperDrifted, or NotSealed by the seal.
    """
    plan(certificate, pdf)
    sha256 = _sealed(certificate, pdf, again, seal, storage)
    move(certificate, CertificateState.ISSUED, MOVES)
    certificate.sha256, certificate.issued_at = sha256, at
    add_event(certificate, EventKind.ISSUED, certificate.issued_on, by=by, at=at)
    record(
        "certificate.issued",
        certificate,
        by=by,
        at=at,
        number=certificate.number,
        sha256=sha256,
    )
    _succeed(certificate, by=by, at=at)
    if certificate.is_reissue:
        reason = queries.why_reissued(certificate)
        _tell("reissued", certificate, at=at, reason=reason)
    else:
        _tell("issued", certificate, at=at)


def ask_copy(
    certificate: Certificate,
    edition: Edition,
    *,
    issuer: Issuer,
    by: User,
    at: datetime,
) -> Copy:
    """
    Fix every word of a courtesy copy in the language of `issuer`; a job makes it.

    Raises NotPossible when it was asked already, NotYours where it is not theirs.
    """
    if not rules.has_room_for_copy(certificate, issuer.language):
        raise NotPossible(N_("This copy was asked for already, or cannot be made."))
    if not rules.may_ask_copy(certificate, by, issuer.language):
        raise NotYours(N_("Only the holder and the secretariat ask for copies."))
    copy = Copy(
        language=issuer.language,
        facts=facts_in(certificate, edition, issuer),
        asked_at=at,
        asked_by_id=by.id,
    )
    certificate.copies.append(copy)
    db.session.flush()
    record(
        "certificate.copy_asked", certificate, by=by, at=at, language=issuer.language
    )
    return copy


def make_copy(
    copy: Copy,
    pdf: bytes,
    *,
    again: bool = False,
    seal: Seal,
    storage: Storage,
    by: User,
    at: datetime,
) -> None:
    """Seal and keep a courtesy copy, with the same care as the certificate."""
    plan(copy, pdf)
    copy.sha256, copy.made_at = _sealed(copy, pdf, again, seal, storage), at
    record(
        "certificate.copy_made",
        copy.certificate,
        by=by,
        at=at,
        language=copy.language,
        sha256=copy.sha256,
    )


def _sealed(paper: Paper, pdf: bytes, again: bool, seal: Seal, storage: Storage) -> str:
    """The SHA-256 under which the sealed pages are kept."""
    if again and (left := _left_behind(pdf, seal, storage)):
        return left
    sealed = seal.seal(pdf)
    if not sealed.startswith(pdf):
        raise PaperDrifted(
            N_("The seal of %(number)s altered the paper: not issued."),
            number=paper.facts["number"],
        )
    seal.validate(sealed)
    return storage.put(sealed).sha256


def _left_behind(pdf: bytes, seal: Seal, storage: Storage) -> str | None:
    """A soundly sealed file of these pages that an attempt broken off had kept."""
    for sealed in storage.extending(pdf, LONGEST_SEAL):
        try:
            seal.validate(sealed)
        except NotSealed:
            continue
        return storage.put(sealed).sha256
    return None


def open_update(
    certificate: Certificate, anniversary: date, *, by: User, at: datetime
) -> None:
    """A re-check was filed in time: from the day after the anniversary, in update."""
    add_event(
        certificate,
        EventKind.UPDATE_OPENED,
        anniversary + timedelta(days=1),
        anniversary=anniversary,
        by=by,
        at=at,
    )


def confirm(
    certificate: Certificate,
    anniversary: date,
    *,
    next_on: date,
    by: User,
    at: datetime,
) -> None:
    """
    The committee confirmed the certificate after a re-check.

    It lifts a suspension for that re-check, no other; the letter says so, and
    `next_on`, the next anniversary.
    """
    today = civil_day(at)
    queries.hold(certificate)
    current = rules.standing_of(certificate, today)
    lifted = current.code is Code.SUSPENDED and rules.lifts(current.reason_code)
    if lifted:
        add_event(certificate, EventKind.REINSTATED, today, by=by, at=at)
    add_event(
        certificate, EventKind.CONFIRMED, today, anniversary=anniversary, by=by, at=at
    )
    record(
        "certificate.confirmed", certificate, by=by, at=at, on=anniversary.isoformat()
    )
    _tell("confirmed", certificate, at=at, next_on=next_on, lifted=lifted)


def close_update(
    certificate: Certificate, anniversary: date, *, by: User, at: datetime
) -> None:
    """An update ends without a confirmation (refused, withdrawn, or renewed)."""
    add_event(
        certificate,
        EventKind.UPDATE_CLOSED,
        civil_day(at),
        anniversary=anniversary,
        by=by,
        at=at,
    )


def suspend(
    certificate: Certificate, reason_code: str, *, by: User, at: datetime
) -> None:
    """
    Suspend from today on, for a reason of the closed list.

    By the committee, or by the registry for a missed re-check (then ratified).
    """
    queries.hold(certificate)
    if reason_code not in SUSPENSIONS:
        raise Invalid(N_("Choose one of the reasons listed."))
    if not rules.may_suspend(certificate, by, civil_day(at)):
        raise NotPossible(N_("Only a certificate in force can be suspended."))
    _act("suspended", EventKind.SUSPENDED, certificate, reason_code, by=by, at=at)


def ratify(certificate: Certificate, *, by: User, at: datetime) -> None:
    """The committee upholds a suspension that the registry recorded."""
    add_event(certificate, EventKind.RATIFIED, civil_day(at), by=by, at=at)
    record("certificate.ratified", certificate, by=by, at=at)


def reinstate(certificate: Certificate, *, by: User, at: datetime) -> None:
    """Lift a suspension from today on."""
    queries.hold(certificate)
    if not rules.may_reinstate(certificate, by, civil_day(at)):
        raise NotPossible(N_("Only a suspended certificate can be reinstated."))
    _act("reinstated", EventKind.REINSTATED, certificate, None, by=by, at=at)


def withdraw(
    certificate: Certificate, reason_code: str, *, by: User, at: datetime
) -> None:
    """Withdraw for ever, from today on, for a reason of the closed list."""
    queries.hold(certificate)
    if reason_code not in WITHDRAWALS:
        raise Invalid(N_("Choose one of the reasons listed."))
    if not rules.may_withdraw(certificate, by, civil_day(at)):
        raise NotPossible(N_("This certificate cannot be withdrawn now."))
    _act("withdrawn", EventKind.WITHDRAWN, certificate, reason_code, by=by, at=at)


def end(certificate: Certificate, *, by: User, at: datetime) -> None:
    """The holder gives the certificate up, through its legal representative."""
    queries.hold(certificate)
    if not rules.may_end(certificate, by, civil_day(at)):
        raise NotYours(
            N_("Only the legal representative can give it up, while it stands.")
        )
    kind = EventKind.ENDED_BY_HOLDER
    _act("ended", kind, certificate, "ended_by_holder", by=by, at=at)
    _tell("ended_to_secretariat", certificate, at=at, to=staff(Role.SECRETARIAT))


def add_event(
    certificate: Certificate,
    kind: EventKind,
    effective_on: date,
    *,
    reason_code: str | None = None,
    anniversary: date | None = None,
    other_id: int | None = None,
    by: User,
    at: datetime,
) -> CertificateEvent:
    """Add a dated event and rebuild the projection in the same transaction."""
    queries.hold(certificate)
    event = CertificateEvent(
        kind=kind,
        effective_on=effective_on,
        recorded_at=at,
        by_id=by.id,
        reason_code=reason_code,
        anniversary=anniversary,
        other_id=other_id,
    )
    certificate.events.append(event)
    db.session.flush()
    project(certificate)
    return event


def project(certificate: Certificate) -> None:
    """Rebuild the searchable standing of a certificate from its events."""
    latest = course(certificate.events, date.max)
    if latest is None:
        return
    row = db.session.get(Projection, certificate.id)
    if row is None:
        row = Projection(
            certificate_id=certificate.id,
            organisation_id=certificate.organisation_id,
            scheme=certificate.scheme,
            edition=certificate.edition,
            valid_until=certificate.valid_until,
        )
        db.session.add(row)
    row.code, row.since_on = latest.code, latest.since
    row.reason_code, row.in_update_from = latest.reason_code, latest.in_update_from


def _act(
    verb: str,
    kind: EventKind,
    certificate: Certificate,
    reason_code: str | None,
    *,
    by: User,
    at: datetime,
) -> None:
    add_event(certificate, kind, civil_day(at), reason_code=reason_code, by=by, at=at)
    record(f"certificate.{verb}", certificate, by=by, at=at, reason_code=reason_code)
    _tell(verb, certificate, at=at, reason_code=reason_code)


def _succeed(certificate: Certificate, *, by: User, at: datetime) -> None:
    """Take the place of the certificate before, and of a re-issue its standing too."""
    before, today = certificate.replaces, civil_day(at)
    if before is None:
        return
    queries.hold(before)
    if certificate.is_reissue:
        _inherit(certificate, before, by=by, at=at)
    if not rules.is_replaced(before, today):
        return
    add_event(
        before,
        EventKind.SUPERSEDED,
        today,
        reason_code="superseded",
        other_id=certificate.id,
        by=by,
        at=at,
    )
    record("certificate.superseded", before, by=by, at=at, by_number=certificate.number)


def _inherit(
    certificate: Certificate, before: Certificate, *, by: User, at: datetime
) -> None:
    """
    What a re-issue takes over: an update still open, and whatever befell the one before
    while its number was waiting for the seal.
    """
    latest = course(before.events, date.max)
    if opened := rules.open_update(before):
        start = max(opened.effective_on, certificate.issued_on)
        add_event(certificate, opened.kind, start, anniversary=opened.anniversary,
                  by=by, at=at)  # fmt: skip
    if latest and (kind := INHERITED.get(latest.code)):
        add_event(certificate, kind, civil_day(at), reason_code=latest.reason_code,
                  by=by, at=at)  # fmt: skip


def _tell(event: str, certificate: Certificate, *, at: datetime, **facts: Any) -> None:
    to = facts.pop("to", None) or speakers(certificate.organisation)
    post(
        f"certificates/{event}",
        to=to,
        about=certificate.case or certificate.reference,
        at=at,
        certificate=certificate,
        organisation=certificate.organisation,
        **facts,
    )
