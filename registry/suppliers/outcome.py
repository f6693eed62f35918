"""What comes of a checked list: texts for the company's file, and counts."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from flask_babel import force_locale, gettext

from registry.certificates.layouts import mark_of
from registry.certificates.standing import REASONS, Code
from registry.criteria.schemes import MAIN_SCHEME
from registry.errors import N_
from registry.suppliers.answers import (
    NOTHING,
    UNREADABLE,
    Answer,
)
from registry.suppliers.columns import LABELS
from registry.web.standings import ROWS, STANDINGS

#: Certificates that end so soon are told apart; as the letters of expiry.
SOON = timedelta(days=90)
EXPIRING = "expiring"
IN_FORCE = (Code.VALID.value, Code.IN_UPDATE.value)

#: How the answers beside those of a certificate are said and shown.
LOOKS = {**STANDINGS, **ROWS}
FOUND_BY = {
    **LABELS,
    "name": N_("same name and place"),
    "confirmed": N_("name confirmed by you"),
}
#: The columns that are added, by the names programs know them by.
COLUMNS = {
    "status": N_("Impact – status"),
    "since": N_("Impact – since"),
    "certificate": N_("Impact – certificate"),
    "expires": N_("Impact – expires"),
    "edition": N_("Impact – edition"),
    "legal_name": N_("Impact – name in the register"),
    "match": N_("Impact – found by"),
    "score": N_("Impact – likeness"),
    "notes": N_("Impact – notes"),
    "checked_on": N_("Impact – status on"),
}
#: For programs alone: for people each column bears the mark in its name.
SCHEME = "scheme"
RECEIPT = N_("Impact – receipt no.")
NOTES_JOINED = " "
#: Answers with no more than this are all alike.
PLAIN = {"status", "reason"}
LIKE = N_("Like: %(names)s.")


class Texts:
    """The answers as texts, in one language or, for programs, as codes."""

    def __init__(self, language: str, on: date, scheme: str, *, coded: bool) -> None:
        self.on, self.coded, self.scheme = on.isoformat(), coded, scheme
        with force_locale(language):
            self._status = {code: gettext(look.word) for code, look in LOOKS.items()}
            self._found_by = {code: gettext(word) for code, word in FOUND_BY.items()}
            self._reasons = {code: gettext(word) for code, word in REASONS.items()}
            self.header = [self._of_mark(gettext(word)) for word in COLUMNS.values()]
            self.receipt = self._of_mark(gettext(RECEIPT))
        self.language = language
        self._plain: dict[Any, list[str]] = {}
        self._sentences: dict[str, str] = {}
        if coded:
            self.header, self.receipt = [*COLUMNS, SCHEME], "receipt"

    def _of_mark(self, column: str) -> str:
        return column.replace(mark_of(MAIN_SCHEME), mark_of(self.scheme), 1)

    def cells(self, answer: Answer) -> list[str]:
        """What stands in the added columns of a row; equal answers share a list."""
        if answer.keys() <= PLAIN:
            known = (answer["status"], answer.get("reason"))
            if known not in self._plain:
                self._plain[known] = self._cells(answer)
            return self._plain[known]
        return self._cells(answer)

    def _cells(self, answer: Answer) -> list[str]:
        status = answer["status"]
        found_by = answer.get("by", "")
        return [
            status if self.coded else self._status[status],
            answer.get("since", ""),
            answer.get("certificate", ""),
            answer.get("expires", ""),
            answer.get("edition", ""),
            answer.get("legal_name", ""),
            found_by if self.coded else self._found_by.get(found_by, ""),
            str(answer.get("score", "")),
            self._notes(answer),
            "" if status in (NOTHING, UNREADABLE) else self.on,
            *([self.scheme] if self.coded else ()),
        ]

    def _notes(self, answer: Answer) -> str:
        said = []
        reason = answer.get("reason")
        if self.coded and reason:
            said.append(reason)
        elif reason and reason != Code.NEVER_CERTIFIED:  # the status says it already
            said.append(self._reasons[reason])
        for words, params in answer.get("notes", ()):
            said.append(self._said(words) % params)
        if offered := answer.get("offered"):
            names = [f"{one['matched']} ({one['score']})" for one in offered]
            said.append(self._said(LIKE) % {"names": ", ".join(names)})
        return NOTES_JOINED.join(said)

    def _said(self, words: str) -> str:
        """A sentence in the language of the file, its places still open."""
        if words not in self._sentences:
            with force_locale(self.language):
                self._sentences[words] = gettext(words)
        return self._sentences[words]


def counts(answers: Iterable[Answer], on: date) -> dict[str, int]:
    """How many rows have each status, and how many certificates end soon."""
    counted: Counter[str] = Counter()
    for answer in answers:
        counted[answer["status"]] += 1
        counted[EXPIRING] += ends_soon(answer, on)
    if not counted[EXPIRING]:
        del counted[EXPIRING]
    return dict(counted)


def ends_soon(answer: Mapping[str, Any], on: date) -> bool:
    """
    Whether a certificate in force on a day ends within 90 days of it.

    One whose last day is past is kept alive by a renewal filed in time.
    """
    ends = answer.get("expires")
    if ends is None or answer["status"] not in IN_FORCE:
        return False
    return on <= date.fromisoformat(ends) <= on + SOON


def rows_counted(counted: Mapping[str, int]) -> dict[str, int]:
    """The counts by status alone: each row once."""
    return {status: n for status, n in counted.items() if status in LOOKS and n}


def proved(
    cells: Mapping[int, Sequence[str]], header: Sequence[str]
) -> Iterable[dict[str, str]]:
    """The rows as a receipt proves them, in their order.

    Each is its number in the file, the header being a row too, and the texts that stand
    in the columns added, empty ones left out.
    """
    for number in sorted(cells):
        told = zip(header, cells[number], strict=True)
        yield {"row": str(number + 1), **{name: text for name, text in told if text}}
