"""Reading keys and their use."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import Select, and_, exists, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from registry.accounts.models import User
from registry.accounts.queries import hashed
from registry.db import db
from registry.errors import N_, NotFound
from registry.keys import secrets
from registry.keys.models import ApiKey, KeySecret, KeyUsage
from registry.organisations.models import Organisation, Representation


def seen_by(user: User) -> Select[ApiKey]:
    """The keys of the organisations a person speaks for; nobody else sees any."""
    mine = select(Representation.organisation_id).where(
        Representation.user_id == user.id, Representation.ended_at.is_(None)
    )
    return select(ApiKey).where(ApiKey.organisation_id.in_(mine))


def get(id_: int, *, seen_by_user: User) -> ApiKey:
    """The key; raises NotFound when it is not there or not theirs to see."""
    found = db.session.scalar(seen_by(seen_by_user).where(ApiKey.id == id_))
    if found is None:
        raise NotFound(N_("There is no such key."))
    return found


def listed(user: User) -> Sequence[ApiKey]:
    """The keys a person sees, those that work first, the newest first."""
    return db.session.scalars(
        seen_by(user)
        .options(joinedload(ApiKey.organisation), selectinload(ApiKey.secrets))
        .order_by(ApiKey.revoked_at.is_not(None), ApiKey.id.desc())
    ).all()


def working(organisation: Organisation) -> int:
    """How many keys of an organisation were not revoked."""
    return db.session.scalars(
        select(func.count()).where(
            ApiKey.organisation_id == organisation.id, ApiKey.revoked_at.is_(None)
        )
    ).one()


def by_secret(secret: str, at: datetime) -> ApiKey | None:
    """
    The key that a secret opens at an instant, its organisation with it; or None.

    A key acts for who made it: it opens nothing once that person was shut out or no
    longer speaks for the organisation.
    """
    if not secrets.looks_right(secret):
        return None
    return db.session.scalar(
        select(ApiKey)
        .join(KeySecret, KeySecret.key_id == ApiKey.id)
        .join(User, and_(User.id == ApiKey.created_by_id, User.active))
        .where(
            exists().where(
                Representation.user_id == ApiKey.created_by_id,
                Representation.organisation_id == ApiKey.organisation_id,
                Representation.ended_at.is_(None),
            ),
            KeySecret.sha256 == hashed(secret),
            or_(KeySecret.ends_at.is_(None), KeySecret.ends_at > at),
            ApiKey.revoked_at.is_(None),
        )
        .options(joinedload(ApiKey.organisation))
    )


def items_used(key: ApiKey, on: date) -> int:
    """How many identifiers were asked about with a key on a day."""
    used = db.session.scalar(
        select(KeyUsage.items).where(KeyUsage.key_id == key.id, KeyUsage.on == on)
    )
    return used or 0


def usage(key: ApiKey, until: date, days: int) -> list[KeyUsage]:
    """The use of a key on each of the last `days`, `until` included, oldest first."""
    since = until - timedelta(days=days - 1)
    found = {
        one.on: one
        for one in db.session.scalars(
            select(KeyUsage).where(
                KeyUsage.key_id == key.id, KeyUsage.on.between(since, until)
            )
        )
    }
    every = (since + timedelta(days=n) for n in range(days))
    return [
        found.get(on) or KeyUsage(key_id=key.id, on=on, requests=0, items=0)
        for on in every
    ]
