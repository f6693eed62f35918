"""Reading decisions."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from registry.accounts.models import User
from registry.applications import queries as applications
from registry.applications.models import Application, ApplicationState
from registry.audits import queries as audits
from registry.audits.rules import may_see
from registry.db import db
from registry.decisions.models import Decision, Outcome
from registry.errors import N_, NotFound


def of(application: Application) -> Decision | None:
    """The decision on a case, once there is one."""
    return db.session.scalar(
        select(Decision).where(Decision.application_id == application.id)
    )


def waiting() -> Sequence[Application]:
    """The evaluated cases, the longest accepted first."""
    return db.session.scalars(
        select(Application)
        .where(Application.state == ApplicationState.EVALUATED)
        .options(joinedload(Application.organisation))
        .order_by(Application.accepted_at, Application.id)
    ).all()


def latest(limit: int = 20) -> Sequence[Decision]:
    """The last decisions taken, newest first."""
    return db.session.scalars(
        select(Decision)
        .options(joinedload(Decision.application).joinedload(Application.organisation))
        .order_by(Decision.decided_at.desc(), Decision.id.desc())
        .limit(limit)
    ).all()


def seen_by(application_id: int, user: User) -> Decision:
    """
    The decision on a case, for the applicant, the staff, and the auditor of the case.

    Raises NotFound for everyone else, and while there is none.
    """
    found = db.session.get(Application, application_id)
    held = audits.current_of(found) if found else None
    if held and may_see(held, user):
        case = held.application
    else:
        case = applications.get(application_id, seen_by_user=user)
    decision = of(case)
    if decision is None:
        raise NotFound(N_("There is no such decision."))
    return decision


GRANTS = (Outcome.GRANTED, Outcome.GRANTED_WITH_CONDITIONS)
