"""Reads `certificates/`: a design year holds the layout, a scheme in it the look.

A layout is never edited once a certificate rests on it; a new design is a new year.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from ruamel.yaml import YAML

from registry.criteria.schemes import called
from registry.errors import N_, Unavailable
from registry.paths import CERTIFICATES

NEWEST = "2026"
NAME = re.compile(r"[a-z0-9][a-z0-9-]*")
LANGUAGES = ("it", "en")
Language = Literal["it", "en"]


class NoLayout(Unavailable):
    """The folder of a design, or of a scheme in it, is not there."""


@dataclass(frozen=True)
class PetalColours:
    """`fill` engraves a petal; `label` is dark enough to be read (4.5:1 on white)."""

    fill: str
    label: str


def no_levels() -> dict[str, dict[str, str]]:
    """Of a mark that is given or not, and no more."""
    return {language: {} for language in LANGUAGES}


@dataclass(frozen=True)
class Look:
    """What makes a mark recognisable: colours, its name, the words of its emblem."""

    scheme: str
    #: The letters before every number of the scheme: once given, for ever.
    prefix: str
    colours: Mapping[str, str]
    petals: tuple[PetalColours, ...]
    mark: str
    lettering: str
    words: Mapping[str, Mapping[str, str]]
    #: By language, what a level is called beside the heading, where there are some.
    levels: Mapping[str, Mapping[str, str]] = field(default_factory=no_levels)

    def petal(self, index: int) -> PetalColours:
        """The colours of the petal at `index`, from 0; they begin again at the end."""
        return self.petals[index % len(self.petals)]

    @property
    def css(self) -> str:
        """One class for each colour: the layout names colours, the look mixes them."""
        rules = [
            f".{name}{{color:{value};border-color:{value}}}"
            for name, value in self.colours.items()
        ]
        dots = [
            f".dot-{count}::before{{border-color:{petal.fill};background:{petal.fill}}}"
            for count, petal in enumerate(self.petals, start=1)
        ]
        return "\n".join([*rules, *dots, ".hollow::before{background:none}"])


@dataclass(frozen=True)
class Layout:
    """One design year: page, style sheet and texts."""

    template: Template
    css: str
    texts: Mapping[str, Mapping[str, Any]]


@cache
def layout(year: str) -> Layout:
    """The layout of a design year; raises NoLayout when it does not exist."""
    folder = _folder(year)
    pages = Environment(
        loader=FileSystemLoader(folder), autoescape=True, undefined=StrictUndefined
    )
    return Layout(
        template=pages.get_template("certificate.html"),
        css=(folder / "certificate.css").read_text(encoding="utf-8"),
        texts={
            language: _yaml(folder / f"texts.{language}.yaml") for language in LANGUAGES
        },
    )


@cache
def look(scheme: str, year: str = NEWEST) -> Look:
    """How a scheme's mark looks; raises NoLayout when the scheme has no look."""
    folder = _folder(year, scheme)
    words = _yaml(folder / "look.yaml")
    petals = tuple(PetalColours(**petal) for petal in words.pop("petals"))
    return Look(scheme=scheme, petals=petals, **words)


def has_look(scheme: str) -> bool:
    """Whether certificates of a scheme could be printed; of a new draft perhaps not."""
    return (CERTIFICATES / NEWEST / scheme / "look.yaml").is_file()


@cache
def mark_of(scheme: str) -> str:
    """The name of a scheme's mark, the same in every language."""
    return look(scheme).mark if has_look(scheme) else called(scheme)


def edition_name(key: str) -> str:
    """An edition as people call it: Impact 2022."""
    scheme, _, edition = key.partition("/")
    return f"{mark_of(scheme)} {edition}"


def _folder(*names: str) -> Path:
    path = CERTIFICATES.joinpath(*names)
    # The names come from stored facts; none of them may lead out of the folder.
    if not all(NAME.fullmatch(name) for name in names) or not path.is_dir():
        raise NoLayout(N_("There is no layout %(name)s."), name="/".join(names))
    return path


def _yaml(path: Path) -> dict[str, Any]:
    read: dict[str, Any] = YAML(typ="safe", pure=True).load(path)
    return read
