"""Reading the outbox."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Select, func, select

from registry.db import db
from registry.errors import N_, NotFound
from registry.mail.models import Letter, LetterState

#: A sign-in link that was never sent is useless after so long.
SECRETS_LAST = timedelta(days=4)
AT_ONCE = 200


def waiting(at: datetime) -> Sequence[int]:
    """The ids of letters that are due, the longest waiting first."""
    return db.session.scalars(
        select(Letter.id)
        .where(Letter.state == LetterState.WAITING, Letter.next_attempt_at <= at)
        .order_by(Letter.next_attempt_at, Letter.id)
        .limit(AT_ONCE)
    ).all()


def due(id_: int, at: datetime) -> Letter | None:
    """A letter that is due, its row held (another worker's is skipped); or None."""
    return db.session.scalar(
        select(Letter)
        .where(
            Letter.id == id_,
            Letter.state == LetterState.WAITING,
            Letter.next_attempt_at <= at,
        )
        .with_for_update(of=Letter, skip_locked=True)
    )


def old_secrets(at: datetime) -> Sequence[int]:
    """The ids of unsent letters whose sign-in link has expired."""
    return db.session.scalars(
        select(Letter.id).where(
            Letter.secret,
            Letter.body.is_not(None),
            Letter.written_at < at - SECRETS_LAST,
        )
    ).all()


def with_secret(id_: int) -> Letter | None:
    """A letter that still holds its sign-in link, its row held; or None."""
    return db.session.scalar(
        select(Letter)
        .where(Letter.id == id_, Letter.secret, Letter.body.is_not(None))
        .with_for_update(of=Letter)
    )


def all_letters(state: LetterState | None = None, event: str = "") -> Select[Letter]:
    """The select of letters for the secretariat, newest first."""
    found = select(Letter).order_by(Letter.written_at.desc(), Letter.id.desc())
    if state:
        found = found.where(Letter.state == state)
    return found.where(Letter.event == event) if event else found


def count(select_: Select[Letter]) -> int:
    """How many letters a select finds."""
    inner = select_.order_by(None).subquery()
    return db.session.scalars(select(func.count()).select_from(inner)).one()


def get(id_: int) -> Letter:
    """The letter; raises NotFound."""
    letter = db.session.get(Letter, id_)
    if letter is None:
        raise NotFound(N_("There is no such letter."))
    return letter


def about(reference: str) -> Sequence[Letter]:
    """Every letter about one thing, oldest first."""
    return db.session.scalars(
        select(Letter).where(Letter.about == reference).order_by(Letter.written_at)
    ).all()


def failed() -> int:
    """How many letters the server refused for good."""
    return db.session.scalars(
        select(func.count()).where(Letter.state == LetterState.FAILED)
    ).one()
