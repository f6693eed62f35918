"""Make things the way they are made in life: through the operations."""

import io
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import count
from typing import Any

from PIL import Image
from sqlalchemy import select
from stdnum import luhn

from registry.accounts.models import Role, RoleRow, User
from registry.applications import operations as applications
from registry.applications.models import Application, ApplicationKind
from registry.audits import operations as audits
from registry.audits import rules as audit_rules
from registry.audits.models import Audit, Conflict
from registry.certificates import reissues
from registry.certificates.issuer import the_issuer
from registry.certificates.jobs import issue_granted
from registry.certificates.models import Certificate, ReissueReason
from registry.certificates.queries import of_application
from registry.clock import civil_day
from registry.criteria.asked import asked, required_evidence
from registry.criteria.edition import Edition
from registry.criteria.reader import Editions
from registry.criteria.values import to_json
from registry.db import db
from registry.decisions import operations as decisions
from registry.decisions.models import Decision, Outcome
from registry.organisations import operations as organisations
from registry.organisations.models import Capacity, Organisation, OrganisationKind
from registry.services import services
from tests.criteria.examples import conforming_answers

#: Monday 2 March 2026, as the `clock` fixture.
LONG_AGO = datetime(2026, 3, 2, 9, tzinfo=UTC)
DAY = timedelta(days=1)
numbers = count(1)


def editions() -> Editions:
    return services().editions


def edition() -> Edition:
    return editions()["impact/2022"]


def person(*roles: Role, name: str = "", **changes: Any) -> User:
    """Somebody with these roles (a cooperative's person when none is given)."""
    n = next(numbers)
    kinds = roles or (Role.COOPERATIVE,)
    user = User(
        **{
            "email": f"{kinds[0]}-{n}@example.org",
            "name": name or f"Persona {n}",
            "language": "it",
            "active": True,
            "fs_uniquifier": f"uniquifier-{n}",
            "created_at": LONG_AGO,
            **changes,
        }
    )
    wanted = [kind.value for kind in kinds]
    held = select(RoleRow).where(RoleRow.name.in_(wanted))
    user.roles = list(db.session.scalars(held))
    db.session.add(user)
    db.session.flush()
    return user


def vat() -> str:
    """A partita IVA nobody has, with its check digit."""
    body = f"{9000000 + next(numbers):07}016"
    return body + luhn.calc_check_digit(body)


def organisation(
    *, speaker: User | None = None, at: datetime = LONG_AGO, **changes: Any
) -> Organisation:
    """An invented cooperative with its legal representative."""
    n = next(numbers)
    facts = {
        "kind": OrganisationKind.SOCIAL_B,
        "name": f"Il Melograno {n} Società Cooperativa Sociale",
        "vat": vat(),
        "albo": f"A{100000 + n}",
        "province": "BG",
        "town": "Stezzano",
        **changes,
    }
    secretary = person(Role.SECRETARIAT)
    made = organisations.add(**facts, by=secretary, at=at)
    organisations.appoint(
        made,
        speaker or person(),
        Capacity.LEGAL_REPRESENTATIVE,
        by=secretary,
        at=at,
    )
    db.session.flush()
    return made


def company(buyer: User, **changes: Any) -> Organisation:
    """An invented company whose purchasing office is `buyer`."""
    facts = {"kind": OrganisationKind.COMPANY, "albo": None, **changes}
    return organisation(speaker=buyer, **facts)


def representative(made: Organisation) -> User:
    """The legal representative of an organisation."""
    return made.representations[0].user


@cache
def picture(shade: int = 200) -> bytes:
    """A small PNG; another shade is another file, the same one is looked into once."""
    out = io.BytesIO()
    Image.new("RGB", (8, 8), (shade % 256, 120, 80)).save(out, "PNG")
    return out.getvalue()


def draft(
    made: Organisation | None = None,
    *,
    at: datetime = LONG_AGO,
    kind: ApplicationKind = ApplicationKind.INITIAL,
    **changes: Any,
) -> Application:
    """An application answered in full and in conformity, with its evidence."""
    made = made or organisation(at=at)
    by = representative(made)
    application = applications.open_application(
        made, edition(), kind=kind, by=by, at=at
    )
    fill(application, at=at, **changes)
    return application


def fill(application: Application, *, at: datetime, **changes: Any) -> None:
    """Answer everything that is asked and attach everything that is required."""
    by, rules = representative(application.organisation), edition()
    answers = conforming_answers(rules, on=civil_day(at)) | changes
    given = {name: answers[name] for name in asked(rules, answers) if name in answers}
    as_json = {n: to_json(rules.answers[n], v) for n, v in given.items()}
    applications.save_answers(application, as_json, by=by, at=at)
    has = {piece.kind for piece in application.attached}
    for kind in required_evidence(rules, given):
        if kind not in has:
            attach(application, kind, by=by, at=at)
    db.session.flush()


def attach(application: Application, kind: str, *, by: User, at: datetime) -> Any:
    return applications.attach(
        application,
        kind,
        picture(list(edition().evidence).index(kind)),
        f"{kind}.png",
        issued_on=civil_day(at) - DAY,
        by=by,
        at=at,
        storage=services().storage,
    )


def submitted(
    made: Organisation | None = None, *, at: datetime = LONG_AGO, **changes: Any
) -> Application:
    application = draft(made, at=at, **changes)
    by = representative(application.organisation)
    applications.submit(application, editions(), by=by, at=at)
    return application


def accepted(
    made: Organisation | None = None, *, at: datetime = LONG_AGO, **changes: Any
) -> Application:
    application = submitted(made, at=at, **changes)
    applications.accept(application, edition(), by=person(Role.SECRETARIAT), at=at)
    return application


def in_evaluation(
    made: Organisation | None = None,
    *,
    auditor: User | None = None,
    at: datetime = LONG_AGO,
    **changes: Any,
) -> Audit:
    """An audit taken up by an auditor without conflict."""
    return take_up(accepted(made, at=at, **changes), auditor=auditor, at=at)


def take_up(
    application: Application, *, auditor: User | None = None, at: datetime = LONG_AGO
) -> Audit:
    auditor = auditor or person(Role.AUDITOR)
    audit = audits.assign(application, auditor, by=person(Role.SECRETARIAT), at=at)
    audits.declare(audit, Conflict.NONE, "", by=auditor, at=at)
    return audit


def evaluated(
    made: Organisation | None = None,
    *,
    auditor: User | None = None,
    at: datetime = LONG_AGO,
    **changes: Any,
) -> Audit:
    """A reported audit that follows the rules on confirmed values."""
    audit = in_evaluation(made, auditor=auditor, at=at, **changes)
    evaluate(audit, at=at)
    return audit


def evaluate(audit: Audit, *, at: datetime) -> None:
    """Confirm what was declared, accept the evidence, judge by the rules, report."""
    by, application = audit.auditor, audit.application
    for name, value in application.values.items():
        audits.verify(audit, name, value, by=by, at=at)
    for piece in application.attached:
        audits.review(audit, piece, accepted=True, by=by, at=at)
    for result in audit_rules.proposed(audit, edition()).requirements:
        audits.judge(audit, edition(), result.id, result.verdict, by=by, at=at)
    audits.report(audit, edition(), "Tutto verificato.", by=by, at=at)


def decided(
    made: Organisation | None = None,
    *,
    outcome: Outcome = Outcome.GRANTED,
    conditions: str = "",
    at: datetime = LONG_AGO,
    **changes: Any,
) -> Decision:
    return decide(evaluated(made, at=at, **changes), outcome, conditions, at=at)


def decide(
    audit: Audit,
    outcome: Outcome = Outcome.GRANTED,
    conditions: str = "",
    *,
    at: datetime = LONG_AGO,
) -> Decision:
    return decisions.decide(
        audit,
        edition(),
        outcome,
        "I criteri sono soddisfatti.",
        conditions,
        by=person(Role.COMMITTEE),
        at=at,
    )


def certified(
    made: Organisation | None = None, *, at: datetime = LONG_AGO, **changes: Any
) -> Certificate:
    """A certificate issued by the job, sealed paper and all; commits."""
    decision = decided(made, at=at, **changes)
    application_id = decision.application_id
    db.session.commit()
    issue_granted(at)
    application = db.session.get_one(Application, application_id)
    certificate = of_application(application)
    assert certificate is not None
    return certificate


def reissued(certificate: Certificate, *, at: datetime) -> Certificate:
    """The same certification under another number, its paper sealed; commits."""
    made = reissues.reissue(
        certificate,
        edition(),
        ReissueReason.PAPER_RENEWED,
        issuer=the_issuer(),
        signer=services().signer,
        by=person(Role.SECRETARIAT),
        at=at,
    )
    db.session.commit()
    issue_granted(at)
    return made
