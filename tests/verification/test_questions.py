"""What people write when they mean a number, and what cannot be one."""

import pytest

from registry.verification.questions import BadIdentifier, recognised


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("01234560108", ("vat", "01234560108")),
        (" IT 01234560108 ", ("vat", "01234560108")),
        ("P. IVA: 012.345.601-08", ("vat", "01234560108")),
        ("C.F. 01234560108", ("vat", "01234560108")),
        # A spreadsheet took it for a quantity.
        ("1234560108", ("vat", "01234560108")),
        # No office gave it as a partita IVA: an association's codice fiscale.
        ("95012345005", ("tax_code", "95012345005")),
        ("a122855", ("albo", "A122855")),
        ("Albo n. C 122855", ("albo", "C122855")),
        ("BG-250195", ("rea", "BG-250195")),
        ("REA bg 0250195", ("rea", "BG-250195")),
        ("MI2012345", ("rea", "MI-2012345")),
        ("imp 2026 000123 38", ("certificate", "IMP-2026-000123-38")),
        ("imp 2o26 000l23 38", ("certificate", "IMP-2026-000123-38")),
        ("Il Ginepro Cooperativa Sociale", None),
        ("AB12345", None),
        ("12345", None),
        ("", None),
        ("Via Roma 12", None),
    ],
)
def test_numbers_are_recognised_however_they_are_written(
    written: str, meant: tuple[str, str] | None
) -> None:
    assert recognised(written) == meant


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("01234567890", "check digit"),
        ("0123456789", "10 digits"),
        ("A1228550", "Albo number"),
        ("IMP-2026-000123-39", "check digits"),
        ("RSSMRA80A01H501U", "codice fiscale of a person"),
    ],
)
def test_a_number_that_cannot_exist_is_told_which_and_why(
    written: str, said: str
) -> None:
    with pytest.raises(BadIdentifier, match=said):
        recognised(written)
