"""Deciding, once.  Nothing here commits."""

from datetime import date, datetime

from registry.accounts.models import User
from registry.applications import operations as applications
from registry.applications.models import Application, ApplicationState
from registry.applications.queries import locked
from registry.audits import operations as auditing
from registry.audits import queries as audits
from registry.audits.models import Audit, AuditState
from registry.clock import civil_day
from registry.criteria.edition import Edition
from registry.criteria.facts import Action
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
    due: date | None = None,
    *,
    by: User,
    at: datetime,
) -> Decision:
    """
    Grant or refuse the case of a reported audit, with reasons; freeze the grounds.

    `due` is the last day of the corrective action by which minor criteria not met are
    held up, within the days the edition leaves for it.

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
    actions = _actions(audit, edition, outcome, due, civil_day(at))
    frozen = grounds.freeze(audit, edition, actions)
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


def _actions(
    audit: Audit, edition: Edition, outcome: Outcome, due: date | None, today: date
) -> dict[str, Action]:
    """The corrective actions agreed with a grant, by criterion."""
    held_up = rules.held_up(audit, edition)
    last = rules.last_day_of_action(edition, today)
    if outcome is not Outcome.GRANTED_WITH_CONDITIONS or not held_up or last is None:
        if due is not None:
            raise NotJustified(N_("There is no corrective action to set a day for."))
        return {}
    if due is None or not today < due <= last:
        raise NotJustified(
            N_("Say the last day of the corrective action: %(last)s at the latest."),
            last=last,
        )
    return dict.fromkeys(held_up, Action(due, today))


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
