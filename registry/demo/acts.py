"""What people do in the demo world: each act is the operation a page would call."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from registry.accounts import operations as accounts
from registry.accounts.models import User
from registry.accounts.queries import by_email
from registry.applications import operations as applications
from registry.applications import rules as application_rules
from registry.applications.models import Application
from registry.audits import operations as audits
from registry.audits import rules as audit_rules
from registry.audits.models import Audit, Conflict, Severity
from registry.clock import civil_day
from registry.criteria.asked import asked, required_evidence
from registry.criteria.edition import Edition
from registry.criteria.evaluation import Verdict
from registry.criteria.reader import Editions
from registry.criteria.values import to_json
from registry.decisions import operations as decisions
from registry.decisions.models import Outcome
from registry.demo import words
from registry.demo.answers import Variant, conforming
from registry.demo.cast import Cooperative
from registry.demo.evidence import Papers, dates
from registry.organisations import operations as organisations
from registry.organisations.models import Capacity, Organisation
from registry.storage import Storage

SECRETARIAT = "secretariat@demo.example"
AUDITORS = ("auditor-2@demo.example", "auditor-3@demo.example", "auditor@demo.example")
COMMITTEE = (
    "committee-2@demo.example",
    "committee-3@demo.example",
    "committee@demo.example",
)


@dataclass
class Stage:
    """The moment, and what an act needs besides people."""

    edition: Edition
    papers: Papers
    storage: Storage
    password_hash: str
    #: The day on which the world is looked at: every story counts back from it.
    today: dt.date
    at: datetime

    @property
    def on(self) -> dt.date:
        return civil_day(self.at)

    def user(self, email: str) -> User:
        """Somebody of the cast; KeyError for a stranger."""
        found = by_email(email)
        if found is None:
            raise KeyError(email)
        return found


def enter(stage: Stage, who: Cooperative) -> Organisation:
    """The secretariat enters a cooperative, and its representative joins."""
    secretary = stage.user(SECRETARIAT)
    made = organisations.register(
        email=who.email,
        person=who.representative,
        kind=who.kind,
        name=who.name,
        vat=who.vat,
        tax_code=who.vat,
        albo=who.albo,
        rea=who.rea,
        province=who.province,
        town=who.town,
        address=who.address,
        by=secretary,
        at=stage.at,
    )
    representative = stage.user(who.email)
    if representative.confirmed_at is None:
        join(stage, representative)
    depot = {
        "town": who.town,
        "province": who.province,
        "address": "Via del Deposito 2",
    }
    organisations.describe(
        made,
        seats=[depot] if who.number % 4 == 1 else [],
        ateco=who.profile.ateco,
        sectors=who.profile.sectors,
        website=f"https://{who.key}.example" if who.number % 2 else None,
        by=representative,
        at=stage.at,
    )
    if who.number % 10 == 3:
        _delegate(stage, who, made)
    return made


def _delegate(stage: Stage, who: Cooperative, made: Organisation) -> None:
    """The representative lets somebody of the office fill the forms in."""
    user = organisations.invite_speaker(
        made,
        f"ufficio.{who.key}@demo.example",
        words.DELEGATES[who.number % len(words.DELEGATES)],
        Capacity.DELEGATE,
        by=stage.user(who.email),
        at=stage.at,
    )
    join(stage, user)


def join(stage: Stage, user: User) -> None:
    """Take an invitation up, with the password of the demo."""
    accounts.accept(
        user,
        name=user.name,
        password_hash=stage.password_hash,
        language=user.language,
        at=stage.at,
    )


def open_draft(stage: Stage, who: Cooperative, made: Organisation) -> Application:
    return applications.open_application(
        made, stage.edition, by=stage.user(who.email), at=stage.at
    )


def answer(
    stage: Stage,
    who: Cooperative,
    application: Application,
    variant: Variant = conforming,
    sections: int | None = None,
) -> Mapping[str, Any]:
    """Answer what is asked, in the first `sections` of the form or in all of it."""
    first = application
    while first.starts_from is not None:
        first = first.starts_from
    edition = stage.edition
    full = variant(who, edition, stage.on, civil_day(first.opened_at))
    given = {name: full[name] for name in asked(edition, full) if name in full}
    wanted = list(edition.sections)[:sections]
    old = {name: None for name in application.values if name not in given}
    new = {
        name: to_json(edition.answers[name], value)
        for name, value in given.items()
        if edition.answers[name].section in wanted
    }
    applications.save_answers(
        application, {**old, **new}, by=stage.user(who.email), at=stage.at
    )
    return given


def attach(
    stage: Stage,
    who: Cooperative,
    application: Application,
    kind: str,
    given: Mapping[str, Any],
) -> None:
    """Upload the document of a kind, with the days written on it."""
    applications.attach(
        application,
        kind,
        stage.papers.of(kind),
        f"{stage.edition.evidence[kind].label.in_('it')}.pdf",
        **dates(who, stage.edition, kind, given, stage.on),
        by=stage.user(who.email),
        at=stage.at,
        storage=stage.storage,
    )


def hand_over(
    stage: Stage, who: Cooperative, application: Application, variant: Variant
) -> None:
    """Bring the answers up to the day, upload what they ask for, and submit."""
    given = answer(stage, who, application, variant)
    for kind in required_evidence(stage.edition, given):
        attach(stage, who, application, kind, given)
    applications.submit(
        application,
        Editions({stage.edition.key: stage.edition}),
        declaration=words.DECLARATION,
        by=stage.user(who.email),
        at=stage.at,
    )


def accept(stage: Stage, application: Application) -> None:
    applications.accept(
        application, stage.edition, by=stage.user(SECRETARIAT), at=stage.at
    )


def assign(stage: Stage, application: Application, auditor: str) -> Audit:
    return audits.assign(
        application,
        stage.user(auditor),
        by=stage.user(SECRETARIAT),
        at=stage.at,
    )


def declare(stage: Stage, audit: Audit) -> None:
    audits.declare(audit, Conflict.NONE, "", by=audit.auditor, at=stage.at)


def recuse(stage: Stage, audit: Audit) -> None:
    audits.declare(
        audit, Conflict.CONSULTANCY, words.RECUSED, by=audit.auditor, at=stage.at
    )


def ask_completion(stage: Stage, audit: Audit, items: list[str], message: str) -> None:
    audits.ask_completion(
        audit, stage.edition, items, message, by=audit.auditor, at=stage.at
    )


def complete(stage: Stage, who: Cooperative, application: Application) -> None:
    """Upload again what was asked, and reply."""
    given = application_rules.values(application, stage.edition)
    request = application.open_completion
    for item in request.items if request else []:
        what, _, kind = item.partition(":")
        if what == "evidence":
            attach(stage, who, application, kind, given)
    applications.reply(application, by=stage.user(who.email), at=stage.at)


def look(stage: Stage, audit: Audit, sections: int | None = None) -> None:
    """Confirm what was declared and accept its documents, in the first `sections`."""
    edition, case = stage.edition, audit.application
    wanted = list(edition.sections)[:sections]
    names = [n for n in case.values if edition.answers[n].section in wanted]
    audits.confirm(audit, names, by=audit.auditor, at=stage.at)
    kinds = {kind for section in wanted for kind in edition.evidence_in(section)}
    for piece in case.attached:
        known = audit_rules.review_of(audit, piece)
        if piece.kind in kinds and known is None:
            audits.review(audit, piece, accepted=True, by=audit.auditor, at=stage.at)


def judge(stage: Stage, audit: Audit, minor: str = "") -> None:
    """Follow the rules; `minor` is a criterion met with a minor finding."""
    for result in audit_rules.proposed(audit, stage.edition).requirements:
        severity, finding = None, ""
        if result.verdict is Verdict.NOT_MET:
            severity, finding = Severity.MAJOR, words.NOT_MET[result.id]
        elif result.verdict is Verdict.MET_WITH_RESERVE:
            finding = words.RESERVE
        elif result.id == minor:
            severity, finding = Severity.MINOR, words.MINOR
        audits.judge(
            audit,
            stage.edition,
            result.id,
            result.verdict,
            severity=severity,
            finding=finding,
            by=audit.auditor,
            at=stage.at,
        )


def report(stage: Stage, audit: Audit) -> None:
    audits.report(audit, stage.edition, words.SUMMARY, by=audit.auditor, at=stage.at)


def send_back(stage: Stage, audit: Audit, member: str) -> None:
    decisions.send_back(audit, words.SENT_BACK, by=stage.user(member), at=stage.at)


def decide(
    stage: Stage, audit: Audit, outcome: Outcome, member: str, conditions: str = ""
) -> None:
    decisions.decide(
        audit,
        stage.edition,
        outcome,
        words.REASONS[outcome],
        conditions,
        by=stage.user(member),
        at=stage.at,
    )
