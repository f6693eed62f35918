"""Long or coded texts made easy to read."""

import re
from datetime import date

from flask_babel import format_date

MONTH = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])")


def sentences(text: str) -> list[str]:
    """A rule read back, cut where a sentence ends outside all brackets."""
    found, depth, start = [], 0, 0
    for place, letter in enumerate(text):
        depth += (letter == "(") - (letter == ")")
        ends = letter == "." and re.match(r" [A-ZÀ-Ý«“]", text[place + 1 : place + 3])
        if ends and depth == 0:
            found.append(text[start : place + 1])
            start = place + 2
    return [*found, text[start:]]


def period(code: str) -> str:
    """The date of a published list: "2023", or "2024-08" as agosto 2024."""
    month = MONTH.fullmatch(code)
    if month is None:
        return code
    return str(format_date(date(int(month[1]), int(month[2]), 1), "LLLL y"))
