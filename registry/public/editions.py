"""What an edition of the criteria offers to everyone, people and programs."""

from typing import Any

from flask import Blueprint, Response, jsonify, render_template, request
from flask.typing import ResponseReturnValue

from registry.accounts.access import open_to_everyone
from registry.accounts.limits import SEARCH, limiter
from registry.applications.asking import signatory_words
from registry.applications.workbook import MEDIA_TYPE, workbook
from registry.certificates.layouts import edition_name
from registry.criteria.difference import Difference, difference
from registry.criteria.difference_told import tell
from registry.criteria.edition import Edition
from registry.editions.queries import lives
from registry.public import open_data, questionnaire
from registry.public.history import State, known, state_of
from registry.public.pages import serve
from registry.public.self_check import NONE, WAIVE, SelfCheck
from registry.services import services
from registry.web.downloads import attachment
from registry.web.headers import open_to_origins
from registry.web.language import page_language

blueprint = Blueprint("editions", __name__)
serve(blueprint)
SCHEME = "/<any(it, en):lang>/criteria/<scheme>"
EDITION = f"{SCHEME}/<edition>"
DATA = "/criteria/<scheme>/<edition>"
blueprint.add_app_template_filter(edition_name)


@blueprint.route(f"{EDITION}/check", methods=["GET", "POST"])
@open_to_everyone
@limiter.limit(SEARCH)
def check(scheme: str, edition: str) -> ResponseReturnValue:
    """Where one would stand today: nothing is kept, nothing is written down."""
    shown = _known(scheme, edition)
    check = SelfCheck(shown, services().today())
    looked_for = check.form.looked_for
    page = render_template(
        "public/check.html",
        check=check,
        edition=shown,
        state=_state(shown),
        none=NONE,
        waive=WAIVE,
        signatory_words=signatory_words,
        looked_for=looked_for,
        found=check.form.sheet.contracts.search(looked_for, 8) if looked_for else [],
    )
    headers = {"Cache-Control": "no-store"} if request.method == "POST" else {}
    return page, check.status, headers


@blueprint.get(f"{SCHEME}/<old>...<new>")
@open_to_everyone
@limiter.limit(SEARCH)
def differences(scheme: str, old: str, new: str) -> ResponseReturnValue:
    """What changes from one edition to another, in words, with an example of each."""
    before, after = _known(scheme, old), _known(scheme, new)
    found = difference(before, after)
    return render_template(
        "public/differences.html",
        before=before,
        after=after,
        states=(_state(before), _state(after)),
        requirements=_each(found),
        others=tell(found._replace(requirements=()), page_language()),
    )


def _each(found: Difference) -> list[list[str]]:
    """The sentences on each requirement, that on the editions left out."""
    alone = found._replace(parameters=(), levels=((), ()), answers={})
    return [
        tell(alone._replace(requirements=(change,)), page_language())[1:]
        for change in found.requirements
    ]


@blueprint.get(f"{EDITION}/questionnaire.pdf")
@open_to_everyone
@limiter.limit(SEARCH)
def questionnaire_paper(scheme: str, edition: str) -> Response:
    """Every question before applying, on paper."""
    shown = _known(scheme, edition)
    content = questionnaire.paper(shown, _state(shown), services().paper)
    return _file(shown, content, "pdf", "application/pdf")


@blueprint.get(f"{EDITION}/questionnaire.xlsx")
@open_to_everyone
@limiter.limit(SEARCH)
def questionnaire_workbook(scheme: str, edition: str) -> Response:
    """Every question before applying, to be filled in off line."""
    shown = _known(scheme, edition)
    content = workbook(shown, {}, draft=_state(shown).is_draft)
    return _file(shown, content, "xlsx", MEDIA_TYPE)


def _file(edition: Edition, content: bytes, ending: str, media_type: str) -> Response:
    name = f"{edition.scheme}-{edition.edition}-{page_language()}.{ending}"
    response = attachment(content, name, media_type)
    response.headers["Cache-Control"] = "public, max-age=3600"
    return response


@blueprint.get(open_data.SCHEMA)
@open_to_everyone
def schema() -> Response:
    """The JSON Schema of the editions below."""
    return _data(open_data.schema(_base()), "application/schema+json")


@blueprint.get(f"{DATA}.json")
@open_to_everyone
def whole(scheme: str, edition: str) -> Response:
    """An edition in full, for programs."""
    shown = _known(scheme, edition)
    return _data(open_data.whole(shown, _state(shown).code, _base()))


@blueprint.get(f"{DATA}/conformity-scheme.json")
@open_to_everyone
def conformity_scheme(scheme: str, edition: str) -> Response:
    """The same as a scheme of the UN Transparency Protocol."""
    shown = _known(scheme, edition)
    code = _state(shown).code
    found = open_data.conformity_scheme(shown, code, _base(), _body())
    return _data(found, "application/ld+json")


@blueprint.get(f"{DATA}/achievement.json")
@open_to_everyone
def achievement(scheme: str, edition: str) -> Response:
    """The same as an Achievement of Open Badges 3.0."""
    shown = _known(scheme, edition)
    found = open_data.achievement(shown, _base(), _body())
    return _data(found, "application/ld+json")


def _data(found: dict[str, Any], media_type: str = "application/json") -> Response:
    """JSON that any page may fetch; its validator comes from its content."""
    response = jsonify(found)
    response.mimetype = media_type
    return open_to_origins(response)


def _known(scheme: str, edition: str) -> Edition:
    return known(scheme, edition, services().editions)


def _state(edition: Edition) -> State:
    return state_of(edition, services().editions, lives(), services().today())


def _base() -> str:
    return services().settings.base_url


def _body() -> dict[str, str]:
    return {"id": services().signer.did, "name": services().settings.body_name}
