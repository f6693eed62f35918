"""
One answer by the bare driver: the same statement, the same words, a tenth of the time.

What a session costs beside the statement is ten times the statement.  Where one answer
is asked thousands of times a second (`api.lane`) that is what the time goes on.
"""

from collections import deque, namedtuple
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any
from weakref import finalize

from sqlalchemy import Boolean, Date, Engine

from registry.certificates.models import EventKind
from registry.criteria.reader import Editions
from registry.db import UTCDateTime
from registry.verification import queries, verdicts
from registry.verification.answers import Answer
from registry.verification.questions import Question


class Bare:
    """Connections of its own, only ever read with; safe to share between threads."""

    def __init__(self, engine: Engine) -> None:
        self._dialect, self._url = engine.dialect, engine.url
        statement = queries.statement(engine.dialect.name)
        compiled = statement.compile(dialect=engine.dialect)
        self._sql = str(compiled)
        self._by_place = engine.dialect.name == "sqlite"
        self._free: deque[Any] = deque()
        self._row: Callable[[Any], Any] | None = None
        finalize(self, _close, self._free)

    def answer(
        self, question: Question, at: datetime, editions: Editions, base: str
    ) -> Answer:
        """The same as `verdicts.answer`; raises what the driver raises."""
        asked = queries.as_json([question])
        connection = self._free.pop() if self._free else self._connected()
        cursor = connection.cursor()
        cursor.execute(self._sql, (asked,) if self._by_place else {"asked": asked})
        rows = cursor.fetchall()
        if self._row is None:
            self._row = _reader([column[0] for column in cursor.description])
        cursor.close()
        self._free.append(connection)
        found = queries.gathered([self._row(row) for row in rows])
        return verdicts.told(question, found, at, editions, base)

    def _connected(self) -> Any:
        words, named = self._dialect.create_connect_args(self._url)
        connection = self._dialect.connect(*words, **named)
        if self._dialect.name == "sqlite":
            connection.isolation_level = None
            connection.execute("PRAGMA query_only = ON")
        else:
            connection.autocommit = True
        return connection


def _reader(names: list[str]) -> Callable[[Any], Any]:
    """Makes a row of the driver what the typed statement would have made of it."""
    shape: Any = namedtuple("Row", names)  # type: ignore[misc] # known when asked
    readers = [
        (place, _READ[kind])
        for place, name in enumerate(names)
        for kind in _READ
        if queries.TYPES[name] is kind
    ]
    readers.append((names.index("event"), EventKind))

    def read(row: Any) -> Any:
        values = list(row)
        for place, reader in readers:
            if values[place] is not None:
                values[place] = reader(values[place])
        return shape._make(values)

    return read


def _close(connections: deque[Any]) -> None:
    for connection in connections:
        connection.close()


def _day(kept: Any) -> date:
    return kept if isinstance(kept, date) else date.fromisoformat(kept)


def _instant(kept: Any) -> datetime:
    at = kept if isinstance(kept, datetime) else datetime.fromisoformat(kept)
    return at.replace(tzinfo=UTC)


_READ: dict[type, Callable[[Any], Any]] = {
    Boolean: bool,
    Date: _day,
    UTCDateTime: _instant,
}
