"""A workbook that comes back: its answers, or everything that is wrong in it."""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from registry.applications import sheets
from registry.applications.workbook import (
    ABOVE,
    ANSWERS,
    ROWS,
    STAMP,
    Question,
    cell_name,
    cells_of,
)
from registry.criteria.edition import Answer, Edition
from registry.criteria.values import WrongRows, WrongValue, read_value, to_json
from registry.errors import N_, Invalid, RegistryError

MOST_BYTES = 5 * 1024 * 1024
MOST_SHEETS, MOST_ROWS, MOST_COLUMNS = 60, 600, 120
PATIENCE = 20  # seconds on the wall; the process itself may compute for ten


class NoQuestionnaire(Invalid):
    """This file is not a questionnaire of the edition at hand; says what to do."""

    field = "file"


@dataclass(frozen=True)
class Mistake:
    """What is wrong in which cell, and the remedy."""

    sheet: str
    cell: str
    row: int
    label: Any  # Text of the question or column; None for the whole sheet
    refusal: RegistryError


@dataclass
class Filled:
    """What a workbook says: answers as the application keeps them, and mistakes."""

    answers: dict[str, Any] = field(default_factory=dict)
    mistakes: list[Mistake] = field(default_factory=list)


@dataclass(frozen=True)
class Sheet:
    """A sheet as it came: its name, and its cells as texts."""

    name: str
    rows: Sequence[Sequence[str]]

    def at(self, row: int, place: int) -> str:
        """A cell, "" outside; row and column from 0."""
        if row >= len(self.rows) or place >= len(self.rows[row]):
            return ""
        return self.rows[row][place].strip()

    @property
    def kind(self) -> str:
        return self.at(0, 0)


def read(content: bytes, edition: Edition) -> Filled:
    """The answers in a workbook of `edition`; empty cells are left out.

    At most 5 MB (ours); it is opened in a process of its own with hard limits. Raises
    NoQuestionnaire when it is no questionnaire, or that of another edition.
    """
    if not content.startswith(b"PK"):
        raise NoQuestionnaire(
            N_("This is no XLSX workbook: save the file as XLSX and send that.")
        )
    if len(content) > MOST_BYTES:
        raise NoQuestionnaire(
            N_("The file is larger than 5 MB: a questionnaire is much smaller.")
        )
    found = _opened(content)
    _is_of(edition, found)
    filled = Filled()
    for sheet in found:
        if sheet.kind == ANSWERS:
            _plain_answers(sheet, edition, filled)
        elif sheet.kind.startswith(ROWS):
            _repeated(sheet, edition, filled)
    return filled


def _opened(content: bytes) -> list[Sheet]:
    most = (MOST_SHEETS, MOST_ROWS, MOST_COLUMNS)
    try:
        done = subprocess.run(  # noqa: S603 - our own script, by its full path
            [sys.executable, "-I", str(Path(sheets.__file__)), *map(str, most)],
            input=content,
            capture_output=True,
            timeout=PATIENCE,
            check=False,
            env={},
        )
        return [Sheet(name, rows) for name, rows in json.loads(done.stdout)]
    except (subprocess.TimeoutExpired, ValueError):
        raise NoQuestionnaire(
            N_("The workbook is broken or too large to be read: download it again.")
        ) from None


def _is_of(edition: Edition, found: list[Sheet]) -> None:
    stamped = next((one for one in found if one.kind == STAMP), None)
    if stamped is None or not any(one.kind == ANSWERS for one in found):
        raise NoQuestionnaire(
            N_(
                "This workbook is not a questionnaire of the register: download it "
                "from this page and fill in that one."
            )
        )
    key, digest = stamped.at(0, 1), stamped.at(0, 2)
    if key != edition.key:
        raise NoQuestionnaire(
            N_(
                "This questionnaire is of the edition %(other)s, the application is "
                "under %(key)s: download it from this page and copy the answers there."
            ),
            other=key[:60],
            key=edition.key,
        )
    if digest != edition.digest:
        raise NoQuestionnaire(
            N_(
                "The fingerprint of this questionnaire is not that of the edition "
                "%(key)s: it was changed, or made before the edition was published. "
                "Download it again from this page."
            ),
            key=edition.key,
        )


# --- sheets ---------------------------------------------------------------------


def _plain_answers(sheet: Sheet, edition: Edition, filled: Filled) -> None:
    places = {sheet.at(row, 0): row for row in range(1, len(sheet.rows))}
    for name, answer in edition.answers.items():
        if answer.type == "rows":
            continue
        codes = [code for code, _ in cells_of(name, answer)]
        if not all(code in places for code in codes):
            refusal = NoQuestionnaire(_LACKS)
            filled.mistakes.append(Mistake(sheet.name, "A", 0, answer.label, refusal))
            continue
        cells = {code: sheet.at(places[code], 2) for code in codes}
        row = places[codes[0]]
        try:
            value = read_value(answer, _raw(name, answer, cells))
        except WrongValue as refusal:
            where = cell_name(row, 2)
            filled.mistakes.append(
                Mistake(sheet.name, where, row + 1, answer.label, refusal)
            )
            continue
        if value is not None:
            filled.answers[name] = to_json(answer, value)


def _repeated(sheet: Sheet, edition: Edition, filled: Filled) -> None:
    name = sheet.kind.removeprefix(ROWS)
    answer = edition.answers.get(name)
    if answer is None or answer.type != "rows":
        return
    codes = {sheet.at(0, place): place for place in range(1, MOST_COLUMNS)}
    lacking = list(_lacking(answer, codes))
    if lacking:
        gone = NoQuestionnaire(_LACKS)
        filled.mistakes += [Mistake(sheet.name, "1", 1, one, gone) for one in lacking]
        return
    given = list(_given(sheet, answer, codes))
    if not given:
        return
    try:
        value = read_value(answer, [row for _, row in given])
    except WrongRows as wrong:
        for index, column, refusal in wrong.cells:
            filled.mistakes.append(
                _in_row(sheet, answer, given[index][0], column, codes, refusal)
            )
        return
    except WrongValue as refusal:
        last = given[-1][0]
        filled.mistakes.append(
            Mistake(sheet.name, cell_name(last, 0), last + 1, answer.label, refusal)
        )
        return
    filled.answers[name] = to_json(answer, _whole(answer, value))


def _lacking(answer: Answer, codes: Mapping[str, int]) -> Iterator[Any]:
    for name, column in answer.columns.items():
        if not all(code in codes for code, _ in cells_of(name, column)):
            yield column.label


def _given(
    sheet: Sheet, answer: Answer, codes: Mapping[str, int]
) -> Iterator[tuple[int, dict[str, Any]]]:
    """Each row with something in it, with its place in the sheet from 0."""
    for row in range(ABOVE, len(sheet.rows)):
        cells = {code: sheet.at(row, place) for code, place in codes.items() if code}
        if any(cells.values()):
            yield (
                row,
                {
                    name: _raw(name, column, cells)
                    for name, column in answer.columns.items()
                },
            )


def _in_row(
    sheet: Sheet,
    answer: Answer,
    row: int,
    column: str | None,
    codes: Mapping[str, int],
    refusal: RegistryError,
) -> Mistake:
    if column is None:
        return Mistake(sheet.name, cell_name(row, 0), row + 1, answer.label, refusal)
    found = answer.columns[column]
    code, _ = cells_of(column, found)[0]
    where = cell_name(row, codes[code])
    return Mistake(sheet.name, where, row + 1, found.label, refusal)


def _raw(name: str, question: Question, cells: Mapping[str, str]) -> Any:
    """What was typed, with options by their names; None where nothing was."""
    if question.type == "choices":
        ticked = {option: cells[code] for code, option in cells_of(name, question)}
        if not any(ticked.values()):
            return None
        # What is neither yes nor no is no option either, and is refused as such.
        return [
            option if text.casefold() in _YES_NO else text
            for option, text in ticked.items()
            if text and _YES_NO.get(text.casefold(), True)
        ]
    text = cells[name]
    if question.type == "choice":
        for option, label in question.options.items():
            if text.casefold() in (label.it.casefold(), label.en.casefold(), option):
                return option
    return text or None


def _whole(answer: Answer, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """In a row somebody filled in, several choices left empty say “none of these”."""
    empty = {
        name: ()
        for name, column in answer.columns.items()
        if column.type == "choices" and column.optional
    }
    return [{**empty, **row} for row in rows]


_YES_NO = {"yes": True, "sì": True, "si": True, "x": True, "no": False}
_LACKS = N_(
    "This question is no longer where it was in the file: download the questionnaire "
    "again and copy the answers there."
)
