"""A company opens an account by itself."""

import re
from typing import Any

import pytest
from flask.testing import FlaskClient

from registry.accounts import queries as people
from registry.accounts.models import Role, User
from registry.clock import FixedClock
from registry.mail.models import Letter
from registry.organisations.models import Organisation, OrganisationKind
from registry.organisations.queries import spoken_for_by
from registry.suppliers.models import SignUp
from tests import factories

OURS = {"Origin": "http://localhost"}
PASSWORD = "quattro cavalli al galoppo"


def ask(client: FlaskClient, **changes: str) -> Any:
    form = {
        "company": "Acquisti Riuniti S.p.A.",
        "vat": factories.vat(),
        "province": "BG",
        "town": "Bergamo",
        "person": "Anna Verdi",
        "email": "Anna@Acquisti.example",
        **changes,
    }
    return client.post("/it/companies", data=form, headers=OURS)


def letters(db: Any, event: str) -> list[Letter]:
    return db.session.query(Letter).filter_by(event=f"suppliers/{event}").all()


def link(letter: Letter) -> str:
    found = re.search(r"base:(/sign-up/\S+)", letter.body or "")
    assert found is not None
    return found[1]


def test_a_company_opens_an_account_by_the_link_in_its_mail(
    client: FlaskClient, db: Any
) -> None:
    assert ask(client).status_code == 302
    assert people.by_email("anna@acquisti.example") is None
    (letter,) = letters(db, "sign_up")
    assert letter.secret
    assert letter.to_email == "anna@acquisti.example"
    page = client.get(link(letter))
    assert "Acquisti Riuniti S.p.A." in page.text
    assert client.post(link(letter), data={"password": PASSWORD}).status_code == 302
    user = people.by_email("anna@acquisti.example")
    assert user is not None
    assert user.is_a(Role.COMPANY)
    (company,) = spoken_for_by(user)
    assert company.kind is OrganisationKind.COMPANY
    assert company.name == "Acquisti Riuniti S.p.A."
    assert client.get(link(letter)).status_code == 410


def test_the_password_works_and_the_account_stands_on_it(
    client: FlaskClient, db: Any
) -> None:
    ask(client)
    client.post(link(letters(db, "sign_up")[0]), data={"password": PASSWORD})
    form = {"email": "anna@acquisti.example", "password": PASSWORD}
    assert client.post("/sign-in", data=form).status_code == 302


def test_a_wrong_check_digit_is_told(client: FlaskClient, db: Any) -> None:
    right = factories.vat()
    wrong = right[:-1] + str((int(right[-1]) + 1) % 10)
    page = ask(client, vat=wrong)
    assert page.status_code == 422
    assert right[-1] in page.text
    assert wrong in page.text
    assert not letters(db, "sign_up")


def test_only_provinces_that_still_are_can_be_the_seat(client: FlaskClient) -> None:
    page = client.get("/it/companies").text
    assert "Gallura Nord-Est Sardegna (OT)" in page
    assert "Sud Sardegna" not in page  # until 31 December 2025
    assert page.index("L’Aquila") < page.index("La Spezia") < page.index("Latina")


def test_nobody_learns_whether_an_address_is_known(
    client: FlaskClient, db: Any
) -> None:
    factories.person(Role.COOPERATIVE, email="anna@acquisti.example")
    known, unknown = ask(client), ask(client, email="nuova@acquisti.example")
    assert known.status_code == unknown.status_code
    assert known.text == unknown.text
    assert known.location == unknown.location
    assert len(letters(db, "already_in")) == len(letters(db, "sign_up")) == 1


def test_a_known_company_is_not_entered_by_a_stranger_but_its_people_are_told(
    client: FlaskClient, db: Any
) -> None:
    ask(client)
    client.post(link(letters(db, "sign_up")[0]), data={"password": PASSWORD})
    vat = db.session.query(Organisation).one().vat
    assert ask(client, vat=vat, email="altro@acquisti.example").status_code == 302
    assert [one.to_email for one in letters(db, "colleague")] == [
        "anna@acquisti.example"
    ]
    assert len(letters(db, "known_company")) == 1
    assert db.session.query(SignUp).count() == 0


def test_two_companies_with_the_same_number_are_told_at_the_link(
    client: FlaskClient, db: Any
) -> None:
    vat = factories.vat()
    ask(client, vat=vat)
    ask(client, vat=vat, email="altro@acquisti.example")
    first, second = letters(db, "sign_up")
    assert client.post(link(first), data={"password": PASSWORD}).status_code == 302
    page = client.post(link(second), data={"password": PASSWORD})
    assert page.status_code == 422
    assert vat in page.text
    assert people.by_email("altro@acquisti.example") is None


def test_the_link_ends_after_three_days_and_when_another_is_asked_for(
    client: FlaskClient, db: Any, clock: FixedClock
) -> None:
    ask(client)
    ask(client)
    first, second = letters(db, "sign_up")
    assert client.get(link(first)).status_code == 410
    clock.tick(days=3)
    assert client.get(link(second)).status_code == 410


@pytest.mark.parametrize("password", ["corta", "acquisti riuniti", "password1234"])
def test_a_weak_password_is_refused(
    client: FlaskClient, db: Any, password: str
) -> None:
    ask(client)
    path = link(letters(db, "sign_up")[0])
    assert client.post(path, data={"password": password}).status_code == 422
    assert db.session.query(User).filter_by(email="anna@acquisti.example").count() == 0


def test_another_site_cannot_send_the_form(client: FlaskClient, db: Any) -> None:
    headers = {"Origin": "https://elsewhere.example"}
    assert client.post("/it/companies", headers=headers).status_code == 403
    assert client.post("/it/companies").status_code == 403


def test_the_public_page_looks_at_no_session(client: FlaskClient) -> None:
    page = client.get("/it/companies")
    assert page.status_code == 200
    assert "Set-Cookie" not in page.headers
    assert "no-store" not in page.headers.get("Cache-Control", "")
