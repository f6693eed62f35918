"""
Answers the public already got, given again before Flask is even asked.

What is kept holds for one version of the register, one civil day and a minute at most.
The version is one row, bumped in the transaction of every public change and read here
at most every quarter of a second; a commit of this very process is seen at once. So
after a withdrawal no answer from here is older than that. Where the version cannot be
read nothing is given from here: an outage must never look like an answer.

A view offers its answer (`offer`); nothing else is ever kept. Requests that say who
asks are not looked at, and an answer from here counts against the limits of its
address as one from Flask does.
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from functools import lru_cache
from threading import Lock
from typing import TYPE_CHECKING, Any, NamedTuple
from weakref import WeakSet, finalize

from flask import Flask, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from sqlalchemy import create_engine, event, text
from sqlalchemy.orm import Session
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import http_date, parse_accept_header
from werkzeug.middleware.proxy_fix import ProxyFix

from registry.db import db
from registry.web.language import DEFAULT, LANGUAGES

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

#: Seconds for which the version last read is believed.
BELIEVED = 0.25
#: Seconds an answer is given again: as long as the service promises (`ttl`).
OLDEST = 60.0
ROOM = 64 * 1024 * 1024
MOST_BYTES = 256 * 1024
LONGEST_ADDRESS = 500
#: Kept files have validators of their own and may be large.
FILES = ("/static/", "/dumps/")
OFFERED = "registry.offered"
#: Hosts and languages that an address with a lane is known under.
MOST_MODELS = 64
LIMITS = {"RateLimit-Remaining", "RateLimit-Reset"}
#: What one answer takes beside its bytes, roughly.
OVERHEAD = 1500

Count = tuple[Any, tuple[str, ...]]
#: From a query to the bytes of an answer and their validator; None: ask Flask.
Lane = Callable[[str], tuple[bytes, str] | None]
_http_date = lru_cache(maxsize=8)(http_date)
_caches: "WeakSet[PublicCache]" = WeakSet()


def offer(limiter: Limiter) -> None:
    """
    Let the answer of this request be given to others: it is the same for everyone.

    Not where it was counted against anything but the network address.
    """
    here = get_remote_address()
    limits = [(one.limit, one.request_args) for one in limiter.current_limits]
    if all(args[0] == here for _, args in limits):
        request.environ[OFFERED] = tuple(
            (item, tuple(args[1:])) for item, args in limits
        )


class Kept(NamedTuple):
    """An answer as it went out, and what it counted against."""

    headers: list[tuple[str, str]]
    body: bytes
    etag: str
    limits: tuple[Count, ...]
    until: float

    @property
    def size(self) -> int:
        return len(self.body) + OVERHEAD


class PublicCache:
    """
    A layer between the server and `app`.

    `version` reads the register's version in a connection of its own; `today` is the
    civil day; `room` how many bytes may be kept. At the addresses of `lanes` answers
    are made without Flask, once it has shown what head they have.
    """

    def __init__(
        self,
        app: "WSGIApplication",
        version: Callable[[], int],
        today: Callable[[], date],
        limiter: Limiter,
        room: int = ROOM,
        lanes: Mapping[str, Lane] | None = None,
    ) -> None:
        self._app = app
        self._lanes = lanes or {}
        #: The last answer of Flask at an address with a lane: its head is the head.
        self._models: dict[tuple[Any, ...], Kept] = {}
        self._read_version = version
        self._today = today
        self._limiter = limiter
        self._room = room
        self._kept: OrderedDict[tuple[Any, ...], Kept] = OrderedDict()
        self._bytes = 0
        self._lock = Lock()
        self._reading = Lock()
        self.commits = 0
        #: The version, until when it is believed, and after how many commits of ours.
        self._known = (0, 0.0, -1)
        _caches.add(self)

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        if not _may_ask(environ) or (version := self._version()) is None:
            return self._app(environ, start_response)
        key = (*_asked(environ), self._today(), version)
        kept = self._found(key)
        if kept is not None and self._counted(kept, environ):
            return self._again(kept, environ, start_response)
        made = self._made(key) if kept is None else None
        if made is not None and self._counted(made, environ):
            return self._again(made, environ, start_response)
        return self._fresh(key, environ, start_response)

    def _made(self, key: tuple[Any, ...]) -> Kept | None:
        """An answer made without Flask, kept like any other."""
        lane, model = self._lanes.get(key[0]), self._models.get(_address(key))
        told = lane(key[1]) if lane and model and key[1] else None
        if model is None or told is None:
            return None
        body, etag = told
        now = _http_date(int(time.time()))
        own = {"ETag": etag, "Content-Length": str(len(body)), "Date": now}
        headers = [(name, own.get(name, value)) for name, value in model.headers]
        until = time.monotonic() + OLDEST
        made = Kept(headers, body, etag, model.limits, until)
        self._put(key, made)
        return made

    def _found(self, key: tuple[Any, ...]) -> Kept | None:
        with self._lock:
            kept = self._kept.get(key)
            if kept is None or kept.until < time.monotonic():
                return None
            self._kept.move_to_end(key)
            return kept

    def _version(self) -> int | None:
        version, until, commits = self._known
        if time.monotonic() < until and commits == self.commits:
            return version
        with self._reading:
            version, until, commits = self._known
            now, before = time.monotonic(), self.commits
            if now < until and commits == before:
                return version
            try:
                read = self._read_version()
            except Exception:  # whatever it is, Flask will meet and tell it
                return None
            if read != version:
                self._empty()
            self._known = (read, now + BELIEVED, before)
            return read

    def _counted(self, kept: Kept, environ: "WSGIEnvironment") -> bool:
        """Whether there was still room in every limit; else Flask shall refuse."""
        here = environ.get("REMOTE_ADDR") or "127.0.0.1"
        hit = self._limiter.limiter.hit
        return all(hit(item, here, *scope) for item, scope in kept.limits)

    def _again(
        self,
        kept: Kept,
        environ: "WSGIEnvironment",
        start_response: "StartResponse",
    ) -> Iterable[bytes]:
        headers = kept.headers[:]
        if kept.limits:
            headers = self._with_limits(headers, kept, environ)
        if _is_known(environ.get("HTTP_IF_NONE_MATCH"), kept.etag):
            return _unchanged(headers, start_response)
        start_response("200 OK", headers)
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [kept.body]

    def _with_limits(
        self, headers: list[tuple[str, str]], kept: Kept, environ: "WSGIEnvironment"
    ) -> list[tuple[str, str]]:
        if not any(name in LIMITS for name, _ in headers):
            return headers
        item, scope = kept.limits[0]
        here = environ.get("REMOTE_ADDR") or "127.0.0.1"
        window = self._limiter.limiter.get_window_stats(item, here, *scope)
        seconds = max(0, round(int(window[0] + 1) - time.time()))
        said = {"RateLimit-Remaining": window[1], "RateLimit-Reset": seconds}
        return [(name, str(said.get(name, value))) for name, value in headers]

    def _fresh(
        self,
        key: tuple[Any, ...],
        environ: "WSGIEnvironment",
        start_response: "StartResponse",
    ) -> Iterable[bytes]:
        """Ask Flask for the whole answer; keep it if it was offered."""
        known = environ.pop("HTTP_IF_NONE_MATCH", None)
        begun: list[Any] = []

        def begin(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            begun[:] = [status, headers, *more]

        chunks = self._app(environ, begin)
        status, headers, *more = begun
        told = {name.lower(): value for name, value in headers}
        etag = told.get("etag", "")
        if environ["REQUEST_METHOD"] == "GET" and _may_be_kept(status, told, environ):
            chunks = [self._keep(key, headers, etag, chunks, environ[OFFERED])]
        if status.startswith("200") and _is_known(known, etag):
            _close(chunks)
            return _unchanged(headers, start_response)
        start_response(status, headers, *more)
        return chunks

    def _keep(
        self,
        key: tuple[Any, ...],
        headers: list[tuple[str, str]],
        etag: str,
        chunks: Iterable[bytes],
        limits: tuple[Count, ...],
    ) -> bytes:
        body = b"".join(chunks)
        _close(chunks)
        kept = Kept(headers[:], body, etag, limits, time.monotonic() + OLDEST)
        self._put(key, kept)
        if key[0] in self._lanes:
            if len(self._models) > MOST_MODELS:
                self._models.clear()
            self._models[_address(key)] = kept
        return body

    def _put(self, key: tuple[Any, ...], kept: Kept) -> None:
        with self._lock:
            if before := self._kept.pop(key, None):
                self._bytes -= before.size
            self._kept[key] = kept
            self._bytes += kept.size
            while self._bytes > self._room:
                _, oldest = self._kept.popitem(last=False)
                self._bytes -= oldest.size

    def _empty(self) -> None:
        with self._lock:
            self._kept.clear()
            self._bytes = 0


@event.listens_for(Session, "after_commit")
def look_again(session: Session) -> None:
    """A commit of this process may be a public change: read the version anew."""
    for cache in _caches:
        cache.commits += 1


def install(
    app: Flask,
    limiter: Limiter,
    statement: str,
    room: int = ROOM,
    lanes: Mapping[str, Lane] | None = None,
) -> PublicCache:
    """
    Put the layer before `app`, behind whatever tells the address of who asks.

    `statement` reads the register's version; `room` is how many bytes may be kept.
    """
    outer = app.wsgi_app
    inner = outer.app if isinstance(outer, ProxyFix) else outer
    today = app.extensions["registry"].today
    version = _version_of(app, statement)
    cache = PublicCache(inner, version, today, limiter, room, lanes)
    if isinstance(outer, ProxyFix):
        outer.app = cache
    else:
        app.wsgi_app = cache  # type: ignore[method-assign]
    return cache


def _version_of(app: Flask, statement: str) -> Callable[[], int]:
    """Reads the version in a connection that serves nothing else."""
    with app.app_context():
        engine = create_engine(
            db.engine.url, pool_size=1, max_overflow=0, isolation_level="AUTOCOMMIT"
        )

    def read() -> int:
        with engine.connect() as connection:
            return int(connection.execute(text(statement)).scalar_one())

    finalize(read, engine.dispose)
    return read


def _address(key: tuple[Any, ...]) -> tuple[Any, ...]:
    """Where a question was asked, whatever it was."""
    path, _, *who = key
    return (path, *who[:3])


def _may_ask(environ: "WSGIEnvironment") -> bool:
    """Whether the answer can be one that everybody gets."""
    return (
        environ["REQUEST_METHOD"] in {"GET", "HEAD"}
        and "HTTP_AUTHORIZATION" not in environ
        and "HTTP_RANGE" not in environ
        and not environ["PATH_INFO"].startswith(FILES)
        and len(environ["PATH_INFO"]) + len(environ["QUERY_STRING"]) < LONGEST_ADDRESS
    )


def _asked(environ: "WSGIEnvironment") -> tuple[str, ...]:
    path = environ["PATH_INFO"]
    named = path.split("/", 2)[1] in LANGUAGES
    said = "" if named else _language(environ.get("HTTP_ACCEPT_LANGUAGE", ""))
    return (
        path,
        environ["QUERY_STRING"],
        said,
        environ.get("HTTP_HOST", ""),
        environ["wsgi.url_scheme"],
    )


@lru_cache(maxsize=1024)
def _language(accepted: str) -> str:
    found = parse_accept_header(accepted[:200], LanguageAccept)
    return found.best_match(LANGUAGES, DEFAULT) or DEFAULT


def _may_be_kept(status: str, told: dict[str, str], environ: "WSGIEnvironment") -> bool:
    return (
        OFFERED in environ
        and status.startswith("200")
        and "set-cookie" not in told
        and "no-store" not in told.get("cache-control", "")
        and told.get("vary", "Accept-Language") == "Accept-Language"
        and int(told.get("content-length", MOST_BYTES + 1)) <= MOST_BYTES
    )


def _is_known(asked: str | None, etag: str) -> bool:
    """Whether the reader has these bytes already (RFC 9110, 13.1.2)."""
    if not asked or not etag:
        return False
    mine = etag.removeprefix("W/")
    tags = {one.strip().removeprefix("W/") for one in asked.split(",")}
    return mine in tags or "*" in tags


def _unchanged(
    headers: list[tuple[str, str]], start_response: "StartResponse"
) -> list[bytes]:
    about_body = {"content-length", "content-type"}
    kept = [(name, value) for name, value in headers if name.lower() not in about_body]
    start_response("304 NOT MODIFIED", kept)
    return []


def _close(chunks: Iterable[bytes]) -> None:
    close = getattr(chunks, "close", None)
    if close is not None:
        close()
