"""When a coming edition begins to bind a holder."""

from datetime import date

from registry.certificates.models import Certificate
from registry.certificates.rules import anniversaries, opens_on
from registry.criteria.edition import Edition

#: More holders than these are tried from the command line, not while a page waits.
MOST_ON_A_PAGE = 2_000


def binds_on(
    certificate: Certificate, old: Edition, new: Edition, on: date
) -> date | None:
    """
    The day by which the holder answers to the new edition; None when this certificate
    ends under the old one.

    A renewal opened once the new edition is in force, or the first re-check after the
    last day that the new edition leaves to holders.
    """
    days = anniversaries(certificate.begins_on, old)
    until = new.replaces.holders_until if new.replaces else date.max
    for day in days:
        renews = day == days[-1] and opens_on(day, old) >= new.in_force_from
        if day >= on and (renews or day > until):
            return day
    return None
