"""As of any day, as known at any instant: always what a replay of the events says."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from registry.clock import civil_day
from registry.db import db as database
from registry.verification import bulk
from registry.verification.questions import Question
from registry.verification.verdicts import answers
from tests.verification.registers import (
    NOW,
    Past,
    happenings,
    moments,
    replayed,
    written,
)

NOISY = settings(
    max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
BASE = "http://localhost"


@st.composite
def inquiries(draw: Any) -> list[tuple[Any, Any]]:
    """Days and instants: any of both, today with all that is known among them."""
    pairs = draw(st.lists(st.tuples(moments(), st.none() | moments()), max_size=12))
    return [(civil_day(NOW), None), *((civil_day(on), known) for on, known in pairs)]


def numbers(past: Past) -> list[tuple[Any, Any]]:
    """Every way of asking about a holder; the last two name one certificate each."""
    holder = past.holder
    ways = [("vat", holder.vat), ("tax_code", holder.vat), ("albo", holder.albo)]
    papers = [("certificate", made.number) for made, _ in past.papers]
    return [*ways, ("rea", holder.rea), *papers]


def only(past: Past, by: str, value: str, scheme: str | None) -> Past:
    """What a question is about: papers of one scheme, or the one of that number."""
    papers = [one for one in past.papers if one[0].scheme == (scheme or "impact")]
    if by == "certificate":
        papers = [
            one
            for one in past.papers
            if one[0].number == value and scheme in {None, one[0].scheme}
        ]
    return Past(past.holder, papers)


SCHEMES = st.sampled_from(["impact", "impresa-solidale"])


@NOISY
@given(
    st.lists(st.tuples(happenings(), SCHEMES), min_size=1, max_size=3),
    inquiries(),
    st.none() | SCHEMES,
)
def test_every_answer_is_a_replay_of_the_events(
    app: Flask, editions: Any, stories: Any, asked: Any, scheme: Any
) -> None:
    past = written([story for story, _ in stories], [of for _, of in stories])
    for on, known_at in asked:
        pairs = numbers(past)
        questions = [
            Question(by, value, on, True, known_at, scheme) for by, value in pairs
        ]
        told = answers(questions, NOW, editions, BASE)
        for (by, value), answer in zip(pairs, told, strict=True):
            code, number = replayed(only(past, by, value, scheme), on, known_at or NOW)
            assert answer.status == code
            assert answer.scheme == (scheme or _own(past, value) or "impact")
            if code != "never_certified":
                assert answer.certificate is not None
                assert answer.certificate.number == number
                assert answer.status_since is not None
                assert answer.status_since <= on.isoformat()
        about = scheme or "impact"
        light = bulk.lookup(pairs, on, known_at, about)
        named = [replace(question, scheme=about) for question in questions]
        told = answers(named, NOW, editions, BASE)
        for answer, row in zip(told, light, strict=True):
            assert (answer.matched and answer.matched.id) == row.organisation_id
            assert (answer.status, answer.reason_code) == (row.status, row.reason_code)
            certificate = answer.certificate
            assert (certificate and certificate.number) == row.certificate
            assert answer.status_since == (row.since and row.since.isoformat())
    database.session.rollback()


def _own(past: Past, number: str) -> str | None:
    """The scheme of the certificate of that number."""
    return next((one.scheme for one, _ in past.papers if one.number == number), None)


@NOISY
@given(happenings(), moments())
def test_what_is_recorded_later_never_changes_what_was_known(
    app: Flask, editions: Any, story: Any, known_at: Any
) -> None:
    past = written([[one for one in story if one[2] <= known_at] or story[:1]])
    question = Question(
        "vat", str(past.holder.vat), civil_day(known_at), True, known_at
    )
    before = answers([question], NOW, editions, BASE)
    whole = written([story])
    again = Question("vat", str(whole.holder.vat), question.on, True, known_at)
    after = answers([again], NOW, editions, BASE)
    assert before[0].status == after[0].status
    assert before[0].status_since == after[0].status_since
    database.session.rollback()


def test_instants_are_compared_to_the_microsecond(app: Flask, editions: Any) -> None:
    story = [(kind, day, at.replace(microsecond=1), about)
             for kind, day, at, about in _issued()]  # fmt: skip
    past = written([story])
    at = story[0][2]
    pairs: list[Any] = [("vat", past.holder.vat)]
    on = civil_day(at)
    codes = [
        bulk.lookup(pairs, on, at - timedelta(microseconds=1))[0].status,
        bulk.lookup(pairs, on, at)[0].status,
    ]
    assert codes == ["never_certified", "valid"]


def _issued() -> list[Any]:
    from registry.certificates.models import EventKind

    at = NOW - timedelta(days=3)
    return [(EventKind.ISSUED, civil_day(at), at, None)]
