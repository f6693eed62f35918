"""Certificates with a story, made through the operations."""

from datetime import datetime, timedelta
from typing import Any

from registry.accounts.models import Role
from registry.certificates import operations as certificates
from registry.certificates.models import Certificate
from registry.clock import add_months, civil_day
from registry.db import db
from tests import factories
from tests.factories import LONG_AGO, person

LATER = LONG_AGO + timedelta(days=30)


def certified(
    name: str = "", *, at: datetime = LONG_AGO, **changes: Any
) -> Certificate:
    """A certificate of an organisation called `name`."""
    named = {"name": name} if name else {}
    made = factories.organisation(at=at, **named, **changes)
    return factories.certified(made, at=at)


def suspended(name: str = "", **changes: Any) -> Certificate:
    made = certified(name, **changes)
    by = person(Role.COMMITTEE)
    certificates.suspend(made, "suspended_major_finding", by=by, at=LATER)
    return _kept(made)


def withdrawn(name: str = "", **changes: Any) -> Certificate:
    made = suspended(name, **changes)
    by, at = person(Role.COMMITTEE), LATER + timedelta(days=30)
    certificates.withdraw(made, "withdrawn_requirements_lost", by=by, at=at)
    return _kept(made)


def ended(name: str = "") -> Certificate:
    made = certified(name)
    by = factories.representative(made.organisation)
    certificates.end(made, by=by, at=LATER)
    return _kept(made)


def in_update(name: str = "") -> Certificate:
    """Filed in time; from the day after the anniversary on it is in update."""
    made = certified(name)
    anniversary = add_months(civil_day(LONG_AGO), 12)
    at = LONG_AGO + timedelta(days=360)
    certificates.open_update(made, anniversary, by=person(Role.SECRETARIAT), at=at)
    return _kept(made)


def superseded(name: str = "") -> tuple[Certificate, Certificate]:
    """A certificate and the newer one of the same holder."""
    first = certified(name)
    newer = factories.certified(first.organisation, at=LATER)
    return first, newer


def _kept(made: Certificate) -> Certificate:
    db.session.commit()
    return made
