"""The pages of auditor and committee, on a telephone and on a desk, in a browser."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page

from registry.accounts.models import Role, User
from registry.audits import operations as audits
from registry.audits.models import Severity
from registry.criteria.evaluation import Verdict
from registry.decisions.models import Outcome
from tests import factories
from tests.browser.chromium import complaints, listen, page_of, served

pytestmark = pytest.mark.browser


@pytest.fixture
def address(app: Flask, typefaces: Any) -> Iterator[str]:
    with served(app) as site:
        yield site


@pytest.fixture
def page() -> Iterator[Page]:
    with page_of() as page:
        yield page


@pytest.fixture
def look(
    app: Flask, address: str, page: Page, sign_in: Callable[[User], Any]
) -> Callable[..., None]:
    """Open pages as somebody; fails on what axe finds, on overflow, on the policy."""
    said = listen(page)

    def open_as(user: User, *paths: str) -> None:
        client = sign_in(user)
        name = app.config["SESSION_COOKIE_NAME"]
        cookie = client.get_cookie(name)
        assert cookie is not None
        page.context.add_cookies(
            [{"name": name, "value": cookie.value, "url": address}]
        )
        for path in paths:
            answer = page.goto(address + path)
            assert answer is not None
            assert answer.status == 200, path
            page.evaluate(
                "document.querySelectorAll('details').forEach(d => d.open = true)"
            )
            assert (path, complaints(page)) == (path, [])
            assert said == []

    return open_as


def test_the_pages_of_secretariat_and_auditor(look: Callable[..., None]) -> None:
    at = factories.LONG_AGO
    waiting = factories.accepted()
    fresh = audits.assign(
        factories.accepted(),
        factories.person(Role.AUDITOR),
        by=factories.person(Role.SECRETARIAT),
        at=at,
    )
    audit = factories.in_evaluation(auditor=fresh.auditor)
    by = audit.auditor
    audits.verify(audit, "workers_total", 41, "Come da LUL.", by=by, at=at)
    first, second, *_ = audit.application.attached
    audits.review(audit, first, accepted=True, by=by, at=at)
    audits.review(audit, second, accepted=False, reason="Illeggibile.", by=by, at=at)
    here = f"/audits/{audit.id}"
    look(
        factories.person(Role.SECRETARIAT),
        "/audits/assign",
        f"/audits/assign/{waiting.id}",
        f"/audits/assign/{audit.application_id}",
    )
    look(
        by,
        "/audits",
        f"/audits/{fresh.id}/declaration",
        here,
        f"{here}/recusal",
        f"{here}/completion",
        f"{here}/report",
        f"{here}/evidence/{second.id}/refuse",
        f"{here}/criteria/contract",
        f"{here}/criteria/assembly/values",
    )


def test_the_pages_of_the_committee_and_the_outcome(look: Callable[..., None]) -> None:
    at = factories.LONG_AGO + timedelta(days=3)
    factories.evaluated()
    audit = factories.in_evaluation()
    by, rules = audit.auditor, factories.edition()
    audits.verify(audit, "workers_total", 41, "Come da LUL.", by=by, at=at)
    audits.confirm(audit, audit.application.values, by=by, at=at)
    for piece in audit.application.attached:
        audits.review(audit, piece, accepted=True, by=by, at=at)
    for one in rules.requirements:
        audits.judge(audit, rules, one.id, Verdict.MET, finding="Visto.", by=by, at=at)
    audits.judge(
        audit,
        rules,
        "training",
        Verdict.MET,
        severity=Severity.MINOR,
        finding="Il piano formativo va scritto.",
        by=by,
        at=at,
    )
    audits.report(audit, rules, "Un rilievo minore.", by=by, at=at)
    here = f"/decisions/{audit.application_id}"
    member = factories.person(Role.COMMITTEE)
    look(member, "/decisions", here, f"{here}/send-back")
    factories.decide(
        audit, Outcome.GRANTED_WITH_CONDITIONS, "Piano formativo entro giugno.", at=at
    )
    look(member, "/decisions", f"{here}/decision")
    look(factories.representative(audit.application.organisation), f"{here}/outcome")
