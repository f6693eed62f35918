"""
The bare driver, for what is asked thousands of times a second.

What a session costs beside a statement is ten times the statement.
"""

import re
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Engine

#: SQLite only reads, and that (up to a gigabyte) where the system keeps the file.
READER = ("PRAGMA query_only = ON", "PRAGMA mmap_size = 1073741824")
#: Rows that come together from PostgreSQL.
CHUNK = 500
NAMED = re.compile(r"(?<!:):([a-z_0-9]+)")


class Reading:
    """A cursor while an answer is made of what it reads."""

    def __init__(self, dialect: str, cursor: Any) -> None:
        self.dialect = dialect
        self._cursor = cursor

    @classmethod
    def within(cls, connection: Connection) -> "Reading":
        """In the transaction of a session that has this connection."""
        dialect = connection.dialect.name
        return cls(dialect, _cursor(dialect, connection.connection.driver_connection))

    def rows(self, statement: str, given: Mapping[str, Any]) -> Sequence[Any]:
        """The rows of a statement with :names in it; raises what the driver raises."""
        if self.dialect == "postgresql":
            statement = _in_style_of_psycopg(statement)
        found: Sequence[Any] = self._cursor.execute(statement, given).fetchall()
        return found

    def streamed(self, statement: str, given: Mapping[str, Any]) -> Iterator[Any]:
        """
        The same rows as they come, so that the server makes some while we use others.

        To be read to the end before anything else is asked.
        """
        if self.dialect == "postgresql":
            statement = _in_style_of_psycopg(statement)
            yield from self._cursor.stream(statement, given, binary=True, size=CHUNK)
        else:
            yield from self._cursor.execute(statement, given)


class Driver:
    """Connections of its own, only ever read with; safe to share between threads."""

    def __init__(self, engine: Engine) -> None:
        self._dialect, self._url = engine.dialect, engine.url
        self._free: deque[Any] = deque()

    def rows(self, statement: str, given: Mapping[str, Any]) -> Sequence[Any]:
        """The rows of one statement; raises what the driver raises."""
        cursor = self._taken()
        found = Reading(self._dialect.name, cursor).rows(statement, given)
        self._free.append(cursor)
        return found

    @contextmanager
    def reading(self) -> Iterator[Reading]:
        """
        For several statements: on SQLite they see one state, and lock the file once.

        Raises what the driver raises.
        """
        cursor = self._taken()
        together = self._dialect.name == "sqlite"
        if together:
            cursor.execute("BEGIN")
        yield Reading(self._dialect.name, cursor)
        if together:
            cursor.execute("COMMIT")
        self._free.append(cursor)

    def close(self) -> None:
        """Let go of the connections that nobody uses just now."""
        while self._free:
            self._free.pop().connection.close()

    def _taken(self) -> Any:
        """A cursor of its own connection; whoever fails with it gives neither back."""
        try:
            return self._free.pop()
        except IndexError:
            return _cursor(self._dialect.name, self._connected())

    def _connected(self) -> Any:
        words, named = self._dialect.create_connect_args(self._url)
        connection = self._dialect.connect(*words, **named)
        if self._dialect.name == "sqlite":
            connection.isolation_level = None
            for pragma in READER:
                connection.execute(pragma)
        else:
            connection.autocommit = True
            # To plan anew for each word costs more than the search.
            connection.execute("SET plan_cache_mode = force_generic_plan")
        return connection


def _cursor(dialect: str, connection: Any) -> Any:
    return (
        connection.cursor(binary=True)
        if dialect == "postgresql"
        else connection.cursor()
    )


@lru_cache(maxsize=512)
def _in_style_of_psycopg(statement: str) -> str:
    return NAMED.sub(r"%(\1)s", statement.replace("%", "%%"))


def day(kept: Any) -> date:
    """A day as either driver gives it."""
    return kept if isinstance(kept, date) else date.fromisoformat(kept)


def moment(kept: Any) -> datetime:
    """An instant as either driver gives it, in UTC."""
    at = kept if isinstance(kept, datetime) else datetime.fromisoformat(kept)
    return at.replace(tzinfo=UTC)
