"""Italy by province: the outlines, how many holders each has, and five shades."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from registry.organisations.rules import provinces

OUTLINES = Path(__file__).with_name("italy.json")
#: Shades beside the one of provinces with nobody.
SHADES = 4


@dataclass(frozen=True)
class Outlines:
    """The drawing: its size, and the path of each province by its sigla."""

    width: int
    height: int
    paths: Mapping[str, str]


@dataclass(frozen=True)
class Shaded:
    """A province on the map and in the table beside it."""

    sigla: str
    name: str
    region: str
    number: int
    shade: int
    #: None for one that ended: it is in the table alone.
    path: str | None
    chosen: bool


@cache
def outlines() -> Outlines:
    """The outlines, read once."""
    return Outlines(**json.loads(OUTLINES.read_text(encoding="ascii")))


def shaded(numbers: Mapping[str, int], chosen: str = "") -> list[Shaded]:
    """Every province with number and shade, by name; ended ones where they count."""
    bounds, drawn = bounds_of(numbers), outlines().paths
    return [
        Shaded(
            sigla,
            one.name,
            one.region,
            number := numbers.get(sigla, 0),
            sum(number > bound for bound in (0, *bounds)) if number else 0,
            drawn.get(sigla),
            sigla == chosen,
        )
        for sigla, one in provinces().items()
        if sigla in drawn or numbers.get(sigla)
    ]


def bounds_of(numbers: Mapping[str, int]) -> list[int]:
    """
    The highest number of each shade but the last, so that shades hold about as many.

    Fewer bounds where there are few different numbers.
    """
    present = sorted(number for number in numbers.values() if number)
    if not present:
        return []
    cuts = {present[len(present) * part // SHADES] for part in range(1, SHADES)}
    return sorted(cut for cut in cuts if cut < present[-1])


def legend(numbers: Mapping[str, int]) -> list[tuple[int, int, int]]:
    """Each shade with the lowest and the highest number it stands for."""
    present = [number for number in numbers.values() if number]
    if not present:
        return []
    highest = [*bounds_of(numbers), max(present)]
    lowest = [1, *(one + 1 for one in highest)]
    return [
        (shade, low, high)
        for shade, (low, high) in enumerate(zip(lowest, highest, strict=False), start=1)
    ]
