"""What an edition of the criteria offers to everyone: a check of oneself."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from registry.accounts.access import open_to_everyone
from registry.accounts.limits import SEARCH, limiter
from registry.applications.asking import signatory_words
from registry.criteria.edition import Edition
from registry.errors import N_, NotFound
from registry.public.history import state_of
from registry.public.pages import serve
from registry.public.self_check import NONE, SelfCheck
from registry.services import services

blueprint = Blueprint("editions", __name__)
serve(blueprint)
EDITION = "/<any(it, en):lang>/criteria/<scheme>/<edition>"


@blueprint.route(f"{EDITION}/check", methods=["GET", "POST"])
@open_to_everyone
@limiter.limit(SEARCH)
def check(scheme: str, edition: str) -> ResponseReturnValue:
    """Where one would stand today: nothing is kept, nothing is written down."""
    shown = known(scheme, edition)
    check = SelfCheck(shown, services().today())
    looked_for = check.form.looked_for
    page = render_template(
        "public/check.html",
        check=check,
        edition=shown,
        state=state_of(shown, services().editions, services().today()),
        none=NONE,
        signatory_words=signatory_words,
        looked_for=looked_for,
        found=check.form.sheet.contracts.search(looked_for, 8) if looked_for else [],
    )
    headers = {"Cache-Control": "no-store"} if request.method == "POST" else {}
    return page, check.status, headers


def known(scheme: str, edition: str) -> Edition:
    """A published edition or a draft that can be read. Raises NotFound."""
    key, editions = f"{scheme}/{edition}", services().editions
    found = editions.get(key) or editions.drafts.get(key)
    if found is None:
        raise NotFound(N_("There is no such edition."))
    return found
