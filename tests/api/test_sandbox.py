"""The sandbox: somebody invented in every status, and answers that never change."""

import hashlib
from datetime import timedelta
from typing import get_args

import pytest
from sqlalchemy import func, select

from registry.api import sandbox
from registry.organisations.models import Organisation
from registry.verification.answers import Answer, Flag, Status
from registry.verification.questions import identifier

#: Of everything the sandbox says; a new number here breaks somebody's tests.
SAID = "9f53c63167c67cf58d2d63697c91f5279eb015c6c6eb281bcdc3ddc37ac6d82d"


def test_there_is_somebody_in_every_status_and_with_every_flag(client):
    answers = [one["answer"] for one in sandbox.kept()["holders"]]
    assert {one["status"] for one in answers} == set(get_args(Status))
    assert {flag for one in answers for flag in one["flags"]} == set(get_args(Flag))


def asked(client):
    """Every question of the sandbox, with its answer."""
    for one in client.get("/api/v1/sandbox/holders").json["holders"]:
        for by in ("vat", "albo", "rea", "certificate"):
            if by in one:
                yield one, by, client.get(f"/api/v1/sandbox/verify?{by}={one[by]}")


def test_every_answer_has_the_shape_of_the_real_ones(client):
    for case, by, answer in asked(client):
        assert answer.status_code == 200, case
        told = Answer.model_validate(answer.json)
        assert getattr(told.query, by) == case[by]
        assert identifier(by, case[by]) == case[by]


def test_the_answers_never_change(client, clock):
    def everything():
        said = b"\n".join(answer.get_data() for _, _, answer in asked(client))
        return hashlib.sha256(said).hexdigest()

    before = everything()
    clock.at += timedelta(days=1000)
    assert everything() == before == SAID


def test_what_is_said_of_a_day_is_the_same(client):
    [first, *_] = client.get("/api/v1/sandbox/holders").json["holders"]
    path = f"/api/v1/sandbox/verify?vat={first['vat']}"
    today, then = client.get(path).json, client.get(f"{path}&on=2020-01-01").json
    assert then["query"].pop("on") == "2020-01-01"
    assert {**then, "links": None} == {**today, "links": None}


@pytest.mark.parametrize(
    ("asked", "status", "code"),
    [
        ("vat=07945211006", 200, None),
        ("vat=07945211007", 422, "bad_identifier"),
        ("", 422, "one_identifier"),
        ("vat=07945211006&x=1", 422, "unknown_parameter"),
    ],
)
def test_other_questions_are_answered_as_everywhere(client, asked, status, code):
    answer = client.get(f"/api/v1/sandbox/verify?{asked}")
    assert answer.status_code == status
    if code:
        assert answer.json["code"] == code
    else:
        assert answer.json["status"] == "never_certified"
        assert "matched" not in answer.json


def test_nobody_of_the_sandbox_is_on_the_register(client, db):
    numbers = [one["answer"]["matched"]["vat"] for one in sandbox.kept()["holders"]]
    held = select(func.count()).where(Organisation.vat.in_(numbers))
    assert db.session.scalar(held) == 0


def test_who_has_the_answer_is_told_so_in_a_word(client):
    path = "/api/v1/sandbox/holders"
    tag = client.get(path).headers["ETag"]
    assert client.get(path, headers={"If-None-Match": tag}).status_code == 304


def test_many_are_answered_as_one_by_one(client):
    cases = client.get("/api/v1/sandbox/holders").json["holders"]
    items = [{"ref": str(n), "albo": one["albo"]} for n, one in enumerate(cases)]
    items.append({"ref": "wrong", "vat": "07945211007"})
    told = client.post("/api/v1/sandbox/verify/bulk", json={"items": items}).json
    *results, wrong = told["results"]
    for result, case in zip(results, cases, strict=True):
        alone = client.get(f"/api/v1/sandbox/verify?albo={case['albo']}").json
        assert result["answer"] == alone
    assert wrong["problem"]["code"] == "bad_identifier"
