"""What waits for a person, gathered from every room, the oldest deadline first."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from registry.accounts.models import Role, User
from registry.applications import queries as applications
from registry.applications import rules
from registry.applications.models import Application, ApplicationKind, ApplicationState
from registry.audits import queries as audits
from registry.audits.models import AuditState
from registry.certificates import queries as certificates
from registry.certificates.models import Certificate
from registry.certificates.rules import SEALED_WITHIN, standing_of
from registry.certificates.standing import Code
from registry.clock import civil_day
from registry.complaints import queries as complaints
from registry.complaints.models import ComplaintState
from registry.criteria.reader import Editions
from registry.db import db
from registry.editions import queries as editing
from registry.editions import rules as life
from registry.editions.models import EditionState
from registry.errors import N_
from registry.mail import queries as letters
from registry.organisations.queries import spoken_for_by, to_confirm
from registry.rechecks import queries as rechecks
from registry.rechecks.models import MeasureKind
from registry.services import services
from registry.suppliers import queries as suppliers
from registry.suppliers.models import ListState
from registry.watches import queries as watches

S = ApplicationState
MOST = 200  # a desk longer than this is a list, and the room's own page shows it
#: How soon the secretariat answers a new application, in days (lifecycles.md §1).
REVIEW_DAYS = 14


@dataclass(frozen=True)
class Waiting:
    """One thing to do: what, about whom, by when, and where."""

    task: str  # a marked sentence
    about: str
    endpoint: str
    values: dict[str, Any]
    due_on: date | None
    urgent: bool = False


def for_person(person: User, editions: Editions, today: date) -> list[Waiting]:
    """Everything that waits for this person in all their roles."""
    gathered: list[Waiting] = list(_of_speakers(person, today))
    gathered += _of_lists(person)
    gathered += _of_companies(person)
    if person.is_a(Role.SECRETARIAT):
        gathered += _of_secretariat()
        gathered += _of_doubts(today)
        gathered += _of_papers(today)
    if person.is_a(Role.AUDITOR):
        gathered += _of_auditor(person, editions, today)
    if person.is_a(Role.COMMITTEE):
        gathered += _of_committee(person, editions, today)
    if person.is_a(Role.SCHEME_OWNER):
        gathered += _of_scheme_owner(editions, today)
    return sorted(gathered, key=lambda one: (one.due_on or date.max, one.about))[:MOST]


def _of_speakers(person: User, today: date) -> Iterator[Waiting]:
    for organisation in spoken_for_by(person):
        open_ones = db.session.scalars(
            select(Application).where(
                Application.organisation_id == organisation.id,
                Application.state.in_([S.DRAFT, S.INTEGRATION]),
            )
        )
        for application in open_ones:
            yield _to_answer(application, today)
        for certificate in certificates.of_organisation(organisation.id):
            if standing_of(certificate, today).code is Code.SUSPENDED:
                yield Waiting(
                    N_("Your certificate is suspended: see what is needed"),
                    organisation.name,
                    "certificates.show",
                    {"id_": certificate.id},
                    None,
                    urgent=True,
                )


def _of_lists(person: User) -> Iterator[Waiting]:
    """What a supplier list asks its own company; nobody else's."""
    asks = {
        ListState.ASKING: (
            N_("Say which column is which in a supplier list"),
            "suppliers.columns",
        ),
        ListState.CONFIRMING: (
            N_("Confirm the names of a supplier list"),
            "suppliers.names",
        ),
    }
    for one in db.session.scalars(suppliers.in_states(person, *asks)):
        task, endpoint = asks[one.state]
        yield Waiting(task, one.company.name, endpoint, {"id_": one.id}, None)


def _of_companies(person: User) -> Iterator[Waiting]:
    """Webhooks that the registry switched off: the company may not have noticed."""
    for webhook in watches.given_up(person):
        yield Waiting(
            N_("A webhook was switched off: see why"),
            webhook.url,
            "webhooks.show",
            {"id_": webhook.id},
            None,
            urgent=True,
        )


def _to_answer(application: Application, today: date) -> Waiting:
    request = application.open_completion
    if request:
        task = N_("Complete what the auditor asked")
    else:
        task = {
            ApplicationKind.INITIAL: N_("Finish your application"),
            ApplicationKind.RECHECK: N_("File the yearly re-check"),
            ApplicationKind.RENEWAL: N_("Ask for the renewal of the certificate"),
        }[application.kind]
    due_on = request.due_on if request else application.due_on
    return Waiting(
        task,
        application.organisation.name,
        "applications.show",
        {"id_": application.id},
        due_on,
        urgent=due_on is not None and due_on <= today,
    )


def _of_secretariat() -> Iterator[Waiting]:
    for application in applications.in_state(S.SUBMITTED):
        yield _on_case(
            N_("Accept or decline a new application"),
            application,
            "applications.review",
            civil_day(application.changed_at) + timedelta(days=REVIEW_DAYS),
        )
    for application in applications.in_state(S.ACCEPTED):
        audit = audits.current_of(application)
        if audit is None:
            yield _on_case(N_("Assign an auditor"), application, "audits.assign", None)
    for application in applications.in_state(S.IN_EVALUATION):
        if audits.current_of(application) is None:
            yield _on_case(N_("Assign an auditor"), application, "audits.assign", None)
    for organisation in to_confirm():
        yield Waiting(
            N_("Confirm who answers for an organisation that would apply"),
            organisation.name,
            "organisations.show",
            {"id_": organisation.id},
            None,
        )
    if number := letters.failed():
        yield Waiting(
            N_("Letters the mail server did not take"),
            str(number),
            "mail.letters",
            {"state": "failed"},
            None,
            urgent=True,
        )


def _of_papers(today: date) -> Iterator[Waiting]:
    for certificate in certificates.bearing_former_names(today):
        yield _on_certificate(
            N_("A valid certificate still bears the former name"),
            certificate,
            "certificates.reissue",
        )
    for certificate in certificates.stuck_since(services().clock.now() - SEALED_WITHIN):
        yield _on_certificate(
            N_("A certificate waits for its seal"), certificate, "certificates.show"
        )


def _on_certificate(task: str, certificate: Certificate, endpoint: str) -> Waiting:
    about = f"{certificate.organisation.name}, {certificate.number}"
    return Waiting(task, about, endpoint, {"id_": certificate.id}, None)


def _of_doubts(today: date) -> Iterator[Waiting]:
    for complaint in complaints.waiting():
        new = complaint.state is ComplaintState.RECEIVED
        yield Waiting(
            N_("Say whether a report is admissible")
            if new
            else N_("Look into a report and close it"),
            f"{complaint.number} · {complaint.organisation.name}",
            "complaints.show",
            {"id_": complaint.id},
            complaint.answer_by_on if new else None,
            urgent=new and complaint.answer_by_on <= today,
        )


def _on_case(
    task: str, application: Application, endpoint: str, due_on: date | None
) -> Waiting:
    return Waiting(
        task,
        application.organisation.name,
        endpoint,
        {"id_": application.id},
        due_on,
    )


def _of_auditor(person: User, editions: Editions, today: date) -> Iterator[Waiting]:
    for audit in audits.mine(person):
        application = audit.application
        if audit.state is AuditState.ASSIGNED:
            task = N_("Say whether you have a conflict of interest")
        elif audit.state is AuditState.IN_PROGRESS and (
            application.state is S.IN_EVALUATION
        ):
            task = N_("Verify the evidence and report")
        else:
            continue
        edition = editions[application.edition]
        yield Waiting(
            task,
            application.organisation.name,
            "audits.show",
            {"id_": audit.id},
            rules.decide_by(application, edition, today),
        )


def _of_scheme_owner(editions: Editions, today: date) -> Iterator[Waiting]:
    """Editions to adopt once their comments are in, and holders to tell in time."""
    acts = editing.lives()
    for edition in life.every(editions).values():
        events = acts.get(edition.key, [])
        first = life.adoptable_on(edition, events, today) if events else None
        at = {"scheme": edition.scheme, "edition": edition.edition}
        if edition.key in editions and life.last_act(events) is EditionState.ADOPTED:
            last = life.notice_ends_on(edition)
            task = N_("Tell the holders what changes")
            if edition.replaces is not None:
                yield Waiting(
                    task, edition.key, "schemes.show", at, last, urgent=last <= today
                )
        elif first is not None and first <= today and edition.replaces is not None:
            task = N_("Adopt a draft, or take it back")
            yield Waiting(task, edition.key, "schemes.show", at, None)


def _of_committee(person: User, editions: Editions, today: date) -> Iterator[Waiting]:
    for application in applications.in_state(S.EVALUATED):
        if audits.audited(application.id, person):
            continue
        edition = editions[application.edition]
        yield Waiting(
            N_("Decide"),
            application.organisation.name,
            "decisions.decide",
            {"id_": application.id},
            rules.decide_by(application, edition, today),
        )
    for measure in rechecks.open_measures():
        task = {
            MeasureKind.SUSPENSION: N_("Ratify a suspension"),
            MeasureKind.WITHDRAWAL: N_("Decide on a proposed withdrawal"),
        }[measure.kind]
        yield Waiting(
            task,
            measure.certificate.organisation.name,
            "rechecks.measure",
            {"id_": measure.id},
            measure.decide_by_on,
            urgent=measure.decide_by_on <= today,
        )
