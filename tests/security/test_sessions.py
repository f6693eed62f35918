"""Cookies, links and forms that somebody has changed on the way open nothing."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import select

from registry import create_app
from registry.accounts.models import SignIn, User
from registry.db import db
from registry.mail.models import Letter
from registry.services import Services
from registry.settings import BadSettings, Environment, Settings
from tests.security.world import World

HTTPS = "https://registro.example.org"
WAYS = {
    "cut": lambda text: text[:-1],
    "first changed": lambda text: ("a" if text[0] != "a" else "b") + text[1:],
    "middle changed": lambda text: (
        f"{text[:20]}{'a' if text[20] != 'a' else 'b'}{text[21:]}"
    ),
    "unsigned": lambda text: text.rpartition(".")[0],
    "empty": lambda text: "",
    "another": lambda text: "eyJzaWduX2luIjoieCJ9.aaaaaa.aaaaaaaaaaaaaaaaaaaaaaaaaaa",
}


@pytest.fixture
def production(built_world: World, tmp_path: Path) -> Iterator[Flask]:
    """The world behind https, with the settings of a production."""
    built_world.reset()
    doors = built_world.app.extensions["registry"]
    settings = Settings(
        environment=Environment.PRODUCTION,
        secret_key=str(built_world.app.config["SECRET_KEY"]),
        totp_key="Wz3Vt8KyQ1mPo5XiB7nLd2HcFu9SgEjT",
        base_url=HTTPS,
        data_dir=tmp_path,
        database_url=f"sqlite:///{built_world.file}",
    )
    app = create_app(
        settings,
        Services(
            settings=settings,
            clock=doors.clock,
            storage=doors.storage,
            seal=doors.seal,
            postman=doors.postman,
            editions=doors.editions,
        ),
    )
    yield app
    with app.app_context():
        db.engine.dispose()


def test_over_https_every_cookie_is_bound_to_this_host(production: Flask) -> None:
    """ASVS 3.3.1 to 3.3.5."""
    client, kept = production.test_client(), 0
    for path in ("/it/", "/sign-in", "/reset-password", "/desk", "/nowhere"):
        for cookie in client.get(path, base_url=HTTPS).headers.getlist("Set-Cookie"):
            name, _, rest = cookie.partition("=")
            assert name == "__Host-registry"
            for word in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"):
                assert word in rest
            assert "Domain" not in rest
            assert len(cookie) < 4096
            kept += 1
    assert kept


def test_a_production_answers_to_its_own_name_only(production: Flask) -> None:
    client = production.test_client()
    assert client.get("/it/", base_url=HTTPS).status_code == 200
    answer = client.get("/it/", base_url="https://evil.example")
    assert answer.status_code == 400
    assert "evil" not in answer.get_data(as_text=True)


def test_a_production_has_no_demonstration(production: Flask) -> None:
    client = production.test_client()
    page = client.get("/it/", base_url=HTTPS).get_data(as_text=True)
    assert "/demo/sign-in" not in page
    answer = client.post(
        "/demo/sign-in",
        base_url=HTTPS,
        data={"role": "administrator"},
        headers={"Sec-Fetch-Site": "same-origin"},
    )
    assert answer.status_code in (400, 404)
    done = production.test_cli_runner().invoke(args=["demo"])
    assert done.exit_code != 0


def test_the_command_refuses_to_build_a_demo_in_production(production: Flask) -> None:
    from registry.demo.commands import demo_cli

    with production.app_context():
        done = CliRunner().invoke(demo_cli, [])
    assert isinstance(done.exception, BadSettings | SystemExit)
    assert "REGISTRY_ENVIRONMENT" in str(done.exception) + done.output


def test_a_proxy_nobody_announced_is_not_believed(production: Flask) -> None:
    """ASVS 4.1.3: what a client says of itself changes nothing."""
    told = {
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-Proto": "http",
        "X-Forwarded-For": "203.0.113.9",
        "Forwarded": "host=evil.example",
    }
    answer = production.test_client().get("/it/", base_url=HTTPS, headers=told)
    assert "evil" not in answer.get_data(as_text=True)
    assert "Strict-Transport-Security" in answer.headers


@pytest.mark.parametrize("way", WAYS)
def test_a_cookie_changed_on_the_way_opens_nothing(world: World, way: str) -> None:
    """ASVS 7.2.1."""
    right = world.cookies["secretariat"]
    name = world.app.config["SESSION_COOKIE_NAME"]
    client = world.browser()
    client.set_cookie(name, WAYS[way](right))
    assert client.get("/desk").status_code == 302
    client.set_cookie(name, right)
    assert client.get("/desk").status_code == 200


def test_tokens_of_sign_ins_are_long_and_all_different(world: World) -> None:
    """ASVS 7.2.3; only their SHA-256 is kept."""
    serializer = world.app.session_interface.get_signing_serializer(world.app)
    tokens = {serializer.loads(one)["sign_in"] for one in world.cookies.values()}
    assert len(tokens) == len(world.cookies)
    assert all(len(token) >= 43 for token in tokens)  # 256 bits
    with world.inside():
        kept = set(db.session.scalars(select(SignIn.token_sha256)))
    assert not kept & tokens


def test_a_link_changed_on_the_way_or_used_for_something_else_is_over(
    world: World,
) -> None:
    """ASVS 9.1.1, 9.2.1, 9.2.2."""
    link = reset_link(world)
    head, token = link.rsplit("/", 1)
    client = world.browser()
    for number in range(0, len(token), 7):
        other = "a" if token[number] != "a" else "b"
        changed = f"{token[:number]}{other}{token[number + 1 :]}"
        assert client.get(f"{head}/{changed}").status_code in (302, 404), number
    assert client.get(f"/invitation/{token}").status_code == 410
    assert client.get(link).status_code == 200
    world.clock.tick(hours=3)


def reset_link(world: World) -> str:
    with world.inside():
        user = db.session.get_one(User, world.people["cooperative"])
        user.password, email = "set", user.email
        db.session.commit()
    world.browser().post("/reset-password", data={"email": email})
    with world.inside():
        letter = db.session.scalars(
            select(Letter).where(Letter.event == "accounts/reset")
        ).one()
    found = re.search(r"base:(/reset-password/\S+)", letter.body or "")
    assert found
    return found[1]


def test_fields_a_form_does_not_have_change_nothing(world: World) -> None:
    """ASVS 15.3.3, as the person whose account it is."""
    before = kept(world)
    answer = world.browser("cooperative").post(
        "/account",
        data={
            "name": "Anna Verdi",
            "language": "it",
            "email": "evil@example.org",
            "active": "",
            "roles": "administrator",
            "password": "x",
            "tf_primary_method": "",
            "fs_uniquifier": "x",
            "id": "1",
            "confirmed_at": "",
        },
    )
    assert answer.status_code == 302
    after = kept(world)
    assert after.pop("name") == "Anna Verdi"
    before.pop("name")
    assert after == before


def kept(world: World) -> dict[str, Any]:
    with world.inside():
        user = db.session.get_one(User, world.people["cooperative"])
        columns = {column.key for column in User.__table__.columns}
        return {name: getattr(user, name) for name in columns} | {
            "roles": [role.name for role in user.roles]
        }


def test_a_role_taken_away_counts_from_the_next_page(world: World) -> None:
    """ASVS 8.3.2."""
    client = world.browser("secretariat")
    assert client.get("/letters").status_code == 200
    with world.inside():
        db.session.get_one(User, world.people["secretariat"]).roles = []
        db.session.commit()
    assert client.get("/letters").status_code == 403
