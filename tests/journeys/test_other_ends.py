"""Stories that end otherwise: late, renewed, refused, taken back, written by two."""

from datetime import timedelta

from registry.clock import add_months
from tests import factories
from tests.journeys import story
from tests.journeys.story import NAME, VAT, Cast
from tests.journeys.town import Town

DAY = timedelta(days=1)


def test_filed_late_it_is_suspended_until_the_committee_confirms(town: Town) -> None:
    cast, number = Cast.certified(town)
    anniversary = add_months(town.today, 12)
    town.at(anniversary - 90 * DAY)
    town.at(anniversary + 31 * DAY)
    cast.all_say(number, "suspended")
    here = story.waiting(cast.cooperative, "Presentare la verifica annuale")
    cast.file(here)
    town.wait(days=1)
    cast.all_say(number, "suspended")
    cast.grant(here)
    letter = town.latest(cast.cooperative.email, "è confermato")
    assert "La sospensione è tolta da oggi" in letter
    assert cast.all_say(number, "valid")["status_since"] == town.today.isoformat()
    cast.committee.open("/measures")
    cast.committee.sees("Non più necessario")


def test_renewed_after_three_years_the_new_certificate_takes_its_place(
    town: Town,
) -> None:
    cast, number = Cast.certified(town)
    last = add_months(town.today, 36) - DAY
    town.at(last - 90 * DAY)
    here = story.waiting(cast.cooperative, "Chiedere il rinnovo del certificato")
    cast.file(here)
    town.at(last + DAY)
    cast.all_say(number, "in_update")
    cast.grant(here)
    newer = cast.newest_number()
    assert newer != number
    cast.public.open(f"/c/{number}?lang=it")
    cast.public.sees("Sostituito", newer)
    assert cast.answer(certificate=number)["status"] == "superseded"
    told = cast.all_say(newer, "valid")
    assert cast.answer(vat=VAT)["certificate"] == told["certificate"]
    cast.public.open(f"/c/{newer}?lang=it")
    cast.public.sees("Valido")


def test_a_refusal_is_told_to_the_applicant_and_to_nobody_else(town: Town) -> None:
    cast = Cast.of(town)
    here = story.begin(cast.cooperative)
    cast.file(here, cooperative_kind="social_a")
    cast.cooperative.open(here)
    cast.cooperative.sees("Non soddisfatto")
    story.evaluate(cast, here)
    story.decide(cast.committee, here, "refused")
    town.wake()
    letter = town.latest(cast.cooperative.email, "Certificazione non concessa")
    assert "ricorso" in letter
    cast.cooperative.open(here.replace("/applications/", "/decisions/") + "/outcome")
    cast.cooperative.sees("Chi può chiedere il marchio")
    known, unknown = (cast.answer(vat=vat) for vat in (VAT, factories.vat()))
    for told in (known, unknown):
        for own in ("query", "links", "as_of"):
            del told[own]
    assert known == unknown
    for address in (f"/it/verify?q={VAT}", f"/it/register?q={VAT}"):
        cast.public.open(address)
        cast.public.does_not_see(NAME)


def test_taken_back_nobody_works_on_it_and_a_new_one_may_begin(town: Town) -> None:
    cast = Cast.of(town)
    here = story.begin(cast.cooperative)
    cast.file(here)
    story.accept(cast.secretariat, here)
    story.assign(cast.secretariat, here, "Ada Auditor")
    sheet = story.take_up(cast.auditor)
    cast.cooperative.open(f"{here}/withdraw")
    cast.cooperative.window.press("Ritira la domanda", expect=422)
    cast.cooperative.window.fill(sure=True)
    cast.cooperative.window.press("Ritira la domanda")
    cast.cooperative.sees("La domanda è ritirata.")
    cast.auditor.open(f"{sheet}/criteria/training")
    cast.auditor.sees("Ora si può leggere ma non scrivere.")
    again = story.begin(cast.cooperative)
    assert again != here


def test_two_who_write_at_once_the_second_is_told_and_loses_nothing(
    town: Town,
) -> None:
    cast = Cast.of(town)
    first = cast.cooperative
    first.open("/organisations/mine")
    first.window.follow("Invit")
    first.window.fill(person="Dario Delegato", email="dario@eta.example")
    first.window.press("Invia l’invito")
    second = town.invited("dario@eta.example")
    story.join(second)
    here = story.begin(first)
    page = f"{here}/sections/contracts"
    for visitor, workers in ((first, "20"), (second, "22")):
        visitor.open(page)
        visitor.window.fill(workers_total=workers)
    first.window.press("Salva")
    second.window.press("Salva", expect=409)
    second.sees("Qualcuno ha modificato questi dati mentre scriveva", "20")
    assert second.window.value("workers_total") == "22"
    first.open(page)
    assert first.window.value("workers_total") == "20"
    second.window.press("Salva")
    first.open(page)
    assert first.window.value("workers_total") == "22"
