"""
The printer of the tests, for those that look at something else than paper.

A certificate takes an eighth of a second to set. Here it is a real paper with every
word, its field and what it carries, but set as two plain paragraphs, in a third of the
time; what has no field is printed as it is, once. Tests about paper have the real one:
`paper`, or `pytest.mark.usefixtures("printed_in_full")`.
"""

from functools import lru_cache
from typing import Any
from xml.etree import ElementTree
from xml.sax.saxutils import escape, quoteattr

from registry.paper import NOTHING, Assets, Paper
from registry.typefaces import Typefaces

PLAIN = "@page { size: A4; margin: 5mm } p + p { break-before: page }"
#: What `printed_in_full` turns off.
plain = True


class QuickPaper(Paper):
    """Prints what has a field plainly, and everything else once."""

    def __init__(self, typefaces: Typefaces) -> None:
        super().__init__(typefaces)
        printed = super().print
        self._once = lru_cache(maxsize=64)(
            lambda html, css, **how: printed(html, css, NOTHING, **how)
        )

    def print(self, html: str, css: str, assets: Assets, **how: Any) -> bytes:
        """The document as PDF bytes, with all of its words."""
        if how.get("field") and plain:
            return super().print(plainly(html), PLAIN, NOTHING, **how)
        if assets:
            return super().print(html, css, assets, **how)
        return self._once(html, css, **how)


def plainly(html: str) -> str:
    """The same page with one paragraph for each section, and the pictures left out."""
    page = ElementTree.fromstring(html)  # noqa: S314 - our own template
    paragraphs = "".join(
        f"<p>{escape(' '.join(_words(section)))}</p>"
        for section in page.iter()
        if section.tag.endswith("section")
    )
    language = quoteattr(page.get("lang", ""))
    return f"<html lang={language}><body>{paragraphs}</body></html>"


def _words(element: ElementTree.Element) -> list[str]:
    words = [value for name, value in element.items() if name.startswith("data-")]
    words += [element.text or ""]
    for inside in element:
        if not inside.tag.endswith("svg"):
            words += _words(inside)
        words.append(inside.tail or "")
    return words
