"""Reading what lies ahead of holders, and decided cases by their number."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Select,
    SQLColumnExpression,
    String,
    cast,
    exists,
    literal,
    select,
)
from sqlalchemy.orm import aliased

from registry.applications.models import Application
from registry.certificates.models import Certificate
from registry.certificates.numbers import Number
from registry.certificates.queries import by_number
from registry.certificates.rules import next_anniversary
from registry.clock import add_months
from registry.criteria.edition import Edition, Requirement
from registry.criteria.reader import Editions
from registry.db import db
from registry.decisions.models import Decision
from registry.errors import N_, NotFound
from registry.schemes.forecast import Forecast, forecast, lost_by_day
from registry.schemes.known import holding, of_holder
from registry.schemes.models import Notice

FORECAST = "forecast:"
#: How many days before something lapses its holder is written to: our choice.
AHEAD_DAYS = 60


class Ahead(NamedTuple):
    """A holder, a day on which something lapses, and the requirements that do."""

    on: date
    certificate: Certificate
    requirements: tuple[Requirement, ...]


class Year(NamedTuple):
    """What lapses in the next twelve months, and what did before and waits for a
    re-check; the first day first."""

    ahead: list[Ahead]
    lapsed: list[Ahead]


def decided(number: str) -> Decision:
    """The decision behind a certificate number or a protocol; raises NotFound."""
    case = select(Decision).join(Application, Decision.application_id == Application.id)
    if number.strip().upper().startswith("P-"):
        case = case.where(Application.protocol == number.strip().upper())
    else:
        certificate = by_number(Number.read(number))
        case = case.where(Application.id == certificate.application_id)
    found = db.session.scalar(case)
    if found is None:
        raise NotFound(
            N_("No decision of the committee lies behind %(number)s."), number=number
        )
    return found


def last_grant(certificate: Certificate, on: date) -> Decision | None:
    """The decision a certificate that stands rests on today, re-checks included."""
    row = db.session.execute(
        holding(certificate.scheme, on).where(Certificate.id == certificate.id)
    ).first()
    return None if row is None else row[1]


def held(id_: int, scheme: str, on: date) -> tuple[Certificate, Decision]:
    """A certificate of the scheme that stands, with its last grant; NotFound."""
    row = db.session.execute(holding(scheme, on).where(Certificate.id == id_)).first()
    if row is None:
        raise NotFound(N_("There is no such certificate."))
    return row[0], row[1]


def to_tell(edition: Edition, about: str, on: date) -> Sequence[int]:
    """The ids of certificates of an edition whose holders had no such letter."""
    told = _told(Certificate.organisation_id, literal(about))
    found: Select[Any] = (
        holding(edition.scheme, on)
        .with_only_columns(Certificate.id)
        .where(Certificate.edition == edition.key, ~told)
    )
    return list(db.session.scalars(found))


def to_forewarn(scheme: str, editions: Editions, on: date) -> list[int]:
    """The ids of certificates to whose holders a letter on what lapses is due."""
    about = literal(FORECAST) + cast(Decision.id, String)
    told = _told(Certificate.organisation_id, about)
    found = holding(scheme, on).where(~told).execution_options(yield_per=500)
    return [
        certificate.id
        for certificate, decision in db.session.execute(found)
        if forewarned_of(certificate, decision, editions, on) is not None
    ]


def forecast_of(
    certificate: Certificate,
    decision: Decision,
    editions: Editions,
    until: date | None = None,
) -> Forecast:
    """What lapses for a holder, from the day its answers are about up to a day: the end
    of the certificate unless said."""
    known = of_holder(certificate, decision, editions)
    last = max(until or certificate.valid_until, known.day)
    return forecast(
        known.edition, known.subject.case, decision.grounds, known.day, last
    )


def next_check(certificate: Certificate, editions: Editions, on: date) -> date:
    """The day of the next re-check or renewal; the last day when there is none."""
    own = editions[certificate.edition]
    return next_anniversary(certificate, own, on) or certificate.valid_until


def forewarned_of(
    certificate: Certificate, decision: Decision, editions: Editions, on: date
) -> date | None:
    """The day of which a letter is due now: near, and before the next re-check."""
    following = next_check(certificate, editions, on)
    last = min(on + timedelta(days=AHEAD_DAYS), following)
    fails_on = forecast_of(certificate, decision, editions, last).fails_on
    # What has lapsed already is no news to foretell; after a re-check all is new.
    return fails_on if fails_on and on < fails_on < following else None


def year_ahead(editions: Editions, on: date, most: int) -> Year:
    """What lapses for the holders in twelve months, by the answers verified last."""
    until, year = add_months(on, 12), Year([], [])
    for scheme in dict.fromkeys(one.scheme for one in editions.values()):
        for certificate, decision in db.session.execute(
            holding(scheme, on).limit(most)
        ):
            edition = editions[decision.grounds["edition"]]
            seen = forecast_of(certificate, decision, editions, until)
            for day, ids in lost_by_day(edition, seen).items():
                lost = tuple(edition.requirement(id_) for id_ in ids)
                row = Ahead(day, certificate, lost)
                (year.ahead if on <= day else year.lapsed).append(row)
    for rows in year:
        rows.sort(key=lambda one: (one.on, one.certificate.id))
    return year


def was_told(certificate: Certificate, about: str) -> bool:
    """Whether that letter was written to the holder already."""
    told = _told(literal(certificate.organisation_id), literal(about))
    return bool(db.session.scalar(select(told)))


def _told(
    holder_id: SQLColumnExpression[int], about: ColumnElement[str]
) -> ColumnElement[bool]:
    """Whether a holder had a letter, whichever number its certificate had then."""
    then = aliased(Certificate)
    return exists().where(
        Notice.about == about,
        Notice.certificate_id == then.id,
        then.organisation_id == holder_id,
    )
