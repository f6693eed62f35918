"""What a WSGI server serves: `granian --interface wsgi registry.wsgi:app`."""

from registry.accounts.limits import limiter
from registry.api import lane
from registry.app import create_app
from registry.public.lane import page_lanes
from registry.verification.version import STATEMENT
from registry.web import cache
from registry.web.cores import OnOneCore

app = create_app()
lanes: dict[str, cache.Lane] = {lane.PATH: lane.verify_lane(app), **page_lanes(app)}
cache.install(app, limiter, STATEMENT, lanes=lanes)
settings = app.extensions["registry"].settings
if settings.own_core:
    app.wsgi_app = OnOneCore(app.wsgi_app, settings.data_dir)  # type: ignore[method-assign]
