"""Lines as a typesetter breaks them, by the widths of the letters."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import combinations, pairwise

from registry.typefaces import Typefaces

MILLIMETRE = 72 / 25.4  # points
WIDE = 166.0  # of the text, in millimetres
# The name: size in points and the lines there is room for, the grandest first.
NAME_SIZES = ((36, 2), (28, 2), (22, 3), (18, 3), (15, 4), (12, 5))
TRACKING = 0.988  # letter-spacing -.012em takes that much of a display line

Measure = Callable[[str], float]


@dataclass(frozen=True)
class Name:
    """The holder's name as set: size in points, and its lines."""

    size: int
    lines: list[str]


def set_name(name: str, typefaces: Typefaces, largest: int = 36) -> Name:
    """The grandest setting of a name that fits, in lines of about equal width.

    `largest` is the most points it may have.
    """
    for size, most in NAME_SIZES:
        if size > largest:
            continue
        measure = measured(typefaces, "Fraunces-Light", size * TRACKING)
        lines = balanced(" ".join(name.split()), measure, WIDE, most)
        if lines:
            return Name(size, lines)
    return Name(size, _chopped(name, measure, WIDE))


def balanced(text: str, measure: Measure, width: float, most: int) -> list[str]:
    """`text` in as few lines as fit into `width`, the widest as narrow as can be.

    `measure` tells the width of a line in the unit of `width`. Returns no lines when
    more than `most` would be needed.
    """
    words = text.split(" ")
    for count in range(1, min(most, len(words)) + 1):
        best = min(_settings(words, count), key=lambda lines: _unrest(lines, measure))
        if all(measure(line) <= width for line in best):
            return best
    return []


def filled(text: str, measure: Measure, width: float) -> list[str]:
    """`text` in lines filled one after the other; only a single word may overflow."""
    lines: list[str] = []
    for word in text.split(" "):
        if lines and measure(f"{lines[-1]} {word}") <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def _settings(words: list[str], count: int) -> Iterable[list[str]]:
    for cuts in combinations(range(1, len(words)), count - 1):
        edges = [0, *cuts, len(words)]
        yield [" ".join(words[a:b]) for a, b in pairwise(edges)]


def _unrest(lines: list[str], measure: Measure) -> tuple[float, float]:
    widths = [measure(line) for line in lines]
    return max(widths), sum(width**2 for width in widths)


def _chopped(text: str, measure: Measure, width: float) -> list[str]:
    lines = [""]
    for letter in text:
        if measure(lines[-1] + letter) > width:
            lines.append("")
        lines[-1] += letter
    return [line.strip() for line in lines]


def measured(typefaces: Typefaces, face: str, size: float) -> Measure:
    """A ruler for lines in one face: from a line to its width in millimetres."""
    return lambda text: typefaces.width(text, face, size) / MILLIMETRE
