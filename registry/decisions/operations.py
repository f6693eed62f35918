"""Deciding, once.  Nothing here commits."""

from datetime import datetime

from registry.accounts.models import User
from registry.applications import operations as applications
from registry.applications.models import Application, ApplicationState
from registry.applications.queries import locked
from registry.audits import operations as auditing
from registry.audits import queries as audits
from registry.audits.models import Audit, AuditState
from registry.criteria.edition import Edition
from registry.db import db
from registry.decisions import grounds, rules
from registry.decisions.models import Decision, Outcome
from registry.errors import N_, Conflict, Forbidden, Invalid
from registry.journal.operations import record
from registry.mail.operations import post
from registry.organisations.queries import speakers

PARTIAL = N_("You audited this case or have a tie with it: you cannot decide it.")


class NotImpartial(Forbidden):
    """The person audited the case, or has a tie with the applicant."""


class NotDecidable(Conflict):
    """The case is not before the committee."""


class NotJustified(Invalid):
    """The verdicts, or the missing reasons, do not allow this outcome."""


def decide(
    audit: Audit,
    edition: Edition,
    outcome: Outcome,
    reasons: str,
    conditions: str = "",
    *,
    by: User,
    at: datetime,
) -> Decision:
    """
    Grant or refuse the case of a reported audit, with reasons; freeze the grounds.

    Raises NotImpartial (ISO/IEC 17065, 7.6.2), NotDecidable, NotJustified.  The
    database refuses an auditor of the case and a second decision by itself.
    """
    application = _before_the_committee(audit, by)
    if not reasons.strip():
        raise NotJustified(N_("Give the reasons: they go into the letter."))
    if outcome is Outcome.GRANTED_WITH_CONDITIONS and not conditions.strip():
        raise NotJustified(N_("Say the conditions, and by when."))
    if outcome is not Outcome.GRANTED_WITH_CONDITIONS and conditions.strip():
        raise NotJustified(N_("Conditions are only for a grant with conditions."))
    if obstacle := rules.obstacle(audit, edition, outcome):
        raise NotJustified(obstacle)
    frozen = grounds.freeze(audit, edition)
    decision = Decision(
        application=application,
        outcome=outcome,
        reasons=reasons.strip(),
        conditions=conditions.strip(),
        decided_at=at,
        decided_by=by,
        grounds=frozen,
        grounds_sha256=grounds.sha256(frozen),
    )
    db.session.add(decision)
    db.session.flush()
    state = ApplicationState(outcome.value)
    applications.close_decided(application, state, by=by, at=at)
    record(
        "decision.taken",
        decision,
        by=by,
        at=at,
        outcome=outcome,
        grounds=decision.grounds_sha256,
    )
    _tell(decision, edition)
    return decision


def send_back(audit: Audit, reason: str, *, by: User, at: datetime) -> None:
    """
    Return a reported case to its auditor, saying what is wanted.

    Raises NotImpartial, NotDecidable, or what the audits room refuses.
    """
    _before_the_committee(audit, by)
    auditing.send_back(audit, reason, by=by, at=at)


def _before_the_committee(audit: Audit, by: User) -> Application:
    """The case, held until the commit, if this person may decide it now."""
    application = locked(audit.application_id)
    everyone = audits.of_case(application)
    if not rules.is_impartial(application, by, everyone):
        raise NotImpartial(PARTIAL)
    if audit.state is not AuditState.REPORTED or not rules.may_decide(
        application, by, everyone
    ):
        raise NotDecidable(N_("This case is not before the committee now."))
    if audits.revision_of(audit.id) != audit.revision:
        raise NotDecidable(N_("The audit was changed meanwhile: read it again."))
    return application


def _tell(decision: Decision, edition: Edition) -> None:
    application, refused = decision.application, decision.outcome is Outcome.REFUSED
    post(
        f"decisions/{'refused' if refused else 'granted'}",
        to=speakers(application.organisation),
        about=application.reference,
        at=decision.decided_at,
        decision=decision,
        application=application,
        organisation=application.organisation,
        edition=edition,
        appeal_until=rules.appeal_until(decision.decided_at),
    )
