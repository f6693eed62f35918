"""The certification registry: how the rooms are put together."""

import os

from flask import Flask, request
from flask_babel import Babel
from flask_wtf import CSRFProtect
from jinja2 import StrictUndefined

from registry import web
from registry.accounts import security
from registry.accounts import views as accounts
from registry.api import files as api_files
from registry.api import jobs as api_jobs
from registry.api import linkset
from registry.api import receipts as api_receipts
from registry.api import sandbox as api_sandbox
from registry.api import views as api
from registry.api import watches as api_watches
from registry.applications import views as applications
from registry.audits import views as audits
from registry.certificates import kit
from registry.certificates import views as certificates
from registry.complaints import views as complaints
from registry.db import READS_ONLY, db, prepare_sqlite
from registry.decisions import views as decisions
from registry.desk import views as desk
from registry.dumps import views as dumps
from registry.keys import views as keys
from registry.mail import views as mail
from registry.organisations import views as organisations
from registry.paths import TEMPLATES, TRANSLATIONS
from registry.public import credentials, editions, legal, statistics, verifying
from registry.public import views as public
from registry.receipts import views as receipts
from registry.rechecks import views as rechecks
from registry.schemes import views as schemes
from registry.services import Services
from registry.settings import Settings
from registry.suppliers import sign_up
from registry.suppliers import views as suppliers
from registry.watches import views as watches
from registry.watches import webhook_views as webhooks
from registry.web import language

ROOMS = [
    accounts,
    organisations,
    applications,
    audits,
    decisions,
    certificates,
    kit,
    rechecks,
    schemes,
    keys,
    watches,
    api_watches,
    api_sandbox,
    webhooks,
    sign_up,
    suppliers,
    mail,
    receipts,
    dumps,
    complaints,
    desk,
    public,
    credentials,
    verifying,
    editions,
    legal,
    statistics,
    api,
    api_files,
    api_jobs,
    api_receipts,
    linkset,
]
#: Sent by POST for its length, and yet only asking.
ASKING = {"api.verify_many", "api.match"}
csrf = CSRFProtect()
MEGABYTE = 1024 * 1024


def create_app(
    settings: Settings | None = None, services: Services | None = None
) -> Flask:
    """
    Put the registry together.

    Without arguments it reads the REGISTRY_… variables and opens the real doors; tests
    and the demo give their own.  Raises BadSettings naming the wrong variable.
    """
    if services is None:
        services = Services.real(settings or Settings.from_environ(os.environ))
    app = Flask(__name__, template_folder=str(TEMPLATES))
    configure(app, services.settings)
    app.jinja_env.undefined = StrictUndefined
    app.extensions["registry"] = services
    db.init_app(app)
    with app.app_context():
        if db.engine.dialect.name == "sqlite":
            prepare_sqlite(db.engine)
    app.before_request(only_read_when_asked_to_show)
    Babel(app, locale_selector=language.choose)
    csrf.init_app(app)
    csrf.exempt(api_sandbox.blueprint)  # nothing there is ever changed
    csrf.exempt(api_watches.blueprint)  # a key is shown, no session
    csrf.exempt(api.blueprint)  # nobody is signed in
    csrf.exempt(editions.blueprint)  # no session, and nothing there is ever changed
    csrf.exempt(verifying.blueprint)  # the same: a file is looked at and not kept
    csrf.exempt(api_files.blueprint)
    csrf.exempt(complaints.receive)  # no session: it asks where the request comes from
    csrf.exempt(sign_up.ask)  # the same
    csrf.exempt(receipts.blueprint)  # the same: nobody is signed in
    csrf.exempt(api_jobs.blueprint)  # a key is shown, no session
    csrf.exempt(api_receipts.blueprint)
    web.init_app(app)
    security.init_app(app)
    for room in ROOMS:
        app.register_blueprint(room.blueprint)
    return app


def configure(app: Flask, settings: Settings) -> None:
    """Translate our settings into those of the libraries."""
    https = settings.base_url.startswith("https://")
    app.config.update(
        SECRET_KEY=settings.secret_key or "demo-only-" * 4,
        SQLALCHEMY_DATABASE_URI=settings.database,
        # A fault is logged without what was asked: numbers, names and letters.
        SQLALCHEMY_ENGINE_OPTIONS={"hide_parameters": True},
        REGISTRY_DEMO=settings.demo,
        MAX_CONTENT_LENGTH=40 * MEGABYTE,
        MAX_FORM_MEMORY_SIZE=2 * MEGABYTE,
        MAX_FORM_PARTS=2000,
        TRUSTED_HOSTS=None if not settings.production else [settings.host],
        SESSION_COOKIE_NAME="__Host-registry" if https else "registry",
        SESSION_COOKIE_SECURE=https,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        WTF_CSRF_TIME_LIMIT=None,
        BABEL_DEFAULT_LOCALE="it",
        BABEL_TRANSLATION_DIRECTORIES=str(TRANSLATIONS),
    )
    if settings.proxies:
        from werkzeug.middleware.proxy_fix import ProxyFix

        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=settings.proxies, x_proto=settings.proxies
        )


def only_read_when_asked_to_show() -> None:
    """A GET holds up no writer; everything else owns its writes from the start."""
    shows = request.method in {"GET", "HEAD", "OPTIONS"}
    READS_ONLY.set(shows or request.endpoint in ASKING)
