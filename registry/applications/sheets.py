"""
Reads every sheet of a workbook.  Runs alone, in a process with hard limits.

`registry.applications.filled` starts it, gives it the bytes on standard input and reads
[name, rows of texts] of each sheet as JSON.  It imports nothing of ours.
"""

import datetime
import io
import json
import resource
import sys
from typing import Any

MEGABYTE = 1024 * 1024


def limit_this_process() -> None:
    """Memory, time, open files and writing: so much and no more (ASVS 15.2.5)."""
    resource.setrlimit(resource.RLIMIT_AS, (512 * MEGABYTE, 512 * MEGABYTE))
    resource.setrlimit(resource.RLIMIT_CPU, (10, 10))
    resource.setrlimit(resource.RLIMIT_NOFILE, (16, 16))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def sheets(
    content: bytes, most_sheets: int, most_rows: int, most_columns: int
) -> list[tuple[str, list[list[str]]]]:
    """Each sheet with its cells as texts, the first row being that of the file."""
    from python_calamine import CalamineWorkbook

    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    found = []
    for name in book.sheet_names[:most_sheets]:
        sheet = book.get_sheet_by_name(name)
        rows: list[list[str]] = []
        for row in sheet.iter_rows() if sheet.end is not None else ():
            rows.append([_text(cell) for cell in row[:most_columns]])
            if len(rows) >= most_rows:
                break
        found.append((name, rows))
    return found


def _text(cell: Any) -> str:
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))  # spreadsheets keep whole numbers as fractions
    if isinstance(cell, datetime.datetime):
        midnight = cell.time() == datetime.time()
        return (cell.date() if midnight else cell).isoformat()
    if isinstance(cell, datetime.date | datetime.time):
        return cell.isoformat()
    return str(cell)[:5000]


if __name__ == "__main__":
    import python_calamine  # noqa: F401 - loading it needs more files than the limit

    limit_this_process()
    most = [int(one) for one in sys.argv[1:4]]
    json.dump(sheets(sys.stdin.buffer.read(), *most), sys.stdout)
