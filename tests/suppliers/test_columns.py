"""Which column is which, whatever the order, the language and the layout."""

import pytest

from registry.suppliers.columns import layout_of, named
from tests import factories

VATS = [factories.vat() for _ in range(6)]
NAMES = [f"Il Melograno {n} soc. coop. sociale" for n in range(6)]


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        ("P.IVA", "vat"),
        ("Partita I.V.A. fornitore", "vat"),
        ("VAT no.", "vat"),
        ("Cod. Fiscale", "tax_code"),
        ("C.F. / Tax code", "tax_code"),
        ("N. iscrizione Albo cooperative", "albo"),
        ("REA", "rea"),
        ("Numero certificato", "certificate"),
        ("Ragione Sociale", "name"),
        ("Supplier name", "name"),
        ("Denominazione", "name"),
        ("Codice fornitore", None),
        ("E-mail fornitore", None),
        ("Città", "town"),
        ("Comune sede", "town"),
        ("Nome fornitore", "name"),
        ("Comune di Bergamo", None),
        ("Il Melograno Cooperativa Sociale", None),
        ("Prov.", "province"),
        ("Impact – Certificate number", None),
        ("Note", None),
        ("", None),
    ],
)
def test_a_header_says_what_its_column_is(header: str, kind: str | None) -> None:
    assert named(header) == kind


def test_columns_are_known_in_any_order_below_a_title() -> None:
    rows = [
        ["Elenco fornitori 2026", "", "", "", ""],
        ["", "", "", "", ""],
        ["Cod.", "Prov.", "Ragione sociale", "Note", "P.IVA"],
        *([str(n), "BG", NAMES[n], "tel. 035123456", VATS[n]] for n in range(6)),
    ]
    found = layout_of(rows)
    assert found.columns == {"province": 1, "name": 2, "vat": 4}
    assert (found.header_row, found.first_row, found.sure) == (2, 3, True)


def test_english_headers_are_known() -> None:
    rows = [["Supplier", "City", "VAT number"], [NAMES[0], "Bergamo", VATS[0]]]
    assert layout_of(rows).columns == {"name": 0, "town": 1, "vat": 2}


def test_a_list_without_header_is_known_by_its_check_digits() -> None:
    found = layout_of([[one] for one in VATS])
    assert found.columns == {"vat": 0}
    assert (found.header_row, found.sure) == (None, True)


def test_headers_nobody_knows_do_not_hide_the_numbers() -> None:
    rows = [["Feld A", "Feld B"], *([one, "x"] for one in VATS)]
    found = layout_of(rows)
    assert found.columns == {"vat": 0}
    assert (found.header_row, found.sure) == (0, True)


def test_telephone_numbers_are_no_partita_iva() -> None:
    rows = [["Feld A"], *([f"33912345{n:02}"] for n in range(60))]
    assert not layout_of(rows).sure


def test_a_column_of_the_buyer_own_number_gives_way() -> None:
    rows = [
        ["P.IVA", "P.IVA", "Fornitore"],
        *([VATS[0], VATS[n], NAMES[n]] for n in range(6)),
    ]
    found = layout_of(rows)
    assert found.columns["vat"] == 1
    assert found.sure


def test_two_columns_of_numbers_with_the_same_name_are_asked_about() -> None:
    rows = [
        ["P.IVA", "P.IVA"],
        *([VATS[n], VATS[5 - n]] for n in range(6)),
    ]
    assert not layout_of(rows).sure


def test_names_known_only_by_their_look_are_asked_about() -> None:
    rows = [["Colonna 1", "Colonna 2"], *([str(n), NAMES[n]] for n in range(6))]
    found = layout_of(rows)
    assert not found.sure


def test_nothing_known_is_asked_about() -> None:
    assert not layout_of([["a", "b"], ["1", "2"]]).sure
    assert not layout_of([[]]).sure


def test_the_answers_of_last_time_are_not_taken_for_questions() -> None:
    rows = [
        ["Fornitore", "P.IVA", "Impact – nome nel registro", "Impact – certificato"],
        *([NAMES[n], VATS[n], "Altro nome", "IMP-2026-000001-12"] for n in range(6)),
    ]
    assert layout_of(rows).columns == {"name": 0, "vat": 1}
