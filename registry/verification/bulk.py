"""A hundred thousand numbers at once: one statement, one parameter, light rows."""

import json
from collections.abc import Sequence
from datetime import date, datetime
from functools import cache, lru_cache
from typing import Any, NamedTuple

from sqlalchemy import TextClause, text

from registry.certificates.standing import Code, Course, Standing, on_day
from registry.clock import civil_day
from registry.criteria.schemes import MAIN_SCHEME
from registry.db import db
from registry.verification import queries
from registry.verification.queries import LETTERS, NAMED
from registry.verification.questions import By, Question
from registry.verification.verdicts import standing_then
from registry.verification.version import recorded_through

#: Each number comes with the letter of its kind before it.
ASKED = {
    "sqlite": """
      SELECT q.key AS place, substr(q.value, 1, 1) AS by, substr(q.value, 2) AS value
      FROM json_each(:asked) AS q""",
    "postgresql": """
      SELECT q.place - 1 AS place, substr(q.value, 1, 1) AS by,
        substr(q.value, 2) AS value
      FROM unnest(CAST(:asked AS text[])) WITH ORDINALITY AS q(value, place)""",
}
#: What SQLite looks up row after row PostgreSQL joins whole: only what it needs.
JOINED = {
    "v": "LEFT JOIN organisations v ON v.vat = a.value AND a.by IN ('v', 't') "
    "LEFT JOIN organisations t ON t.tax_code = a.value AND a.by IN ('v', 't')",
    "a": "LEFT JOIN organisations b ON b.albo = a.value AND a.by = 'a'",
    "c": "LEFT JOIN certificates n ON n.number = a.value AND a.by = 'c' "
    "AND n.state = 'issued'",
}
FOUND = {
    "v": "WHEN 'v' THEN coalesce(v.id, t.id) WHEN 't' THEN coalesce(t.id, v.id)",
    "a": "WHEN 'a' THEN b.id",
    "c": "WHEN 'c' THEN n.organisation_id",
}
OTHERS = (
    "WHEN 'r' THEN (SELECT min(id) FROM organisations WHERE rea = a.value)",
    "WHEN 'o' THEN CAST(a.value AS integer)",
)
#: For a day on or after the last event the projection of each certificate is enough.
PROJECTED = """
WITH asked AS MATERIALIZED ({asked}), named AS MATERIALIZED ({named})
SELECT a.place, o.id, o.name, o.vat, coalesce(o.tax_code, o.vat), o.town, o.province,
  EXISTS (SELECT 1 FROM listings l
    WHERE l.organisation_id = o.id AND l.scheme = :scheme),
  c.id IS NULL AND (
    EXISTS (SELECT 1 FROM listings l WHERE l.organisation_id = o.id)
    OR EXISTS (SELECT 1 FROM certificates k
      WHERE k.organisation_id = o.id AND k.state = 'issued')),
  c.number, c.edition, p.code, p.since_on, p.reason_code, p.in_update_from,
  c.valid_until
FROM named a
JOIN organisations o ON o.id = a.organisation_id
LEFT JOIN certificates c ON c.organisation_id = o.id AND c.state = 'issued'
  AND c.scheme = :scheme AND (a.by <> 'c' OR c.number = a.value)
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
    pairs: Sequence[tuple[By, str]],
    on: date,
    known_at: datetime | None = None,
    scheme: str = MAIN_SCHEME,
) -> list[Light]:
    """
    What many numbers are worth on a day under one scheme, in their order.

    Any mix of identifiers; the number of another scheme’s certificate is worth nothing.

    The numbers are in the register's spelling (`questions.recognised`).  The same as
    `verdicts.answers`, only lighter.
    """
    if not pairs:
        return []
    last = recorded_through()
    ahead = last is None or on >= civil_day(last)
    if ahead and (known_at is None or last is None or known_at >= last):
        return _projected([LETTERS[by] + value for by, value in pairs], on, scheme)
    return _replayed(pairs, on, known_at, scheme)


def entities(
    ids: Sequence[int], today: date, scheme: str = MAIN_SCHEME
) -> dict[int, Light]:
    """What organisations are worth today, by their keys; nobody for who is none."""
    found = _projected([f"o{id_}" for id_ in ids], today, scheme)
    return dict(zip(ids, found, strict=True))


def _projected(numbers: list[str], on: date, scheme: str) -> list[Light]:
    """No event is recorded before its day, but for an update, kept as a day to come."""
    found = [NOBODY] * len(numbers)
    for row in db.session.execute(*_asked(numbers, scheme)):
        place, id_, name, vat, tax_code, town, province, listed, known, *rest = row
        number, edition, code, since, reason, updating, until = rest
        if code is not None:
            now = _standing(code, since, reason, updating, until, on)
            found[place] = Light(
                now.code, now.since, now.reason_code, id_, name, vat, tax_code, town,
                province, bool(listed), number, edition, _day(until),
            )  # fmt: skip
        elif known:
            found[place] = NOBODY._replace(
                organisation_id=id_, legal_name=name, vat=vat, tax_code=tax_code,
                town=town, province=province, listed=bool(listed),
            )  # fmt: skip
    return found


def _replayed(
    pairs: Sequence[tuple[By, str]], on: date, known_at: datetime | None, scheme: str
) -> list[Light]:
    questions = [Question(by, value, on, True, known_at, scheme) for by, value in pairs]
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


def _asked(numbers: list[str], scheme: str) -> tuple[TextClause, dict[str, Any]]:
    about = {"scheme": scheme}
    if db.engine.dialect.name == "sqlite":
        return _statement("sqlite", NAMED), {"asked": json.dumps(numbers), **about}
    # Compiling it would take longer than the work.
    db.session.execute(text("SET LOCAL jit = off"))
    kinds = {number[0].replace("t", "v") for number in numbers}
    joins = [join for kind, join in JOINED.items() if kind in kinds]
    cases = [case for kind, case in FOUND.items() if kind in kinds]
    chosen = " ".join(["SELECT a.*, CASE a.by", *cases, *OTHERS])
    named = " ".join([chosen, "END AS organisation_id FROM asked a", *joins])
    return _statement("postgresql", named), {"asked": numbers, **about}


@cache
def _statement(dialect: str, named: str) -> TextClause:
    return text(PROJECTED.format(asked=ASKED[dialect], named=named))
