"""The scheme owner's pages: they work, they refuse in words, strangers find nothing."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from registry.accounts.models import Role
from registry.clock import FixedClock
from registry.criteria.reader import Editions
from registry.editions import operations, queries
from registry.journal.models import Entry
from registry.schemes.known import everybody
from registry.schemes.trying import try_on
from tests import factories

SignIn = Callable[[Any], FlaskClient]
AT = "/schemes/impact/2026"


@pytest.fixture
def owner(app: Flask, sign_in: SignIn) -> FlaskClient:
    return sign_in(factories.person(Role.SCHEME_OWNER))


def test_the_owner_sees_every_edition_and_its_state(owner: FlaskClient) -> None:
    page = owner.get("/schemes").text
    assert "impact/2022" in page
    assert "impact/2026" in page
    assert "In vigore" in page
    assert "non pubblicata" in page


def test_an_edition_says_what_it_changes_with_an_example(owner: FlaskClient) -> None:
    page = owner.get(AT).text
    assert "più severo" in page
    assert "Esempio, prima sì e ora no" in page
    assert "1 luglio 2027" in page


def test_the_owner_opens_the_consultation(
    owner: FlaskClient, editions: Editions
) -> None:
    assert owner.post(f"{AT}/consult").status_code == 302
    assert "In consultazione" in owner.get(AT).text
    assert "bozza in consultazione" in owner.get("/it/criteria/impact/2026").text
    assert (
        queries.life_of("impact/2026")[-1].digest
        == editions.drafts["impact/2026"].digest
    )


def test_adopting_too_early_is_refused_in_words(owner: FlaskClient) -> None:
    owner.post(f"{AT}/consult")
    answer = owner.post(f"{AT}/adopt")
    assert answer.status_code == 409
    assert "dopo 30 giorni di consultazione" in answer.text
    assert queries.life_of("impact/2026")[-1].state == "consultation"


def test_a_what_if_shows_figures_twice_and_writes_nothing(
    app: Flask, db: Any, owner: FlaskClient
) -> None:
    holder = factories.certified()
    name, id_ = holder.organisation.name, holder.id
    before = db.session.scalar(select(func.count()).select_from(Entry))
    page = owner.get(f"{AT}/what-if")
    assert page.status_code == 200
    assert '<svg class="bar"' in page.text
    assert 'style="' not in page.text
    assert name in page.text
    assert "Cooperativa sociale di tipo B" in page.text
    one = owner.get(f"{AT}/what-if/{id_}")
    assert name in one.text
    db.session.rollback()
    assert db.session.scalar(select(func.count()).select_from(Entry)) == before


def test_a_first_edition_has_no_what_if(owner: FlaskClient) -> None:
    assert owner.get("/schemes/impact/2022/what-if").status_code == 404


def test_small_numbers_are_not_in_the_public_statement(
    app: Flask, owner: FlaskClient, editions: Editions, clock: FixedClock
) -> None:
    factories.certified()
    draft, at = editions.drafts["impact/2026"], clock.now()
    assert "Ancora nulla da dichiarare" in owner.get(f"{AT}/statement").text
    known = everybody("impact", editions, at.date())
    tried = try_on(editions["impact/2022"], draft, known, at.date())
    by = factories.person(Role.SCHEME_OWNER)
    operations.attach(draft, tried.figures.to_json(), by=by, at=at)
    page = owner.get(f"{AT}/statement").text
    assert "troppo piccoli" in page
    assert "Bergamo" not in page


@pytest.mark.parametrize(
    "path", ["/schemes", AT, f"{AT}/what-if", f"{AT}/statement", f"{AT}/what-if/1"]
)
def test_the_pages_are_for_the_scheme_owner(
    app: Flask, sign_in: SignIn, path: str
) -> None:
    client = sign_in(factories.person(Role.SECRETARIAT))
    assert client.get(path).status_code == 403


@pytest.mark.parametrize(
    "path",
    ["/schemes/impact/1999", "/schemes/x/y/what-if", f"{AT}/what-if/999"],
)
def test_what_does_not_exist_is_not_found(owner: FlaskClient, path: str) -> None:
    assert owner.get(path).status_code == 404
