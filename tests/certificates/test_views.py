"""The pages of a certificate: for its holder, for the committee, for nobody else."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from registry.accounts.models import Role, User
from registry.certificates import operations, rules
from registry.certificates.jobs import make_copies, reserve_granted
from registry.certificates.models import Certificate
from registry.certificates.standing import Code
from registry.clock import FixedClock, civil_day
from registry.db import db as database
from registry.storage import Storage
from tests import factories

SignIn = Callable[[User], FlaskClient]


@pytest.fixture
def certificate(app: Flask) -> Certificate:
    return factories.certified()


@pytest.fixture
def holder(certificate: Certificate) -> User:
    return factories.representative(certificate.organisation)


def code(certificate: Certificate, clock: FixedClock) -> Code:
    database.session.expire_all()
    return rules.standing_of(certificate, civil_day(clock.now())).code


def test_the_holder_sees_what_it_is_worth_and_what_comes_next(
    certificate: Certificate, holder: User, sign_in: SignIn
) -> None:
    page = sign_in(holder).get(f"/certificates/{certificate.id}").text
    assert certificate.number in page
    assert "Valido" in page
    assert "2 dicembre 2026" in page  # the re-check opens
    assert "2 marzo 2027" in page
    assert "1 marzo 2029" in page


def test_the_paper_is_given_byte_for_byte(
    certificate: Certificate, holder: User, sign_in: SignIn, storage: Storage
) -> None:
    answer = sign_in(holder).get(f"/certificates/{certificate.id}/paper")
    assert certificate.sha256 is not None
    assert answer.data == storage.read(certificate.sha256)
    assert answer.mimetype == "application/pdf"
    assert f"{certificate.number}.pdf" in answer.headers["Content-Disposition"]


def test_the_holder_asks_for_an_english_copy_and_gets_it(
    certificate: Certificate, holder: User, sign_in: SignIn, clock: FixedClock
) -> None:
    client, at = sign_in(holder), f"/certificates/{certificate.id}"
    assert client.get(f"{at}/english").status_code == 404
    assert client.post(f"{at}/english").status_code == 302
    assert client.get(f"{at}/english").status_code == 404
    assert client.post(f"{at}/english").status_code == 409
    assert make_copies(clock.now()) == 1
    copy = client.get(f"{at}/english")
    assert copy.data.startswith(b"%PDF")
    assert f"{certificate.number}-en.pdf" in copy.headers["Content-Disposition"]


def test_a_stranger_does_not_learn_that_it_exists(
    certificate: Certificate, sign_in: SignIn
) -> None:
    client = sign_in(factories.person())
    at = f"/certificates/{certificate.id}"
    missing = client.get("/certificates/999999")
    for path in (at, f"{at}/paper", f"{at}/english", f"{at}/end"):
        answer = client.get(path)
        assert answer.status_code == 404, path
        assert answer.text == missing.text.replace("999999", str(certificate.id))


def test_giving_it_up_is_asked_twice(
    certificate: Certificate, holder: User, sign_in: SignIn, clock: FixedClock
) -> None:
    client, at = sign_in(holder), f"/certificates/{certificate.id}/end"
    refused = client.post(at, data={})
    assert refused.status_code == 422
    assert code(certificate, clock) is Code.VALID
    assert client.post(at, data={"understood": "y"}).status_code == 302
    assert code(certificate, clock) is Code.ENDED_BY_HOLDER
    assert client.get(at).status_code == 403


def test_the_committee_suspends_for_a_reason_of_the_list(
    certificate: Certificate, sign_in: SignIn, clock: FixedClock
) -> None:
    client = sign_in(factories.person(Role.COMMITTEE))
    at = f"/certificates/{certificate.id}/suspend"
    for reason in ("", "suspended_missed_recheck", "withdrawn_misuse", "<script>"):
        assert client.post(at, data={"reason": reason}).status_code == 422
    assert client.post(at, data={"reason": "suspended_misuse"}).status_code == 302
    assert code(certificate, clock) is Code.SUSPENDED
    page = client.get(f"/certificates/{certificate.id}").text
    assert "contro le sue regole" in page
    assert client.get(at).status_code == 409
    back = f"/certificates/{certificate.id}/reinstate"
    assert client.post(back).status_code == 302
    assert code(certificate, clock) is Code.VALID
    last = f"/certificates/{certificate.id}/withdraw"
    given = {"reason": "withdrawn_requirements_lost"}
    assert client.post(last, data=given).status_code == 302
    assert code(certificate, clock) is Code.WITHDRAWN


def test_only_the_committee_acts(
    certificate: Certificate, holder: User, sign_in: SignIn
) -> None:
    for person in (holder, factories.person(Role.SECRETARIAT)):
        client = sign_in(person)
        for name in ("suspend", "reinstate", "withdraw"):
            path = f"/certificates/{certificate.id}/{name}"
            assert client.get(path).status_code == 403
            assert client.post(path).status_code == 403


def test_a_suspended_holder_is_told_what_is_needed(
    certificate: Certificate, holder: User, sign_in: SignIn, clock: FixedClock
) -> None:
    clock.tick(days=3)
    member = factories.person(Role.COMMITTEE)
    operations.suspend(
        certificate, "suspended_major_finding", by=member, at=clock.now()
    )
    page = sign_in(holder).get(f"/certificates/{certificate.id}").text
    assert "Sospeso" in page
    assert "scrivere alla segreteria" in page
    assert "5 settembre 2026" in page  # its withdrawal is proposed


def test_a_reserved_number_is_shown_as_being_issued(
    certificate: Certificate, sign_in: SignIn, clock: FixedClock
) -> None:
    made = factories.decided().application.organisation
    database.session.commit()
    reserve_granted(clock.now())
    client = sign_in(factories.representative(made))
    listed = client.get("/certificates")
    assert listed.status_code == 200
    assert "IMP-2026-000002" in listed.text
    shown = client.get(f"/certificates/{certificate.id + 1}")
    assert "si sta preparando" in shown.text
    assert client.get(f"/certificates/{certificate.id + 1}/paper").status_code == 404


@pytest.mark.parametrize("days", [400, 1200])
def test_the_page_works_whatever_the_day(
    certificate: Certificate,
    holder: User,
    sign_in: SignIn,
    clock: FixedClock,
    days: int,
) -> None:
    clock.at += timedelta(days=days)
    client = sign_in(holder)
    assert client.get(f"/certificates/{certificate.id}").status_code == 200
    holder.language = "en"
    database.session.commit()
    assert client.get(f"/certificates/{certificate.id}").status_code == 200
