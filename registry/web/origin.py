"""Where a request that changes something comes from, as the browser itself says."""

from urllib.parse import urlsplit

from flask import Flask, request

from registry.errors import N_, Forbidden

SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})


class FromElsewhere(Forbidden):
    """Another site sent this request."""


def init_app(app: Flask) -> None:
    """Refuse what other sites send to `app`, before any token is looked at."""
    app.before_request(refuse_other_sites)


def refuse_other_sites() -> None:
    """A second lock beside the token of each form (ASVS 3.5.1, 3.5.8)."""
    if request.method not in SAFE and _is_from_elsewhere():
        raise FromElsewhere(N_("This request comes from another site."))


def is_surely_ours() -> bool:
    """Whether the browser says that a page of ours sent this; silence is no."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    return _host_of_origin() == request.host


def _is_from_elsewhere() -> bool:
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site not in ("same-origin", "none")
    host = _host_of_origin()
    return host is not None and host != request.host


def _host_of_origin() -> str | None:
    """The host a browser names; None where it says nothing ("null": it may not)."""
    origin = request.headers.get("Origin", "null")
    return None if origin == "null" else urlsplit(origin).netloc
