"""Making, rotating and revoking keys; counting their use."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import Connection, Insert, or_, update
from sqlalchemy.dialects import postgresql, sqlite

from registry.accounts.models import User
from registry.accounts.queries import hashed
from registry.clock import civil_day
from registry.db import db
from registry.errors import N_, Conflict, Forbidden
from registry.journal.operations import record
from registry.keys import queries, rules, secrets
from registry.keys.models import ApiKey, KeySecret, KeyUsage
from registry.mail.operations import post
from registry.organisations.models import Organisation
from registry.organisations.queries import speakers

#: A key in use is noted at most so often.
NOTED_EVERY = timedelta(minutes=1)


class NotYourKeys(Forbidden):
    """Only who speaks for an organisation keeps its keys."""


class TooManyKeys(Conflict):
    """The organisation has as many keys as it may."""


class Revoked(Conflict):
    """The key was revoked: nothing brings it back."""


def create(
    organisation: Organisation,
    name: str,
    scopes: Iterable[str],
    *,
    by: User,
    at: datetime,
) -> tuple[ApiKey, str]:
    """
    Make a key, and the secret that is shown this once.

    Raises NotYourKeys, TooManyKeys, BadKeyName and NoScope.
    """
    _check_keeper(organisation, by)
    if queries.working(organisation) >= rules.MOST_KEYS:
        raise TooManyKeys(
            N_("%(most)s keys work already: revoke one first."), most=rules.MOST_KEYS
        )
    key = ApiKey(
        organisation=organisation,
        name=rules.checked_name(name),
        scopes=rules.checked_scopes(scopes),
        created_at=at,
        created_by=by,
    )
    secret = _new_secret(key, at)
    db.session.add(key)
    db.session.flush()
    record("key.created", key, by=by, at=at, name=key.name, scopes=key.scopes)
    _tell("keys/created", key, by, at)
    return key, secret


def rotate(key: ApiKey, *, by: User, at: datetime) -> str:
    """
    A new secret, shown this once; the one before works for seven days more.

    Raises NotYourKeys and Revoked.
    """
    _check_keeper(key.organisation, by)
    _check_works(key)
    for old in key.secrets:
        if old.ends_at is None:
            old.ends_at = at + rules.GRACE
    secret = _new_secret(key, at)
    db.session.flush()
    record("key.rotated", key, by=by, at=at)
    return secret


def revoke(key: ApiKey, *, by: User, at: datetime) -> None:
    """End the key with all its secrets, at once; raises NotYourKeys and Revoked."""
    _check_keeper(key.organisation, by)
    _check_works(key)
    key.revoked_at = at
    record("key.revoked", key, by=by, at=at)
    _tell("keys/revoked", key, by, at)


def count(connection: Connection, key_id: int, *, items: int, at: datetime) -> None:
    """Add a request, and the identifiers it asked about, to the use of the day."""
    added = _insert(connection.dialect.name).values(
        key_id=key_id, on=civil_day(at), requests=1, items=items
    )
    connection.execute(added)
    noted = update(ApiKey).where(
        ApiKey.id == key_id,
        or_(ApiKey.last_used_at.is_(None), ApiKey.last_used_at < at - NOTED_EVERY),
    )
    connection.execute(noted.values(last_used_at=at))


def _insert(dialect: str) -> Insert:
    """One statement that adds a day's row or adds to it; both databases have it."""
    kind = postgresql if dialect == "postgresql" else sqlite
    new: Any = kind.insert(KeyUsage)
    sums = {
        "requests": KeyUsage.requests + new.excluded.requests,
        "items": KeyUsage.items + new.excluded["items"],
    }
    added = new.on_conflict_do_update(index_elements=["key_id", "on"], set_=sums)
    return cast(Insert, added)


def _new_secret(key: ApiKey, at: datetime) -> str:
    secret = secrets.draw()
    key.secrets.append(
        KeySecret(sha256=hashed(secret), last_four=secret[-4:], created_at=at)
    )
    return secret


def _check_keeper(organisation: Organisation, by: User) -> None:
    if not rules.may_keep_keys(by, organisation):
        raise NotYourKeys(N_("Only who speaks for the organisation keeps its keys."))


def _check_works(key: ApiKey) -> None:
    if key.revoked_at is not None:
        raise Revoked(N_("This key was revoked."))


def _tell(event: str, key: ApiKey, by: User, at: datetime) -> None:
    """Everyone who speaks for the organisation hears of it (ASVS 5.0, 6.3.7)."""
    post(
        event,
        to=speakers(key.organisation),
        about=key.organisation.reference,
        at=at,
        key=key.name,
        organisation=key.organisation.name,
        person=by.name,
        on=at,
    )
