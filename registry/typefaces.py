"""The typefaces of paper and pages, cut once from the packages that carry them.

The packages hold variable fonts. Paper needs static TrueType (drawn 3.5 times faster,
and the same bytes everywhere), pages need WOFF2 of the same families. Both are cut to
Latin, Greek and Cyrillic first, which makes the cutting some ten times shorter, and
kept in a folder named after what they were made of.
"""

import hashlib
import os
import shutil
import tempfile
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from importlib.resources.abc import Traversable
from io import BytesIO
from pathlib import Path

import fontTools
from fontTools.pens.qu2cuPen import Qu2CuPen
from fontTools.pens.svgPathPen import SVGPathPen
from fontTools.pens.transformPen import TransformPen
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from fontTools.varLib.instancer import instantiateVariableFont

from registry.errors import N_, Unavailable

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Face:
    """One static face: its name, how CSS calls it, and where it is cut from."""

    name: str
    family: str
    weight: int
    style: str
    package: str
    source: str
    axes: Mapping[str, float]

    @property
    def css(self) -> str:
        """The @font-face rule by which paper loads this face from memory."""
        return (
            f'@font-face{{font-family:"{self.family}";font-weight:{self.weight};'
            f"font-style:{self.style};src:url(asset:fonts/{self.name}.ttf)}}"
        )


def _fraunces(name: str, weight: int, style: str = "normal") -> Face:
    slope = "-Italic" if style == "italic" else ""
    source = f"Fraunces{slope}[SOFT,WONK,opsz,wght].ttf"
    axes = {"opsz": 36, "wght": weight, "SOFT": 0, "WONK": 0}
    return Face(name, "Fraunces", weight, style, "fontpkg_fraunces", source, axes)


def _serif(name: str, weight: int, style: str = "normal") -> Face:
    slope = "-Italic" if style == "italic" else ""
    source = f"SourceSerif4{slope}[opsz,wght].ttf"
    axes = {"opsz": 14, "wght": weight}
    package = "fontpkg_source_serif_4"
    return Face(name, "Source Serif", weight, style, package, source, axes)


def _sans(name: str, weight: int) -> Face:
    package, source = "fontpkg_source_sans_3", "SourceSans3[wght].ttf"
    return Face(
        name, "Source Sans", weight, "normal", package, source, {"wght": weight}
    )


FACES = (
    _fraunces("Fraunces-Light", 300),
    _fraunces("Fraunces-Regular", 400),
    _fraunces("Fraunces-LightItalic", 300, "italic"),
    _serif("SourceSerif-Regular", 400),
    _serif("SourceSerif-Semibold", 600),
    _serif("SourceSerif-Italic", 400, "italic"),
    _sans("SourceSans-Regular", 400),
    _sans("SourceSans-Semibold", 600),
)

# Latin with its extensions, Greek, Cyrillic, and the signs of ordinary text.
SCRIPTS = (
    (0x0020, 0x007E),
    (0x00A0, 0x024F),
    (0x02B0, 0x036F),
    (0x0370, 0x052F),
    (0x1E00, 0x1FFF),
    (0x2010, 0x2027),
    (0x2030, 0x205E),
    (0x2070, 0x20BF),
    (0x2100, 0x22FF),
    (0x25A0, 0x25FF),
    (0x2713, 0x2717),
    (0xFB00, 0xFB06),
)
# rvrn holds the calm forms of Fraunces: without it the curly ones stay.
FEATURES = [
    "rvrn",
    "ccmp",
    "locl",
    "kern",
    "mark",
    "mkmk",
    "liga",
    "clig",
    "calt",
    "lnum",
    "onum",
    "pnum",
    "tnum",
    "sups",
    "case",
    "cpsp",
]
# The faces every text falls back to; Fraunces has Latin letters only.
TEXT_SOURCES = tuple(face for face in FACES if face.name == "SourceSerif-Regular")


# How far an outline may be from the letter's own, in its unit, for fewer curves.
CLOSE = 0.01


class MissingTypefaces(Unavailable):
    """The packages with the fonts are not installed."""


@dataclass(frozen=True, eq=False)
class Typefaces:
    """All faces.

    `folder` is where they are kept; `ttf` and `woff2` map a face's name to its bytes.
    """

    folder: Path
    ttf: Mapping[str, bytes]
    woff2: Mapping[str, bytes]

    @property
    def css(self) -> str:
        """The @font-face rules of paper."""
        return "\n".join(face.css for face in FACES)

    def covers(self, text: str) -> list[str]:
        """The characters of `text` that paper cannot print, in order, each once."""
        return missing_characters(text)

    def width(self, text: str, name: str, size: float) -> float:
        """How wide `text` is in the face `name` at `size`, in the unit of `size`.

        Letters the face lacks are measured in the fallback face. Kerning is left out:
        it only makes lines shorter.
        """
        ruler = self._ruler(name)
        return size * sum(ruler.get(letter, 0.6) for letter in text)

    def outline(
        self, letters: Iterable[tuple[str, tuple[float, ...]]], name: str
    ) -> str:
        """Letters, each moved by its matrix, as SVG path data of their outlines."""
        with _opened(self.ttf[name]) as font:
            glyphs, names = font.getGlyphSet(), font.getBestCmap()
            pen = SVGPathPen(glyphs, ntos=_short)
            fewer = Qu2CuPen(pen, CLOSE, all_cubic=True)
            for letter, turn in letters:
                glyphs[names[ord(letter)]].draw(TransformPen(fewer, turn))
        return str(pen.getCommands())

    def units(self, name: str) -> int:
        """Units per em of a face: what its outlines are drawn in."""
        with _opened(self.ttf[name]) as font:
            return int(font["head"].unitsPerEm)

    def _ruler(self, name: str) -> dict[str, float]:
        if name not in self._rulers:
            own, text = (_advances(self.ttf[n]) for n in (name, "SourceSerif-Regular"))
            self._rulers[name] = {**text, **own}
        return self._rulers[name]

    @cached_property
    def _rulers(self) -> dict[str, dict[str, float]]:
        return {}


class _OnDisk(Mapping[str, bytes]):
    """Faces by name, read when they are asked for."""

    def __init__(self, folder: Path, names: Iterable[str], ending: str) -> None:
        self._paths = {name: folder / f"{name}{ending}" for name in names}

    def __getitem__(self, name: str) -> bytes:
        return self._paths[name].read_bytes()

    def __iter__(self) -> Iterator[str]:
        return iter(self._paths)

    def __len__(self) -> int:
        return len(self._paths)


def prepare(
    folder: Path,
    progress: Progress = lambda line: None,
    *,
    faces: tuple[Face, ...] = FACES,
) -> Typefaces:
    """All faces, cut on the first call and read from `folder` afterwards.

    `progress` is told one line for each face while cutting. Raises MissingTypefaces
    when the font packages are not installed.
    """
    kept = folder / _recipe(faces)[:16]
    if not kept.is_dir():
        _cut_all(faces, kept, progress)
    return Typefaces(
        kept,
        _OnDisk(kept, (face.name for face in faces), ".ttf"),
        _OnDisk(kept, (face.name for face in faces), ".woff2"),
    )


def missing_characters(text: str) -> list[str]:
    """The characters of `text` that paper cannot print honestly, in order, each once.

    Refused are letters in none of our fonts (they would print as an empty box, which
    PDF/A forbids: ISO 19005-3, 6.2.11.8) and invisible ones that make a name look like
    another: controls, direction overrides, private and unassigned code points.
    """
    printable = _printable()
    composed = unicodedata.normalize("NFC", text)
    return [
        letter
        for letter in dict.fromkeys(composed)
        if ord(letter) not in printable or _is_invisible(letter)
    ]


def _is_invisible(letter: str) -> bool:
    return unicodedata.category(letter) in {"Cc", "Cf", "Co", "Cn", "Cs"}


@cache
def _printable() -> frozenset[int]:
    kept = set(_wanted())
    covered: set[int] = set()
    for face in TEXT_SOURCES:
        with TTFont(BytesIO(_source(face).read_bytes()), lazy=True) as font:
            covered |= kept & set(font.getBestCmap())
    return frozenset(covered)


def _wanted() -> Iterable[int]:
    for first, last in SCRIPTS:
        yield from range(first, last + 1)


def _source(face: Face) -> Traversable:
    try:
        found = files(face.package) / "files" / face.source
    except ModuleNotFoundError as missing:
        raise MissingTypefaces(
            N_("The font package %(name)s is not installed."), name=face.package
        ) from missing
    return found


def _recipe(faces: tuple[Face, ...]) -> str:
    """A name for exactly these faces: sources, cut and tool together."""
    digest = hashlib.sha256(repr((faces, SCRIPTS, FEATURES)).encode())
    digest.update(str(fontTools.version).encode())
    for face in faces:
        digest.update(hashlib.sha256(_source(face).read_bytes()).digest())
    return digest.hexdigest()


def _cut_all(faces: tuple[Face, ...], kept: Path, progress: Progress) -> None:
    """Cut every face beside `kept`, then put the whole folder in place at once."""
    kept.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix="cutting-", dir=kept.parent))
    try:
        for count, face in enumerate(faces, start=1):
            progress(f"typeface {count} of {len(faces)}: {face.name}")
            ttf, woff2 = _cut(face)
            (fresh / f"{face.name}.ttf").write_bytes(ttf)
            (fresh / f"{face.name}.woff2").write_bytes(woff2)
        fresh.chmod(0o755)
        os.rename(fresh, kept)
    except OSError:
        if not kept.is_dir():  # another process may have put the same faces there
            raise
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _cut(face: Face) -> tuple[bytes, bytes]:
    """One face as static TrueType and as WOFF2."""
    # The time of the last change stays the source's own, so the bytes never differ.
    font = TTFont(BytesIO(_source(face).read_bytes()), recalcTimestamp=False)
    options = Options(
        layout_features=FEATURES, notdef_outline=True, hinting=False, glyph_names=False
    )
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=_wanted())
    subsetter.subset(font)
    instantiateVariableFont(font, face.axes, inplace=True, updateFontNames=False)
    return _saved(font, None), _saved(font, "woff2")


def _saved(font: TTFont, flavour: str | None) -> bytes:
    font.flavor = flavour
    out = BytesIO()
    font.save(out)
    return out.getvalue()


def _opened(ttf: bytes) -> TTFont:
    """
    A face whose glyphs are called by their number.

    To find out their names, fontTools would load the list of all names there are.
    """
    font = TTFont(BytesIO(ttf), lazy=True)
    font.setGlyphOrder([f"glyph{number}" for number in range(font["maxp"].numGlyphs)])
    return font


def _advances(ttf: bytes) -> dict[str, float]:
    with _opened(ttf) as font:
        em, metrics = font["head"].unitsPerEm, font["hmtx"]
        return {
            chr(code): metrics[glyph][0] / em
            for code, glyph in font.getBestCmap().items()
        }


def _short(number: float) -> str:
    """A number as SVG 2 wants it: browsers stop drawing at the dot of “24.”."""
    return f"{number:.2f}".rstrip("0").rstrip(".")
