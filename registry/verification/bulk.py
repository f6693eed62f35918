"""A hundred thousand numbers at once: a statement or two for a kind, light rows.

What comes back in each statement is what a raw join gives, unsorted: the last
certificate of an organisation is picked here.
"""

import json
from collections.abc import Collection, Iterator, Sequence
from datetime import date, datetime
from functools import cache
from typing import Any, NamedTuple

from registry.certificates.standing import Code
from registry.clock import civil_day
from registry.criteria.schemes import MAIN_SCHEME
from registry.db import db
from registry.garbage import not_looked_for
from registry.verification import queries
from registry.verification.driver import Reading
from registry.verification.projected import COURSE, worth
from registry.verification.questions import By, Question
from registry.verification.verdicts import standing_then
from registry.verification.version import recorded_through

#: All the numbers are in one parameter; PostgreSQL looks them up in a hash of it.
AMONG = {
    "sqlite": "{column} IN (SELECT value FROM json_each(:asked))",
    "postgresql": "{column} = ANY(CAST(string_to_array(:asked, chr(31)) AS {kind}[]))",
}
SEPARATOR = chr(31)
#: Where a number is looked for, first here and, if nobody has it, there.  Partita IVA
#: and codice fiscale come from one series: see `queries.NAMED`.
LOOKED_FOR: dict[str, tuple[str, ...]] = {
    "vat": ("o.vat", "o.tax_code"),
    "tax_code": ("o.tax_code", "o.vat"),
    "albo": ("o.albo",),
    "rea": ("o.rea",),
    "id": ("o.id",),
    "certificate": ("n.number",),
}
PAPERS = """certificates n
JOIN organisations o ON n.state = 'issued' AND o.id = n.organisation_id"""
#: For a day on or after the last event the projection of each certificate is enough.
PROJECTED = """
SELECT {number}, o.id, o.name, o.vat, coalesce(o.tax_code, o.vat),
  o.town, o.province, o.id IN (SELECT l.organisation_id FROM listings l
    WHERE l.organisation_id IS NOT NULL AND l.scheme = :scheme),
  c.edition, {course}, c.number, c.issued_on, c.id
FROM {bearers}
LEFT JOIN certificates c ON c.organisation_id = o.id AND c.state = 'issued'
  AND c.scheme = :scheme {same}
LEFT JOIN certificate_projection p ON p.certificate_id = c.id
WHERE {among}
"""
#: Those that the register has something of, whatever the scheme.
KNOWN = """
SELECT o.id FROM organisations o WHERE {among} AND (
  EXISTS (SELECT 1 FROM listings l WHERE l.organisation_id = o.id)
  OR EXISTS (SELECT 1 FROM certificates c
    WHERE c.organisation_id = o.id AND c.state = 'issued'))
"""
#: Compiling a statement would take longer than its work, a plan for any number of
#: numbers or by joining certificates first fits a hundred thousand badly; so does the
#: memory that is meant for small answers.
AT_ONCE = """
SELECT set_config('jit', 'off', true),
  set_config('plan_cache_mode', 'force_custom_plan', true),
  set_config('join_collapse_limit', '1', true),
  set_config('work_mem', '64MB', true)
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
        return _projected(pairs, on, scheme)
    return _replayed(pairs, on, known_at, scheme)


def entities(
    ids: Sequence[int], today: date, scheme: str = MAIN_SCHEME
) -> dict[int, Light]:
    """What organisations are worth today, by their keys; nobody for who is none."""
    found = _projected([("id", str(id_)) for id_ in ids], today, scheme)
    return dict(zip(ids, found, strict=True))


@not_looked_for()  # a hundred thousand rows would be walked again and again
def _projected(pairs: Sequence[tuple[str, str]], on: date, scheme: str) -> list[Light]:
    """No event is recorded before its day, but for an update, kept as a day to come."""
    reading = Reading.within(db.session.connection())
    if reading.dialect == "postgresql":
        reading.rows(AT_ONCE, {})
    kinds = {by for by, _ in pairs}
    wanted = {by: {value for kind, value in pairs if kind == by} for by in kinds}
    told = {by: _of_kind(reading, by, wanted[by], on, scheme) for by in kinds}
    return [told[by].get(value, NOBODY) for by, value in pairs]


def _of_kind(
    reading: Reading, by: str, wanted: set[str], on: date, scheme: str
) -> dict[str, Light]:
    """What the numbers of one kind are worth; those of nobody are left out."""
    told: dict[str, Light] = {}
    ranks: dict[str, Any] = {}
    for look in range(len(LOOKED_FOR[by])):
        left = wanted - told.keys()
        for row in _rows(reading, by, look, left, scheme) if left else ():
            # Of two with one REA number the first entered, of two papers the last.
            value, rank = row[0], (-row[1], row[-2], row[-1])
            if value not in ranks or rank > ranks[value]:
                ranks[value], told[value] = rank, _told(row, on)
    bare = {one.organisation_id for one in told.values() if one.certificate is None}
    if nothing := bare - _known(reading, bare):
        return {v: one for v, one in told.items() if one.organisation_id not in nothing}
    return told


def _told(row: Any, on: date) -> Light:
    (_, id_, name, vat, tax_code, town, province, listed, edition,
     code, since, reason, update, until, number, _, _) = row  # fmt: skip
    if code is None:
        return Light(
            *NOBODY[:3], id_, name, vat, tax_code, town, province, bool(listed)
        )
    now, last = worth(code, since, reason, update, until, on)
    # By its own `__new__` a named tuple takes twice as long.
    return tuple.__new__(Light, (now.code, now.since, now.reason_code, id_, name, vat,
        tax_code, town, province, bool(listed), number, edition, last))  # fmt: skip


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


def _rows(
    reading: Reading, by: str, look: int, numbers: Collection[str], scheme: str
) -> Iterator[Any]:
    """What there is to the numbers, as the driver has it, a row for each paper."""
    given = {"asked": _one_parameter(reading.dialect, numbers), "scheme": scheme}
    # As rows of SQLAlchemy they cost twice as much.
    return reading.streamed(_statement(reading.dialect, by, look), given)


def _known(reading: Reading, ids: Collection[int | None]) -> set[int]:
    """Those of organisations without a certificate that something is published of."""
    if not ids:
        return set()
    statement = KNOWN.format(among=_among(reading.dialect, "o.id"))
    given = {"asked": _one_parameter(reading.dialect, [str(id_) for id_ in ids])}
    return {id_ for (id_,) in reading.rows(statement, given)}


def _one_parameter(dialect: str, numbers: Collection[str]) -> str:
    if dialect == "sqlite":
        return json.dumps(list(numbers))
    joined = SEPARATOR.join(numbers)
    if joined.count(SEPARATOR) != len(numbers) - 1:
        raise ValueError("no number has a separator in it")
    return joined


def _among(dialect: str, column: str) -> str:
    kind = "integer" if column == "o.id" else "text"
    return AMONG[dialect].format(column=column, kind=kind)


@cache
def _statement(dialect: str, by: str, look: int) -> str:
    column, papers = LOOKED_FOR[by][look], by == "certificate"
    among = _among(dialect, column)
    if look:  # who has one number for both was seen before
        among += f" AND coalesce({column} <> {LOOKED_FOR[by][0]}, true)"
    return PROJECTED.format(
        number=f"CAST({column} AS text)",
        course=COURSE,
        bearers=PAPERS if papers else "organisations o",
        same="AND c.id = n.id" if papers else "",
        among=among,
    )
