"""
The chapters that stories of the demo world are made of.

Each is a generator: it yields the day on which it goes on, and acts when it is woken.
"""

import datetime as dt
from collections.abc import Callable, Generator
from typing import Any

from registry.applications.models import Application
from registry.audits.models import Audit
from registry.certificates.models import Certificate
from registry.certificates.queries import of_application
from registry.certificates.rules import anniversaries
from registry.decisions.models import Outcome
from registry.demo import acts, words
from registry.demo.acts import Stage
from registry.demo.answers import Variant, conforming
from registry.demo.cast import Cooperative
from registry.rechecks.queries import of_anniversary

Days = Generator[dt.date, None, Any]

#: Days from the first contact to each step of a first application.
FIRST = {
    "entered": 0,
    "opened": 8,
    "filled": 14,
    "submitted": 18,
    "accepted": 21,
    "assigned": 23,
    "declared": 25,
    "reported": 46,
    "decided": 60,
}
#: Days from the filing of a re-check to each step that follows.
YEARLY = {"submitted": 0, "accepted": 2, "assigned": 4, "declared": 6,
          "reported": 18, "decided": 29}  # fmt: skip
COURSES = ["evidence:training_attestation"]


def days(number: int) -> dt.timedelta:
    return dt.timedelta(days=number)


def first_application(
    stage: Stage,
    who: Cooperative,
    begin: dt.date,
    until: str = "decided",
    *,
    variant: Variant = conforming,
    outcome: Outcome = Outcome.GRANTED,
    **case: Any,
) -> Generator[dt.date, None, Application]:
    """From the first contact on the day `begin` to the step `until`."""

    def day(step: str) -> dt.date:
        return begin + days(FIRST[step])

    yield begin
    organisation = acts.enter(stage, who)
    yield day("opened")
    application = acts.open_draft(stage, who, organisation)
    acts.answer(stage, who, application, variant, sections=3)
    if until == "opened":
        return application
    yield day("filled")
    acts.answer(stage, who, application, variant)
    if until == "filled":
        return application
    yield day("submitted")
    acts.hand_over(stage, who, application, variant)
    if until != "submitted":
        yield from looked_at(
            stage, who, application, day, until, outcome=outcome, **case
        )
    return application


def looked_at(
    stage: Stage,
    who: Cooperative,
    application: Application,
    day: Callable[[str], dt.date],
    until: str,
    *,
    outcome: Outcome = Outcome.GRANTED,
    auditor: str = "",
    minor: str = "",
    conditions: str = "",
    completed: bool | None = None,
) -> Days:
    """A submitted case, from its acceptance to the step `until`."""
    yield day("accepted")
    acts.accept(stage, application)
    if until == "accepted":
        return
    yield day("assigned")
    auditor = auditor or acts.AUDITORS[who.number % 3]
    audit = acts.assign(stage, application, auditor)
    if until == "assigned":
        return
    yield day("declared")
    acts.declare(stage, audit)
    if until == "declared":
        return
    if who.number % 5 == 2 if completed is None else completed:
        yield from one_round(stage, who, audit, stage.on + days(3))
    yield day("reported")
    acts.look(stage, audit)
    acts.judge(stage, audit, minor)
    acts.report(stage, audit)
    if until == "reported":
        return
    member = acts.COMMITTEE[(who.number + stage.on.month) % 3]
    if who.number % 12 == 5:
        yield stage.on + days(3)
        acts.send_back(stage, audit, member)
        yield stage.on + days(3)
        acts.report(stage, audit)
    yield day("decided")
    acts.decide(stage, audit, outcome, member, conditions)


def one_round(stage: Stage, who: Cooperative, audit: Audit, on: dt.date) -> Days:
    """The auditor asks for a document again; the cooperative replies."""
    yield on
    acts.ask_completion(stage, audit, COURSES, words.COMPLETION)
    yield on + days(5)
    acts.complete(stage, who, audit.application)


def issued(
    stage: Stage, who: Cooperative, issued_on: dt.date, **case: Any
) -> Generator[dt.date, None, Certificate]:
    """A first application that becomes a certificate on a day."""
    begin = issued_on - days(FIRST["decided"])
    application = yield from first_application(stage, who, begin, **case)
    yield issued_on + days(4)  # past a weekend, and the job has been there
    return certificate_of(application)


def certificate_of(application: Application) -> Certificate:
    found = of_application(application)
    if found is None:
        raise LookupError(application.reference)
    return found


def yearly(
    stage: Stage,
    who: Cooperative,
    certificate: Certificate,
    due_on: dt.date,
    *,
    filed_on: dt.date | None = None,
    until: str = "decided",
    variant: Variant = conforming,
    **case: Any,
) -> Generator[dt.date, None, Application]:
    """The re-check (or renewal) of an anniversary, filed and followed to `until`."""
    filed_on = filed_on or due_on - days(12 + who.number % 20)
    yield filed_on - days(4)
    recheck = of_anniversary(certificate.id, due_on)
    if recheck is None:
        raise LookupError(f"{certificate.number} {due_on}")
    application = recheck.application
    acts.answer(stage, who, application, variant)
    yield filed_on
    acts.hand_over(stage, who, application, variant)
    if until != "submitted":

        def day(step: str) -> dt.date:
            return filed_on + days(YEARLY[step])

        yield from looked_at(
            stage, who, application, day, until, **{"completed": False} | case
        )
    return application


def in_force(
    stage: Stage, who: Cooperative, issued_on: dt.date, before: dt.date, **case: Any
) -> Generator[dt.date, None, Certificate]:
    """A certificate confirmed on every anniversary that comes before a day."""
    certificate = yield from issued(stage, who, issued_on, **case)
    for due_on in anniversaries(certificate.issued_on, stage.edition):
        if due_on >= before:
            break
        yield from yearly(stage, who, certificate, due_on)
    return certificate
