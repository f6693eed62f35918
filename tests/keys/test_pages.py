"""The pages of the keys, as who speaks for a company sees them."""

import re

import pytest

from registry.accounts.models import Role
from registry.keys import operations, queries
from tests import factories

SECRET = re.compile(r"impact_[0-9A-Za-z]{49}")


@pytest.fixture
def buyer(app):
    return factories.person(Role.COMPANY)


@pytest.fixture
def company(buyer):
    return factories.company(buyer)


@pytest.fixture
def key(company, buyer, clock):
    made, _ = operations.create(
        company, "Gestionale", ["verify", "bulk"], by=buyer, at=clock.now()
    )
    return made


def test_a_company_makes_a_key_and_sees_its_secret_once(
    company, buyer, clock, sign_in, db
):
    client = sign_in(buyer)
    assert "Ancora nessuna chiave" in client.get("/keys").text
    page = client.post(
        "/keys/new",
        data={
            "organisation": str(company.id),
            "name": "Gestionale acquisti",
            "scopes": ["verify", "jobs"],
        },
    )
    assert page.status_code == 201
    assert page.headers["Cache-Control"] == "no-store"
    [secret] = set(SECRET.findall(page.text))
    found = queries.by_secret(secret, clock.now())
    assert found.scopes == ["verify", "jobs"]
    for address in ("/keys", f"/keys/{found.id}"):
        again = client.get(address).text
        assert "Gestionale acquisti" in again
        assert secret not in again


def test_a_key_without_a_purpose_is_refused_in_words(company, buyer, sign_in):
    page = sign_in(buyer).post(
        "/keys/new", data={"organisation": str(company.id), "name": "Gestionale"}
    )
    assert page.status_code == 422
    assert "A che cosa serve: " in page.text


def test_rotating_shows_the_new_secret_and_until_when_the_old_one_works(
    key, buyer, sign_in
):
    page = sign_in(buyer).post(f"/keys/{key.id}/rotate")
    assert page.status_code == 201
    assert SECRET.search(page.text)
    assert "9 marzo 2026" in page.text


def test_a_revoked_key_is_said_to_be(key, buyer, sign_in):
    client = sign_in(buyer)
    assert client.post(f"/keys/{key.id}/revoke").status_code == 302
    page = client.get("/keys")
    assert "La chiave «Gestionale» non funziona più." in page.text
    assert "Revocata" in page.text


def test_the_key_of_another_company_does_not_exist(key, sign_in):
    other = factories.person(Role.COMPANY)
    factories.company(other)
    client = sign_in(other)
    assert client.get(f"/keys/{key.id}").status_code == 404
    assert client.post(f"/keys/{key.id}/revoke").status_code == 404
    assert "Gestionale" not in client.get("/keys").text


def test_use_is_drawn_and_told(key, buyer, clock, sign_in, db):
    id_ = key.id
    db.session.commit()
    with db.engine.begin() as connection:
        operations.count(connection, id_, items=1234, at=clock.now())
    page = sign_in(buyer).get(f"/keys/{id_}").text
    assert "<rect" in page
    assert "1.234" in page
