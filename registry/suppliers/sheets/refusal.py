"""Why a file may not come in, and what is known of one that may."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


class Refused(Exception):
    """The file breaks the rule of this name; `facts` say where."""

    def __init__(self, rule: str, **facts: Any) -> None:
        super().__init__(rule)
        self.rule = rule
        self.facts = facts


@dataclass(frozen=True)
class Limits:
    """How much of a file is read at all."""

    rows: int
    #: Lines of titles and notes that are read beside the rows.
    around: int = 50
    columns: int = 200
    cells: int = 4_000_000
    #: Characters of a cell that are looked at; the file itself keeps the rest.
    characters: int = 500

    @property
    def lines(self) -> int:
        """Lines of a sheet."""
        return self.rows + self.around


@dataclass
class Sheet:
    """One table as texts; the first row of the file has number 0."""

    name: str
    rows: list[list[str]]


@dataclass(frozen=True)
class Answers:
    """What to put beside the rows of one sheet."""

    sheet: str
    header_row: int | None
    header: list[str]
    rows: Mapping[int, Sequence[str]]
