"""Pages about whoever has, or had, the marks of two schemes."""

import re
from typing import Any

import pytest
from flask.testing import FlaskClient

from registry.criteria.reader import Editions
from registry.public import found
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


def page(client: FlaskClient, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return " ".join(re.sub(r"<[^>]*>", " ", answer.get_data(as_text=True)).split())


def test_a_number_is_answered_for_each_mark(client: FlaskClient, holder: Past) -> None:
    said = page(client, f"/it/verify?q={holder.holder.vat}")
    revoked = "Revocato Impact 2022 Questo certificato è stato revocato."
    valid = "Valido Impresa solidale 2022 Questo certificato è valido."
    assert said.index(revoked) < said.index(valid)
    for (made, _), words in zip(holder.papers, (revoked, valid), strict=True):
        alone = page(client, f"/it/verify?q={made.number}")
        assert [one for one in (revoked, valid) if one in alone] == [words]


def test_who_has_only_the_other_mark_is_said_to_have_none_of_the_main_one(
    client: FlaskClient, db: Any, app: Any
) -> None:
    made = written([[issued(LONG_AGO)]], [OTHER])
    db.session.commit()
    said = page(client, f"/it/verify?q={made.holder.vat}")
    none = "Mai certificata Impact Nessun certificato di questo marchio."
    assert said.index(none) < said.index("Valido Impresa solidale 2022")
    assert "No certificate of this mark." in page(
        client, f"/en/verify?q={made.holder.vat}"
    )


def test_the_page_of_a_holder_tells_each_mark_by_its_name(
    client: FlaskClient, holder: Past
) -> None:
    answer = client.get(f"/it/register/{holder.holder.id}")
    said = page(client, f"/it/register/{holder.holder.id}")
    assert said.index("Revocato Impact 2022") < said.index("Valido Impresa solidale")
    assert all(said.count(made.number) >= 2 for made, _ in holder.papers)
    assert answer.get_data(as_text=True).count('"@type": "Certification"') == 2


def test_the_register_lists_each_mark_and_filters_by_it(
    client: FlaskClient, holder: Past
) -> None:
    both = page(client, "/it/register?q=prova")
    assert both.index("Impact 2022 Revocato") < both.index(
        "Impresa solidale 2022 Valido"
    )
    only = page(client, "/it/register?q=prova&scheme=impact")
    assert "Impact 2022 Revocato" in only
    assert "Impresa solidale 2022 Valido" not in only
    assert "Impresa solidale 2022 Valido" in page(
        client, f"/it/register?scheme={OTHER}&status=valid"
    )
    assert "Impact 2022" not in page(client, "/it/register?q=prova&status=valid")


def test_no_mark_is_lost_between_two_pages(
    client: FlaskClient, db: Any, app: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    story = [issued(LONG_AGO)]
    for _ in range(4):
        written([story, story], ["impact", OTHER])
    db.session.commit()
    monkeypatch.setattr(found, "SIZE", 3)
    address, pages = "/it/register", []
    while address and len(pages) < 9:
        pages.append(listed(client, address))
        address = onward(client, address, "after")
    seen = [row for page in pages for row in page]
    assert [len(page) for page in pages] == [3, 3, 2]
    assert len(set(seen)) == len(seen)
    last = "/it/register?after=prova+5~h3.6"
    assert listed(client, onward(client, last, "before")) == pages[1]


def listed(client: FlaskClient, address: str) -> list[tuple[str, str]]:
    """The names and editions on a page of the register."""
    shown = client.get(address).get_data(as_text=True)
    return re.findall(r"<bdi>(Prova \d+)</bdi>.*?<span>(Imp[^<]*2022)</span>", shown)


def onward(client: FlaskClient, address: str, where: str) -> str:
    """The address that a page leads to; nothing at the end."""
    shown = client.get(address).get_data(as_text=True)
    links = re.findall(rf'href="(/it/register\?{where}=[^"]*)"', shown)
    other = [one.replace("&amp;", "&") for one in links]
    return next((one for one in reversed(other) if one != address), "")


def test_statistics_are_of_one_mark_at_a_time(
    client: FlaskClient, holder: Past
) -> None:
    impact = page(client, "/it/statistics")
    other = page(client, f"/it/statistics?scheme={OTHER}")
    good = "titolari con certificato valido o in aggiornamento"
    assert f"{good} 0" in impact
    assert f"{good} 1" in other
    home = page(client, "/it/")
    assert "Impresa solidale 2022" in home
