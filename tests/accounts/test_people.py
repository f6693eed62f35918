"""Invitations, roles and the administrator's pages."""

import re
import unicodedata
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from registry.accounts import operations, queries
from registry.accounts.commands import accounts_cli
from registry.accounts.models import Role, User
from registry.clock import FixedClock
from registry.journal.queries import about
from registry.mail.models import Letter
from registry.settings import Environment
from tests.accounts.people import PASSWORD, person


def link_in(letter: Letter) -> str:
    found = re.search(r"base:(/invitation/\S+)", letter.body or "")
    assert found is not None
    return found[1]


def invited(clock: FixedClock, db: Any, role: Role = Role.COOPERATIVE) -> User:
    user = operations.invite(
        "Anna@Example.org",
        "Anna Verdi",
        roles=[role],
        by=queries.the_registry(),
        at=clock.now(),
    )
    db.session.flush()
    return user


def take_up(client: FlaskClient, path: str, password: str = PASSWORD) -> Any:
    return client.post(
        path, data={"name": "Anna Verdi", "language": "en", "password": password}
    )


def test_an_invitation_opens_the_account_once(
    client: FlaskClient, db: Any, clock: FixedClock
) -> None:
    user = invited(clock, db)
    letter = db.session.query(Letter).one()
    path = link_in(letter)
    assert letter.secret
    assert path.rpartition("/")[2] not in str(user.invitation_sha256)
    assert client.get(path).status_code == 200
    assert take_up(client, path).status_code == 302
    assert client.get(path).status_code == 410
    assert take_up(client, path, "un'altra parola lunga").status_code == 410
    db.session.expire_all()
    assert user.email == "anna@example.org"
    assert user.language == "en"
    verbs = [entry.verb for entry in about(user.reference)]
    assert verbs == ["account.invited", "account.joined"]


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_a_password_with_accents_opens_however_it_is_typed(
    client: FlaskClient, db: Any, clock: FixedClock, form: Any
) -> None:
    """One telephone sends “è” as one letter, another as two (ASVS 6.2.8)."""
    password = " perché la città è più blu"
    invited(clock, db)
    path = link_in(db.session.query(Letter).one())
    take_up(client, path, unicodedata.normalize("NFC", password))
    typed = {
        "email": "anna@example.org",
        "password": unicodedata.normalize(form, password),
    }
    assert client.post("/sign-in", data=typed).status_code == 302
    typed["password"] = typed["password"].strip()
    other = client.application.test_client()
    assert other.post("/sign-in", data=typed).status_code == 200


def test_an_invitation_lasts_three_days(
    client: FlaskClient, db: Any, clock: FixedClock
) -> None:
    invited(clock, db)
    path = link_in(db.session.query(Letter).one())
    clock.tick(hours=72)
    assert client.get(path).status_code == 410


def test_a_new_invitation_replaces_the_one_before(
    client: FlaskClient, db: Any, clock: FixedClock
) -> None:
    user = invited(clock, db)
    old = link_in(db.session.query(Letter).one())
    operations.invite_again(user, by=queries.the_registry(), at=clock.now())
    new = link_in(db.session.query(Letter).order_by(Letter.id.desc()).first())
    assert client.get(old).status_code == 410
    assert client.get(new).status_code == 200


def test_a_weak_password_is_refused_and_the_name_kept(
    client: FlaskClient, db: Any, clock: FixedClock
) -> None:
    invited(clock, db)
    page = take_up(client, link_in(db.session.query(Letter).one()), "password1234")
    assert page.status_code == 422
    assert 'value="Anna Verdi"' in page.text
    assert 'href="#password"' in page.text


def test_an_address_has_one_account(db: Any, clock: FixedClock, app: Flask) -> None:
    invited(clock, db)
    with pytest.raises(operations.AlreadyKnown):
        invited(clock, db)


@pytest.mark.parametrize("email", ["", "x", "a@b", "a@b..it", "a b@example.org"])
def test_what_is_not_an_address_is_refused(
    email: str, db: Any, clock: FixedClock, app: Flask
) -> None:
    with pytest.raises(operations.NotAnAddress):
        operations.invite(
            email, "X", roles=[], by=queries.the_registry(), at=clock.now()
        )


def test_only_administrators_give_the_roles_of_staff(
    db: Any, clock: FixedClock, app: Flask
) -> None:
    secretary = person(Role.SECRETARIAT)
    with pytest.raises(operations.NotYourRoles):
        operations.invite(
            "x@example.org", "X", roles=[Role.AUDITOR], by=secretary, at=clock.now()
        )
    boss = person(Role.ADMINISTRATOR)
    with pytest.raises(operations.NotYourRoles):
        operations.give_role(secretary, Role.REGISTRY, by=boss, at=clock.now())


def test_somebody_always_administers_the_registry(
    db: Any, clock: FixedClock, app: Flask
) -> None:
    boss = person(Role.ADMINISTRATOR)
    with pytest.raises(operations.LastAdministrator):
        operations.take_role(boss, Role.ADMINISTRATOR, by=boss, at=clock.now())
    with pytest.raises(operations.NotYourself):
        operations.disable(boss, by=boss, at=clock.now())


def test_the_administrator_finds_and_invites_people(sign_in: Any, db: Any) -> None:
    person(Role.COOPERATIVE, name="Giulia Neri")
    client = sign_in(person(Role.ADMINISTRATOR, name="Ada Bianchi"))
    page = client.get("/people?q=giulia")
    assert "Giulia Neri" in page.text
    assert "registro@localhost" not in client.get("/people").text
    assert client.get("/people?q=%00%25_").status_code == 200
    form = {"email": "nuova@example.org", "name": "Nuova Persona", "language": "it"}
    refused = client.post("/people/invite", data=form)
    assert refused.status_code == 422
    assert 'value="Nuova Persona"' in refused.text
    assert (
        client.post("/people/invite", data={**form, "roles": ["auditor"]}).status_code
        == 302
    )
    again = client.post("/people/invite", data={**form, "roles": ["auditor"]})
    assert again.status_code == 422
    assert "nuova@example.org" in again.text


def test_roles_are_given_and_taken_on_the_page_of_a_person(
    sign_in: Any, db: Any
) -> None:
    user, boss = person(Role.COOPERATIVE), person(Role.ADMINISTRATOR)
    client = sign_in(boss)
    answer = client.post(f"/people/{user.id}", data={"roles": ["company", "auditor"]})
    assert answer.status_code == 302
    db.session.expire_all()
    assert {row.name for row in user.roles} == {"company", "auditor"}
    assert client.get(f"/people/{user.id}").status_code == 200


@pytest.mark.parametrize("act", ["disable", "enable", "forget-second-factor"])
def test_the_buttons_of_a_person_work(act: str, sign_in: Any, db: Any) -> None:
    user, boss = person(Role.AUDITOR), person(Role.ADMINISTRATOR)
    assert sign_in(boss).post(f"/people/{user.id}/{act}").status_code == 302
    db.session.expire_all()
    assert user.active is (act != "disable")
    assert (user.tf_totp_secret is None) is (act == "forget-second-factor")


def test_a_stranger_does_not_learn_who_has_an_account(sign_in: Any, db: Any) -> None:
    user = person(Role.COOPERATIVE)
    client = sign_in(person(Role.SECRETARIAT))
    assert client.get("/people").status_code == 403
    assert client.get(f"/people/{user.id}").status_code == 403
    boss = sign_in(person(Role.ADMINISTRATOR))
    assert boss.get("/people/999999").status_code == 404
    assert boss.get(f"/people/{queries.the_registry().id}").status_code == 404


def test_my_account_is_mine_to_change(sign_in: Any, db: Any) -> None:
    user = person(Role.COOPERATIVE)
    client = sign_in(user)
    assert "Browser in cui" in client.get("/account").text
    client.post("/account", data={"name": "Nome Nuovo", "language": "en"})
    db.session.expire_all()
    assert (user.name, user.language) == ("Nome Nuovo", "en")
    assert "Signed-in browsers" in client.get("/account").text
    refused = client.post("/account", data={"name": "a\u202eb", "language": "en"})
    assert refused.status_code == 422
    client.post("/account/sign-out-everywhere")
    assert client.get("/account").status_code == 302


@pytest.fixture
def demo(app: Flask) -> None:
    """The same house as a demonstration."""
    doors = app.extensions["registry"]
    settings = replace(doors.settings, environment=Environment.DEMO)
    app.extensions["registry"] = replace(doors, settings=settings)
    app.config["WTF_CSRF_ENABLED"] = True


def test_one_click_enters_the_demonstration_in_any_role(
    demo: None, client: FlaskClient, db: Any
) -> None:
    for role in (Role.AUDITOR, Role.COOPERATIVE, Role.COMPANY):
        user = person(role, email=f"{role.value}@demo.example")
        answer = client.post(
            "/demo/sign-in",
            data={"role": role.value},
            headers={"Sec-Fetch-Site": "same-origin"},
        )
        assert answer.location == "/signed-in"
        page = client.get("/account")
        assert user.email in page.text


@pytest.mark.parametrize(
    ("role", "headers", "status"),
    [
        ("auditor", {"Sec-Fetch-Site": "cross-site"}, 403),
        ("auditor", {"Origin": "https://elsewhere.example"}, 403),
        ("auditor", {}, 403),
        ("auditor", {"Origin": "http://localhost"}, 302),
        ("registry", {"Sec-Fetch-Site": "same-origin"}, 404),
        ("nobody", {"Sec-Fetch-Site": "same-origin"}, 404),
    ],
)
def test_the_demo_door_opens_only_from_here_and_to_its_people(
    role: str,
    headers: dict[str, str],
    status: int,
    demo: None,
    client: FlaskClient,
    db: Any,
) -> None:
    person(Role.AUDITOR, email="auditor@demo.example")
    answer = client.post("/demo/sign-in", data={"role": role}, headers=headers)
    assert answer.status_code == status


def test_every_form_of_signing_in_needs_its_token(
    demo: None, client: FlaskClient, db: Any
) -> None:
    email = person(Role.COOPERATIVE).email
    form = {"email": email, "password": PASSWORD}
    assert client.post("/sign-in", data=form).status_code == 400
    page = client.get("/sign-in").text
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert token is not None
    entered = client.post("/sign-in", data={**form, "csrf_token": token[1]})
    assert entered.status_code == 302
    assert client.get("/account").status_code == 200


def test_the_command_invites_the_first_administrator(app: Flask, db: Any) -> None:
    db.session.commit()
    run = app.test_cli_runner().invoke
    done = run(accounts_cli, ["create-administrator", "Capo@example.org", "Ada Capo"])
    assert done.output.startswith("http://localhost/invitation/")
    assert done.output.count("\n") == 1
    assert queries.by_email("capo@example.org").is_a(Role.ADMINISTRATOR)  # type: ignore[union-attr]
    assert (
        "capo@example.org\tAda Capo\tadministrator"
        in run(accounts_cli, ["list"]).output
    )


def test_the_demo_door_does_not_exist_elsewhere(client: FlaskClient, db: Any) -> None:
    person(Role.AUDITOR, email="auditor@demo.example")
    answer = client.post(
        "/demo/sign-in",
        data={"role": "auditor"},
        headers={"Sec-Fetch-Site": "same-origin"},
    )
    assert answer.status_code == 404
