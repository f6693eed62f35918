"""Questions about a re-check: what is due, and on which day."""

from collections.abc import Collection, Sequence
from datetime import date, timedelta

from registry.accounts.models import User
from registry.applications.models import Application
from registry.certificates.models import Certificate
from registry.certificates.rules import (
    STANDS,
    anniversaries,
    is_impartial,
    opens_on,
    standing_of,
)
from registry.certificates.standing import Code
from registry.clock import civil_day
from registry.criteria.edition import Edition
from registry.criteria.reader import Editions
from registry.editions.rules import successor
from registry.rechecks.models import Measure, Recheck, Reminder


def due_anniversary(
    certificate: Certificate, edition: Edition, on: date
) -> tuple[date, bool] | None:
    """
    The anniversary whose re-check is open on the day `on`, and whether it is the last
    (then it asks for the next certificate); None when none is.
    """
    days = anniversaries(certificate.begins_on, edition)
    open_days = [day for day in days if opens_on(day, edition) <= on]
    if not open_days:
        return None
    return open_days[-1], open_days[-1] == days[-1]


def edition_asked(
    own: Edition,
    due_on: date,
    on: date,
    editions: Editions,
    told: Collection[str],
    *,
    renews: bool,
) -> Edition:
    """
    The edition that a re-check opened on the day `on` answers to.

    A renewal asks for a new certificate: the newest edition open. A re-check stays
    under the certificate's `own` edition up to the last day its successor leaves to
    holders (`holders_until`), once they were `told` of it.
    """
    newest = next(iter(editions.all_open_on(on, own.scheme, told)), own)
    if renews:
        return newest
    following = successor(own, editions)
    if following is None or following.replaces is None or following.key not in told:
        return own
    return own if due_on <= following.replaces.holders_until else newest


def is_filed(application: Application) -> bool:
    return application.submitted_at is not None


def is_in_time(recheck: Recheck) -> bool:
    """Filed on or before the anniversary counts as in time."""
    submitted = recheck.application.submitted_at
    return submitted is not None and civil_day(submitted) <= recheck.due_on


def due_reminders(recheck: Recheck, edition: Edition, on: date) -> list[int]:
    """
    The offsets of the ladder (days from the anniversary) reached on the day `on`.

    Nothing once it was filed.  Where days were skipped, only the latest is written:
    the earlier ones are marked as passed.
    """
    if is_filed(recheck.application):
        return []
    days = (on - recheck.due_on).days
    return [
        offset for offset in sorted(edition.parameters.reminder_days) if offset <= days
    ]


def was_written(reminder: Reminder, ladder: Sequence[Reminder]) -> bool:
    """
    Whether a step was written as a letter: of those reached together, the last one.
    """
    return not any(
        other.written_at == reminder.written_at and other.offset > reminder.offset
        for other in ladder
    )


def suspends_on(recheck: Recheck, edition: Edition) -> date:
    """
    The day on which a re-check never filed suspends: the day after the grace.

    Opened late (another application was under way), the grace counts from there.
    """
    from_on = max(recheck.due_on, civil_day(recheck.opened_at))
    return from_on + timedelta(days=edition.parameters.grace_days + 1)


def is_missed(recheck: Recheck, edition: Edition, on: date) -> bool:
    """
    Whether the grace has passed on a certificate in force and nothing was filed.

    A renewal not filed is not missed: its certificate simply expires.
    """
    return (
        not recheck.renews
        and not is_filed(recheck.application)
        and on >= suspends_on(recheck, edition)
        and standing_of(recheck.certificate, on).code is Code.VALID
    )


def is_moot(measure: Measure, on: date) -> bool:
    """Nothing is left to decide: the certificate is no longer suspended."""
    return (
        measure.decided_at is None
        and standing_of(measure.certificate, on).code is not Code.SUSPENDED
    )


def has_ended(recheck: Recheck, on: date) -> bool:
    """The certificate no longer stands, and nothing was filed: no re-check is due."""
    return (
        not is_filed(recheck.application)
        and standing_of(recheck.certificate, on).code not in STANDS
    )


def may_decide_measure(measure: Measure, user: User) -> bool:
    """A committee member with no tie to the holder, once."""
    return measure.decided_at is None and is_impartial(measure.certificate, user)


def first_day_after(recheck: Recheck, on: date) -> date:
    """From which day on the next anniversary is looked for, this one being done."""
    return max(on, recheck.due_on) + timedelta(days=1)


def is_late(recheck: Recheck, on: date) -> bool:
    return not is_filed(recheck.application) and on > recheck.due_on
