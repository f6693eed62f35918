"""What can happen to an edition of a scheme.  Nothing here commits."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from registry.accounts.models import User
from registry.clock import civil_day
from registry.criteria.edition import Edition
from registry.criteria.publishing import NOTICE_DAYS, canonical
from registry.criteria.reader import Editions
from registry.db import db
from registry.editions import queries, rules
from registry.editions.copies import write_copy
from registry.editions.models import EditionCopy, EditionState, LifeEvent, Trial
from registry.errors import N_, Conflict, Forbidden, Invalid
from registry.journal.operations import record

E = EditionState


class NotYours(Forbidden):
    """Only the owner of the scheme acts on its editions."""


class OtherRules(Conflict):
    """An edition was imported before with other rules: one of the two is false."""


class TooEarly(Conflict):
    """This step of the life of the edition does not come next, or not yet."""


class TooLate(Conflict):
    """Too few days are left for the notice the holders are owed."""


class OtherText(Invalid):
    """The figures are of another text than that of the draft."""


def keep_all(editions: Editions, *, by: User, at: datetime) -> dict[str, bool]:
    """Keep every published edition; by key, whether it was new. Raises OtherRules."""
    return {
        one.key: import_edition(one, by=by, at=at) is not None
        for one in editions.values()
    }


def import_edition(edition: Edition, *, by: User, at: datetime) -> EditionCopy | None:
    """
    Keep a published edition word for word; None when it is kept already.

    Corrected helps and translations make a second copy. Raises OtherRules.
    """
    known = queries.copies_of(edition.key)
    if any(one.digest != edition.digest for one in known):
        raise OtherRules(
            N_("%(key)s was imported before with other rules: restore its folder."),
            key=edition.key,
        )
    if any(one.text_digest == edition.text_digest for one in known):
        return None
    copy = EditionCopy(
        key=edition.key,
        digest=edition.digest,
        text_digest=edition.text_digest,
        content=write_copy(edition),
        imported_at=at,
        by_id=by.id,
    )
    db.session.add(copy)
    db.session.flush()
    record(
        "edition.imported",
        copy,
        by=by,
        at=at,
        digest=edition.digest,
        text=edition.text_digest,
    )
    return copy


def attach(
    edition: Edition, figures: Mapping[str, Any], *, by: User, at: datetime
) -> Trial:
    """
    Attach the figures of a what-if (`WhatIf.to_json`) to the publication of a draft.

    Raises OtherText when they are of another text.
    """
    if (figures.get("new"), figures.get("new_digest")) != (edition.key, edition.digest):
        raise OtherText(
            N_("The what-if attached is of another text: run it again on %(key)s."),
            key=edition.key,
        )
    trial = Trial(
        key=edition.key,
        digest=edition.digest,
        run_at=at,
        run_by_id=by.id,
        summary=dict(figures),
        sha256=fingerprint(canonical(figures)),
    )
    db.session.add(trial)
    db.session.flush()
    record("edition.tried", trial, by=by, at=at, sha256=trial.sha256)
    return trial


def fingerprint(content: bytes) -> str:
    """SHA-256 (hex) of some bytes."""
    return hashlib.sha256(content).hexdigest()


def consult(edition: Edition, *, by: User, at: datetime) -> LifeEvent:
    """Open a draft for comments."""
    return _step(edition, E.CONSULTATION, by=by, at=at)


def redraft(edition: Edition, *, by: User, at: datetime) -> LifeEvent:
    """Take a draft back from the consultation, to change it."""
    return _step(edition, E.DRAFT, by=by, at=at)


def adopt(edition: Edition, *, by: User, at: datetime) -> LifeEvent:
    """
    Adopt the text as it is now.

    Unless it is a scheme's first: after thirty days of comments, with the what-if of
    this very text attached. Raises TooEarly, OtherText.
    """
    day = civil_day(at)
    first = rules.adoptable_on(edition, queries.life_of(edition.key), day)
    if first is None or day < first:
        raise TooEarly(
            N_("It may be adopted after %(days)s days of consultation."),
            days=rules.CONSULTATION_DAYS,
        )
    if edition.replaces is not None and queries.attached(edition) is None:
        raise OtherText(N_("Attach the what-if of %(key)s."), key=edition.key)
    return _step(edition, E.ADOPTED, by=by, at=at)


def notify(
    edition: Edition, editions: Editions, *, by: User, at: datetime
) -> LifeEvent:
    """
    Start the notice: a job writes to every holder what changes and from when.

    Only of the text that was adopted and published, with sixty days to go. Raises
    TooEarly, OtherText, TooLate.
    """
    events = queries.life_of(edition.key)
    if edition.key not in editions:
        raise TooEarly(N_("Publish %(key)s first."), key=edition.key)
    if events and events[-1].digest != edition.digest:
        raise OtherText(N_("What was published is not what was adopted."))
    if civil_day(at) > rules.notice_ends_on(edition):
        raise TooLate(
            N_("Notice is %(days)s days: write an edition with a later day."),
            days=NOTICE_DAYS,
        )
    return _step(edition, E.NOTIFIED, by=by, at=at)


def _step(edition: Edition, to: EditionState, *, by: User, at: datetime) -> LifeEvent:
    if not rules.may_act(by):
        raise NotYours(N_("Only the owner of the scheme acts on its editions."))
    if not rules.may_follow(queries.life_of(edition.key), to):
        raise TooEarly(N_("This step does not come next in the life of the edition."))
    event = LifeEvent(
        key=edition.key,
        digest=edition.digest,
        state=to,
        on=civil_day(at),
        at=at,
        by_id=by.id,
    )
    db.session.add(event)
    db.session.flush()
    record(f"edition.{to.value}", event, by=by, at=at, digest=edition.digest)
    return event
