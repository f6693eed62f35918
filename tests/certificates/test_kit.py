"""What a holder takes home, and what it may no longer take when suspended."""

import io
from collections.abc import Callable
from xml.etree import ElementTree as Tree

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image

from registry.accounts.models import Role, User
from registry.certificates import operations
from registry.certificates.emblem import SIZES
from registry.certificates.jobs import reserve_granted
from registry.certificates.models import Certificate
from registry.clock import FixedClock
from registry.db import db as database
from tests import factories

SignIn = Callable[[User], FlaskClient]


@pytest.fixture
def certificate(app: Flask) -> Certificate:
    return factories.certified()


@pytest.fixture
def holder(certificate: Certificate) -> User:
    return factories.representative(certificate.organisation)


def test_the_holder_finds_every_file_and_the_code_of_the_badge(
    certificate: Certificate, holder: User, sign_in: SignIn
) -> None:
    browser = sign_in(holder)
    at, number = f"/certificates/{certificate.id}", certificate.number
    assert f"{at}/kit" in browser.get(at).text
    page = browser.get(f"{at}/kit").text
    for path in (f"{at}/paper", f"/credentials/{number}.jwt", f"{at}/emblem.svg"):
        assert path in page
        assert browser.get(path).status_code == 200
    assert f"&lt;a href=&#34;http://localhost/c/{number}&#34;&gt;" in page
    assert "Regole d’uso" in page


def test_the_emblem_comes_as_drawing_and_in_four_sizes(
    certificate: Certificate, holder: User, sign_in: SignIn
) -> None:
    browser = sign_in(holder)
    drawn = browser.get(f"/certificates/{certificate.id}/emblem.svg")
    Tree.fromstring(drawn.text)  # noqa: S314 our own drawing
    assert drawn.mimetype == "image/svg+xml"
    for size in SIZES:
        file = browser.get(f"/certificates/{certificate.id}/emblem-{size}.png").data
        with Image.open(io.BytesIO(file)) as picture:
            assert (picture.size, picture.mode) == ((size, size), "RGBA")
            assert picture.getpixel((0, 0))[3] == 0
            assert picture.getchannel("A").getextrema() == (0, 255)


def test_a_suspended_holder_gets_no_emblem(
    certificate: Certificate, holder: User, sign_in: SignIn, clock: FixedClock
) -> None:
    member = factories.person(Role.COMMITTEE)
    operations.suspend(certificate, "suspended_misuse", by=member, at=clock.now())
    browser = sign_in(holder)
    assert "non è in vigore" in browser.get(f"/certificates/{certificate.id}/kit").text
    for file in ("emblem.svg", "emblem-128.png"):
        answer = browser.get(f"/certificates/{certificate.id}/{file}")
        assert answer.status_code == 409


def test_a_stranger_does_not_learn_that_there_is_a_kit(
    certificate: Certificate, sign_in: SignIn
) -> None:
    browser = sign_in(factories.person(Role.COOPERATIVE))
    for file in ("kit", "emblem.svg", "emblem-128.png"):
        answer = browser.get(f"/certificates/{certificate.id}/{file}")
        assert answer.status_code == 404


def test_there_is_no_kit_before_the_paper(
    app: Flask, sign_in: SignIn, clock: FixedClock
) -> None:
    factories.decided()
    database.session.commit()
    reserve_granted(clock.now())
    id_ = database.session.query(Certificate.id).scalar()
    browser = sign_in(factories.person(Role.SECRETARIAT))
    assert browser.get(f"/certificates/{id_}/kit").status_code == 404
