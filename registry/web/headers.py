"""What every response says to the browser about safety and keeping copies."""

from typing import cast

from flask import Flask, Request, Response, after_this_request, g, request
from flask.sessions import (
    SecureCookieSession,
    SecureCookieSessionInterface,
    SessionMixin,
)

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)
ALWAYS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
}
YEAR = 365 * 24 * 3600


class PrivateSessions(SecureCookieSessionInterface):
    """Flask's own sessions; a page that looked at one is never kept anywhere.

    Flask-Login looks at the session after every view, public ones too. What counts is
    whether the page was made from it, so that is noted before Flask-Login's turn.
    """

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        g.opened_session = super().open_session(app, request)
        return cast(SecureCookieSession | None, g.opened_session)

    def save_session(
        self, app: Flask, session: SessionMixin, response: Response
    ) -> None:
        session.accessed = session.modified or g.get("session_was_read", True)
        if session.accessed:
            response.headers["Cache-Control"] = "no-store"
        super().save_session(app, session, response)


def open_to_origins(response: Response) -> Response:
    """Any page may fetch this answer and show what it got."""
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Access-Control-Expose-Headers"] = "ETag"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


def init_app(app: Flask) -> None:
    """Add the headers to every response of `app`."""
    app.session_interface = PrivateSessions()
    app.before_request(_watch_session)
    app.after_request(protect)


def _watch_session() -> None:
    @after_this_request  # these run before every other after-request function
    def note(response: Response) -> Response:
        g.session_was_read = getattr(g.opened_session, "accessed", False)
        return response


def protect(response: Response) -> Response:
    """Add what is missing; a view that set a header knows better."""
    for name, value in ALWAYS.items():
        response.headers.setdefault(name, value)
    if request.is_secure:
        response.headers.setdefault(
            "Strict-Transport-Security", f"max-age={YEAR}; includeSubDomains"
        )
    if response.cache_control.no_store:  # a library adds a misspelt "private=True"
        response.headers["Cache-Control"] = "no-store"
    if request.endpoint == "static" and "v" in request.args:
        response.headers["Cache-Control"] = f"public, max-age={YEAR}, immutable"
    return response
