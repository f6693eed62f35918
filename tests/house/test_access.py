"""Nobody opens what is not theirs: the matrix is the code's; every cell is tried."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from registry.accounts.models import Role, User
from registry.clock import FixedClock
from tests.house.access import FILE, PEOPLE, VISITOR, as_csv, rows
from tests.house.test_signing_in import person


def test_the_matrix_is_that_of_the_code(app: Flask) -> None:
    assert FILE.read_text() == as_csv(app), (
        "Who may open what has changed. If it was meant: python -m tests.house.access"
    )


@pytest.mark.parametrize("who", PEOPLE)
def test_everyone_opens_what_is_theirs_and_nothing_else(
    who: str,
    app: Flask,
    db: Any,
    clock: FixedClock,
    client: FlaskClient,
    sign_in: Callable[[User], FlaskClient],
) -> None:
    user = None if who == VISITOR else person(db, clock, Role(who))
    wrong = []
    for row in rows(app):
        if row["rule"].startswith(APART):
            continue
        if user:  # anew each time: some pages end the session or change it
            sign_in(user)
        answer = client.open(address(row["rule"]), method=row["method"])
        if answer.status_code >= 500 or refused(answer) == bool(row[who]):
            wrong.append(f"{row['method']} {row['rule']}: {answer.status}")
    assert not wrong, "\n".join(wrong)


#: The steps of signing in and out lead to the sign-in by their nature; the demo's own
#: door refuses everyone outside the demo; files are no pages.
APART = (
    *(
        "/sign-in",
        "/sign-out",
        "/account/second-factor",
        "/account/sign-out-everywhere",
    ),
    *("/demo/", "/static/"),
)


def address(rule: str) -> str:
    """The rule with something in each place: nothing of that name exists."""
    rule = rule.replace("<any(it, en):lang>", "it")
    rule = re.sub(r"<any\(['\"]?([\w-]+)[^)]*\):\w+>", r"\1", rule)
    rule = re.sub(r"<(?:id|int):\w+>", "999999", rule)
    return re.sub(r"<(?:\w+:)?\w+>", "nothing", rule)


def refused(answer: TestResponse) -> bool:
    """Sent to sign in, or told that the page is for others."""
    away = answer.headers.get("Location", "")
    return answer.status_code == 403 or away.partition("?")[0] == "/sign-in"
