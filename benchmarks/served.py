"""What the benchmark of the verification serves: the least Flask can do, and ours."""

from flask import Flask

from registry.accounts.limits import limiter
from registry.api import lane
from registry.app import create_app
from registry.public.lane import page_lanes
from registry.verification.version import STATEMENT
from registry.web import cache


def hello() -> Flask:
    """A bare Flask hello."""
    app = Flask(__name__)
    app.add_url_rule("/", "hello", lambda: "Hello, World!")
    return app


def kept() -> Flask:
    """The registry as it is served."""
    app = create_app()
    lanes = {lane.PATH: lane.verify_lane(app), **page_lanes(app)}
    cache.install(app, limiter, STATEMENT, lanes=lanes)
    return app


def uncached() -> Flask:
    """The same, with no room to keep anything."""
    app = create_app()
    lanes = {lane.PATH: lane.verify_lane(app), **page_lanes(app)}
    cache.install(app, limiter, STATEMENT, room=0, lanes=lanes)
    return app
