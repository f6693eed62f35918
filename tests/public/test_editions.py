"""An edition for everybody: its state, its history, and as programs read it."""

import hashlib
import json
from typing import Any

import pytest
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator

from registry.editions.queries import open_on
from registry.public import terms
from registry.services import services

DATA = "/criteria/impact/2022.json"
KEYS = ["impact/2022", "impact/2026", "impresa-solidale/2026"]


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("language", ["it", "en"])
def test_an_edition_tells_its_state_and_leads_to_everything(
    client: FlaskClient, key: str, language: str
) -> None:
    page = client.get(f"/{language}/criteria/{key}")
    assert page.status_code == 200
    draft = {"it": "bozza, non in vigore", "en": "draft, not in force"}[language]
    assert (draft in page.text) == (key != "impact/2022")
    for part in (f"/{language}/criteria/{key}/check", f"/criteria/{key}.json"):
        assert f'href="{part}"' in page.text
    assert 'id="history"' in page.text


def test_drafts_are_listed_after_what_is_published_and_marked(
    client: FlaskClient,
) -> None:
    page = client.get("/it/criteria").text
    places = [page.index(f'href="/it/criteria/{key}"') for key in KEYS]
    assert places == sorted(places)
    assert page.count("bozza, non in vigore") == 2
    assert page.count("in vigore dal") + page.count("In vigore dal") == 1


def test_a_draft_is_never_offered(app: Any) -> None:
    editions = services().editions
    offered = open_on(editions, services().today())
    assert [one.key for one in offered] == ["impact/2022"]


def test_the_differences_are_told_in_words_with_an_example(client: FlaskClient) -> None:
    page = client.get("/it/criteria/impact/2022...2026")
    assert page.status_code == 200
    assert "Assemblea aggiuntiva dei soci: più severo." in page.text
    assert "Esempio, prima sì e ora no" in page.text
    assert "requisito nuovo" in page.text
    english = client.get("/en/criteria/impact/2022...2026").text
    assert "stricter" in english
    assert client.get("/it/criteria/impact/2022...1999").status_code == 404
    assert client.get("/it/criteria/impact/2026...2022").status_code == 200


def test_the_history_is_the_note_beside_the_edition(client: FlaskClient) -> None:
    page = client.get("/it/criteria/impact/2026").text
    assert "<strong>Assemblee</strong>: due assemblee aggiuntive" in page
    assert "<code>impact/2022</code>" in page


@pytest.mark.parametrize("key", KEYS)
def test_the_edition_for_programs_keeps_to_its_schema(
    client: FlaskClient, key: str
) -> None:
    schema = client.get("/criteria/edition.schema.json")
    assert schema.mimetype == "application/schema+json"
    Draft202012Validator.check_schema(schema.json)
    found = client.get(f"/criteria/{key}.json").json
    Draft202012Validator(schema.json).validate(found)
    assert found["$schema"] == schema.json["$id"]
    assert found["key"] == key
    assert found["state"] == ("in_force" if key == "impact/2022" else "draft")


def test_the_digest_can_be_worked_out_from_what_is_published(
    client: FlaskClient,
) -> None:
    """As the schema describes it: by anyone, with a few lines of their own."""
    left_out = {"help", "en", "source", "public", "summary", "intro"}

    def kept(node: Any) -> Any:
        if isinstance(node, dict):
            return {k: kept(v) for k, v in node.items() if k not in left_out}
        return [kept(one) for one in node] if isinstance(node, list) else node

    found = client.get(DATA).json
    text = json.dumps(
        kept(found["content"]),
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=False,
    )
    assert hashlib.sha256(text.encode()).hexdigest() == found["digest"]


def test_any_page_may_fetch_it_and_an_unchanged_one_is_not_sent_twice(
    client: FlaskClient,
) -> None:
    for path in (
        DATA,
        "/criteria/edition.schema.json",
        "/criteria/impact/2022/conformity-scheme.json",
        "/criteria/impact/2022/achievement.json",
    ):
        found = client.get(path)
        assert found.headers["Access-Control-Allow-Origin"] == "*"
        assert "Set-Cookie" not in found.headers
        again = client.get(path, headers={"If-None-Match": found.headers["ETag"]})
        assert again.status_code == 304
        assert again.headers["Access-Control-Allow-Origin"] == "*"


def test_as_a_scheme_every_requirement_is_a_criterion(client: FlaskClient) -> None:
    found = client.get("/criteria/impact/2022/conformity-scheme.json").json
    edition = services().editions["impact/2022"]
    assert found["type"] == ["ConformityScheme"]
    assert found["digestMultibase"] == f"f1220{edition.digest}"
    assert [one["id"].split("#")[1] for one in found["criterion"]] == [
        one.id for one in edition.requirements
    ]
    draft = client.get("/criteria/impact/2026/conformity-scheme.json").json
    assert draft["status"] == "proposed"


def test_as_an_achievement_every_requirement_is_a_result(client: FlaskClient) -> None:
    found = client.get("/criteria/impact/2022/achievement.json").json
    assert found["type"] == ["Achievement"]
    assert found["version"] == "2022"
    for one in found["resultDescription"]:
        assert one["requiredValue"] in one["allowedValue"]
    draft = client.get("/criteria/impact/2026/achievement.json").json
    optional = [r for r in draft["resultDescription"] if "requiredValue" not in r]
    assert len(optional) == 5


def test_what_is_not_there_is_not_found(client: FlaskClient) -> None:
    for path in ("/criteria/impact/1999.json", "/criteria/x/2022.json",
                 "/criteria/impact/x/achievement.json"):  # fmt: skip
        assert client.get(path).status_code == 404


def test_every_parameter_of_an_edition_is_told_in_words(client: FlaskClient) -> None:
    editions = services().editions
    for edition in (*editions.values(), *editions.drafts.values()):
        given = edition.parameters.model_dump(exclude_none=True)
        assert {name for name, _, _ in terms.of(edition)} == set(given)
    page = client.get("/it/criteria/impact/2022...2026").text
    assert "corrective_days" not in page
