"""The whole questionnaire of an edition on paper, to be read before applying."""

from datetime import UTC, datetime, time

from flask import render_template
from flask_babel import gettext

from registry.criteria.edition import Edition
from registry.criteria.wording import Wording
from registry.paper import Paper
from registry.paths import TEMPLATES
from registry.public.history import State
from registry.web.language import page_language

STYLES = [
    TEMPLATES / "applications" / "receipt_paper.css",
    TEMPLATES / "public" / "questionnaire_paper.css",
]


def paper(edition: Edition, state: State, printer: Paper) -> bytes:
    """The questionnaire as PDF in the language of the page; the same gives the same.

    Edition and digest stand on its first page, the key on each.
    """
    title = gettext("Questionnaire %(key)s", key=edition.key)
    html = render_template(
        "public/questionnaire_paper.html",
        edition=edition,
        state=state,
        words=Wording(edition, page_language()),
        title=title,
    )
    return printer.print(
        html,
        "\n".join(style.read_text(encoding="utf-8") for style in STYLES),
        {},
        title=title,
        created=datetime.combine(edition.in_force_from, time(), UTC),
        author="Registro Impact",
    )
