"""With a key a program watches suppliers, keeps webhooks, and sees its own use."""

import pytest

from registry.accounts import operations as accounts
from registry.accounts.models import Role
from registry.keys import operations as keys
from registry.keys import queries as key_queries
from registry.organisations import operations as organisations
from registry.watches import jobs, queries
from tests import factories
from tests.receiver import HOST, a_receiver

URL = f"https://{HOST}/in"


@pytest.fixture
def buyer(app):
    return factories.person(Role.COMPANY)


@pytest.fixture
def company(buyer):
    return factories.company(buyer)


def a_key(company, *scopes, clock):
    by = factories.representative(company)
    key, secret = keys.create(company, "Gestionale", scopes, by=by, at=clock.now())
    return key, {"Authorization": f"Bearer {secret}"}


@pytest.fixture
def key(company, clock):
    return a_key(company, "verify", "watches", clock=clock)


@pytest.fixture
def asks(client, key):
    """Ask with the key: `asks("get", "usage")`."""

    def ask(method, path, **given):
        return client.open(
            f"/api/v1/{path}", method=method.upper(), headers=key[1], **given
        )

    return ask


def test_without_a_key_it_is_said_that_one_is_needed(client):
    for path in ("usage", "watchlists", "webhooks", "webhooks/1/deliveries"):
        answer = client.get(f"/api/v1/{path}")
        assert answer.status_code == 401
        assert answer.json["code"] == "key_needed"
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
        assert answer.mimetype == "application/problem+json"


@pytest.mark.parametrize(
    "said",
    ["Bearer impact_wrong", "Bearer ", "Basic YTpi", "nonsense", f"Bearer {'x' * 500}"],
)
def test_a_key_that_opens_nothing_is_refused_also_where_none_is_needed(client, said):
    answer = client.get("/api/v1/usage", headers={"Authorization": said})
    assert (answer.status_code, answer.json["code"]) == (401, "bad_key")


def test_a_key_made_for_other_things_is_refused(client, company, clock):
    _, headers = a_key(company, "verify", clock=clock)
    answer = client.get("/api/v1/watchlists", headers=headers)
    assert (answer.status_code, answer.json["code"]) == (403, "scope_missing")


def test_a_key_sees_its_own_use(asks, key, db, clock):
    asks("get", "usage")
    told = asks("get", "usage").json
    assert told["today"] == {"on": "2026-03-02", "requests": 1, "items": 0}
    assert told["items_left"] == 50_000
    assert len(told["days"]) == 30
    assert told["limits"]["calls_per_minute"] == 600


def test_a_key_ends_with_the_part_of_who_made_it(
    client, company, buyer, key, clock, db
):
    secretary = factories.person(Role.SECRETARIAT)
    other = factories.person(Role.COMPANY)
    from registry.organisations.models import Capacity

    organisations.appoint(
        company, other, Capacity.LEGAL_REPRESENTATIVE, by=secretary, at=clock.now()
    )
    organisations.dismiss(company.representations[0], by=secretary, at=clock.now())
    assert client.get("/api/v1/usage", headers=key[1]).status_code == 401


def test_a_key_ends_when_who_made_it_is_shut_out(client, buyer, key, clock):
    accounts.disable(buyer, by=factories.person(Role.ADMINISTRATOR), at=clock.now())
    assert client.get("/api/v1/usage", headers=key[1]).status_code == 401


def test_suppliers_are_watched_by_program(asks, company):
    holder = factories.certified(factories.organisation()).organisation
    told = asks("post", "watchlists", json={"add": [f"IT {holder.vat}", "A122855"]})
    assert told.status_code == 200
    assert (told.json["identifiers"], told.json["added"]) == (2, 2)
    [found] = told.json["holders"]
    assert (found["legal_name"], found["status"]) == (holder.name, "valid")
    told = asks("post", "watchlists", json={"remove": ["A122855"], "telling": "never"})
    assert (told.json["identifiers"], told.json["telling"]) == (1, "never")
    assert asks("delete", "watchlists").status_code == 204
    assert queries.size(company) == 0


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"add": ["Cooperativa Il Sole"]}, "not_recognised"),
        ({"add": ["07945211007"]}, "not_recognised"),
        ({"add": "07945211006"}, "bad_body"),
        ({"add": [1]}, "bad_body"),
        ({"ad": []}, "bad_body"),
        ({"telling": "loudly"}, "bad_body"),
        ([], "bad_body"),
        (None, "bad_body"),
        ({"add": ["A122855"] * 5001}, "bad_body"),
    ],
)
def test_what_cannot_be_watched_is_told(asks, body, code, company):
    answer = asks("post", "watchlists", json=body)
    assert (answer.status_code, answer.json["code"]) == (422, code)
    assert queries.size(company) == 0


def test_a_webhook_lives_its_life_by_program(asks, app, clock, tmp_path):
    from dataclasses import replace

    made = asks("post", "webhooks", json={"url": URL, "events": ["watch.expiring"]})
    assert made.status_code == 201
    assert made.json["secret"].startswith("whsec_")
    there = f"webhooks/{made.json['id']}"
    assert "secret" not in asks("get", there).json
    assert len(asks("get", "webhooks").json["webhooks"]) == 1
    assert asks("post", f"{there}/test").status_code == 202
    with a_receiver(tmp_path) as receiver:
        doors = app.extensions["registry"]
        app.extensions["registry"] = replace(doors, courier=receiver.courier())
        jobs.send_webhooks(clock.now())
        [sent] = asks("get", f"{there}/deliveries").json["deliveries"]
        assert sent["state"] == "delivered"
        assert [one["status"] for one in sent["attempts"]] == [200]
        replayed = asks("post", f"{there}/deliveries/{sent['id']}/replay")
        assert replayed.json["state"] == "waiting"
        again = asks("post", f"{there}/deliveries/{sent['id']}/replay")
        assert (again.status_code, again.json["code"]) == (409, "still_waiting")
    rotated = asks("post", f"{there}/rotate").json
    assert rotated["secret"] != made.json["secret"]
    assert rotated["both_sign_until"].startswith("2026-03-03T09:00")
    assert asks("delete", there).status_code == 204
    assert asks("get", there).status_code == 404


@pytest.mark.parametrize(
    ("url", "events", "code"),
    [
        ("http://hooks.example.com/", ["watch.expiring"], "bad_address"),
        ("https://[::1]/", ["watch.expiring"], "bad_address"),
        (URL, ["all"], "bad_events"),
        (URL, [], "bad_events"),
    ],
)
def test_a_webhook_that_cannot_be_is_refused(asks, url, events, code):
    answer = asks("post", "webhooks", json={"url": url, "events": events})
    assert (answer.status_code, answer.json["code"]) == (422, code)


def test_deliveries_are_paged(asks, clock, company, monkeypatch):
    made = asks("post", "webhooks", json={"url": URL, "events": ["watch.expiring"]})
    there = f"webhooks/{made.json['id']}"
    for _ in range(3):
        asks("post", f"{there}/test")
    monkeypatch.setattr("registry.api.watches.MOST", 2)
    first = asks("get", f"{there}/deliveries").json
    rest = asks("get", f"{there}/deliveries?before={first['before']}").json
    ids = [one["id"] for one in first["deliveries"] + rest["deliveries"]]
    assert len(set(ids)) == 3
    assert "before" not in rest
    wrong = asks("get", f"{there}/deliveries?before=x")
    assert (wrong.status_code, wrong.json["code"]) == (422, "bad_body")


def test_what_belongs_to_others_does_not_exist(asks, client, clock):
    buyer = factories.person(Role.COMPANY)
    other = factories.company(buyer)
    _, headers = a_key(other, "watches", clock=clock)
    made = asks("post", "webhooks", json={"url": URL, "events": ["watch.expiring"]})
    there = f"/api/v1/webhooks/{made.json['id']}"
    assert client.get(there, headers=headers).status_code == 404
    assert client.post(f"{there}/rotate", headers=headers).status_code == 404
    assert client.delete(there, headers=headers).status_code == 404


def test_the_day_of_a_key_has_an_end(client, key, clock, db, app):
    """Counted in the database, so that all servers know."""
    from registry.keys import rules

    app.config["REGISTRY_RATE_LIMITS"] = True
    id_ = key[0].id
    db.session.commit()
    with db.engine.begin() as connection:
        keys.count(connection, id_, items=rules.ITEMS_PER_DAY, at=clock.now())
    body = {"vat": "07945211006"}
    answer = client.post("/api/v1/receipts", json=body, headers=key[1])
    assert (answer.status_code, answer.json["code"]) == (429, "day_is_spent")
    assert 0 < int(answer.headers["Retry-After"]) <= 86_400
    assert key_queries.items_used(key[0], clock.now().date()) == rules.ITEMS_PER_DAY
    clock.tick(days=1)
    assert client.post("/api/v1/receipts", json=body, headers=key[1]).status_code == 201


def test_a_key_may_ask_ten_times_as_often(client, key, app):
    """Counted apart from the address it comes from."""
    app.config["REGISTRY_RATE_LIMITS"] = True
    for headers, amount in (({}, "60"), (key[1], "600")):
        answer = client.get("/api/v1/sandbox/holders", headers=headers)
        assert answer.headers["RateLimit-Limit"] == amount
        again = client.get("/api/v1/sandbox/holders", headers=headers)
        left = [int(one.headers["RateLimit-Remaining"]) for one in (answer, again)]
        assert left[0] - left[1] == 1


def test_whoever_asks_without_a_key_is_told_when_it_was_enough(client, app):
    """More than two minutes' worth: the minute may turn while we ask.

    Seconds are rounded up, so a whole minute may be told as 61.
    """
    app.config["REGISTRY_RATE_LIMITS"] = True
    here = {"environ_base": {"REMOTE_ADDR": "192.0.2.77"}}
    path = "/api/v1/sandbox/holders"
    answers = [client.get(path, **here) for _ in range(130)]
    refused = [one for one in answers if one.status_code == 429]
    assert len(answers) - len(refused) <= 120
    assert refused[0].json["code"] == "too_many_requests"
    assert int(refused[0].headers["Retry-After"]) <= 61


def test_without_a_key_a_day_has_an_end_too_in_lists_as_one_by_one(client, app):
    app.config["REGISTRY_RATE_LIMITS"] = True
    here = {"environ_base": {"REMOTE_ADDR": "192.0.2.78"}}
    many = {"items": [{"vat": "07945211006"}] * 1000}
    path = "/api/v1/verify/bulk"
    codes = [client.post(path, json=many, **here).status_code for _ in range(3)]
    assert codes == [200, 200, 429]
    answer = client.get("/api/v1/verify?vat=07945211006", **here)
    assert (answer.status_code, answer.json["code"]) == (429, "day_is_spent")
