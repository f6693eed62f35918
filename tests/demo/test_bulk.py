"""Bare rows are what the operations make, apart from ids and paper."""

from datetime import UTC, date, datetime
from typing import Any

from flask import Flask
from sqlalchemy import select

from registry.accounts.models import Role, User
from registry.accounts.queries import the_registry
from registry.applications import operations as applications
from registry.audits import operations as audits
from registry.audits.models import Conflict
from registry.certificates import operations as certificates
from registry.certificates.issuer import the_issuer
from registry.certificates.models import Certificate, EventKind, Projection
from registry.certificates.rules import standing_of
from registry.certificates.standing import Code
from registry.clock import civil_day
from registry.criteria.asked import asked, required_evidence
from registry.criteria.values import to_json
from registry.db import db
from registry.decisions import operations as decisions
from registry.decisions.models import Decision, Outcome
from registry.demo import bulk
from registry.demo.bulk import Happening, Invented
from registry.journal.operations import next_number
from registry.organisations import operations as organisations
from registry.organisations.models import Capacity, Organisation
from registry.services import services
from tests import factories
from tests.criteria.examples import conforming_answers

NOW = datetime(2026, 11, 25, 10, tzinfo=UTC)
TODAY = date(2026, 11, 25)
COUNT = 100
FILE = "f" * 64
PICTURE = factories.picture()
#: Ids, and what paper, its case and those who speak leave: bare rows have none.
APART = {"id", "by_id", "organisation_id", "certificate_id", "application_id",
         "decision_id", "facts", "unsigned_sha256", "sha256", "revision"}  # fmt: skip


class PlainSeal:
    """Adds nothing: the paper is not what is compared here."""

    development = True

    def seal(self, pdf: bytes) -> bytes:
        return pdf

    def validate(self, sealed: bytes) -> None:
        """Content with everything."""


def columns(thing: Any) -> dict[str, Any]:
    names = thing.__table__.columns.keys()
    return {name: getattr(thing, name) for name in names if name not in APART}


def told(made: Organisation) -> dict[str, Any]:
    """Everything the tables hold of an organisation and its certificate."""
    mine = Certificate.organisation_id == made.id
    certificate = db.session.scalars(select(Certificate).where(mine)).one()
    projection = db.session.get_one(Projection, certificate.id)
    return {
        "organisation": columns(made),
        "ateco": [columns(one) for one in made.ateco],
        "sectors": [columns(one) for one in made.sectors],
        "certificate": columns(certificate),
        "events": [columns(one) for one in certificate.events],
        "projection": columns(projection),
    }


def by_rows() -> list[dict[str, Any]]:
    edition = factories.edition()
    bulk.add_bulk(COUNT, edition, FILE, at=NOW, tell=lambda line: None)
    found = [told(one) for one in db.session.scalars(select(Organisation))]
    db.session.rollback()
    return found


def by_operations() -> list[dict[str, Any]]:
    people = {
        "speaker": factories.person(),
        "auditor": factories.person(Role.AUDITOR),
        "member": factories.person(Role.COMMITTEE),
    }
    made = [live(bulk.invented(n, TODAY), **people) for n in range(COUNT)]
    db.session.flush()
    db.session.expire_all()  # look at the tables, not at what was said
    return [told(one) for one in made]


def live(one: Invented, *, speaker: User, auditor: User, member: User) -> Organisation:
    """Play the happenings of a row as people and jobs would."""
    machine, at = the_registry(), one.at
    made = organisations.add(kind=one.kind, **one.facts, by=machine, at=at)
    organisations.describe(
        made, ateco=one.ateco, sectors=one.sectors, by=machine, at=at
    )
    who = Capacity.LEGAL_REPRESENTATIVE
    organisations.appoint(made, speaker, who, by=machine, at=at)
    decision = granted(made, speaker, auditor, member, at)
    certificate = certificates.reserve(
        decision,
        factories.edition(),
        issuer=the_issuer(),
        signer=services().signer,
        by=machine,
        at=at,
    )
    doors: dict[str, Any] = {"seal": PlainSeal(), "storage": services().storage}
    certificates.issue(certificate, b"%PDF- in a test", **doors, by=machine, at=at)
    for happening in one.happenings[1:]:
        befall(certificate, happening, speaker=speaker, member=member)
    return made


def granted(
    made: Organisation, speaker: User, auditor: User, member: User, at: datetime
) -> Decision:
    """An application answered, documented, audited and granted, all at once."""
    edition, machine = factories.edition(), the_registry()
    application = applications.open_application(made, edition, by=speaker, at=at)
    given = conforming_answers(edition, on=civil_day(at))
    as_json = {
        name: to_json(edition.answers[name], given[name])
        for name in asked(edition, given)
        if name in given
    }
    applications.save_answers(application, as_json, by=speaker, at=at)
    for kind in required_evidence(edition, given):
        applications.attach(
            application,
            kind,
            PICTURE,
            "page.png",
            by=speaker,
            at=at,
            storage=services().storage,
        )
    applications.submit(application, services().editions, by=speaker, at=at)
    applications.accept(application, edition, by=machine, at=at)
    audit = audits.assign(application, auditor, by=machine, at=at)
    audits.declare(audit, Conflict.NONE, "", by=auditor, at=at)
    factories.evaluate(audit, at=at)
    outcome = Outcome.GRANTED
    return decisions.decide(audit, edition, outcome, "Bene.", by=member, at=at)


def befall(
    certificate: Certificate, one: Happening, *, speaker: User, member: User
) -> None:
    """Do to a certificate what the row says happened to it."""
    at, machine, reason = one.at, the_registry(), one.reason_code or ""
    day = one.anniversary or TODAY
    if one.kind is EventKind.UPDATE_OPENED:
        certificates.open_update(certificate, day, by=machine, at=at)
    elif one.kind is EventKind.CONFIRMED:
        certificates.confirm(certificate, day, next_on=day, by=machine, at=at)
    elif one.kind is EventKind.SUSPENDED:
        certificates.suspend(certificate, reason, by=machine, at=at)
    elif one.kind is EventKind.WITHDRAWN:
        certificates.withdraw(certificate, reason, by=member, at=at)
    elif one.kind is EventKind.ENDED_BY_HOLDER:
        certificates.end(certificate, by=speaker, at=at)


def test_a_hundred_rows_are_what_the_operations_make(app: Flask) -> None:
    bare, lived = by_rows(), by_operations()
    assert len(bare) == COUNT
    for row, life in zip(bare, lived, strict=True):
        assert row == life


def test_rows_have_every_standing(app: Flask) -> None:
    bulk.add_bulk(COUNT, factories.edition(), FILE, at=NOW, tell=lambda line: None)
    found = {
        standing_of(one, TODAY).code for one in db.session.scalars(select(Certificate))
    }
    assert found == set(Code) - {Code.NEVER_CERTIFIED, Code.SUPERSEDED}


def test_more_rows_go_on_where_the_others_ended(app: Flask) -> None:
    edition, heard = factories.edition(), list[str]()
    for number in (3, 4):
        bulk.add_bulk(number, edition, FILE, at=NOW, tell=heard.append)
    made = db.session.scalars(select(Organisation.vat)).all()
    assert len(set(made)) == bulk.bulk_count() == 7
    assert heard == ["  3 of 3 organisations", "  4 of 4 organisations"]


def test_a_certificate_issued_after_them_takes_the_next_number(app: Flask) -> None:
    bulk.add_bulk(40, factories.edition(), FILE, at=NOW, tell=lambda line: None)
    years = select(Certificate.year).order_by(Certificate.year.desc())
    year = db.session.scalars(years).first()
    taken = select(Certificate.serial).where(Certificate.year == year)
    serials = sorted(db.session.scalars(taken))
    assert serials == list(range(1, len(serials) + 1))
    assert next_number(f"certificates-impact-{year}") == len(serials) + 1
