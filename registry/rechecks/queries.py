"""What is due, and what waits for the committee."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import joinedload

from registry.applications.models import DECIDED, Application, ApplicationState
from registry.certificates.models import Certificate, Projection
from registry.certificates.queries import has_standing
from registry.certificates.standing import Code
from registry.criteria.edition import Edition
from registry.db import db
from registry.rechecks import rules
from registry.rechecks.models import Measure, MeasureKind, Recheck, Reminder

S = ApplicationState


def certificates_to_look_at(on: date) -> Sequence[int]:
    """The ids of certificates in force or suspended, whose re-check may have opened."""
    stands = or_(
        *(has_standing(c, on) for c in (Code.VALID, Code.IN_UPDATE, Code.SUSPENDED))
    )
    return db.session.scalars(
        select(Projection.certificate_id)
        .where(stands)
        .order_by(Projection.certificate_id)
    ).all()


def certificate_held(id_: int) -> Certificate | None:
    """A certificate, its row held until the commit (another worker's is skipped)."""
    return db.session.scalar(
        select(Certificate)
        .where(Certificate.id == id_)
        .with_for_update(of=Certificate, skip_locked=True)
    )


def held(id_: int) -> Recheck | None:
    """An open re-check, its row held until the commit; None when closed by now."""
    return db.session.scalar(
        select(Recheck)
        .where(Recheck.id == id_, Recheck.closed_at.is_(None))
        .with_for_update(of=Recheck, skip_locked=True)
    )


def of_anniversary(certificate_id: int, due_on: date) -> Recheck | None:
    return db.session.scalar(
        select(Recheck).where(
            Recheck.certificate_id == certificate_id, Recheck.due_on == due_on
        )
    )


def of_application(application_id: int) -> Recheck | None:
    return db.session.scalar(
        select(Recheck).where(Recheck.application_id == application_id)
    )


def unfiled() -> Sequence[int]:
    """The ids of open re-checks the holder has not filed."""
    return db.session.scalars(
        select(Recheck.id)
        .join(Application)
        .where(Recheck.closed_at.is_(None), Application.submitted_at.is_(None))
        .order_by(Recheck.id)
    ).all()


def reminders_due(recheck: Recheck, edition: Edition, on: date) -> list[int]:
    """The steps of the ladder reached and not yet written, in order."""
    written = set(
        db.session.scalars(
            select(Reminder.offset).where(Reminder.recheck_id == recheck.id)
        )
    )
    reached = rules.due_reminders(recheck, edition, on)
    return [offset for offset in reached if offset not in written]


def filed_not_told() -> Sequence[int]:
    """The ids of re-checks filed, of which the certificate was not told yet."""
    return db.session.scalars(
        select(Recheck.id)
        .join(Application)
        .where(
            Recheck.closed_at.is_(None),
            Recheck.filed_at.is_(None),
            Application.submitted_at.is_not(None),
        )
        .order_by(Recheck.id)
    ).all()


def decided_not_closed() -> Sequence[int]:
    """The ids of re-checks whose application was closed, with or without a decision."""
    return db.session.scalars(
        select(Recheck.id)
        .join(Application)
        .where(
            Recheck.closed_at.is_(None),
            or_(
                Application.state.in_(DECIDED),
                Application.state.in_([S.WITHDRAWN, S.DECLINED, S.ARCHIVED]),
            ),
        )
        .order_by(Recheck.id)
    ).all()


def suspended_for_lateness(on: date) -> Sequence[int]:
    """The ids of certificates suspended on the day `on` for a missed re-check."""
    return db.session.scalars(
        select(Projection.certificate_id)
        .where(
            and_(
                has_standing(Code.SUSPENDED, on),
                Projection.reason_code == "suspended_missed_recheck",
            )
        )
        .order_by(Projection.certificate_id)
    ).all()


def latest_of(certificate_id: int) -> Recheck | None:
    """The last re-check opened for a certificate."""
    return db.session.scalar(
        select(Recheck)
        .where(Recheck.certificate_id == certificate_id)
        .order_by(Recheck.due_on.desc())
        .limit(1)
    )


def of_certificate(certificate_id: int) -> Sequence[Recheck]:
    """Every re-check of a certificate, oldest first."""
    return db.session.scalars(
        select(Recheck)
        .where(Recheck.certificate_id == certificate_id)
        .order_by(Recheck.due_on)
    ).all()


def open_measure(certificate_id: int, kind: MeasureKind) -> Measure | None:
    return db.session.scalar(
        select(Measure).where(
            Measure.certificate_id == certificate_id,
            Measure.kind == kind,
            Measure.decided_at.is_(None),
        )
    )


def withdrawal_was_proposed(certificate_id: int, since: date) -> bool:
    """Whether a withdrawal was proposed (and maybe rejected) since the suspension."""
    found = db.session.scalars(
        select(Measure.proposed_at).where(
            Measure.certificate_id == certificate_id,
            Measure.kind == MeasureKind.WITHDRAWAL,
        )
    )
    return any(at.date() >= since for at in found)


def open_measures() -> Sequence[Measure]:
    """What waits for the committee, the nearest deadline first."""
    return db.session.scalars(
        select(Measure)
        .where(Measure.decided_at.is_(None))
        .options(joinedload(Measure.certificate))
        .order_by(Measure.decide_by_on, Measure.id)
    ).all()


def measure(id_: int) -> Measure | None:
    """A measure, its row held until the commit."""
    return db.session.scalar(
        select(Measure).where(Measure.id == id_).with_for_update(of=Measure)
    )


def calendar(first: date, last: date) -> Sequence[Recheck]:
    """The re-checks due between two days, both included: the secretariat's calendar."""
    return db.session.scalars(
        select(Recheck)
        .where(Recheck.due_on.between(first, last))
        .options(joinedload(Recheck.certificate), joinedload(Recheck.application))
        .order_by(Recheck.due_on, Recheck.id)
    ).all()
