"""A line drawn on the server: points, axis and marks, as numbers for a template."""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 720, 260
LEFT, RIGHT, TOP, BOTTOM = 44, 16, 16, 34
#: How many words fit along the bottom.
MOST_WORDS = 7


@dataclass(frozen=True)
class Mark:
    """A word beside an axis, and where it stands."""

    at: float
    word: str


@dataclass(frozen=True)
class Line:
    """A line in a box of `width` by `height`, and the area under it."""

    width: int
    height: int
    left: int
    right: int
    floor: int
    points: str
    area: str
    ups: list[Mark]
    alongs: list[Mark]
    last: tuple[float, float]


def line_chart(values: Sequence[tuple[str, int]]) -> Line | None:
    """The line of some numbers, at least two; None for fewer."""
    if len(values) < 2:
        return None
    step = nice_step(max(number for _, number in values))
    top = step * max(1, -(-max(number for _, number in values) // step))
    floor, right = HEIGHT - BOTTOM, WIDTH - RIGHT

    def x(place: int) -> float:
        return round(LEFT + (right - LEFT) * place / (len(values) - 1), 1)

    def y(number: float) -> float:
        return round(floor - (floor - TOP) * number / top, 1)

    spots = [(x(place), y(number)) for place, (_, number) in enumerate(values)]
    points = " ".join(f"{across},{up}" for across, up in spots)
    every = -(-len(values) // MOST_WORDS)
    return Line(
        WIDTH,
        HEIGHT,
        LEFT,
        right,
        floor,
        points,
        f"{LEFT},{floor} {points} {right},{floor}",
        [Mark(y(number), str(number)) for number in range(0, top + 1, step)],
        [
            Mark(x(place), word)
            for place, (word, _) in enumerate(values)
            if (len(values) - 1 - place) % every == 0
        ],
        spots[-1],
    )


def nice_step(most: int) -> int:
    """The distance between lines: 1, 2 or 5 times a power of ten; five at most."""
    size = 1
    while True:
        for part in (1, 2, 5):
            if part * size * 5 >= most:
                return part * size
        size *= 10
