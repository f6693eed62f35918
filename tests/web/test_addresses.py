"""Addresses hold what a key can hold; small things are where they belong."""

import pytest
from flask import Flask


@pytest.mark.parametrize(
    ("number", "status"),
    [
        ("1", 200),
        ("2147483647", 200),
        ("2147483648", 404),
        ("0", 404),
        ("-1", 404),
        ("01", 404),
        ("9" * 5000, 404),
        ("²", 404),
        ("١", 404),
    ],
)
def test_an_id_no_row_can_have_is_not_there(
    app: Flask, number: str, status: int
) -> None:
    app.add_url_rule("/things/<id:thing>", "thing", lambda thing: str(thing))
    assert app.test_client().get(f"/things/{number}").status_code == status


def test_the_typefaces_are_served_from_here(app: Flask) -> None:
    client = app.test_client()
    answer = client.get("/typefaces/Fraunces-Light.woff2")
    assert answer.data.startswith(b"wOF2")
    assert answer.mimetype == "font/woff2"
    assert client.get("/typefaces/Unknown.woff2").status_code == 404


def test_a_watchdog_learns_that_the_database_answers(app: Flask) -> None:
    assert app.test_client().get("/healthz").text == "ok\n"


def test_crawlers_and_browsers_find_what_they_ask_for(app: Flask) -> None:
    client = app.test_client()
    assert "Disallow: /api/" in client.get("/robots.txt").text
    assert client.get("/favicon.ico").location == "/static/mark.svg"
    with client.get("/static/mark.svg") as icon:
        assert icon.mimetype == "image/svg+xml"


def test_turning_pages_keeps_what_was_asked_and_obeys_no_other_name(app: Flask) -> None:
    from registry.web.paging import Page

    app.add_url_rule("/it/list", "list", lambda: Page([], 1, 3, 50).url(2))
    asked = "q=orto&kind=a&kind=b&page=1&endpoint=x&_scheme=javascript&_external=1"
    address = app.test_client().get(f"/it/list?{asked}").text
    assert address.startswith("/it/list?q=orto&kind=a&kind=b&")
    assert address.endswith("&page=2")
