"""A decision becomes paper, and the paper gains dated events."""

import contextvars
import threading
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from registry.accounts.models import Role, User
from registry.accounts.queries import the_registry
from registry.certificates import operations, queries, rules
from registry.certificates.issuer import the_issuer
from registry.certificates.jobs import (
    issue_granted,
    make_copies,
    reserve_granted,
)
from registry.certificates.models import Certificate, CertificateEvent, Projection
from registry.certificates.numbers import Number
from registry.certificates.operations import NotPossible
from registry.certificates.proof import words_of
from registry.certificates.rendering import render
from registry.certificates.standing import Code
from registry.clock import FixedClock, civil_day
from registry.db import db as database
from registry.errors import Forbidden, Invalid
from registry.mail.models import Letter
from registry.seal import NotSealed
from registry.services import services
from registry.storage import Storage
from tests import factories

DAY = timedelta(days=1)


def standing(certificate: Certificate, clock: FixedClock) -> Code:
    return rules.standing_of(certificate, civil_day(clock.now())).code


def letters(event: str) -> int:
    counted = select(func.count()).where(Letter.event == event)
    return database.session.scalar(counted) or 0


def test_a_grant_becomes_a_sealed_certificate_with_the_first_number_of_the_year(
    app: Flask, clock: FixedClock, seal: Any, storage: Storage
) -> None:
    certificate = factories.certified()
    assert certificate.number == str(Number("IMP", 2026, 1))
    assert (certificate.year, certificate.serial) == (2026, 1)
    assert certificate.issued_on == date(2026, 3, 2)
    assert certificate.valid_until == date(2029, 3, 1)
    assert certificate.sha256 is not None
    sealed = storage.read(certificate.sha256)
    seal.validate(sealed)
    assert standing(certificate, clock) is Code.VALID
    assert letters("certificates/issued") == 1


def test_the_year_of_a_number_is_that_of_rome(app: Flask, clock: FixedClock) -> None:
    clock.at = clock.at.replace(year=2026, month=12, day=31, hour=23, minute=30)
    certificate = factories.certified(at=clock.now())
    assert (certificate.year, certificate.issued_on) == (2027, date(2027, 1, 1))


def test_one_decision_gives_one_certificate(app: Flask, clock: FixedClock) -> None:
    factories.certified()
    assert issue_granted(clock.now()) == 0
    assert database.session.scalar(select(func.count(Certificate.id))) == 1


class PowerCut(RuntimeError):
    """Nothing after this line happens."""


@dataclass
class Faltering:
    """A door that breaks once, at the step told: "before seal", "after put"…"""

    true: Any
    step: str = ""

    def __getattr__(self, name: str) -> Any:
        real = getattr(self.true, name)
        if not callable(real):
            return real

        def call(*given: Any) -> Any:
            self._break(f"before {name}")
            result = real(*given)
            self._break(f"after {name}")
            return result

        return call

    def _break(self, step: str) -> None:
        if self.step == step:
            self.step = ""
            raise PowerCut(step)


@pytest.fixture
def doors(app: Flask) -> Any:
    """The doors of the house, seal and storage of which can be made to break."""
    before = app.extensions["registry"]
    app.extensions["registry"] = replace(
        before, seal=Faltering(before.seal), storage=Faltering(before.storage)
    )
    return app.extensions["registry"]


STEPS = (
    *("before seal", "after seal", "before validate", "after validate"),
    *("before put", "after put"),
)


@pytest.mark.parametrize("step", STEPS)
def test_broken_off_anywhere_it_goes_on_with_the_same_number_and_day(
    app: Flask, clock: FixedClock, doors: Any, step: str
) -> None:
    application = factories.decided().application
    database.session.commit()
    before = set(doors.storage.names())
    doors.seal.step = doors.storage.step = step
    assert issue_granted(clock.now()) == 0
    [owed] = database.session.scalars(select(Certificate))
    number, planned = owed.number, owed.unsigned_sha256
    assert planned is not None
    assert owed.sha256 is None
    assert letters("certificates/issued") == 0
    doors.seal.step = doors.storage.step = ""
    clock.tick(days=2)
    assert issue_granted(clock.now()) == 1
    certificate = queries.of_application(application)
    assert certificate is not None
    assert (certificate.number, certificate.unsigned_sha256) == (number, planned)
    assert certificate.issued_on == date(2026, 3, 2)  # as the paper says
    assert letters("certificates/issued") == 1
    assert set(doors.storage.names()) - before == {certificate.sha256}


def test_paper_that_drifted_since_it_was_planned_is_not_sealed(
    app: Flask, clock: FixedClock, doors: Any, caplog: pytest.LogCaptureFixture
) -> None:
    factories.decided()
    database.session.commit()
    doors.seal.step = "before seal"
    issue_granted(clock.now())
    [owed] = database.session.scalars(select(Certificate))
    owed.unsigned_sha256 = "0" * 64
    database.session.commit()
    assert issue_granted(clock.now()) == 0
    assert "changed since it was planned" in caplog.text
    assert database.session.scalars(select(Certificate.sha256)).all() == [None]


def test_a_number_not_committed_is_given_again(app: Flask, clock: FixedClock) -> None:
    decision = factories.decided()
    database.session.commit()

    def reserve() -> Certificate:
        return operations.reserve(
            decision,
            factories.edition(),
            issuer=the_issuer(),
            signer=services().signer,
            by=the_registry(),
            at=clock.now(),
        )

    number = reserve().number
    database.session.rollback()
    assert reserve().number == number


def test_a_seal_that_does_not_hold_issues_nothing(
    app: Flask, clock: FixedClock, caplog: pytest.LogCaptureFixture
) -> None:
    class Scrawl:
        """A seal that seals nothing, and is looked at with honest eyes."""

        development = True

        def seal(self, pdf: bytes) -> bytes:
            return pdf + b"% sealed, honestly"

        def validate(self, sealed: bytes) -> None:
            services().seal.validate(sealed)

    factories.decided()
    database.session.commit()
    reserve_granted(clock.now())
    [owed] = database.session.scalars(select(Certificate))
    pdf = render(owed.facts, paper=services().paper)
    with pytest.raises(NotSealed):
        operations.issue(
            owed,
            pdf,
            seal=Scrawl(),  # type: ignore[arg-type]
            storage=services().storage,
            by=the_registry(),
            at=clock.now(),
        )


def test_a_suspension_has_a_reason_of_the_list_and_can_be_lifted(
    app: Flask, clock: FixedClock
) -> None:
    certificate, member = factories.certified(), factories.person(Role.COMMITTEE)
    clock.tick(days=10)
    with pytest.raises(Invalid):
        operations.suspend(certificate, "a whim", by=member, at=clock.now())
    operations.suspend(certificate, "suspended_misuse", by=member, at=clock.now())
    assert standing(certificate, clock) is Code.SUSPENDED
    assert letters("certificates/suspended") == 1
    with pytest.raises(NotPossible):
        operations.suspend(certificate, "suspended_misuse", by=member, at=clock.now())
    operations.reinstate(certificate, by=member, at=clock.now())
    assert standing(certificate, clock) is Code.VALID
    assert letters("certificates/reinstated") == 1


def test_withdrawn_is_for_ever(app: Flask, clock: FixedClock) -> None:
    certificate, member = factories.certified(), factories.person(Role.COMMITTEE)
    reason = "withdrawn_requirements_lost"
    operations.withdraw(certificate, reason, by=member, at=clock.now())
    assert standing(certificate, clock) is Code.WITHDRAWN
    for act in (
        lambda: operations.reinstate(certificate, by=member, at=clock.now()),
        lambda: operations.withdraw(certificate, reason, by=member, at=clock.now()),
        lambda: operations.suspend(
            certificate, "suspended_misuse", by=member, at=clock.now()
        ),
    ):
        with pytest.raises(NotPossible):
            act()


def test_a_committee_member_with_a_tie_to_the_holder_does_not_act(
    app: Flask, clock: FixedClock
) -> None:
    member = factories.person(Role.COMMITTEE)
    certificate = factories.certified(factories.organisation(speaker=member))
    with pytest.raises(NotPossible):
        operations.suspend(certificate, "suspended_misuse", by=member, at=clock.now())
    with pytest.raises(NotPossible):
        operations.withdraw(certificate, "withdrawn_misuse", by=member, at=clock.now())


def test_only_the_legal_representative_gives_it_up(
    app: Flask, clock: FixedClock
) -> None:
    certificate = factories.certified()
    for stranger in (factories.person(), factories.person(Role.SECRETARIAT)):
        with pytest.raises(Forbidden):
            operations.end(certificate, by=stranger, at=clock.now())
    holder = factories.representative(certificate.organisation)
    operations.end(certificate, by=holder, at=clock.now())
    assert standing(certificate, clock) is Code.ENDED_BY_HOLDER
    assert letters("certificates/ended") == 1
    assert letters("certificates/ended_to_secretariat") >= 1


def test_a_recheck_that_went_well_lifts_the_suspension_it_is_about_and_no_other(
    app: Flask, clock: FixedClock
) -> None:
    certificate, member = factories.certified(), factories.person(Role.COMMITTEE)
    due = date(2027, 3, 2)
    for reason, after in (
        ("suspended_missed_recheck", Code.VALID),
        ("suspended_misuse", Code.SUSPENDED),
    ):
        clock.tick(days=1)
        operations.suspend(certificate, reason, by=member, at=clock.now())
        operations.confirm(certificate, due, next_on=due, by=member, at=clock.now())
        assert standing(certificate, clock) is after


def test_the_search_table_follows_every_event(app: Flask, clock: FixedClock) -> None:
    certificate, member = factories.certified(), factories.person(Role.COMMITTEE)
    clock.tick(days=1)
    operations.suspend(certificate, "suspended_misuse", by=member, at=clock.now())
    row = database.session.get_one(Projection, certificate.id)
    assert (row.code, row.reason_code) == ("suspended", "suspended_misuse")
    assert row.since_on == civil_day(clock.now())


def test_the_database_keeps_every_event_as_it_was(app: Flask) -> None:
    factories.certified()
    [event] = database.session.scalars(select(CertificateEvent))
    event.reason_code = "changed"
    with pytest.raises(Exception, match="append-only"):
        database.session.commit()
    database.session.rollback()


def test_an_english_copy_says_the_same_facts_and_is_sealed_and_kept(
    app: Flask, clock: FixedClock, seal: Any, storage: Storage
) -> None:
    certificate = factories.certified()
    holder = factories.representative(certificate.organisation)
    certificate.organisation.name = "Renamed later"
    copy = operations.ask_copy(
        certificate,
        factories.edition(),
        issuer=the_issuer("en"),
        by=holder,
        at=clock.now(),
    )
    database.session.commit()
    assert make_copies(clock.now()) == 1
    assert make_copies(clock.now()) == 0
    assert copy.sha256 is not None
    sealed = storage.read(copy.sha256)
    seal.validate(sealed)
    said = " ".join(" ".join(words_of(sealed)).split())
    assert certificate.number in said
    assert "2 March 2026" in said
    assert "Renamed later" not in said
    same = ("number", "issued_on", "valid_until", "decided_on", "edition_digest")
    assert [copy.facts[name] for name in same] == [
        certificate.facts[name] for name in same
    ]
    with pytest.raises(NotPossible):
        operations.ask_copy(
            certificate,
            factories.edition(),
            issuer=the_issuer("en"),
            by=holder,
            at=clock.now(),
        )


def test_two_members_at_once_suspend_it_once(app: Flask, clock: FixedClock) -> None:
    id_ = factories.certified().id
    members = [factories.person(Role.COMMITTEE).id for _ in range(2)]
    database.session.commit()
    ready, outcomes = threading.Barrier(2), []

    def suspend(member_id: int) -> None:
        with app.app_context():
            session = database.session
            certificate = session.get_one(Certificate, id_)
            member = session.get_one(User, member_id)
            session.commit()  # both have seen it in force
            ready.wait()
            try:
                operations.suspend(
                    certificate, "suspended_misuse", by=member, at=clock.now()
                )
                session.commit()
                outcomes.append("suspended")
            except NotPossible:
                outcomes.append("too late")

    threads = [
        threading.Thread(target=contextvars.Context().run, args=(suspend, member))
        for member in members
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["suspended", "too late"]
    assert letters("certificates/suspended") == 1
