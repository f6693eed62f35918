"""Long lists a page at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from flask import request
from sqlalchemy import Select, func, select

from registry.db import db
from registry.web.navigation import same_page

T = TypeVar("T")
SIZE = 25
#: Beyond this nobody turns pages by hand, and a database counts for nothing.
LAST = 10_000


@dataclass(frozen=True)
class Page(Generic[T]):
    """One page of a list; `m.pager(page)` shows the way to the others."""

    items: Sequence[T]
    number: int
    pages: int
    total: int

    def url(self, number: int) -> str:
        """The address of another page of the same list."""
        return same_page(page=number)


def page_of(found: Select[T], size: int = SIZE) -> Page[T]:
    """The page of `found` that the address asks for (`?page=2`), the first if odd."""
    total = db.session.scalar(
        select(func.count()).select_from(found.order_by(None).subquery())
    )
    pages = max(1, -(-int(total or 0) // size))
    number = min(_asked(), pages)
    some = found.limit(size).offset((number - 1) * size)
    return Page(db.session.scalars(some).all(), number, pages, int(total or 0))


def _asked() -> int:
    typed = request.args.get("page", "1")
    right = typed.isascii() and typed.isdigit() and len(typed) <= 5
    return min(max(int(typed), 1), LAST) if right else 1
