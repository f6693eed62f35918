"""The emblem of a mark, for the holder's own papers and pages."""

import io
from datetime import UTC, datetime
from functools import lru_cache

import pypdfium2
from markupsafe import Markup

from registry.certificates.flower import emblem_svg
from registry.certificates.layouts import look
from registry.paper import Paper

#: Edges in pixels: from a page's foot to a poster.
SIZES = (128, 256, 512, 1024)
#: The emblem is drawn on paper of this edge and read from there.
POINTS = 144
PAGE = (
    f"@page{{size:{POINTS}pt;margin:0}}body{{margin:0}}"
    f"svg{{display:block;width:{POINTS}pt;height:{POINTS}pt}}"
)
ALWAYS = datetime(2026, 1, 1, tzinfo=UTC)


def as_svg(scheme: str, language: str, paper: Paper) -> Markup:
    """The emblem as lines only, needing no fonts."""
    colours = look(scheme)
    title = colours.words[language]["emblem"]
    return emblem_svg(colours, paper.typefaces, title=title)


@lru_cache(maxsize=16)
def as_png(scheme: str, size: int, paper: Paper) -> bytes:
    """The emblem as a picture of `size` pixels, on nothing."""
    drawing = as_svg(scheme, "it", paper)
    pdf = paper.print(
        f'<html lang="it"><body>{drawing}</body></html>',
        PAGE,
        {},
        title=look(scheme).mark,
        created=ALWAYS,
    )
    document = pypdfium2.PdfDocument(pdf)
    try:
        drawn = document[0].render(scale=size / POINTS, fill_color=(0, 0, 0, 0))
        picture = io.BytesIO()
        drawn.to_pil().convert("RGBA").save(picture, "PNG", optimize=True)
    finally:
        document.close()
    return picture.getvalue()
