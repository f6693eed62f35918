"""Writing a letter, and what becomes of it.  Sending is in jobs.py."""

import uuid
from collections.abc import Iterable
from datetime import datetime
from typing import Any, Protocol

from registry.db import db
from registry.mail.models import Letter
from registry.mail.writing import write


class Recipient(Protocol):
    """Anyone who can be written to."""

    @property
    def id(self) -> int: ...
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
