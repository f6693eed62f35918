"""
The stories of the demo world, by the names that the file of cooperatives calls them.

All count back from the day on which the world is looked at, so that every state is
there whatever that day is; what falls on that day or later does not happen.
"""

import datetime as dt
from collections.abc import Callable

from registry.applications import operations as applications
from registry.applications.models import Application
from registry.audits.models import Audit
from registry.audits.queries import current_of
from registry.certificates import operations as certificates
from registry.certificates.issuer import the_issuer
from registry.certificates.models import Certificate
from registry.certificates.rules import anniversaries
from registry.clock import add_months
from registry.decisions.models import Outcome
from registry.demo import acts, words
from registry.demo.acts import Stage
from registry.demo.answers import lapsed_quality, wrong_contract
from registry.demo.answers import reserved as with_reserve
from registry.demo.cast import Cooperative
from registry.demo.chapters import (
    FIRST,
    YEARLY,
    Days,
    days,
    first_application,
    in_force,
    issued,
    one_round,
    yearly,
)
from registry.rechecks import operations as rechecks
from registry.rechecks.models import MeasureKind, MeasureOutcome
from registry.rechecks.queries import open_measure

SUMMARY = ["evidence:contribution_summary", "answer:contracts_on"]
#: The auditor that the demo signs in.
AUDITOR = acts.AUDITORS[2]


def months_ago(stage: Stage, months: int, more: int = 0) -> dt.date:
    """So many months before today, and `more` days."""
    return add_months(stage.today, -months) - days(more)


def confirmed(stage: Stage, who: Cooperative) -> Days:
    """Valid, and confirmed on each anniversary so far."""
    at_first = months_ago(stage, who.before)
    certificate = yield from issued(stage, who, at_first)
    if who.number % 2:
        issuer = the_issuer("en")
        by = stage.user(who.email)
        certificates.ask_copy(
            certificate, stage.edition, issuer=issuer, by=by, at=stage.at
        )
    for due_on in anniversaries(certificate.issued_on, stage.edition)[:-1]:
        yield from yearly(stage, who, certificate, due_on)


def certified(stage: Stage, who: Cooperative) -> Days:
    """Valid since a few months."""
    yield from issued(stage, who, months_ago(stage, who.before))


def reserved(stage: Stage, who: Cooperative) -> Days:
    """Certified with a reserve: the revision is late, through no fault of theirs."""
    yield from issued(
        stage,
        who,
        months_ago(stage, who.before),
        variant=with_reserve,
        outcome=Outcome.GRANTED_WITH_CONDITIONS,
        conditions=words.RESERVE_CONDITIONS,
    )


def conditional(stage: Stage, who: Cooperative) -> Days:
    """Certified with conditions: a minor finding on the training papers."""
    yield from issued(
        stage,
        who,
        months_ago(stage, who.before),
        minor="training",
        outcome=Outcome.GRANTED_WITH_CONDITIONS,
        conditions=words.CONDITIONS,
    )


def renewed(stage: Stage, who: Cooperative) -> Days:
    """The first certificate was superseded by the one that renewed it."""
    decided_on = stage.today - days(who.before)
    last_day = decided_on - days(14)
    first_day = add_months(last_day + days(1), -36)
    certificate = yield from in_force(stage, who, first_day, last_day - days(9))
    filed_on = decided_on - days(YEARLY["decided"])
    last = certificate.valid_until
    yield from yearly(stage, who, certificate, last, filed_on=filed_on)


def updating(stage: Stage, who: Cooperative) -> Days:
    """The anniversary has passed; what was filed in time is in evaluation."""
    yield from _updating(stage, who, 12, "declared", AUDITOR)


def updating_evaluated(stage: Stage, who: Cooperative) -> Days:
    """The anniversary has passed; the committee has the report and has not decided."""
    yield from _updating(stage, who, 24, "reported", acts.AUDITORS[0])


def renewal_late(stage: Stage, who: Cooperative) -> Days:
    """Beyond its last day, and alive because the renewal was filed in time."""
    yield from _updating(stage, who, 36, "reported", acts.AUDITORS[1])


def _updating(
    stage: Stage, who: Cooperative, months: int, until: str, auditor: str
) -> Days:
    due_on = stage.today - days(who.before)
    first_day = add_months(due_on, -months)
    certificate = yield from in_force(stage, who, first_day, due_on - days(9))
    due_on = next(d for d in _days(stage, certificate) if d >= due_on - days(9))
    filed_on = due_on - days(14)
    yield from yearly(
        stage,
        who,
        certificate,
        due_on,
        filed_on=filed_on,
        until=until,
        auditor=auditor,
    )


def _days(stage: Stage, certificate: Certificate) -> list[dt.date]:
    return anniversaries(certificate.issued_on, stage.edition)


def _missed(stage: Stage, who: Cooperative, suspended_on: dt.date) -> Days:
    """The first re-check is not filed, and the registry suspends on a day."""
    due_on = suspended_on - days(stage.edition.parameters.grace_days + 1)
    return (yield from issued(stage, who, add_months(due_on, -12)))


def suspended(stage: Stage, who: Cooperative) -> Days:
    """Suspended for a missed re-check; ratified, or waiting if just suspended."""
    suspended_on = stage.today - days(who.before)
    certificate = yield from _missed(stage, who, suspended_on)
    if who.before > 14:
        yield suspended_on + days(9)
        _ratify(stage, certificate)


def _ratify(stage: Stage, certificate: Certificate) -> None:
    _uphold(stage, certificate, MeasureKind.SUSPENSION, words.RATIFIED)


def _uphold(
    stage: Stage, certificate: Certificate, kind: MeasureKind, reasons: str
) -> None:
    measure = open_measure(certificate.id, kind)
    if measure is None:
        raise LookupError(f"{certificate.number} {kind}")
    rechecks.decide_measure(
        measure,
        MeasureOutcome.UPHELD,
        reasons,
        by=stage.user(acts.COMMITTEE[0]),
        at=stage.at,
    )


def major_finding(stage: Stage, who: Cooperative) -> Days:
    """The committee suspended it for a major nonconformity."""
    certificate = yield from issued(stage, who, months_ago(stage, 8))
    yield stage.today - days(who.before)
    certificates.suspend(
        certificate,
        "suspended_major_finding",
        by=stage.user(acts.COMMITTEE[1]),
        at=stage.at,
    )


def reinstated(stage: Stage, who: Cooperative) -> Days:
    """Suspended for a missed re-check, filed late, confirmed: valid again."""
    suspended_on = months_ago(stage, who.before - 1)
    certificate = yield from _missed(stage, who, suspended_on)
    yield suspended_on + days(6)
    _ratify(stage, certificate)
    due_on = _days(stage, certificate)[0]
    filed_on = suspended_on + days(24)
    yield from yearly(stage, who, certificate, due_on, filed_on=filed_on)


def withdrawn(stage: Stage, who: Cooperative) -> Days:
    """Withdrawn by the committee after six months of suspension."""
    decided_on = stage.today - days(who.before)
    suspended_on = add_months(decided_on - days(20), -6)
    certificate = yield from _missed(stage, who, suspended_on)
    yield suspended_on + days(8)
    _ratify(stage, certificate)
    yield decided_on
    _uphold(stage, certificate, MeasureKind.WITHDRAWAL, words.WITHDRAWN)


def withdrawal_proposed(stage: Stage, who: Cooperative) -> Days:
    """Six months of suspension have passed; the committee has not decided yet."""
    suspended_on = months_ago(stage, 6, who.before)
    certificate = yield from _missed(stage, who, suspended_on)
    yield suspended_on + days(8)
    _ratify(stage, certificate)


def expired(stage: Stage, who: Cooperative) -> Days:
    """Its term passed, and no renewal was filed."""
    certificate = yield from issued(stage, who, months_ago(stage, who.before))
    for due_on in _days(stage, certificate)[:-1]:
        yield from yearly(stage, who, certificate, due_on)


def ended(stage: Stage, who: Cooperative) -> Days:
    """The holder gave it up."""
    ended_on = stage.today - days(who.before)
    certificate = yield from issued(stage, who, add_months(ended_on, -7))
    yield ended_on
    certificates.end(certificate, by=stage.user(who.email), at=stage.at)


def failed_recheck(stage: Stage, who: Cooperative) -> Days:
    """The re-check was refused: suspended, the criteria being no longer met."""
    decided_on = stage.today - days(who.before)
    due_on = decided_on - days(10)
    certificate = yield from issued(stage, who, add_months(due_on, -12))
    yield from yearly(
        stage,
        who,
        certificate,
        _days(stage, certificate)[0],
        filed_on=decided_on - days(YEARLY["decided"]),
        variant=lapsed_quality,
        outcome=Outcome.REFUSED,
    )


def recheck_open(stage: Stage, who: Cooperative) -> Days:
    """Its re-check is open; the form was begun where little time is left."""
    due_on = stage.today + days(who.before)
    yield from in_force(stage, who, add_months(due_on, -24), stage.today)


def renewal_open(stage: Stage, who: Cooperative) -> Days:
    """Its renewal is open."""
    due_on = stage.today + days(who.before)
    yield from in_force(stage, who, add_months(due_on, -36), stage.today)


def overdue(stage: Stage, who: Cooperative) -> Days:
    """The anniversary has passed and nothing was filed; the grace has not."""
    due_on = stage.today - days(who.before)
    yield from issued(stage, who, add_months(due_on, -12))


def _begun(stage: Stage, step: str, before: int) -> dt.date:
    """The day to begin on, so that a step falls so many days before today."""
    return stage.today - days(before + FIRST[step])


def draft_begun(stage: Stage, who: Cooperative) -> Days:
    """A draft with its first sections answered."""
    begin = _begun(stage, "opened", who.before)
    yield from first_application(stage, who, begin, "opened")


def draft_half(stage: Stage, who: Cooperative) -> Days:
    """A draft half filled in, with some of its documents."""
    begin = _begun(stage, "opened", who.before)
    application = yield from first_application(stage, who, begin, "opened")
    yield stage.today - days(3)
    given = acts.answer(stage, who, application, sections=3)
    for kind in ("register_extract", "headcount_statement", "assembly_extract"):
        acts.attach(stage, who, application, kind, given)


def _until(stage: Stage, who: Cooperative, step: str, auditor: str = AUDITOR) -> Days:
    """A first application that has reached a step, so many days ago."""
    begin = _begun(stage, step, who.before)
    return (
        yield from first_application(
            stage, who, begin, step, auditor=auditor, completed=False
        )
    )


def submitted(stage: Stage, who: Cooperative) -> Days:
    """The secretariat has it."""
    yield from _until(stage, who, "submitted")


def accepted(stage: Stage, who: Cooperative) -> Days:
    """Accepted, and no auditor assigned."""
    yield from _until(stage, who, "accepted")


def assigned(stage: Stage, who: Cooperative) -> Days:
    """The auditor has not declared yet."""
    yield from _until(stage, who, "assigned")


def recused(stage: Stage, who: Cooperative) -> Days:
    """The auditor declared a tie; another one is to be assigned."""
    application = yield from _until(stage, who, "assigned", acts.AUDITORS[0])
    yield stage.on + days(1)
    acts.recuse(stage, _audit(application))


def _audit(application: Application) -> Audit:
    found = current_of(application)
    if found is None:
        raise LookupError(application.reference)
    return found


def in_evaluation(stage: Stage, who: Cooperative) -> Days:
    """The auditor has verified a part of it."""
    application = yield from _until(stage, who, "declared")
    yield stage.on + days(4)
    acts.look(stage, _audit(application), sections=3)


def integration(stage: Stage, who: Cooperative) -> Days:
    """A completion was asked and the cooperative has not replied."""
    application = yield from _until(stage, who, "declared")
    yield stage.on + days(1)
    acts.ask_completion(stage, _audit(application), SUMMARY, words.COMPLETION_AGAIN)


def integration_twice(stage: Stage, who: Cooperative) -> Days:
    """A second completion was asked, after the reply to the first."""
    begin = _begun(stage, "reported", who.before)
    application = yield from first_application(
        stage, who, begin, "declared", auditor=AUDITOR
    )
    audit = _audit(application)
    yield from one_round(stage, who, audit, stage.on + days(3))
    yield stage.today - days(who.before)
    acts.ask_completion(stage, audit, SUMMARY, words.COMPLETION_AGAIN)


def evaluated(stage: Stage, who: Cooperative) -> Days:
    """The committee has the report."""
    yield from _until(stage, who, "reported", acts.AUDITORS[1])


def refused(stage: Stage, who: Cooperative) -> Days:
    """Refused: some workers are under an agreement no central has signed."""
    begin = _begun(stage, "decided", who.before)
    yield from first_application(
        stage, who, begin, variant=wrong_contract, outcome=Outcome.REFUSED
    )


def declined(stage: Stage, who: Cooperative) -> Days:
    """Declined by the secretariat: outside the scope of the scheme."""
    application = yield from _until(stage, who, "submitted")
    yield stage.on + days(3)
    secretary = stage.user(acts.SECRETARIAT)
    applications.decline(application, words.DECLINED, by=secretary, at=stage.at)


def retired(stage: Stage, who: Cooperative) -> Days:
    """Withdrawn by the cooperative while it was accepted."""
    application = yield from _until(stage, who, "accepted")
    yield stage.on + days(5)
    applications.withdraw(application, by=stage.user(who.email), at=stage.at)


def archived(stage: Stage, who: Cooperative) -> Days:
    """A draft nobody touched for half a year."""
    yield from draft_begun(stage, who)


STORIES: dict[str, Callable[[Stage, Cooperative], Days]] = {
    story.__name__: story
    for story in (
        confirmed,
        certified,
        reserved,
        conditional,
        renewed,
        updating,
        updating_evaluated,
        renewal_late,
        suspended,
        major_finding,
        reinstated,
        withdrawn,
        withdrawal_proposed,
        expired,
        ended,
        failed_recheck,
        recheck_open,
        renewal_open,
        overdue,
        draft_begun,
        draft_half,
        submitted,
        accepted,
        assigned,
        recused,
        in_evaluation,
        integration,
        integration_twice,
        evaluated,
        refused,
        declined,
        retired,
        archived,
    )
}
