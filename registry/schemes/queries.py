"""Reading the life of editions, what was tried, and decided cases by their number."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import Select, select

from registry.applications.models import Application
from registry.certificates.models import Certificate
from registry.certificates.numbers import Number
from registry.certificates.queries import by_number
from registry.criteria.edition import Edition
from registry.criteria.reader import Editions
from registry.db import db
from registry.decisions.models import Decision
from registry.errors import N_, NotFound
from registry.schemes.copies import read_copy
from registry.schemes.known import holding
from registry.schemes.models import EditionCopy, LifeEvent, Notice, Trial
from registry.schemes.rules import every


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


def named(key: str, editions: Editions) -> Edition:
    """The edition or draft of that key; raises NotFound."""
    found = every(editions).get(key)
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
    The edition a case was decided under: as installed, else from its copy.

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
    tables = next((dict(one.tables) for one in editions.values()), {})
    return read_copy(kept.content).with_tables(tables)


def decided(number: str) -> Decision:
    """The decision behind a certificate number or a protocol; raises NotFound."""
    case = select(Decision).join(Application, Decision.application_id == Application.id)
    if number.strip().upper().startswith("P-"):
        case = case.where(Application.protocol == number.strip().upper())
    else:
        certificate = by_number(Number.read(number))
        case = case.where(Application.id == certificate.application_id)
    found = db.session.scalar(case)
    if found is None:
        raise NotFound(
            N_("No decision of the committee lies behind %(number)s."), number=number
        )
    return found


def last_grant(certificate: Certificate, on: date) -> Decision | None:
    """The decision a certificate that stands rests on today, re-checks included."""
    row = db.session.execute(
        holding(certificate.scheme, on).where(Certificate.id == certificate.id)
    ).first()
    return None if row is None else row[1]


def held(id_: int, scheme: str, on: date) -> tuple[Certificate, Decision]:
    """A certificate of the scheme that stands, with its last grant; NotFound."""
    row = db.session.execute(holding(scheme, on).where(Certificate.id == id_)).first()
    if row is None:
        raise NotFound(N_("There is no such certificate."))
    return row[0], row[1]


def to_tell(edition: Edition, about: str, on: date) -> Sequence[int]:
    """The ids of certificates of an edition that stand and had no such letter."""
    told = select(Notice.certificate_id).where(Notice.about == about)
    found: Select[Any] = (
        holding(edition.scheme, on)
        .with_only_columns(Certificate.id)
        .where(Certificate.edition == edition.key, Certificate.id.not_in(told))
    )
    return list(db.session.scalars(found))


def was_told(certificate: Certificate, about: str) -> bool:
    """Whether that letter was written to the holder already."""
    return db.session.get(Notice, (certificate.id, about)) is not None
