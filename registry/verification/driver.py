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

#: Bytes of a SQLite file that are read where the system keeps them, without a copy.
MAPPED = 1 << 30
NAMED = re.compile(r"(?<!:):([a-z_0-9]+)")


class Reading:
    """A connection while an answer is made of what it reads."""

    def __init__(self, dialect: str, connection: Any) -> None:
        self.dialect = dialect
        self._connection = connection

    @classmethod
    def within(cls, connection: Connection) -> "Reading":
        """In the transaction of a session that has this connection."""
        return cls(connection.dialect.name, connection.connection.driver_connection)

    def rows(self, statement: str, given: Mapping[str, Any]) -> Sequence[Any]:
        """The rows of a statement with :names in it; raises what the driver raises."""
        if self.dialect == "sqlite":
            cursor = self._connection.execute(statement, given)
        else:
            written = _in_style_of_psycopg(statement)
            cursor = self._connection.execute(written, given, binary=True)
        found: Sequence[Any] = cursor.fetchall()
        return found


class Driver:
    """Connections of its own, only ever read with; safe to share between threads."""

    def __init__(self, engine: Engine) -> None:
        self._dialect, self._url = engine.dialect, engine.url
        self._free: deque[Any] = deque()

    def rows(self, statement: str, given: Mapping[str, Any]) -> Sequence[Any]:
        """The rows of one statement; raises what the driver raises."""
        connection = self._taken()
        found = Reading(self._dialect.name, connection).rows(statement, given)
        self._free.append(connection)
        return found

    @contextmanager
    def reading(self) -> Iterator[Reading]:
        """
        For several statements: on SQLite they see one state, and lock the file once.

        Raises what the driver raises.
        """
        connection = self._taken()
        together = self._dialect.name == "sqlite"
        if together:
            connection.execute("BEGIN")
        yield Reading(self._dialect.name, connection)
        if together:
            connection.execute("COMMIT")
        self._free.append(connection)

    def close(self) -> None:
        """Let go of the connections that nobody uses just now."""
        while self._free:
            self._free.pop().close()

    def _taken(self) -> Any:
        """A connection; whoever fails with it does not give it back."""
        try:
            return self._free.pop()
        except IndexError:
            return self._connected()

    def _connected(self) -> Any:
        words, named = self._dialect.create_connect_args(self._url)
        connection = self._dialect.connect(*words, **named)
        if self._dialect.name == "sqlite":
            connection.isolation_level = None
            connection.execute("PRAGMA query_only = ON")
            connection.execute(f"PRAGMA mmap_size = {MAPPED}")
        else:
            connection.autocommit = True
        return connection


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
