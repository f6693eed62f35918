"""
The bare driver, for what is asked thousands of times a second.

What a session costs beside a statement is ten times the statement.
"""

from collections import deque
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Engine


class Driver:
    """Connections of its own, only ever read with; safe to share between threads."""

    def __init__(self, engine: Engine) -> None:
        self.dialect = engine.dialect.name
        self._dialect, self._url = engine.dialect, engine.url
        self._free: deque[Any] = deque()

    def ask(self, statement: str, given: Any) -> tuple[list[str], Sequence[Any]]:
        """
        The names of the columns and the rows of a statement in the driver's own style.

        Raises what the driver raises.
        """
        connection = self._free.pop() if self._free else self._connected()
        cursor = connection.cursor()
        cursor.execute(statement, given)
        found = [column[0] for column in cursor.description], cursor.fetchall()
        cursor.close()
        self._free.append(connection)
        return found

    def close(self) -> None:
        """Let go of the connections that nobody uses just now."""
        while self._free:
            self._free.pop().close()

    def _connected(self) -> Any:
        words, named = self._dialect.create_connect_args(self._url)
        connection = self._dialect.connect(*words, **named)
        if self.dialect == "sqlite":
            connection.isolation_level = None
            connection.execute("PRAGMA query_only = ON")
        else:
            connection.autocommit = True
        return connection


def day(kept: Any) -> date:
    """A day as either driver gives it."""
    return kept if isinstance(kept, date) else date.fromisoformat(kept)


def moment(kept: Any) -> datetime:
    """An instant as either driver gives it, in UTC."""
    at = kept if isinstance(kept, datetime) else datetime.fromisoformat(kept)
    return at.replace(tzinfo=UTC)
