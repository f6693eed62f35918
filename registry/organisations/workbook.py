"""
Reads the first sheet of a workbook.  Runs alone, in a process with hard limits.

`registry.organisations.reading` starts it, gives it the bytes on standard input and
reads rows of texts as JSON.  It imports nothing of ours.
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


def rows(content: bytes, most_rows: int, most_columns: int) -> list[list[str]]:
    """The cells of the first sheet as texts; one row and column more than the most."""
    from python_calamine import CalamineWorkbook

    sheet = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0)
    if sheet.end is None:
        return []
    found = []
    for row in sheet.iter_rows():
        found.append([_text(cell) for cell in row[: most_columns + 1]])
        if len(found) > most_rows:
            break
    return found


def _text(cell: Any) -> str:
    if isinstance(cell, bool):
        return "sì" if cell else "no"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))  # spreadsheets keep whole numbers as fractions
    if isinstance(cell, datetime.date | datetime.datetime | datetime.time):
        return cell.isoformat()
    return str(cell)[:5000]


if __name__ == "__main__":
    import python_calamine  # noqa: F401 - loading it needs more files than the limit

    limit_this_process()
    json.dump(
        rows(sys.stdin.buffer.read(), int(sys.argv[1]), int(sys.argv[2])), sys.stdout
    )
