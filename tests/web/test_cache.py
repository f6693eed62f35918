"""Answers given again before Flask: never an old one, never somebody's own."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from registry.accounts.limits import limiter
from registry.accounts.models import Role
from registry.certificates import operations
from registry.db import db as database
from registry.services import services
from registry.verification.version import STATEMENT
from registry.web import cache
from registry.web.cache import PublicCache
from tests import factories
from tests.conftest import make_app, opened
from tests.throwaway import Counted


@pytest.fixture
def asked(app: Flask) -> Counted:
    counted = Counted(app.wsgi_app)
    app.wsgi_app = counted  # type: ignore[method-assign]
    return counted


@pytest.fixture
def layer(app: Flask, asked: Counted) -> PublicCache:
    return cache.install(app, limiter, STATEMENT)


@pytest.fixture
def certificate(app: Flask) -> Any:
    return factories.certified()


@pytest.fixture
def suspend(certificate: Any) -> Callable[[], None]:
    def act() -> None:
        operations.suspend(
            certificate,
            "suspended_misuse",
            by=factories.person(Role.COMMITTEE),
            at=services().clock.now(),
        )
        database.session.commit()

    return act


def test_the_second_time_flask_is_not_asked(
    client: FlaskClient, layer: PublicCache, asked: Counted, certificate: Any
) -> None:
    address = f"/c/{certificate.number}"
    first, second = client.get(address), client.get(address)
    assert asked.times == 1
    assert first.data == second.data
    assert first.headers.to_wsgi_list() == second.headers.to_wsgi_list()


@pytest.mark.parametrize(
    "address",
    [
        "/c/{number}",
        "/it/verify?q={number}",
        "/en/register",
        "/api/v1/verify?certificate={number}",
    ],
)
def test_after_a_commit_here_the_very_next_answer_is_new(
    client: FlaskClient,
    layer: PublicCache,
    certificate: Any,
    suspend: Callable[[], None],
    address: str,
) -> None:
    address = address.format(number=certificate.number)
    before = [client.get(address).text for _ in range(3)][-1]
    suspend()
    after = client.get(address).text
    assert "uspen" not in before.split("<main", 1)[-1].split('id="answers"')[0] or (
        "register" in address
    )
    assert after != before


def test_after_a_commit_elsewhere_no_answer_is_older_than_a_second(
    app: Flask, database_url: str, tmp_path: Path, client: FlaskClient, layer: Any,
    certificate: Any, suspend: Callable[[], None],
) -> None:  # fmt: skip
    doors = services()
    address = f"/api/v1/verify?certificate={certificate.number}"
    other = make_app(
        database_url,
        tmp_path,
        clock=doors.clock,
        storage=doors.storage,
        seal=doors.seal,
        postman=doors.postman,
        editions=doors.editions,
    )
    there = cache.install(other, limiter, STATEMENT)
    # As in another process: what is committed here is not told there.
    cache._caches.discard(there)
    reader = other.test_client()
    assert reader.get(address).json["status"] == "valid"
    suspend()
    end = time.monotonic() + 1
    while (status := reader.get(address).json["status"]) == "valid":
        assert time.monotonic() < end
    assert status == "suspended"
    with opened(other):
        pass


def test_who_has_the_bytes_already_gets_304(
    client: FlaskClient, layer: PublicCache, asked: Counted, certificate: Any
) -> None:
    address = f"/c/{certificate.number}"
    etag = client.get(address).headers["ETag"]
    known = client.get(address, headers={"If-None-Match": etag})
    assert (known.status_code, known.data, asked.times) == (304, b"", 1)
    assert known.headers["ETag"] == etag
    assert client.get(address, headers={"If-None-Match": '"other"'}).status_code == 200


def test_the_first_to_ask_may_have_the_bytes_already(
    client: FlaskClient, app: Flask, certificate: Any, asked: Counted
) -> None:
    address = f"/c/{certificate.number}"
    etag = client.get(address).headers["ETag"]
    cache.install(app, limiter, STATEMENT)
    known = client.get(address, headers={"If-None-Match": etag})
    assert (known.status_code, known.data) == (304, b"")


def test_head_has_no_body_and_the_same_head(
    client: FlaskClient, layer: PublicCache, certificate: Any
) -> None:
    address = f"/c/{certificate.number}"
    whole, head = client.get(address), client.head(address)
    assert head.data == b""
    assert head.headers["Content-Length"] == str(len(whole.data))


def test_each_language_has_its_own_answer(
    client: FlaskClient, layer: PublicCache, certificate: Any
) -> None:
    address = f"/c/{certificate.number}"
    italian = client.get(address, headers={"Accept-Language": "it-IT,it;q=0.9"}).text
    english = client.get(address, headers={"Accept-Language": "en"}).text
    assert italian != english
    assert client.get(address, headers={"Accept-Language": "it"}).text == italian


def test_a_new_day_asks_again(
    client: FlaskClient,
    layer: PublicCache,
    asked: Counted,
    certificate: Any,
    clock: Any,
) -> None:
    clock.at = datetime(2026, 3, 2, 22, 59, 59, tzinfo=UTC)  # a second to midnight
    client.get(f"/c/{certificate.number}")
    clock.tick(seconds=1)
    client.get(f"/c/{certificate.number}")
    assert asked.times == 2


@pytest.mark.parametrize(
    "address",
    ["/c/IMP-2026-999999-00", "/login", "/receipts", "/"],
)
def test_refusals_and_what_is_somebodys_own_are_never_kept(
    client: FlaskClient, layer: PublicCache, asked: Counted, address: str
) -> None:
    client.get(address)
    client.get(address)
    assert asked.times == 2


def test_who_shows_a_key_is_always_asked_for(
    client: FlaskClient, layer: PublicCache, asked: Counted, certificate: Any
) -> None:
    address = f"/api/v1/verify?certificate={certificate.number}"
    client.get(address)
    client.get(address, headers={"Authorization": "Bearer x"})
    assert asked.times == 2


def test_an_outage_is_never_answered_from_here(
    app: Flask, asked: Counted, client: FlaskClient, certificate: Any
) -> None:
    layer = cache.install(app, limiter, STATEMENT)
    client.get(f"/c/{certificate.number}")
    layer._read_version = _gone
    layer._known = (layer._known[0], 0.0, 0)
    client.get(f"/c/{certificate.number}")
    assert asked.times == 2


def _gone() -> int:
    raise OSError("no database")


def test_answers_from_here_count_against_the_limits(
    app: Flask, asked: Counted, client: FlaskClient, certificate: Any
) -> None:
    app.config["REGISTRY_RATE_LIMITS"] = True
    limiter.reset()
    cache.install(app, limiter, STATEMENT)
    address = f"/api/v1/verify?certificate={certificate.number}"
    try:
        answers = [client.get(address) for _ in range(61)]
    finally:
        app.config["REGISTRY_RATE_LIMITS"] = False
        limiter.reset()
    left = [int(one.headers["RateLimit-Remaining"]) for one in answers[:60]]
    assert left == list(range(59, -1, -1))
    assert answers[60].status_code == 429
    assert asked.times == 2  # the first, and the refusal


def test_no_more_bytes_are_kept_than_there_is_room_for(
    app: Flask, asked: Counted, client: FlaskClient
) -> None:
    layer = cache.install(app, limiter, STATEMENT, room=60_000)
    for count in range(20):
        client.get(f"/it/verify?q={count}")
    assert 0 < layer._bytes <= 60_000
    assert layer._bytes == sum(one.size for one in layer._kept.values())


def test_the_version_grows_with_a_public_change_only(
    db: Any, certificate: Any, suspend: Callable[[], None]
) -> None:
    def version() -> int:
        return int(db.session.execute(text(STATEMENT)).scalar_one())

    before = version()
    factories.draft()
    db.session.commit()
    assert version() == before
    suspend()
    assert version() > before
