"""Editions for programs: what they ask, and how the next one differs."""

from typing import Any

from flask.testing import FlaskClient

from registry.api.criteria import Differences, EditionInFull, Editions


def test_every_edition_is_listed_and_its_links_lead_there(
    client: FlaskClient, editions: Any
) -> None:
    told = client.get("/api/v1/criteria").json
    Editions.model_validate(told)
    keys = [one["key"] for one in told["editions"]]
    assert sorted(keys) == sorted({*editions, *editions.drafts})
    drafts = {one["key"] for one in told["editions"] if one["draft"]}
    assert drafts == set(editions.drafts)
    for one in told["editions"]:
        for address in one["links"].values():
            assert client.get(address).status_code == 200, address


def test_an_edition_is_told_with_its_criteria_in_both_languages(
    client: FlaskClient, editions: Any
) -> None:
    told = client.get("/api/v1/criteria/impact/2022").json
    EditionInFull.model_validate(told)
    pinned = editions["impact/2022"]
    assert told["digest"] == pinned.digest
    assert [one["id"] for one in told["criteria"]] == [
        one.id for one in pinned.requirements
    ]
    assert all(one["title"]["it"] and one["title"]["en"] for one in told["criteria"])
    assert client.get("/api/v1/criteria/impact/1999").status_code == 404


def test_what_changes_is_told_criterion_by_criterion(
    client: FlaskClient, editions: Any
) -> None:
    told = client.get("/api/v1/criteria/impact/2022...2026").json
    Differences.model_validate(told)
    assert told["told_it"]
    assert len(told["told_it"]) == len(told["told_en"])
    relations = {one["relation"] for one in told["criteria"]}
    assert relations <= {"new", "removed", "equal", "stricter", "looser", "different"}
    assert client.get(told["page"]).status_code == 200
    assert client.get("/api/v1/criteria/impact/2022...1999").status_code == 404
