"""One answer by the bare driver, for `api.lane`: the same statement, the same words."""

from collections import namedtuple
from collections.abc import Callable
from datetime import datetime
from typing import Any
from weakref import finalize

from sqlalchemy import Boolean, Date, Engine

from registry.certificates.models import EventKind
from registry.criteria.reader import Editions
from registry.db import UTCDateTime
from registry.verification import driver, queries, verdicts
from registry.verification.answers import Answer
from registry.verification.questions import Question


class Bare:
    """Single answers; safe to share between threads."""

    def __init__(self, engine: Engine) -> None:
        statement = queries.statement(engine.dialect.name)
        compiled = statement.compile(dialect=engine.dialect)
        self._sql = str(compiled)
        self._by_place = engine.dialect.name == "sqlite"
        self._row: Callable[[Any], Any] | None = None
        self._driver = driver.Driver(engine)
        finalize(self, self._driver.close)

    def answer(
        self, question: Question, at: datetime, editions: Editions, base: str
    ) -> Answer:
        """The same as `verdicts.answer`; raises what the driver raises."""
        asked = queries.as_json([question])
        given = (asked,) if self._by_place else {"asked": asked}
        names, rows = self._driver.ask(self._sql, given)
        if self._row is None:
            self._row = _reader(names)
        found = queries.gathered([self._row(row) for row in rows])
        return verdicts.told(question, found, at, editions, base)


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


_READ: dict[type, Callable[[Any], Any]] = {
    Boolean: bool,
    Date: driver.day,
    UTCDateTime: driver.moment,
}
