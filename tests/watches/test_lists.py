"""A list that was checked can be watched whole, those it found by name included."""

import pytest

from registry.watches import queries
from tests import factories
from tests.suppliers import companies


@pytest.fixture
def company(app):
    return companies.company()


@pytest.fixture
def browser(company, sign_in):
    return sign_in(companies.buyer(company))


def test_everybody_in_a_checked_list_is_watched_at_once(
    browser, company, secrecy, clock
):
    by_number = factories.certified(factories.organisation()).organisation
    by_name = factories.certified(factories.organisation(name="La Ghianda Cooperativa"))
    rows = [
        ["Fornitore", "Partita IVA"],
        ["Uno", by_number.vat],
        ["Mai certificata", "07945211006"],
        ["La Ghianda Cooperativa", ""],
        ["Nessuno", ""],
    ]
    found = companies.hand_in(company, companies.csv(rows))
    companies.check(found)
    while found.state.value == "confirming":
        from registry.suppliers import operations

        operations.go_without(found, by=companies.buyer(company), at=clock.now())
        companies.check(found)
    page = browser.get(f"/watches/{company.id}").text
    assert "Fornitori 2026.csv" in page
    assert browser.post(f"/watches/lists/{found.id}").status_code == 302
    names = {
        one.name for one in queries.suppliers(company, secrecy, clock.now().date())
    }
    assert names == {by_number.name, by_name.organisation.name}
    assert queries.size(company) == 3


def test_the_list_of_another_company_does_not_exist(browser, company):
    other = companies.company("Altra S.p.A.")
    rows = [["Partita IVA"], ["07945211006"]]
    found = companies.hand_in(other, companies.csv(rows))
    companies.check(found)
    answer = browser.post(f"/watches/lists/{found.id}")
    assert answer.status_code == 404
    assert queries.size(company) == 0
