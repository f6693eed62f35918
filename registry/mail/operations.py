"""Writing a letter, and what becomes of it.  Sending is in jobs.py."""

import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Protocol

from registry.db import db
from registry.errors import N_, Conflict
from registry.journal.operations import Actor, record
from registry.mail.models import MOVES, Letter, LetterState
from registry.mail.writing import write
from registry.states import move

#: Tried again every five minutes for four hours, then it needs a person.
PAUSE = timedelta(minutes=5)
MOST_ATTEMPTS = 48


class NeedsNewLink(Conflict):
    """A letter with a sign-in link is made anew by the room that wrote it."""


class Recipient(Protocol):
    """Anyone who can be written to; without `id`, somebody without an account."""

    @property
    def id(self) -> int | None: ...
    @property
    def email(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def language(self) -> str: ...


def post(
    event: str,
    *,
    to: Iterable[Recipient],
    about: str,
    at: datetime,
    secret: bool = False,
    **facts: Any,
) -> list[Letter]:
    """
    Put one letter per recipient in the outbox, in this transaction.

    `event` names the template ("applications/submitted"), `about` is the reference of
    what it tells of.  The template sees the facts and `recipient`.
    """
    letters = []
    for recipient in {person.id: person for person in to}.values():
        subject, body = write(
            event, recipient.language, facts | {"recipient": recipient}
        )
        letter = Letter(
            message_id=f"<{uuid.uuid4()}@registry>",
            event=event,
            about=about,
            language=recipient.language,
            to_email=recipient.email,
            to_name=recipient.name,
            to_id=recipient.id,
            subject=subject,
            body=body,
            secret=secret,
            written_at=at,
            next_attempt_at=at,
        )
        db.session.add(letter)
        letters.append(letter)
    return letters


def lease(letter: Letter, until: datetime) -> None:
    """Take the letter for delivery: until then nobody else does."""
    letter.next_attempt_at = until
    letter.attempts += 1


def mark_sent(letter: Letter, *, at: datetime) -> None:
    """The server took it.  A secret letter loses its words."""
    move(letter, LetterState.SENT, MOVES)
    letter.sent_at, letter.last_error = at, None
    if letter.secret:
        letter.body = None


def put_off(letter: Letter, error: str, *, at: datetime) -> None:
    """The server did not take it: again in five minutes, for four hours."""
    letter.last_error = error
    letter.next_attempt_at = at + PAUSE
    if letter.attempts >= MOST_ATTEMPTS:
        move(letter, LetterState.FAILED, MOVES)


def forget(letter: Letter) -> None:
    """Take the sign-in link out of a letter nobody will bring in time."""
    letter.body = None
    if letter.state is LetterState.WAITING:
        move(letter, LetterState.FAILED, MOVES)


def resend(letter: Letter, *, by: Actor, at: datetime) -> Letter:
    """
    Send the same words again, as a new letter (or the same, when it had failed).

    Raises NeedsNewLink for a letter with a sign-in link.
    """
    if letter.secret:
        raise NeedsNewLink(
            N_("This letter holds a sign-in link: send a new link instead.")
        )
    again = letter
    if letter.state is LetterState.FAILED:
        move(letter, LetterState.WAITING, MOVES)
        letter.attempts, letter.next_attempt_at = 0, at
    elif letter.state is LetterState.SENT:
        again = _copy(letter, at)
    record("letter.resent", letter, by=by, at=at, event=letter.event)
    return again


def _copy(letter: Letter, at: datetime) -> Letter:
    again = Letter(
        message_id=f"<{uuid.uuid4()}@registry>",
        event=letter.event,
        about=letter.about,
        language=letter.language,
        to_email=letter.to_email,
        to_name=letter.to_name,
        to_id=letter.to_id,
        subject=letter.subject,
        body=letter.body,
        secret=False,
        written_at=at,
        next_attempt_at=at,
    )
    db.session.add(again)
    db.session.flush()
    return again
