"""Refusals and faults are answered in words, each with its status."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm.exc import StaleDataError

from registry import errors
from registry.web.errors import WORDS


class NotNow(errors.Conflict):
    """A refusal of a room."""


def refusing(error: Exception) -> Callable[[], Any]:
    def view() -> Any:
        raise error

    return view


def ask(app: Flask, path: str, error: Exception, **headers: str) -> Any:
    app.add_url_rule(path, "refusing", refusing(error))
    return app.test_client().get(path, headers=headers)


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        (errors.NotFound, 404),
        (errors.Forbidden, 403),
        (errors.Conflict, 409),
        (errors.Invalid, 422),
        (errors.Unavailable, 503),
    ],
)
def test_each_of_the_five_refusals_has_its_status(
    app: Flask, kind: type[errors.RegistryError], status: int
) -> None:
    assert ask(app, "/it/refusing", kind("Valid")).status_code == status


def test_a_refusal_speaks_the_language_of_the_page(app: Flask) -> None:
    error = errors.Conflict(WORDS[409].meaning)
    page = ask(app, "/it/refusing", error).text
    assert "Nel frattempo qualcuno" in page
    assert '<html lang="it">' in page


def test_a_status_in_a_refusal_is_said_in_its_word(app: Flask) -> None:
    error = NotNow("%(state)s!", state="in_evaluation")
    assert "In valutazione!" in ask(app, "/it/refusing", error).text


def test_a_name_with_markup_in_a_refusal_is_shown_as_text(app: Flask) -> None:
    error = NotNow("No: %(name)s", name="<b>Orto</b>")
    assert "&lt;b&gt;Orto" in ask(app, "/it/refusing", error).text


def test_programs_get_a_problem_with_a_stable_code(app: Flask) -> None:
    error = NotNow("No, %(why)s.", why="not today")
    answer = ask(app, "/api/v1/refusing", error, **{"Accept-Language": "en"})
    assert answer.mimetype == "application/problem+json"
    assert answer.json["code"] == "not_now"
    assert answer.json["status"] == answer.status_code == 409
    assert answer.json["detail"] == "No, not today."


def test_two_people_at_once_end_in_a_conflict_in_words(app: Flask) -> None:
    answer = ask(app, "/it/refusing", StaleDataError("0 rows matched"))
    assert answer.status_code == 409
    assert "0 rows" not in answer.text


def test_a_foreign_object_reads_like_an_unknown_address(app: Flask) -> None:
    foreign = ask(app, "/it/refusing", errors.NotFound("It is there, but not yours."))
    unknown = app.test_client().get("/it/nowhere")
    assert foreign.status_code == unknown.status_code == 404
    assert foreign.text == unknown.text


def test_a_fault_shows_a_number_and_nothing_else(
    app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    app.config["PROPAGATE_EXCEPTIONS"] = False
    answer = ask(app, "/it/refusing", ZeroDivisionError("the secret detail"))
    assert answer.status_code == 500
    assert "secret detail" not in answer.text
    number = caplog.records[-1].getMessage().split()[1]
    assert number in answer.text


def test_a_wrong_method_is_answered_in_words_and_says_which_are_right(
    app: Flask,
) -> None:
    answer = app.test_client().delete("/robots.txt")
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]
    assert "<h1>" in answer.text


def test_too_large_a_request_is_refused_in_words(app: Flask) -> None:
    app.config["MAX_CONTENT_LENGTH"] = 10

    def read() -> str:
        from flask import request

        return str(request.form)

    app.add_url_rule("/it/read", "read", read, methods=["POST"])
    answer = app.test_client().post("/it/read", data={"name": "x" * 100})
    assert answer.status_code == 413
    assert "troppo grande" in answer.text
