"""Who may have keys, how long an old secret lasts, how much a key may ask."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from registry.accounts.models import User
from registry.errors import N_, Invalid
from registry.keys.models import ApiKey, KeySecret, Scope
from registry.organisations.models import Organisation
from registry.organisations.rules import represents

#: How long the old secret works after a new one was made; ours.
GRACE = timedelta(days=7)
#: Keys of one organisation that work at the same time; ours.
MOST_KEYS = 20
LONGEST_NAME = 80
#: verification-api.md, “Limits”.
PER_MINUTE = 600
ITEMS_PER_DAY = 50_000
BULK_PER_MINUTE = 10
JOBS_AT_ONCE = 2
ANONYMOUS_PER_MINUTE = 60
ANONYMOUS_PER_DAY = 2_000


class BadKeyName(Invalid):
    """A key without a name, or with one too long."""


class NoScope(Invalid):
    """A key that may do nothing."""


def may_keep_keys(user: User, organisation: Organisation) -> bool:
    """Whether `user` makes and ends the keys of `organisation`: who speaks for it."""
    return represents(user, organisation) is not None


def checked_name(typed: str) -> str:
    """The name of a key; raises BadKeyName."""
    name = " ".join(typed.split())
    if not name or len(name) > LONGEST_NAME:
        raise BadKeyName(
            N_("Give the key a name of %(most)s letters at most."), most=LONGEST_NAME
        )
    return name


def checked_scopes(asked: Iterable[str]) -> list[str]:
    """The scopes asked for, each once, in our order; raises NoScope."""
    wanted = set(asked)
    scopes = [scope.value for scope in Scope if scope in wanted]
    if not scopes or wanted - set(scopes):
        raise NoScope(N_("Choose what the key is for."))
    return scopes


def works(secret: KeySecret, at: datetime) -> bool:
    """Whether a secret opens at an instant."""
    lives = secret.ends_at is None or at < secret.ends_at
    return lives and secret.key.revoked_at is None


def grants(key: ApiKey, scope: Scope) -> bool:
    """Whether a key may be used for that."""
    return scope.value in key.scopes
