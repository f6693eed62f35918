"""
A search by name alone, answered before Flask is asked.

The page is that of Flask: it is rendered once, with marks where the search shows, for
as long as the register stays the same; then only the marks are filled.  Whatever is not
so plain (numbers, filters, later pages, nothing found, former names) Flask answers.
"""

import re
from collections.abc import Callable, Hashable, Mapping, Sequence
from contextvars import copy_context
from functools import lru_cache
from hashlib import blake2b
from typing import Any
from urllib.parse import parse_qsl, quote_plus

from flask import Flask, render_template
from markupsafe import escape
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from registry.db import READS_ONLY, db
from registry.public import found as pages
from registry.public import rows, searching
from registry.public.asked import Asked, Kind, read
from registry.public.finding import seek, strange
from registry.public.found import Filters, Found, Row
from registry.verification.driver import Driver
from registry.verification.version import STATEMENT
from registry.web.language import LANGUAGES

#: Marks in the page where what was typed, the count, the rows and the next page stand.
TYPED, COUNT, ROWS, NEXT = "\ue000", "\ue001", "\ue002", "\ue003"
MARKS = re.compile(f"({TYPED}|{COUNT}|{ROWS}|%EE%80%80|%EE%80%83)")
#: Letters that addresses on the page may write in two ways.
TWO_WAYS = re.compile(r"[!$'()*,/:;?@]")
NAMED = re.compile(r"(?<!:):([a-z_0-9]+)")
SOMEBODY = Row("l", 0, "", "", "", "", "")


class BareReads(Driver):
    """What a search reads with, and the counts it remembers."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self._kept: dict[Hashable, int] = {}

    def rows(self, statement: str, given: Mapping[str, Any]) -> Sequence[Any]:
        """The rows of a statement; raises what the driver raises."""
        return self.ask(_in_style(statement, self.dialect), given)[1]

    def remembered(self, name: Hashable, count: Callable[[], int]) -> int:
        """Kept until `forget`."""
        number = self._kept.get(name)
        if number is None:
            number = self._kept[name] = count()
        return number

    def forget(self) -> None:
        """The register is another now."""
        self._kept.clear()


@lru_cache(maxsize=512)
def _in_style(statement: str, dialect: str) -> str:
    return statement if dialect == "sqlite" else NAMED.sub(r"%(\1)s", statement)


class Model:
    """The page around a search, cut where the search shows."""

    def __init__(self, page: str, say: rows.Words) -> None:
        self.say = say
        self._pieces = [piece.encode() for piece in MARKS.split(page)]
        self._tag = blake2b(page.encode(), digest_size=8).digest()

    def filled(self, typed: str, found: Found) -> tuple[bytes, str]:
        """The page of a search, and a validator for it."""
        listed = rows.markup(found.rows, self.say).encode()
        put = {
            TYPED: str(escape(typed)),
            COUNT: self.say.count(found),
            "%EE%80%80": quote_plus(typed),
            "%EE%80%83": quote_plus(found.after or ""),
        }
        by_mark = {mark.encode(): word.encode() for mark, word in put.items()}
        by_mark[ROWS.encode()] = listed
        page = b"".join([by_mark.get(piece, piece) for piece in self._pieces])
        told = b"\n".join([self._tag, *by_mark.values()])
        return page, blake2b(told, digest_size=16).hexdigest()


class Searches:
    """The lane of one language."""

    def __init__(self, app: Flask, language: str) -> None:
        self._app, self._language = app, language
        with app.app_context():
            self._reads = BareReads(db.engine)
            faults = (db.engine.dialect.loaded_dbapi.Error, DBAPIError)
        self._faults = faults
        self._models: dict[bool, Model] = {}
        self._known: Hashable = None

    def __call__(self, query: str) -> tuple[bytes, str] | None:
        """The page of a query and its validator; None: ask Flask."""
        given = parse_qsl(query, keep_blank_values=True)
        typed = given[0][1] if len(given) == 1 and given[0][0] == "q" else ""
        asked = read(typed) if typed and not TWO_WAYS.search(typed) else None
        if asked is None or asked.kind is not Kind.NAME or asked.text != typed:
            return None
        try:
            return self._answer(typed, asked)
        except self._faults:
            return None

    def close(self) -> None:
        """Let go of the database."""
        self._reads.close()

    def _answer(self, typed: str, asked: Asked) -> tuple[bytes, str] | None:
        today = self._app.extensions["registry"].today()
        known = (today, self._reads.rows(STATEMENT, {})[0][0])
        if known != self._known:
            self._models, self._known = {}, known
            self._reads.forget()
        found = seek(Filters(asked), today, self._reads)
        if not found.rows or strange(found.rows, asked):
            return None
        model = self._models.get(found.after is not None)
        if model is None:
            model = copy_context().run(self._rendered, found.after is not None)
            self._models[found.after is not None] = model
        page, tag = model.filled(typed, found)
        return page, f'W/"{tag}"'

    def _rendered(self, goes_on: bool) -> Model:
        """The page as Flask makes it, with marks; in a request of its own."""
        READS_ONLY.set(True)
        base = self._app.extensions["registry"].settings.base_url
        path = f"/{self._language}/register"
        request = self._app.test_request_context(
            path, base_url=base, query_string={"q": TYPED}
        )
        with self._app.app_context(), request:
            today = self._app.extensions["registry"].today()
            found = Found((SOMEBODY,), pages.SIZE, None, NEXT if goes_on else None)
            around = searching.around(Filters(Asked(Kind.NAME, TYPED)), found, today)
            marked = {"count": COUNT, "rows": ROWS}
            page = render_template("public/register.html", **around | marked)
            return Model(page, rows.words())


def search_lanes(app: Flask) -> dict[str, Searches]:
    """The lanes of the register, by their addresses."""
    return {f"/{language}/register": Searches(app, language) for language in LANGUAGES}
