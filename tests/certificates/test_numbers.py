"""What a certificate number promises to whoever copies it by hand."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from registry.certificates.numbers import Number, WrongNumber

numbers = st.builds(
    Number,
    prefix=st.from_regex(r"[A-Z]{2,4}", fullmatch=True),
    year=st.integers(2000, 2199),
    serial=st.integers(1, 999_999),
)


def test_a_number_has_the_shape_printed_on_paper() -> None:
    assert str(Number("IMP", 2026, 123)) == "IMP-2026-000123-38"
    assert Number("IMP", 2026, 123).short_address == "/c/IMP-2026-000123-38"


@pytest.mark.parametrize(
    "typed",
    [
        "imp-2026-000123-38",
        " IMP 2026 000123 38 ",
        "IMP202600012338",
        "IMP–2026—000123−38",
        "ＩＭＰ-２０２６-000123-38",
        "IMP-2026-000123\u00ad-38",
        "IMP_2026_000123_38",
        "imp-2O26-OOOl23-38",
        "IMP 2026 000I23 38",
    ],
)
def test_a_number_is_read_however_it_was_typed(typed: str) -> None:
    assert Number.read(typed) == Number("IMP", 2026, 123)


@given(numbers)
def test_what_is_printed_is_read_back(number: Number) -> None:
    assert Number.read(str(number)) == number


@given(numbers, st.data())
def test_every_single_wrong_digit_is_caught(
    number: Number, data: st.DataObject
) -> None:
    text = str(number)
    place = data.draw(st.sampled_from([i for i, c in enumerate(text) if c.isdigit()]))
    other = data.draw(st.sampled_from("0123456789".replace(text[place], "")))
    with pytest.raises(WrongNumber):
        Number.read(text[:place] + other + text[place + 1 :])


@given(numbers, st.data())
def test_two_neighbours_that_changed_places_are_caught(
    number: Number, data: st.DataObject
) -> None:
    bare = str(number).replace("-", "")
    place = data.draw(st.integers(len(number.prefix), len(bare) - 2))
    one, two = bare[place : place + 2]
    assume(one != two)
    with pytest.raises(WrongNumber):
        Number.read(bare[:place] + two + one + bare[place + 2 :])


@given(st.text(max_size=60))
def test_anything_else_is_refused_in_words(typed: str) -> None:
    try:
        number = Number.read(typed)
    except WrongNumber:
        return
    assert Number.read(str(number)) == number


@pytest.mark.parametrize(
    "typed", ["", "1" * 100_000, "IMP-2026", "IMP-2026-0000123-38"]
)
def test_a_wrong_shape_is_refused(typed: str) -> None:
    with pytest.raises(WrongNumber):
        Number.read(typed)
