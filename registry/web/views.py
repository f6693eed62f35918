"""What browsers, crawlers and watchdogs ask of any site."""

from typing import Any, cast

from flask import Blueprint, Response, current_app, redirect
from flask.typing import ResponseReturnValue
from sqlalchemy import text

from registry.db import db
from registry.errors import N_, NotFound
from registry.services import services

blueprint = Blueprint("web", __name__)


@blueprint.get("/typefaces/<name>.woff2")
def typeface(name: str) -> ResponseReturnValue:
    """One of the typefaces that pages are set in; they never change under a name."""
    data = services().typefaces.woff2.get(name)
    if data is None:
        raise NotFound(N_("There is no such typeface."))
    response = Response(data, mimetype="font/woff2")
    response.headers["Cache-Control"] = "public, max-age=2592000"
    return response


@blueprint.get("/favicon.ico")
def favicon() -> ResponseReturnValue:
    """For browsers that ask without reading the page."""
    return redirect(current_app.url_for("static", filename="mark.svg"), 301)


@blueprint.get("/robots.txt")
def robots() -> ResponseReturnValue:
    """The register is there to be found; the answers for programs are not pages."""
    return Response("User-agent: *\nDisallow: /api/\n", mimetype="text/plain")


@blueprint.get("/healthz")
def health() -> ResponseReturnValue:
    """Whether this process answers and reaches its database."""
    db.session.execute(text("SELECT 1"))
    response = Response("ok\n", mimetype="text/plain")
    response.headers["Cache-Control"] = "no-store"
    return response


# `open_to_everyone` belongs to a room above this one; the mark it leaves is this.
for view in (typeface, favicon, robots, health):
    cast(Any, view).open_to = ()
