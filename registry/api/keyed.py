"""Whose key a program shows, what it may do with it, and how often it may ask.

A view is `open_to_programs` (or takes other limits and `for_scope`); what it is asked
about it tells with `asks`. Without a key a program is its network address.
"""

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from functools import wraps
from typing import NoReturn, ParamSpec, TypeVar, cast

from flask import Response, abort, after_this_request, g, request
from flask_babel import gettext
from flask_limiter.util import get_remote_address
from limits import parse

from registry.accounts.access import open_to_everyone
from registry.accounts.limits import are_off, limiter
from registry.clock import start_of
from registry.db import READS_ONLY, Busy, db
from registry.errors import N_, Forbidden
from registry.keys import operations, queries, rules
from registry.keys.models import ApiKey, Scope
from registry.services import services
from registry.web.errors import answer

P = ParamSpec("P")
R = TypeVar("R")

NEEDED = N_("This needs a key: show it as Authorization: Bearer …")
UNKNOWN = N_("This key is not known, was revoked, or its time has passed.")
SPENT = N_("The identifiers of this day are used up for this key.")
SPENT_HERE = N_("The identifiers of a day are used up: with a key there are more.")
#: Identifiers that a network address may ask about, one by one or in lists.
ASKED = parse(f"{rules.ANONYMOUS_PER_DAY} per day")
DAY = 86_400
KEYED = f"{rules.PER_MINUTE} per minute"
ANONYMOUS = f"{rules.ANONYMOUS_PER_MINUTE} per minute;{rules.ANONYMOUS_PER_DAY} per day"


class ScopeMissing(Forbidden):
    """The key was made for other things."""


def shown() -> ApiKey | None:
    """The key that this request shows, looked up once; None also for a wrong one."""
    if "api_key" not in g:
        given = request.authorization
        token = given.token if given and given.type == "bearer" else None
        at = services().clock.now()
        g.api_key = queries.by_secret(token, at) if token else None
    return cast(ApiKey | None, g.api_key)


def who() -> str:
    """Who is counted: a key, or a network address."""
    key = shown()
    return get_remote_address() if key is None else f"key:{key.id}"


def allowance() -> str:
    """How often who asks may ask."""
    return ANONYMOUS if shown() is None else KEYED


#: Calls of any kind, counted together.
QUOTA = limiter.shared_limit(allowance, scope="api", key_func=who)
#: Calls that ask about many at once.
BULK = limiter.shared_limit(
    f"{rules.BULK_PER_MINUTE} per minute", scope="api-bulk", key_func=who
)


def for_scope(
    scope: Scope | None, *, required: bool = False
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """
    A view that takes a key with `scope` (None: any), or needs one.

    401 `bad_key` for one that does not open, 401 `key_needed` for none, 403
    `scope_missing` for one made for other things.
    """

    def decorate(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            _check(scope, required)
            if shown() is not None:
                after_this_request(_count)
            return view(*args, **kwargs)

        return guarded

    return decorate


def open_to_programs(
    scope: Scope | None, *, required: bool = False
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """A view of the whole world's programs: counted by `QUOTA`, then `for_scope`."""

    def decorate(view: Callable[P, R]) -> Callable[P, R]:
        guarded = for_scope(scope, required=required)(view)
        return open_to_everyone(QUOTA(guarded))

    return decorate


def the_key() -> ApiKey:
    """The key of this request; only inside a view that needs one."""
    return cast(ApiKey, g.api_key)


def asks(items: int) -> None:
    """
    Tell how many identifiers this request asks about.

    429 `day_is_spent` where they are more than the key, or the network address of who
    shows none, has left today.
    """
    g.api_items = items
    key = shown()
    if are_off():
        return
    if key is None:
        if not limiter.limiter.hit(ASKED, "asked", get_remote_address(), cost=items):
            _refuse(429, "day_is_spent", SPENT_HERE, {"Retry-After": str(DAY)})
        return
    today = services().today()
    if queries.items_used(key, today) + items > rules.ITEMS_PER_DAY:
        g.api_items = 0
        over_at = start_of(today + timedelta(days=1)) - services().clock.now()
        _refuse(429, "day_is_spent", SPENT, {"Retry-After": str(over_at.seconds)})


def _check(scope: Scope | None, required: bool) -> None:
    key = shown()
    if key is None and "Authorization" in request.headers:
        challenge = 'Bearer realm="registry", error="invalid_token"'
        _refuse(401, "bad_key", UNKNOWN, {"WWW-Authenticate": challenge})
    if key is None and required:
        challenge = 'Bearer realm="registry"'
        _refuse(401, "key_needed", NEEDED, {"WWW-Authenticate": challenge})
    if key is not None and scope is not None and not rules.grants(key, scope):
        raise ScopeMissing(
            N_("This key is not for that: it lacks the scope “%(scope)s”."),
            scope=scope.value,
        )


def _refuse(status: int, code: str, sentence: str, headers: dict[str, str]) -> NoReturn:
    refusal = answer(status, code, gettext(sentence))
    refusal.headers.update(headers)
    abort(refusal)


def _count(response: Response) -> Response:
    """Note the use in a transaction of its own, once the answer is written."""
    key_id, items = the_key().id, g.get("api_items", 0)
    db.session.rollback()  # its snapshot would hold up the writer
    reads = READS_ONLY.set(False)
    try:
        # Where writers queue for long the answer matters more than its count.
        with suppress(Busy), db.engine.begin() as connection:
            at = services().clock.now()
            operations.count(connection, key_id, items=items, at=at)
    finally:
        READS_ONLY.reset(reads)
    return response
