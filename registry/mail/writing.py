"""From a template and facts to the words of a letter."""

import re
from functools import lru_cache
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from registry.clock import civil_day
from registry.criteria.schemes import called
from registry.paths import TEMPLATES
from registry.translations.elision import elided

MONTHS = {
    "it": [
        "gennaio",
        "febbraio",
        "marzo",
        "aprile",
        "maggio",
        "giugno",
        "luglio",
        "agosto",
        "settembre",
        "ottobre",
        "novembre",
        "dicembre",
    ],
    "en": [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
}


@lru_cache
def _letters(language: str) -> Environment:
    letters = Environment(  # noqa: S701 - plain text, not HTML
        loader=FileSystemLoader(TEMPLATES / "mail"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )

    def day(value: Any) -> str:
        value = civil_day(value) if hasattr(value, "astimezone") else value
        return f"{value.day} {MONTHS[language][value.month - 1]} {value.year}"

    letters.filters["day"] = day
    letters.filters["mark"] = called
    letters.globals["link"] = lambda path: f"base:{path}"
    return letters


def write(event: str, language: str, facts: dict[str, Any]) -> tuple[str, str]:
    """
    The subject and the body of the letter `event` ("applications/submitted").

    The first line of the template is the subject.  Addresses are written as
    base:/path and completed when the letter leaves or is shown.
    """
    text = _letters(language).get_template(f"{event}.{language}.txt").render(facts)
    if language == "it":
        text = elided(text)
    subject, _, body = text.partition("\n")
    return " ".join(subject.split()), body.strip() + "\n"


def complete(body: str, base_url: str) -> str:
    """The words as they leave, with whole addresses."""
    return body.replace("base:/", f"{base_url.rstrip('/')}/")


ADDRESS = re.compile(r"https?://[^\s<>]+[^\s<>.,;:)]")
#: A line that ends where the next word had no room: not before an item or an address.
WRAPPED = re.compile(r"(?m)^((?!- )\S.{58,})\n(?![\s-]|https?:)")
PAGE = Markup(
    '<!doctype html><html lang="{}"><body style="font: 16px/1.5 Georgia, serif; '
    'color: #12312f; max-width: 38em">{}</body></html>'
)


def html_twin(text: str, language: str) -> str:
    """The same words as plain HTML: paragraphs, and addresses one can follow."""
    paragraphs = (
        ADDRESS.sub(_link, str(escape(WRAPPED.sub(r"\1 ", block)))).replace(
            "\n", "<br>"
        )
        for block in text.strip().split("\n\n")
    )
    words = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    return PAGE.format(
        language,
        Markup(words),  # noqa: S704 - escaped above, block by block
    )


def _link(match: re.Match[str]) -> str:
    return f'<a href="{match[0]}">{match[0]}</a>'
