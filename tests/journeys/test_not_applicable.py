"""A criterion that does not apply, from the claim to the certificate or its refusal."""

from typing import Any

import pytest

from registry.certificates.proof import bare, words_of
from registry.criteria.publishing import canonical, replay
from registry.criteria.reader import Editions
from registry.db import db
from registry.decisions.models import Decision
from tests.criteria.examples import conforming_answers
from tests.journeys import story
from tests.journeys.story import Cast
from tests.journeys.town import Town
from tests.waivable import KIND, QUESTIONS, WHY, editions_with

TITLE = "Formazione tecnico-professionale"
NO = "Dalla visura risultano quattordici lavoratori."


@pytest.fixture(scope="session")
def editions() -> Editions:
    return editions_with("training")


def filed(town: Town) -> tuple[Cast, str]:
    """An application in which training is claimed not to apply, and not answered."""
    cast = Cast.of(town)
    cooperative = cast.cooperative
    here = story.begin(cooperative)
    cooperative.open(f"{here}/sections/training")
    cooperative.window.fill(**{"training-reason": WHY})
    cooperative.window.press("Non si applica")
    cooperative.sees("non serve più, perché", WHY)
    answers = conforming_answers(on=town.today)
    for section in story.SECTIONS[:-1]:
        story.answer(cooperative, f"{here}/sections/{section}", answers)
        story.attach_what_is_needed(cooperative, f"{here}/sections/{section}")
    story.send(cooperative, here)
    story.accept(cast.secretariat, here)
    story.assign(cast.secretariat, here, "Ada Auditor")
    return cast, here


def answer_the_claim(
    cast: Cast, sheet: str, accepted: str, words: str, *, expect: int = 200
) -> None:
    auditor = cast.auditor
    auditor.open(f"{sheet}/criteria/training")
    auditor.sees(WHY)
    auditor.window.fill(**{"waiver-accepted": accepted, "waiver-words": words})
    auditor.window.press("Salvare la risposta", expect=expect)


@pytest.mark.usefixtures("printed_in_full")
def test_accepted_it_is_on_the_certificate_as_not_applicable_and_never_as_met(
    town: Town, seal: Any
) -> None:
    cast, here = filed(town)
    sheet = story.take_up(cast.auditor)
    story.verify(cast.auditor, sheet, story.CRITERIA[:-1])
    answer_the_claim(cast, sheet, "yes", "Confermato.")
    cast.auditor.sees("Motivo accolto", "non si dà un verdetto")
    story.report(cast.auditor, sheet)
    the_committee_reads_it(cast, here)
    story.decide(cast.committee, here)
    town.wake()
    number = cast.newest_number()
    the_paper_says_it(cast, number, seal)
    the_public_reads_it(cast, number)
    [decision] = db.session.scalars(db.select(Decision)).all()
    assert replay(decision.grounds, town.edition) == canonical(decision.grounds)
    cast.cooperative.open(here.replace("/applications/", "/decisions/") + "/outcome")
    cast.cooperative.sees("Non si applica", WHY, "Motivo accolto")


def the_committee_reads_it(cast: Cast, here: str) -> None:
    cast.committee.open(here.replace("/applications/", "/decisions/"))
    cast.committee.sees(WHY, "Motivo accolto", "Non si applica")


def the_paper_says_it(cast: Cast, number: str, seal: Any) -> None:
    cast.cooperative.open("/certificates")
    cast.cooperative.window.follow(number)
    link = cast.cooperative.window.link("Scarica il PDF")
    paper = cast.cooperative.window.download(link)
    seal.validate(paper)
    first, second = (bare(page) for page in words_of(paper))
    assert bare(TITLE) not in first
    assert bare("i quattro criteri applicabili") in first
    row = second.split(bare(TITLE))[1].split(bare("Come è stato rilasciato"))[0]
    assert row.startswith(bare("Non applicabile: non valutato"))
    assert bare("soci amministratori") not in second


def the_public_reads_it(cast: Cast, number: str) -> None:
    cast.public.open(f"/c/{number}?lang=it")
    cast.public.sees(f"non si applica: {TITLE}")
    cast.public.does_not_see("soci amministratori", "Confermato.")


def test_refused_it_is_asked_answered_and_judged_like_any_other(town: Town) -> None:
    cast, here = filed(town)
    sheet = story.take_up(cast.auditor)
    story.verify(cast.auditor, sheet, story.CRITERIA[:-1])
    answer_the_claim(cast, sheet, "no", "", expect=422)
    cast.auditor.sees("Indicare perché non si accoglie")
    answer_the_claim(cast, sheet, "no", NO)
    cast.auditor.sees("Motivo respinto", "Salva il verdetto")
    cast.auditor.open(f"{sheet}/completion")
    items = [*(f"answer:{name}" for name in QUESTIONS), f"evidence:{KIND}"]
    cast.auditor.window.fill(items=items, message="Servono i corsi.")
    cast.auditor.window.press("Invia la richiesta")
    town.wait(days=1)
    the_answers_come(cast, here)
    cast.auditor.open(f"{sheet}/criteria/training")
    story.confirm(cast.auditor)
    story.accept_evidence(cast.auditor)
    assert cast.auditor.window.value("verdict") == "met"
    cast.auditor.window.press("Salva il verdetto")
    story.report(cast.auditor, sheet)
    story.decide(cast.committee, here)
    town.wake()
    cast.public.open(f"/c/{cast.newest_number()}?lang=it")
    cast.public.sees(TITLE)
    cast.public.does_not_see("non si applica")


def the_answers_come(cast: Cast, here: str) -> None:
    cooperative, section = cast.cooperative, f"{here}/sections/training"
    cooperative.open(section)
    cooperative.sees(NO)
    cooperative.does_not_see("non serve più", "Togliere l’indicazione")
    story.answer(cooperative, section, conforming_answers(on=cast.town.today))
    story.attach_what_is_needed(cooperative, section)
    cooperative.open(here)
    cooperative.window.press("Invia la risposta")
    cooperative.sees("La risposta è stata inviata all’auditor.")
