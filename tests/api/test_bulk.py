"""Many at once and names for numbers: each item its own answer, nothing kept."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from registry.api.bulk import Candidates, Results
from registry.clock import FixedClock
from registry.db import READS_ONLY
from tests import factories
from tests.public.stories import certified, superseded, suspended, withdrawn

BULK, MATCH = "/api/v1/verify/bulk", "/api/v1/match"


def sent(client: FlaskClient, *items: Any, **rest: Any) -> list[dict[str, Any]]:
    answer = client.post(BULK, json={"items": items, **rest})
    assert answer.status_code == 200, answer.text
    Results.model_validate(answer.json)
    found: list[dict[str, Any]] = answer.json["results"]
    return found


def test_each_item_gets_the_answer_it_would_get_alone(
    client: FlaskClient, clock: FixedClock
) -> None:
    clock.tick(days=90)
    before, newer = superseded()
    holders = [suspended(), withdrawn(), certified()]
    items = [{"certificate": one.number} for one in (before, newer)]
    items += [{"vat": str(one.organisation.vat)} for one in holders]
    items += [{"albo": str(one.organisation.albo)} for one in holders]
    items += [{"tax_code": factories.vat()}, items[0]]
    results = sent(client, *items)
    assert [one["status"] for one in results] == [200] * len(items)
    for item, result in zip(items, results, strict=True):
        alone = client.get("/api/v1/verify", query_string=item).json
        assert result["answer"] == alone


def test_marks_of_ones_own_come_back_and_a_wrong_item_spoils_no_other(
    client: FlaskClient,
) -> None:
    made = certified()
    vat = str(made.organisation.vat)
    results = sent(
        client,
        {"ref": "row 1", "vat": vat},
        {"ref": "row 2", "vat": "01234567890"},
        {"ref": "row 3"},
        {"ref": "row 4", "vat": vat, "albo": "A122855"},
        {"ref": "row 5", "vat": vat, "knew_at": "x"},
        {"ref": "row 6", "vat": 12},
        "row 7",
        {"vat": vat},
        {"ref": "row 1", "vat": vat},
    )
    assert [one.get("ref") for one in results] == [
        *("row 1", "row 2", "row 3", "row 4", "row 5", "row 6"),
        *(None, None, "row 1"),
    ]
    codes = [one["problem"]["code"] for one in results if "problem" in one]
    assert codes == [
        *("bad_identifier", "one_identifier", "one_identifier", "unknown_parameter"),
        *("bad_item", "bad_item"),
    ]
    assert "cifra di controllo" in results[1]["problem"]["detail"]
    assert results[0]["answer"]["status"] == "valid"
    assert results[0] == results[-1]


def test_a_past_day_holds_for_all_of_them(
    client: FlaskClient, clock: FixedClock
) -> None:
    clock.tick(days=90)
    vat = str(certified().organisation.vat)
    (then,) = sent(client, {"vat": vat}, on="2026-03-01")
    assert then["answer"]["status"] == "never_certified"
    (known,) = sent(client, {"vat": vat}, known_at="2026-03-01T10:00:00Z")
    assert known["answer"]["status"] == "never_certified"
    assert known["answer"]["query"]["known_at"] == "2026-03-01T10:00:00+00:00"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "bad_body"),
        (b"[]", "bad_body"),
        (b"{", "bad_body"),
        (b"{}", "bad_body"),
        (b'{"items": {}}', "bad_body"),
        (b'{"items": [], "on": 1}', "bad_body"),
        (b'{"items": [], "on": "2026-02-30"}', "bad_date"),
        (b'{"items": [], "on": "2036-02-03"}', "date_in_future"),
        (b'{"items": [], "known_at": "yesterday"}', "bad_instant"),
        (b'{"items": [], "page": 2}', "unknown_parameter"),
        (b'{"items": [' + b"1," * 1000 + b"1]}", "too_many_items"),
        (b"[" * 200_000, "bad_body"),
        (b'{"items": [NaN]}', "bad_body"),
        (b'{"items": [{"ref": "\\ud800"}]}', "bad_body"),
        (b'\xff\xfe{"items": []}', "bad_body"),
    ],
)
def test_a_body_that_cannot_be_read_has_a_stable_code(
    client: FlaskClient, body: bytes, code: str
) -> None:
    answer = client.post(BULK, data=body, content_type="application/json")
    assert answer.status_code == 422
    assert answer.json["code"] == code


def test_too_much_is_too_much(client: FlaskClient) -> None:
    answer = client.post(BULK, data=b" " * 1_100_000, content_type="application/json")
    assert answer.status_code == 413
    assert answer.json["code"] == "too_large"


def test_asking_for_many_holds_up_no_writer(app: Flask, client: FlaskClient) -> None:
    kept = []

    @app.after_request
    def look(response: Any) -> Any:
        kept.append(READS_ONLY.get())
        return response

    sent(client)
    client.post(MATCH, json={"name": "Il Ginepro"})
    assert kept == [True, True]


def matched(client: FlaskClient, **asked: Any) -> list[dict[str, Any]]:
    answer = client.post(MATCH, json=asked)
    assert answer.status_code == 200, answer.text
    Candidates.model_validate(answer.json)
    found: list[dict[str, Any]] = answer.json["candidates"]
    return found


def test_a_name_finds_its_bearer_with_a_score_and_its_status(
    client: FlaskClient, clock: FixedClock
) -> None:
    made = suspended("Il Ginepro Società Cooperativa Sociale")
    clock.tick(days=90)
    (found,) = matched(client, name="IL GINEPRO SCS", province="Bergamo")
    assert found["id"] == made.organisation_id
    assert found["score"] == 100
    assert (found["status"], found["certificate"]) == ("suspended", made.number)
    assert found["reason_code"] == "suspended_major_finding"
    assert client.get(found["verify"]).json["matched"]["id"] == found["id"]
    assert matched(client, name="IL GINEPRO SCS", province="LE", min_score=95) == []
    assert matched(client, name="Nobody", town="", province="") == []


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({}, "bad_body"),
        ({"name": 1}, "bad_body"),
        ({"name": "x" * 201}, "bad_body"),
        ({"name": "x", "province": "ZZ"}, "bad_item"),
        ({"name": "x", "min_score": 49}, "bad_score"),
        ({"name": "x", "min_score": True}, "bad_score"),
        ({"name": "x", "country": "IT"}, "unknown_parameter"),
    ],
)
def test_a_wrong_wish_is_told(client: FlaskClient, asked: Any, code: str) -> None:
    answer = client.post(MATCH, json=asked)
    assert (answer.status_code, answer.json["code"]) == (422, code)
