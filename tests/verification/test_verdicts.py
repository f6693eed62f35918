"""Many questions at once, and what the answers lead to."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, get_args
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from registry.certificates.standing import REASONS, Code
from registry.clock import FixedClock
from registry.db import db as database
from registry.verification.answers import Reason, Status
from registry.verification.questions import Question
from registry.verification.verdicts import answer, answers
from tests import factories
from tests.public.stories import certified, superseded, suspended, withdrawn
from tests.public.test_register import listed

BASE = "http://localhost"


@contextmanager
def statements() -> Iterator[list[str]]:
    said: list[str] = []

    def note(_: Any, __: Any, statement: str, *rest: Any) -> None:
        if not statement.startswith("BEGIN"):
            said.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    yield said
    event.remove(database.engine, "before_cursor_execute", note)


def test_many_answers_are_the_single_ones_read_at_once(
    app: Flask, clock: FixedClock, editions: Any
) -> None:
    clock.tick(days=90)
    at, on = clock.now(), clock.now().date()
    before, newer = superseded()
    numbers = [suspended().number, withdrawn().number, before.number, newer.number]
    vats = [certified().organisation.vat, factories.vat(), before.organisation.vat]
    asked = [Question("certificate", number, on) for number in numbers]
    asked += [Question("vat", str(vat), on) for vat in vats]
    asked += [asked[1], asked[0]]
    database.session.commit()
    with statements() as said:
        found = answers(asked, at, editions, BASE)
    assert len(said) == 1
    assert found == [answer(one, at, editions, BASE) for one in asked]
    assert answers([], at, editions, BASE) == []


def test_every_link_of_an_answer_leads_somewhere(
    client: FlaskClient, clock: FixedClock, editions: Any
) -> None:
    clock.tick(days=90)
    number = superseded()[0].number
    question = Question("certificate", number, clock.now().date(), dated=True)
    links = answer(question, clock.now(), editions, BASE).links
    addresses = links.model_dump(exclude_none=True).values()
    assert len(addresses) == len(type(links).model_fields)
    for address in addresses:
        path = urlsplit(address)
        assert client.get(f"{path.path}?{path.query}").status_code == 200, address


@pytest.mark.parametrize("by", ["vat", "tax_code"])
def test_a_codice_fiscale_written_for_a_partita_iva_means_the_same(
    app: Flask, clock: FixedClock, editions: Any, by: Any
) -> None:
    merged = certified(tax_code=factories.vat()).organisation
    database.session.commit()
    for number in (merged.vat, merged.tax_code):
        question = Question(by, str(number), clock.now().date())
        told = answer(question, clock.now(), editions, BASE)
        assert told.matched is not None
        assert told.matched.id == merged.id


def test_what_a_buyer_must_know_is_flagged(
    app: Flask, clock: FixedClock, editions: Any
) -> None:
    made = certified()
    made.organisation.name = "Il Melograno"
    database.session.commit()
    question = Question("certificate", made.number, clock.now().date())
    told = answer(question, clock.now(), editions, BASE)
    assert told.flags == ["legal_name_changed"]
    assert told.matched is not None
    assert told.matched.legal_name == "Il Melograno"


def test_names_nobody_certified_or_published_do_not_exist(
    app: Flask, clock: FixedClock, editions: Any
) -> None:
    secret, named = factories.organisation(), factories.organisation()
    listed("Aurora", organisation=named)
    database.session.commit()
    asked = [
        Question("vat", str(one.vat), clock.now().date()) for one in (secret, named)
    ]
    hidden, shown = answers(asked, clock.now(), editions, BASE)
    assert hidden.matched is None
    assert shown.flags == ["listed_by_owner"]


def test_the_reasons_promised_are_those_there_are() -> None:
    assert set(get_args(Reason)) == set(REASONS)
    assert set(get_args(Status)) == {code.value for code in Code}
