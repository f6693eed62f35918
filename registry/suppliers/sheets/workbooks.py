"""What XLSX and ODS have in common: their cells, read by calamine as texts."""

import datetime
import io
import re
from typing import Any

from registry.suppliers.sheets.refusal import Limits, Refused, Sheet

MOST_SHEETS = 30
LETTERS = re.compile(r"[A-Z]{1,3}")


def sheets(content: bytes, limits: Limits) -> list[Sheet]:
    """Every sheet that shows and holds something.  Raises Refused."""
    import python_calamine as calamine

    try:
        book = calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
        shown = [
            one.name
            for one in book.sheets_metadata
            if one.typ == calamine.SheetTypeEnum.WorkSheet
            and one.visible == calamine.SheetVisibleEnum.Visible
        ]
        if len(shown) > MOST_SHEETS:
            raise Refused("too_many_sheets")
        return [_sheet(book, name, limits) for name in shown]
    except calamine.PasswordError:
        raise Refused("encrypted") from None
    except (calamine.CalamineError, OSError, ValueError, OverflowError):
        raise Refused("broken") from None


def _sheet(book: Any, name: str, limits: Limits) -> Sheet:
    sheet = book.get_sheet_by_name(name)
    if sheet.start is None:
        return Sheet(name, [])
    before = [""] * sheet.start[1]
    cut = limits.characters
    rows = [[*before, *(_text(cell, cut) for cell in row)] for row in sheet.iter_rows()]
    return Sheet(name, rows)


def _text(cell: Any, cut: int) -> str:
    kind = type(cell)
    if kind is str:
        return str(cell[:cut]).strip()
    if kind is float and cell.is_integer():
        return str(int(cell))  # spreadsheets keep whole numbers as fractions
    if kind is bool:
        return "1" if cell else "0"
    if isinstance(cell, datetime.date | datetime.datetime | datetime.time):
        return cell.isoformat()
    return str(cell)[:cut]


def check_extent(rows: int, last_row: int, columns: int, limits: Limits) -> None:
    """
    Refuse what would not fit in memory once laid out: `last_row` and `columns` bound
    the cells that hold something, `rows` have one.  Raises Refused.
    """
    if rows > limits.lines:
        raise Refused("too_many_rows", most=limits.rows)
    if columns > limits.columns or last_row > 2 * limits.lines + 1000:
        raise Refused("far_cells", most=limits.columns)
    if last_row * columns > limits.cells:
        raise Refused("too_many_cells")


def column_number(letters: str) -> int:
    """A is 0, Z is 25, AA is 26."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


def column_letters(number: int) -> str:
    """0 is A, 25 is Z, 26 is AA."""
    letters = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
