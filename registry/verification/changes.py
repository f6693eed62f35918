"""What befell certificates, in the order in which it became visible."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import aliased, selectinload

from registry.certificates.models import (
    Certificate,
    CertificateEvent,
    EventKind,
    Projection,
)
from registry.certificates.queries import has_standing
from registry.certificates.standing import CLOSES_UPDATE, Code
from registry.db import db
from registry.organisations.models import Organisation
from registry.verification.models import PublicChange

MOST = 1_000


@dataclass(frozen=True, slots=True)
class Change:
    """A public change; `number` is the cursor after it."""

    number: int
    #: An EventKind, or `in_update` or `expired` for what came with time alone.
    kind: str
    #: The civil day from which it counts.
    on: date
    #: When the register recorded it.
    at: datetime
    reason_code: str | None
    certificate_id: int
    certificate: str
    scheme: str
    edition: str
    organisation_id: int
    legal_name: str
    town: str
    province: str
    #: The number of the certificate that took its place.
    newer: str | None = None


def since(cursor: int, limit: int = 100, scheme: str | None = None) -> list[Change]:
    """The changes after `cursor` (0 for the very first), the oldest first."""
    found = _changes(scheme).where(PublicChange.number > cursor)
    return _told(found.order_by(PublicChange.number).limit(min(limit, MOST)))


def latest(limit: int = 50, scheme: str | None = None) -> list[Change]:
    """The newest changes, the newest first."""
    return _told(_changes(scheme).order_by(PublicChange.number.desc()).limit(limit))


def of_holder(organisation_id: int, scheme: str | None = None) -> list[Change]:
    """Everything that befell the certificates of an organisation, the oldest first."""
    mine = Certificate.organisation_id == organisation_id
    return _told(_changes(scheme).where(mine).order_by(PublicChange.number))


def _changes(scheme: str | None) -> Any:
    """All changes; with `scheme`, those of its certificates."""
    newer = aliased(Certificate)
    asked = () if scheme is None else (Certificate.scheme == scheme,)
    return (
        select(
            PublicChange.number,
            PublicChange.kind,
            PublicChange.on,
            PublicChange.at,
            CertificateEvent.reason_code,
            Certificate.id,
            Certificate.number,
            Certificate.scheme,
            Certificate.edition,
            Certificate.organisation_id,
            Organisation.name,
            Organisation.town,
            Organisation.province,
            newer.number,
        )
        .join(Certificate, Certificate.id == PublicChange.certificate_id)
        .join(Organisation, Organisation.id == Certificate.organisation_id)
        .outerjoin(CertificateEvent, CertificateEvent.id == PublicChange.event_id)
        .outerjoin(newer, newer.id == CertificateEvent.other_id)
        .where(*asked)
    )


def _told(found: Any) -> list[Change]:
    return [Change(*row) for row in db.session.execute(found)]


def updates_begun(on: date) -> Sequence[int]:
    """The events of updates that have begun by the day `on` and are not told yet."""
    opened, closing = CertificateEvent, aliased(CertificateEvent)
    closed = exists().where(
        closing.certificate_id == opened.certificate_id,
        closing.kind.in_(CLOSES_UPDATE),
        closing.anniversary == opened.anniversary,
        closing.effective_on <= opened.effective_on,
    )
    return db.session.scalars(
        select(opened.id)
        .where(
            opened.kind == EventKind.UPDATE_OPENED,
            opened.effective_on <= on,
            ~exists().where(PublicChange.event_id == opened.id),
            ~closed,
        )
        .order_by(opened.effective_on, opened.id)
    ).all()


def terms_ended(on: date) -> Sequence[int]:
    """The certificates whose term has ended by the day `on` and is not told yet."""
    return db.session.scalars(
        select(Projection.certificate_id)
        .where(has_standing(Code.EXPIRED, on), ~_told_expired())
        .order_by(Projection.valid_until, Projection.certificate_id)
    ).all()


def _told_expired() -> ColumnElement[bool]:
    return exists().where(
        PublicChange.certificate_id == Projection.certificate_id,
        PublicChange.kind == Code.EXPIRED,
    )


def begun(event_id: int) -> CertificateEvent | None:
    """The event of an update still to be told, its certificate held; or None."""
    told = exists().where(PublicChange.event_id == event_id)
    event = db.session.scalar(
        select(CertificateEvent).where(CertificateEvent.id == event_id, ~told)
    )
    return event if event and held(event.certificate_id) else None


def held(certificate_id: int) -> Certificate | None:
    """The certificate with its events, its row held until the commit."""
    return db.session.scalar(
        select(Certificate)
        .where(Certificate.id == certificate_id)
        .options(selectinload(Certificate.events))
        .with_for_update(of=Certificate)
    )


def ended(certificate_id: int) -> Certificate | None:
    """A certificate whose end is still to be told, held; or None."""
    certificate = held(certificate_id)
    told = exists().where(
        PublicChange.certificate_id == certificate_id,
        PublicChange.kind == Code.EXPIRED,
    )
    return None if db.session.scalar(select(told)) else certificate
