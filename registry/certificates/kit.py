"""What a holder takes home: paper, credential, emblem, a live badge, their rules."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from registry.accounts.access import current_person, open_to
from registry.accounts.models import SPEAKERS, Role
from registry.certificates import queries, rules
from registry.certificates.badge import HIGH, WIDE, badge_of, embed_code
from registry.certificates.emblem import SIZES, as_png, as_svg
from registry.certificates.models import Certificate
from registry.certificates.operations import NotPossible
from registry.errors import N_, NotFound
from registry.services import services
from registry.web.downloads import attachment
from registry.web.language import page_language

blueprint = Blueprint("kit", __name__)
READERS = (*SPEAKERS, Role.SECRETARIAT, Role.COMMITTEE, Role.ADMINISTRATOR)
AT = "/certificates/<id:id_>"
SVG = "image/svg+xml"
QUOTED = ", ".join(f"'{size}'" for size in SIZES)


@blueprint.get(f"{AT}/kit")
@open_to(*READERS)
def show(id_: int) -> ResponseReturnValue:
    """Everything to download, and the rules for using the mark."""
    certificate = _issued(id_)
    today = services().today()
    current = rules.standing_of(certificate, today)
    return render_template(
        "certificates/kit.html",
        certificate=certificate,
        current=current,
        may_use=rules.may_use_mark(certificate, today),
        english=rules.copy_in(certificate, "en"),
        badge=badge_of(certificate, current),
        badge_size=(WIDE, HIGH),
        embed=embed_code(certificate, services().settings.base_url),
        sizes=SIZES,
    )


@blueprint.get(f"{AT}/emblem.svg")
@open_to(*READERS)
def emblem(id_: int) -> ResponseReturnValue:
    """The emblem as a drawing that grows to any size."""
    certificate = _using_the_mark(id_)
    drawn = as_svg(certificate.scheme, page_language(), services().paper)
    return attachment(str(drawn).encode(), f"{certificate.scheme}.svg", SVG)


@blueprint.get(f"{AT}/emblem-<any({QUOTED}):size>.png")
@open_to(*READERS)
def emblem_picture(id_: int, size: str) -> ResponseReturnValue:
    """The emblem as a picture."""
    certificate = _using_the_mark(id_)
    drawn = as_png(certificate.scheme, int(size), services().paper)
    return attachment(drawn, f"{certificate.scheme}-{size}.png", "image/png")


def _issued(id_: int) -> Certificate:
    certificate = queries.get(id_, seen_by_user=current_person())
    if not rules.is_issued(certificate):
        raise NotFound(N_("This paper has not been made yet."))
    return certificate


def _using_the_mark(id_: int) -> Certificate:
    certificate = _issued(id_)
    if not rules.may_use_mark(certificate, services().today()):
        raise NotPossible(N_("The mark is not to be used while this does not stand."))
    return certificate
