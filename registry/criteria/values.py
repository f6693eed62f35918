"""From what a person types to a typed value, and to JSON and back.

Values are: bool, str (choice, text), tuple of str (choices, in the order of the
options), int, Decimal, date, and for rows a list of dicts of these by column.
"""

import datetime as dt
import re
import unicodedata
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from registry.criteria.edition import Answer, Column
from registry.errors import N_, Invalid

Value = Any
_HIDDEN = ("Cc", "Cf", "Cs", "Co", "Cn")
_INTEGER = re.compile(r"^-?\d{1,9}$")
_GROUPED = re.compile(r"^\d{1,3}(\.\d{3})+$")
_DECIMAL = re.compile(r"^-?\d{1,7}(\.\d)?$")
_ITALIAN_DAY = re.compile(r"^(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})$")
_YES = {"yes", "true", "1", "si", "sì"}
_NO = {"no", "false", "0"}


class WrongValue(Invalid):
    """The value does not fit its question; the message names the rule."""


class WrongRows(WrongValue):
    """Cells of a repeated row do not fit.

    `cells` holds (row index from 0, column name, WrongValue) for each; the column is
    None where the row as a whole is wrong.
    """

    def __init__(self, cells: list[tuple[int, str | None, WrongValue]]) -> None:
        super().__init__(N_("Some rows are incomplete or wrong."))
        self.cells = cells


def read_value(question: Answer | Column, raw: Any) -> Value:
    """The typed value of what was typed; None when nothing was.

    Raises WrongValue (WrongRows for rows) when it does not fit the question.
    """
    if raw is None or raw == "" or raw == () or raw == []:
        return [] if _wants_rows(question) and raw is not None else None
    if isinstance(raw, str) and not raw.strip():
        return None
    return _READERS[question.type](question, raw)


def to_json(question: Answer | Column, value: Value) -> Any:
    """The JSON form: ISO days, decimals as strings, lists, objects, bool, int, str."""
    if value is None:
        return None
    if isinstance(question, Answer) and question.type == "rows":
        return [
            {
                name: to_json(column, row.get(name))
                for name, column in question.columns.items()
                if row.get(name) is not None
            }
            for row in value
        ]
    return plain(value)


def plain(value: Any) -> Any:
    """A value as JSON can carry it."""
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, Mapping):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, tuple | list):
        return [plain(one) for one in value]
    return value


def from_json(question: Answer | Column, json: Any) -> Value:
    """The typed value of its JSON form; None where it is not legal any more."""
    if json is None:
        return None
    try:
        value = _from_json(question, json)
    except (TypeError, ValueError, ArithmeticError, AttributeError):
        return None
    return value if is_legal(question, value) else None


def _from_json(question: Answer | Column, json: Any) -> Value:
    if isinstance(question, Answer) and question.type == "rows":
        return [
            {
                name: from_json(column, row.get(name))
                for name, column in question.columns.items()
                if row.get(name) is not None
            }
            for row in json
        ]
    if question.type == "date":
        return dt.date.fromisoformat(json)
    if question.type == "decimal":
        return Decimal(str(json))
    if question.type == "choices":
        return tuple(json)
    return json


def is_legal(question: Answer | Column, value: Any) -> bool:
    """Whether a value has the type and the limits of its question."""
    return _LEGAL[question.type](question, value)


def _wants_rows(question: Answer | Column) -> bool:
    return question.type == "rows"


# --- what is legal ------------------------------------------------------------


def _number_fits(question: Answer | Column, value: int | Decimal) -> bool:
    low = 0 if question.min is None else question.min
    return low <= value and (question.max is None or value <= question.max)


def _legal_choices(question: Answer | Column, value: Any) -> bool:
    return (
        type(value) is tuple
        and all(type(one) is str and one in question.options for one in value)
        and len(set(value)) == len(value)
    )


def _legal_decimal(question: Answer | Column, value: Any) -> bool:
    return (
        type(value) is Decimal and value.is_finite() and _number_fits(question, value)
    )


def _legal_rows(question: Answer | Column, value: Any) -> bool:
    return (
        isinstance(value, list | tuple)
        and all(isinstance(row, Mapping) for row in value)
        and isinstance(question, Answer)
        and len(value) <= question.max_rows
    )


_LEGAL: dict[str, Callable[[Answer | Column, Any], bool]] = {
    "yes_no": lambda question, value: type(value) is bool,
    "choice": lambda question, value: type(value) is str and value in question.options,
    "choices": _legal_choices,
    "integer": lambda question, value: (
        type(value) is int and _number_fits(question, value)
    ),
    "decimal": _legal_decimal,
    "date": lambda question, value: type(value) is dt.date,
    "text": lambda question, value: (
        type(value) is str and len(value) <= question.max_length
    ),
    "rows": _legal_rows,
}


# --- reading what was typed ---------------------------------------------------


def _read_yes_no(question: Answer | Column, raw: Any) -> bool:
    if type(raw) is bool:
        return raw
    word = str(raw).strip().casefold()
    if word in _YES:
        return True
    if word in _NO:
        return False
    raise WrongValue(N_("Choose yes or no."))


def _read_choice(question: Answer | Column, raw: Any) -> str:
    if type(raw) is str and raw in question.options:
        return raw
    raise WrongValue(N_("Choose one of the options listed."))


def _read_choices(question: Answer | Column, raw: Any) -> tuple[str, ...]:
    given = [raw] if isinstance(raw, str) else raw
    if not isinstance(given, list | tuple | set | frozenset):
        raise WrongValue(N_("Choose one of the options listed."))
    if any(type(one) is not str or one not in question.options for one in given):
        raise WrongValue(N_("Choose one of the options listed."))
    return tuple(option for option in question.options if option in given)


def _within(question: Answer | Column, value: int | Decimal) -> None:
    low = 0 if question.min is None else question.min
    if value < low:
        raise WrongValue(N_("The number must be at least %(limit)s."), limit=low)
    if question.max is not None and value > question.max:
        raise WrongValue(
            N_("The number must be at most %(limit)s."), limit=question.max
        )


def _read_integer(question: Answer | Column, raw: Any) -> int:
    text = str(raw).strip().replace(" ", "").replace("\u00a0", "")
    if _GROUPED.match(text):
        text = text.replace(".", "")
    if isinstance(raw, bool) or not text.isascii() or not _INTEGER.match(text):
        raise WrongValue(N_("Write a whole number, in digits."))
    _within(question, int(text))
    return int(text)


def _read_decimal(question: Answer | Column, raw: Any) -> Decimal:
    text = str(raw).strip().replace(",", ".")
    if isinstance(raw, bool) or not text.isascii() or not _DECIMAL.match(text):
        raise WrongValue(
            N_("Write a number with at most one decimal place, such as 4,5.")
        )
    _within(question, Decimal(text))
    return Decimal(text)


def _read_date(question: Answer | Column, raw: Any) -> dt.date:
    day = raw if type(raw) is dt.date else _parse_day(str(raw).strip())
    if not 1900 <= day.year <= 2200:
        raise WrongValue(N_("Check the year of this date."))
    return day


def _parse_day(text: str) -> dt.date:
    italian = _ITALIAN_DAY.match(text)
    try:
        if italian:
            day, month, year = map(int, italian.groups())
            return dt.date(year, month, day)
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII):
            return dt.date.fromisoformat(text)
    except ValueError:
        raise WrongValue(N_("This day does not exist in the calendar.")) from None
    raise WrongValue(N_("Write the date as day/month/year, such as 31/12/2025."))


def _read_text(question: Answer | Column, raw: Any) -> str:
    text = unicodedata.normalize("NFC", str(raw)).strip()
    text = "".join(
        c for c in text if c in "\n\t" or unicodedata.category(c) not in _HIDDEN
    )
    if len(text) > question.max_length:
        raise WrongValue(
            N_("The text may have at most %(limit)s characters."),
            limit=question.max_length,
        )
    if question.table == "contracts":
        return _read_code(text)
    return text


def _read_code(text: str) -> str:
    code = text.upper()
    if not re.fullmatch(r"[A-Z][0-9A-Z]{3}", code, re.ASCII):
        raise WrongValue(
            N_("A contract code is one letter and three letters or digits, like T151.")
        )
    return code


def _read_rows(question: Answer | Column, raw: Any) -> list[dict[str, Value]]:
    if not isinstance(question, Answer) or not isinstance(raw, list | tuple):
        raise WrongValue(N_("Some rows are incomplete or wrong."))
    if len(raw) > question.max_rows:
        raise WrongValue(
            N_("At most %(limit)s rows are accepted."), limit=question.max_rows
        )
    wrong: list[tuple[int, str | None, WrongValue]] = []
    rows = [_read_row(question, i, row, wrong) for i, row in enumerate(raw)]
    if wrong:
        raise WrongRows(wrong)
    return [row for row in rows if row]


def _read_row(
    question: Answer,
    index: int,
    raw: Any,
    wrong: list[tuple[int, str | None, WrongValue]],
) -> dict[str, Value]:
    if not isinstance(raw, Mapping):
        wrong.append((index, None, WrongValue(N_("This row cannot be read."))))
        return {}
    row: dict[str, Value] = {}
    for name, column in question.columns.items():
        try:
            value = read_value(column, raw.get(name))
        except WrongValue as refusal:
            wrong.append((index, name, refusal))
            continue
        if value is not None:
            row[name] = value
    return row


def missing_cells(question: Answer, rows: Any) -> list[tuple[int, str]]:
    """(row index, column) of every cell that must be given and is not."""
    return [
        (index, name)
        for index, row in enumerate(rows or ())
        for name, column in question.columns.items()
        if not column.optional and row.get(name) is None
    ]


_READERS: dict[str, Callable[[Answer | Column, Any], Value]] = {
    "yes_no": _read_yes_no,
    "choice": _read_choice,
    "choices": _read_choices,
    "integer": _read_integer,
    "decimal": _read_decimal,
    "date": _read_date,
    "text": _read_text,
    "rows": _read_rows,
}
