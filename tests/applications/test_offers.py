"""Which marks an organisation may ask for, and who has to be known first."""

from datetime import date
from typing import Any

import pytest

from registry.accounts.models import Role
from registry.applications import operations
from registry.applications.offers import NotOffered, offered, offers, preparing
from registry.applications.operations import NobodyAnswers
from registry.criteria.reader import Editions
from registry.organisations import operations as organisations
from registry.organisations.models import Capacity, Organisation, OrganisationKind
from registry.organisations.operations import AlreadyAnsweredFor, NotYourOrganisation
from registry.organisations.queries import to_confirm
from tests import factories
from tests.factories import LONG_AGO, editions, person
from tests.second_scheme import published

BEFORE, IN_FORCE = date(2026, 12, 15), date(2027, 3, 2)


@pytest.fixture(scope="session")
def two(tmp_path_factory: pytest.TempPathFactory) -> Editions:
    return published(tmp_path_factory.mktemp("two"))


def signed_up() -> Organisation:
    """A company whose buyer opened an account: nobody answers for it."""
    secretary, buyer = person(Role.SECRETARIAT), person(Role.COMPANY)
    made = organisations.add(
        kind=OrganisationKind.COMPANY, name="Tessitura S.p.A.", vat=factories.vat(),
        province="BG", town="Zogno", by=secretary, at=LONG_AGO,
    )  # fmt: skip
    organisations.appoint(made, buyer, Capacity.DELEGATE, by=secretary, at=LONG_AGO)
    return made


def test_each_kind_sees_only_the_marks_that_admit_it(app: Any, two: Editions) -> None:
    company, cooperative = signed_up(), factories.organisation()
    found = {
        (one.edition.scheme, one.opens_on): list(one.organisations)
        for one in offers([company, cooperative], two, BEFORE)
    }
    later = date(2027, 1, 1)
    assert found == {
        ("impact", None): [cooperative],
        ("impresa-solidale", later): [company],
    }
    known = offers([company, cooperative], two, IN_FORCE)
    assert [one.opens_on for one in known] == [None, None]
    assert offered(known, str(company.id), "")[1].scheme == "impresa-solidale"
    with pytest.raises(NotOffered):
        offered(known, str(company.id), "impact")
    with pytest.raises(NotOffered):
        offered(offers([company], two, BEFORE), str(company.id), "")


def test_a_draft_alone_is_shown_and_cannot_be_asked_for(app: Any, sign_in: Any) -> None:
    company = signed_up()
    assert offers([company], editions(), IN_FORCE) == []
    assert [one.key for one in preparing([company], editions())] == [
        "impresa-solidale/2026"
    ]
    browser = sign_in(factories.representative(company))
    page = browser.get("/applications/new").get_data(as_text=True)
    assert "Per ora non si può chiedere alcun marchio" in page
    assert "/it/criteria/impresa-solidale/2026" in page
    answer = browser.post("/applications/new", data={"organisation": company.id})
    assert answer.status_code == 404


def test_an_application_begins_once_somebody_answers_for_the_company(
    app: Any, two: Editions
) -> None:
    company, secretary = signed_up(), person(Role.SECRETARIAT)
    buyer = factories.representative(company)
    edition = two["impresa-solidale/2026"]
    with pytest.raises(NobodyAnswers):
        operations.start(company, edition, two, by=buyer, at=LONG_AGO)
    with pytest.raises(NotYourOrganisation):
        organisations.ask_confirmation(company, by=person(), at=LONG_AGO)
    for _ in range(2):  # the second time changes nothing
        organisations.ask_confirmation(company, by=buyer, at=LONG_AGO)
    assert list(to_confirm()) == [company]
    organisations.appoint(
        company, buyer, Capacity.LEGAL_REPRESENTATIVE, by=secretary, at=LONG_AGO
    )
    assert list(to_confirm()) == []
    with pytest.raises(AlreadyAnsweredFor):
        organisations.ask_confirmation(company, by=buyer, at=LONG_AGO)
    operations.start(company, edition, two, by=buyer, at=LONG_AGO)
