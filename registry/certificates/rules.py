"""Questions about a certificate: its dates, and who may do what with it."""

from datetime import date, timedelta

from registry.accounts.models import Role, User
from registry.certificates.models import Certificate, CertificateState
from registry.certificates.standing import Code, Standing, standing
from registry.clock import add_months
from registry.criteria.edition import Edition

CERTIFIED = {Code.VALID, Code.IN_UPDATE}
STANDS = {Code.VALID, Code.IN_UPDATE, Code.SUSPENDED}


def last_day(issued_on: date, edition: Edition) -> date:
    """The last day of validity, included: 12 October 2026 gives 11 October 2029."""
    months = edition.parameters.certificate_months
    return add_months(issued_on, months) - timedelta(days=1)


def anniversaries(issued_on: date, edition: Edition) -> list[date]:
    """
    The days by which a re-check is to be filed; the last is the end of the term.

    Each is counted from the day of issue, so that 29 February is met again.
    """
    step, term = (
        edition.parameters.recheck_months,
        edition.parameters.certificate_months,
    )
    days = [add_months(issued_on, months) for months in range(step, term, step)]
    return [*days, last_day(issued_on, edition)]


def next_anniversary(
    certificate: Certificate, edition: Edition, on: date
) -> date | None:
    """The next day by which a re-check is due, on or after `on`."""
    days = anniversaries(certificate.issued_on, edition)
    return next((day for day in days if day >= on), None)


def standing_of(certificate: Certificate, on: date) -> Standing:
    """What the certificate is worth on a day."""
    return standing(certificate.events, certificate.valid_until, on)


def is_issued(certificate: Certificate) -> bool:
    return certificate.state is CertificateState.ISSUED


def may_suspend(certificate: Certificate, user: User, on: date) -> bool:
    return user.is_a(Role.COMMITTEE) and standing_of(certificate, on).code in CERTIFIED


def may_reinstate(certificate: Certificate, user: User, on: date) -> bool:
    code = standing_of(certificate, on).code
    return user.is_a(Role.COMMITTEE) and code is Code.SUSPENDED


def may_withdraw(certificate: Certificate, user: User, on: date) -> bool:
    return user.is_a(Role.COMMITTEE) and standing_of(certificate, on).code in STANDS


def may_end(certificate: Certificate, user: User, on: date) -> bool:
    """The legal representative may give the certificate up."""
    speaks = any(
        r.user_id == user.id
        and r.ended_at is None
        and r.capacity == "legal_representative"
        for r in certificate.organisation.representations
    )
    return speaks and standing_of(certificate, on).code in STANDS
