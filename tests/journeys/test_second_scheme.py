"""A company asks for a mark of its own, in a registry that runs two schemes."""

import io
import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from PIL import Image

from registry.accounts.models import Role
from registry.certificates.layouts import look
from registry.clock import FixedClock, add_months
from registry.criteria.reader import Editions
from tests.accounts.people import PASSWORD
from tests.journeys import story
from tests.journeys.test_certification import words_of
from tests.journeys.town import Town, Visitor
from tests.journeys.window import PlainWindow
from tests.second_scheme import SECOND, published
from tests.throwaway import Letterbox

NAME = "Officine Brembane S.r.l."
VAT = "90012340163"
SECTIONS = ("company", "inclusion", "support")
BUYER = "paola@officine.example"
DAY = timedelta(days=1)


@pytest.fixture(scope="session")
def editions(tmp_path_factory: pytest.TempPathFactory) -> Editions:
    return published(tmp_path_factory.mktemp("two"))


@pytest.fixture
def clock() -> FixedClock:
    """Its first edition is in force: Tuesday 2 March 2027."""
    return FixedClock(datetime(2027, 3, 2, 9, tzinfo=UTC))


@pytest.fixture
def town(
    app: Flask, clock: FixedClock, postman: Letterbox, editions: Any, typefaces: Any
) -> Town:
    app.config["WTF_CSRF_ENABLED"] = True
    return Town(app, clock, postman, editions[SECOND], lambda: PlainWindow(app))


def test_a_company_from_its_account_to_a_renewed_certificate(
    town: Town, seal: Any
) -> None:
    secretariat = town.somebody(Role.SECRETARIAT, name="Sara Segretaria")
    company = signed_up(town)
    company.open("/desk")
    company.sees("Marchi che si possono chiedere", "Impresa Solidale")
    confirmed(company, secretariat)
    here = story.begin(company)
    fill(company, here)
    company.open(here)
    company.does_not_see("cooperativa ")
    story.send(company, here)
    letter = town.latest(company.email, "Domanda ricevuta")
    assert "per la certificazione Impresa solidale" in letter
    auditor = town.somebody(Role.AUDITOR, name="Ada Auditor")
    committee = town.somebody(Role.COMMITTEE, name="Carlo Comitato")
    certify(secretariat, auditor, committee, here)
    number = newest(company)
    letter = town.latest(company.email, "è stato emesso")
    assert f"dell’impresa {NAME}" in letter
    the_paper_is_its_own(company, number, seal)
    everybody_is_told_of_this_mark(town, number)
    renewed(town, company, (secretariat, auditor, committee), number)


def signed_up(town: Town) -> Visitor:
    """A buyer opens an account by itself, to check suppliers."""
    company = town.invited(BUYER)
    window = company.window
    window.open("/it/companies")
    window.fill(company=NAME, vat=VAT, province="BG", town="Zogno", person="Paola Rota",
                email=BUYER)  # fmt: skip
    window.press("Inviare il collegamento")
    letter = town.latest(BUYER, "Aprire l’accesso")
    (link,) = re.findall(r"http://localhost(/sign-up/\S+)", letter)
    window.open(link)
    window.fill(password=PASSWORD)
    window.press("Apri l’accesso")
    company.sign_in()
    return company


def confirmed(company: Visitor, secretariat: Visitor) -> None:
    """Nobody could declare anything for it, until the secretariat has looked."""
    company.open("/applications/new")
    company.sees("Impresa Solidale", "Qui nessuno ne è ancora il legale rappresentante")
    company.does_not_see("Comincia la domanda", "Effetto cooperativo 2022")
    company.window.press("Chiedere alla segreteria di confermarla")
    company.sees("La segreteria ha ricevuto la richiesta")
    company.open("/applications/new")
    company.sees("Chiesto alla segreteria")
    assert NAME in company.town.latest(secretariat.email, "vorrebbe chiedere")
    story.waiting(secretariat, "Confermare chi risponde")
    secretariat.sees("Vorrebbe chiedere un marchio")
    secretariat.window.follow("Invita chi la rappresenti")
    secretariat.window.fill(
        person="Paola Rota", email=BUYER, capacity="legal_representative"
    )
    secretariat.window.press("Invia l’invito")
    secretariat.open("/desk")
    secretariat.does_not_see("Confermare chi risponde")


def answers(on: date) -> dict[str, Any]:
    """Enough for the second level: one project a year and some more."""
    year_end = date(on.year - 1, 12, 31)
    return {
        "proceedings": "none",
        "year_end": year_end,
        "projects": [
            {"title": "Un posto in magazzino", "kind": "individual",
             "ended_on": date(on.year - 1, 11, 30)},
        ],
        "placements": "3",
        "hires": "1",
        "quota_due": False,
        "gifts": "1500",
        "orders": "6000",
        "network": ("meetings", "events", "training"),
    }  # fmt: skip


def fill(company: Visitor, here: str) -> None:
    for section in SECTIONS:
        address = f"{here}/sections/{section}"
        story.answer(company, address, answers(company.town.today))
        story.attach_what_is_needed(company, address)


def certify(
    secretariat: Visitor, auditor: Visitor, committee: Visitor, here: str
) -> None:
    """As every other application."""
    story.accept(secretariat, here)
    story.assign(secretariat, here, "Ada Auditor")
    sheet = story.take_up(auditor, NAME)
    criteria = [one.id for one in auditor.town.edition.requirements]
    story.verify(auditor, sheet, criteria)
    story.report(auditor, sheet)
    story.decide(committee, here)
    auditor.town.wake()


def newest(company: Visitor) -> str:
    company.open("/certificates")
    return re.findall(r"SOL-\d{4}-\d{6}-\d{2}", company.window.text)[0]


def the_paper_is_its_own(company: Visitor, number: str, seal: Any) -> None:
    """Its name and level on the paper, its colours on badge and emblem."""
    company.window.follow(number)
    paper = company.window.download(company.window.link("Scarica il PDF"))
    seal.validate(paper)
    said = words_of(paper)
    for words in (number, NAME, "Impresa Solidale", "raggiunge il livello socia."):
        assert words in said, words
    assert "cooperativ" not in said.replace("cooperative sociali", "")
    client = company.window.client
    badge = client.get(f"/badge/{number}.svg").text
    assert "Impresa solidale 2026" in badge
    assert look("impresa-solidale").colours["deep"] in badge
    told = client.get(f"/badge/{number}.json").get_json()
    assert number in str(told)
    emblem = company.window.download(f"{company.window.address}/emblem-256.png")
    assert Image.open(io.BytesIO(emblem)).size[0] == 256


def everybody_is_told_of_this_mark(town: Town, number: str) -> None:
    """It is a company with this mark, and not one with the other."""
    public = town.stranger()
    told = public.window.ask("/api/v1/verify", certificate=number)
    assert (told["status"], told["scheme"]) == ("valid", "impresa-solidale")
    about = {"vat": VAT, "scheme": "impresa-solidale"}
    assert public.window.ask("/api/v1/verify", **about)["status"] == "valid"
    assert public.window.ask("/api/v1/verify", vat=VAT)["status"] == "never_certified"
    public.open(f"/c/{number}?lang=it")
    public.sees("Questo certificato è valido.", NAME, "Impresa solidale 2026")


def renewed(
    town: Town, company: Visitor, staff: tuple[Visitor, ...], number: str
) -> None:
    """Its certificate lasts a year: it is renewed, and the new one takes its place."""
    year = add_months(town.today, 12)
    town.at(year - 60 * DAY)
    assert f"dell’impresa {NAME}" in town.latest(company.email, "rinnovo")
    here = story.waiting(company, "Chiedere il rinnovo")
    fill(company, here)
    story.send(company, here)
    certify(*staff, here)
    other = newest(company)
    assert other != number
    told = town.stranger().window.ask("/api/v1/verify", certificate=number)
    assert told["status"] == "superseded"
    assert told["links"]["newer"].endswith(other)


def test_who_speaks_for_two_kinds_sees_what_each_may_ask_for(town: Town) -> None:
    secretariat = town.somebody(Role.SECRETARIAT, name="Sara Segretaria")
    cooperative = story.Cast.certified(town)[0].cooperative
    cooperative.open("/applications/new")
    cooperative.sees("Effetto cooperativo", story.NAME)
    cooperative.does_not_see("Impresa Solidale")
    secretariat.open("/organisations/register")
    secretariat.window.fill(kind="company", name=NAME, vat=VAT, province="BG",
                            town="Zogno", person="Giulia Morandi",
                            email=cooperative.email)  # fmt: skip
    secretariat.window.press("Registra e invia l’invito")
    cooperative.open("/applications/new")
    cooperative.sees("Effetto cooperativo", story.NAME, "Impresa Solidale", NAME)
