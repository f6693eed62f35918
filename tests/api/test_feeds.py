"""Those who follow hear of every change once, in the order it became visible."""

import csv
import io
from xml.etree import ElementTree

import pytest
from flask.testing import FlaskClient

from registry.api.feeds import ChangesPage, Feed
from registry.clock import FixedClock
from registry.verification import jobs
from tests.public.stories import certified, in_update, superseded, withdrawn

ATOM = "{http://www.w3.org/2005/Atom}"


def test_following_by_cursor_misses_nothing_and_repeats_nothing(
    client: FlaskClient, clock: FixedClock
) -> None:
    withdrawn()
    superseded()
    clock.tick(days=90)
    seen: list[str] = []
    cursor = 0
    for _ in range(10):
        answer = client.get(f"/api/v1/changes?since={cursor}&limit=2").json
        ChangesPage.model_validate(answer)
        seen += [one["event"] for one in answer["changes"]]
        assert answer["cursor"] >= cursor
        cursor = answer["cursor"]
        if not answer["more"]:
            break
    assert sorted(seen) == [
        *["certificate.issued"] * 3,
        *("certificate.superseded", "certificate.suspended", "certificate.withdrawn"),
    ]
    nothing = client.get(f"/api/v1/changes?since={cursor}").json
    assert nothing == {"changes": [], "cursor": cursor, "more": False}
    certified()
    (later,) = client.get(f"/api/v1/changes?since={cursor}").json["changes"]
    assert later["event"] == "certificate.issued"


def test_what_comes_with_time_is_told_on_its_day(
    client: FlaskClient, clock: FixedClock
) -> None:
    in_update()
    told = client.get("/api/v1/changes").json["changes"]
    assert [one["event"] for one in told] == ["certificate.issued"]
    clock.tick(days=400)
    jobs.tell_updates(clock.now())
    last = client.get("/api/v1/changes").json["changes"][-1]
    assert (last["event"], last["on"]) == ("certificate.in_update", "2027-03-03")


@pytest.mark.parametrize("query", ["since=-1", "since=x", "limit=1000", "since=1e3"])
def test_a_cursor_we_never_gave_is_refused(client: FlaskClient, query: str) -> None:
    answer = client.get(f"/api/v1/changes?{query}")
    assert (answer.status_code, answer.json["code"]) == (422, "bad_number")


def test_the_table_has_a_row_for_each(client: FlaskClient) -> None:
    made = certified("Il Ginepro, Cooperativa")
    (row,) = csv.DictReader(io.StringIO(client.get("/api/v1/changes.csv").text))
    assert row["legal_name"] == "Il Ginepro, Cooperativa"
    assert (row["event"], row["certificate"]) == ("certificate.issued", made.number)


def test_feeds_show_the_newest_first_in_the_readers_language(
    client: FlaskClient, clock: FixedClock
) -> None:
    made = withdrawn("Rosa & Spine <Cooperativa>")
    clock.tick(days=90)
    atom = ElementTree.fromstring(client.get("/api/v1/feed.atom").data)  # noqa: S314 - ours
    titles = [one.findtext(f"{ATOM}title") for one in atom.iter(f"{ATOM}entry")]
    assert titles[0] == "Rosa & Spine <Cooperativa>: Revocato"
    ids = [one.text for one in atom.iter(f"{ATOM}id")]
    assert len(set(ids)) == len(ids) == 4
    feed = client.get("/api/v1/feed.json?lang=en").json
    Feed.model_validate(feed)
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    first = feed["items"][0]
    assert first["title"] == "Rosa & Spine <Cooperativa>: Certificate withdrawn"
    assert first["url"].endswith(made.number)
    assert client.get(first["id"]).status_code == 200


def test_an_empty_register_has_an_empty_feed(client: FlaskClient) -> None:
    atom = ElementTree.fromstring(client.get("/api/v1/feed.atom").data)  # noqa: S314 - ours
    assert list(atom.iter(f"{ATOM}entry")) == []
    assert client.get("/api/v1/feed.json").json["items"] == []
