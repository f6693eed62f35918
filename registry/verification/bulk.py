"""A hundred thousand numbers at once: one statement, one parameter, light rows."""

import json
from collections.abc import Sequence
from datetime import date, datetime
from functools import cache, lru_cache
from typing import Any, NamedTuple

from sqlalchemy import TextClause, text

from registry.certificates.standing import Code, Course, Standing, on_day
from registry.clock import civil_day
from registry.db import db
from registry.verification import queries
from registry.verification.queries import DIALECTS, NAMED
from registry.verification.questions import By, Question
from registry.verification.verdicts import standing_then
from registry.verification.version import recorded_through

#: For a day on or after the last event the projection of each certificate is enough.
PROJECTED = """
WITH asked AS MATERIALIZED (
  SELECT {place} AS place, q.value ->> 0 AS by, q.value ->> 1 AS value,
         {named} AS organisation_id
  FROM {source}
)
SELECT a.place, o.id, o.name, o.vat, coalesce(o.tax_code, o.vat), o.town, o.province,
  EXISTS (SELECT 1 FROM listings l WHERE l.organisation_id = o.id),
  c.number, c.edition, p.code, p.since_on, p.reason_code, p.in_update_from,
  c.valid_until
FROM asked a
JOIN organisations o ON o.id = a.organisation_id
LEFT JOIN certificates c ON c.organisation_id = o.id AND c.state = 'issued'
  AND (a.by <> 'certificate' OR c.number = a.value)
LEFT JOIN certificate_projection p ON p.certificate_id = c.id
ORDER BY a.place, c.issued_on, c.id
"""


class Light(NamedTuple):
    """An answer without its frills; what is not known is None."""

    status: Code
    since: date | None = None
    reason_code: str | None = "never_certified"
    organisation_id: int | None = None
    legal_name: str | None = None
    vat: str | None = None
    tax_code: str | None = None
    town: str | None = None
    province: str | None = None
    #: In a list of the scheme's owner, which certifies nothing.
    listed: bool = False
    certificate: str | None = None
    edition: str | None = None
    #: The last day of validity, included.
    expires: date | None = None


NOBODY = Light(Code.NEVER_CERTIFIED)


def lookup(
    pairs: Sequence[tuple[By, str]], on: date, known_at: datetime | None = None
) -> list[Light]:
    """
    What many numbers are worth on a day, in their order; any mix of identifiers.

    The numbers are in the register's spelling (`questions.recognised`).  The same as
    `verdicts.answers`, only lighter.
    """
    if not pairs:
        return []
    last = recorded_through()
    ahead = last is None or on >= civil_day(last)
    if ahead and (known_at is None or last is None or known_at >= last):
        return _projected(pairs, on)
    return _replayed(pairs, on, known_at)


def _projected(pairs: Sequence[tuple[By, str]], on: date) -> list[Light]:
    """No event is recorded before its day, but for an update, kept as a day to come."""
    found = [NOBODY] * len(pairs)
    first = 0 if db.engine.dialect.name == "sqlite" else 1
    statement = _statement(db.engine.dialect.name)
    for row in db.session.execute(statement, {"asked": json.dumps(pairs)}):
        place, id_, name, vat, tax_code, town, province, listed, *rest = row
        number, edition, code, since, reason, updating, until = rest
        if code is not None:
            now = _standing(code, since, reason, updating, until, on)
            found[place - first] = Light(
                now.code, now.since, now.reason_code, id_, name, vat, tax_code, town,
                province, bool(listed), number, edition, _day(until),
            )  # fmt: skip
        elif listed:
            found[place - first] = NOBODY._replace(
                organisation_id=id_, legal_name=name, vat=vat, tax_code=tax_code,
                town=town, province=province, listed=True,
            )  # fmt: skip
    return found


def _replayed(
    pairs: Sequence[tuple[By, str]], on: date, known_at: datetime | None
) -> list[Light]:
    questions = [Question(by, value, on, True, known_at) for by, value in pairs]
    return [_light(found, on) for found in queries.found(questions)]


def _light(found: queries.Found, on: date) -> Light:
    row, now = found.row, standing_then(found, on)
    if row.id is None:
        return NOBODY
    who = (row.id, row.name, row.vat, row.tax_code or row.vat, row.town, row.province)
    if now.code is Code.NEVER_CERTIFIED:
        return Light(now.code, None, now.reason_code, *who, row.listed)
    return Light(now.code, now.since, now.reason_code, *who, row.listed, row.number,
                 row.edition, row.valid_until)  # fmt: skip


@lru_cache(maxsize=65_536)
def _standing(
    code: str, since: Any, reason: str | None, updating: Any, until: Any, on: date
) -> Standing:
    """Most certificates share their days with others: worked out once for each."""
    begins = _day(updating) if updating else None
    return on_day(Course(Code(code), _day(since), reason, begins), _day(until), on)


@lru_cache(maxsize=65_536)
def _day(kept: Any) -> date:
    """A day as SQLite keeps it (text) or PostgreSQL gives it."""
    return kept if isinstance(kept, date) else date.fromisoformat(kept)


@cache
def _statement(dialect: str) -> TextClause:
    named = NAMED.format(by="q.value ->> 0", value="(q.value ->> 1)")
    return text(PROJECTED.format(named=named, **DIALECTS[dialect]))
