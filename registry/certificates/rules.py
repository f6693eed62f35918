"""Questions about a certificate: its dates, and who may do what with it."""

from datetime import date, datetime, timedelta
from functools import lru_cache

from registry.accounts.models import Role, User
from registry.certificates.models import (
    Certificate,
    CertificateEvent,
    CertificateState,
    Copy,
    EventKind,
)
from registry.certificates.standing import Code, Standing, course, standing
from registry.clock import add_months
from registry.criteria.edition import Edition
from registry.errors import N_
from registry.organisations.models import Capacity

CERTIFIED = {Code.VALID, Code.IN_UPDATE}
#: The languages of courtesy copies; the certificate itself is in Italian.
COPIES = ("en",)
#: A paper takes seconds; one that still waits after this is told as waiting.
SEALED_WITHIN = timedelta(minutes=15)
STANDS = {Code.VALID, Code.IN_UPDATE, Code.SUSPENDED}


def last_day(issued_on: date, edition: Edition) -> date:
    """The last day of validity, included: 12 October 2026 gives 11 October 2029."""
    return _last_day(issued_on, edition.parameters.certificate_months)


def _last_day(issued_on: date, term: int) -> date:
    return add_months(issued_on, term) - timedelta(days=1)


def anniversaries(issued_on: date, edition: Edition) -> list[date]:
    """
    The days by which a re-check is to be filed; the last is the end of the term.

    Each is counted from the day of issue, so that 29 February is met again.
    """
    told = edition.parameters
    return list(_days(issued_on, told.recheck_months, told.certificate_months))


@lru_cache(maxsize=4096)
def _days(issued_on: date, step: int, term: int) -> tuple[date, ...]:
    """Most certificates share their day with others: worked out once for each."""
    days = [add_months(issued_on, months) for months in range(step, term, step)]
    return *days, _last_day(issued_on, term)


def opens_on(anniversary: date, edition: Edition) -> date:
    """The day on which the re-check of an anniversary opens."""
    return anniversary - timedelta(days=edition.parameters.recheck_opens_days)


def longest_suspension_ends_on(suspended_on: date, edition: Edition) -> date:
    """The day on which the withdrawal of a suspended certificate is proposed."""
    return add_months(suspended_on, edition.parameters.suspension_months)


def next_days(
    certificate: Certificate, edition: Edition, on: date
) -> list[tuple[date, str]]:
    """What comes next for a certificate that stands: days, and words to translate."""
    current = standing_of(certificate, on)
    if current.code not in STANDS:
        return []
    days = [(certificate.valid_until, N_("Last day of validity"))]
    if current.code is Code.SUSPENDED:
        ends = longest_suspension_ends_on(current.since, edition)
        days.append((ends, N_("Its withdrawal is proposed to the committee")))
    following = next_anniversary(certificate, edition, on)
    if following == certificate.valid_until:
        days.append((opens_on(following, edition), N_("The renewal opens")))
        days.append((following, N_("Last day to file the renewal")))
    elif following:
        days.append((opens_on(following, edition), N_("The re-check opens")))
        days.append((following, N_("Last day to file the re-check")))
    return sorted(one for one in days if one[0] >= on)


def next_anniversary(
    certificate: Certificate, edition: Edition, on: date
) -> date | None:
    """The next day by which a re-check is due, on or after `on`."""
    days = anniversaries(certificate.begins_on, edition)
    return next((day for day in days if day >= on), None)


def next_to_file(certificate: Certificate, edition: Edition, on: date) -> date:
    """The next day by which a re-check is due and which none has confirmed yet."""
    done = {e.anniversary for e in certificate.events if e.kind is EventKind.CONFIRMED}
    days = anniversaries(certificate.begins_on, edition)
    open_days = [day for day in days if day >= on and day not in done]
    return open_days[0] if open_days else certificate.valid_until


def standing_of(certificate: Certificate, on: date) -> Standing:
    """What the certificate is worth on a day."""
    return standing(certificate.events, certificate.valid_until, on)


def open_update(certificate: Certificate) -> CertificateEvent | None:
    """The event that opened the update still under way, or about to begin."""
    latest = course(certificate.events, date.max)
    return next(
        (
            event
            for event in certificate.events
            if latest is not None
            and event.kind is EventKind.UPDATE_OPENED
            and event.effective_on == latest.in_update_from
        ),
        None,
    )


def is_issued(certificate: Certificate) -> bool:
    return certificate.state is CertificateState.ISSUED


def is_stuck(certificate: Certificate, at: datetime) -> bool:
    """Reserved longer ago than a seal takes: its authority may be out of reach."""
    return not is_issued(certificate) and at - certificate.reserved_at > SEALED_WITHIN


def may_use_mark(certificate: Certificate, on: date) -> bool:
    """The holder may show the mark while the certificate is in force, not suspended."""
    return standing_of(certificate, on).code in CERTIFIED


def is_replaced(certificate: Certificate, on: date) -> bool:
    """Whether a new certificate for the same scheme takes the place of this one."""
    return standing_of(certificate, on).code in {*STANDS, Code.EXPIRED}


def is_impartial(certificate: Certificate, user: User) -> bool:
    """A committee member who does not and did not speak for the holder."""
    return user.is_a(Role.COMMITTEE) and not any(
        r.user_id == user.id for r in certificate.organisation.representations
    )


def may_suspend(certificate: Certificate, user: User, on: date) -> bool:
    """The committee, on a certificate in force; the registry for a missed re-check."""
    acts = user.is_a(Role.REGISTRY) or is_impartial(certificate, user)
    return acts and standing_of(certificate, on).code in CERTIFIED


def may_reinstate(certificate: Certificate, user: User, on: date) -> bool:
    code = standing_of(certificate, on).code
    return is_impartial(certificate, user) and code is Code.SUSPENDED


def may_withdraw(certificate: Certificate, user: User, on: date) -> bool:
    return (
        is_impartial(certificate, user) and standing_of(certificate, on).code in STANDS
    )


def may_end(certificate: Certificate, user: User, on: date) -> bool:
    """The legal representative may give the certificate up."""
    return (
        capacity(certificate, user) is Capacity.LEGAL_REPRESENTATIVE
        and standing_of(certificate, on).code in STANDS
    )


def capacity(certificate: Certificate, user: User) -> Capacity | None:
    """In what capacity the user speaks for the holder today, if at all."""
    for representation in certificate.organisation.representations:
        if representation.user_id == user.id and representation.ended_at is None:
            return representation.capacity
    return None


def may_ask_copy(certificate: Certificate, user: User, language: str) -> bool:
    """The holder's people and the secretariat, of an issued certificate, once."""
    return has_room_for_copy(certificate, language) and (
        user.is_a(Role.SECRETARIAT, Role.REGISTRY)
        or capacity(certificate, user) is not None
    )


def may_reissue(certificate: Certificate, user: User, on: date) -> bool:
    """The secretariat, a certificate that can be issued again."""
    return user.is_a(Role.SECRETARIAT, Role.REGISTRY) and can_be_reissued(
        certificate, on
    )


def can_be_reissued(certificate: Certificate, on: date) -> bool:
    """
    In force, with a day left, a decision behind it, and no certificate after it.

    One that is suspended waits for its reinstatement.
    """
    return (
        is_issued(certificate)
        and standing_of(certificate, on).code in CERTIFIED
        and on < certificate.valid_until
        and certificate.rests_on is not None
        and certificate.replaced_by is None
    )


def has_room_for_copy(certificate: Certificate, language: str) -> bool:
    """Whether a copy in a language can still be made: there is one at most."""
    return (
        is_issued(certificate)
        and certificate.rests_on is not None
        and language in COPIES
        and copy_in(certificate, language) is None
    )


def copy_in(certificate: Certificate, language: str) -> Copy | None:
    """The copy in a language, asked for or made."""
    return next((c for c in certificate.copies if c.language == language), None)


def lifts(reason_code: str | None) -> bool:
    """Whether a re-check that went well lifts a suspension for this reason."""
    return reason_code in {"suspended_missed_recheck", "suspended_failed_recheck"}
