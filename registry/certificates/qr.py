"""The QR code by which a paper is looked up."""

from functools import lru_cache

import segno
from markupsafe import Markup, escape

QUIET = 4  # modules of white around it (ISO/IEC 18004)


def modules(address: str) -> int:
    """How many modules a side of the code for `address` has, quiet zone left out."""
    return len(_code(address).matrix)


def qr_svg(address: str, colour: str, *, title: str) -> Markup:
    """The code for `address` as one path, quiet zone included.

    Level Q: a quarter of it may be lost, as on creased or stained paper.
    """
    matrix = _code(address).matrix
    side = len(matrix) + 2 * QUIET
    # Strokes one module wide, not rectangles: half as much for the printer to read.
    runs = "".join(
        f"M{start + QUIET} {row + QUIET}.5h{length}"
        for row, line in enumerate(matrix)
        for start, length in _runs(line)
    )
    return Markup(
        '<svg xmlns="http://www.w3.org/2000/svg" class="qr" viewBox="0 0 {0} {0}"'
        ' role="img"><title>{1}</title><path stroke="{2}" fill="none" d="{3}"/></svg>'
    ).format(side, escape(title), colour, runs)


@lru_cache(maxsize=8)
def _code(address: str) -> segno.QRCode:
    return segno.make(address, error="q", boost_error=False, micro=False)


def _runs(line: bytearray) -> list[tuple[int, int]]:
    """The dark stretches of a row: where each begins and how long it is."""
    found, start = [], None
    for place, dark in enumerate([*line, 0]):
        if dark and start is None:
            start = place
        elif not dark and start is not None:
            found.append((start, place - start))
            start = None
    return found
