"""From the bytes of a CSV or XLSX file to rows of texts, whatever they hold."""

import csv
import io
import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from registry.errors import N_, Invalid
from registry.organisations import workbook

MOST_BYTES = 5 * 1024 * 1024
MOST_ROWS = 20_000
MOST_COLUMNS = 60
LONGEST_CELL = 2_000
PATIENCE = 20  # seconds on the wall; the process itself may compute for ten


class Unreadable(Invalid):
    """The file cannot be read as a table; the sentence says what to do."""


@dataclass(frozen=True)
class Line:
    """A row with the number it has in the file, the header being row 1."""

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    headers: tuple[str, ...]
    lines: tuple[Line, ...]


def read(content: bytes) -> Table:
    """
    The table in a file: CSV (UTF-8 or Windows; comma, semicolon or tab) or XLSX.

    At most 5 MB, 20,000 rows, 60 columns, 2,000 characters a cell (ours).  Rows without
    anything are left out.  Raises Unreadable.
    """
    if not content.strip():
        raise Unreadable(N_("The file is empty."))
    if len(content) > MOST_BYTES:
        raise Unreadable(N_("The file is larger than 5 MB: divide it."))
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise Unreadable(
            N_("This is an old or protected workbook: save it as XLSX or CSV.")
        )
    rows = _workbook(content) if content.startswith(b"PK") else _csv(content)
    if len(rows) > MOST_ROWS + 1:
        raise Unreadable(N_("There are more than 20,000 rows: divide the file."))
    return _table(rows)


def _table(rows: list[list[str]]) -> Table:
    lines = []
    for number, row in enumerate(rows, start=1):
        if len(row) > MOST_COLUMNS:
            raise Unreadable(
                N_("Row %(row)s has more than 60 columns: remove those not needed."),
                row=number,
            )
        cells = tuple(cell.strip() for cell in row)
        if any(len(cell) > LONGEST_CELL for cell in cells):
            raise Unreadable(
                N_("Row %(row)s has a cell of more than 2,000 characters: shorten it."),
                row=number,
            )
        if any(cells):
            lines.append(Line(number, cells))
    if not lines:
        raise Unreadable(N_("The file is empty."))
    return Table(lines[0].cells, tuple(lines[1:]))


def _csv(content: bytes) -> list[list[str]]:
    if b"\0" in content:
        raise Unreadable(N_("This is not a text file: save the sheet as CSV or XLSX."))
    text = _decoded(content)
    first = text.lstrip().partition("\n")[0]
    delimiter = max(";,\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: list[list[str]] = []
    try:
        for row in reader:
            rows.append(row)
            if len(rows) > MOST_ROWS + 1:
                break
    except csv.Error:
        raise Unreadable(
            N_("Row %(row)s cannot be read: a quotation mark is not closed."),
            row=reader.line_num,
        ) from None
    return rows


def _decoded(content: bytes) -> str:
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Unreadable(N_("The letters cannot be read: save the file as CSV in UTF-8."))


def _workbook(content: bytes) -> list[list[str]]:
    broken = Unreadable(
        N_("The workbook is broken or too large to be read: save its sheet as CSV.")
    )
    command = [sys.executable, "-I", str(Path(workbook.__file__))]
    try:
        done = subprocess.run(  # noqa: S603 - our own script, by its full path
            [*command, str(MOST_ROWS + 1), str(MOST_COLUMNS)],
            input=content,
            capture_output=True,
            timeout=PATIENCE,
            check=False,
            env={},
        )
        found: list[list[str]] = json.loads(done.stdout)
    except (subprocess.TimeoutExpired, ValueError):
        raise broken from None
    return found
