"""How often one may knock: rate limits, by address and by account."""

from collections.abc import Callable
from typing import Any, cast

from flask import Flask, Response, current_app, request, session
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

from registry.settings import Settings

#: `@limiter.limit(SEARCH)` on a page of the register; counted by network address.
limiter = Limiter(key_func=get_remote_address, swallow_errors=True)

SIGN_IN = "10 per 5 minutes"  # wrong attempts, per account from one address
FROM_ADDRESS = "50 per 5 minutes"  # wrong attempts on any account from one address
ALTOGETHER = "1000 per 5 minutes"  # wrong attempts on any account from anywhere
CODE = "10 per 5 minutes"  # wrong codes, per address and per account
RESET = "5 per hour"  # letters, per account
INVITATION = "20 per 5 minutes"
SEARCH = "120 per minute"
#: A file costs a second or two of work; by network address, or by key.
FILES = "12 per minute;300 per day"
FILES_KEYED = "60 per minute;5000 per day"


def init_app(app: Flask, settings: Settings) -> None:
    """Count for `app`; where REGISTRY_RATE_LIMITS is off nothing is counted."""
    app.config.update(
        REGISTRY_RATE_LIMITS=settings.rate_limits,
        RATELIMIT_STORAGE_URI=settings.rate_limit_storage,
    )
    limiter.init_app(app)
    for endpoint, limits in _LIMITED.items():
        view = app.view_functions[endpoint]
        for limit, key in limits:
            view = _limited(view, limit, key)
        app.view_functions[endpoint] = view


@limiter.request_filter
def are_off() -> bool:
    """Whether this installation counts nothing."""
    return not current_app.config["REGISTRY_RATE_LIMITS"]


def account_typed() -> str:
    """The account somebody wants to enter, as typed."""
    return "account:" + request.form.get("email", "").strip().lower()[:320]


def account_typed_here() -> str:
    """The account as typed, from this address: its owner elsewhere is not shut out."""
    return f"{account_typed()} from {get_remote_address()}"


def everyone() -> str:
    """One count for the whole registry."""
    return "everyone"


def account_half_in() -> str:
    """The account whose password was right and whose code is still asked."""
    return f"code:{session.get('tf_user_id', get_remote_address())}"


def _failed(response: Response) -> bool:
    """A form shown again did not let anyone in; a redirect did."""
    return response.status_code == 200


def _always(response: Response) -> bool:
    return True


def _limited(view: Any, limit: str, key: Callable[[], str]) -> Any:
    decorate = limiter.limit(
        limit,
        key_func=key,
        methods=["POST"],
        deduct_when=_always if limit == RESET else _failed,
    )
    return cast(Any, decorate(view))


_LIMITED: dict[str, list[tuple[str, Callable[[], str]]]] = {
    "security.login": [
        (SIGN_IN, account_typed_here),
        (FROM_ADDRESS, get_remote_address),
        (ALTOGETHER, everyone),
    ],
    "security.forgot_password": [(RESET, account_typed), (SIGN_IN, get_remote_address)],
    "security.two_factor_token_validation": [(CODE, account_half_in)],
    "security.mf_recovery": [(CODE, account_half_in)],
    "security.verify": [(CODE, get_remote_address)],
    "security.change_password": [(CODE, get_remote_address)],
}
