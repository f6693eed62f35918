"""Reading the life of editions, their copies, and what was tried before publishing."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select

from registry.criteria.edition import Edition
from registry.criteria.reader import Editions
from registry.criteria.schemes import MAIN_SCHEME
from registry.db import db
from registry.editions import rules
from registry.editions.copies import read_copy
from registry.editions.models import EditionCopy, LifeEvent, Trial
from registry.errors import N_, NotFound


def life_of(key: str) -> Sequence[LifeEvent]:
    """The acts in the life of an edition, oldest first."""
    return db.session.scalars(
        select(LifeEvent).where(LifeEvent.key == key).order_by(LifeEvent.id)
    ).all()


def lives() -> dict[str, list[LifeEvent]]:
    """The acts in the life of every edition, by key, oldest first."""
    found: dict[str, list[LifeEvent]] = {}
    for event in db.session.scalars(select(LifeEvent).order_by(LifeEvent.id)):
        found.setdefault(event.key, []).append(event)
    return found


def told() -> frozenset[str]:
    """The keys of the editions whose holders were told: they open on their day."""
    return rules.told(lives())


def open_on(editions: Editions, on: date, scheme: str = MAIN_SCHEME) -> list[Edition]:
    """The editions of a scheme an application may start under, newest first."""
    return editions.all_open_on(on, scheme, told())


def shown_on(editions: Editions, on: date, scheme: str = MAIN_SCHEME) -> Edition:
    """
    The edition of a scheme to show on a day: the newest open; when none is, the one
    published last. Raises NotFound without any.
    """
    last = sorted(
        (one for one in editions.values() if one.scheme == scheme),
        key=lambda one: one.in_force_from,
    )
    found = [*last[-1:], *open_on(editions, on, scheme)[:1]]
    if not found:
        raise NotFound(N_("There is no such edition."))
    return found[-1]


def named(key: str, editions: Editions) -> Edition:
    """The edition or draft of that key; raises NotFound."""
    found = rules.every(editions).get(key)
    if found is None:
        raise NotFound(N_("There is no such edition."))
    return found


def attached(edition: Edition) -> Trial | None:
    """The last what-if attached to the publication of exactly this text."""
    return db.session.scalar(
        select(Trial)
        .where(Trial.key == edition.key, Trial.digest == edition.digest)
        .order_by(Trial.id.desc())
        .limit(1)
    )


def copies_of(key: str) -> Sequence[EditionCopy]:
    """The copies of an edition, the first imported first."""
    return db.session.scalars(
        select(EditionCopy).where(EditionCopy.key == key).order_by(EditionCopy.id)
    ).all()


def edition_by_digest(key: str, digest: str, editions: Editions) -> Edition:
    """
    The edition a case was decided under: as installed, else from its copy, without the
    tables its rules look into.

    Raises NotFound when neither has these rules.
    """
    installed = editions.get(key)
    if installed is not None and installed.digest == digest:
        return installed
    kept = next((one for one in copies_of(key) if one.digest == digest), None)
    if kept is None:
        raise NotFound(
            N_("The rules of %(key)s under which it was decided are not here."), key=key
        )
    return read_copy(kept.content)
