"""The flower of the criteria: one petal for each, engraved with fine lines.

Where a criterion is only met or not, all petals are of one length; where it has points,
length and fullness of its petal tell them. A petal met with a reserve is engraved
lightly. The same flower, small and solid, is the mark and the heart
of the emblem. All of it is SVG without inline style, so that pages with a strict
content policy may carry it too.
"""

import math
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from markupsafe import Markup, escape

from registry.certificates.layouts import Look
from registry.typefaces import Typefaces

LINES = 13  # nested outlines of a petal; one in three for a petal with a reserve
SHORTEST = 0.34  # of a petal without points, so that it is still seen
# Half a petal of length 1, drawn upwards: two Bézier curves, base to shoulder to tip.
SHOULDER = ((0.21, 0.18), (0.505, 0.62), (0.237, 0.86))
TIP = ((0.138, 0.955), (0.054, 0.985), (0.0, 1.0))
LETTERING_FACE = "SourceSans-Semibold"


def flower_svg(
    criteria: Sequence[Mapping[str, Any]],
    look: Look,
    *,
    title: str,
    size: int | None = None,
) -> Markup:
    """The flower of some criteria, each a mapping with a `result`.

    A graded criterion has `points` out of `of` as well.

    `title` is what a screen reader says; `size` in CSS pixels, or none to fill its box.
    """
    petals = [
        _engraved(
            index,
            len(criteria),
            look,
            reserve=criterion["result"] == "met_with_reserve",
            share=_share(criterion),
        )
        for index, criterion in enumerate(criteria)
    ]
    body = "".join(fill for fill, _ in petals) + "".join(line for _, line in petals)
    return _svg("flower", "-101 -101 202 202", title, body, size)


def mark_svg(look: Look, *, title: str, size: int | None = None) -> Markup:
    """The mark of the scheme: a small solid flower, for headers and as favicon."""
    return _svg("mark", "-10 -10 20 20", title, _solid(look, 10), size)


def emblem_svg(
    look: Look, typefaces: Typefaces, *, title: str, size: int | None = None
) -> Markup:
    """The round emblem with circular lettering, drawn as outlines."""
    deep = look.colours["deep"]
    rings = "".join(
        f'<circle r="{radius}" stroke-width="{width}"/>'
        for radius, width in ((49, 0.9), (47, 0.35), (34, 0.35))
    )
    letters = _lettering(typefaces, look.lettering)
    body = (
        f'<g fill="none" stroke="{deep}">{rings}</g>'
        f'<path fill="{deep}" d="{letters}"/>{_solid(look, 26)}'
    )
    return _svg("emblem", "-50 -50 100 100", title, body, size)


def tip(index: int, count: int) -> tuple[float, float]:
    """Where the petal at `index` points to: x to the right, y down, length 1."""
    angle = 2 * math.pi * index / count
    return math.sin(angle), -math.cos(angle)


def _svg(kind: str, box: str, title: str, body: str, size: int | None) -> Markup:
    measure = f' width="{size}" height="{size}"' if size else ""
    return Markup(  # noqa: S704 our own drawing; the title, which is data, is escaped
        f'<svg xmlns="http://www.w3.org/2000/svg" class="{kind}" viewBox="{box}"'
        f'{measure} role="img"><title>{escape(title)}</title>{body}</svg>'
    )


def _share(criterion: Mapping[str, Any]) -> float:
    """How much of its points a criterion has, from 0 to 1; all where it has none."""
    if criterion.get("points") is None:
        return 1.0
    return min(1.0, max(0.0, float(criterion["points"]) / float(criterion["of"])))


def _engraved(
    index: int, count: int, look: Look, *, reserve: bool, share: float
) -> tuple[str, str]:
    """A petal's tint and its lines, apart: tints lie under all lines."""
    colour = look.petal(index).fill
    place = f"petal petal-{index + 1}" + (" petal-reserve" if reserve else "")
    tint, step, width = (0.06, 3, 0.3) if reserve else (0.2, 1, 0.34)
    length = 99.0 * (SHORTEST + (1 - SHORTEST) * share)
    lines = max(4, round(LINES * share))
    nested = [
        _petal(index, count, length, 1 - line / lines) for line in range(0, lines, step)
    ]
    fill = (
        f'<path class="{place}" d="{nested[0]}" fill="{colour}" fill-opacity="{tint}"/>'
    )
    if share < 1:  # the petal it would be with all its points
        whole = _petal(index, count, 99.0, 1)
        fill += (
            f'<path d="{whole}" fill="none" stroke="{colour}" stroke-width=".25"'
            ' stroke-opacity=".5"/>'
        )
    dashes = ' stroke-dasharray="1.6 1.1"' if reserve else ""
    line = (
        f'<path class="{place}" d="{"".join(nested)}" fill="none" stroke="{colour}"'
        f' stroke-width="{width}"{dashes}/>'
    )
    return fill, line


def _solid(look: Look, length: float) -> str:
    count = len(look.petals)
    return "".join(
        f'<path d="{_petal(index, count, length, 1.0)}" fill="{colours.fill}"'
        ' fill-opacity=".88"/>'
        for index, colours in enumerate(look.petals)
    )


def _petal(index: int, count: int, length: float, narrow: float) -> str:
    """The outline of one petal as path data; `narrow` from 1 (full) to 0 (a line)."""
    width = min(1.5, 6.3 / count) * narrow
    angle = 2 * math.pi * index / count
    cos, sin = math.cos(angle), math.sin(angle)

    def at(x: float, y: float) -> str:
        right, down = x * width * length, -y * length
        return f"{_short(right * cos - down * sin)} {_short(right * sin + down * cos)}"

    right_side = [at(x, y) for x, y in (*SHOULDER, *TIP)]
    back = [(0.0, 0.0), *SHOULDER, *TIP][-2::-1]
    left_side = [at(-x, y) for x, y in back]
    curves = [*right_side, *left_side]
    return "M0 0" + "".join(
        "C" + " ".join(curves[start : start + 3]) for start in range(0, len(curves), 3)
    )


def _short(number: float) -> str:
    short = f"{number:.2f}".rstrip("0").rstrip(".")
    return "0" if short in {"", "-0"} else short


@lru_cache(maxsize=8)
def _lettering(typefaces: Typefaces, text: str) -> str:
    """Letters on a circle as one path; some milliseconds, and always the same."""
    size, radius = 8.4, 37.6
    scale = size / typefaces.units(LETTERING_FACE)
    advances = [typefaces.width(letter, LETTERING_FACE, size) for letter in text]
    gap = (2 * math.pi * radius - sum(advances)) / len(text)
    turned, along = [], 0.0
    for letter, advance in zip(text, advances, strict=True):
        middle = (along + advance / 2) / radius
        if not letter.isspace():
            turned.append((letter, _turn(middle, radius, advance, scale)))
        along += advance + gap
    return typefaces.outline(turned, LETTERING_FACE)


def _turn(
    angle: float, radius: float, advance: float, scale: float
) -> tuple[float, ...]:
    """The matrix that stands a letter upright on the circle at `angle` from the top."""
    angle -= math.pi * 0.82  # the text begins at the lower left
    cos, sin = math.cos(angle), math.sin(angle)
    left = -advance / 2
    return (
        scale * cos,
        scale * sin,
        scale * sin,
        -scale * cos,
        left * cos + radius * sin,
        left * sin - radius * cos,
    )
