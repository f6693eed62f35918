"""The yearly work: each job asks what is due and does it once, whoever asks twice."""

from datetime import date, datetime

from registry.accounts.queries import the_registry
from registry.applications.queries import open_of
from registry.certificates.models import Certificate
from registry.certificates.rules import longest_suspension_ends_on, standing_of
from registry.certificates.standing import Code
from registry.clock import civil_day
from registry.criteria.edition import Edition
from registry.editions.queries import told
from registry.jobs import one_by_one
from registry.rechecks import operations, queries, rules
from registry.rechecks.models import Measure, Recheck
from registry.services import services

Due = tuple[Certificate, date, bool]


def _edition(certificate: Certificate) -> Edition:
    return services().editions[certificate.edition]


def follow_reissued(at: datetime) -> int:
    """Re-checks go with the certification, when it goes on under another number."""

    def work(found: Certificate) -> None:
        operations.follow(found, by=the_registry(), at=at)

    return one_by_one(queries.of_reissued(), queries.certificate_left, work)


def open_due(at: datetime) -> int:
    """Open the re-checks whose anniversary is near."""
    today = civil_day(at)

    def load(id_: int) -> Due | None:
        certificate = queries.certificate_held(id_)
        if certificate is None or certificate.application is None:
            return None
        if certificate.is_reissue and queries.has_any(certificate.replaces_id):
            return None  # those there are still to follow
        due = rules.due_anniversary(certificate, _edition(certificate), today)
        if due is None or queries.of_anniversary(certificate.id, due[0]):
            return None
        if open_of(certificate.organisation_id, certificate.scheme):
            return None  # the one before is still under way
        return certificate, *due

    def work(found: Due) -> None:
        certificate, due_on, renews = found
        editions = services().editions
        edition = rules.edition_asked(
            _edition(certificate), due_on, today, editions, told(), renews=renews
        )
        operations.open_recheck(
            certificate,
            edition,
            due_on,
            renews=renews,
            editions=editions,
            by=the_registry(),
            at=at,
        )

    return sum(
        one_by_one(queries.certificates_to_look_at(edition, today), load, work)
        for edition in services().editions.values()
    )


def remind(at: datetime) -> int:
    """Write the reminder letters that are due: −90, −60, −30, −7, 0, +7 days."""
    today = civil_day(at)

    def load(id_: int) -> Recheck | None:
        found = queries.held(id_)
        if found is None or rules.has_ended(found, today):
            return None
        due = queries.reminders_due(found, _edition(found.certificate), today)
        return found if due else None

    def work(found: Recheck) -> None:
        edition = _edition(found.certificate)
        operations.remind(found, edition, by=the_registry(), at=at)

    return one_by_one(queries.unfiled(), load, work)


def register_filed(at: datetime) -> int:
    """Tell the certificates whose re-check was filed."""

    def load(id_: int) -> Recheck | None:
        found = queries.held(id_)
        return found if found and found.filed_at is None else None

    def work(found: Recheck) -> None:
        operations.register_filed(found, by=the_registry(), at=at)

    return one_by_one(queries.filed_not_told(), load, work)


def close_decided(at: datetime) -> int:
    """Carry the committee's decisions over to the certificates."""

    def work(found: Recheck) -> None:
        edition = _edition(found.certificate)
        operations.close(found, edition, by=the_registry(), at=at)

    return one_by_one(queries.decided_not_closed(), queries.held, work)


def close_ended(at: datetime) -> int:
    """Close the drafts of certificates that ended before anything was filed."""
    today = civil_day(at)

    def load(id_: int) -> Recheck | None:
        found = queries.held(id_)
        return found if found and rules.has_ended(found, today) else None

    def work(found: Recheck) -> None:
        operations.close_ended(found, by=the_registry(), at=at)

    return one_by_one(queries.unfiled(), load, work)


def lapse_measures(at: datetime) -> int:
    """Take back the measures whose certificate is no longer suspended."""
    today = civil_day(at)

    def load(id_: int) -> Measure | None:
        found = queries.measure_held(id_)
        return found if found and rules.is_moot(found, today) else None

    def work(found: Measure) -> None:
        operations.lapse(found, by=the_registry(), at=at)

    return one_by_one([one.id for one in queries.open_measures()], load, work)


def suspend_missed(at: datetime) -> int:
    """Record the suspension of certificates whose re-check was missed."""
    today = civil_day(at)

    def load(id_: int) -> Recheck | None:
        found = queries.held(id_)
        if found is None or queries.suspension_was_recorded(found):
            return None
        missed = rules.is_missed(found, _edition(found.certificate), today)
        return found if missed else None

    def work(found: Recheck) -> None:
        edition = _edition(found.certificate)
        operations.suspend_missed(found, edition, by=the_registry(), at=at)

    return one_by_one(queries.unfiled(), load, work)


def propose_withdrawals(at: datetime) -> int:
    """Propose the withdrawal of certificates suspended for the longest time allowed."""
    today = civil_day(at)

    def load(id_: int) -> Certificate | None:
        found = queries.certificate_held(id_)
        if found is None:
            return None
        current = standing_of(found, today)
        due = longest_suspension_ends_on(current.since, _edition(found))
        proposed = queries.withdrawal_was_proposed(found.id, current.since)
        is_due = current.code is Code.SUSPENDED and today >= due and not proposed
        return found if is_due else None

    def work(found: Certificate) -> None:
        operations.propose_withdrawal(found, _edition(found), by=the_registry(), at=at)

    return one_by_one(queries.suspended(today), load, work)
