"""The description is valid, and every answer is as described."""

import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from tests.public.stories import certified, superseded, suspended


@pytest.fixture
def document(client: FlaskClient) -> dict[str, Any]:
    answer = client.get("/api/v1/openapi.json")
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json
    return found


def test_the_description_is_openapi_3_1(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1")
    OpenAPIV31SpecValidator(document).validate()


def test_nothing_may_be_said_that_is_not_described(document: dict[str, Any]) -> None:
    loose = [
        name
        for name, schema in document["components"]["schemas"].items()
        if "properties" in schema and schema.get("additionalProperties") is not False
    ]
    assert loose == []
    assert '"null"' not in str(document["components"])


def test_every_view_of_the_service_is_described(
    app: Flask, document: dict[str, Any]
) -> None:
    undescribed = {"/api/v1/openapi.json"}
    rules = app.url_map.iter_rules()
    views = {re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule) for rule in rules}
    served = {view for view in views if view.startswith(("/api/", "/id/"))}
    assert set(document["paths"]) == served - undescribed
    parameters = document["paths"]["/api/v1/verify"]["get"]["parameters"]
    names = {one["name"] for one in parameters}
    identifiers = {"vat", "tax_code", "albo", "rea", "certificate"}
    assert names == {*identifiers, "on", "known_at", "scheme"}


def test_every_answer_is_as_described(
    client: FlaskClient, document: dict[str, Any]
) -> None:
    numbers = [certified().number, suspended().number, superseded()[0].number]
    queries = [f"certificate={number}" for number in numbers]
    queries += ["vat=90000010166", "vat=01234567890", "", "albo=A1&on=x"]
    described = document["paths"]["/api/v1/verify"]["get"]["responses"]
    for query in queries:
        answer = client.get(f"/api/v1/verify?{query}")
        content = described[str(answer.status_code)]["content"]
        schema = content[answer.mimetype]["schema"]
        Draft202012Validator({**schema, **_definitions(document)}).validate(answer.json)


def _definitions(document: dict[str, Any]) -> dict[str, Any]:
    return {"components": document["components"]}
