"""Questions about an audit: who may do what, and what the rules make of it."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from registry.accounts.models import Role, User
from registry.applications import rules as application_rules
from registry.applications.models import Application, ApplicationState, Evidence
from registry.audits.models import CURRENT, Audit, AuditState, Conflict, Severity
from registry.clock import civil_day
from registry.criteria.edition import Edition
from registry.criteria.evaluation import Result, evaluate
from registry.criteria.facts import Basis, Case, Fact
from registry.criteria.values import from_json

A = AuditState


@dataclass(frozen=True)
class Gap:
    """What an auditor still has to say before reporting."""

    what: str  # "verdict" or "evidence"
    name: str  # requirement id, or evidence id


def speaks_for_applicant(application: Application, user: User) -> bool:
    """Whether the person speaks for the applicant, or did: never its auditor."""
    return any(
        representation.user_id == user.id
        for representation in application.organisation.representations
    )


def may_be_assigned(application: Application, user: User) -> bool:
    """An active auditor who does not and did not speak for the applicant."""
    return (
        user.active
        and user.is_a(Role.AUDITOR)
        and not speaks_for_applicant(application, user)
    )


def may_see(audit: Audit, user: User) -> bool:
    """The auditor sees the case only after declaring that there is no conflict."""
    return (
        audit.auditor_id == user.id
        and audit.state in CURRENT
        and audit.conflict is Conflict.NONE
    )


def may_verify(audit: Audit, user: User) -> bool:
    """Whether the auditor may write now (not while the organisation completes)."""
    return (
        may_see(audit, user)
        and audit.state is A.IN_PROGRESS
        and audit.application.state is ApplicationState.IN_EVALUATION
    )


def reference_day(application: Application) -> date:
    """The day the rules are asked about: the day of submission (domain.md §9)."""
    if application.submitted_at is None:
        raise ValueError("not submitted")
    return civil_day(application.submitted_at)


def verified_values(audit: Audit, edition: Edition) -> dict[str, Any]:
    """What the auditor established, as typed values."""
    return {
        row.name: from_json(edition.answers[row.name], row.value)
        for row in audit.verifications
        if row.name in edition.answers
    }


def review_of(audit: Audit, piece: Evidence) -> Any:
    """What the auditor said of one piece of evidence, or None."""
    return next((r for r in audit.evidence_reviews if r.evidence_id == piece.id), None)


def refused_kinds(audit: Audit) -> set[str]:
    """The kinds of evidence of which nothing stands: each piece was refused."""
    kinds: dict[str, list[bool]] = {}
    for piece in audit.application.attached:
        review = review_of(audit, piece)
        kinds.setdefault(piece.kind, []).append(review is None or review.accepted)
    return {kind for kind, standing in kinds.items() if not any(standing)}


def expiry(audit: Audit, kinds: tuple[str, ...]) -> date | None:
    """The last day on which the accepted evidence of these kinds serves."""
    days = [
        piece.expires_on
        for piece in audit.application.attached
        if piece.kind in kinds and piece.expires_on
    ]
    return min(days, default=None)


def case_of(audit: Audit, edition: Edition) -> Case:
    """
    Declared and verified values side by side, as the evaluation wants them.

    An answer whose evidence was all refused counts as rejected.
    """
    declared = application_rules.values(audit.application, edition)
    verified = verified_values(audit, edition)
    refused = refused_kinds(audit)
    facts = {}
    for name, answer in edition.answers.items():
        proofs = answer.evidence
        facts[name] = Fact(
            declared=declared.get(name),
            verified=verified.get(name),
            expires=expiry(audit, proofs),
            rejected=bool(proofs) and set(proofs) <= refused,
        )
    return Case(facts)


def proposed(audit: Audit, edition: Edition) -> Result:
    """What the rules say of the verified values on the day of submission."""
    day = reference_day(audit.application)
    return evaluate(edition, case_of(audit, edition), day, Basis.VERIFIED)


def gaps(audit: Audit, edition: Edition) -> list[Gap]:
    """What is missing before the auditor can report: ISO/IEC 17065, 7.4.9."""
    judged = {verdict.requirement for verdict in audit.verdicts}
    wanting = [
        Gap("verdict", requirement.id)
        for requirement in edition.requirements
        if requirement.id not in judged
    ]
    wanting += [
        Gap("evidence", str(piece.id))
        for piece in audit.application.attached
        if review_of(audit, piece) is None
    ]
    return wanting


def findings(audit: Audit, severity: Severity) -> list[Any]:
    """The verdicts that carry a finding of that weight."""
    return [verdict for verdict in audit.verdicts if verdict.severity is severity]
