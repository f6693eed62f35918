"""Whatever is sent to the service, it answers, and as its description says."""

import contextvars
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from registry.accounts.models import Role
from registry.clock import FixedClock
from registry.db import db
from registry.keys import operations as keys
from registry.keys.models import Scope
from tests import factories
from tests.public.stories import certified, superseded, suspended, withdrawn

CHECKS: list[Any] = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
#: Cases of each address and method, of what fits the description and what does not.
CASES = 20
TRIED = settings(
    max_examples=CASES,
    suppress_health_check=list(HealthCheck),
    derandomize=True,
    database=None,
)


@dataclass
class Served:
    """The service with something in it, and what is right in its addresses."""

    schema: Any
    secret: str
    words: dict[str, list[Any]]


@pytest.fixture
def served(app: Flask, clock: FixedClock) -> Served:
    before, newer = superseded("Il Ginepro Cooperativa Sociale")
    papers = [before, newer, suspended(), withdrawn(), certified()]
    buyer = factories.person(Role.COMPANY)
    company = factories.company(buyer)
    scopes = [scope.value for scope in Scope]
    _, secret = keys.create(company, "Fuzz", scopes, by=buyer, at=clock.now())
    db.session.commit()
    clock.tick(days=90)
    words: dict[str, list[Any]] = {
        "id_": [one.organisation_id for one in papers],
        "certificate": [one.number for one in papers],
        "vat": [one.organisation.vat for one in papers],
        "scheme": ["impact"],
        "edition": ["2022", "impact/2022"],
        "old": ["2022"],
        "new": ["2022"],
        "on": ["2026-04-01"],
        "known_at": ["2026-04-01T10:00:00Z"],
        "since": ["0", "2026-04-01T10:00:00Z"],
        "limit": ["1", "100"],
    }
    return Served(_read(app), secret, words)


def _read(app: Flask) -> Any:
    return schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)


def test_whatever_is_sent_the_answer_is_as_described(
    app: Flask, served: Served
) -> None:
    broken: list[str] = []
    operations = [found.ok() for found in served.schema.get_all_operations()]
    for operation in operations:
        try:
            _try(operation, served)
        except FailureGroup as failures:
            broken += [f"{operation.label}: {one}" for one in failures.exceptions]
    assert len(operations) >= 20
    assert not broken, "\n\n".join(broken)


def _try(operation: Any, served: Served) -> None:
    right = operation.as_strategy(generation_mode=GenerationMode.POSITIVE)
    wrong = operation.as_strategy(generation_mode=GenerationMode.NEGATIVE)

    @TRIED
    @given(right | wrong | right.flatmap(_with(served.words)), st.booleans())
    def answers(case: Case, keyed: bool) -> None:
        headers = {"Authorization": f"Bearer {served.secret}"} if keyed else {}
        # Every request has a context of its own, as it has on a server.
        response = contextvars.copy_context().run(case.call, headers=headers)
        db.session.rollback()
        case.validate_response(response, checks=CHECKS)

    answers()


def _with(words: dict[str, list[Any]]) -> Callable[[Case], Any]:
    """Cases with something real in some of their places."""

    def chosen(case: Case) -> Any:
        places = [*(case.path_parameters or {}), *(case.query or {})]
        known = {name: st.sampled_from(words[name]) for name in places if name in words}
        return st.fixed_dictionaries(known).map(lambda real: _filled(case, real))

    return chosen


def _filled(case: Case, real: dict[str, Any]) -> Case:
    for part in (case.path_parameters, case.query):
        for name in part or {}:
            part[name] = real.get(name, part[name])
    return case
