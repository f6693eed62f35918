"""What the benchmark of the verification serves: the least Flask can do, and ours."""

from flask import Flask

from registry.accounts.limits import limiter
from registry.app import create_app
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
    cache.install(app, limiter, STATEMENT)
    return app


def uncached() -> Flask:
    """The registry without the layer that gives answers again."""
    return create_app()
