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
#: Statements a connection keeps to PostgreSQL at once.
MOST_KEPT = 200
NAMED = re.compile(r"(?<!:):([a-z_0-9]+)")


class Reading:
    """A cursor while an answer is made of what it reads."""

    def __init__(self, dialect: str, cursor: Any) -> None:
        self.dialect = dialect
        self._cursor = cursor

    @classmethod
    def within(cls, connection: Connection) -> "Reading":
        """In the transaction of a session that has this connection."""
        bare: Any = connection.connection.driver_connection
        if connection.dialect.name == "postgresql":
            return cls("postgresql", bare.cursor(binary=True))
        return cls("sqlite", bare.cursor())

    def rows(self, statement: str, given: Mapping[str, Any]) -> Sequence[Any]:
        """The rows of a statement with :names in it; raises what the driver raises."""
        if self.dialect == "postgresql":
            statement = _in_style_of_psycopg(statement)
        found: Sequence[Any] = self._cursor.execute(statement, given).fetchall()
        return found

    def close(self) -> None:
        """Let go of the connection."""
        self._cursor.connection.close()

    def streamed(self, statement: str, given: Mapping[str, Any]) -> Iterator[Any]:
        """
        The same rows as they come, so that the server makes some while we use others.

        To be read to the end before anything else is asked.
        """
        if self.dialect == "postgresql":
            statement = _in_style_of_psycopg(statement)
            yield from self._cursor.stream(statement, given, size=CHUNK)
        else:
            yield from self._cursor.execute(statement, given)


class Prepared(Reading):
    """
    The same on PostgreSQL, by statements that its connection keeps and libpq asks.

    By a cursor of psycopg a statement takes half as long again.
    """

    def __init__(self, connection: Any, psycopg: Any) -> None:
        super().__init__("postgresql", connection.cursor())
        self._libpq = connection.pgconn
        self._known: dict[str, tuple[bytes, list[str]]] = {}
        self._told = psycopg.adapt.Transformer(connection)
        self._text, self._error = psycopg.adapt.PyFormat.TEXT, psycopg.DatabaseError
        status = psycopg.pq.ExecStatus
        self._well = {status.TUPLES_OK, status.COMMAND_OK}

    def rows(self, statement: str, given: Mapping[str, Any]) -> Sequence[Any]:
        name, words = self._known.get(statement) or self._kept(statement)
        values = [given[word] for word in words]
        asked = self._told.dump_sequence(values, [self._text] * len(values))
        result = self._libpq.exec_prepared(name, asked, result_format=1)
        self._told.set_pgresult(self._sound(result))
        rows: Sequence[Any] = self._told.load_rows(0, result.ntuples, tuple)
        return rows

    def _kept(self, statement: str) -> tuple[bytes, list[str]]:
        """A statement under a name of its own, and the words it wants, in order."""
        if len(self._known) == MOST_KEPT:
            self._sound(self._libpq.exec_(b"DEALLOCATE ALL"))
            self._known.clear()
        words = list(dict.fromkeys(NAMED.findall(statement)))
        numbered = NAMED.sub(lambda word: f"${words.index(word[1]) + 1}", statement)
        name = b"kept_%d" % len(self._known)
        self._sound(self._libpq.prepare(name, numbered.encode()))
        self._known[statement] = name, words
        return name, words

    def _sound(self, result: Any) -> Any:
        if result.status not in self._well:
            raise self._error(result.error_message.decode(errors="replace"))
        return result


class Driver:
    """Connections of its own, only ever read with; safe to share between threads."""

    def __init__(self, engine: Engine) -> None:
        self._dialect, self._url = engine.dialect, engine.url
        self._free: deque[Reading] = deque()

    def rows(self, statement: str, given: Mapping[str, Any]) -> Sequence[Any]:
        """The rows of one statement; raises what the driver raises."""
        reading = self._taken()
        try:
            found = reading.rows(statement, given)
        except BaseException:
            reading.close()
            raise
        self._free.append(reading)
        return found

    @contextmanager
    def reading(self) -> Iterator[Reading]:
        """
        For several statements: on SQLite they see one state, and lock the file once.

        Raises what the driver raises.
        """
        reading = self._taken()
        together = self._dialect.name == "sqlite"
        try:
            if together:
                reading.rows("BEGIN", {})
            yield reading
            if together:
                reading.rows("COMMIT", {})
        except BaseException:
            reading.close()
            raise
        self._free.append(reading)

    def close(self) -> None:
        """Let go of the connections that nobody uses just now."""
        while self._free:
            self._free.pop().close()

    def _taken(self) -> Reading:
        """One with its own connection; whoever fails with it closes it."""
        try:
            return self._free.pop()
        except IndexError:
            return self._connected()

    def _connected(self) -> Reading:
        words, named = self._dialect.create_connect_args(self._url)
        connection = self._dialect.connect(*words, **named)
        if self._dialect.name == "sqlite":
            connection.isolation_level = None
            for pragma in READER:
                connection.execute(pragma)
            return Reading("sqlite", connection.cursor())
        connection.autocommit = True
        # To plan anew for each word costs more than the search.
        connection.execute("SET plan_cache_mode = force_generic_plan")
        return Prepared(connection, self._dialect.loaded_dbapi)


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
