"""A certificate issued again: the same decision and term, another number and paper."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from registry.accounts.models import Role, User
from registry.certificates import operations, queries, reissues, rules
from registry.certificates.credential import plain
from registry.certificates.issuer import the_issuer
from registry.certificates.jobs import issue_granted, issue_reserved, make_copies
from registry.certificates.many import work_through
from registry.certificates.models import Certificate, ReissueReason
from registry.certificates.proof import words_of
from registry.certificates.standing import Code
from registry.clock import FixedClock, civil_day
from registry.db import db as database
from registry.desk.waiting import for_person
from registry.mail.models import Letter
from registry.organisations import operations as organisations
from registry.rechecks import jobs as rechecks
from registry.rechecks.models import Recheck
from registry.services import services
from registry.storage import Storage
from tests import factories
from tests.rechecks import stories

SignIn = Callable[[User], FlaskClient]
OLD, NEW = "Il Gelso Cooperativa Sociale", "Il Gelso e la Quercia Cooperativa Sociale"
#: The certificate is of 2 March.
LATER = date(2026, 10, 5)


@pytest.fixture
def certificate(app: Flask) -> Certificate:
    return factories.certified(factories.organisation(name=OLD))


@pytest.fixture
def secretary(certificate: Certificate) -> User:
    return factories.person(Role.SECRETARIAT)


def rename(certificate: Certificate, clock: FixedClock, by: User) -> None:
    organisations.change(certificate.organisation, {"name": NEW}, by=by, at=clock.now())
    database.session.commit()


def reissued(
    certificate: Certificate,
    clock: FixedClock,
    by: User,
    reason: ReissueReason = ReissueReason.PAPER_RENEWED,
) -> Certificate:
    made = reissues.reissue(
        certificate,
        factories.edition(),
        reason,
        issuer=the_issuer(),
        signer=services().signer,
        by=by,
        at=clock.now(),
    )
    database.session.commit()
    return made


def code(certificate: Certificate, clock: FixedClock) -> Code:
    database.session.expire_all()
    return rules.standing_of(certificate, civil_day(clock.now())).code


def test_the_new_paper_has_the_new_name_the_old_decision_and_the_old_last_day(
    certificate: Certificate, secretary: User, clock: FixedClock, storage: Storage
) -> None:
    stories.go_to(clock, LATER)
    rename(certificate, clock, secretary)
    new = reissued(certificate, clock, secretary, ReissueReason.NAME_CHANGED)
    issue_reserved(clock.now())
    assert new.sha256
    assert new.number != certificate.number
    assert (new.valid_until, new.issued_on) == (certificate.valid_until, LATER)
    first, second = words_of(storage.read(new.sha256))
    assert NEW in " ".join(first.split())
    assert certificate.number in second
    assert new.facts["decided_on"] == certificate.facts["decided_on"]
    assert new.rests_on == certificate.decision
    told = plain(new.credential.jwt)  # type: ignore[union-attr]
    assert told["credentialSubject"]["issuedToParty"]["name"] == NEW
    assert told["validUntil"] == plain(certificate.credential.jwt)["validUntil"]  # type: ignore[union-attr]


def test_the_old_one_is_superseded_the_moment_the_new_one_is_issued_and_leads_to_it(
    certificate: Certificate, secretary: User, clock: FixedClock
) -> None:
    new = reissued(certificate, clock, secretary)
    assert code(certificate, clock) is Code.VALID
    issue_reserved(clock.now())
    assert code(certificate, clock) is Code.SUPERSEDED
    assert code(new, clock) is Code.VALID
    assert certificate.events[-1].other_id == new.id
    assert (new.replaces, certificate.replaced_by) == (certificate, new)


def test_the_holder_is_told_why_and_that_nothing_is_to_be_done(
    certificate: Certificate, secretary: User, clock: FixedClock
) -> None:
    rename(certificate, clock, secretary)
    new = reissued(certificate, clock, secretary, ReissueReason.NAME_CHANGED)
    issue_reserved(clock.now())
    letter = database.session.scalars(
        select(Letter).where(Letter.event == "certificates/reissued")
    ).one()
    assert new.number in letter.subject
    assert "nuova denominazione" in letter.body
    assert certificate.number in letter.body


def test_where_nothing_changed_a_new_name_is_no_reason(
    certificate: Certificate, secretary: User, clock: FixedClock
) -> None:
    with pytest.raises(reissues.NothingChanged):
        reissued(certificate, clock, secretary, ReissueReason.NAME_CHANGED)


@pytest.mark.parametrize("role", [Role.COOPERATIVE, Role.COMMITTEE, Role.AUDITOR])
def test_only_the_secretariat_issues_again(
    certificate: Certificate, clock: FixedClock, role: Role
) -> None:
    with pytest.raises(operations.NotPossible):
        reissued(certificate, clock, factories.person(role))


def test_none_is_issued_again_twice(
    certificate: Certificate, secretary: User, clock: FixedClock
) -> None:
    reissued(certificate, clock, secretary)
    with pytest.raises(operations.NotPossible):
        reissued(certificate, clock, secretary)
    database.session.rollback()
    database.session.add(
        Certificate(
            **{
                column.name: getattr(certificate, column.name)
                for column in Certificate.__table__.columns
                if column.name not in {"id", "decision_id"}
            }
            | {"number": "IMP-2026-999999-00", "serial": 999999,
               "replaces_id": certificate.id}
        )
    )  # fmt: skip
    with pytest.raises(IntegrityError):
        database.session.flush()
    database.session.rollback()


def test_a_suspended_certificate_waits_for_its_reinstatement(
    certificate: Certificate, secretary: User, clock: FixedClock
) -> None:
    suspend(certificate, by=factories.person(Role.COMMITTEE), at=clock.now())
    with pytest.raises(operations.NotPossible):
        reissued(certificate, clock, secretary)


def suspend(certificate: Certificate, **by: Any) -> None:
    operations.suspend(certificate, "suspended_misuse", **by)


def withdraw(certificate: Certificate, **by: Any) -> None:
    operations.withdraw(certificate, "withdrawn_misuse", **by)


@pytest.mark.parametrize(
    ("act", "after"), [(suspend, Code.SUSPENDED), (withdraw, Code.WITHDRAWN)]
)
def test_what_befalls_the_old_one_before_the_new_one_is_sealed_befalls_both(
    certificate: Certificate,
    secretary: User,
    clock: FixedClock,
    act: Callable[..., None],
    after: Code,
) -> None:
    new = reissued(certificate, clock, secretary)
    act(certificate, by=factories.person(Role.COMMITTEE), at=clock.now())
    database.session.commit()
    issue_reserved(clock.now())
    assert code(new, clock) is after
    last = Code.SUPERSEDED if after is Code.SUSPENDED else after
    assert code(certificate, clock) is last


def test_the_rechecks_go_on_under_the_new_number_on_the_same_days(
    certificate: Certificate, secretary: User, clock: FixedClock
) -> None:
    stories.night(clock, stories.FIRST - timedelta(days=90))
    recheck = database.session.scalars(select(Recheck)).one()
    stories.file(recheck, clock, stories.FIRST - timedelta(days=2))
    stories.go_to(clock, stories.FIRST + timedelta(days=5))
    new = reissued(certificate, clock, secretary)
    issue_reserved(clock.now())
    assert code(new, clock) is Code.IN_UPDATE
    rechecks.follow_reissued(clock.now())
    assert recheck.certificate == new
    assert rechecks.follow_reissued(clock.now()) == 0
    stories.decide(recheck, clock, stories.FIRST + timedelta(days=9))
    assert code(new, clock) is Code.VALID
    assert new.facts["next_recheck_on"] == stories.SECOND.isoformat()
    stories.night(clock, stories.SECOND - timedelta(days=90))
    days = database.session.scalars(select(Recheck.due_on).order_by(Recheck.id)).all()
    assert days == [stories.FIRST, stories.SECOND]


def test_no_recheck_is_opened_twice_while_the_one_before_has_still_to_follow(
    certificate: Certificate, secretary: User, clock: FixedClock
) -> None:
    stories.night(clock, stories.FIRST - timedelta(days=90))
    stories.go_to(clock, stories.FIRST - timedelta(days=80))
    reissued(certificate, clock, secretary)
    issue_reserved(clock.now())
    stories.night(clock, stories.FIRST - timedelta(days=79))
    recheck = database.session.scalars(select(Recheck)).one()
    assert recheck.closed_at is None
    assert recheck.application.state == "draft"


def test_a_renewal_waits_for_a_number_that_is_reserved_to_take_its_place(
    certificate: Certificate, secretary: User, clock: FixedClock
) -> None:
    new = reissued(certificate, clock, secretary)
    factories.decided(certificate.organisation, at=clock.now())
    database.session.commit()
    issue_granted(clock.now())
    issue_granted(clock.now())
    third = queries.newest_of(certificate.organisation_id, "impact")
    assert third is not None
    assert (third.replaces, new.replaces) == (new, certificate)


def test_an_english_copy_of_it_says_the_same(
    certificate: Certificate, secretary: User, clock: FixedClock, storage: Storage
) -> None:
    new = reissued(certificate, clock, secretary)
    issue_reserved(clock.now())
    copy = operations.ask_copy(
        new,
        factories.edition(),
        issuer=the_issuer("en"),
        by=secretary,
        at=clock.now(),
    )
    database.session.commit()
    make_copies(clock.now())
    assert copy.sha256
    assert copy.facts["valid_until"] == certificate.facts["valid_until"]
    assert certificate.number in words_of(storage.read(copy.sha256))[1]


def test_the_queue_is_worked_through_once_by_shares(
    app: Flask, clock: FixedClock
) -> None:
    first = [factories.certified().id for _ in range(4)]
    by = factories.person(Role.SECRETARIAT)
    suspended = factories.certified()
    due = queries.reissuable("impact", civil_day(clock.now()))
    assert list(due) == [*first, suspended.id]
    reissues.queue(due, ReissueReason.PAPER_RENEWED, by=by, at=clock.now())
    suspend(suspended, by=factories.person(Role.COMMITTEE), at=clock.now())
    database.session.commit()
    assert sum(work_through(share, 2, lambda: True) for share in (0, 1)) == 5
    assert work_through(0, 1, lambda: True) == 0
    assert queries.to_reissue() == []
    old = database.session.scalars(
        select(Certificate).where(Certificate.replaces_id.is_(None))
    )
    after = {one.id: one.replaced_by for one in old}
    assert [one.is_reissue for id_, one in after.items() if id_ in first and one] == [
        True
    ] * 4
    assert after[suspended.id] is None  # left the queue: no longer in force


def test_the_desk_says_which_certificates_still_bear_the_old_name(
    certificate: Certificate, secretary: User, clock: FixedClock, sign_in: SignIn
) -> None:
    def tasks() -> list[str]:
        found = for_person(secretary, factories.editions(), civil_day(clock.now()))
        return [one.endpoint for one in found]

    assert "certificates.reissue" not in tasks()
    rename(certificate, clock, secretary)
    assert "certificates.reissue" in tasks()
    reissued(certificate, clock, secretary, ReissueReason.NAME_CHANGED)
    assert "certificates.reissue" not in tasks()


def test_the_secretariat_compares_the_words_and_confirms(
    certificate: Certificate, secretary: User, clock: FixedClock, sign_in: SignIn
) -> None:
    rename(certificate, clock, secretary)
    browser = sign_in(secretary)
    address = f"/certificates/{certificate.id}"
    assert "Riemettere con il nuovo nome" in browser.get(address).text
    page = browser.get(f"{address}/reissue").text
    assert OLD in page
    assert NEW in page
    answer = browser.post(f"{address}/reissue", data={"reason": "name_changed"})
    assert answer.status_code == 302
    issue_reserved(clock.now())
    old = browser.get(address).text
    [new] = database.session.scalars(
        select(Certificate).where(Certificate.replaces_id == certificate.id)
    )
    assert new.number in old
    assert certificate.number in browser.get(f"/certificates/{new.id}").text
    for one, other in ((certificate, new), (new, certificate)):
        public = browser.get(f"/c/{one.number}", follow_redirects=True).text
        assert other.number in public


def test_nobody_else_finds_the_page(
    certificate: Certificate, clock: FixedClock, sign_in: SignIn
) -> None:
    holder = factories.representative(certificate.organisation)
    answer = sign_in(holder).get(f"/certificates/{certificate.id}/reissue")
    assert answer.status_code == 403


def test_a_paper_that_waits_for_its_seal_says_so_with_its_number(
    certificate: Certificate, secretary: User, clock: FixedClock, sign_in: SignIn
) -> None:
    new = reissued(certificate, clock, secretary)
    clock.tick(hours=1)
    for person in (secretary, factories.representative(certificate.organisation)):
        page = sign_in(person).get(f"/certificates/{new.id}").text
        assert new.number in page
        assert "attende il sigillo" in page
    found = for_person(secretary, factories.editions(), civil_day(clock.now()))
    assert "A certificate waits for its seal" in [one.task for one in found]
