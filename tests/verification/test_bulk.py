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
from registry.verification.driver import Reading
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
    newer.organisation.tax_code = factories.vat()  # one of its own
    named = factories.organisation()
    listed("Aurora", organisation=named)
    database.session.commit()
    pairs = [(by, value) for row in _rows() for by, value in row.items() if value]
    pairs += [("vat", factories.vat()) for _ in range(50)]
    pairs += [("albo", "A999999"), ("certificate", "IMP-2020-000001-00")]
    pairs += [("vat", newer.organisation.tax_code)]
    return random.Random(7).choices(pairs, k=MANY) + pairs[-1:]  # noqa: S311


def _rows() -> list[dict[str, Any]]:
    holders = database.session.execute(
        database.text(
            "SELECT vat, coalesce(tax_code, vat) AS tax_code, albo, rea "
            "FROM organisations"
        )
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
    assert lookup(numbers, today)[-1].certificate  # by the other of its two numbers
    statuses = {row.status for row in lookup(numbers, today)}
    assert len(statuses) >= 6


def test_a_list_takes_as_many_statements_whatever_its_length(
    numbers: list[Any], clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    streamed, rows = Reading.streamed, Reading.rows
    said: list[str] = []

    def noted(reads: Any) -> Any:
        return lambda reading, statement, given: (
            said.append(statement),
            reads(reading, statement, given),
        )[1]

    monkeypatch.setattr(Reading, "streamed", noted(streamed))
    monkeypatch.setattr(Reading, "rows", noted(rows))
    database.session.commit()
    today, counted = clock.now().date(), []
    one_of_each = list(dict(numbers).items())
    for many in (numbers, numbers * 3, one_of_each):
        said.clear()
        with statements() as others:
            lookup(many, today)
        counted.append(len(said) + len(others))
    assert counted[0] == counted[1] >= counted[2]
    said.clear()
    lookup([pair for pair in numbers if pair[0] == "vat"], today)
    looked = [one for one in said if "FROM" in one]
    assert 1 < len(looked) <= 3  # as one, as the other of its series, who is published


def test_a_number_may_not_hold_what_parts_numbers(
    app: Flask, clock: FixedClock
) -> None:
    pairs: list[tuple[Any, str]] = [("vat", "1\x1f2"), ("vat", "3")]
    if database.engine.dialect.name == "postgresql":
        with pytest.raises(ValueError, match="separator"):
            lookup(pairs, clock.now().date())
    else:
        assert {one.status for one in lookup(pairs, clock.now().date())} == {
            "never_certified"
        }


def test_an_empty_list_has_no_answers(app: Flask, clock: FixedClock) -> None:
    assert bulk.lookup([], clock.now().date()) == []
