"""Finding holders: by name, by number, by filters, page after page."""

import re
from datetime import UTC, date, datetime
from html import unescape
from typing import Any

import pytest
from flask.testing import FlaskClient

from registry.accounts.models import Role
from registry.clock import FixedClock
from registry.decisions.models import Outcome
from registry.organisations import operations as organisations
from registry.organisations.models import Listing, OrganisationKind, Sector
from registry.public import found
from tests import factories
from tests.factories import LONG_AGO, person
from tests.public.stories import certified, in_update, superseded, suspended, withdrawn

NAMES = re.compile(r"<h2><a [^>]*><bdi>(.*?)</bdi>")


def names(client: FlaskClient, query: str = "") -> list[str]:
    page = client.get(f"/it/register{query}")
    assert page.status_code == 200
    return [unescape(name) for name in NAMES.findall(page.text)]


def listed(name: str, **changes: Any) -> Listing:
    facts = {
        "scheme": "impact",
        "town": "Dalmine",
        "province": "BG",
        "kind": "sociale B",
        "source": "Un giornale, 2024",
        "periods": {"2023": True, "2024-08": False},
        "listed_on": date(2026, 1, 10),
        **changes,
    }
    by = person(Role.SECRETARIAT)
    return organisations.list_published(name=name, **facts, by=by, at=LONG_AGO)


def test_an_empty_register_explains_itself(client: FlaskClient) -> None:
    assert "Ancora nessun certificato" in client.get("/it/register").text


def test_names_are_found_whatever_accents_case_and_beginning(
    client: FlaskClient,
) -> None:
    certified("Làvoro e Società Cooperativa Sociale")
    assert names(client, "?q=LAVORO") == ["Làvoro e Società Cooperativa Sociale"]
    assert names(client, "?q=soc lav") == ["Làvoro e Società Cooperativa Sociale"]
    assert names(client, "?q=avoro") == []


def test_every_number_of_a_holder_finds_it(client: FlaskClient) -> None:
    made = certified("Il Ginepro Cooperativa Sociale")
    holder = made.organisation
    for typed in (holder.vat, f"IT {holder.vat}", holder.albo, made.number.lower()):
        assert names(client, f"?q={typed}") == ["Il Ginepro Cooperativa Sociale"]


def test_a_wrong_check_digit_says_which_number_and_why(client: FlaskClient) -> None:
    page = client.get("/it/register?q=01234567890")
    assert page.status_code == 200
    assert "La partita IVA 01234567890 ha una cifra di controllo sbagliata" in page.text


def test_filters_say_province_kind_sector_and_standing(client: FlaskClient) -> None:
    one = certified("Alfa", province="MI", kind=OrganisationKind.SOCIAL_AB)
    organisations.describe(
        one.organisation,
        sectors=[Sector.GREEN],
        by=person(Role.SECRETARIAT),
        at=LONG_AGO,
    )
    suspended("Beta")
    withdrawn("Gamma")
    assert names(client, "?province=MI") == ["Alfa"]
    assert names(client, "?kind=social_ab") == ["Alfa"]
    assert names(client, "?sector=green") == ["Alfa"]
    assert names(client, "?status=suspended") == ["Beta"]
    assert names(client, "?status=withdrawn&province=BG") == ["Gamma"]
    assert names(client, "?status=valid&sector=green&q=alfa") == ["Alfa"]
    assert names(client, "?status=nonsense&province=XX") == ["Alfa", "Beta", "Gamma"]


def test_a_filter_can_be_taken_away_alone(client: FlaskClient) -> None:
    page = client.get("/it/register?q=alfa&province=MI").text
    assert 'href="/it/register?q=alfa"' in page
    assert 'href="/it/register?province=MI"' in page
    assert 'href="/it/register"' in page


def test_the_passing_of_time_moves_a_holder_between_filters(
    client: FlaskClient, clock: FixedClock
) -> None:
    in_update("Delta")
    clock.at = datetime(2027, 3, 2, 9, tzinfo=UTC)
    assert names(client, "?status=valid") == ["Delta"]
    clock.tick(days=1)
    assert names(client, "?status=valid") == []
    assert names(client, "?status=in_update") == ["Delta"]


def test_a_holder_stands_once_with_its_newest_certificate(client: FlaskClient) -> None:
    first, newer = superseded("Epsilon")
    assert names(client) == ["Epsilon"]
    assert names(client, f"?q={first.number}") == ["Epsilon"]
    assert names(client, "?status=valid") == ["Epsilon"]
    assert first.number != newer.number


def test_an_application_under_way_or_refused_is_nobody(client: FlaskClient) -> None:

    under_way = factories.submitted(factories.organisation(name="In Corso"))
    refused = factories.organisation(name="Respinta")
    factories.decided(refused, outcome=Outcome.REFUSED)
    never = factories.organisation(name="Mai Venuta")
    answers = set()
    for organisation in (under_way.organisation, refused, never):
        assert client.get(f"/it/register/{organisation.id}").status_code == 404
        page = client.get(f"/it/verify?q={organisation.vat}").text
        answers.add(page.replace(str(organisation.vat), "NUMBER"))
        assert names(client, f"?q={organisation.vat}") == []
    assert len(answers) == 1
    assert names(client) == []


def test_published_names_come_after_holders_and_say_they_are_not_ours(
    client: FlaskClient,
) -> None:
    entry = listed("Aurora")
    certified("Zefiro")
    assert names(client) == ["Zefiro", "Aurora"]
    assert names(client, "?status=listed") == ["Aurora"]
    assert names(client, "?q=aur") == ["Aurora"]
    page = client.get(f"/it/register/listed/{entry.id}").text
    assert "Non certificata da questo registro" in page
    assert "Un giornale, 2024" in page
    assert "agosto 2024" in page


def test_a_published_name_that_we_certified_leads_to_its_holder(
    client: FlaskClient,
) -> None:
    made = certified("Aurora Cooperativa")
    entry = listed("Aurora", organisation=made.organisation)
    assert names(client) == ["Aurora Cooperativa"]
    page = client.get(f"/it/register/listed/{entry.id}").text
    assert f"/it/register/{made.organisation_id}" in page


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three rows a page, and few enough counted that long ways are taken too."""
    monkeypatch.setattr(found, "SIZE", 3)
    monkeypatch.setattr(found, "COUNTED", 4)


@pytest.mark.usefixtures("small_pages")
@pytest.mark.parametrize("query", ["", "q=coop", "province=BG", "status=valid"])
def test_pages_follow_each_other_and_lead_back(client: FlaskClient, query: str) -> None:
    for letter in "BDACE":
        certified(f"Coop {letter}")
    if query != "status=valid":
        for letter in "GF":
            listed(f"Coop {letter}")
    everyone = [f"Coop {x}" for x in ("ABCDE" if "status" in query else "ABCDEFG")]
    seen, pages, address = [], [], f"/it/register?{query}"
    while address:
        page = client.get(address).text
        pages.append(NAMES.findall(page))
        seen += pages[-1]
        address, last = _link(page, "next"), page
    assert seen == everyone
    back = []
    while address := _link(last, "prev"):
        last = client.get(address).text
        back.append(NAMES.findall(last))
    assert back == pages[-2::-1]


def _link(page: str, rel: str) -> str:
    found = re.search(rf'rel="{rel}" href="([^"]+)"', page)
    return unescape(found[1]) if found else ""
