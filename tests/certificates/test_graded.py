"""The certificate of an edition with points and levels, here the draft impact/2026."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from flask import Flask

from registry.certificates.credential import Places, badge, payload
from registry.certificates.facts import Issuer, criteria, facts_of
from registry.certificates.flower import flower_svg
from registry.certificates.layouts import look
from registry.certificates.numbers import Number
from registry.certificates.preview import invented
from registry.certificates.proof import lint, words_of
from registry.certificates.rendering import fingerprint, render
from registry.criteria.cases import read_cases
from registry.criteria.edition import Edition
from registry.criteria.evaluation import evaluate
from registry.criteria.reader import Editions
from registry.decisions.models import Decision
from registry.paper import Paper
from registry.paths import CRITERIA
from tests import factories

SILVER = "Livello argento"
OTHER_KIND = (
    "Cooperativa di produzione e lavoro, i punti dell’inserimento non si contano"
)
WAIVED = "Tre lavoratori in tutto"
LONG = (
    "Cooperativa sociale di produzione e lavoro per l’inserimento lavorativo "
    "delle persone svantaggiate Sant’Anna"
)
ISSUER = Issuer(
    body="Registro Impact",
    signatory="Elena Marchetti",
    office="Presidente del Comitato di certificazione",
    base_url="https://registro.example",
    development_seal=True,
    say=lambda word: word,
)


@pytest.fixture(scope="module")
def edition(editions: Editions) -> Edition:
    return editions.drafts["impact/2026"]


def decided(edition: Edition, name: str) -> Decision:
    """What the committee would have decided on a worked example of the edition."""
    folder = CRITERIA / edition.key
    [case] = [one for one in read_cases(edition, folder) if one.name == name]
    result = evaluate(edition, case.case, case.on)
    verdicts = {
        one.id: {"verdict": one.verdict.value, "severity": None, "finding": ""}
        for one in result.requirements
    }
    grounds = {"verdicts": verdicts, "evidence": [], "result": result.to_json()}
    return Decision(grounds=grounds, decided_at=datetime(2027, 7, 15, tzinfo=UTC))


def told(edition: Edition, name: str) -> dict[str, Any]:
    decision = decided(edition, name)
    application = factories.draft()
    decision.application = application
    number, today = Number("IMP", 2027, 7), date(2027, 7, 20)
    facts = facts_of(decision, edition, number, ISSUER, today)
    return {**facts, "fingerprint": fingerprint(facts)}


def rows(edition: Edition, name: str) -> dict[str, dict[str, Any]]:
    return {one["id"]: one for one in criteria(decided(edition, name), edition, "it")}


def test_points_are_those_of_the_grounds(edition: Edition) -> None:
    found = rows(edition, SILVER)
    assert (found["more_training"]["points"], found["more_training"]["of"]) == (12, 12)
    assert found["more_training"]["optional"]
    assert found["more_assemblies"]["points"] == 0
    assert "points" not in found["revision"]
    assert "optional" not in found["revision"]


def test_a_criterion_that_does_not_apply_is_not_on_the_paper(edition: Edition) -> None:
    assert "more_inclusion" not in rows(edition, OTHER_KIND)
    assert "more_inclusion" in rows(edition, SILVER)


def waived(edition: Edition) -> str:
    """The name of the worked example in which a criterion is waived."""
    folder = CRITERIA / edition.key
    [case] = [one for one in read_cases(edition, folder) if one.case.waivers]
    return case.name


def test_a_criterion_waived_is_no_result_and_is_said_on_the_second_page_only(
    app: Flask, edition: Edition, paper: Paper
) -> None:
    facts = told(edition, waived(edition))
    title = edition.requirement("gender_equality").title.in_("it")
    assert title not in [one["title"] for one in facts["criteria"]]
    assert [one["title"] for one in facts["not_applicable"]] == [title]
    pdf = render(facts, paper)
    lint(pdf, facts)
    first, second = (" ".join(page.split()) for page in words_of(pdf))
    assert title not in first
    assert "i cinque criteri applicabili" in first
    assert "Non applicabile: non valutato" in second.split(title)[1]
    assert WAIVED not in second


def test_the_credential_says_in_words_what_was_waived_and_assesses_nothing(
    app: Flask, edition: Edition
) -> None:
    facts = told(edition, waived(edition))
    places = Places("did:web:registro.example", ISSUER.base_url, 1, 2)
    subject = payload(facts, edition, places)["credentialSubject"]
    title = edition.requirement("gender_equality").title.in_("it")
    assert f"Non applicabili, per un motivo accolto: {title}." in subject["description"]
    assert title not in [one["name"] for one in subject["assessment"]]
    achievement = badge(facts, edition, places)["credentialSubject"]["achievement"]
    assert f"per un motivo accolto: {title}." in achievement["criteria"]["narrative"]
    plain = told(edition, SILVER)
    assert "not_applicable" not in plain
    subject = payload(plain, edition, places)["credentialSubject"]
    assert subject["description"] == plain["edition_title"]


def test_a_petal_is_as_full_as_its_points_and_never_taken_for_a_reserve(
    edition: Edition,
) -> None:
    drawn = flower_svg(
        list(rows(edition, SILVER).values()), look("impact"), title="fiore"
    )
    assert "petal-reserve" not in drawn


def test_the_paper_tells_level_and_points_and_counts_what_is_asked_of_all(
    app: Flask, edition: Edition, paper: Paper
) -> None:
    facts = told(edition, SILVER)
    assert facts["level"] == "argento"
    pdf = render(facts, paper)
    lint(pdf, facts)
    first, second = (" ".join(page.split()) for page in words_of(pdf))
    assert "i cinque criteri" in first
    assert "riserva" not in first
    assert "12 su 12 punti" in second
    assert "0 su 10 punti" in second


def test_the_credential_says_of_each_criterion_its_points(
    app: Flask, edition: Edition
) -> None:
    facts = told(edition, SILVER)
    places = Places("did:web:registro.example", ISSUER.base_url, 1, 2)
    assessed = payload(facts, edition, places)["credentialSubject"]["assessment"]
    words = {one["name"]: one["description"] for one in assessed}
    title = edition.requirement("more_training").title.in_("it")
    assert words[title] == "Soddisfatto, 12 su 12 punti"
    title = edition.requirement("more_assemblies").title.in_("it")
    assert words[title] == "0 su 10 punti"


@pytest.mark.parametrize("language", ["it", "en", "it+en"])
@pytest.mark.parametrize("key", ["impact/2026", "impresa-solidale/2026"])
def test_the_paper_of_many_criteria_keeps_to_two_pages(
    editions: Editions, paper: Paper, key: str, language: str
) -> None:
    drawn = invented(
        editions.drafts[key], date(2027, 7, 20), language=language, name=LONG
    )
    lint(render(drawn, paper), drawn)
