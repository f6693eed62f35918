"""A purchasing office: from its account to the proof, a year later, that it checked."""

import json
import re
from dataclasses import replace
from pathlib import Path

from registry.certificates.numbers import Number
from registry.certificates.queries import by_number
from registry.services import services
from tests.accounts.people import PASSWORD
from tests.journeys.story import NAME, VAT, Cast
from tests.journeys.town import Town, Visitor
from tests.receiver import HOST, a_receiver

ADA = "ada@acquisti.example"
OURS = "90007230163"
#: Its own layout: a title, headers in the third row, a name without number, a slip.
LIST = f"""Fornitori qualificati 2026;;;
;;;
Cod.;Fornitore;P. IVA;Fatturato
1;Eta dell'Oro soc. coop. soc.;IT {VAT};=2+2
2;L'Eta dell'Orro Società Cooperativa Sociale;;100
3;Altra ditta;90007770169;
4;Mai vista S.r.l.;90007230171;7
"""


def test_a_buyer_checks_its_list_is_told_of_a_suspension_and_proves_the_check_later(
    town: Town, tmp_path: Path
) -> None:
    cast, number = Cast.certified(town)
    buyer = the_account(town)
    here = the_list(buyer)
    receipt = buyer.window.download(buyer.window.link("Ricevuta firmata"))
    with a_receiver(tmp_path) as program:
        doors = services()
        town.app.extensions["registry"] = replace(doors, courier=program.courier())
        the_watch(buyer)
        the_suspension(cast, number)
        town.wait(hours=1)
        (got,) = program.got
    assert json.loads(got.body)["type"] == "certificate.suspended"
    letter = town.latest(ADA, "Fornitori seguiti")
    assert NAME in letter
    assert "certificato sospeso" in letter
    a_year_later(cast, buyer, here, receipt)


# --- the chapters -------------------------------------------------------------------


def the_account(town: Town) -> Visitor:
    """From the public page through the letter to the desk."""
    buyer = town.invited(ADA)
    buyer.window.open("/it/")
    buyer.window.follow("Per le imprese che acquistano")
    buyer.window.fill(company="Acquisti Uniti S.p.A.", vat=OURS, province="BG")
    buyer.window.fill(town="Dalmine", person="Ada Verdi", email=ADA)
    buyer.window.press("Inviare il collegamento")
    letter = town.latest(ADA, "accesso")
    (link,) = re.findall(r"http://localhost(/sign-up/\S+)", letter)
    buyer.window.open(link)
    buyer.window.fill(password=PASSWORD)
    buyer.window.press("Apri l’accesso")
    buyer.sign_in()
    return buyer


def the_list(buyer: Visitor) -> str:
    """Handed in, one name confirmed, its own file back; leads to its page."""
    buyer.open("/suppliers")
    buyer.window.attach("file", "fornitori.csv", LIST.encode("cp1252"))
    buyer.window.press("Verificare l’elenco")
    here = buyer.window.address
    buyer.window.follow("Confermare i nomi")
    (name,) = buyer.window.names()
    buyer.window.fill(**{name: buyer.window.choice(NAME)})
    buyer.window.press("Salvare e proseguire")
    assert buyer.window.address == here
    buyer.sees(
        "2 righe su 4 hanno un certificato in vigore", "l’ultima dovrebbe essere"
    )
    file = buyer.window.download(buyer.window.link("Scaricare il file"))
    rows = file.decode("cp1252").splitlines()
    assert [row.partition(";Impact")[0] for row in rows[:2]] == LIST.splitlines()[:2]
    assert rows[3].startswith(LIST.splitlines()[3])
    for row, word in zip(rows[3:], ("Valido", "Valido", "errato", "Mai"), strict=True):
        assert word in row
    return here


def the_watch(buyer: Visitor) -> None:
    """Everybody in the list, told at once by letter and to a program."""
    buyer.window.press("Seguire i fornitori")
    buyer.sees(NAME, "1 fornitore nel registro")
    buyer.window.fill(telling="at_once")
    buyer.window.press("Salva")
    buyer.window.follow("Nuovo webhook")
    buyer.window.fill(url=f"https://{HOST}/in")
    buyer.window.press("Creare il webhook", expect=201)
    buyer.sees("Copiare ora il segreto")


def the_suspension(cast: Cast, number: str) -> None:
    """By the committee, since who decides is not who keeps the calendar."""
    made = by_number(Number.read(number))
    assert made is not None
    cast.committee.open(f"/certificates/{made.id}/suspend")
    cast.committee.window.fill(reason="suspended_misuse")
    cast.committee.window.press("Sospendi")
    cast.committee.sees("Fatto. Il titolare è stato avvisato.")


def a_year_later(cast: Cast, buyer: Visitor, here: str, receipt: bytes) -> None:
    """The list is long gone; the receipt holds, wherever it is shown."""
    cast.town.wait(days=366)
    buyer.open(here)
    buyer.sees("Di questo elenco non è conservato più nulla")
    cast.public.open("/it/verify")
    cast.public.window.attach("file", "ricevuta.pdf", receipt)
    cast.public.window.press("Verifica il file")
    cast.public.sees("Una ricevuta autentica", "4 righe", "2 marzo 2026")
