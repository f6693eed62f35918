"""Which identifiers, names and places the register takes, and what it says if not."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import luhn

from registry.errors import Invalid
from registry.organisations import rules
from registry.organisations.models import OrganisationKind


def test_a_wrong_check_digit_names_the_number_and_the_right_digit() -> None:
    with pytest.raises(rules.BadNumber) as refused:
        rules.checked_vat("00743110158")
    assert "00743110158" in str(refused.value)
    assert "should be 7" in str(refused.value)


@given(st.from_regex(r"[0-9]{10}", fullmatch=True).filter(str.isascii))
def test_the_check_digit_is_that_of_luhn(ten: str) -> None:
    assert rules.right_digit(ten) == luhn.calc_check_digit(ten)


@pytest.mark.parametrize(
    "typed", ["00743110157", " IT 00743110157", "007.431.101-57", "it00743110157"]
)
def test_a_partita_iva_is_kept_as_its_eleven_digits(typed: str) -> None:
    assert rules.checked_vat(typed) == "00743110157"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("0074311015", "10 digits"),
        ("0" * 11, "wrong check digit"),
        ("1" * 10_000, "10000 digits"),
        ("٠٠٧٤٣١١٠١٥٧", "eleven digits and nothing else"),
        ("²0743110157", "eleven digits and nothing else"),
        ("<b>00743110157", "eleven digits and nothing else"),
        ("12345672005", "office"),
    ],
)
def test_what_is_not_a_partita_iva_is_refused_in_words(typed: str, said: str) -> None:
    with pytest.raises(rules.BadNumber) as refused:
        rules.checked_vat(typed)
    assert said in str(refused.value)
    assert len(str(refused.value)) < 200


def test_the_codice_fiscale_of_a_person_is_not_that_of_an_organisation() -> None:
    with pytest.raises(rules.BadNumber, match="of a person"):
        rules.checked_tax_code("RSSMRA80A01A794F")


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("a122855", "A122855"), ("C 123456", "C123456"), ("", None)],
)
def test_an_albo_number_is_a_letter_and_six_digits(typed: str, kept: str) -> None:
    assert rules.checked_albo(typed) == kept


@pytest.mark.parametrize("typed", ["B122855", "A12285", "A1228555", "122855"])
def test_other_albo_numbers_are_refused(typed: str) -> None:
    with pytest.raises(rules.BadNumber, match="A122855"):
        rules.checked_albo(typed)


@pytest.mark.parametrize("typed", ["bg 250195", "BG-0250195", "BG250195"])
def test_a_rea_number_has_one_spelling(typed: str) -> None:
    assert rules.checked_rea(typed) == "BG-250195"


def test_a_chamber_that_does_not_exist_is_refused() -> None:
    with pytest.raises(rules.BadNumber):
        rules.checked_rea("XX-250195")


@pytest.mark.parametrize("typed", ["BG", "bg", "Bergamo", " bergamo "])
def test_a_province_is_known_by_sigla_and_name(typed: str) -> None:
    assert rules.checked_province(typed) == "BG"


def test_a_town_known_by_a_short_name_is_written_out() -> None:
    assert rules.checked_town("Brembate Sopra") == "Brembate di Sopra"


@pytest.mark.parametrize(
    "typed", ["", "   ", "a" * 106, "nome\u202ecattivo", "a\x00b", "…", "名前"]
)
def test_a_name_that_cannot_be_printed_is_refused(typed: str) -> None:
    with pytest.raises(rules.BadName):
        rules.checked_name(typed)


def test_a_name_keeps_its_accents_and_apostrophes() -> None:
    assert rules.checked_name("L'Ulivo  Cooperativa Solidarieta\u0300") == (
        "L'Ulivo Cooperativa Solidarietà"
    )


@pytest.mark.parametrize(
    "typed",
    ["javascript:alert(1)", "http://[", "ftp://example.org", "x", "https://a b.it"],
)
def test_what_is_not_the_address_of_a_site_is_refused(typed: str) -> None:
    with pytest.raises(rules.BadName):
        rules.checked_website(typed)


def test_an_ateco_code_is_of_the_edition_of_2025() -> None:
    assert rules.checked_ateco("812100") == "81.21.00"
    assert "pulizia" in rules.ateco_title("81.21.00")
    with pytest.raises(rules.BadCode):
        rules.checked_ateco("99.99.99")


def test_everything_wrong_is_told_at_once() -> None:
    with pytest.raises(rules.Refused) as refused:
        rules.checked(
            OrganisationKind.SOCIAL_B,
            {"name": "", "vat": "123", "province": "ZZ", "town": "Bergamo"},
        )
    assert [name for name, _ in refused.value.problems] == ["name", "vat", "province"]


def test_an_organisation_has_a_number() -> None:
    with pytest.raises(rules.Refused) as refused:
        rules.checked(
            OrganisationKind.SOCIAL_B,
            {"name": "X", "province": "BG", "town": "Bergamo"},
        )
    assert refused.value.problems[0][0] == "vat"


@given(st.text(max_size=60))
def test_no_text_breaks_a_check(typed: str) -> None:
    for check in rules.CHECKS.values():
        with suppress(Invalid):
            kept = check(typed)
            assert kept is None or check(kept) == kept
