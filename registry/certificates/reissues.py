"""
Issuing a certificate again: the same decision and term, another number and paper.

For a holder whose name or legal data changed, one at a time; for a new design, seal or
key, all of a scheme, from a queue that several processes work through. The certificate
before is superseded at the moment the new one is issued. Nothing here commits.
"""

from collections.abc import Iterable
from datetime import date, datetime

from registry.accounts.models import User
from registry.certificates import operations, queries, rules
from registry.certificates.facts import Issuer, holder
from registry.certificates.models import Certificate, Reissue, ReissueReason
from registry.certificates.operations import NotPossible
from registry.clock import civil_day
from registry.criteria.edition import Edition
from registry.db import db
from registry.errors import N_
from registry.journal.operations import record
from registry.signing import Signer


class NothingChanged(NotPossible):
    """The certificate says what the register says."""


def reissue(
    certificate: Certificate,
    edition: Edition,
    reason: ReissueReason,
    *,
    issuer: Issuer,
    signer: Signer,
    by: User,
    at: datetime,
) -> Certificate:
    """
    Reserve the certificate that takes the place of this one; a job issues it.

    Raises NotPossible when this is not theirs to do, when it is not in force or has a
    successor, NothingChanged when a changed name or changed data are the reason and
    none differs.
    """
    queries.hold(certificate)
    if not rules.may_reissue(certificate, by, civil_day(at)):
        raise NotPossible(N_("This certificate cannot be issued again now."))
    if reason is not ReissueReason.PAPER_RENEWED and not changed(certificate, issuer):
        raise NothingChanged(N_("The certificate says what the register says today."))
    row = Reissue(certificate=certificate, reason=reason, asked_at=at, asked_by=by)
    db.session.add(row)
    return _reserve(row, edition, issuer=issuer, signer=signer, by=by, at=at)


def changed(certificate: Certificate, issuer: Issuer) -> list[str]:
    """The names of the data of the holder that the paper has otherwise today."""
    written, now = (
        certificate.facts["organisation"],
        holder(certificate.organisation, issuer),
    )
    return [name for name in now if written.get(name) != now[name]]


def likely(certificate: Certificate, issuer: Issuer) -> str:
    """The reason that what changed suggests; "" when nothing did."""
    names = changed(certificate, issuer)
    if "name" in names:
        return ReissueReason.NAME_CHANGED
    return ReissueReason.IDENTITY_CHANGED if names else ""


def queue(ids: Iterable[int], reason: ReissueReason, *, by: User, at: datetime) -> int:
    """Put certificates in the queue, by their ids; returns how many."""
    rows = [
        Reissue(certificate_id=id_, reason=reason, asked_at=at, asked_by=by)
        for id_ in ids
    ]
    db.session.add_all(rows)
    return len(rows)


def able(certificate: Certificate, on: date) -> Certificate:
    """The certificate; raises NotPossible, with its number, when it has to stay."""
    if not rules.can_be_reissued(certificate, on):
        raise NotPossible(
            N_("%(number)s cannot be issued again now."), number=certificate.number
        )
    return certificate


def take_up(
    row: Reissue, edition: Edition, *, issuer: Issuer, signer: Signer, at: datetime
) -> Certificate | None:
    """
    Reserve the successor of a certificate in the queue.

    None when it is no longer to be issued again: then it leaves the queue.
    """
    certificate = row.certificate
    queries.hold(certificate)
    if not rules.can_be_reissued(certificate, civil_day(at)):
        record("certificate.reissue_dropped", certificate, by=row.asked_by, at=at)
        db.session.delete(row)
        return None
    return _reserve(row, edition, issuer=issuer, signer=signer, by=row.asked_by, at=at)


def _reserve(
    row: Reissue,
    edition: Edition,
    *,
    issuer: Issuer,
    signer: Signer,
    by: User,
    at: datetime,
) -> Certificate:
    before = row.certificate
    row.successor = operations.reserve_anew(
        before, edition, issuer=issuer, signer=signer, by=by, at=at
    )
    record(
        "certificate.reissue_asked",
        before,
        by=by,
        at=at,
        reason=row.reason.value,
        number=row.successor.number,
    )
    return row.successor
