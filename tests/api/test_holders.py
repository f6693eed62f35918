"""The public register for programs: pages, one holder, its history, its links."""

import csv
import io
from datetime import UTC, datetime
from typing import Any

import pytest
from flask.testing import FlaskClient

from registry.accounts.models import Role
from registry.api.holders import HolderInFull, HoldersPage
from registry.clock import FixedClock
from registry.organisations import operations as organisations
from registry.organisations.models import Sector
from tests import factories
from tests.public.stories import certified, superseded, suspended, withdrawn
from tests.public.test_register import listed

HOLDERS = "/api/v1/holders"


def page(client: FlaskClient, **asked: Any) -> dict[str, Any]:
    answer = client.get(HOLDERS, query_string=asked)
    assert answer.status_code == 200, answer.text
    HoldersPage.model_validate(answer.json)
    found: dict[str, Any] = answer.json
    return found


def ids(client: FlaskClient, **asked: Any) -> list[int]:
    return [one["id"] for one in page(client, **asked)["holders"]]


def test_every_holder_comes_once_however_the_pages_are_cut(
    client: FlaskClient,
) -> None:
    made = [certified().organisation_id for _ in range(4)]
    made.append(superseded()[1].organisation_id)
    seen, address = [], f"{HOLDERS}?limit=2"
    while address:
        answer = client.get(address).json
        seen += [one["id"] for one in answer["holders"]]
        address = answer.get("next")
    assert seen == sorted(made)


def test_nobody_is_enumerated_who_is_not_on_the_public_register(
    client: FlaskClient,
) -> None:
    secret = [factories.organisation(), factories.submitted().organisation]
    named = factories.organisation()
    listed("Aurora", organisation=named)
    certified()
    known = {one["id"] for one in page(client)["holders"]}
    for one in (*secret, named):
        assert one.id not in known
        for address in (f"{HOLDERS}/{one.id}", f"{HOLDERS}/{one.id}/history",
                        f"/id/{one.id}"):  # fmt: skip
            assert client.get(address).status_code == 404
    unknown = client.get(f"{HOLDERS}/999999")
    hidden = client.get(f"{HOLDERS}/{secret[0].id}")
    assert unknown.json == hidden.json


def test_filters_hold_all_together(client: FlaskClient, clock: FixedClock) -> None:
    here = suspended(town="Treviglio", province="BG")
    there = certified(town="Lecce", province="LE")
    organisations.describe(there.organisation, sectors=[Sector.GREEN],
                           by=factories.person(Role.SECRETARIAT),
                           at=clock.now())  # fmt: skip
    clock.tick(days=60)
    one, other = here.organisation_id, there.organisation_id
    assert ids(client, status="suspended") == [one]
    assert ids(client, status="valid") == [other]
    assert ids(client, province="LE") == [other]
    assert ids(client, sector="green") == [other]
    assert ids(client, sector="green", province="BG") == []
    assert ids(client, kind=there.organisation.kind.value) == sorted([one, other])
    assert ids(client, edition="impact/2022", scheme="impact") == sorted([one, other])
    assert ids(client, since="2026-03-20T00:00:00Z") == [one]
    assert ids(client, since="2026-04-20T00:00:00+02:00") == []


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("status=good", "bad_filter"),
        ("status=never_certified", "bad_filter"),
        ("province=bg", "bad_filter"),
        ("edition=impact", "bad_filter"),
        ("since=2026-01-01", "bad_instant"),
        ("limit=1000", "bad_number"),
        ("after=-1", "bad_number"),
        ("after=99999999999", "bad_number"),
        ("page=2", "unknown_parameter"),
        ("limit=1&limit=2", "one_identifier"),
    ],
)
def test_a_filter_that_means_nothing_is_refused_not_ignored(
    client: FlaskClient, query: str, code: str
) -> None:
    answer = client.get(f"{HOLDERS}?{query}")
    assert (answer.status_code, answer.json["code"]) == (422, code)


def test_the_table_says_the_same_and_no_name_is_a_formula(client: FlaskClient) -> None:
    made = certified("=SUM(A1) Cooperativa")
    answer = client.get(f"{HOLDERS}.csv?limit=1")
    (row,) = csv.DictReader(io.StringIO(answer.text))
    assert answer.mimetype == "text/csv"
    assert row["legal_name"] == "'=SUM(A1) Cooperativa"
    assert (row["certificate"], row["status"]) == (made.number, "valid")
    certified()
    onward = client.get(f"{HOLDERS}.csv?limit=1").headers["Link"]
    assert "/api/v1/holders.csv?limit=1&after=" in onward


def test_a_holder_is_told_in_full(client: FlaskClient, clock: FixedClock) -> None:
    before, newer = superseded("Il Ginepro Cooperativa Sociale")
    keeper, holder = factories.person(Role.SECRETARIAT), newer.organisation
    at = datetime(2026, 5, 1, tzinfo=UTC)
    organisations.describe(holder, seats=[{"town": "Lecce", "province": "LE"}],
                           ateco=["81.21"], by=keeper, at=at)  # fmt: skip
    organisations.change(holder, {"name": "Radici Cooperativa"}, by=keeper, at=at)
    clock.tick(days=60)
    told = client.get(f"{HOLDERS}/{holder.id}").json
    HolderInFull.model_validate(told)
    assert told["legal_name"] == "Radici Cooperativa"
    assert told["former_names"] == [
        {"legal_name": "Il Ginepro Cooperativa Sociale", "until": "2026-05-01"}
    ]
    assert told["places"] == [{"town": "Lecce", "province": "LE"}]
    assert [one["status"] for one in told["certificates"]] == ["valid", "superseded"]
    assert told["certificate"]["number"] == newer.number
    for address in told["links"].values():
        assert client.get(address).status_code == 200
    history = client.get(f"{HOLDERS}/{holder.id}/history").json["changes"]
    events = [(one["certificate"], one["event"]) for one in history]
    assert sorted(events) == sorted([
        (before.number, "certificate.issued"),
        (before.number, "certificate.superseded"),
        (newer.number, "certificate.issued"),
    ])  # fmt: skip
    led = [one["links"]["newer"] for one in history if "newer" in one["links"]]
    assert led == [f"http://localhost/c/{newer.number}"]


LINKSET = "application/linkset+json"


def test_programs_get_links_and_people_the_page(client: FlaskClient) -> None:
    made = certified()
    address = f"/id/{made.organisation_id}"
    for accept in (
        LINKSET,
        None,
        "*/*",
        "application/json",
        f"{LINKSET}, text/html;q=.5",
    ):
        answer = client.get(address, headers={"Accept": accept} if accept else {})
        assert answer.mimetype == LINKSET, accept
        (links,) = answer.json["linkset"]
        assert links["anchor"] == f"http://localhost{address}"
        for relation, targets in links.items():
            for target in targets if relation != "anchor" else ():
                assert client.get(target["href"]).status_code == 200, target
    browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
    people = {"Accept": browser, "Accept-Language": "en"}
    led = client.get(address, headers=people)
    assert led.status_code == 303
    assert led.location.endswith(f"/en/register/{made.organisation_id}")
    assert 'rel="linkset"' in led.headers["Link"]
    asked = client.get(f"{address}?linkType=linkset", headers=people)
    assert asked.mimetype == LINKSET


def test_what_did_not_change_is_not_sent_again(
    client: FlaskClient, clock: FixedClock
) -> None:
    made = withdrawn()
    clock.tick(days=90)
    for address in (HOLDERS, f"{HOLDERS}.csv", f"{HOLDERS}/{made.organisation_id}",
                    f"{HOLDERS}/{made.organisation_id}/history", "/api/v1/changes",
                    "/api/v1/feed.atom", "/api/v1/feed.json", "/api/v1/criteria",
                    f"/id/{made.organisation_id}"):  # fmt: skip
        first = client.get(address)
        assert first.headers["Access-Control-Allow-Origin"] == "*"
        assert first.headers["Cache-Control"] == "public, max-age=60"
        clock.tick(seconds=5)
        known = {"If-None-Match": first.headers["ETag"]}
        assert client.get(address, headers=known).status_code == 304, address
