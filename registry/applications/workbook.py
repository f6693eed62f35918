"""
The questionnaire of an edition as a workbook, to be filled off line.

A hidden first row says what each sheet is, a hidden first column which question a row
asks, so that reading back (registry.applications.filled) does not depend on languages,
on the order of sheets, or on where things stand.
"""

import datetime as dt
import io
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

import xlsxwriter
from flask_babel import gettext as _

from registry.criteria.edition import Answer, Column, Edition
from registry.criteria.wording import Wording
from registry.web.language import page_language

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
#: In the first cell of the sheet that carries the stamp; its number is the layout's.
STAMP = "registry-questionnaire/1"
ANSWERS, ROWS, LISTS = "answers", "rows:", "lists"
#: Rows of a sheet of repeated answers before the first that is filled in.
ABOVE = 3
#: A sheet's name: at most so long, and without these (Excel's rule).
LONGEST_NAME = 31
NOT_IN_NAMES = re.compile(r"[\[\]:*?/\\']")
LINE = 15.0  # points, of Calibri 11
FIRST_DAY, LAST_DAY = dt.date(1900, 1, 1), dt.date(2199, 12, 31)

Question = Answer | Column


def cells_of(name: str, question: Question) -> list[tuple[str, str | None]]:
    """The cells a question takes: (code, option); one for each option of several."""
    if question.type == "choices":
        return [(f"{name}:{option}", option) for option in question.options]
    return [(name, None)]


def workbook(edition: Edition, values: Mapping[str, Any], *, draft: bool) -> bytes:
    """The workbook in the language of the page, with `values` filled in.

    The same call gives the same bytes. `draft` says so on the first sheet.
    """
    return _Book(edition, values, draft=draft).made()


class _Book:
    def __init__(
        self, edition: Edition, values: Mapping[str, Any], *, draft: bool
    ) -> None:
        self.edition, self.values, self.draft = edition, values, draft
        self.language = page_language()
        self.words = Wording(edition, self.language)
        self.bytes = io.BytesIO()
        self.book = xlsxwriter.Workbook(self.bytes, {"in_memory": True})
        made_on = dt.datetime.combine(edition.in_force_from, dt.time())
        self.book.set_properties(
            {"title": edition.title.in_(self.language), "created": made_on}
        )
        self.names: set[str] = set()
        self.lists: dict[tuple[str, ...], str] = {}
        self.list_rows: list[tuple[str, ...]] = []
        self._formats()

    def made(self) -> bytes:
        rows = {n: a for n, a in self.edition.answers.items() if a.type == "rows"}
        self._instructions()
        self._answers()
        for name, answer in rows.items():
            self._rows(name, answer)
        self._lists()
        self.book.close()
        return self.bytes.getvalue()

    def _formats(self) -> None:
        def made(**kind: Any) -> Any:
            return self.book.add_format({"valign": "top", "text_wrap": True, **kind})

        open_cell = {"locked": False, "border": 1, "bg_color": "#FFFDF5"}
        self.plain, self.bold = made(), made(bold=True)
        self.title = self.book.add_format(
            {"bold": True, "font_size": 16, "font_color": "#0F4C46"}
        )
        self.heading = made(bold=True, font_size=12, font_color="#0F4C46")
        self.header = made(bold=True, bg_color="#F6F1E4", border=1)
        self.hint = made(font_color="#52615F", italic=True)
        self.open = {
            "date": made(**open_cell, num_format="dd/mm/yyyy", align="left"),
            "integer": made(**open_cell, num_format="0", align="left"),
            "decimal": made(**open_cell, num_format="0.0", align="left"),
        }
        self.open_text = made(**open_cell, num_format="@")

    # --- the sheets -----------------------------------------------------------

    def _instructions(self) -> None:
        sheet = self._sheet(_("Instructions"))
        edition = self.edition
        for at, text in enumerate((STAMP, edition.key, edition.digest, self.language)):
            sheet.write_string(0, at, text)
        sheet.set_column(0, 0, 28)
        sheet.set_column(1, 1, 90)
        sheet.write_string(1, 0, edition.title.in_(self.language), self.title)
        facts = [(_("Edition"), edition.key), (_("Fingerprint"), edition.digest)]
        if self.draft:
            facts.append((_("State"), _("draft, not in force")))
        for at, (label, value) in enumerate(facts, start=3):
            sheet.write_string(at, 0, label, self.bold)
            sheet.write_string(at, 1, value, self.plain)
        for at, text in enumerate(_how_to(), start=4 + len(facts)):
            sheet.write_string(at, 1, text, self.plain)
            sheet.set_row(at, _height((text, 90)))

    def _answers(self) -> None:
        sheet = self._sheet(_("Answers"))
        sheet.write_string(0, 0, ANSWERS)
        sheet.set_column(0, 0, None, None, {"hidden": True})
        for at, (label, width) in enumerate(
            ((_("Question"), 60), (_("Answer"), 32), (_("How to answer"), 60)), start=1
        ):
            sheet.set_column(at, at, width)
            sheet.write_string(1, at, label, self.header)
        sheet.freeze_panes(2, 0)
        row = 2
        for section, titled in self.edition.sections.items():
            sheet.write_string(row, 1, titled.title.in_(self.language), self.heading)
            row += 1
            for name, answer in self.edition.answers_in(section).items():
                for code, option in cells_of(name, answer):
                    self._question(sheet, row, code, name, option)
                    row += 1

    def _question(
        self, sheet: Any, row: int, code: str, name: str, option: str | None
    ) -> None:
        answer = self.edition.answers[name]
        label = self._label(answer, option)
        sheet.write_string(row, 1, label, self.plain)
        if answer.type == "rows":
            where = _("On its own sheet: %(name)s", name=self._name_of(name))
            sheet.write_string(row, 3, where, self.hint)
            return
        sheet.write_string(row, 0, code)
        self._cell(sheet, row, 2, answer, option, self.values.get(name))
        notes = " ".join(self._notes(answer))
        sheet.write_string(row, 3, notes, self.hint)
        sheet.set_row(row, _height((label, 60), (notes, 60)))

    def _rows(self, name: str, answer: Answer) -> None:
        sheet = self._sheet(self._name_of(name), named=True)
        sheet.write_string(0, 0, f"{ROWS}{name}")
        sheet.write_string(1, 0, _("Row"), self.header)
        sheet.set_column(0, 0, 6)
        sheet.freeze_panes(ABOVE, 1)
        saved = self.values.get(name) or []
        sheet.set_row(1, 4 * LINE)
        sheet.set_row(2, 6 * LINE)
        place = 1
        for column_name, column in answer.columns.items():
            for code, option in cells_of(column_name, column):
                sheet.set_column(place, place, 20)
                sheet.write_string(0, place, code)
                sheet.write_string(1, place, self._label(column, option), self.header)
                hint = " ".join(self._notes(column))
                sheet.write_string(2, place, hint, self.hint)
                for number in range(answer.max_rows):
                    row = saved[number] if number < len(saved) else {}
                    at = ABOVE + number
                    value = row.get(column_name)
                    self._cell(sheet, at, place, column, option, value)
                place += 1
        for number in range(answer.max_rows):
            sheet.write_number(ABOVE + number, 0, number + 1, self.hint)

    def _lists(self) -> None:
        sheet = self.book.add_worksheet(self._free(_("Values")))
        sheet.write_string(0, 0, LISTS)
        for at, labels in enumerate(self.list_rows, start=1):
            for place, label in enumerate(labels):
                sheet.write_string(at, place, label)
        sheet.hide()
        sheet.protect()

    # --- one cell -------------------------------------------------------------

    def _cell(
        self,
        sheet: Any,
        row: int,
        place: int,
        question: Question,
        option: str | None,
        value: Any,
    ) -> None:
        style = self.open.get(question.type, self.open_text)
        if rule := self._validation(question):
            sheet.data_validation(row, place, row, place, rule)
        if option is not None and value is not None:
            value = option in value
        if value is None:
            sheet.write_blank(row, place, None, style)
        elif isinstance(value, bool):
            sheet.write_string(row, place, _("Yes") if value else _("No"), style)
        elif isinstance(value, dt.date):
            moment = dt.datetime.combine(value, dt.time())
            sheet.write_datetime(row, place, moment, style)
        elif isinstance(value, int | Decimal):
            sheet.write_number(row, place, float(value), style)
        else:
            text = self.words.option(question.options, value)
            sheet.write_string(row, place, text, style)

    def _validation(self, question: Question) -> dict[str, Any] | None:
        if question.type in ("yes_no", "choices"):
            return self._listed((_("Yes"), _("No")))
        if question.type == "choice":
            labels = (one.in_(self.language) for one in question.options.values())
            return self._listed(tuple(labels))
        told = {"error_title": _("Check this answer"), "ignore_blank": True}
        if question.type == "date":
            days = {"minimum": FIRST_DAY, "maximum": LAST_DAY}
            error = _("Write a day, such as 31/12/2025.")
            kind = {"validate": "date", "criteria": "between"}
            return {**kind, **days, **told, "error_message": error}
        if question.type in ("integer", "decimal"):
            low = 0 if question.min is None else question.min
            high = 10**9 if question.max is None else question.max
            error = _("Write a number from %(low)s to %(high)s.", low=low, high=high)
            kind = {"validate": question.type, "criteria": "between"}
            limits = {"minimum": low, "maximum": high}
            return {**kind, **limits, **told, "error_message": error}
        return None

    def _listed(self, labels: tuple[str, ...]) -> dict[str, Any]:
        if labels not in self.lists:
            self.list_rows.append(labels)
            at = len(self.list_rows) + 1
            last = _letters(len(labels) - 1)
            sheet = _("Values")
            self.lists[labels] = f"='{sheet}'!$A${at}:${last}${at}"
        return {
            "validate": "list",
            "source": self.lists[labels],
            "error_title": _("Check this answer"),
            "error_message": _("Choose from the list."),
        }

    # --- words ----------------------------------------------------------------

    def _label(self, question: Question, option: str | None) -> str:
        label = question.label.in_(self.language)
        if option is None:
            return label
        return f"{label}: {question.options[option].in_(self.language)}"

    def _notes(self, question: Question) -> Iterator[str]:
        if question.help:
            yield question.help.in_(self.language)
        if question.optional:
            yield _("Optional.")
        if isinstance(question, Answer) and question.asked_if is not None:
            when = self.words.ask(question.asked_if, self.words.scope)
            yield _("Only if: %(rule)s.", rule=when)

    def _sheet(self, name: str, *, named: bool = False) -> Any:
        sheet = self.book.add_worksheet(name if named else self._free(name))
        sheet.set_row(0, None, None, {"hidden": True})
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        allowed = {"format_columns": True, "format_rows": True, "sort": True}
        sheet.protect("", allowed)
        footer = f"&L{self.edition.key} {self.edition.digest[:16]}&R&P / &N"
        sheet.set_footer(footer)
        return sheet

    def _name_of(self, name: str) -> str:
        """The name of the sheet of a repeated answer: the same wherever it is told."""
        label = self.edition.answers[name].label.in_(self.language)
        number = [n for n, a in self.edition.answers.items() if a.type == "rows"]
        front = f"{number.index(name) + 1}. "
        clean = NOT_IN_NAMES.sub(" ", label)
        return f"{front}{clean}"[:LONGEST_NAME].strip()

    def _free(self, name: str) -> str:
        return NOT_IN_NAMES.sub(" ", name)[:LONGEST_NAME]


def _how_to() -> list[str]:
    return [
        _("Fill in the yellowish cells only; the others are locked so that the file "
          "can be read back."),
        _("Repeated answers (assemblies, courses…) have a sheet each: one row each."),
        _("Where a cell has a list, choose from it. Days are written as 31/12/2025."),
        _("A cell left empty changes nothing when the file is read back; a sheet with "
          "rows takes the place of the rows saved before."),
        _("Questions with “Only if” are answered only in that case."),
        _("To hand it in, open the draft of the application and choose “Fill in off "
          "line”. If something is wrong you are told the sheet, the cell and what to "
          "do, and nothing is taken over until all is right."),
        _("The documents are attached on the pages of the application."),
    ]  # fmt: skip


def _height(*texts: tuple[str, int]) -> float:
    """Points a row needs for texts, each in a column of so many letters.

    Spreadsheets leave the height of a row as it was written.
    """
    return LINE * max(1, *(-(-len(text) // (width - 6)) for text, width in texts))


def _letters(place: int) -> str:
    """A column from 0 as spreadsheets call it: A, B, …, AA."""
    letters = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def cell_name(row: int, place: int) -> str:
    """A cell as spreadsheets call it; row and column from 0."""
    return f"{_letters(place)}{row + 1}"
