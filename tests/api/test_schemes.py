"""Who holds the marks of two schemes is answered about one of them at a time."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from registry.certificates.numbers import Number
from registry.criteria.reader import Editions
from tests.second_scheme import LONG_AGO, OTHER, issued, published, two_marks
from tests.verification.registers import Past, written


@pytest.fixture(scope="session")
def editions(tmp_path_factory: pytest.TempPathFactory) -> Editions:
    return published(tmp_path_factory.mktemp("two"))


@pytest.fixture
def holder(app: Any, db: Any) -> Past:
    made = two_marks()
    db.session.commit()
    return made


def asked(client: FlaskClient, **given: str) -> Any:
    answer = client.get("/api/v1/verify", query_string=given)
    assert answer.status_code == 200
    return answer.json


def test_the_status_of_one_mark_never_shows_as_that_of_another(
    client: FlaskClient, holder: Past
) -> None:
    vat = str(holder.holder.vat)
    told = [asked(client, vat=vat), *(asked(client, vat=vat, scheme=one)
                                      for one in ("impact", OTHER))]  # fmt: skip
    assert [one["status"] for one in told] == ["withdrawn", "withdrawn", "valid"]
    assert [one["scheme"] for one in told] == ["impact", "impact", OTHER]
    assert [one["scheme_name"] for one in told] == [
        "Impact",
        "Impact",
        "Impresa solidale",
    ]
    editions = [one["certificate"]["edition_name"] for one in told]
    assert editions == ["Impact 2022", "Impact 2022", "Impresa solidale 2022"]
    assert told[2]["query"] == {"vat": vat, "scheme": OTHER}
    assert told[2]["links"]["self"].endswith(f"vat={vat}&scheme={OTHER}")


def test_the_number_of_a_certificate_says_its_own_scheme(
    client: FlaskClient, holder: Past
) -> None:
    number = holder.papers[1][0].number
    assert asked(client, certificate=number)["scheme"] == OTHER
    assert asked(client, certificate=number)["status"] == "valid"
    as_impact = asked(client, certificate=number, scheme="impact")
    assert (as_impact["status"], as_impact["scheme"]) == ("never_certified", "impact")
    assert as_impact["matched"]["id"] == holder.holder.id
    assert "certificate" not in as_impact
    assert "scheme" not in asked(client, certificate=str(Number("SOL", 2026, 999)))


def test_a_scheme_that_is_not_there_is_refused_and_no_answer(
    client: FlaskClient, holder: Past
) -> None:
    wrong = {"vat": str(holder.holder.vat), "scheme": "impatto"}
    answer = client.get("/api/v1/verify", query_string=wrong)
    assert (answer.status_code, answer.json["code"]) == (422, "unknown_scheme")
    assert "impact, impresa-solidale" in answer.json["detail"]
    item = {"vat": wrong["vat"]}
    many = {"items": [item], "scheme": "impatto"}
    assert (
        client.post("/api/v1/verify/bulk", json=many).json["code"] == "unknown_scheme"
    )


def test_many_are_asked_about_one_scheme(client: FlaskClient, holder: Past) -> None:
    items = [
        {"vat": str(holder.holder.vat)},
        {"certificate": holder.papers[1][0].number},
    ]
    found = {}
    for scheme in (None, "impact", OTHER):
        about = {"scheme": scheme} if scheme else {}
        said = client.post("/api/v1/verify/bulk", json={"items": items, **about}).json
        found[scheme] = [one["answer"]["status"] for one in said["results"]]
    assert found == {
        None: ["withdrawn", "valid"],
        "impact": ["withdrawn", "never_certified"],
        OTHER: ["valid", "valid"],
    }


def test_names_are_matched_with_the_status_of_one_scheme(
    client: FlaskClient, holder: Past
) -> None:
    for scheme, status in ((None, "withdrawn"), (OTHER, "valid")):
        about = {"scheme": scheme} if scheme else {}
        wanted = {"name": holder.holder.name, **about}
        said = client.post("/api/v1/match", json=wanted).json
        (one,) = said["candidates"]
        assert (one["status"], said["scheme"]) == (status, scheme or "impact")
        assert client.get(one["verify"]).json["status"] == status


def test_holders_and_changes_are_those_of_one_scheme(
    client: FlaskClient, holder: Past
) -> None:
    id_ = holder.holder.id
    for scheme, status, events in (
        ("impact", "withdrawn", ["issued", "withdrawn"]),
        (OTHER, "valid", ["issued"]),
    ):
        about = {} if scheme == "impact" else {"scheme": scheme}
        (one,) = client.get("/api/v1/holders", query_string=about).json["holders"]
        assert (one["scheme"], one["status"]) == (scheme, status)
        assert client.get(one["links"]["self"]).json["scheme"] == scheme
        whole = client.get(f"/api/v1/holders/{id_}", query_string=about).json
        assert [one["status"] for one in whole["certificates"]] == [status]
        assert set(whole["schemes"]) == {"impact", OTHER}
        for address in ("/api/v1/changes", f"/api/v1/holders/{id_}/history"):
            said = client.get(address, query_string=about).json["changes"]
            assert [one["event"] for one in said] == [
                f"certificate.{e}" for e in events
            ]
            assert {one["scheme"] for one in said} == {scheme}


def test_whoever_holds_another_mark_alone_is_no_holder_of_the_first(
    client: FlaskClient, db: Any, app: Any
) -> None:
    made = written([[issued(LONG_AGO)]], [OTHER])
    db.session.commit()
    assert asked(client, vat=str(made.holder.vat))["status"] == "never_certified"
    assert client.get(f"/api/v1/holders/{made.holder.id}").status_code == 404
    assert client.get("/api/v1/holders").json["holders"] == []
    (linkset,) = client.get(f"/id/{made.holder.id}?linkType=linkset").json["linkset"]
    assert client.get(linkset["alternate"][0]["href"]).json["status"] == "valid"


def test_feeds_are_of_one_scheme_and_say_which(
    client: FlaskClient, holder: Past
) -> None:
    first = client.get("/api/v1/feed.json").json
    other = client.get(f"/api/v1/feed.json?scheme={OTHER}").json
    assert {one["tags"][1] for one in first["items"]} == {"impact/2022"}
    (item,) = other["items"]
    assert other["title"].endswith("(Impresa solidale)")
    assert item["content_text"].startswith("Impresa solidale 2022 · SOL-")
    assert client.get(item["id"]).json["changes"][0]["scheme"] == OTHER
    assert OTHER in client.get(f"/api/v1/feed.atom?scheme={OTHER}").text
