"""A cooperative checks itself against an edition; nobody learns of it."""

import logging
import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from registry.clock import FixedClock
from registry.criteria.cases import read_cases
from registry.criteria.evaluation import evaluate
from registry.criteria.facts import Case
from registry.criteria.needed import needed
from registry.criteria.reader import read_all
from registry.db import Model, db
from registry.paths import CRITERIA
from registry.services import services

EDITION = read_all(CRITERIA)["impact/2022"]
CHECK = "/it/criteria/impact/2022/check"


def typed(value: Any) -> Any:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return list(value) if isinstance(value, tuple) else str(value)


def sent(values: dict[str, Any]) -> dict[str, Any]:
    """What a browser sends of some answers."""
    data: dict[str, Any] = {}
    for name, value in values.items():
        if isinstance(value, list):
            for index, row in enumerate(value):
                for column, cell in row.items():
                    data[f"{name}-{index}-{column}"] = typed(cell)
        else:
            data[name] = typed(value)
    return data


def worked() -> Any:
    return read_cases(EDITION, CRITERIA / "impact" / "2022")


def values(case: Any) -> dict[str, Any]:
    return {
        name: fact.declared
        for name, fact in case.case.facts.items()
        if fact.declared is not None
    }


def result(page: Any) -> str:
    return str(page.text.split('id="result"')[1].split("</section>")[0])


def counted() -> dict[str, int]:
    return {
        table.name: db.session.scalars(select(func.count()).select_from(table)).one()
        for table in Model.metadata.sorted_tables
    }


def test_before_any_answer_the_questions_stand_there_and_no_verdict(
    client: FlaskClient,
) -> None:
    page = client.get(CHECK)
    assert page.status_code == 200
    assert 'name="cooperative_kind"' in page.text
    assert 'id="result"' not in page.text
    assert "csrf_token" not in page.text
    assert "Set-Cookie" not in page.headers


def test_the_verdicts_are_those_an_application_would_get(
    client: FlaskClient, clock: FixedClock
) -> None:
    words = {
        "met": "soddisfatto",
        "met_with_reserve": "soddisfatto con riserva",
        "not_met": "non soddisfatto",
        "pending": "da accertare",
    }
    for case in worked():
        on = case.on
        clock.at = clock.at.replace(year=on.year, month=on.month, day=on.day)
        page = client.post(CHECK, data=sent(values(case)))
        found = evaluate(EDITION, Case.declared(values(case)), on)
        told = re.findall(
            r'<span class="badge[^>]*>.*?</svg>(.*?)</span>', result(page)
        )
        assert [one.lower() for one in told] == [
            words[one.verdict] for one in found.requirements
        ], case.name


def test_nothing_is_kept_and_nothing_is_written_down(
    client: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    before = counted()
    with caplog.at_level(logging.DEBUG):
        page = client.post(CHECK, data=sent(values(worked()[0])))
    assert counted() == before
    assert "Set-Cookie" not in page.headers
    assert page.headers["Cache-Control"] == "no-store"
    assert "T151" not in caplog.text
    assert "confcooperative" not in caplog.text


def test_the_answers_travel_in_the_form(client: FlaskClient) -> None:
    page = client.post(
        CHECK, data={"cooperative_kind": "social_b", "workers_total": "14"}
    )
    assert 'checked id="cooperative_kind-1"' in page.text or re.search(
        r'<input[^>]*checked[^>]*value="social_b"', page.text
    )
    assert re.search(r'name="workers_total"[^>]*value="14"', page.text)


def test_an_answer_to_a_question_not_asked_now_comes_back_with_it(
    client: FlaskClient,
) -> None:
    data = {"cooperative_kind": "production_labour", "inclusion_workers": "14"}
    page = client.post(CHECK, data=data)
    assert '<input type="hidden" name="inclusion_workers" value="14">' in page.text
    page = client.post(CHECK, data=data | {"cooperative_kind": "social_b"})
    assert re.search(r'<input[^>]*id="inclusion_workers"[^>]*value="14"', page.text)


def test_what_is_missing_leads_to_its_question(client: FlaskClient) -> None:
    page = client.post(CHECK, data={"cooperative_kind": "social_b"})
    plan = page.text.split('id="plan"')[1].split("</section>")[0]
    assert 'href="#albo_registered-0"' in plan
    assert 'id="albo_registered-0"' in page.text


def test_a_question_that_no_longer_matters_is_not_asked(client: FlaskClient) -> None:
    given = values(worked()[0])
    given.pop("quality_paths")
    page = client.post(CHECK, data=sent(given))
    assert 'name="quality_paths-0-scheme"' in page.text
    given = values(worked()[0])
    given.pop("course_booked", None)
    page = client.post(CHECK, data=sent(given))
    assert 'name="course_booked"' not in page.text


def test_empty_rows_are_no_answer_until_there_are_said_to_be_none(
    client: FlaskClient,
) -> None:
    given = sent({k: v for k, v in values(worked()[0]).items() if k != "quality_paths"})
    page = client.post(CHECK, data=given)
    assert "Da accertare" in result(page)
    page = client.post(CHECK, data=given | {"none_quality_paths": "y"})
    plan = page.text.split('id="plan"')[1].split("</section>")[0]
    assert "Mettere in ordine" in plan


def test_what_cannot_be_read_is_told_at_its_question_and_the_rest_is_judged(
    client: FlaskClient,
) -> None:
    page = client.post(CHECK, data={"workers_total": "dodici", "albo_registered": "no"})
    assert page.status_code == 422
    assert 'href="#workers_total"' in page.text
    assert "Non soddisfatto" in page.text.split('id="result"')[1]


def test_a_row_is_added_and_the_page_opens_at_it(client: FlaskClient) -> None:
    page = client.post(CHECK, data={"add": "contracts", "contracts-0-code": "T151"})
    assert 'name="contracts-1-code"' in page.text
    assert 'formaction="#contracts"' in page.text


def test_a_draft_is_told_apart_and_leads_to_no_application(client: FlaskClient) -> None:
    page = client.post(
        "/it/criteria/impact/2026/check", data={"albo_registered": "yes"}
    )
    assert page.status_code == 200
    assert "bozza, non in vigore" in page.text
    assert "/applications/new" not in page.text.split("<main")[1]
    assert client.get("/it/criteria/impact/1999/check").status_code == 404


@pytest.mark.parametrize(
    "data",
    [
        {"cooperative_kind": "boh", "workers_total": "9" * 400},
        {
            "contracts-99999-code": "T151",
            "contracts--code": "x",
            "assemblies-٣-kind": "x",
        },
        {"none_contracts": "y" * 5000, "add": "nothing", "remove": "x", "use": "\x00"},
    ],
)
def test_nothing_typed_brings_it_down(client: FlaskClient, data: Any) -> None:
    assert client.post(CHECK, data=data).status_code in (200, 422)


def test_a_criterion_can_be_ticked_as_not_applicable_where_the_edition_allows_it(
    client: FlaskClient,
) -> None:
    here = "/it/criteria/impresa-solidale/2026/check"
    box = 'name="waive" value="orders"'
    assert box in client.get(here).text
    assert 'name="waive"' not in client.get(CHECK).text
    page = client.post(here, data={"waive": ["orders", "contribution"], "gifts": "10"})
    assert page.status_code == 200
    told = result(page).split("Lavori affidati a cooperative sociali")[1]
    assert told.split("</li>")[0].count("Non si applica") == 1
    assert "Il requisito non si applica" in told
    assert f"{box} checked" in page.text
    left = " ".join(page.text.split())
    why = "è indicato come non applicabile"
    assert (
        f"non serve più, perché «Lavori affidati a cooperative sociali» {why}" in left
    )
    assert 'name="orders"' not in page.text
    contribution = result(page).split("Un contributo concreto")[1].split("</li>")[0]
    assert "Non si applica" not in contribution


def test_answers_not_needed_change_no_verdict() -> None:
    """Every gap called superfluous, filled with every value it ever has."""
    ever: dict[str, list[Any]] = {}
    for case in worked():
        for name, value in values(case).items():
            if value not in ever.setdefault(name, []):
                ever[name].append(value)
    made, tried = EDITION, 0
    for case in worked():
        whole = values(case)
        for gone in whole:
            given = {name: one for name, one in whole.items() if name != gone}
            before = evaluate(made, Case.declared(given), case.on)
            if gone in needed(made, before):
                continue
            for value in ever[gone]:
                tried += 1
                after = evaluate(made, Case.declared(given | {gone: value}), case.on)
                assert [one.verdict for one in after.requirements] == [
                    one.verdict for one in before.requirements
                ], (case.name, gone)
    assert tried > 100


def test_the_day_is_the_one_of_the_register(client: FlaskClient, app: Any) -> None:
    page = client.post(CHECK, data={"albo_registered": "yes"})
    assert "2 marzo 2026" in page.text
    assert services().today().isoformat() == "2026-03-02"
