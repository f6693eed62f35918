"""Every view says who may open it; `tests/house/test_routes.py` listens."""

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar, cast

from flask import redirect, request, url_for
from flask_login import current_user

from registry.accounts.models import STAFF, Role, User
from registry.errors import N_, Forbidden
from registry.web.typed import handed_back

P = ParamSpec("P")
R = TypeVar("R")


class NotForYou(Forbidden):
    """This page is for people with another role."""


def current_person() -> User:
    """The signed-in person; only inside a view guarded by `open_to`."""
    return cast(User, current_user._get_current_object())


def open_to(*roles: Role) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Open a view to signed-in people with one of `roles` (none given: any role)."""

    def decorate(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            if not current_user.is_authenticated:
                if request.method == "POST" and (page := handed_back(403)):
                    return cast(R, page)
                back = request.full_path if request.method == "GET" else None
                return cast(R, redirect(url_for("security.login", next=back)))
            person = current_person()
            if person.is_a(*STAFF) and not person.tf_primary_method:
                return cast(R, redirect(url_for("security.two_factor_setup")))
            if roles and not person.is_a(*roles):
                raise NotForYou(N_("This page is for people with another role."))
            return view(*args, **kwargs)

        cast(Any, guarded).open_to = roles or tuple(Role)
        return guarded

    return decorate


def open_to_everyone(view: Callable[P, R]) -> Callable[P, R]:
    """Open a view to the whole world."""
    cast(Any, view).open_to = ()
    return view
