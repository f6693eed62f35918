"""Assigning, declaring, verifying, judging, reporting.  Nothing here commits."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from registry.accounts.models import Role, User
from registry.accounts.queries import staff
from registry.applications import operations as applications
from registry.applications import rules as application_rules
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
DIFFERS = N_("The verified value differs from the declared one: say why in a note.")


class NotImpartial(Forbidden):
    """This person has, or had, a tie with the applicant."""


class NotYours(Forbidden):
    """Only the assigned auditor writes here, and only while the audit is going on."""


class Unfinished(Invalid):
    """Some value, evidence or criterion was not looked at yet."""


class ReasonNeeded(Invalid):
    """A refusal or a departure from the rules needs its reason in words."""


class NotesNeeded(ReasonNeeded):
    """Some established values differ from the declared ones, without a note."""

    def __init__(self, names: Iterable[str]) -> None:
        super().__init__(DIFFERS)
        self.problems = [(name, ReasonNeeded(DIFFERS)) for name in names]


class NothingClaimed(WrongMoment):
    """Nobody claimed that this criterion does not apply, or the edition forbids it."""


class TooLight(Invalid):
    """The edition makes failing this criterion a graver nonconformity."""


def assign(application: Application, auditor: User, *, by: User, at: datetime) -> Audit:
    """
    Give the case to an auditor; one who held it before is replaced.

    Raises NotImpartial when the auditor speaks or spoke for the applicant, or recused.
    """
    if application.state not in rules.ASSIGNABLE:
        raise WrongMoment(N_("This case cannot be assigned now."))
    if not rules.may_be_assigned(application, auditor, queries.of_case(application)):
        raise NotImpartial(
            N_("%(name)s cannot audit this case: there is a tie with the applicant."),
            name=auditor.name,
        )
    if before := queries.current_of(application):
        if before.auditor_id == auditor.id:
            raise WrongMoment(
                N_("%(name)s already holds this case."), name=auditor.name
            )
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
    applications.reopen_waivers(application)
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
    Raises NotImpartial when the auditor speaks or spoke for the applicant.
    """
    if conflict is not Conflict.NONE:
        recuse(audit, conflict, note, by=by, at=at)
        return
    if not rules.may_declare(audit, by):
        raise NotYours(N_("Only the assigned auditor can declare, and only once."))
    if rules.speaks_for_applicant(audit.application, by):
        raise NotImpartial(N_("You speak, or spoke, for this organisation."))
    audit.conflict, audit.conflict_note = conflict, note.strip()
    audit.declared_at = audit.changed_at = at
    move(audit, A.IN_PROGRESS, MOVES)
    record("audit.declared", audit, by=by, at=at, conflict=conflict)
    if audit.application.state is ApplicationState.ACCEPTED:
        applications.begin_evaluation(audit.application, by=by, at=at)


def recuse(
    audit: Audit, conflict: Conflict, note: str, *, by: User, at: datetime
) -> None:
    """
    Hand the case back because of a tie with the applicant, any time before reporting.

    Raises ReasonNeeded when "another tie" is not said in words.
    """
    if not rules.may_recuse(audit, by):
        raise NotYours(N_("Only the assigned auditor can recuse, before reporting."))
    if conflict is Conflict.NONE or (conflict is Conflict.OTHER and not note.strip()):
        raise ReasonNeeded(N_("Say which tie there is."))
    move(audit, A.RECUSED, MOVES)
    audit.conflict, audit.conflict_note = conflict, note.strip()
    audit.declared_at = audit.changed_at = at
    record("audit.recused", audit, by=by, at=at, conflict=conflict)
    _tell(staff(Role.SECRETARIAT), "recused", audit, at=at)


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
        raise ReasonNeeded(DIFFERS)
    row = rules.verification_of(audit, name)
    if row is None:
        row = Verification(name=name)
        audit.verifications.append(row)
    row.value, row.note, row.changed_at = value, note.strip(), at
    audit.changed_at = at
    record("audit.verified", audit, by=by, at=at, name=name, changed=value != declared)


def correct(
    audit: Audit,
    values: Mapping[str, Any],
    notes: Mapping[str, str],
    *,
    by: User,
    at: datetime,
) -> None:
    """
    Establish several answers at once, each with its note; what did not change stays.

    Raises NotesNeeded naming the answers that differ from the declared ones and say
    not why.
    """
    declared = audit.application.values
    said = {name: notes.get(name, "").strip() for name in values}
    silent = [n for n, v in values.items() if v != declared.get(n) and not said[n]]
    if silent:
        raise NotesNeeded(silent)
    for name, value in values.items():
        row = rules.verification_of(audit, name)
        known = declared.get(name) is None and value is None
        if row and rules.is_settled(audit, name):
            known = (row.value, row.note) == (value, said[name])
        if not known:
            verify(audit, name, value, said[name], by=by, at=at)


def confirm(audit: Audit, names: Iterable[str], *, by: User, at: datetime) -> list[str]:
    """
    Establish several answers as they were declared; those corrected before stay.

    Returns the names of the answers confirmed now.
    """
    declared = audit.application.values
    chosen = [
        name for name in names if name in declared and not rules.is_settled(audit, name)
    ]
    for name in chosen:
        verify(audit, name, declared[name], by=by, at=at)
    return chosen


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
    and where the verdict is not the one the rules give on the verified values; TooLight
    where the edition makes a criterion not met a major nonconformity; WrongMoment where
    it was accepted that the criterion does not apply.
    """
    _must_write(audit, by)
    weight = Severity(edition.requirement(requirement).severity)
    result = rules.proposed(audit, edition).requirement(requirement)
    if result.waived is not None:
        raise WrongMoment(
            N_("It was accepted that this criterion does not apply: no verdict.")
        )
    departs = verdict != result.verdict
    failed = verdict is CriterionVerdict.NOT_MET and severity is None
    if (severity or departs or failed) and not finding.strip():
        raise ReasonNeeded(
            N_("Say why in the finding: the verdict needs its reason in words.")
        )
    if failed:
        raise ReasonNeeded(N_("A criterion not met needs a finding and its weight."))
    if verdict is CriterionVerdict.NOT_MET and Severity.MAJOR is weight is not severity:
        raise TooLight(
            N_("In this edition a criterion not met is a major nonconformity.")
        )
    row = rules.verdict_on(audit, requirement)
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


def answer_waiver(
    audit: Audit,
    edition: Edition,
    requirement: str,
    *,
    accepted: bool,
    words: str = "",
    by: User,
    at: datetime,
) -> None:
    """
    Accept that a criterion does not apply, or refuse the claim with words.

    Once accepted the criterion has no verdict; refused, it is judged by its rule again.
    Raises NothingClaimed, ReasonNeeded.
    """
    _must_write(audit, by)
    claim = application_rules.waiver_of(audit.application, requirement)
    if claim is None or not application_rules.is_waivable(edition, requirement):
        raise NothingClaimed(N_("Nobody claimed that this criterion does not apply."))
    if not accepted and not words.strip():
        raise ReasonNeeded(N_("Say why it is refused: the organisation reads it."))
    applications.answer_waiver(claim, accepted=accepted, words=words, by=by, at=at)
    row = rules.verdict_on(audit, requirement)
    if accepted and row is not None:
        db.session.flush()
        audit.verdicts.remove(row)
        db.session.delete(row)
    audit.changed_at = at
    record(
        "audit.waiver_answered",
        audit,
        by=by,
        at=at,
        requirement=requirement,
        accepted=accepted,
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
        row = EvidenceReview(evidence=piece, evidence_id=piece.id)
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
            N_("Before reporting, %(number)s things remain to be looked at."),
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
