"""One box that recognises what was typed, and says why a number cannot exist."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.public.asked import LONGEST, Kind, read


@pytest.mark.parametrize(
    ("typed", "kind", "value"),
    [
        ("90000010166", Kind.VAT, "90000010166"),
        (" IT 9000 001 0166 ", Kind.VAT, "90000010166"),
        ("9000.0010.166", Kind.VAT, "90000010166"),
        ("a 122855", Kind.ALBO, "A122855"),
        ("c-104215", Kind.ALBO, "C104215"),
        ("imp 2026 000123 38", Kind.CERTIFICATE, "IMP-2026-000123-38"),
        ("IMP 2O26 OOO123 38", Kind.CERTIFICATE, "IMP-2026-000123-38"),
        ("IMP–2026–000123–38", Kind.CERTIFICATE, "IMP-2026-000123-38"),
        ("Il Ginepro", Kind.NAME, ""),
        ("2001 Odissea", Kind.NAME, ""),
        ("1844", Kind.NAME, ""),
        ("", Kind.NOTHING, ""),
        ("  …  ", Kind.NOTHING, ""),
    ],
)
def test_what_is_typed_is_recognised(typed: str, kind: Kind, value: str) -> None:
    asked = read(typed)
    assert (asked.kind, asked.value, asked.problem) == (kind, value, None)


@pytest.mark.parametrize(
    ("typed", "kind", "why"),
    [
        ("01234567890", Kind.VAT, "the last should be 7"),
        ("0123456789", Kind.VAT, "10 digits instead of eleven"),
        ("A12285", Kind.ALBO, "six digits"),
        ("IMP-2026-000123-39", Kind.CERTIFICATE, "check digits do not agree"),
        ("RSSMRA80A01H501U", Kind.TAX_CODE, "of a person"),
    ],
)
def test_a_wrong_number_is_told_which_and_why(typed: str, kind: Kind, why: str) -> None:
    asked = read(typed)
    assert asked.kind is kind
    assert why in str(asked.problem)


def test_the_codice_fiscale_of_a_person_is_not_shown_again() -> None:
    assert read("RSSMRA80A01H501U").text == ""


@given(st.text(max_size=400))
def test_nothing_typed_breaks_it_or_comes_back_invisible(typed: str) -> None:
    asked = read(typed)
    assert len(asked.text) <= LONGEST
    assert asked.text.isprintable()
