"""The sheet that holds the suppliers, and the header by which it is known again."""

from collections.abc import Sequence
from dataclasses import dataclass

from registry.search import key
from registry.suppliers import queries
from registry.suppliers.columns import FIRST_ROWS, Layout, layout_of
from registry.suppliers.models import SupplierList
from registry.suppliers.reading import Tables
from registry.suppliers.sheets.refusal import Sheet
from registry.suppliers.sheets.workbooks import column_letters
from registry.suppliers.vault import Vault

ROWS_SHOWN = 8


def chosen(tables: Tables, company_id: int, vault: Vault) -> tuple[Sheet, Layout]:
    """The sheet to check and its columns: first what the company said before."""
    found = [(one, layout(one, company_id, vault)) for one in tables.sheets]
    return max(found, key=lambda pair: (pair[1].sure, len(pair[0].rows)))


def layout(sheet: Sheet, company_id: int, vault: Vault) -> Layout:
    """The columns of a sheet, as the company named them once or as they look."""
    marks = {
        header_mark(sheet.rows, number, company_id, vault): number
        for number in (None, *range(min(FIRST_ROWS, len(sheet.rows))))
    }
    for mark, columns in queries.layouts(company_id, list(marks)).items():
        return Layout({name: int(n) for name, n in columns.items()}, marks[mark])
    return layout_of(sheet.rows)


def header_mark(
    rows: Sequence[Sequence[str]], number: int | None, company_id: int, vault: Vault
) -> str:
    """By what a table is known again: its header, or without one how wide it is."""
    if number is None:
        width = max(map(len, rows[:FIRST_ROWS]), default=0)
        return vault.mark("layout", str(company_id), "", str(width))
    cells = [key(cell) for cell in rows[number]]
    while cells and not cells[-1]:
        cells.pop()
    return vault.mark("layout", str(company_id), *cells)


@dataclass(frozen=True)
class Preview:
    """The beginning of a list's table, for who says which column is which."""

    rows: list[list[str]]
    layout: Layout

    @property
    def first(self) -> int:
        """The row shown first: the header, if there is one."""
        return self.layout.header_row or 0

    @property
    def shown(self) -> list[list[str]]:
        """A few rows, all as wide as the widest."""
        few = self.rows[self.first : self.first + ROWS_SHOWN]
        width = max(map(len, few), default=0)
        return [[*row, *[""] * (width - len(row))] for row in few]

    @property
    def letters(self) -> list[str]:
        """The columns as spreadsheets call them."""
        return [column_letters(n) for n in range(len(self.shown[0]))]

    @property
    def named(self) -> list[tuple[str, str]]:
        """Each column by its letter and what stands on top of it."""
        return list(zip(self.letters, self.shown[0], strict=True))


def preview(of: SupplierList, vault: Vault) -> Preview:
    """The table of a list, with its columns as they are understood now."""
    (table,) = queries.contents(of, "table", vault)
    (kept,) = queries.contents(of, "layout", vault)
    return Preview(table["rows"], Layout.read(kept))
