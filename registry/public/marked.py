"""A page that Flask renders once, with marks in it; then only the marks are filled."""

import re
from collections.abc import Callable, Sequence
from contextvars import copy_context
from hashlib import blake2b

from flask import Flask

from registry.db import READS_ONLY


class Marked:
    """A page, cut where it has marks."""

    def __init__(self, page: str, marks: Sequence[str]) -> None:
        cut = re.compile(f"({'|'.join(map(re.escape, marks))})")
        pieces = cut.split(page)
        self._pieces = [piece.encode() for piece in pieces]
        #: Every second piece is a mark: which one it is.
        self._places = [marks.index(mark) for mark in pieces[1::2]]
        self._tag = blake2b(page.encode(), digest_size=8).digest()

    def filled(self, words: Sequence[str]) -> tuple[bytes, str]:
        """The page with a word for each mark, and a validator for it."""
        told = [word.encode() for word in words]
        pieces = self._pieces[:]
        pieces[1::2] = [told[place] for place in self._places]
        tag = blake2b(b"\n".join([self._tag, *told]), digest_size=16).hexdigest()
        return b"".join(pieces), f'W/"{tag}"'


def rendered(app: Flask, address: str, query: str, page: Callable[[], str]) -> str:
    """A page as Flask makes it, in a request of its own that only reads."""

    def made() -> str:
        READS_ONLY.set(True)
        base = app.extensions["registry"].settings.base_url
        request = app.test_request_context(
            address, base_url=base, query_string={"q": query}
        )
        with app.app_context(), request:
            return page()

    return copy_context().run(made)
