"""Reading audits, each through the eyes of somebody."""

from collections.abc import Sequence

from sqlalchemy import Select, exists, func, select
from sqlalchemy.orm import joinedload

from registry.accounts.models import Role, User
from registry.accounts.queries import staff
from registry.applications.models import Application
from registry.audits import rules
from registry.audits.models import CURRENT, Audit, AuditState
from registry.db import db
from registry.errors import N_, NotFound


def seen_by(user: User) -> Select[Audit]:
    """The audits assigned to this auditor that are still theirs."""
    return select(Audit).where(Audit.auditor_id == user.id, Audit.state.in_(CURRENT))


def get(id_: int, *, seen_by_user: User) -> Audit:
    """The audit; raises NotFound when it is not there or not theirs to see."""
    found = db.session.scalar(seen_by(seen_by_user).where(Audit.id == id_))
    if found is None:
        raise NotFound(N_("There is no such audit."))
    return found


def mine(user: User) -> Sequence[Audit]:
    """The auditor's audits of cases that are still open, the oldest first."""
    return db.session.scalars(
        seen_by(user)
        .join(Audit.application)
        .where(Application.closed_at.is_(None))
        .options(joinedload(Audit.application).joinedload(Application.organisation))
        .order_by(Audit.assigned_at, Audit.id)
    ).all()


def to_assign() -> Sequence[Application]:
    """The accepted cases that no auditor holds, the longest waiting first."""
    held = select(Audit.application_id).where(Audit.state.in_(CURRENT))
    return db.session.scalars(
        select(Application)
        .where(Application.state.in_(rules.ASSIGNABLE), Application.id.not_in(held))
        .options(joinedload(Application.organisation))
        .order_by(Application.accepted_at, Application.id)
    ).all()


def revision_of(audit_id: int) -> int:
    """The revision in the database now, whatever was read before."""
    return db.session.scalars(select(Audit.revision).where(Audit.id == audit_id)).one()


def current_of(application: Application) -> Audit | None:
    """The audit of a case that counts now."""
    return db.session.scalar(
        select(Audit).where(
            Audit.application_id == application.id, Audit.state.in_(CURRENT)
        )
    )


def reported_of(application: Application) -> Audit | None:
    """The reported audit of a case: what the committee decides on."""
    return db.session.scalar(
        select(Audit).where(
            Audit.application_id == application.id, Audit.state == AuditState.REPORTED
        )
    )


def of_case(application: Application) -> Sequence[Audit]:
    """Every audit of a case, also the ended ones, oldest first."""
    return db.session.scalars(
        select(Audit).where(Audit.application_id == application.id).order_by(Audit.id)
    ).all()


def audited(application_id: int, user: User) -> bool:
    """Whether this person was ever assigned to audit this case."""
    return bool(
        db.session.scalar(
            select(
                exists().where(
                    Audit.application_id == application_id, Audit.auditor_id == user.id
                )
            )
        )
    )


def available(application: Application) -> list[User]:
    """The auditors who may be assigned to a case and do not hold it now."""
    before = of_case(application)
    holds = {audit.auditor_id for audit in before if audit.state in CURRENT}
    return [
        person
        for person in staff(Role.AUDITOR)
        if rules.may_be_assigned(application, person, before) and person.id not in holds
    ]


def workload() -> dict[int, int]:
    """How many audits each auditor still has to report, by user id."""
    rows = db.session.execute(
        select(Audit.auditor_id, func.count())
        .join(Audit.application)
        .where(
            Audit.state.in_([AuditState.ASSIGNED, AuditState.IN_PROGRESS]),
            Application.closed_at.is_(None),
        )
        .group_by(Audit.auditor_id)
    )
    return {row[0]: row[1] for row in rows}
