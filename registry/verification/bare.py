"""One answer by the bare driver, for `api.lane`: the same words for much less work."""

from collections import namedtuple
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from operator import itemgetter
from typing import Any
from weakref import finalize

from sqlalchemy import Date, Engine

from registry.certificates.models import CertificateEvent, EventKind
from registry.certificates.standing import Code, Standing
from registry.clock import civil_day
from registry.criteria.reader import Editions
from registry.db import UTCDateTime
from registry.verification import driver, queries, verdicts
from registry.verification.projected import COURSE, OF_SCHEME, worth
from registry.verification.queries import Found
from registry.verification.questions import By, Question

READ: dict[Any, Callable[[Any], Any]] = {
    Date: driver.day,
    UTCDateTime: driver.moment,
    CertificateEvent.kind.type: EventKind,
}
#: What is read of the bearer of a number and each of its certificates of a scheme.
OF_BEARER = {
    **queries.COLUMNS,
    "listed": """EXISTS (SELECT 1 FROM listings l
    WHERE l.organisation_id = o.id AND l.scheme = :scheme)""",
    "recorded_through": "(SELECT max(recorded_at) FROM certificate_event)",
}
STATEMENTS: dict[By, str] = {
    by: f"""SELECT {queries.selected(OF_BEARER)}, {COURSE}
FROM (SELECT {who.format(value=":value")} AS id) AS bearer
LEFT JOIN organisations o ON o.id = bearer.id
{OF_SCHEME}"""  # noqa: S608 - no words of others in it
    for by, who in queries.BEARERS.items()
}


def _reader(names: Sequence[str]) -> Callable[[Iterable[Any]], Any]:
    """Makes of a row of the driver one with names and the types of `queries.TYPES`."""
    shape: Any = namedtuple("Row", names)  # type: ignore[misc] # known when run
    kinds = enumerate(map(queries.TYPES.get, names))
    readers = [(place, READ[kind]) for place, kind in kinds if kind in READ]

    def row(given: Iterable[Any]) -> Any:
        told = list(given)
        for place, read in readers:
            if told[place] is not None:
                told[place] = read(told[place])
        return shape._make(told)

    return row


_of_any = _reader(list(queries.SELECTED))
_of_bearer = _reader([*OF_BEARER, "scheme", "certified"])
_age = itemgetter(*map(list(OF_BEARER).index, ("issued_on", "certificate_id")))
#: A row, what it is worth, and the number of the certificate that took its place.
There = tuple[Any, Standing, str | None]


class Bare:
    """Single answers; safe to share between threads."""

    def __init__(self, engine: Engine) -> None:
        self._dialect = engine.dialect.name
        self._driver = driver.Driver(engine)
        finalize(self, self._driver.close)

    def answer(
        self, question: Question, at: datetime, editions: Editions, base: str
    ) -> dict[str, Any]:
        """The members of `verdicts.answer`; raises what the driver raises."""
        there = self._today(question) or self._then(question)
        return verdicts.members(question, *there, at, editions, base)

    def _today(self, question: Question) -> There | None:
        """What there is by the projections; None where they are not enough."""
        statement = STATEMENTS.get(question.by)
        if statement is None or question.dated:
            return None
        about = {"value": question.value, "scheme": question.about}
        rows = self._driver.rows(statement, about)
        *given, code, since, reason, update, until = max(rows, key=_age)
        row = _of_bearer([*given, question.about, code is not None])
        if row.id is None:
            return row, verdicts.standing_then(Found(row, []), question.on), None
        if code is None or civil_day(row.recorded_through) > question.on:
            return None
        now, _ = worth(code, since, reason, update, until, question.on)
        return None if now.code is Code.SUPERSEDED else (row, now, None)

    def _then(self, question: Question) -> There:
        """What there is by the events."""
        asked = {"asked": queries.as_json([question])}
        rows = self._driver.rows(queries.written(self._dialect), asked)
        found = queries.gathered([_of_any(row) for row in rows])
        return found.row, verdicts.standing_then(found, question.on), found.newer
