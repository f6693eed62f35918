"""What a site owes its readers: privacy, and how accessible it is."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from registry.accounts.access import open_to_everyone
from registry.public.pages import serve
from registry.services import services
from registry.web.language import page_language

blueprint = Blueprint("legal", __name__, url_prefix="/<any(it, en):lang>")
serve(blueprint)


@blueprint.get("/privacy")
@open_to_everyone
def privacy() -> ResponseReturnValue:
    """Which data of persons the register holds, why and for how long."""
    return render_template(
        f"legal/privacy.{page_language()}.html", body=services().settings.body_name
    )


@blueprint.get("/accessibility")
@open_to_everyone
def accessibility() -> ResponseReturnValue:
    """The accessibility statement."""
    return render_template(
        f"legal/accessibility.{page_language()}.html",
        body=services().settings.body_name,
        contact=services().settings.mail_from,
    )
