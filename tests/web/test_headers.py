"""Every response is safe by default, and public pages are the same for everyone."""

import gzip
from pathlib import Path

import pytest
from flask import Flask, render_template_string, session


@pytest.mark.parametrize("path", ["/robots.txt", "/it/nowhere", "/static/registry.css"])
def test_every_response_forbids_what_we_do_not_use(app: Flask, path: str) -> None:
    with app.test_client().get(path) as answer:
        headers = answer.headers
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"


def test_browsers_are_told_to_come_back_by_https_only_over_https(app: Flask) -> None:
    client = app.test_client()
    plain = client.get("/robots.txt")
    safe = client.get("/robots.txt", base_url="https://localhost")
    assert "Strict-Transport-Security" not in plain.headers
    assert "max-age=31536000" in safe.headers["Strict-Transport-Security"]


def test_a_page_made_from_the_session_is_never_kept(app: Flask) -> None:
    app.add_url_rule("/mine", "mine", lambda: str(session.get("name")))
    headers = app.test_client().get("/mine").headers
    assert headers["Cache-Control"] == "no-store"
    assert "Cookie" in headers["Vary"]


def test_a_page_for_everyone_is_not_made_from_the_session(app: Flask) -> None:
    page = '{% extends "base.html" %}{% block main %}<h1>Hello</h1>{% endblock %}'
    app.add_url_rule("/it/all", "all", lambda: render_template_string(page))
    answer = app.test_client().get("/it/all")
    assert "Cookie" not in answer.headers.get("Vary", "")
    assert "Set-Cookie" not in answer.headers
    assert "no-store" not in answer.headers.get("Cache-Control", "")


def test_a_style_sheet_named_by_its_content_may_be_kept_for_a_year(app: Flask) -> None:
    with app.test_client().get("/static/registry.css?v=1") as answer:
        assert "immutable" in answer.headers["Cache-Control"]


def test_style_and_script_together_stay_below_twenty_kilobytes(app: Flask) -> None:
    parts = [
        Path(str(app.static_folder), name) for name in ("registry.css", "registry.js")
    ]
    assert sum(len(gzip.compress(part.read_bytes())) for part in parts) < 20_000
