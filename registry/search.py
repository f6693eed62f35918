"""Finding a name whatever its accents, capitals and punctuation, on both databases."""

import re
import unicodedata
from collections.abc import Iterable
from typing import Any

from rapidfuzz.distance import OSA
from sqlalchemy import (
    ColumnElement,
    Integer,
    String,
    bindparam,
    column,
    func,
    select,
    table,
)
from sqlalchemy.orm import InstrumentedAttribute

from registry.db import db

WORDS = re.compile(r"[^\W_]+")
MOST_WORDS = 8
#: Shorter words are not mended: nearly everything is one slip away from them.
SHORTEST = 4
#: From this length on two slips are forgiven.
LONG = 8
#: Words looked at that share a spelling with a mistyped one, and kept of them.
MOST_LIKE, BEST = 100, 3
SPELLINGS = table(
    "organisation_search_spellings", column("spelling", String), column("word", String)
)


def key(name: str) -> str:
    """A name as searches compare it: no accents, no capitals, no punctuation."""
    bare = name.casefold()
    if not bare.isascii():
        plain = unicodedata.normalize("NFKD", bare)
        bare = "".join(c for c in plain if not unicodedata.combining(c))
    return " ".join(WORDS.findall(bare))


def words(typed: str) -> list[str]:
    """The words of what was typed that count: at most eight."""
    return key(typed).split()[:MOST_WORDS]


def names_like(
    typed: str, dialect: str, id_: InstrumentedAttribute[int]
) -> ColumnElement[bool] | None:
    """
    The condition “the organisation's name has words that begin like these”.

    A name it bore before counts as well.  `id_` is the column holding the
    organisation's id.  None when nothing searchable was typed.  At most eight words
    count.
    """
    terms = words(typed)
    if not terms:
        return None
    now, before = _on_sqlite(terms) if dialect == "sqlite" else _on_postgresql(terms)
    return id_.in_(now.union_all(before))


def _on_sqlite(terms: list[str]) -> tuple[Any, Any]:
    term: Any = bindparam(None, " ".join(f'"{word}"*' for word in terms))
    return (
        select(column("rowid", Integer))
        .select_from(table("organisation_search"))
        .where(column("organisation_search").op("MATCH")(term)),
        select(column("organisation_id", Integer))
        .select_from(table("organisation_search_former"))
        .where(column("organisation_search_former").op("MATCH")(term)),
    )


def _on_postgresql(terms: list[str]) -> tuple[Any, Any]:
    query = func.to_tsquery("simple", " & ".join(f"{word}:*" for word in terms))
    vector = func.to_tsvector("simple", column("name_key")).op("@@")(query)
    return (
        select(column("id", Integer)).select_from(table("organisations")).where(vector),
        select(column("organisation_id", Integer))
        .select_from(table("organisation_search_former"))
        .where(vector),
    )


def spellings(word: str) -> list[str]:
    """A word, and the word with each of its letters left out."""
    return [word, *{word[:n] + word[n + 1 :] for n in range(len(word))}]


def corrections(mistyped: Iterable[str]) -> dict[str, list[str]]:
    """
    For each word the words of public names it may have been meant as, best first.

    Two words a slip apart (a letter wrong, missing, added, or two changed over) share a
    spelling with one letter left out: so the cost does not grow with the register.
    """
    wanted = {word: spellings(word) for word in mistyped if len(word) >= SHORTEST}
    found = {}
    for word, spelt in wanted.items():
        like = db.session.scalars(
            select(SPELLINGS.c.word)
            .where(SPELLINGS.c.spelling.in_(spelt))
            .distinct()
            .limit(MOST_LIKE)
        )
        most = 2 if len(word) >= LONG else 1
        near = [(OSA.distance(word, one), one) for one in like]
        found[word] = [one for far, one in sorted(near) if 0 < far <= most][:BEST]
    return found
