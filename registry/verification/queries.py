"""What the service reads; an organisation that never had a certificate is nobody.

However many questions there are, they take one statement with one parameter.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import cache
from itertools import groupby
from typing import Any, NamedTuple

from sqlalchemy import Boolean, Date, Integer, String, TextClause, text
from sqlalchemy.sql.selectable import TextualSelect

from registry.certificates.models import CertificateEvent, EventKind
from registry.db import UTCDateTime, db
from registry.verification.questions import By, Question

#: Later than anything that will be recorded.
FOR_EVER = datetime(9999, 12, 31, tzinfo=UTC)
#: The questions as rows, and the same word for a type, on either database.
DIALECTS = {
    "sqlite": {
        "source": "json_each(:asked) AS q",
        "place": "q.key",
        "day": "q.value ->> 2",
        "known": "q.value ->> 3",
        "scheme": "q.value ->> 4",
    },
    "postgresql": {
        "source": "json_array_elements(CAST(:asked AS json)) "
        "WITH ORDINALITY AS q(value, place)",
        "place": "q.place",
        "day": "CAST(q.value ->> 2 AS date)",
        "known": "CAST(q.value ->> 3 AS timestamp)",
        "scheme": "q.value ->> 4",
    },
}
#: The kinds of number, in a letter.
LETTERS: dict[By, str] = {
    "vat": "v",
    "tax_code": "t",
    "albo": "a",
    "rea": "r",
    "certificate": "c",
}
#: The organisation that a number names.  Partita IVA and codice fiscale come from one
#: series: whoever writes one for the other means the same organisation.
BEARERS: dict[By, str] = {
    "vat": """coalesce(
    (SELECT id FROM organisations WHERE vat = {value}),
    (SELECT id FROM organisations WHERE tax_code = {value}))""",
    "tax_code": """coalesce(
    (SELECT id FROM organisations WHERE tax_code = {value}),
    (SELECT id FROM organisations WHERE vat = {value}))""",
    "albo": "(SELECT id FROM organisations WHERE albo = {value})",
    "rea": "(SELECT min(id) FROM organisations WHERE rea = {value})",
}
NAMED = f"""
SELECT a.*, CASE a.by
  {" ".join(f"WHEN '{LETTERS[by]}' THEN {who}" for by, who in BEARERS.items())}
  WHEN 'o' THEN CAST(a.value AS integer)
  ELSE (SELECT organisation_id FROM certificates
        WHERE number = a.value AND state = 'issued') END AS organisation_id
FROM asked a
""".format(value="a.value")  # noqa: S608 - no words of others in it
#: What is told of an organisation and of a certificate, and where it stands.
COLUMNS = {
    **{name: f"o.{name}" for name in ("id", "name", "kind", "vat", "tax_code", "albo")},
    **{name: f"o.{name}" for name in ("rea", "town", "province")},
    "certificate_id": "c.id",
    **{name: f"c.{name}" for name in ("number", "issued_on", "valid_until", "edition")},
    "begins_on": "coalesce(c.counted_from, c.issued_on)",
    "edition_digest": "c.edition_digest",
    "printed": "c.unsigned_sha256 IS NOT NULL",
    "printed_name": "c.facts -> 'organisation' ->> 'name'",
    "reserved": """CAST(c.facts AS text) LIKE '%"met_with_reserve"%'""",
    "signed": """EXISTS (SELECT 1 FROM certificate_credentials v
    WHERE v.certificate_id = c.id)""",
}
#: What is selected to each question: a row for each event, one if there is none.
SELECTED = {
    **{name: f"f.{name}" for name in ("place", "scheme", "certified", "listed")},
    "recorded_through": "f.recorded_through",
    **COLUMNS,
    "event_id": "e.id",
    "event": "e.kind",
    "effective_on": "e.effective_on",
    **{name: f"e.{name}" for name in ("recorded_at", "reason_code", "anniversary")},
    "newer": "s.number",
}
ONE_BY_ONE = """
WITH asked AS MATERIALIZED (
  SELECT {place} AS place, q.value ->> 0 AS by, q.value ->> 1 AS value,
         {day} AS day, {known} AS known,
         coalesce({scheme}, (SELECT scheme FROM certificates
                             WHERE number = q.value ->> 1 AND state = 'issued')
         ) AS scheme
  FROM {source}
), named AS MATERIALIZED (
  {named}
), found AS MATERIALIZED (
  SELECT n.*, (
    SELECT c.id FROM certificates c
    WHERE c.organisation_id = n.organisation_id AND c.state = 'issued'
      AND c.scheme = n.scheme
      AND (n.by = 'c' AND c.number = n.value
           OR n.by <> 'c' AND c.issued_on <= n.day)
      AND EXISTS (SELECT 1 FROM certificate_event k WHERE k.certificate_id = c.id
                  AND k.kind = 'issued' AND k.recorded_at <= n.known)
    ORDER BY c.issued_on DESC, c.id DESC LIMIT 1
  ) AS certificate_id,
  EXISTS (
    SELECT 1 FROM certificates c
    JOIN certificate_event k ON k.certificate_id = c.id AND k.kind = 'issued'
    WHERE c.organisation_id = n.organisation_id AND k.recorded_at <= n.known
  ) AS certified,
  EXISTS (
    SELECT 1 FROM listings l WHERE l.organisation_id = n.organisation_id
  ) AS published,
  EXISTS (
    SELECT 1 FROM listings l
    WHERE l.organisation_id = n.organisation_id AND l.scheme = n.scheme
  ) AS listed,
  (SELECT max(recorded_at) FROM certificate_event
   WHERE recorded_at <= n.known) AS recorded_through
  FROM named n
)
SELECT {selected}
FROM found f
LEFT JOIN organisations o ON o.id = f.organisation_id AND (f.certified OR f.published)
LEFT JOIN certificates c ON c.id = f.certificate_id
LEFT JOIN certificate_event e
  ON e.certificate_id = c.id AND e.recorded_at <= f.known
LEFT JOIN certificates s ON s.id = e.other_id
ORDER BY f.place, e.id
"""
TYPES: dict[str, Any] = {
    "place": Integer,
    "scheme": String,
    "certified": Boolean,
    "listed": Boolean,
    "recorded_through": UTCDateTime,
    **dict.fromkeys(("id", "certificate_id", "event_id"), Integer),
    **dict.fromkeys(("name", "kind", "vat", "tax_code", "albo", "rea"), String),
    **dict.fromkeys(("town", "province", "number"), String),
    **dict.fromkeys(("issued_on", "begins_on", "valid_until", "effective_on"), Date),
    "anniversary": Date,
    **dict.fromkeys(("edition", "edition_digest", "printed_name"), String),
    **dict.fromkeys(("printed", "reserved", "signed"), Boolean),
    "event": CertificateEvent.kind.type,
    "recorded_at": UTCDateTime,
    **dict.fromkeys(("reason_code", "newer"), String),
}


class Happened(NamedTuple):
    """An event of a certificate, as far as it is known."""

    id: int
    kind: EventKind
    effective_on: date
    recorded_at: datetime
    reason_code: str | None
    anniversary: date | None
    #: The number of the certificate that took its place.
    newer: str | None = None


class Found(NamedTuple):
    """What the register has to a question; `row` has the names in SELECTED."""

    row: Any
    events: list[Happened]

    @property
    def newer(self) -> str | None:
        """The number of the certificate that took the place of this one."""
        return next((e.newer for e in reversed(self.events) if e.newer), None)


def found(questions: Sequence[Question]) -> list[Found]:
    """What there is to each question, in the same order."""
    asked = {"asked": as_json(questions)}
    rows = db.session.execute(statement(db.engine.dialect.name), asked)
    told = [gathered(list(one)) for _, one in groupby(rows, key=lambda row: row.place)]
    if len(told) != len(questions):
        raise ValueError("a question was lost")
    return told


def as_json(questions: Sequence[Question]) -> str:
    """The questions as the one parameter of the statement."""
    return json.dumps([_asked(one) for one in questions])


def _asked(one: Question) -> list[str | None]:
    when = one.on.isoformat(), stamp(one.known_at)
    return [LETTERS[one.by], one.value, *when, one.about]


def stamp(known_at: datetime | None) -> str:
    """An instant as both databases compare it; for ever if None."""
    utc = (known_at or FOR_EVER).astimezone(UTC).replace(tzinfo=None)
    return utc.isoformat(sep=" ", timespec="microseconds")


def selected(columns: Mapping[str, str]) -> str:
    """Columns as a SELECT lists them, by their names."""
    return ",\n  ".join(f"{where} AS {name}" for name, where in columns.items())


@cache
def written(dialect: str) -> str:
    """The one statement, in the words of a database."""
    words = DIALECTS[dialect]
    return ONE_BY_ONE.format(named=NAMED, selected=selected(SELECTED), **words)


@cache
def statement(dialect: str) -> TextualSelect:
    """The same with the types of its columns."""
    made: TextClause = text(written(dialect))
    return made.columns(**TYPES)


def gathered(rows: list[Any]) -> Found:
    """The rows of one question: what there is, and what happened to it."""
    return Found(rows[0], list(_events(rows)))


def _events(rows: list[Any]) -> Iterator[Happened]:
    for row in rows:
        if row.event_id is not None:
            yield Happened(
                row.event_id,
                row.event,
                row.effective_on,
                row.recorded_at,
                row.reason_code,
                row.anniversary,
                row.newer,
            )
