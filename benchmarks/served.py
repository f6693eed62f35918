"""What the benchmark of the verification serves: the least Flask can do, and ours."""

import tempfile
from pathlib import Path

from flask import Flask

from registry.accounts.limits import limiter
from registry.api import lane
from registry.app import create_app
from registry.public.lane import page_lanes
from registry.verification.version import STATEMENT
from registry.web import cache
from registry.web.cores import OnOneCore


def hello() -> Flask:
    """A bare Flask hello."""
    app = Flask(__name__)
    app.add_url_rule("/", "hello", lambda: "Hello, World!")
    return app


def kept_hello() -> Flask:
    """The same, its threads kept to one core as ours are."""
    return _on_one_core(hello())


def kept() -> Flask:
    """The registry as `bin/run` serves it."""
    return _registry(cache.ROOM)


def uncached() -> Flask:
    """The same, with no room to keep anything."""
    return _registry(0)


def _registry(room: int) -> Flask:
    app = create_app()
    lanes = {lane.PATH: lane.verify_lane(app), **page_lanes(app)}
    cache.install(app, limiter, STATEMENT, room=room, lanes=lanes)
    return _on_one_core(app)


def _on_one_core(app: Flask) -> Flask:
    folder = Path(tempfile.mkdtemp())
    app.wsgi_app = OnOneCore(app.wsgi_app, folder)  # type: ignore[method-assign]
    return app
