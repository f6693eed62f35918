"""Opening, reminding, closing re-checks, and the measures for those missed."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from registry.accounts.models import Role, User
from registry.accounts.queries import staff
from registry.applications import operations as applications
from registry.applications.models import ApplicationKind, ApplicationState
from registry.certificates import operations as certificates
from registry.certificates.models import Certificate
from registry.certificates.rules import (
    CERTIFIED,
    STANDS,
    next_anniversary,
    standing_of,
)
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
#: The criteria are no longer met, or the holder is no longer in scope.
LOST = {ApplicationState.REFUSED, ApplicationState.DECLINED}


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
    editions: Mapping[str, Edition],
    by: User,
    at: datetime,
) -> Recheck:
    """
    Open the re-check of an anniversary (or the renewal) under `edition`, as an
    application that starts from the last answers, given under one of `editions`.
    """
    before = queries.latest_of(certificate.id)
    starts_from = before.application if before else certificate.application
    application = applications.open_application(
        certificate.organisation,
        edition,
        kind=ApplicationKind.RENEWAL if renews else ApplicationKind.RECHECK,
        starts_from=starts_from,
        before=editions[starts_from.edition] if starts_from else None,
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


def follow(before: Certificate, *, by: User, at: datetime) -> None:
    """
    A certificate was issued again: its re-checks, and what the committee has still to
    decide, go with the one that took its place.
    """
    after = before.replaced_by
    if after is None:
        raise Conflict(N_("No certificate took its place."))
    rechecks = queries.of_certificate(before.id)
    for recheck in rechecks:
        recheck.certificate = after
    for measure in queries.open_measures_of(before.id):
        measure.certificate = after
    record("certificate.followed", after, by=by, at=at, rechecks=len(rechecks))


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
        step=-fresh[-1],
        days=(recheck.due_on - civil_day(at)).days,
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
    Carry the end of the application over to the certificate, if it still stands.

    Confirmed: a dated confirmation; of a renewal, new paper (elsewhere) supersedes it.
    Refused: suspended, the criteria being no longer met; a renewal refused just ends.
    """
    certificate, state = recheck.certificate, recheck.application.state
    stands = standing_of(certificate, civil_day(at)).code in STANDS
    granted = state in GRANTED
    if stands and granted and not recheck.renews:
        _confirm(recheck, edition, by=by, at=at)
    elif stands and not granted:
        _end_update(recheck, by=by, at=at)
        if state in LOST and not recheck.renews:
            _suspend_failed(recheck, edition, by=by, at=at)
    recheck.closed_at = at
    record("recheck.closed", recheck, by=by, at=at, outcome=state)


def close_ended(recheck: Recheck, *, by: User, at: datetime) -> None:
    """The certificate ended before the holder filed: nothing is left to re-check."""
    if recheck.application.state is ApplicationState.DRAFT:
        applications.archive(recheck.application, tell=False, by=by, at=at)
    recheck.closed_at = at
    record("recheck.closed", recheck, by=by, at=at, outcome="certificate_ended")


def _confirm(recheck: Recheck, edition: Edition, *, by: User, at: datetime) -> None:
    certificate = recheck.certificate
    start = rules.first_day_after(recheck, civil_day(at))
    certificates.confirm(
        certificate,
        recheck.due_on,
        next_on=next_anniversary(certificate, edition, start)
        or certificate.valid_until,
        by=by,
        at=at,
    )


def _end_update(recheck: Recheck, *, by: User, at: datetime) -> None:
    if recheck.filed_at is not None and rules.is_in_time(recheck):
        certificates.close_update(recheck.certificate, recheck.due_on, by=by, at=at)


def _suspend_failed(
    recheck: Recheck, edition: Edition, *, by: User, at: datetime
) -> None:
    """Refused by the committee; declined by the secretariat, the committee ratifies."""
    certificate, reason = recheck.certificate, "suspended_failed_recheck"
    if standing_of(certificate, civil_day(at)).code not in CERTIFIED:
        return
    certificates.suspend(certificate, reason, by=by, at=at)
    if recheck.application.state is ApplicationState.DECLINED:
        kind = MeasureKind.SUSPENSION
        measure = _propose(certificate, recheck, kind, reason, edition, by=by, at=at)
        _tell_committee("to_ratify", measure, at=at)


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

    Raises AlreadyDecided (also when the certificate is no longer suspended),
    NotImpartial, Invalid without reasons.
    """
    if measure.decided_at is not None or rules.is_moot(measure, civil_day(at)):
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
    _carry_out(measure, by=by, at=at)


def lapse(measure: Measure, *, by: User, at: datetime) -> None:
    """Take back what was put to the committee: it is no longer suspended."""
    measure.outcome = MeasureOutcome.LAPSED
    measure.reasons = N_("The certificate is no longer suspended.")
    measure.decided_at, measure.decided_by_id = at, by.id
    record("measure.lapsed", measure, by=by, at=at, kind=measure.kind)


def _carry_out(measure: Measure, *, by: User, at: datetime) -> None:
    certificate = measure.certificate
    upheld = measure.outcome is MeasureOutcome.UPHELD
    if measure.kind is MeasureKind.WITHDRAWAL and upheld:
        certificates.withdraw(certificate, measure.reason_code, by=by, at=at)
    elif measure.kind is MeasureKind.SUSPENSION and upheld:
        certificates.ratify(certificate, by=by, at=at)
    elif measure.kind is MeasureKind.SUSPENSION:
        certificates.reinstate(certificate, by=by, at=at)


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
