"""Pages speak the language of their address, their reader or the browser."""

from typing import Any, cast

from flask import Flask, render_template_string, url_for

PAGE = '{% extends "base.html" %}{% block main %}{{ page_language() }}{% endblock %}'


def open_page(app: Flask, rule: str, endpoint: str = "page") -> None:
    def view(**values: Any) -> str:
        return render_template_string(PAGE)

    cast(Any, view).open_to = ()
    app.add_url_rule(rule, endpoint, view)


def test_the_address_decides_even_against_the_browser(app: Flask) -> None:
    open_page(app, "/<any(it, en):lang>/page")
    answer = app.test_client().get("/it/page", headers={"Accept-Language": "en"})
    assert '<html lang="it">' in answer.text
    assert answer.headers["Content-Language"] == "it"
    assert "Accept-Language" not in answer.headers.get("Vary", "")


def test_an_address_without_language_follows_the_browser(app: Flask) -> None:
    open_page(app, "/c/<number>")
    answer = app.test_client().get("/c/1", headers={"Accept-Language": "de, en;q=0.5"})
    assert answer.headers["Content-Language"] == "en"
    assert "Accept-Language" in answer.headers["Vary"]


def test_whoever_speaks_neither_language_reads_italian(app: Flask) -> None:
    open_page(app, "/c/<number>")
    answer = app.test_client().get("/c/1", headers={"Accept-Language": "de"})
    assert answer.headers["Content-Language"] == "it"


def test_each_public_page_leads_to_itself_in_the_other_language(app: Flask) -> None:
    open_page(app, "/<any(it, en):lang>/page")
    page = app.test_client().get("/it/page?q=orto&kind=a&kind=b").text
    assert 'href="/en/page?q=orto&amp;kind=a&amp;kind=b"' in page
    assert 'hreflang="en"' in page


def test_a_query_cannot_replace_the_parts_of_an_address(app: Flask) -> None:
    open_page(app, "/<any(it, en):lang>/page")
    query = "lang=xx&_external=1&_scheme=javascript&_anchor=a&_method=POST&endpoint=b"
    answer = app.test_client().get(f"/it/page?{query}")
    assert answer.status_code == 200
    assert 'href="/en/page' in answer.text
    assert "javascript:" not in answer.text


def test_addresses_built_on_a_page_stay_in_its_language(app: Flask) -> None:
    open_page(app, "/<any(it, en):lang>/page")
    with app.test_request_context("/en/page"):
        assert url_for("page") == "/en/page"
