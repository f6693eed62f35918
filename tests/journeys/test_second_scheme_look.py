"""Pages of a registry with two marks in a real browser, at a desk and on a phone."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask

from registry.accounts.models import Role, User
from registry.clock import FixedClock
from registry.criteria.reader import Editions
from registry.organisations import operations as organisations
from registry.organisations.models import Capacity
from tests import factories
from tests.browser.chromium import complaints, listen, page_of, served
from tests.second_scheme import OTHER, issued, published, two_marks
from tests.verification.registers import NOW, written

pytestmark = pytest.mark.browser


@pytest.fixture(scope="session")
def editions(tmp_path_factory: pytest.TempPathFactory) -> Editions:
    return published(tmp_path_factory.mktemp("two"))


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(datetime(2027, 3, 2, 9, tzinfo=UTC))


@pytest.fixture
def site(app: Flask, typefaces: Any) -> Iterator[str]:
    with served(app) as site:
        yield site


def test_public_pages_about_two_marks_have_no_fault(
    app: Flask, db: Any, site: str
) -> None:
    both, other = two_marks().holder, written([[issued(NOW)]], [OTHER])
    db.session.commit()
    paths = [
        f"/it/verify?q={both.vat}",
        f"/it/verify?q={other.holder.vat}",
        f"/it/register/{both.id}",
        "/it/register?q=prova",
        f"/it/statistics?scheme={OTHER}",
        "/it/criteria/impresa-solidale/2026",
        "/it/",
    ]
    with page_of() as page:
        said = listen(page)
        for path in paths:
            page.goto(site + path)
            assert (path, complaints(page)) == (path, [])
        assert said == []


def test_pages_of_a_company_that_applies_have_no_fault(
    app: Flask, db: Any, site: str, sign_in: Callable[[User], Any]
) -> None:
    person, secretary = (
        factories.person(Role.COMPANY),
        factories.person(Role.SECRETARIAT),
    )
    at = factories.LONG_AGO
    sure = factories.company(person, name="Officine Brembane S.r.l.")
    new = organisations.add(
        kind=sure.kind, name="Nuova Tessitura S.p.A.", vat=factories.vat(),
        province="BG", town="Zogno", by=secretary, at=at,
    )  # fmt: skip
    organisations.appoint(new, person, Capacity.DELEGATE, by=secretary, at=at)
    client = sign_in(person)
    cookie = client.get_cookie(app.config["SESSION_COOKIE_NAME"])
    db.session.commit()
    with page_of() as page:
        said = listen(page)
        name = app.config["SESSION_COOKIE_NAME"]
        page.context.add_cookies([{"name": name, "value": cookie.value, "url": site}])
        for path in ("/desk", "/applications/new", "/suppliers", "/certificates"):
            page.goto(site + path)
            assert (path, complaints(page)) == (path, [])
        page.goto(f"{site}/applications/new")
        page.get_by_role("button", name="Chiedere alla segreteria").click()
        assert complaints(page) == []
        page.goto(f"{site}/applications/new")
        page.get_by_role("button", name="Comincia la domanda").click()
        assert complaints(page) == []
        for section in ("company", "inclusion", "support"):
            page.goto(f"{page.url.split('/sections')[0]}/sections/{section}")
            assert (section, complaints(page)) == (section, [])
        assert said == []
