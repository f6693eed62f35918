"""Telling what comes with time alone, so that who follows the changes hears of it."""

from datetime import date, datetime

from sqlalchemy import update

from registry.db import db
from registry.verification.models import PublicChange, RegisterVersion


def tell(
    certificate_id: int,
    kind: str,
    *,
    event_id: int | None = None,
    on: date,
    at: datetime,
) -> PublicChange:
    """Add to the public changes that an update began, or that a term has ended."""
    # First of all the row that puts changes in order (migration 0008).
    db.session.execute(
        update(RegisterVersion).values(version=RegisterVersion.version + 1)
    )
    told = PublicChange(
        certificate_id=certificate_id, event_id=event_id, kind=kind, on=on, at=at
    )
    db.session.add(told)
    db.session.flush()
    return told
