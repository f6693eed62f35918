"""What is due, and what waits for the committee."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, func, or_, select
from sqlalchemy.orm import aliased, contains_eager, joinedload

from registry.accounts.models import User
from registry.applications.models import DECIDED, Application, ApplicationState
from registry.certificates.models import Certificate, CertificateState, Projection
from registry.certificates.queries import has_standing
from registry.certificates.queries import seen_by as certificates_seen_by
from registry.certificates.rules import anniversaries, opens_on
from registry.certificates.standing import Code
from registry.clock import add_months, civil_day
from registry.criteria.edition import Edition
from registry.db import db
from registry.errors import N_, NotFound
from registry.rechecks.models import Measure, MeasureKind, Recheck, Reminder
from registry.rechecks.rules import due_reminders

S = ApplicationState
WEEK = timedelta(days=7)
#: A list is for a person to read: longer ones show their beginning.
MOST = 200


def certificates_to_look_at(edition: Edition, on: date) -> Sequence[int]:
    """
    The ids of certificates in force or suspended whose re-check may have to be opened.

    Old enough for a first re-check, and with none for the anniversary that is open now;
    a week more or less, because months differ: `rules.due_anniversary` is exact.
    """
    opens = timedelta(days=edition.parameters.recheck_opens_days)
    before = add_months(on + opens, -edition.parameters.recheck_months) + WEEK
    stands = or_(
        *(has_standing(c, on) for c in (Code.VALID, Code.IN_UPDATE, Code.SUSPENDED))
    )
    opened = exists().where(
        Recheck.certificate_id == Certificate.id, Recheck.due_on > before
    )
    return db.session.scalars(
        select(Certificate.id)
        .join(Projection, Projection.certificate_id == Certificate.id)
        .where(
            stands,
            Certificate.edition == edition.key,
            Certificate.application_id.is_not(None),
            func.coalesce(Certificate.counted_from, Certificate.issued_on) <= before,
            ~opened,
        )
        .order_by(Certificate.id)
    ).all()


def certificate_held(id_: int) -> Certificate | None:
    """A certificate, its row held until the commit (another worker's is skipped)."""
    return db.session.scalar(
        select(Certificate)
        .where(Certificate.id == id_)
        .with_for_update(of=Certificate, skip_locked=True)
    )


def _left_behind() -> ColumnElement[bool]:
    """The condition on Certificate “it was issued again, and this one is the old”."""
    after = aliased(Certificate)
    return exists().where(
        after.replaces_id == Certificate.id,
        after.counted_from.is_not(None),
        after.state == CertificateState.ISSUED,
    )


def of_reissued() -> Sequence[int]:
    """The ids of certificates issued again whose re-checks or measures stayed there."""
    kept = or_(
        exists().where(Recheck.certificate_id == Certificate.id),
        exists().where(
            Measure.certificate_id == Certificate.id, Measure.decided_at.is_(None)
        ),
    )
    return db.session.scalars(
        select(Certificate.id).where(_left_behind(), kept).order_by(Certificate.id)
    ).all()


def certificate_left(id_: int) -> Certificate | None:
    """A certificate issued again, its row held until the commit; or None."""
    return db.session.scalar(
        select(Certificate)
        .where(Certificate.id == id_, _left_behind())
        .with_for_update(of=Certificate, skip_locked=True)
    )


def open_measures_of(certificate_id: int) -> Sequence[Measure]:
    """What waits for the committee about a certificate."""
    return db.session.scalars(
        select(Measure).where(
            Measure.certificate_id == certificate_id, Measure.decided_at.is_(None)
        )
    ).all()


def has_any(certificate_id: int | None) -> bool:
    """Whether a re-check was ever opened for a certificate."""
    return bool(
        db.session.scalar(
            select(exists().where(Recheck.certificate_id == certificate_id))
        )
    )


def held(id_: int) -> Recheck | None:
    """
    An open re-check, its row held until the commit; None when closed by now.

    Nor while its certificate was issued again and it has not followed yet.
    """
    return db.session.scalar(
        select(Recheck)
        .join(Certificate, Certificate.id == Recheck.certificate_id)
        .where(Recheck.id == id_, Recheck.closed_at.is_(None), ~_left_behind())
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
    reached = due_reminders(recheck, edition, on)
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


def suspended(on: date) -> Sequence[int]:
    """The ids of certificates suspended on the day `on`."""
    return db.session.scalars(
        select(Projection.certificate_id)
        .join(Certificate, Certificate.id == Projection.certificate_id)
        .where(
            has_standing(Code.SUSPENDED, on), Certificate.application_id.is_not(None)
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
    return any(civil_day(at) >= since for at in found)


def suspension_was_recorded(recheck: Recheck) -> bool:
    """Whether this re-check led to a suspension once: rejected, it does not again."""
    return bool(
        db.session.scalar(
            select(
                exists().where(
                    Measure.recheck_id == recheck.id,
                    Measure.kind == MeasureKind.SUSPENSION,
                )
            )
        )
    )


def open_measures() -> Sequence[Measure]:
    """What waits for the committee, the nearest deadline first."""
    return db.session.scalars(
        select(Measure)
        .where(Measure.decided_at.is_(None))
        .options(joinedload(Measure.certificate))
        .order_by(Measure.decide_by_on, Measure.id)
    ).all()


def measure(id_: int) -> Measure:
    """A measure; raises NotFound."""
    found = db.session.get(Measure, id_)
    if found is None:
        raise NotFound(N_("There is no such measure."))
    return found


def measure_held(id_: int) -> Measure | None:
    """A measure not decided yet, its row held until the commit; or None, as `held`."""
    return db.session.scalar(
        select(Measure)
        .join(Certificate, Certificate.id == Measure.certificate_id)
        .where(Measure.id == id_, Measure.decided_at.is_(None), ~_left_behind())
        .with_for_update(of=Measure, skip_locked=True)
    )


def decided_measures(most: int = 50) -> Sequence[Measure]:
    """What the committee decided last, newest first."""
    return db.session.scalars(
        select(Measure)
        .where(Measure.decided_at.is_not(None))
        .options(joinedload(Measure.certificate))
        .order_by(Measure.decided_at.desc(), Measure.id.desc())
        .limit(most)
    ).all()


def seen_by(user: User) -> Select[Recheck]:
    """Staff sees all; a person those of the organisations they speak for."""
    mine = certificates_seen_by(user).with_only_columns(Certificate.id)
    return select(Recheck).where(Recheck.certificate_id.in_(mine))


def get(id_: int, *, seen_by_user: User) -> Recheck:
    """The re-check; raises NotFound when it is not there or not theirs to see."""
    found = db.session.scalar(seen_by(seen_by_user).where(Recheck.id == id_))
    if found is None:
        raise NotFound(N_("There is no such re-check."))
    return found


def letters_of(recheck: Recheck) -> Sequence[Reminder]:
    """The steps of the ladder written or passed, in order."""
    return db.session.scalars(
        select(Reminder)
        .where(Reminder.recheck_id == recheck.id)
        .order_by(Reminder.offset)
    ).all()


def calendar(first: date, last: date) -> Sequence[Recheck]:
    """The re-checks due between two days, both included."""
    return db.session.scalars(
        _with_holder()
        .where(Recheck.due_on.between(first, last))
        .order_by(Recheck.due_on, Recheck.id)
        .limit(MOST)
    ).all()


def late(on: date) -> Sequence[Recheck]:
    """The open re-checks not filed though their day has passed, the latest first."""
    return db.session.scalars(
        _with_holder()
        .where(
            Recheck.closed_at.is_(None),
            Recheck.due_on < on,
            Application.submitted_at.is_(None),
        )
        .order_by(Recheck.due_on, Recheck.id)
        .limit(MOST)
    ).all()


def under_way(on: date) -> Sequence[Recheck]:
    """The re-checks filed in time whose certificate is in update on the day `on`."""
    return db.session.scalars(
        _with_holder()
        .join(Projection, Projection.certificate_id == Recheck.certificate_id)
        .where(Recheck.closed_at.is_(None), has_standing(Code.IN_UPDATE, on))
        .order_by(Recheck.due_on, Recheck.id)
        .limit(MOST)
    ).all()


def opening(edition: Edition, first: date, last: date) -> list[tuple[date, date, Any]]:
    """
    The re-checks that open between two days: when, for which anniversary, of whom.

    Found by the last day of the certificates, `MOST` at most.
    """
    opens = timedelta(days=edition.parameters.recheck_opens_days)
    term = edition.parameters.certificate_months
    steps = range(
        edition.parameters.recheck_months,
        term + 1,
        edition.parameters.recheck_months,
    )
    ranges = [
        Projection.valid_until.between(
            add_months(first + opens, term - step) - WEEK,
            add_months(last + opens, term - step) + WEEK,
        )
        for step in steps
    ]
    found = db.session.scalars(
        select(Certificate)
        .join(Projection, Projection.certificate_id == Certificate.id)
        .where(
            or_(*ranges),
            Projection.code.in_([Code.VALID, Code.SUSPENDED]),
            Certificate.edition == edition.key,
            Certificate.application_id.is_not(None),
        )
        .options(joinedload(Certificate.organisation))
        .order_by(Projection.valid_until, Certificate.id)
        .limit(MOST)
    )
    days = [
        (opens_on(day, edition), day, certificate)
        for certificate in found
        for day in anniversaries(certificate.begins_on, edition)
    ]
    return sorted(
        (one for one in days if first <= one[0] <= last),
        key=lambda one: (one[0], one[2].id),
    )


def _with_holder() -> Select[Recheck]:
    return (
        select(Recheck)
        .join(Application)
        .options(
            joinedload(Recheck.certificate).joinedload(Certificate.organisation),
            contains_eager(Recheck.application),
        )
    )
