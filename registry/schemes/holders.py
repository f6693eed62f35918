"""What a holder's page says: the coming edition on its answers, and what lapses."""

from datetime import date
from typing import NamedTuple

from registry.certificates.models import Certificate
from registry.criteria.edition import Edition
from registry.criteria.facts import Basis
from registry.criteria.reader import Editions
from registry.criteria.what_if import Personal, of_subject
from registry.decisions.models import Decision
from registry.editions import queries as editing
from registry.editions import rules as life
from registry.schemes import queries, rules
from registry.schemes.forecast import Forecast
from registry.schemes.known import of_holder


class Coming(NamedTuple):
    """The edition that will bind a holder: verdicts, and the day it starts to."""

    edition: Edition
    binds_on: date | None
    found: Personal


class AheadOfHolder(NamedTuple):
    """All that lies ahead of one certificate."""

    edition: Edition
    verified_on: date
    forecast: Forecast
    coming: Coming | None


def ahead_of(
    certificate: Certificate,
    decision: Decision,
    editions: Editions,
    on: date,
    language: str,
) -> AheadOfHolder:
    """What time and the coming edition do to the answers granted last."""
    known = of_holder(certificate, decision, editions)
    return AheadOfHolder(
        known.edition,
        known.day,
        queries.forecast_of(certificate, decision, editions),
        _coming(certificate, decision, editions, on, language),
    )


def _coming(
    certificate: Certificate,
    decision: Decision,
    editions: Editions,
    on: date,
    language: str,
) -> Coming | None:
    own = editions[certificate.edition]
    new = life.coming(own, editing.lives(), editions, on)
    known = of_holder(certificate, decision, editions)
    if new is None or known.edition.key == new.key:
        return None
    found = of_subject(
        known.edition, new, known.subject, known.day, Basis.VERIFIED, language
    )
    return Coming(new, rules.binds_on(certificate, own, new, on), found)
