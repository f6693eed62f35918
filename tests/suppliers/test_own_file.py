"""The company gets its own file back: everything of it, and the answers beside it."""

import io
import zipfile
from itertools import pairwise
from xml.etree import ElementTree

import pytest
import xlsxwriter

from registry.suppliers.reading import Unreadable, answered, read
from registry.suppliers.sheets.refusal import Answers
from tests.suppliers import hostile

MOST = 1000
VAT = "01234567897"
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
SHEET = "xl/worksheets/sheet2.xml"


def answers(
    sheet: str, header: int | None, *rows: int, text: str = "Valido"
) -> Answers:
    return Answers(
        sheet, header, ["Stato", "Note"], {row: [text, "=1+1"] for row in rows}
    )


def workbook() -> bytes:
    """Two sheets, a title over five columns, looks, widths, formulas, a filter."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out)
    bold = book.add_format({"bold": True, "bg_color": "#ffcc00"})
    book.add_worksheet("Leggimi").write(0, 0, "Istruzioni")
    sheet = book.add_worksheet("Fornitori & altri")
    sheet.set_column(0, 30, 14)
    sheet.merge_range(0, 0, 0, 4, "Elenco 2026", bold)
    for column, text in enumerate(("Nome", "P.IVA", "Somma")):
        sheet.write(2, column, text, bold)
    for row in range(3, 6):
        sheet.write(row, 0, f"Coop <{row}> & figli")
        sheet.write(row, 1, VAT)
        sheet.write_formula(row, 2, '=IF(A4<"x","a","b")', value="a")
    sheet.write_blank(4, 6, None, bold)
    sheet.write_blank(4, 20, None, bold)
    sheet.autofilter(2, 0, 5, 2)
    sheet.freeze_panes(3, 0)
    sheet.data_validation(
        3, 0, 5, 0, {"validate": "length", "criteria": ">", "value": 1}
    )
    book.add_worksheet("Nascosto").hide()
    book.close()
    return out.getvalue()


def part(content: bytes, name: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        return archive.read(name)


def test_a_workbook_keeps_its_sheets_looks_formulas_and_widths() -> None:
    before = workbook()
    after = answered(before, answers("Fornitori & altri", 2, 3, 4, 5), MOST)
    with (
        zipfile.ZipFile(io.BytesIO(before)) as old,
        zipfile.ZipFile(io.BytesIO(after)) as new,
    ):
        assert old.namelist() == new.namelist()
        for name in old.namelist():
            assert (old.read(name) == new.read(name)) == (name != SHEET), name
    xml = part(after, SHEET).decode()
    assert xml.count("<f>") == 3
    assert '<mergeCell ref="A1:E1"/>' in xml
    assert "<autoFilter" in xml
    assert "<dataValidation" in xml
    tables = read(after, MOST).sheets
    assert [one.name for one in tables] == ["Leggimi", "Fornitori & altri"]
    assert tables[1].rows[2] == ["Nome", "P.IVA", "Somma", "", "", "Stato", "Note"]
    assert tables[1].rows[3][5:] == ["Valido", "=1+1"]


def test_the_answers_of_a_workbook_are_texts_and_no_cell_comes_twice() -> None:
    after = answered(workbook(), answers("Fornitori & altri", 2, 3, 4, 5), MOST)
    tree = ElementTree.fromstring(part(after, SHEET))  # noqa: S314 - our own
    seen = [cell.get("r") for cell in tree.iter(f"{MAIN}c")]
    assert len(seen) == len(set(seen))
    added = [cell for cell in tree.iter(f"{MAIN}c") if str(cell.get("r"))[0] in "FG"]
    kinds = {cell.get("t") for cell in added}
    assert kinds == {"inlineStr"}
    assert "U5" in seen  # the empty cell with a look of its own, far to the right
    header = next(cell for cell in added if cell.get("r") == "F3")
    assert header.get("s") == next(
        cell.get("s") for cell in tree.iter(f"{MAIN}c") if cell.get("r") == "C3"
    )
    ranges = [
        (int(str(one.get("min"))), int(str(one.get("max"))))
        for one in tree.iter(f"{MAIN}col")
    ]
    assert ranges == sorted(ranges)
    assert all(a[1] < b[0] for a, b in pairwise(ranges))
    assert ranges[-1][1] == 31


def test_a_workbook_whose_tags_have_a_prefix_is_answered_too() -> None:
    rows = (
        '<x:row r="1"><x:c r="A1" t="inlineStr"><x:is><x:t>a</x:t></x:is></x:c></x:row>'
    )
    sheet = (
        '<?xml version="1.0"?><x:worksheet xmlns:x="http://schemas.openxmlformats.org/'
        f'spreadsheetml/2006/main"><x:sheetData>{rows}</x:sheetData></x:worksheet>'
    )
    before = hostile.xlsx(**{hostile.SHEET: sheet})
    after = answered(before, answers("S", None, 0), MOST)
    assert read(after, MOST).sheets[0].rows == [["a", "Valido", "=1+1"]]


def test_rows_without_numbers_and_without_cells_are_answered_in_place() -> None:
    rows = (
        '<row><c t="inlineStr"><is><t>a</t></is></c></row><row/>'
        '<row><c t="inlineStr"><is><t>b</t></is></c></row>'
    )
    after = answered(hostile.xlsx(rows), answers("S", None, 0, 2), MOST)
    assert b'r="B3"' in part(after, hostile.SHEET) or b'r="A3"' in part(
        after, hostile.SHEET
    )


NAME = hostile.ODS_CELL.format("").replace(">x<", ">Nome<")
FORMULA = hostile.ODS_CELL.format(' table:formula="of:=IF([.A1]&gt;1;1;2)"')
ROWS = (
    f'<table:table-row>{NAME}<table:table-cell table:number-columns-repeated="16383"/>'
    f'</table:table-row><table:table-row table:number-rows-repeated="2">{FORMULA}'
    '</table:table-row><table:table-row table:number-rows-repeated="1000000">'
    '<table:table-cell table:number-columns-repeated="16384"/></table:table-row>'
)


def test_an_opendocument_sheet_keeps_repeated_rows_and_formulas() -> None:
    before = hostile.ods(ROWS)
    after = answered(before, answers("S", 0, 1, 2), MOST)
    rows = read(after, MOST).sheets[0].rows
    assert rows == [["Nome", "Stato", "Note"], *[["x", "Valido", "=1+1"]] * 2]
    xml = part(after, "content.xml")
    assert b"table:formula" in xml
    assert b'table:number-rows-repeated="1000000"' in xml
    assert part(after, "mimetype") == part(before, "mimetype")


@pytest.mark.parametrize(
    "encoding",
    ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252",
     "cp850", "mac_roman"],
)  # fmt: skip
def test_csv_comes_back_in_its_own_encoding(encoding: str) -> None:
    text = "Nome;Città\r\nPerché no;Forlì è già città\r\n"
    before = text.encode(encoding)
    if encoding == "utf-16-be":
        before = text.encode("utf-16-be")
    assert read(before, MOST).sheets[0].rows[1] == ["Perché no", "Forlì è già città"]
    after = answered(before, answers("", 0, 1, text="Così"), MOST)
    assert after.decode(encoding) == (
        "Nome;Città;Stato;Note\r\nPerché no;Forlì è già città;Così;'=1+1\r\n"
    )


@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
@pytest.mark.parametrize("ending", ["\r\n", "\n", "\r"])
def test_csv_keeps_its_delimiter_line_ends_and_quotes(
    delimiter: str, ending: str
) -> None:
    cells = [["Nome", "P.IVA", "Nota"], ['"Coop ""Sole"""', VAT, f'"a{delimiter}b"']]
    before = ending.join(delimiter.join(row) for row in cells) + ending
    after = answered(before.encode(), answers("", 0, 1), MOST).decode()
    added = [["Stato", "Note"], ["Valido", "'=1+1"]]
    rows = [[*row, *more] for row, more in zip(cells, added, strict=True)]
    assert after == ending.join(delimiter.join(row) for row in rows) + ending


def test_short_rows_and_a_line_break_in_a_cell_do_not_shift_the_answers() -> None:
    before = b'a;b;c\n"1\n2";x\n\n3\n'
    after = answered(before, answers("", 0, 1, 3), MOST).decode()
    assert after == "a;b;c;Stato;Note\n\"1\n2\";x;;Valido;'=1+1\n\n3;;;Valido;'=1+1\n"


def test_the_line_that_names_the_delimiter_is_no_row() -> None:
    before = b"sep=,\nNome,Nota\na;x,b\n"
    assert read(before, MOST).sheets[0].rows[2] == ["a;x", "b"]
    after = answered(before, answers("", 1, 2), MOST)
    assert after == b"sep=,\nNome,Nota,Stato,Note\na;x,b,Valido,'=1+1\n"


def test_marks_that_quote_nothing_are_letters() -> None:
    before = b'Nome;P.IVA\nCoop "Sole;1\n"Luna;2\n'
    assert read(before, MOST).sheets[0].rows[1:] == [
        ['Coop "Sole', "1"],
        ['"Luna', "2"],
    ]


def test_json_lines_keep_their_members() -> None:
    before = b'{"ref": 1, "vat": "x", "deep": {"a": [1]}}\n\n{"ref": 2}\n'
    after = answered(before, answers("", 0, 1, 3), MOST).decode()
    assert after.splitlines()[0] == (
        '{"ref": 1, "vat": "x", "deep": {"a": [1]}, '
        '"registry": {"Stato": "Valido", "Note": "=1+1"}}'
    )
    assert len(after.splitlines()) == 2


def test_a_sheet_with_comments_between_its_rows_is_not_guessed_at() -> None:
    before = hostile.xlsx(hostile.ROW + "<!-- x -->")
    with pytest.raises(Unreadable) as refused:
        answered(before, answers("S", None, 0), MOST)
    assert refused.value.rule == "unusual"
