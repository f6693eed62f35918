"""What is done about a doubt; each act has its reasons and stays."""

from dataclasses import dataclass
from datetime import datetime

from registry.accounts.models import User
from registry.accounts.queries import hashed
from registry.clock import civil_day
from registry.complaints import queries, rules
from registry.complaints.models import (
    MOVES,
    Act,
    ActKind,
    Complaint,
    ComplaintState,
    Outcome,
    Topic,
)
from registry.db import db
from registry.errors import N_, Forbidden, Invalid
from registry.journal.operations import Actor, next_number, record
from registry.mail.operations import post
from registry.organisations.models import Organisation
from registry.states import move

S = ComplaintState


class NotImpartial(Forbidden):
    """Who took part in a certification does not look into doubts about it."""


class NoReasons(Invalid):
    """An act without its reasons."""


class WrongLength(Invalid):
    """Too few words to look into, or too many."""


@dataclass(frozen=True)
class Reporter:
    """Whoever raised a doubt and left an address: somebody without an account."""

    email: str
    language: str
    name: str
    id: None = None


def report(
    organisation: Organisation,
    topic: Topic,
    words: str,
    email: str | None,
    *,
    language: str,
    key: str,
    by: Actor,
    at: datetime,
) -> Complaint:
    """
    Open a case for a doubt about a holder, and confirm it by letter if one was asked.

    `key` is the secret of the address under which it is followed. Raises WrongLength.
    """
    text = words.strip()
    if not rules.SHORTEST <= len(text) <= rules.LONGEST:
        raise WrongLength(
            N_("Describe the doubt in %(shortest)s to %(longest)s characters."),
            shortest=rules.SHORTEST,
            longest=rules.LONGEST,
        )
    today = civil_day(at)
    serial = next_number(f"complaints-{today.year}")
    complaint = Complaint(
        number=f"SEG-{today.year}-{serial:04}",
        organisation=organisation,
        topic=topic,
        words=text,
        email=email or None,
        language=language,
        key_sha256=hashed(key),
        received_at=at,
        answer_by_on=rules.answer_by(today),
        state=S.RECEIVED,
    )
    db.session.add(complaint)
    _act(complaint, ActKind.RECEIVED, "", by=by, at=at)
    _tell("received", complaint, at=at, key=key)
    return complaint


def admit(complaint: Complaint, words: str, *, by: User, at: datetime) -> None:
    """Say that a doubt concerns what we certify, and will be looked into."""
    _handled(complaint, words, by)
    move(complaint, S.ADMISSIBLE, MOVES)
    _act(complaint, ActKind.ADMITTED, words, by=by, at=at)
    _tell("admitted", complaint, at=at, words=words)


def reject(complaint: Complaint, words: str, *, by: User, at: datetime) -> None:
    """Say why a doubt does not concern what we certify, or cannot be looked into."""
    _handled(complaint, words, by)
    complaint.ended_at = at
    move(complaint, S.NOT_ADMISSIBLE, MOVES)
    _act(complaint, ActKind.REJECTED, words, by=by, at=at)
    _tell("rejected", complaint, at=at, words=words)


def note(complaint: Complaint, words: str, *, by: User, at: datetime) -> None:
    """Keep what was done or found on the way; the registry alone reads it."""
    _handled(complaint, words, by)
    _act(complaint, ActKind.NOTED, words, by=by, at=at)


def close(
    complaint: Complaint, outcome: Outcome, words: str, *, by: User, at: datetime
) -> None:
    """Close the case with what was found and what follows from it."""
    _handled(complaint, words, by)
    complaint.outcome, complaint.ended_at = outcome, at
    move(complaint, S.CLOSED, MOVES)
    _act(complaint, ActKind.CLOSED, words, by=by, at=at)
    _tell("closed", complaint, at=at, words=words)


def forget(complaint: Complaint, *, by: Actor, at: datetime) -> None:
    """Erase what was written and who wrote it: the acts and the outcome stay."""
    complaint.words = complaint.email = None
    record("complaint.forgotten", complaint, by=by, at=at)


def _handled(complaint: Complaint, words: str, by: User) -> None:
    """Check that this person may act, and says why."""
    if not rules.may_handle(complaint, by, queries.took_part(complaint, by)):
        raise NotImpartial(
            N_(
                "A doubt is looked into by somebody who had no part in the "
                "certification of the holder and does not speak for it."
            )
        )
    if not words.strip():
        raise NoReasons(N_("Give the reasons."))


def _act(
    complaint: Complaint, kind: ActKind, words: str, *, by: Actor, at: datetime
) -> None:
    complaint.acts.append(Act(kind=kind, words=words.strip(), at=at, by_id=by.id))
    db.session.flush()
    record(f"complaint.{kind.value}", complaint, by=by, at=at, number=complaint.number)


def _tell(
    event: str, complaint: Complaint, *, at: datetime, key: str = "", words: str = ""
) -> None:
    if complaint.email is None:
        return
    to = Reporter(complaint.email, complaint.language, complaint.email)
    post(
        f"complaints/{event}",
        to=[to],
        about=complaint.reference,
        at=at,
        secret=True,
        complaint=complaint,
        organisation=complaint.organisation,
        key=key,
        words=words.strip(),
    )
