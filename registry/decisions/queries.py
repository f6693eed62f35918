"""Reading decisions."""

from sqlalchemy import select

from registry.applications.models import Application
from registry.db import db
from registry.decisions.models import Decision, Outcome


def of(application: Application) -> Decision | None:
    """The decision on a case, once there is one."""
    return db.session.scalar(
        select(Decision).where(Decision.application_id == application.id)
    )


GRANTS = (Outcome.GRANTED, Outcome.GRANTED_WITH_CONDITIONS)
