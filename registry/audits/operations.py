"""Assigning, declaring, verifying, judging, reporting.  Nothing here commits."""

from datetime import datetime
from typing import Any

from registry.accounts.models import Role, User
from registry.accounts.queries import staff
from registry.applications import operations as applications
from registry.applications.models import Application, ApplicationState, Evidence
from registry.audits import queries, rules
from registry.audits.models import (
    MOVES,
    Audit,
    AuditState,
    Conflict,
    EvidenceReview,
    Severity,
    Verdict,
    Verification,
)
from registry.criteria.edition import Edition
from registry.criteria.evaluation import Verdict as CriterionVerdict
from registry.db import db
from registry.errors import N_, Forbidden, Invalid
from registry.errors import Conflict as WrongMoment
from registry.journal.operations import record
from registry.mail.operations import post
from registry.states import move

A = AuditState


class NotImpartial(Forbidden):
    """This person has, or had, a tie with the applicant."""


class NotYours(Forbidden):
    """Only the assigned auditor writes here, and only while the audit is going on."""


class Unfinished(Invalid):
    """Some criteria have no verdict, or some evidence was not looked at."""


class ReasonNeeded(Invalid):
    """A refusal or a departure from the rules needs its reason in words."""


def assign(application: Application, auditor: User, *, by: User, at: datetime) -> Audit:
    """
    Give the case to an auditor; one who held it before is replaced.

    Raises NotImpartial when the auditor speaks or spoke for the applicant.
    """
    if application.state not in {
        ApplicationState.ACCEPTED,
        ApplicationState.IN_EVALUATION,
        ApplicationState.INTEGRATION,
    }:
        raise WrongMoment(N_("This case cannot be assigned now."))
    if not rules.may_be_assigned(application, auditor):
        raise NotImpartial(
            N_(
                "%(name)s cannot audit this case: there is a tie with the applicant."
            ),
            name=auditor.name,
        )
    if before := queries.current_of(application):
        move(before, A.REPLACED, MOVES)
        before.changed_at = at
        db.session.flush()
    audit = Audit(
        application=application,
        auditor=auditor,
        assigned_at=at,
        assigned_by_id=by.id,
        changed_at=at,
    )
    db.session.add(audit)
    db.session.flush()
    record("audit.assigned", audit, by=by, at=at, auditor=auditor.id)
    _tell([auditor], "assigned", audit, at=at)
    return audit


def declare(
    audit: Audit, conflict: Conflict, note: str, *, by: User, at: datetime
) -> None:
    """
    The auditor's declaration, before seeing anything of the case.

    With a conflict the audit ends here and the secretariat assigns another auditor.
    """
    if audit.auditor_id != by.id:
        raise NotYours(N_("Only the assigned auditor can declare."))
    audit.conflict, audit.conflict_note = conflict, note.strip()
    audit.declared_at = audit.changed_at = at
    if conflict is not Conflict.NONE:
        move(audit, A.RECUSED, MOVES)
        record("audit.recused", audit, by=by, at=at, conflict=conflict)
        _tell(staff(Role.SECRETARIAT), "recused", audit, at=at)
        return
    if rules.speaks_for_applicant(audit.application, by):
        raise NotImpartial(N_("You speak, or spoke, for this organisation."))
    move(audit, A.IN_PROGRESS, MOVES)
    record("audit.declared", audit, by=by, at=at, conflict=conflict)
    if audit.application.state is ApplicationState.ACCEPTED:
        applications.begin_evaluation(audit.application, by=by, at=at)


def verify(
    audit: Audit, name: str, value: Any, note: str = "", *, by: User, at: datetime
) -> None:
    """
    Write what was established for one answer (a JSON value).

    Raises ReasonNeeded where it differs from what was declared and no note says why.
    """
    _must_write(audit, by)
    declared = audit.application.values.get(name)
    if value != declared and not note.strip():
        raise ReasonNeeded(
            N_("The verified value differs from the declared one: say why in a note.")
        )
    row = next((v for v in audit.verifications if v.name == name), None)
    if row is None:
        row = Verification(name=name)
        audit.verifications.append(row)
    row.value, row.note, row.changed_at = value, note.strip(), at
    audit.changed_at = at
    record("audit.verified", audit, by=by, at=at, name=name, changed=value != declared)


def judge(
    audit: Audit,
    edition: Edition,
    requirement: str,
    verdict: CriterionVerdict,
    *,
    severity: Severity | None = None,
    finding: str = "",
    by: User,
    at: datetime,
) -> None:
    """
    Give the verdict on one requirement, with the finding behind it.

    Raises ReasonNeeded where a finding has no words, where "not met" has no finding,
    and where the verdict is not the one the rules give on the verified values.
    """
    _must_write(audit, by)
    edition.requirement(requirement)
    result = {r.id: r.verdict for r in rules.proposed(audit, edition).requirements}
    departs = verdict != result[requirement]
    failed = verdict is CriterionVerdict.NOT_MET and severity is None
    if (severity or departs or failed) and not finding.strip():
        raise ReasonNeeded(
            N_("Say why in the finding: the verdict needs its reason in words.")
        )
    if failed:
        raise ReasonNeeded(N_("A criterion not met needs a finding and its weight."))
    row = next((v for v in audit.verdicts if v.requirement == requirement), None)
    if row is None:
        row = Verdict(requirement=requirement)
        audit.verdicts.append(row)
    row.verdict, row.severity, row.finding = verdict.value, severity, finding.strip()
    row.changed_at = audit.changed_at = at
    record(
        "audit.judged",
        audit,
        by=by,
        at=at,
        requirement=requirement,
        verdict=verdict,
        severity=severity,
        departs=departs,
    )


def review(
    audit: Audit,
    piece: Evidence,
    *,
    accepted: bool,
    reason: str = "",
    by: User,
    at: datetime,
) -> None:
    """Accept a piece of evidence, or refuse it with the reason."""
    _must_write(audit, by)
    if not accepted and not reason.strip():
        raise ReasonNeeded(N_("Say why the evidence is refused."))
    row = rules.review_of(audit, piece)
    if row is None:
        row = EvidenceReview(evidence=piece)
        audit.evidence_reviews.append(row)
    row.accepted, row.reason = accepted, reason.strip()
    row.changed_at = audit.changed_at = at
    record(
        "audit.evidence_reviewed",
        audit,
        by=by,
        at=at,
        evidence=piece.id,
        accepted=accepted,
    )


def ask_completion(
    audit: Audit,
    edition: Edition,
    items: list[str],
    message: str,
    *,
    by: User,
    at: datetime,
) -> None:
    """Ask the organisation to complete chosen items; the clock stands still."""
    _must_write(audit, by)
    audit.changed_at = at
    applications.ask_completion(
        audit.application, edition, items, message, by=by, at=at
    )


def report(
    audit: Audit, edition: Edition, summary: str, *, by: User, at: datetime
) -> None:
    """Hand the case to the committee.  Raises Unfinished naming how much is missing."""
    _must_write(audit, by)
    if lacking := rules.gaps(audit, edition):
        raise Unfinished(
            N_("Before reporting: %(number)s verdicts or pieces of evidence remain."),
            number=len(lacking),
        )
    move(audit, A.REPORTED, MOVES)
    audit.summary, audit.reported_at = summary.strip(), at
    audit.changed_at = at
    record("audit.reported", audit, by=by, at=at)
    applications.finish_evaluation(audit.application, by=by, at=at)


def send_back(audit: Audit, reason: str, *, by: User, at: datetime) -> None:
    """The committee returns the case to its auditor, saying what is wanted."""
    if not reason.strip():
        raise ReasonNeeded(N_("Say what the auditor should look at again."))
    if queries.audited(audit.application_id, by):
        raise NotImpartial(
            N_("You audited this case: you have no part in deciding it.")
        )
    move(audit, A.IN_PROGRESS, MOVES)
    audit.reported_at, audit.changed_at = None, at
    record("audit.sent_back", audit, by=by, at=at, reason=reason.strip())
    applications.send_back(audit.application, by=by, at=at)
    _tell([audit.auditor], "sent_back", audit, at=at, reason=reason.strip())


def _must_write(audit: Audit, by: User) -> None:
    if not rules.may_verify(audit, by):
        raise NotYours(
            N_("Only the assigned auditor writes here, while the audit is going on.")
        )


def _tell(people: Any, event: str, audit: Audit, *, at: datetime, **facts: Any) -> None:
    post(
        f"audits/{event}",
        to=people,
        about=audit.application.reference,
        at=at,
        audit=audit,
        application=audit.application,
        organisation=audit.application.organisation,
        **facts,
    )
