"""From the invitation to the certificate, and through the years that follow."""

import io
from datetime import timedelta
from typing import Any

import pikepdf
import pypdfium2
import pytest

from registry.accounts.models import Role
from registry.clock import add_months
from tests.journeys import story
from tests.journeys.story import FIRST_WORDS, NAME, VAT, Cast
from tests.journeys.town import Town, Visitor
from tests.journeys.window import evened

DAY = timedelta(days=1)
ASKED = "Il numero dei formati non torna con l’attestazione."


@pytest.mark.usefixtures("printed_in_full")
def test_a_cooperative_from_the_invitation_to_its_withdrawn_certificate(
    town: Town, seal: Any
) -> None:
    cast = the_people(town)
    here = the_application(cast)
    the_evaluation(cast, here)
    number = the_certificate(cast, here, seal)
    the_public_finds_it(cast, number)
    first = town.today
    the_first_year(cast, number, anniversary=add_months(first, 12))
    the_second_year_is_missed(cast, number, anniversary=add_months(first, 24))


# --- the chapters -------------------------------------------------------------------


def the_people(town: Town) -> Cast:
    """The administrator invites the secretariat, the secretariat the cooperative."""
    administrator = town.somebody(Role.ADMINISTRATOR, name="Aldo Amministratore")
    administrator.open("/people/invite")
    administrator.window.fill(
        email="sara@registro.example", name="Sara Segretaria", roles=["secretariat"]
    )
    administrator.window.press("Invia l’invito")
    secretariat = town.invited("sara@registro.example")
    story.join(secretariat)
    story.register(secretariat, "giulia@eta.example")
    cooperative = town.invited("giulia@eta.example")
    story.join(cooperative)
    return Cast(
        town,
        cooperative,
        secretariat,
        town.somebody(Role.AUDITOR, name="Ada Auditor"),
        town.somebody(Role.COMMITTEE, name="Carlo Comitato"),
        town.stranger(),
    )


def the_application(cast: Cast) -> str:
    """Section by section, with rows and uploads, to the receipt."""
    cooperative = cast.cooperative
    here = story.begin(cooperative)
    cooperative.open(f"{here}/submit")
    cooperative.sees("Mancano ancora")
    story.complete(cooperative, here)
    cooperative.open(here)
    cooperative.sees("Il risultato, come dichiarato", "Soddisfatto")
    cooperative.does_not_see("Non soddisfatto")
    story.send(cooperative, here)
    protocol = receipt(cooperative, here)
    assert protocol in cast.town.latest(cooperative.email, "Domanda ricevuta")
    cast.town.latest(cast.secretariat.email, "domanda")
    return here


def receipt(cooperative: Visitor, here: str) -> str:
    """The receipt on the page and on paper tell the same; returns the protocol."""
    cooperative.sees("Ricevuta", NAME)
    paper = words_of(cooperative.window.download(f"{here}/receipt.pdf"))
    (protocol,) = {
        word for word in cooperative.window.text.split() if word.startswith("P-2")
    }
    assert protocol in paper
    assert evened(NAME) in paper
    return protocol


def the_evaluation(cast: Cast, here: str) -> None:
    """No conflict, evidence seen, completion on two items, a value corrected."""
    auditor, cooperative = cast.auditor, cast.cooperative
    story.accept(cast.secretariat, here)
    story.assign(cast.secretariat, here, "Ada Auditor")
    sheet = story.take_up(auditor)
    auditor.open(f"{sheet}/criteria/training")
    assert auditor.window.download(auditor.window.link("training_attestation.png"))
    auditor.window.follow("Rifiuta")
    auditor.window.fill(reason="Il timbro dell’ente non si legge.")
    auditor.window.press("Rifiuta")
    auditor.open(f"{sheet}/completion")
    items = ["answer:distinct_trained", "evidence:training_attestation"]
    auditor.window.fill(items=items, message=ASKED)
    auditor.window.press("Invia la richiesta")
    cast.town.wait(days=3)
    the_completion(cooperative, here)
    story.verify(auditor, sheet)
    correct(auditor, sheet)
    story.report(auditor, sheet)


def the_completion(cooperative: Visitor, here: str) -> None:
    """Only the two things asked can be changed, and are."""
    assert ASKED in evened(cooperative.town.latest(cooperative.email, "Integrazione"))
    for section in story.SECTIONS:
        cooperative.open(f"{here}/sections/{section}")
        fields = {
            name
            for name in cooperative.window.names()
            if not name.startswith("training_attestation-")
        }
        assert fields == ({"distinct_trained"} if section == "training" else set())
    cooperative.window.fill(distinct_trained="4")
    cooperative.window.press("Salva")
    cooperative.window.press("Togli", inside="evidence-training_attestation")
    story.attach(cooperative, "training_attestation", shade=30)
    cooperative.open(here)
    cooperative.window.press("Invia la risposta")
    cooperative.sees("La risposta è stata inviata all’auditor.")


def correct(auditor: Visitor, sheet: str) -> None:
    """Another value than the declared one is established, and the reason kept."""
    auditor.open(f"{sheet}/criteria/training/values")
    auditor.window.fill(
        average_workers="13", **{"note-average_workers": "Come dal LUL di dicembre."}
    )
    auditor.window.press("Salva")
    auditor.sees("Valori salvati", "Corretto", "Come dal LUL di dicembre.")
    auditor.window.press("Salva il verdetto")


def the_certificate(cast: Cast, here: str, seal: Any) -> str:
    """Decided, issued by the job, downloaded and looked at."""
    story.decide(cast.committee, here)
    cast.town.wake()
    cast.town.latest(cast.cooperative.email, "Certificazione concessa")
    number = cast.newest_number()
    assert number in cast.town.latest(cast.cooperative.email, "è stato emesso")
    cast.cooperative.window.follow(number)
    paper = cast.cooperative.window.download(
        cast.cooperative.window.link("Scarica il PDF")
    )
    seal.validate(paper)
    with pikepdf.open(io.BytesIO(paper)) as pdf:
        assert "/AcroForm" in pdf.Root
    said = words_of(paper)
    assert number in said
    assert NAME.partition(" – ")[0] in said
    assert ASKED not in said
    return number


def the_public_finds_it(cast: Cast, number: str) -> None:
    """By name as a hurried person types it, by VAT and by number; never the persons."""
    public = cast.public
    for typed in (FIRST_WORDS, "L'ETÀ", VAT, f"IT {VAT[:4]} {VAT[4:]}", number.lower()):
        public.open("/it/")
        public.window.fill(q=typed)
        public.window.press("Cerca")
        public.sees(NAME)
        public.does_not_see("Giulia Morandi", "Ada Auditor")
    answer = cast.all_say(number, "valid")
    assert answer["matched"]["legal_name"] == NAME
    assert cast.answer(vat=VAT)["certificate"] == answer["certificate"]
    public.open(f"/c/{number}?lang=en")
    public.sees("This certificate is valid.")
    public.does_not_see("Giulia Morandi", "LUL")


def the_first_year(cast: Cast, number: str, anniversary: Any) -> None:
    """Opened with a letter, chased, filed on the last day, confirmed after it."""
    town, cooperative = cast.town, cast.cooperative
    for days, words in (
        (90, "Si apre la verifica annuale"),
        (60, "Entro il"),
        (30, "Manca un mese"),
        (7, "Mancano pochi giorni"),
    ):
        before = len(town.letters(cooperative.email))
        town.at(anniversary - days * DAY)
        fresh = town.letters(cooperative.email)[before:]
        assert [words in letter.partition("\n")[0] for letter in fresh] == [True]
    here = story.waiting(cooperative, "Presentare la verifica annuale")
    cooperative.sees("Le risposte dell’anno scorso")
    cast.file(here, workers_total=15, contracts=[{"code": "T151", "workers": 15}])
    cast.all_say(number, "valid")
    town.at(anniversary + DAY)
    assert cast.all_say(number, "in_update")["status_since"]
    sheet = evaluated_again(cast, here)
    cast.auditor.open(sheet)
    story.decide(cast.committee, here)
    town.wake()
    assert number in town.latest(cooperative.email, "è confermato")
    cast.all_say(number, "valid")
    assert cast.newest_number() == number


def evaluated_again(cast: Cast, here: str) -> str:
    """The auditor is shown what changed since last time."""
    story.accept(cast.secretariat, here)
    story.assign(cast.secretariat, here, "Ada Auditor")
    sheet = story.take_up(cast.auditor)
    cast.auditor.open(f"{sheet}/criteria/contract")
    cast.auditor.sees("Cambiato dall’ultima volta")
    story.verify(cast.auditor, sheet)
    story.report(cast.auditor, sheet)
    return sheet


def the_second_year_is_missed(cast: Cast, number: str, anniversary: Any) -> None:
    """Chased to the end, suspended on day +31, withdrawn after six months."""
    town, cooperative = cast.town, cast.cooperative
    town.at(anniversary - 90 * DAY)
    for days, words in ((0, "Ultimo giorno"), (7, "Scaduto il termine")):
        town.at(anniversary + days * DAY)
        town.latest(cooperative.email, words)
    town.at(anniversary + 30 * DAY)
    cast.all_say(number, "valid")
    town.at(anniversary + 31 * DAY)
    told = cast.all_say(number, "suspended")
    assert told["reason_code"] == "suspended_missed_recheck"
    assert told["status_since"] == town.today.isoformat()
    town.latest(cooperative.email, "è sospeso")
    story.judge_measure(cast.committee, "Sospensione da ratificare")
    cast.all_say(number, "suspended")
    town.at(add_months(town.today, 6))
    town.latest(cooperative.email, "Proposta la revoca")
    cast.all_say(number, "suspended")
    story.judge_measure(cast.committee, "Proposta di revoca")
    assert (
        cast.all_say(number, "withdrawn")["reason_code"] == "withdrawn_missed_recheck"
    )
    town.latest(cooperative.email, "è stato revocato")
    cast.public.open("/it/register?status=valid")
    cast.public.does_not_see(NAME)


def words_of(pdf: bytes) -> str:
    """The text of a PDF, as who opens it reads it."""
    with pypdfium2.PdfDocument(pdf) as document:
        pages = [page.get_textpage().get_text_range() for page in document]
    return evened(" ".join(pages))
