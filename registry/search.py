"""Finding a name whatever its accents, capitals and punctuation, on both databases."""

import re
import unicodedata
from typing import Any

from sqlalchemy import ColumnElement, bindparam, column, func, select, table
from sqlalchemy.orm import InstrumentedAttribute

WORDS = re.compile(r"[^\W_]+")
MOST_WORDS = 8


def key(name: str) -> str:
    """A name as searches compare it: no accents, no capitals, no punctuation."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    bare = "".join(c for c in plain if not unicodedata.combining(c))
    return " ".join(WORDS.findall(bare))


def names_like(
    typed: str, dialect: str, id_: InstrumentedAttribute[int]
) -> ColumnElement[bool] | None:
    """
    The condition “the organisation's name has words that begin like these”.

    `id_` is the column holding the organisation's id.  None when nothing searchable
    was typed.  At most eight words count.
    """
    words = key(typed).split()[:MOST_WORDS]
    if not words:
        return None
    if dialect == "sqlite":
        found = table("organisation_search", column("rowid"))
        term = " ".join(f'"{word}"*' for word in words)
        matches: Any = select(found.c.rowid).where(
            column("organisation_search").op("MATCH")(bindparam(None, term))
        )
        return id_.in_(matches)
    organisations = table("organisations", column("id"), column("name_key"))
    query = " & ".join(f"{word}:*" for word in words)
    vector = func.to_tsvector("simple", organisations.c.name_key)
    matches = select(organisations.c.id).where(
        vector.op("@@")(func.to_tsquery("simple", query))
    )
    return id_.in_(matches)
