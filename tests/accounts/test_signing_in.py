"""Who gets in, how, and for how long."""

import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from registry.accounts import operations, queries, rules
from registry.accounts.models import Role, SignIn, User
from registry.clock import FixedClock
from registry.mail.models import Letter
from tests.accounts.people import PASSWORD, person


def type_password(client: FlaskClient, email: str, password: str = PASSWORD) -> Any:
    return client.post("/sign-in", data={"email": email, "password": password})


def code_of(app: Flask, secret: str) -> str:
    """What the app on the telephone shows."""
    factory = app.extensions["security"].totp_factory
    return str(factory.generate_totp_password(secret))


def is_in(client: FlaskClient) -> bool:
    return client.get("/account").status_code == 200


def test_a_cooperative_signs_in_with_its_password(client: FlaskClient, db: Any) -> None:
    user = person(Role.COOPERATIVE)
    answer = type_password(client, user.email)
    assert answer.status_code == 302
    assert is_in(client)


def test_the_address_may_be_typed_in_capitals(client: FlaskClient, db: Any) -> None:
    user = person(Role.COOPERATIVE)
    type_password(client, f" {user.email.upper()} ")
    assert is_in(client)


def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(
    client: FlaskClient, db: Any
) -> None:
    user = person(Role.COOPERATIVE)
    wrong = type_password(client, user.email, "not the password")
    unknown = type_password(client, "nessuno@example.org", "not the password")
    assert wrong.status_code == unknown.status_code == 200
    assert "Autenticazione fallita" in wrong.text
    assert wrong.text.replace(user.email, "") == unknown.text.replace(
        "nessuno@example.org", ""
    )


def test_a_disabled_person_gets_the_same_answer_and_is_out_at_once(
    client: FlaskClient, db: Any, clock: FixedClock
) -> None:
    user, boss = person(Role.COOPERATIVE), person(Role.ADMINISTRATOR)
    type_password(client, user.email)
    assert is_in(client)
    operations.disable(user, by=boss, at=clock.now())
    assert not is_in(client)
    assert "Autenticazione fallita" in type_password(client, user.email).text


def test_staff_give_their_code_before_anything_opens(
    app: Flask, client: FlaskClient, db: Any
) -> None:
    user = person(Role.AUDITOR)
    secret = user.tf_totp_secret
    answer = type_password(client, user.email)
    assert answer.location.startswith("/sign-in/code")
    assert not is_in(client)
    wrong = client.post("/sign-in/code", data={"code": "000000"})
    assert wrong.status_code == 200
    assert not is_in(client)
    client.post("/sign-in/code", data={"code": code_of(app, secret or "")})
    assert is_in(client)


def test_a_code_lets_in_once(app: Flask, client: FlaskClient, db: Any) -> None:
    user = person(Role.AUDITOR)
    code = code_of(app, user.tf_totp_secret or "")
    email = user.email
    type_password(client, email)
    client.post("/sign-in/code", data={"code": code})
    assert is_in(client)
    another = app.test_client()
    type_password(another, email)
    another.post("/sign-in/code", data={"code": code})
    assert not is_in(another)


def test_staff_without_a_second_factor_reach_only_its_set_up(
    app: Flask, client: FlaskClient, db: Any
) -> None:
    user = person(Role.COMMITTEE)
    user.tf_primary_method = user.tf_totp_secret = None
    answer = type_password(client, user.email)
    assert answer.location == "/account/second-factor"
    assert not is_in(client)
    assert client.get("/account/second-factor").status_code == 200
    page = client.post("/account/second-factor", data={"setup": "authenticator"})
    assert 'src="data:image/svg+xml;base64,' in page.text
    with client.session_transaction() as cookie:
        secret = cookie["tf_totp_secret"]
    client.post("/sign-in/code", data={"code": code_of(app, secret)})
    assert is_in(client)
    db.session.expire_all()
    assert db.session.get(User, user.id).tf_primary_method == "authenticator"


def test_staff_cannot_do_without_the_second_factor(sign_in: Any, db: Any) -> None:
    user = person(Role.SECRETARIAT)
    client = sign_in(user)
    page = client.get("/account/second-factor")
    assert "disable" not in page.text
    client.post("/account/second-factor", data={"setup": "disable"})
    db.session.expire_all()
    assert user.tf_primary_method == "authenticator"


def test_a_recovery_code_replaces_the_telephone_once(
    app: Flask, client: FlaskClient, sign_in: Any, db: Any
) -> None:
    user = person(Role.AUDITOR)
    email = user.email
    page = sign_in(user).post(
        "/account/recovery-codes", data={"generate_new_codes": "1"}
    )
    code = re.findall(r"[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}", page.text)[0]
    db.session.expire_all()
    assert code not in str(user.mf_recovery_codes), "kept only encrypted"
    for expected in (True, False):
        browser = app.test_client()
        type_password(browser, email)
        browser.post("/sign-in/recovery-code", data={"code": code})
        assert is_in(browser) is expected


def test_a_cookie_copied_before_signing_out_is_worth_nothing(
    app: Flask, client: FlaskClient, db: Any
) -> None:
    user = person(Role.COOPERATIVE)
    type_password(client, user.email)
    with client.session_transaction() as cookie:
        copied = dict(cookie)
    answer = client.post("/sign-out")
    assert answer.status_code == 302
    assert answer.headers["Clear-Site-Data"] == '"cache", "cookies", "storage"'
    thief = app.test_client()
    with thief.session_transaction() as cookie:
        cookie.update(copied)
    assert not is_in(thief)


def test_each_sign_in_has_a_token_of_its_own(client: FlaskClient, db: Any) -> None:
    user = person(Role.COOPERATIVE)
    with client.session_transaction() as cookie:
        cookie["sign_in"] = "planted by someone else"
    type_password(client, user.email)
    with client.session_transaction() as cookie:
        assert cookie["sign_in"] != "planted by someone else"
        assert len(cookie["sign_in"]) >= 43  # 256 bits


def test_half_an_hour_of_idleness_signs_out(
    client: FlaskClient, db: Any, clock: FixedClock
) -> None:
    type_password(client, person(Role.COOPERATIVE).email)
    for _ in range(3):
        clock.tick(minutes=29)
        assert is_in(client), "being used keeps it open"
    clock.tick(minutes=31)
    assert not is_in(client)


def test_after_twelve_hours_one_signs_in_again(
    client: FlaskClient, db: Any, clock: FixedClock
) -> None:
    type_password(client, person(Role.COOPERATIVE).email)
    for _ in range(35):
        clock.tick(minutes=20)
        assert is_in(client)
    clock.tick(minutes=20)
    assert not is_in(client)


def test_reading_a_page_twice_in_a_minute_writes_nothing(
    client: FlaskClient, db: Any, clock: FixedClock
) -> None:
    type_password(client, person(Role.COOPERATIVE).email)
    begun = clock.now()
    clock.tick(seconds=30)
    is_in(client)
    assert db.session.query(SignIn).one().seen_at == begun


def test_a_new_password_ends_the_other_browsers(
    app: Flask, client: FlaskClient, db: Any
) -> None:
    email = person(Role.COOPERATIVE).email
    other = app.test_client()
    type_password(client, email)
    type_password(other, email)
    new = "cinque mele verdi acerbe"
    answer = client.post(
        "/account/password",
        data={
            "password": PASSWORD,
            "new_password": new,
            "new_password_confirm": new,
        },
    )
    assert answer.status_code == 302
    assert is_in(client)
    assert not is_in(other)
    letter = db.session.query(Letter).filter_by(event="accounts/password_changed").one()
    assert letter.to_email == email


def test_changing_the_password_takes_the_old_one(client: FlaskClient, db: Any) -> None:
    type_password(client, person(Role.COOPERATIVE).email)
    new = "cinque mele verdi acerbe"
    answer = client.post(
        "/account/password",
        data={
            "password": "not the old one",
            "new_password": new,
            "new_password_confirm": new,
        },
    )
    assert answer.status_code == 200
    assert "Password non valida" in answer.text


def test_a_reset_letter_goes_only_to_those_who_joined_and_says_nothing(
    client: FlaskClient, db: Any
) -> None:
    email = person(Role.COOPERATIVE).email
    known = client.post("/reset-password", data={"email": email})
    unknown = client.post("/reset-password", data={"email": "nessuno@example.org"})
    assert known.text.replace(email, "") == unknown.text.replace(
        "nessuno@example.org", ""
    )
    letter = db.session.query(Letter).filter_by(event="accounts/reset").one()
    assert letter.secret
    assert letter.to_email == email
    path = re.search(r"base:(/reset-password/\S+)", letter.body or "")
    assert path is not None
    new = "cinque mele verdi acerbe"
    client.post(path[1], data={"password": new, "password_confirm": new})
    type_password(client, email, new)
    assert is_in(client)
    again = client.get(path[1])
    assert again.status_code == 302, "the link worked once"


def test_the_machine_cannot_sign_in(client: FlaskClient, db: Any) -> None:
    type_password(client, "registro@localhost", "")
    assert not is_in(client)
    assert queries.person(queries.the_registry().id) is None


@pytest.mark.parametrize(
    "password",
    [
        "short",
        "123456789012",
        "passwordpassword",
        "Password1234",
        "P@ssw0rd12345",
        "qwertyuiopas",
        "aaaaaaaaaaaaa",
        "abcabcabcabc",
        "juventus2026!",
        "forzaatalanta",
        "iloveyou12345",
        "changeme12345",
        "cooperativa2026",
        "Registro2026!!",
        "1q2w3e4r5t6y",
        "administrator1",
        "benvenuto2026",
        "correct horse battery staple",
        "qazwsxedc1234",
        "mariarossi1980",
    ],
)
def test_a_password_that_anyone_would_try_is_refused(password: str) -> None:
    assert rules.problem_with(password, ["Maria Rossi", "maria.rossi@example.org"])


@pytest.mark.parametrize(
    "password",
    [
        "aaaa bbbb cccc dddd",
        "quattro cavalli blu lenti",
        "è più facile così 東京",
        "x7Kp2mQ9vLw4",
        "una rana vola sopra il lago " * 6,
    ],
)
def test_no_kinds_of_characters_are_asked_for(password: str) -> None:
    assert rules.problem_with(password, ["Maria Rossi"]) is None


def test_ten_wrong_passwords_from_one_place_close_it_for_that_account(
    app: Flask, client: FlaskClient, db: Any
) -> None:
    email, other = person(Role.COOPERATIVE).email, person(Role.COOPERATIVE).email
    app.config["REGISTRY_RATE_LIMITS"] = True
    for _ in range(10):
        assert type_password(client, email, "wrong wrong wrong").status_code == 200
    refused = type_password(client, email)
    assert refused.status_code == 429
    assert "Retry-After" in refused.headers
    assert type_password(client, other).status_code == 302


def test_guesses_from_many_places_do_not_shut_the_owner_out(
    app: Flask, client: FlaskClient, db: Any
) -> None:
    """ASVS 6.3.1: of each place's guesses ten are looked at in five minutes."""
    email = person(Role.COOPERATIVE).email
    db.session.commit()
    app.config["REGISTRY_RATE_LIMITS"] = True
    looked_at = 0
    for place in range(2):
        there = {"REMOTE_ADDR": f"192.0.2.{place}"}
        form = {"email": email, "password": "x"}
        for _ in range(12):
            page = client.post("/sign-in", data=form, environ_base=there)
            looked_at += page.status_code != 429
    assert looked_at == 20
    form = {"email": email, "password": PASSWORD}
    at_home = {"REMOTE_ADDR": "198.51.100.7"}
    assert client.post("/sign-in", data=form, environ_base=at_home).status_code == 302


@pytest.mark.parametrize("path", ["/it/", "/healthz", "/no-such-page"])
def test_a_public_page_does_not_ask_who_reads_it(
    path: str, client: FlaskClient, db: Any
) -> None:
    type_password(client, person(Role.COOPERATIVE).email)
    answer = client.get(path)
    assert "Cookie" not in answer.headers.get("Vary", "")
    assert answer.headers.get("Set-Cookie") is None


@pytest.mark.parametrize("body", ["[1]", "{", '{"email": {"a": 1}}', "null", "7"])
def test_signing_in_is_by_form_only(body: str, client: FlaskClient, db: Any) -> None:
    answer = client.post("/sign-in", data=body, content_type="application/json")
    assert answer.status_code == 415


@pytest.mark.parametrize(
    "field", ["a" * 10_000, "a\x00@example.org", "\u202e", "<b>@example.org", ""]
)
def test_a_hostile_address_is_refused_in_words(
    field: str, client: FlaskClient, db: Any
) -> None:
    for path in ("/sign-in", "/reset-password"):
        answer = client.post(path, data={"email": field, "password": field})
        assert answer.status_code == 200
    assert client.get("/invitation/" + "a" * 5_000).status_code == 410
    assert client.get("/reset-password/broken").status_code == 302


def test_signing_in_leads_back_to_the_page_wanted_but_never_elsewhere(
    client: FlaskClient, db: Any
) -> None:
    asked = client.get("/organisations/mine")
    assert asked.location.startswith("/sign-in?next=")
    form = {"email": person(Role.COOPERATIVE).email, "password": PASSWORD}
    back = client.post(asked.location, data=form)
    assert back.location.startswith("/organisations/mine")
    client.post("/sign-out")
    away = client.post("/sign-in?next=https://elsewhere.example/", data=form)
    assert "elsewhere" not in (away.location or "")
