"""Bringing in the list published for the real mark, and hostile ones."""

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from click.testing import Result
from flask import Flask

from registry.organisations.commands import organisations_cli
from registry.organisations.models import Listing, Organisation
from tests.organisations.places import vat

PUBLISHED = Path(__file__).with_name("impact_published.csv")


def bring(app: Flask, file: Path, *options: str) -> Result:
    """Run the command as an operator does."""
    from registry.db import db

    db.session.commit()
    runner = app.test_cli_runner()
    return runner.invoke(organisations_cli, ["import", str(file), *options])


@pytest.fixture
def written(tmp_path: Path) -> Any:
    """Writes a file of lines and gives its path."""

    def write(*lines: str, encoding: str = "utf-8") -> Path:
        path = tmp_path / "elenco.csv"
        path.write_bytes("\n".join(lines).encode(encoding))
        return path

    return write


def test_the_published_list_comes_in_as_listed_and_never_as_certified(
    app: Flask, db: Any
) -> None:
    done = bring(app, PUBLISHED, "--listed-on", "2024-08-29", "--write")
    assert done.exit_code == 0, done.output
    assert "21 rows, 0 failed" in done.output
    rows = {row.name: row for row in db.session.query(Listing)}
    assert len(rows) == 21
    left = rows["Sottosopra"]
    assert [(one.period, one.listed) for one in left.appearances] == [
        ("2023", True),
        ("2024-08", False),
    ]
    assert "Bergamonews" in left.source
    assert left.imported_on.isoformat() == "2024-08-29"
    assert rows["Koinè"].name_key == "koine"
    assert db.session.query(Organisation).count() == 0


def test_bringing_it_in_again_changes_nothing(app: Flask, db: Any) -> None:
    options = ("--listed-on", "2024-08-29", "--write")
    bring(app, PUBLISHED, *options)
    again = bring(app, PUBLISHED, *options)
    assert again.output.count("nothing new") == 21
    assert db.session.query(Listing).count() == 21


def test_a_rehearsal_keeps_nothing(app: Flask, db: Any) -> None:
    done = bring(app, PUBLISHED)
    assert "listing added" in done.output
    assert "Nothing was kept" in done.output
    assert db.session.query(Listing).count() == 0


def test_one_wrong_row_keeps_all_out_unless_partial(
    app: Flask, db: Any, written: Any
) -> None:
    file = written(
        "Provincia;Denominazione;In elenco 2023;Partita IVA;Note",
        "BG;Prima;sì;;",
        "BG;Seconda;forse;;",
        "BG;Terza;no;00743110158;",
        "QQ;Quarta;no;;",
        "BG;prima;sì;;",
    )
    done = bring(app, file, "--write")
    assert done.exit_code == 1
    assert (
        "row 3, column “In elenco 2023”: “forse” is neither yes nor no" in done.output
    )
    assert "row 4, column “Partita IVA”" in done.output
    assert "should be 7" in done.output
    assert "row 5, column “Provincia”" in done.output
    assert "row 6: This is the same organisation as row 2" in done.output
    assert "column “Note”: not known" in done.output
    assert db.session.query(Listing).count() == 0
    kept = bring(app, file, "--write", "--partial")
    assert kept.exit_code == 0
    assert [row.name for row in db.session.query(Listing)] == ["Prima"]


def test_english_columns_and_windows_letters_are_read(
    app: Flask, db: Any, written: Any
) -> None:
    file = written(
        "Name,Town,Province,Listed August 2024",
        "Solidarietà,Brembate Sopra,Bergamo,yes",
        encoding="cp1252",
    )
    done = bring(app, file, "--write")
    assert done.exit_code == 0, done.output
    row = db.session.query(Listing).one()
    assert (row.name, row.town, row.province) == (
        "Solidarietà",
        "Brembate di Sopra",
        "BG",
    )
    assert row.appearances[0].period == "2024-08"
    assert row.source == "elenco.csv"


def test_a_row_with_a_number_enters_the_organisation_once(
    app: Flask, db: Any, written: Any
) -> None:
    number = vat()
    file = written(
        "Denominazione,Comune,Provincia,Tipo,Partita IVA",
        f"Ecosviluppo,Stezzano,BG,sociale B,{number}",
    )
    bring(app, file, "--write")
    bring(app, file, "--write")
    made = db.session.query(Organisation).one()
    assert made.vat == number
    assert db.session.query(Listing).one().organisation is made


def test_a_workbook_is_read_and_its_lost_zeros_found(
    app: Flask, db: Any, tmp_path: Path
) -> None:
    path = tmp_path / "elenco.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["Denominazione", "Partita IVA", "In elenco 2023"])
        sheet.write_row(1, 0, ["Oikos", 743110157, True])
    done = bring(app, path, "--write")
    assert done.exit_code == 0, done.output
    assert "kind, province or town is missing" in done.output
    assert db.session.query(Listing).one().appearances[0].listed


def bomb() -> bytes:
    """A workbook whose sheet claims the last cell there can be."""
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write(0, 0, "Denominazione")
        sheet.write(1_048_575, 16_383, "x")
    return made.getvalue()


def zeros() -> bytes:
    """A zip of two hundred megabytes of nothing."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as zipped:
        zipped.writestr("xl/workbook.xml", b"\0" * 200_000_000)
    return made.getvalue()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b"\n\n", "empty"),
        (b"a,b\n1,2", "no column with the name"),
        (b"Name,Denominazione\nx,y", "Two columns say the same"),
        (b"Name\n\0", "not a text file"),
        (b'Name\n"never closed', "quotation mark"),
        (b"Name\n" + b"x" * 2_001, "2,000 characters"),
        (b"Name,Note\nx" + b"," * 60, "60 columns"),
        (b"Name\n" + b"x\n" * 20_001, "20,000 rows"),
        (b"x" * (5 * 1024 * 1024 + 1), "5 MB"),
        (b"PK\x03\x04 broken", "broken"),
        (b"\xd0\xcf\x11\xe0 old", "XLSX or CSV"),
        (bomb, "broken or too large"),
        (zeros, "broken or too large"),
    ],
    ids=[
        *("nothing", "blank lines", "no name", "two names", "nul", "open quote"),
        *("long cell", "many columns", "many rows", "heavy", "broken xlsx", "old xls"),
        *("bomb", "zeros"),
    ],
)
def test_a_hostile_file_is_refused_in_words(
    content: Any, said: str, app: Flask, tmp_path: Path
) -> None:
    path = tmp_path / "elenco"
    path.write_bytes(content() if callable(content) else content)
    done = bring(app, path, "--write")
    assert done.exit_code == 1
    assert said in done.output
    assert not isinstance(done.exception, MemoryError)


def test_a_hostile_row_is_refused_and_harmless(
    app: Flask, db: Any, written: Any
) -> None:
    file = written("Name,Province", "a\u202eb,BG", "=1+1,BG", f"{'x' * 300},BG", ",BG")
    done = bring(app, file, "--write", "--partial")
    assert "U+202E" in done.output
    assert "300 characters" in done.output
    assert "row 5, column “Name”: Give the name" in done.output
    assert [row.name for row in db.session.query(Listing)] == ["=1+1"]
