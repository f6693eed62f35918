"""What may be decided on a reported case."""

from registry.accounts.models import Role, User
from registry.applications.models import Application, ApplicationState
from registry.audits.models import Audit, Severity
from registry.audits.rules import speaks_for_applicant
from registry.criteria.edition import Edition
from registry.criteria.evaluation import Verdict
from registry.decisions.models import Outcome
from registry.errors import N_


def is_impartial(application: Application, user: User, audits: list[Audit]) -> bool:
    """A committee member who never audited the case nor spoke for the applicant."""
    return (
        user.is_a(Role.COMMITTEE)
        and not speaks_for_applicant(application, user)
        and all(audit.auditor_id != user.id for audit in audits)
    )


def may_decide(application: Application, user: User, audits: list[Audit]) -> bool:
    return application.state is ApplicationState.EVALUATED and is_impartial(
        application, user, audits
    )


def obstacle(audit: Audit, edition: Edition, outcome: Outcome) -> str | None:
    """
    Why the verdicts do not allow this outcome (a sentence to translate), or None.

    Granting wants every criterion met, or with no more reserves than the edition
    allows; conditions are for minor nonconformities only (domain.md §9).
    """
    if outcome is Outcome.REFUSED:
        return None
    verdicts = [verdict.verdict for verdict in audit.verdicts]
    failed = [
        verdict
        for verdict in audit.verdicts
        if verdict.verdict in {Verdict.NOT_MET.value, Verdict.PENDING.value}
    ]
    minor_only = all(verdict.severity is Severity.MINOR for verdict in failed)
    if verdicts.count(Verdict.MET_WITH_RESERVE.value) > edition.parameters.max_reserves:
        return N_("More criteria are met with reserve than the edition allows.")
    if any(verdict.severity is Severity.MAJOR for verdict in audit.verdicts):
        return N_("There is a major nonconformity: it can only be refused.")
    if failed and (outcome is Outcome.GRANTED or not minor_only):
        return N_("Some criteria are not met: it cannot be granted as it is.")
    return None
