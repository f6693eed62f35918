"""Which letters paper can print, and that its typefaces never change by themselves."""

import io
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

from registry.typefaces import FACES, Typefaces, missing_characters, prepare


@pytest.mark.parametrize(
    "name",
    [
        "Cooperativa sociale L’Orto di Sant’Anna – società cooperativa",
        "Κοινωνική Συνεταιριστική Επιχείρηση Ελαιώνες Λέσβου",
        "Кооперация „Розова долина“ Казанлък",
        "Zadruga Žlebič, Čačak; Łódź; Straße; Ţară și țară",
        "Cafe\u0301 (written with a combining accent)",
        "100 % equo & solidale: 5 € → ✓",
    ],
)
def test_european_names_are_covered(name: str) -> None:
    assert missing_characters(name) == []


@pytest.mark.parametrize(
    ("name", "missing"),
    [
        ("Oasi 😀😀", ["😀"]),
        ("漢字", ["漢", "字"]),
        ("Oasi\u202eisaO", ["\u202e"]),
        ("O\u200basi", ["\u200b"]),
        ("Oasi\n", ["\n"]),
        ("\ue000", ["\ue000"]),
        ("\x00", ["\x00"]),
    ],
)
def test_letters_paper_cannot_show_are_named(name: str, missing: list[str]) -> None:
    assert missing_characters(name) == missing


def test_all_faces_are_static_and_free_to_embed(typefaces: Typefaces) -> None:
    assert set(typefaces.ttf) == set(typefaces.woff2) == {face.name for face in FACES}
    for name, data in typefaces.ttf.items():
        with TTFont(io.BytesIO(data)) as font:
            assert "fvar" not in font, name
            assert font["OS/2"].fsType == 0, name
    assert all(data[:4] == b"wOF2" for data in typefaces.woff2.values())


def test_every_letter_paper_promises_is_in_the_text_faces(typefaces: Typefaces) -> None:
    promised = [
        chr(code)
        for code in (*range(0x20, 0x250), *range(0x370, 0x530), 0x2192, 0x2713)
        if not missing_characters(chr(code))
    ]
    with TTFont(io.BytesIO(typefaces.ttf["SourceSerif-Regular"])) as font:
        assert [c for c in promised if ord(c) not in font.getBestCmap()] == []
    assert typefaces.covers("Oasi") == []


def test_a_face_is_cut_once_and_always_to_the_same_bytes(tmp_path: Path) -> None:
    said: list[str] = []
    one = prepare(tmp_path / "one", said.append, faces=FACES[:1])
    two = prepare(tmp_path / "two", faces=FACES[:1])
    assert (one.ttf, one.woff2) == (two.ttf, two.woff2)
    assert said == ["typeface 1 of 1: Fraunces-Light"]
    prepare(tmp_path / "one", said.append, faces=FACES[:1])
    assert len(said) == 1
    assert [kept.name for kept in (tmp_path / "one").iterdir()] == [one.folder.name]


def test_widths_grow_with_the_text(typefaces: Typefaces) -> None:
    short = typefaces.width("Oasi", "Fraunces-Light", 36)
    assert 0 < short < typefaces.width("Oasi verde", "Fraunces-Light", 36)
    assert typefaces.width("Ελιά", "Fraunces-Light", 36) > 0
