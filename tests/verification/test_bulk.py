"""A long list is answered as if each number had been asked for by itself."""

import random
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from registry.clock import FixedClock
from registry.db import db as database
from registry.demo.bulk import add_bulk
from registry.verification import bulk
from registry.verification.bulk import Light, lookup
from registry.verification.questions import Question
from registry.verification.verdicts import answers
from tests import factories
from tests.public.stories import certified, superseded, suspended, withdrawn
from tests.public.test_register import listed
from tests.verification.test_verdicts import BASE, statements

FILE = "f" * 64
MANY = 1_000


@pytest.fixture
def numbers(app: Flask, clock: FixedClock, editions: Any) -> list[tuple[Any, Any]]:
    """A thousand numbers in any order: of holders, of nobody, many of them twice."""
    clock.tick(days=90)
    add_bulk(400, editions["impact/2022"], FILE, at=clock.now(), tell=lambda _: None)
    before, newer = superseded()
    for made in (before, newer, suspended(), withdrawn(), certified()):
        made.organisation.rea = made.organisation.rea or f"BG-{100000 + made.id}"
    named = factories.organisation()
    listed("Aurora", organisation=named)
    database.session.commit()
    pairs = [(by, value) for row in _rows() for by, value in row.items() if value]
    pairs += [("vat", factories.vat()) for _ in range(50)]
    pairs += [("albo", "A999999"), ("certificate", "IMP-2020-000001-00")]
    return random.Random(7).choices(pairs, k=MANY)  # noqa: S311 - no secret


def _rows() -> list[dict[str, Any]]:
    holders = database.session.execute(
        database.text("SELECT vat, vat AS tax_code, albo, rea FROM organisations")
    )
    papers = database.session.execute(
        database.text("SELECT number AS certificate FROM certificates")
    )
    return [dict(row) for row in [*holders.mappings(), *papers.mappings()]]


def told(pairs: list[Any], on: date, known: datetime | None, editions: Any) -> Any:
    questions = [Question(by, value, on, True, known) for by, value in pairs]
    at = datetime.combine(on, datetime.min.time()).astimezone()
    for answer in answers(questions, at, editions, BASE):
        matched, paper = answer.matched, answer.certificate
        yield Light(
            answer.status,  # type: ignore[arg-type] # a StrEnum is its value
            answer.status_since and date.fromisoformat(answer.status_since),
            answer.reason_code,
            *(
                (matched.id, matched.legal_name, matched.vat, matched.tax_code,
                 matched.town, matched.province)
                if matched else (None,) * 6
            ),
            "listed_by_owner" in answer.flags,
            paper and paper.number,
            paper and paper.edition,
            paper and date.fromisoformat(paper.expires),
        )  # fmt: skip


def test_a_thousand_numbers_are_a_thousand_single_answers(
    numbers: list[Any], clock: FixedClock, editions: Any
) -> None:
    today = clock.now().date()
    for on, known in [
        (today, None),
        (today, clock.now()),
        (today - timedelta(days=60), None),
        (today, clock.now() - timedelta(days=60)),
        (today - timedelta(days=400), clock.now() - timedelta(days=300)),
    ]:
        assert lookup(numbers, on, known) == list(told(numbers, on, known, editions))
    statuses = {row.status for row in lookup(numbers, today)}
    assert len(statuses) >= 6


def test_a_list_takes_one_statement_whatever_its_length(
    numbers: list[Any], clock: FixedClock
) -> None:
    database.session.commit()
    for many in (numbers[:10], numbers):
        with statements() as said:
            lookup(many, clock.now().date())
        others = [one for one in said if "max(" in one or one.startswith("SET ")]
        assert len(said) - len(others) == 1


def test_an_empty_list_has_no_answers(app: Flask, clock: FixedClock) -> None:
    assert bulk.lookup([], clock.now().date()) == []
