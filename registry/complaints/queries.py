"""Reading doubts; none of them is public."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Select, exists, or_, select
from sqlalchemy.orm import selectinload

from registry.accounts.models import Role, User
from registry.accounts.queries import hashed
from registry.applications.models import Application
from registry.audits.models import Audit
from registry.certificates.models import Projection
from registry.clock import start_of
from registry.complaints.models import Complaint, ComplaintState
from registry.complaints.rules import ended_before
from registry.db import db
from registry.decisions.models import Decision
from registry.errors import N_, NotFound
from registry.organisations.models import Organisation

OPEN = (ComplaintState.RECEIVED, ComplaintState.ADMISSIBLE)


def seen_by(user: User) -> Select[Complaint]:
    """The secretariat sees all doubts; nobody else any."""
    found = select(Complaint).options(selectinload(Complaint.organisation))
    return found if user.is_a(Role.SECRETARIAT) else found.where(Complaint.id.is_(None))


def get(id_: int, *, user: User) -> Complaint:
    """The doubt; raises NotFound when it is not there or not theirs to see."""
    found = db.session.scalar(seen_by(user).where(Complaint.id == id_))
    if found is None:
        raise NotFound(N_("There is no such report."))
    return found


def listed(user: User, *, still_open: bool) -> Select[Complaint]:
    """The open doubts, the longest waiting first; or those that ended, latest first."""
    found = seen_by(user)
    if still_open:
        open_ones = found.where(Complaint.state.in_(OPEN))
        return open_ones.order_by(Complaint.answer_by_on, Complaint.id)
    return found.where(Complaint.state.not_in(OPEN)).order_by(
        Complaint.ended_at.desc(), Complaint.id.desc()
    )


def waiting() -> Sequence[Complaint]:
    """Every open doubt, the longest waiting first."""
    return db.session.scalars(
        select(Complaint)
        .where(Complaint.state.in_(OPEN))
        .options(selectinload(Complaint.organisation))
        .order_by(Complaint.answer_by_on, Complaint.id)
    ).all()


def by_key(key: str) -> Complaint | None:
    """The doubt of a secret address; None for any other."""
    return db.session.scalar(
        select(Complaint).where(Complaint.key_sha256 == hashed(key))
    )


def holder(id_: int) -> Organisation:
    """An organisation that has or had a certificate; raises NotFound for others."""
    held = exists().where(Projection.organisation_id == Organisation.id)
    found = db.session.scalar(select(Organisation).where(Organisation.id == id_, held))
    if found is None:
        raise NotFound(N_("There is no such holder."))
    return found


def took_part(complaint: Complaint, user: User) -> bool:
    """Whether somebody audited or decided an application of that holder."""
    mine = Application.organisation_id == complaint.organisation_id
    audited = exists().where(
        Audit.application_id == Application.id, Audit.auditor_id == user.id
    )
    decided = exists().where(
        Decision.application_id == Application.id, Decision.decided_by_id == user.id
    )
    found = select(Application.id).where(mine, or_(audited, decided)).limit(1)
    return db.session.scalar(found) is not None


def to_forget(at: datetime) -> Sequence[int]:
    """The ids of doubts that ended long enough ago and still hold words."""
    return db.session.scalars(
        select(Complaint.id)
        .where(
            Complaint.ended_at < start_of(ended_before(at)),
            or_(Complaint.words.is_not(None), Complaint.email.is_not(None)),
        )
        .order_by(Complaint.id)
    ).all()


def one_to_forget(id_: int) -> Complaint | None:
    """That doubt, its row held; None where it was forgotten meanwhile."""
    return db.session.scalar(
        select(Complaint)
        .where(
            Complaint.id == id_,
            or_(Complaint.words.is_not(None), Complaint.email.is_not(None)),
        )
        .with_for_update(of=Complaint, skip_locked=True)
    )
