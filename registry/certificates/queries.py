"""Reading certificates."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Protocol, cast

from sqlalchemy import ColumnElement, Select, and_, exists, false, or_, select
from sqlalchemy.orm import InstrumentedAttribute, aliased, joinedload, selectinload

from registry.accounts.models import Role, User
from registry.applications.models import Application, ApplicationKind
from registry.certificates.models import (
    Certificate,
    CertificateEvent,
    CertificateState,
    Copy,
    Credential,
    EventKind,
    Projection,
    Reissue,
    ReissueReason,
)
from registry.certificates.numbers import Number
from registry.certificates.standing import LAST_WORDS, Code
from registry.db import db
from registry.decisions.models import Decision
from registry.decisions.queries import GRANTS
from registry.errors import N_, NotFound
from registry.organisations.models import (
    FormerName,
    Organisation,
    Representation,
)

ISSUED = CertificateState.ISSUED


def seen_by(user: User) -> Select[Certificate]:
    """Staff sees all; a person those of the organisations they speak for."""
    everything = select(Certificate)
    if user.is_a(Role.SECRETARIAT, Role.COMMITTEE, Role.ADMINISTRATOR):
        return everything
    mine = select(Representation.organisation_id).where(
        Representation.user_id == user.id, Representation.ended_at.is_(None)
    )
    return everything.where(or_(false(), Certificate.organisation_id.in_(mine)))


def get(id_: int, *, seen_by_user: User) -> Certificate:
    """The certificate; raises NotFound when it is not there or not theirs to see."""
    found = db.session.scalar(seen_by(seen_by_user).where(Certificate.id == id_))
    if found is None:
        raise NotFound(N_("There is no such certificate."))
    return found


def listed(user: User) -> Select[Certificate]:
    """The certificates this user may see with their holders, newest first."""
    return (
        seen_by(user)
        .options(
            selectinload(Certificate.events), selectinload(Certificate.organisation)
        )
        .order_by(Certificate.issued_on.desc(), Certificate.id.desc())
    )


def by_number(number: Number) -> Certificate:
    """The issued certificate of that number; raises NotFound."""
    found = db.session.scalar(
        select(Certificate)
        .where(Certificate.number == str(number), Certificate.state == ISSUED)
        .options(
            selectinload(Certificate.events), selectinload(Certificate.organisation)
        )
    )
    if found is None:
        raise NotFound(
            N_("No certificate %(number)s was ever issued."), number=str(number)
        )
    return found


def of_organisation(organisation_id: int) -> Sequence[Certificate]:
    """The issued certificates of an organisation, newest first."""
    return db.session.scalars(
        select(Certificate)
        .where(
            Certificate.organisation_id == organisation_id, Certificate.state == ISSUED
        )
        .options(selectinload(Certificate.events))
        .order_by(Certificate.issued_on.desc(), Certificate.id.desc())
    ).all()


def newest_of(organisation_id: int, scheme: str) -> Certificate | None:
    """The last certificate issued to an organisation for a scheme."""
    return db.session.scalar(
        select(Certificate)
        .where(
            Certificate.organisation_id == organisation_id,
            Certificate.scheme == scheme,
            Certificate.state == ISSUED,
        )
        .order_by(Certificate.issued_on.desc(), Certificate.id.desc())
        .limit(1)
    )


def of_application(application: Application) -> Certificate | None:
    """The certificate that a granted application became; issued again, the newest."""
    return db.session.scalar(
        select(Certificate)
        .where(Certificate.application_id == application.id)
        .order_by(Certificate.id.desc())
        .limit(1)
    )


def granted_without_certificate() -> Sequence[int]:
    """The ids of decisions that grant a certificate not yet reserved."""
    return db.session.scalars(
        select(Decision.id)
        .join(Application, Application.id == Decision.application_id)
        .outerjoin(Certificate, Certificate.decision_id == Decision.id)
        .where(
            Decision.outcome.in_(GRANTS),
            Application.kind != ApplicationKind.RECHECK,
            Certificate.id.is_(None),
        )
        .order_by(Decision.id)
    ).all()


def decision_to_reserve(id_: int) -> Decision | None:
    """The same decision, its row held; None when it has its certificate by now."""
    decision = db.session.scalar(
        select(Decision).where(Decision.id == id_).with_for_update(of=Decision)
    )
    taken = db.session.scalar(
        select(Certificate.id).where(Certificate.decision_id == id_)
    )
    return None if taken else decision


def reserved() -> Sequence[int]:
    """The ids of the certificates we owe: reserved, not yet issued."""
    return db.session.scalars(
        select(Certificate.id)
        .where(Certificate.state == CertificateState.RESERVED)
        .order_by(Certificate.id)
    ).all()


def waits_for_successor(certificate: Certificate) -> bool:
    """Whether a number is reserved that takes its place, and waits for its seal."""
    after = certificate.replaced_by
    return after is not None and after.state is CertificateState.RESERVED


def reissuable(scheme: str, on: date) -> Sequence[int]:
    """The ids of a scheme's certificates in force that nothing replaces yet."""
    after = aliased(Certificate)
    return db.session.scalars(
        select(Certificate.id)
        .join(Projection, Projection.certificate_id == Certificate.id)
        .outerjoin(after, after.replaces_id == Certificate.id)
        .where(
            Certificate.scheme == scheme,
            Certificate.state == ISSUED,
            Certificate.application_id.is_not(None),
            Certificate.valid_until > on,
            or_(has_standing(Code.VALID, on), has_standing(Code.IN_UPDATE, on)),
            after.id.is_(None),
        )
        .order_by(Certificate.id)
    ).all()


def to_reissue(share: int = 0, of: int = 1) -> Sequence[int]:
    """
    The ids of the certificates in the queue whose successor is not issued yet.

    With `of` workers, those of the worker `share` (from 0).
    """
    return db.session.scalars(
        select(Reissue.certificate_id)
        .outerjoin(Certificate, Certificate.id == Reissue.successor_id)
        .where(
            or_(Reissue.successor_id.is_(None), Certificate.state != ISSUED),
            Reissue.certificate_id % of == share,
        )
        .order_by(Reissue.certificate_id)
    ).all()


def reissue_held(id_: int) -> Reissue | None:
    """The queued re-issue of a certificate, its row held; None when it was taken up."""
    return db.session.scalar(
        select(Reissue)
        .where(Reissue.certificate_id == id_, Reissue.successor_id.is_(None))
        .with_for_update(of=Reissue, skip_locked=True)
    )


def why_reissued(certificate: Certificate) -> ReissueReason | None:
    """Why a re-issue was asked for."""
    return db.session.scalar(
        select(Reissue.reason).where(Reissue.successor_id == certificate.id)
    )


def successor_to_issue(id_: int) -> Certificate | None:
    """The certificate reserved for the one in the queue, its row held; or None."""
    reserved = db.session.scalar(
        select(Reissue.successor_id).where(Reissue.certificate_id == id_)
    )
    return to_issue(reserved) if reserved else None


def bearing_former_names(on: date) -> Sequence[Certificate]:
    """The certificates in force whose paper has a name the holder no longer bears."""
    former = exists().where(FormerName.organisation_id == Organisation.id)
    after = aliased(Certificate)
    found = db.session.scalars(
        select(Certificate)
        .join(Organisation, Organisation.id == Certificate.organisation_id)
        .join(Projection, Projection.certificate_id == Certificate.id)
        .outerjoin(after, after.replaces_id == Certificate.id)
        .where(
            former,
            Certificate.application_id.is_not(None),
            Certificate.valid_until > on,
            or_(has_standing(Code.VALID, on), has_standing(Code.IN_UPDATE, on)),
            after.id.is_(None),
        )
        .options(joinedload(Certificate.organisation))
        .order_by(Certificate.id)
    ).all()
    return [
        one
        for one in found
        if one.facts["organisation"]["name"] != one.organisation.name
    ]


def to_issue(id_: int) -> Certificate | None:
    """A reserved certificate, its row held (another worker's is skipped); or None."""
    return db.session.scalar(
        select(Certificate)
        .where(Certificate.id == id_, Certificate.state == CertificateState.RESERVED)
        .with_for_update(of=Certificate, skip_locked=True)
    )


def hold(certificate: Certificate) -> None:
    """
    Hold the row until the commit, and look afresh at what befell it.

    Two people who act on one certificate at once do so one after the other.
    """
    db.session.scalar(
        select(Certificate.id)
        .where(Certificate.id == certificate.id)
        .with_for_update(of=Certificate)
    )
    db.session.expire(certificate, ["events", "replaced_by"])


def is_given(column: InstrumentedAttribute[int], index: int) -> bool:
    """Whether a bit of a status list belongs to a credential already."""
    held = db.session.scalar(select(Credential.certificate_id).where(column == index))
    return held is not None


class StatusEvent(Protocol):
    """An event of a certificate, with the two bits of its credential."""

    id: int
    kind: EventKind
    effective_on: date
    recorded_at: datetime
    reason_code: str | None
    anniversary: date | None
    revocation: int
    suspension: int


def status_events() -> Sequence[StatusEvent]:
    """The events of the credentials that something befell, one after the other."""
    event = CertificateEvent
    befallen = select(event.certificate_id).where(
        event.kind.in_([EventKind.SUSPENDED, *LAST_WORDS])
    )
    rows = db.session.execute(
        select(
            event.id,
            event.kind,
            event.effective_on,
            event.recorded_at,
            event.reason_code,
            event.anniversary,
            Credential.revocation_index.label("revocation"),
            Credential.suspension_index.label("suspension"),
        )
        .join(Credential, Credential.certificate_id == event.certificate_id)
        .where(event.certificate_id.in_(befallen))
        .order_by(event.certificate_id, event.id)
    )
    return cast(Sequence[StatusEvent], rows.all())


def copies_to_make() -> Sequence[int]:
    """The ids of certificates with a courtesy copy asked for and not yet made."""
    return db.session.scalars(
        select(Copy.certificate_id)
        .where(Copy.sha256.is_(None))
        .order_by(Copy.asked_at, Copy.certificate_id)
    ).all()


def copy_to_make(id_: int) -> Copy | None:
    """A copy not yet made of that certificate, its row held; or None."""
    return db.session.scalar(
        select(Copy)
        .where(Copy.certificate_id == id_, Copy.sha256.is_(None))
        .order_by(Copy.language)
        .limit(1)
        .with_for_update(of=Copy, skip_locked=True)
    )


def stuck_since(before: datetime) -> Sequence[Certificate]:
    """Certificates reserved before an instant and not issued: somebody must look."""
    return db.session.scalars(
        select(Certificate)
        .where(
            Certificate.state == CertificateState.RESERVED,
            Certificate.reserved_at < before,
        )
        .order_by(Certificate.id)
    ).all()


def has_standing(code: Code, on: date) -> ColumnElement[bool]:
    """
    The condition on Projection “its standing on the day `on` is `code`”.

    It says with SQL what `standing.on_day` says with Python; a test holds them equal.
    """
    p = Projection
    updating = and_(p.in_update_from.is_not(None), p.in_update_from <= on)
    lives = or_(p.valid_until >= on, updating)
    if code is Code.IN_UPDATE:
        return and_(p.code == Code.VALID, updating)
    if code is Code.VALID:
        return and_(p.code == code, p.valid_until >= on, ~updating)
    if code is Code.SUSPENDED:
        return and_(p.code == code, lives)
    if code is Code.EXPIRED:
        return and_(p.code.in_([Code.VALID, Code.SUSPENDED]), ~lives)
    return p.code == code
