"""Opening, reminding, closing re-checks, and the measures for those missed."""

from datetime import date, datetime, timedelta
from typing import Any

from registry.accounts.models import Role, User
from registry.accounts.queries import staff
from registry.applications import operations as applications
from registry.applications import queries as application_queries
from registry.applications.models import ApplicationKind, ApplicationState
from registry.certificates import operations as certificates
from registry.certificates.models import Certificate
from registry.certificates.rules import next_anniversary, standing_of
from registry.certificates.standing import Code
from registry.clock import civil_day
from registry.criteria.edition import Edition
from registry.db import db
from registry.errors import N_, Conflict, Forbidden, Invalid
from registry.journal.operations import record
from registry.mail.operations import post
from registry.organisations.queries import speakers
from registry.rechecks import queries, rules
from registry.rechecks.models import (
    Measure,
    MeasureKind,
    MeasureOutcome,
    Recheck,
    Reminder,
)

GRANTED = {ApplicationState.GRANTED, ApplicationState.GRANTED_WITH_CONDITIONS}


class AlreadyDecided(Conflict):
    """The measure was decided meanwhile."""


class NotImpartial(Forbidden):
    """Only a member of the committee with no tie to the holder decides."""


def open_recheck(
    certificate: Certificate,
    edition: Edition,
    due_on: date,
    *,
    renews: bool,
    by: User,
    at: datetime,
) -> Recheck:
    """
    Open the re-check of an anniversary (or the renewal) as an application that starts
    from the last answers.
    """
    before = queries.latest_of(certificate.id)
    starts_from = before.application if before else certificate.application
    application = applications.open_application(
        certificate.organisation,
        edition,
        kind=ApplicationKind.RENEWAL if renews else ApplicationKind.RECHECK,
        starts_from=starts_from,
        due_on=due_on,
        by=by,
        at=at,
    )
    recheck = Recheck(
        certificate=certificate,
        application=application,
        due_on=due_on,
        renews=renews,
        opened_at=at,
    )
    db.session.add(recheck)
    db.session.flush()
    record("recheck.opened", recheck, by=by, at=at, due_on=due_on.isoformat())
    return recheck


def remind(recheck: Recheck, edition: Edition, *, by: User, at: datetime) -> None:
    """
    Write the latest letter of the ladder that is due.

    Steps skipped (the machine stood still) are marked and not written late.
    """
    fresh = queries.reminders_due(recheck, edition, civil_day(at))
    for offset in fresh:
        db.session.add(Reminder(recheck_id=recheck.id, offset=offset, written_at=at))
    record("recheck.reminded", recheck, by=by, at=at, offset=fresh[-1])
    _tell(
        "reminder",
        recheck.certificate,
        recheck,
        at=at,
        days=-fresh[-1],
        suspends_on=rules.suspends_on(recheck, edition),
    )


def register_filed(recheck: Recheck, *, by: User, at: datetime) -> None:
    """Tell the certificate that its re-check was filed; in time, it stays in update."""
    recheck.filed_at = recheck.application.submitted_at
    if rules.is_in_time(recheck):
        certificates.open_update(recheck.certificate, recheck.due_on, by=by, at=at)
    record("recheck.filed", recheck, by=by, at=at, in_time=rules.is_in_time(recheck))


def close(recheck: Recheck, edition: Edition, *, by: User, at: datetime) -> None:
    """
    Carry the committee's decision over to the certificate.

    Confirmed: a dated confirmation (a renewal makes new paper instead, elsewhere).
    Refused: suspended, the criteria being no longer met; a renewal refused just ends.
    """
    certificate, state = recheck.certificate, recheck.application.state
    today = civil_day(at)
    if state in GRANTED and not recheck.renews:
        following = next_anniversary(certificate, edition, today + timedelta(days=1))
        certificates.confirm(
            certificate,
            recheck.due_on,
            next_on=following or certificate.valid_until,
            by=by,
            at=at,
        )
    else:
        certificates.close_update(certificate, recheck.due_on, by=by, at=at)
        in_force = standing_of(certificate, today).code is Code.VALID
        if state is ApplicationState.REFUSED and not recheck.renews and in_force:
            certificates.suspend(certificate, "suspended_failed_recheck", by=by, at=at)
    recheck.closed_at = at
    record("recheck.closed", recheck, by=by, at=at, outcome=state)


def suspend_missed(
    recheck: Recheck, edition: Edition, *, by: User, at: datetime
) -> None:
    """After the grace, record the suspension for the committee to ratify."""
    reason, certificate = "suspended_missed_recheck", recheck.certificate
    certificates.suspend(certificate, reason, by=by, at=at)
    measure = _propose(
        certificate, recheck, MeasureKind.SUSPENSION, reason, edition, by=by, at=at
    )
    _tell_committee("to_ratify", measure, at=at)


def propose_withdrawal(
    certificate: Certificate, edition: Edition, *, by: User, at: datetime
) -> None:
    """After the longest suspension, propose the withdrawal to the committee."""
    recheck = queries.latest_of(certificate.id)
    kind, reason = MeasureKind.WITHDRAWAL, "withdrawn_missed_recheck"
    measure = _propose(certificate, recheck, kind, reason, edition, by=by, at=at)
    _tell_committee("to_withdraw", measure, at=at)
    _tell("withdrawal_proposed", certificate, recheck, at=at, measure=measure)


def decide_measure(
    measure: Measure,
    outcome: MeasureOutcome,
    reasons: str,
    *,
    by: User,
    at: datetime,
) -> None:
    """
    The committee upholds or rejects what the registry recorded or proposed.

    Raises AlreadyDecided, NotImpartial, Invalid without reasons.
    """
    if measure.decided_at is not None:
        raise AlreadyDecided(N_("This was decided meanwhile."))
    if not rules.may_decide_measure(measure, by):
        raise NotImpartial(
            N_("Only a member of the committee with no tie to the holder decides.")
        )
    if not reasons.strip():
        raise Invalid(N_("Give the reasons: they go into the records."))
    measure.outcome, measure.reasons = outcome, reasons.strip()
    measure.decided_at, measure.decided_by_id = at, by.id
    record("measure.decided", measure, by=by, at=at, outcome=outcome, kind=measure.kind)
    upheld = outcome is MeasureOutcome.UPHELD
    certificate = measure.certificate
    suspended = standing_of(certificate, civil_day(at)).code is Code.SUSPENDED
    if measure.kind is MeasureKind.SUSPENSION and upheld:
        certificates.ratify(certificate, by=by, at=at)
    elif measure.kind is MeasureKind.SUSPENSION and suspended:
        certificates.reinstate(certificate, by=by, at=at)
    elif measure.kind is MeasureKind.WITHDRAWAL and upheld:
        certificates.withdraw(certificate, measure.reason_code, by=by, at=at)
        _close_application(certificate, by=by, at=at)


def _close_application(certificate: Certificate, *, by: User, at: datetime) -> None:
    """A withdrawn certificate has nothing left to re-check."""
    open_one = application_queries.open_of(
        certificate.organisation_id, certificate.scheme
    )
    if open_one and open_one.state is ApplicationState.DRAFT:
        applications.archive(open_one, by=by, at=at)


def _propose(
    certificate: Certificate,
    recheck: Recheck | None,
    kind: MeasureKind,
    reason_code: str,
    edition: Edition,
    *,
    by: User,
    at: datetime,
) -> Measure:
    measure = Measure(
        certificate=certificate,
        recheck=recheck,
        kind=kind,
        reason_code=reason_code,
        proposed_at=at,
        decide_by_on=civil_day(at) + timedelta(days=edition.parameters.ratify_days),
    )
    db.session.add(measure)
    db.session.flush()
    record("measure.proposed", measure, by=by, at=at, kind=kind)
    return measure


def _tell(
    event: str,
    certificate: Certificate,
    recheck: Recheck | None,
    *,
    at: datetime,
    **facts: Any,
) -> None:
    post(
        f"rechecks/{event}",
        to=speakers(certificate.organisation),
        about=(recheck.case if recheck else certificate.case) or certificate.reference,
        at=at,
        certificate=certificate,
        recheck=recheck,
        organisation=certificate.organisation,
        **facts,
    )


def _tell_committee(event: str, measure: Measure, *, at: datetime) -> None:
    post(
        f"rechecks/{event}",
        to=staff(Role.COMMITTEE),
        about=measure.case or measure.reference,
        at=at,
        measure=measure,
        certificate=measure.certificate,
        organisation=measure.certificate.organisation,
    )
