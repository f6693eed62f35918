"""Questions about an audit: who may do what, and what the rules make of it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from registry.accounts.models import Role, User
from registry.applications import rules as application_rules
from registry.applications.models import Application, ApplicationState, Evidence
from registry.audits.models import (
    CURRENT,
    Audit,
    AuditState,
    Conflict,
    EvidenceReview,
    Severity,
    Verdict,
    Verification,
)
from registry.clock import civil_day
from registry.criteria.asked import asked, required_evidence, unanswered
from registry.criteria.edition import Edition
from registry.criteria.evaluation import Result, evaluate
from registry.criteria.evaluation import Verdict as CriterionVerdict
from registry.criteria.facts import Basis, Case, Fact
from registry.criteria.needed import superfluous
from registry.criteria.values import from_json

A = AuditState
S = ApplicationState

#: The states of a case in which it is in the hands of an auditor, or soon will be.
ASSIGNABLE = frozenset({S.ACCEPTED, S.IN_EVALUATION, S.INTEGRATION})
PASSED = frozenset({S.GRANTED, S.GRANTED_WITH_CONDITIONS})


@dataclass(frozen=True)
class Assignment:
    """What the page of an assignment shows: two secretaries at once are told apart."""

    application: Application
    audits: Sequence[Audit]

    @property
    def revision(self) -> int:
        """It grows with every change of the case and of who holds it."""
        held = sum(audit.revision for audit in self.audits)
        return self.application.revision + held


@dataclass(frozen=True)
class Gap:
    """What an auditor still has to say before reporting."""

    #: A value to verify, evidence to look at, a verdict to give, the words of one, or
    #: the claim that a criterion does not apply.
    what: Literal["answer", "evidence", "verdict", "words", "waiver"]
    name: str  # of the answer, evidence id, or requirement id


def speaks_for_applicant(application: Application, user: User) -> bool:
    """Whether the person speaks for the applicant, or did: never its auditor."""
    return any(
        representation.user_id == user.id
        for representation in application.organisation.representations
    )


def may_be_assigned(
    application: Application, user: User, audits: Sequence[Audit] = ()
) -> bool:
    """
    An active auditor who does not and did not speak for the applicant.

    `audits` are those the case already had: who recused does not come back.
    """
    return (
        user.active
        and user.is_a(Role.AUDITOR)
        and not speaks_for_applicant(application, user)
        and not any(a.auditor_id == user.id and a.state is A.RECUSED for a in audits)
    )


def may_declare(audit: Audit, user: User) -> bool:
    """Whether the declaration on conflicts of interest is awaited from this person."""
    return (
        audit.auditor_id == user.id
        and audit.state is A.ASSIGNED
        and audit.application.state in ASSIGNABLE
    )


def may_recuse(audit: Audit, user: User) -> bool:
    """A conflict may come to light at any time before the report."""
    return (
        audit.auditor_id == user.id
        and audit.state in {A.ASSIGNED, A.IN_PROGRESS}
        and audit.application.state in ASSIGNABLE
    )


def may_see(audit: Audit, user: User) -> bool:
    """The auditor sees the case only after declaring that there is no conflict."""
    return (
        audit.auditor_id == user.id
        and audit.state in CURRENT
        and audit.conflict is Conflict.NONE
        and not speaks_for_applicant(audit.application, user)
    )


def may_verify(audit: Audit, user: User) -> bool:
    """Whether the auditor may write now (not while the organisation completes)."""
    return (
        may_see(audit, user)
        and audit.state is A.IN_PROGRESS
        and audit.application.state is S.IN_EVALUATION
    )


def rounds_left(application: Application, edition: Edition) -> int:
    """How many completion requests may still be made (a parameter of the edition)."""
    return max(0, edition.parameters.completion_rounds - len(application.completions))


def reference_day(application: Application) -> date:
    """The day the rules are asked about: the day of submission (domain.md §9)."""
    if application.submitted_at is None:
        raise ValueError("not submitted")
    return civil_day(application.submitted_at)


def verification_of(audit: Audit, name: str) -> Verification | None:
    """What the auditor established for one answer, or None."""
    return next((row for row in audit.verifications if row.name == name), None)


def verdict_on(audit: Audit, requirement: str) -> Verdict | None:
    """The auditor's verdict on one requirement, or None."""
    return next((row for row in audit.verdicts if row.requirement == requirement), None)


def review_of(audit: Audit, piece: Evidence) -> EvidenceReview | None:
    """What the auditor said of one piece of evidence, or None."""
    return next((r for r in audit.evidence_reviews if r.evidence_id == piece.id), None)


def verified_values(audit: Audit, edition: Edition) -> dict[str, Any]:
    """What the auditor established, as typed values."""
    return {
        row.name: from_json(edition.answers[row.name], row.value)
        for row in audit.verifications
        if row.name in edition.answers
    }


def believed(audit: Audit, edition: Edition) -> dict[str, Any]:
    """The typed values as known so far: verified where they are, else declared."""
    declared = application_rules.values(audit.application, edition)
    verified = verified_values(audit, edition)
    both = declared | verified
    return {name: value for name, value in both.items() if value is not None}


def is_settled(audit: Audit, name: str) -> bool:
    """
    Whether what was established for an answer still holds.

    It does not once the organisation, asked to complete, has changed its answer.
    """
    row = verification_of(audit, name)
    if row is None:
        return False
    answer = next((a for a in audit.application.answers if a.name == name), None)
    if answer is None:
        return True
    said = row.value == answer.value or bool(row.note)
    return said and answer.changed_at <= row.changed_at


def standing_evidence(audit: Audit, kinds: Iterable[str]) -> list[Evidence]:
    """The attached evidence of these kinds that was not refused."""
    wanted = set(kinds)
    return [
        piece
        for piece in audit.application.attached
        if piece.kind in wanted
        and ((review := review_of(audit, piece)) is None or review.accepted)
    ]


def is_rejected(audit: Audit, kinds: tuple[str, ...]) -> bool:
    """Whether there was evidence of these kinds, and all of it was refused."""
    attached = any(piece.kind in kinds for piece in audit.application.attached)
    return attached and not standing_evidence(audit, kinds)


def expiry(audit: Audit, kinds: tuple[str, ...]) -> date | None:
    """The last day on which some evidence of these kinds serves; None is no limit."""
    days = [piece.expires_on for piece in standing_evidence(audit, kinds)]
    dated = [day for day in days if day is not None]
    return max(dated) if dated and len(dated) == len(days) else None


def reserves_used(audit: Audit) -> frozenset[str]:
    """The requirements that passed with reserve in the cases this one goes on from."""
    used: set[str] = set()
    before = audit.before
    while before is not None:
        if before.application.state in PASSED:
            used |= {
                row.requirement
                for row in before.verdicts
                if row.verdict == CriterionVerdict.MET_WITH_RESERVE
            }
        before = before.before
    return frozenset(used)


def case_of(audit: Audit, edition: Edition) -> Case:
    """
    Declared and verified values side by side, as the evaluation wants them.

    An answer whose evidence was all refused counts as rejected.
    """
    declared = application_rules.values(audit.application, edition)
    verified = verified_values(audit, edition)
    facts = {
        name: Fact(
            declared=declared.get(name),
            verified=verified.get(name),
            expires=expiry(audit, answer.evidence),
            rejected=is_rejected(audit, answer.evidence),
        )
        for name, answer in edition.answers.items()
    }
    return Case(
        facts, reserves_used(audit), application_rules.waivers(audit.application)
    )


def proposed(audit: Audit, edition: Edition) -> Result:
    """What the rules say of the verified values on the day of submission."""
    day = reference_day(audit.application)
    return evaluate(edition, case_of(audit, edition), day, Basis.VERIFIED)


def idle(audit: Audit, edition: Edition) -> frozenset[str]:
    """The questions that need no answer under what the rules say of the case."""
    result = proposed(audit, edition)
    return frozenset(superfluous(edition, result, believed(audit, edition)))


def lacking(audit: Audit, edition: Edition) -> frozenset[str]:
    """What the rules still want and was not given, as items of a completion request."""
    known, without = believed(audit, edition), idle(audit, edition)
    has = {piece.kind for piece in audit.application.attached}
    answers = [n for n in unanswered(edition, known) if n not in without]
    kinds = [k for k in required_evidence(edition, known, without) if k not in has]
    return frozenset(
        [*(f"answer:{name}" for name in answers), *(f"evidence:{k}" for k in kinds)]
    )


def unsettled(audit: Audit, edition: Edition) -> list[str]:
    """
    The answers that are asked, were given, and are not verified as they are now.

    Those that only criteria accepted as not applicable look at are left alone.
    """
    declared = audit.application.values
    without = idle(audit, edition)
    return [
        name
        for name in asked(edition, believed(audit, edition))
        if name in declared and name not in without and not is_settled(audit, name)
    ]


def gaps(audit: Audit, edition: Edition) -> list[Gap]:
    """
    What is missing before the auditor can report: ISO/IEC 17065, 7.4.9.

    A verdict that no longer agrees with the rules wants its reason in words.
    """
    result = proposed(audit, edition)
    wanting = [Gap("answer", name) for name in unsettled(audit, edition)]
    wanting += [
        Gap("evidence", str(piece.id))
        for piece in audit.application.attached
        if review_of(audit, piece) is None
    ]
    for requirement in edition.requirements:
        row = verdict_on(audit, requirement.id)
        found = result.requirement(requirement.id)
        if is_unanswered(audit, edition, requirement.id):
            wanting.append(Gap("waiver", requirement.id))
        elif row is None and found.waived is None:
            wanting.append(Gap("verdict", requirement.id))
        elif row is not None and not row.finding and row.verdict != found.verdict:
            wanting.append(Gap("words", requirement.id))
    return wanting


def is_unanswered(audit: Audit, edition: Edition, requirement: str) -> bool:
    """Whether a criterion is claimed not to apply and the auditor has not answered."""
    claim = application_rules.waiver_of(audit.application, requirement)
    return (
        claim is not None
        and claim.accepted is None
        and application_rules.is_waivable(edition, requirement)
    )


def findings(audit: Audit, severity: Severity) -> list[Verdict]:
    """The verdicts that carry a finding of that weight."""
    return [verdict for verdict in audit.verdicts if verdict.severity is severity]
