"""Reading the journal."""

from collections.abc import Sequence

from sqlalchemy import select

from registry.db import db
from registry.journal.models import Entry


def of_case(case: str) -> Sequence[Entry]:
    """Every act of a case, oldest first."""
    return db.session.scalars(
        select(Entry).where(Entry.case == case).order_by(Entry.at, Entry.id)
    ).all()


def about(subject: str) -> Sequence[Entry]:
    """Every act on one thing, oldest first."""
    return db.session.scalars(
        select(Entry).where(Entry.subject == subject).order_by(Entry.at, Entry.id)
    ).all()
