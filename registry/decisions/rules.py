"""What may be decided on a reported case."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from registry.accounts.models import Role, User
from registry.applications.models import Application, ApplicationState
from registry.audits.models import Audit, AuditState, Severity, Verdict
from registry.audits.rules import speaks_for_applicant
from registry.clock import civil_day
from registry.criteria.edition import Edition
from registry.criteria.evaluation import Verdict as CriterionVerdict
from registry.decisions.models import Outcome
from registry.errors import N_

A = AuditState
FAILED = frozenset({CriterionVerdict.NOT_MET.value, CriterionVerdict.PENDING.value})
#: lifecycles.md §6: within thirty days of the notice; the term is ours.
APPEAL_DAYS = 30


def is_impartial(application: Application, user: User, audits: Sequence[Audit]) -> bool:
    """A committee member who never audited the case nor spoke for the applicant."""
    return (
        user.is_a(Role.COMMITTEE)
        and not speaks_for_applicant(application, user)
        and all(audit.auditor_id != user.id for audit in audits)
    )


def is_decidable(application: Application, audits: Sequence[Audit]) -> bool:
    """Whether the case is before the committee, with a reported audit."""
    return application.state is ApplicationState.EVALUATED and any(
        audit.state is A.REPORTED for audit in audits
    )


def may_decide(application: Application, user: User, audits: Sequence[Audit]) -> bool:
    """Whether this person may decide the case, or send it back, now."""
    return is_decidable(application, audits) and is_impartial(application, user, audits)


def obstacle(audit: Audit, edition: Edition, outcome: Outcome) -> str | None:
    """
    Why the verdicts do not allow this outcome (a sentence to translate), or None.

    Granting wants every mandatory criterion met, with no more reserves than the edition
    allows (domain.md §9); the others only give points. Conditions are for minor
    nonconformities and reserves: a criterion not met passes with conditions only where
    the edition calls that minor and leaves days for a corrective action.
    """
    if outcome is Outcome.REFUSED:
        return None
    counted = [
        row for row in audit.verdicts if edition.requirement(row.requirement).mandatory
    ]
    failed = [row for row in counted if row.verdict in FAILED]
    minor_only = len(failed) == len(held_up(audit, edition))
    minor = any(row.severity is Severity.MINOR for row in counted)
    reserves = sum(row.verdict == CriterionVerdict.MET_WITH_RESERVE for row in counted)
    with_conditions = outcome is Outcome.GRANTED_WITH_CONDITIONS
    if reserves > edition.parameters.max_reserves:
        return N_("More criteria are met with reserve than the edition allows.")
    if any(row.severity is Severity.MAJOR for row in audit.verdicts):
        return N_("There is a major nonconformity: it can only be refused.")
    if failed and not (with_conditions and minor_only):
        return N_("Some criteria are not met: it cannot be granted as it is.")
    if with_conditions and not (minor or reserves):
        return N_("There is nothing to set conditions on: grant it, or refuse it.")
    return None


def possible(audit: Audit, edition: Edition) -> list[Outcome]:
    """The outcomes that the verdicts allow."""
    return [one for one in Outcome if obstacle(audit, edition, one) is None]


def obstacles(audit: Audit, edition: Edition) -> list[tuple[Outcome, str]]:
    """The outcomes that the verdicts do not allow, each with why (to translate)."""
    return [(o, why) for o in Outcome if (why := obstacle(audit, edition, o))]


def appeal_until(decided_at: datetime) -> date:
    """The last day to appeal a refusal: thirty days, a choice of the registry."""
    return civil_day(decided_at) + timedelta(days=APPEAL_DAYS)


def held_up(audit: Audit, edition: Edition) -> list[str]:
    """The mandatory criteria not met that a corrective action can hold up."""
    return [row.requirement for row in audit.verdicts if _is_minor(row, edition)]


def last_day_of_action(edition: Edition, on: date) -> date | None:
    """The last day of a corrective action agreed on a day; None where none may be."""
    days = edition.parameters.corrective_days
    return None if days is None else on + timedelta(days=days)


def _is_minor(row: Verdict, edition: Edition) -> bool:
    one = edition.requirement(row.requirement)
    return (
        row.verdict == CriterionVerdict.NOT_MET
        and row.severity is Severity.MINOR
        and one.mandatory
        and one.severity == "minor"
        and edition.parameters.corrective_days is not None
    )
