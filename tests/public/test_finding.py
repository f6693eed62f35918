"""Finding what was mistyped, renamed, cut short; filters, and the map beside them."""

import re
from html import unescape
from typing import Any

import pytest
from flask.testing import FlaskClient

from registry.accounts.models import Role
from registry.certificates.models import Certificate
from registry.db import db
from registry.organisations import operations as organisations
from registry.public.asked import Kind, read
from registry.public.map import bounds_of, legend, outlines, shaded
from registry.search import spellings
from tests.factories import LONG_AGO, person
from tests.public.stories import certified, in_update, suspended
from tests.public.test_register import listed, names

OFFERED = re.compile(r"<strong>([^<]+)</strong></a> <span class=\"muted\">\((\d+)\)")
ON_THE_MAP = re.compile(
    r'<a href="([^"]+)"[^>]*><title>([^:<]+): (\d+)</title><path class="shade-(\d)"'
)


def offered(client: FlaskClient, query: str) -> list[tuple[str, str]]:
    page = client.get(f"/it/register{query}").text
    assert "Forse cercava:" in page or not OFFERED.findall(page)
    return OFFERED.findall(page)


def described(made: Certificate, **changes: Any) -> Certificate:
    by = person(Role.SECRETARIAT)
    organisations.describe(made.organisation, **changes, by=by, at=LONG_AGO)
    return made


def renamed(made: Certificate, name: str) -> None:
    by = person(Role.SECRETARIAT)
    organisations.change(made.organisation, {"name": name}, by=by, at=LONG_AGO)
    db.session.commit()


@pytest.mark.parametrize(
    "typed",
    ["ginerpo", "gineprro", "ginpro", "gineprò", "zinepro", "il ginerpo", "gine pro"],
)
def test_a_slip_of_the_fingers_still_finds(client: FlaskClient, typed: str) -> None:
    certified("Il Ginepro Cooperativa Sociale")
    meant = offered(client, f"?q={typed}")
    if typed == "gineprò":
        assert names(client, f"?q={typed}") == ["Il Ginepro Cooperativa Sociale"]
    else:
        assert [total for _, total in meant] == ["1"]
        assert "ginepro" in meant[0][0]
        found = names(client, f"?q={meant[0][0]}")
        assert found == ["Il Ginepro Cooperativa Sociale"]


def test_nothing_is_offered_that_the_public_does_not_find(client: FlaskClient) -> None:
    from tests import factories

    factories.organisation(name="Segretissima Cooperativa")
    db.session.commit()
    assert offered(client, "?q=segretisima") == []
    listed("Pubblicata")
    assert offered(client, "?q=publicata") == [("pubblicata", "1")]


def test_a_former_name_finds_and_is_told(client: FlaskClient) -> None:
    made = certified("Il Ginepro Cooperativa Sociale")
    renamed(made, "La Quercia Cooperativa Sociale")
    assert names(client, "?q=ginepro") == ["La Quercia Cooperativa Sociale"]
    page = client.get("/it/register?q=ginepro").text
    assert "già <bdi>Il Ginepro Cooperativa Sociale</bdi>" in page
    assert "già" not in client.get("/it/register?q=quercia").text
    assert offered(client, "?q=querca") == [("quercia", "1")]


def test_a_short_code_and_the_rea_are_numbers_too(client: FlaskClient) -> None:
    made = certified("Alfa", rea="BG-250195")
    year, serial = made.number.split("-")[1:3]
    for typed in (f"{year}-{int(serial)}", f"imp {year}/{serial}", "BG 250195"):
        assert names(client, f"?q={typed}") == ["Alfa"]
    assert read("2026-123").value == "IMP-2026-000123-38"
    assert read("2026/123").kind is Kind.CERTIFICATE
    assert read("bg-250195").kind is Kind.REA


def test_activity_mark_and_edition_are_filters(client: FlaskClient) -> None:
    described(certified("Alfa"), ateco=["81.21.00"], sectors=[])
    described(certified("Beta"), ateco=["10.71.10"], sectors=[])
    assert names(client, "?ateco=81") == ["Alfa"]
    assert names(client, "?ateco=C") == ["Beta"]
    assert names(client, "?ateco=O&q=a") == ["Alfa"]
    assert names(client, "?scheme=impact&edition=impact/2022") == ["Alfa", "Beta"]
    assert names(client, "?edition=impact/1999") == ["Alfa", "Beta"]


def test_valid_and_in_update_are_in_force_together(
    client: FlaskClient, clock: Any
) -> None:
    in_update("Alfa")
    certified("Beta")
    suspended("Gamma")
    assert names(client, "?status=in_force") == ["Alfa", "Beta"]


def test_an_address_keeps_no_choice_nobody_made(client: FlaskClient) -> None:
    answer = client.get("/it/register?q=alfa&province=&kind=&status=valid")
    assert answer.status_code == 302
    assert answer.location == "/it/register?q=alfa&status=valid"


def test_the_map_counts_what_the_list_shows(client: FlaskClient) -> None:
    certified("Alfa", province="MI")
    suspended("Beta", province="MI")
    certified("Gamma", province="OT")
    listed("Delta", province="BG")
    for query in ("", "?status=in_force", "?kind=social_b", "?q=alfa"):
        page = client.get(f"/it/register{query}").text
        drawn = ON_THE_MAP.findall(page)
        assert len(drawn) == 110
        for address, name, number, shade in drawn:
            assert (number == "0") == (shade == "0")
            if number != "0" or name == "Bergamo":
                there = unescape(address).removeprefix("/it/register")
                assert len(names(client, there)) == int(number)
    assert "nascosta" not in page


def test_an_ended_province_is_counted_beside_the_map(client: FlaskClient) -> None:
    certified("Alfa", province="SU")
    page = client.get("/it/register").text
    assert len(ON_THE_MAP.findall(page)) == 110
    assert 'Sud Sardegna</a></th><td>Sardegna</td><td class="end">1</td>' in page


def test_shades_hold_about_as_many_provinces_each() -> None:
    numbers = {sigla: n for n, sigla in enumerate(outlines().paths)}
    shades = [one.shade for one in shaded(numbers)]
    assert [shades.count(shade) for shade in range(5)] == [1, 28, 27, 27, 27]
    assert bounds_of({}) == []
    assert bounds_of({"MI": 4}) == []
    assert legend({"MI": 4, "BG": 1}) == [(1, 1, 1), (2, 2, 4)]


def test_what_filters_hide_is_told(client: FlaskClient) -> None:
    certified("Alfa", province="MI")
    page = client.get("/it/register?q=alfa&province=BG").text
    assert "1 corrisponde senza i filtri" in page


def test_words_one_slip_apart_share_a_spelling() -> None:
    for typed in ("gineprro", "ginpro", "ginerpo", "zinepro"):
        assert set(spellings(typed)) & set(spellings("ginepro"))
