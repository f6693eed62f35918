"""Answers on their way into the process that writes them: a line a row, read late."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence

from registry.suppliers.sheets.refusal import Answers

#: Separators of ASCII for records and fields; in a text they mean nothing.
RECORD, FIELD = "\x1e", "\x1f"
PARTING = re.compile(f"[{RECORD}{FIELD}]")
#: What a file of JSON had may be half a letter.
ERRORS = "surrogatepass"


def packed(answers: Answers) -> bytes:
    """The answers as bytes: a line of JSON that says for what, then the rows."""
    about = {
        "sheet": answers.sheet,
        "header_row": answers.header_row,
        "header": answers.header,
    }
    lines = [_line(row, cells) for row, cells in answers.rows.items()]
    return (
        json.dumps(about).encode() + b"\n" + RECORD.join(lines).encode("utf-8", ERRORS)
    )


def _line(row: int, cells: Sequence[str]) -> str:
    line = FIELD.join(cells)
    if line.count(FIELD) >= len(cells) or RECORD in line:
        line = FIELD.join(PARTING.sub(" ", text) for text in cells)
    return f"{row}{FIELD}{line}"


def unpacked(content: bytes) -> Answers:
    """What was packed; a row becomes texts when it is asked for."""
    about, _, block = content.partition(b"\n")
    return Answers(**json.loads(about), rows=_Rows(block))


class _Rows(Mapping[int, Sequence[str]]):
    def __init__(self, block: bytes) -> None:
        self._lines: dict[int, bytes] = {}
        for line in block.split(RECORD.encode()) if block else ():
            row, _, cells = line.partition(FIELD.encode())
            self._lines[int(row)] = cells

    def __getitem__(self, row: int) -> Sequence[str]:
        return tuple(self._lines[row].decode("utf-8", ERRORS).split(FIELD))

    def __iter__(self) -> Iterator[int]:
        return iter(self._lines)

    def __len__(self) -> int:
        return len(self._lines)
