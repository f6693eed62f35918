"""What each row of a list asks: its numbers, or a name and a place."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from registry.errors import N_
from registry.organisations.rules import provinces
from registry.suppliers.columns import NUMBERS, Layout
from registry.verification.questions import BadIdentifier, By
from registry.verification.questions import recognised as identifier

LONGEST = 60
ELEVEN = re.compile(r"(?!0{7})[0-9]{11}")
#: Each digit doubled, and the two digits of that added.
TWICE = str.maketrans("0123456789", "0246813579")
SEVERAL = re.compile(r"[/;,|]")
#: EU VAT numbers begin with the country (Directive 2006/112/EC, art. 215).
FOREIGN = re.compile(r"(?!IT)[A-Z]{2}[ -]?[0-9A-Z]{2}[0-9A-Z ]{4,11}[0-9][0-9A-Z]?")
ROUNDED = re.compile(r"[0-9][,.][0-9]+E\+?[0-9]+", re.I)
NOT_KNOWN = N_("“%(typed)s” is not a number this register knows.")
IS_FOREIGN = N_("“%(typed)s” is a foreign number: this register has Italian ones.")
IS_ROUNDED = N_(
    "“%(typed)s” was rounded by the spreadsheet: format the column as text and type "
    "the number again."
)

#: A marked sentence and its parameters.
Note = tuple[str, dict[str, Any]]


@dataclass(slots=True)
class Asked:
    """One row: its place in the file and what can be asked about it."""

    row: int
    pairs: list[tuple[By, str]] = field(default_factory=list)
    #: What is wrong with its numbers.
    problems: list[Note] = field(default_factory=list)
    name: str = ""
    town: str = ""
    province: str = ""

    @property
    def by_name(self) -> bool:
        """Whether only the name is left to go by."""
        return not self.pairs and bool(self.name)


def asked(number: int, cells: Sequence[str], layout: Layout) -> Asked:
    """What a row asks; nothing where it is empty."""
    said = {kind: cells[n] for kind, n in layout.columns.items() if n < len(cells)}
    found = Asked(
        number,
        name=said.get("name", ""),
        town=said.get("town", ""),
        province=said.get("province", ""),
    )
    for kind in NUMBERS:
        if cell := said.get(kind):
            _read(found, kind, cell)
    return found


def _read(found: Asked, kind: str, cell: str) -> None:
    if ELEVEN.fullmatch(cell) and _adds_up(cell):
        pair: tuple[By, str] | None = ("vat", cell)
    else:
        pair = _identifier(found, kind, cell)
    if pair is not None and pair not in found.pairs:
        found.pairs.append(pair)


def _adds_up(number: str) -> bool:
    """Whether the check digit of eleven is right: Luhn, as partita IVA has it.

    The one thing done to every row of a long list, so without a function per digit.
    """
    twice = number[1::2].translate(TWICE)
    return (sum(map(int, number[::2])) + sum(map(int, twice))) % 10 == 0


def _identifier(found: Asked, kind: str, cell: str) -> tuple[By, str] | None:
    if kind == "rea" and cell.isascii() and cell.isdigit():
        cell = f"{found.province}-{cell}"
    parts = [cell, *(SEVERAL.split(cell) if SEVERAL.search(cell) else ())]
    for part in parts:
        try:
            pair = identifier(part[:LONGEST])
        except BadIdentifier as wrong:
            found.problems.append((wrong.message, wrong.params))
            return None
        if pair is not None:
            return pair
    text = cell if len(cell) <= LONGEST else cell[:LONGEST] + "…"
    found.problems.append((_what_is_wrong(cell), {"typed": text}))
    return None


def _what_is_wrong(cell: str) -> str:
    if ROUNDED.fullmatch(cell):
        return IS_ROUNDED
    if FOREIGN.fullmatch(cell.upper()) and cell[:2].upper() not in provinces():
        return IS_FOREIGN
    return NOT_KNOWN
