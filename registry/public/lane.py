"""
Pages answered before Flask is asked: a search by name alone, and a number to verify.

They are those of Flask: rendered once, with marks where the answer shows, for as long
as what stands around it is the same; then only the marks are filled.  Whatever is not
so plain (filters, later pages, nothing found, former names, published lists) Flask
answers.
"""

import re
from collections.abc import Callable, Hashable, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl, quote, quote_plus

from babel.dates import format_date
from flask import Flask, render_template
from markupsafe import escape
from sqlalchemy.exc import DBAPIError

from registry.certificates.standing import Standing
from registry.clock import civil_day
from registry.db import db
from registry.public import found as pages
from registry.public import rows, searching, verifying
from registry.public.asked import Asked, Kind, read
from registry.public.finding import seek
from registry.public.found import Filters, Found, Row
from registry.public.marked import Marked, rendered
from registry.public.numbered import Numbered, numbered
from registry.translations.elision import WITH_VOWEL
from registry.verification.driver import Driver, Reading
from registry.verification.version import STATEMENT
from registry.web.language import LANGUAGES

#: Marks in a page: what was typed, and what the register says to it.
TYPED, COUNT, ROWS, NEXT = "\ue000", "\ue001", "\ue002", "\ue003"
VALUE, NAME, NUMBER = "\ue004", "\ue005", "\ue006"
#: A holder and the years of two days that are nobody's.
HOLDER, SINCE, UNTIL = 2**31 - 1, 1001, 1002
#: Letters that addresses on the page may write in two ways.
TWO_WAYS = re.compile(r"[!$'()*,/:;?@]")
SOMEBODY = Row("l", 0, "", "", "", "", "")


class Remembering:
    """Reads, and remembers the counts of one state of the register."""

    def __init__(self, reading: Reading, counts: dict[Hashable, int]) -> None:
        self.dialect, self.rows, self._counts = reading.dialect, reading.rows, counts

    def remembered(self, name: Hashable, count: Callable[[], int]) -> int:
        """What `count` said first."""
        number = self._counts.get(name)
        if number is None:
            number = self._counts[name] = count()
        return number


class Lane:
    """The pages at one address of one language."""

    def __init__(self, app: Flask, language: str, page: str) -> None:
        self.language, self.address = language, f"/{language}/{page}"
        self.app, self.doors = app, app.extensions["registry"]
        with app.app_context():
            self.driver = Driver(db.engine)
            faults = (db.engine.dialect.loaded_dbapi.Error, DBAPIError)
        self._faults = faults
        self._kept: tuple[Hashable, dict[Hashable, Any]] = (None, {})

    def __call__(self, query: str) -> tuple[bytes, str] | None:
        """The page of a query and its validator; None: ask Flask."""
        given = parse_qsl(query, keep_blank_values=True)
        typed = given[0][1] if len(given) == 1 and given[0][0] == "q" else ""
        asked = read(typed)
        if not typed or asked.text != typed or asked.problem:
            return None
        try:
            return self.answer(asked)
        except self._faults:
            return None

    def close(self) -> None:
        """Let go of the database."""
        self.driver.close()

    def answer(self, asked: Asked) -> tuple[bytes, str] | None:
        """The same for what was typed; raises what the driver raises."""
        raise NotImplementedError

    def kept(self, known: Hashable) -> dict[Hashable, Any]:
        """What was made while `known` was the same, to be added to."""
        before, kept = self._kept
        if before != known:
            kept = {}
            self._kept = known, kept
        return kept

    def rendered(self, page: Callable[[], str]) -> str:
        """What Flask makes of a page where the mark was typed."""
        return rendered(self.app, self.address, TYPED, page)


class Searches(Lane):
    """Names in the register."""

    MARKS = (TYPED, quote(TYPED), COUNT, ROWS, quote(NEXT))

    def answer(self, asked: Asked) -> tuple[bytes, str] | None:
        if asked.kind is not Kind.NAME or TWO_WAYS.search(asked.text):
            return None
        today = self.doors.today()
        with self.driver.reading() as reading:
            kept = self.kept((today, reading.rows(STATEMENT, {})[0][0]))
            reads = Remembering(reading, kept.setdefault("counts", {}))
            found = seek(Filters(asked), today, reads)
        if not found.rows or found.by_former:
            return None
        goes_on = found.after is not None
        if goes_on not in kept:
            kept[goes_on] = self._marked(goes_on, today)
        page: Marked
        say: rows.Words
        page, say = kept[goes_on]
        after = quote_plus(found.after or "")
        shown = say.count(found), rows.markup(found.rows, say)
        return page.filled([escape(asked.text), quote_plus(asked.text), *shown, after])

    def _marked(self, goes_on: bool, today: date) -> tuple[Marked, rows.Words]:
        said: list[rows.Words] = []

        def page() -> str:
            said.append(rows.words())
            found = Found((SOMEBODY,), pages.SIZE, None, NEXT if goes_on else None)
            around = searching.around(Filters(Asked(Kind.NAME, TYPED)), found, today)
            marked = {"count": COUNT, "rows": ROWS}
            return render_template("public/register.html", **around | marked)

        return Marked(self.rendered(page), self.MARKS), said[0]


class Numbers(Lane):
    """Numbers to verify; the page tells the minute, so it is made anew with each."""

    def answer(self, asked: Asked) -> tuple[bytes, str] | None:
        if not asked.is_number:
            return None
        now: datetime = self.doors.clock.now()
        told = numbered(asked, civil_day(now), self.driver)
        if told.elsewhere or (told.holder and not told.number):
            return None
        like = _like(asked, told)
        kept = self.kept(now.replace(second=0, microsecond=0))
        if like not in kept:
            made = self.rendered(lambda: verifying.page(like[0], answer=like[1]))
            kept[like] = Marked(made, self._words(*like))
        page: Marked = kept[like]
        return page.filled(self._words(asked, told))

    def _words(self, asked: Asked, told: Numbered) -> Sequence[str]:
        """Whatever shows on the page; of marks, how they show."""
        words = [escape(asked.text), quote_plus(asked.text), escape(asked.value)]
        if told.valid_until:
            days = told.standing.since, told.valid_until
            words += [str(told.holder), escape(told.name), told.number]
            words += [quote(told.number), *(_day(one, self.language) for one in days)]
        return words


def _like(asked: Asked, told: Numbered) -> tuple[Asked, Numbered]:
    """A question and an answer of marks that are said in the same sentences."""
    now = told.standing
    worth = Standing(now.code, _mark(now.since, SINCE), now.reason_code)
    marked = Numbered(worth)
    if told.valid_until:
        until = _mark(told.valid_until, UNTIL)
        marked = Numbered(worth, HOLDER, NAME, NUMBER, until, told.edition)
    return Asked(asked.kind, TYPED, VALUE), marked


def _mark(day: date, year: int) -> date:
    return date(year, 1, 8 if day.day in WITH_VOWEL else 9)


@lru_cache(maxsize=4096)
def _day(day: date, language: str) -> str:
    return str(format_date(day, "d MMMM y", locale=language))


def page_lanes(app: Flask) -> dict[str, Lane]:
    """The lanes of the public pages, by their addresses."""
    made = [
        kind(app, language, page)
        for kind, page in ((Searches, "register"), (Numbers, "verify"))
        for language in LANGUAGES
    ]
    return {one.address: one for one in made}
