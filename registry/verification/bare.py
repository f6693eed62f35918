"""One answer by the bare driver, for `api.lane`: the same statement, the same words."""

from collections import namedtuple
from collections.abc import Callable
from datetime import datetime
from operator import itemgetter
from typing import Any
from weakref import finalize

from sqlalchemy import Date, Engine

from registry.certificates.models import EventKind
from registry.criteria.reader import Editions
from registry.db import UTCDateTime
from registry.verification import driver, queries, verdicts
from registry.verification.queries import Found, Happened
from registry.verification.questions import Question


class Bare:
    """Single answers; safe to share between threads."""

    def __init__(self, engine: Engine) -> None:
        statement = queries.statement(engine.dialect.name)
        compiled = statement.compile(dialect=engine.dialect)
        self._sql = str(compiled)
        self._by_place = engine.dialect.name == "sqlite"
        self._found: Callable[[Any], Found] | None = None
        self._driver = driver.Driver(engine)
        finalize(self, self._driver.close)

    def answer(
        self, question: Question, at: datetime, editions: Editions, base: str
    ) -> dict[str, Any]:
        """The members of `verdicts.answer`; raises what the driver raises."""
        asked = queries.as_json([question])
        given = (asked,) if self._by_place else {"asked": asked}
        names, rows = self._driver.ask(self._sql, given)
        if self._found is None:
            self._found = _reader(names)
        return verdicts.members(question, self._found(rows), at, editions, base)


def _reader(names: list[str]) -> Callable[[Any], Found]:
    """Makes of the rows of the driver what `queries.gathered` makes of typed ones."""
    shape: Any = namedtuple("Row", names)  # type: ignore[misc] # known when asked
    events = itemgetter(*map(names.index, EVENT))
    readers = [
        (place, _READ[queries.TYPES[name]])
        for place, name in enumerate(names)
        if queries.TYPES[name] in _READ and name not in EVENT
    ]

    def found(rows: Any) -> Found:
        first = list(rows[0])
        for place, reader in readers:
            if first[place] is not None:
                first[place] = reader(first[place])
        told = [happened(*one) for one in map(events, rows) if one[0] is not None]
        return Found(shape._make(first), told)

    return found


def happened(
    id_: int,
    kind: str,
    effective_on: Any,
    recorded_at: Any,
    reason_code: str | None,
    anniversary: Any,
    newer: str | None = None,
) -> Happened:
    """An event as either driver gives it."""
    return Happened(
        id_,
        EventKind(kind),
        driver.day(effective_on),
        driver.moment(recorded_at),
        reason_code,
        driver.day(anniversary) if anniversary else None,
        newer,
    )


#: What `happened` takes, by the names in the statement.
EVENT = (
    *("event_id", "event", "effective_on", "recorded_at", "reason_code"),
    *("anniversary", "newer"),
)
_READ: dict[Any, Callable[[Any], Any]] = {
    Date: driver.day,
    UTCDateTime: driver.moment,
}
