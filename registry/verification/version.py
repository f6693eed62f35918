"""A number for the state of the register: whoever saw it once need not look again."""

from datetime import datetime

from sqlalchemy import func, select, text

from registry.certificates.models import CertificateEvent
from registry.db import db

#: For whoever holds a bare connection; the row is always there.
STATEMENT = "SELECT version FROM register_version"


def now() -> int:
    """
    The version of the register; it grows with every public change, at its commit.

    What passes with time alone does not raise it: answers are also of a civil day.
    """
    return int(db.session.execute(text(STATEMENT)).scalar_one())


def recorded_through() -> datetime | None:
    """When the last event of the register was recorded; None before the first."""
    return db.session.scalar(select(func.max(CertificateEvent.recorded_at)))
