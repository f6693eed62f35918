"""From what is typed to a typed value, to JSON, and back."""

import contextlib
import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.criteria.edition import Answer
from registry.criteria.reader import read_all
from registry.criteria.values import (
    WrongRows,
    WrongValue,
    from_json,
    is_legal,
    missing_cells,
    read_value,
    to_json,
)
from registry.paths import CRITERIA
from tests.criteria.examples import conforming_answers

EDITION = read_all(CRITERIA)["impact/2022"]
ON = dt.date(2026, 11, 25)


def _ask(name: str) -> Answer:
    return EDITION.answers[name]


@pytest.mark.parametrize(
    ("name", "typed", "value"),
    [
        ("first_year", "yes", True),
        ("first_year", "no", False),
        ("proceedings", "none", "none"),
        ("workers_total", " 1.250 ", 1250),
        ("workers_total", "14", 14),
        ("contracts_on", "2026-10-31", dt.date(2026, 10, 31)),
        ("contracts_on", "31/10/2026", dt.date(2026, 10, 31)),
        ("revision_paper_number", "  n. 12\u202e\x00 ", "n. 12"),
        ("workers_total", "  ", None),
        ("courses", [], []),
    ],
)
def test_what_is_typed_is_read(name: str, typed: Any, value: Any) -> None:
    assert read_value(_ask(name), typed) == value


@pytest.mark.parametrize(
    ("name", "typed", "words"),
    [
        ("first_year", "forse", "yes or no"),
        ("proceedings", "nessuna", "options listed"),
        ("workers_total", "quattordici", "whole number"),
        ("workers_total", "1e3", "whole number"),
        ("workers_total", "١٤", "whole number"),
        ("workers_total", "9" * 400, "whole number"),
        ("workers_total", "0", "at least 1"),
        ("workers_total", "100001", "at most 100000"),
        ("contracts_on", "2026-02-30", "does not exist"),
        ("contracts_on", "31/6/2026", "does not exist"),
        ("contracts_on", "domani", "day/month/year"),
        ("contracts_on", "0001-01-01", "year"),
        ("revision_paper_number", "x" * 81, "at most 80"),
    ],
)
def test_what_does_not_fit_is_refused_by_its_rule(
    name: str, typed: Any, words: str
) -> None:
    with pytest.raises(WrongValue, match=words):
        read_value(_ask(name), typed)


def test_rows_tell_each_wrong_cell() -> None:
    typed = [
        {"code": "t151", "workers": "12"},
        {"code": "T15", "workers": "due"},
    ]
    with pytest.raises(WrongRows) as refusal:
        read_value(_ask("contracts"), typed)
    assert [cell[:2] for cell in refusal.value.cells] == [(1, "code"), (1, "workers")]
    typed.pop()
    assert read_value(_ask("contracts"), typed) == [{"code": "T151", "workers": 12}]


def test_hours_have_one_decimal_and_an_italian_comma() -> None:
    hours = _ask("courses").columns["hours"]
    assert read_value(hours, "4,5") == Decimal("4.5")
    with pytest.raises(WrongValue, match="one decimal"):
        read_value(hours, "4,55")


def test_empty_cells_that_must_be_given_are_found() -> None:
    rows = [{"code": "T151", "workers": 3}, {"code": "T151"}]
    assert missing_cells(_ask("contracts"), rows) == [(1, "workers")]


def test_values_survive_json() -> None:
    for name, value in conforming_answers(on=ON).items():
        answer = _ask(name)
        assert is_legal(answer, value), name
        assert from_json(answer, to_json(answer, value)) == value


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from(list(EDITION.answers)),
    st.recursive(
        st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text()),
        lambda inner: st.one_of(
            st.lists(inner, max_size=3),
            st.dictionaries(st.text(max_size=8), inner, max_size=3),
        ),
        max_leaves=5,
    ),
)
def test_anything_typed_is_read_or_refused_in_words(name: str, typed: Any) -> None:
    answer = _ask(name)
    with contextlib.suppress(WrongValue):
        value = read_value(answer, typed)
        assert value is None or is_legal(answer, value)
    stored = from_json(answer, typed)
    assert stored is None or is_legal(answer, stored)
