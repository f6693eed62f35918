"""What the paper of a certificate says, and what it refuses to carry."""

import io
import os
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as Tree

import pikepdf
import pypdfium2
import pytest
from PIL import Image, ImageChops, ImageStat

from registry.certificates import flower, qr
from registry.certificates.layouts import LANGUAGES, NoLayout, layout, look
from registry.certificates.proof import BadProof, lint, words_of
from registry.certificates.rendering import fingerprint, render
from registry.certificates.typesetting import balanced, set_name
from registry.paper import Enclosure, NoPaper, Paper
from tests.certificates.papers import GREEK, LONGEST, facts

PAGES = Path(__file__).parent / "pages"
NOON = datetime(2026, 10, 12, 12, tzinfo=UTC)
LONG_TITLES = (
    "Revisione cooperativa ordinaria e straordinaria",
    "Assemblea aggiuntiva dei soci con informativa sull’andamento",
    "Applicazione integrale dei contratti collettivi sottoscritti dalle centrali",
    "Percorso di certificazione secondo norme tecniche internazionali",
)
SAMPLES = {
    "shortest": facts("Oasi"),
    "typical": facts(),
    "longest": facts(LONGEST, reserve=True),
    "greek": facts(GREEK, "en", reserve=True),
    "bilingual": facts(LONGEST, "it+en", reserve=True),
    "graded": facts(graded=True),
    "other-mark": facts(
        "Oasi",
        scheme="impresa-solidale",
        edition="impresa-solidale/2026",
        criteria=[
            {**criterion, "title": title}
            for criterion, title in zip(
                facts(reserve=True)["criteria"], LONG_TITLES, strict=False
            )
        ],
    ),
}


@pytest.fixture(scope="module")
def printed(paper: Paper) -> dict[str, bytes]:
    return {sample: render(told, paper) for sample, told in SAMPLES.items()}


@pytest.mark.parametrize("sample", SAMPLES)
def test_a_paper_says_what_was_meant(sample: str, printed: dict[str, bytes]) -> None:
    lint(printed[sample], SAMPLES[sample])


@pytest.mark.parametrize("sample", SAMPLES)
@pytest.mark.parametrize("page", [0, 1])
def test_a_page_looks_like_its_picture(
    sample: str, page: int, printed: dict[str, bytes]
) -> None:
    drawn = _picture(printed[sample], page)
    kept = PAGES / f"{sample}-{page + 1}.png"
    if not kept.exists():
        _in_colours_of(drawn.quantize(96), drawn).save(kept, optimize=True)
    with Image.open(kept) as expected:
        alike = _in_colours_of(expected, drawn)
        differing = ImageChops.difference(alike.convert("RGB"), expected.convert("RGB"))
    # Another release of a drawing library moves edges by a shade or two, not words.
    assert max(ImageStat.Stat(differing).mean) < 0.15, f"look at {kept}"


def test_the_same_facts_make_the_same_bytes(
    paper: Paper, printed: dict[str, bytes]
) -> None:
    assert render(SAMPLES["typical"], paper) == printed["typical"]


def test_another_process_zone_and_locale_make_the_same_bytes(
    paper: Paper, printed: dict[str, bytes]
) -> None:
    program = (
        "import sys, hashlib; from pathlib import Path\n"
        "from registry.paper import Paper; from registry.typefaces import prepare\n"
        "from registry.certificates.rendering import render\n"
        "from tests.certificates.papers import facts\n"
        "data = render(facts(), Paper(prepare(Path(sys.argv[1]))))\n"
        "sys.stdout.buffer.write(data)"
    )
    here = Path(__file__).parents[2]
    made = subprocess.run(
        [sys.executable, "-c", program, str(paper.typefaces.folder.parent)],
        cwd=here,
        env={**os.environ, "TZ": "Asia/Tokyo", "LC_ALL": "C", "PYTHONHASHSEED": "7"},
        capture_output=True,
        check=True,
    )
    assert made.stdout == printed["typical"]


def test_a_paper_is_archivable_and_accessible(printed: dict[str, bytes]) -> None:
    with pikepdf.open(io.BytesIO(printed["typical"])) as document:
        about = document.Root.Metadata.read_bytes()
        assert b'pdfaid:part="3"' in about
        assert b'pdfaid:conformance="A"' in about
        assert b"<pdfuaid:part>1</pdfuaid:part>" in about
        assert document.Root.Lang == "it"
        assert bool(document.Root.MarkInfo.Marked)
        [field] = document.Root.AcroForm.Fields
        assert (field.FT, "/V" in field, bool(field.TU)) == ("/Sig", False, True)


def test_a_development_seal_is_admitted_on_the_paper(
    paper: Paper, printed: dict[str, bytes]
) -> None:
    assert "Sigillo di sviluppo, non qualificato" in _told(printed["typical"])
    real = render(facts(development_seal=False), paper)
    assert "sviluppo" not in _told(real)


def test_a_reserve_is_told_with_its_end(printed: dict[str, bytes]) -> None:
    assert "31 December 2026" in _told(printed["greek"])
    assert "31 dicembre 2026" in _told(printed["longest"])
    assert "riserva" not in _told(printed["typical"])


def test_markup_in_a_name_is_printed_not_obeyed(paper: Paper) -> None:
    told = facts("<style>*{display:none}</style> & Figli")
    lint(render(told, paper), told)


@pytest.mark.parametrize("name", ["W" * 105, LONGEST.upper(), "Cooperativa " * 16])
def test_any_name_finds_its_place(name: str, paper: Paper) -> None:
    lines = set_name(name.strip(), paper.typefaces).lines
    assert "".join("".join(lines).split()) == "".join(name.split())
    told = facts(name.strip())
    lint(render(told, paper), told)


def test_lines_of_a_name_are_about_equal() -> None:
    words = "uno due tre quattro cinque sei"
    assert balanced(words, len, 20, 3) == ["uno due tre", "quattro cinque sei"]
    assert balanced(words, len, 5, 2) == []


def test_the_fingerprint_tells_two_certificates_apart() -> None:
    told = facts()
    assert fingerprint(told) == told["fingerprint"]
    assert fingerprint({**told, "valid_until": "2030-10-11"}) != told["fingerprint"]


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"number": "IMP-2026-000124-36"}, "IMP-2026-000124-36"),
        ({"valid_until": "2030-10-11"}, "11 ottobre 2030"),
        ({"signatory": {"name": "Altri", "office": ""}}, "Altri"),
    ],
)
def test_a_paper_that_says_something_else_is_not_sealed(
    change: dict[str, Any], complaint: str, printed: dict[str, bytes]
) -> None:
    with pytest.raises(BadProof) as refusal:
        lint(printed["typical"], {**SAMPLES["typical"], **change})
    assert complaint in str(refusal.value).replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.parametrize("what", ["script", "link", "page", "file"])
def test_a_paper_that_carries_something_else_is_not_sealed(
    what: str, printed: dict[str, bytes]
) -> None:
    with pikepdf.open(io.BytesIO(printed["typical"])) as document:
        if what == "script":
            action = {"/S": pikepdf.Name.JavaScript, "/JS": "app.alert(1)"}
            document.Root.OpenAction = pikepdf.Dictionary(action)
        elif what == "link":
            action = {"/S": pikepdf.Name.URI, "/URI": "https://example.org"}
            link = pikepdf.Dictionary(Subtype=pikepdf.Name.Link, A=action)
            document.pages[1].Annots = pikepdf.Array([document.make_indirect(link)])
        elif what == "page":
            document.pages.append(document.pages[1])
        else:
            document.attachments["x.txt"] = b"x"
        changed = io.BytesIO()
        document.save(changed)
    with pytest.raises(BadProof):
        lint(changed.getvalue(), SAMPLES["typical"])


@pytest.mark.parametrize(
    "asked",
    [
        '<img src="file:///etc/passwd"/>',
        '<link rel="attachment" href="file:///etc/passwd"/>',
        '<link rel="stylesheet" href="http://127.0.0.1/x.css"/>',
        "<style>@import 'http://127.0.0.1/x.css'</style>",
        '<object data="https://example.org/x"></object>',
        '<img src="asset:unknown"/>',
        '<img src="data:image/png;base64,AAAA"/>',
    ],
)
def test_paper_asks_for_nothing_from_outside(asked: str, paper: Paper) -> None:
    page = f'<html lang="it"><body><p>x</p>{asked}</body></html>'
    with pytest.raises(NoPaper, match="may not have"):
        paper.print(page, "", {}, title="x", created=NOON)


@pytest.mark.parametrize("broken", ["<br>", "<p>R&D</p>", "a < b", "\x07"])
def test_a_page_that_is_broken_is_not_guessed_at(broken: str, paper: Paper) -> None:
    page = f'<html lang="it"><body><p>x</p>{broken}</body></html>'
    with pytest.raises(NoPaper, match="well-formed"):
        paper.print(page, "", {}, title="x", created=NOON)


def test_paper_carries_the_files_it_is_given(paper: Paper) -> None:
    enclosure = Enclosure("dati.json", b"{}", "I dati")
    pdf = paper.print(
        '<html lang="it"><body><h1>Ricevuta</h1></body></html>',
        "",
        {},
        title="Ricevuta",
        created=NOON,
        enclosures=(enclosure,),
    )
    with pikepdf.open(io.BytesIO(pdf)) as document:
        assert document.attachments["dati.json"].get_file().read_bytes() == b"{}"


@pytest.mark.parametrize("name", ["2019", "..", "2026/.."])
def test_an_unknown_design_is_refused(name: str) -> None:
    with pytest.raises(NoLayout):
        layout(name)


def test_both_languages_have_the_same_texts() -> None:
    texts = layout("2026").texts
    assert {frozenset(texts[language]) for language in LANGUAGES} == {
        frozenset(texts["it"])
    }


def test_drawings_suit_pages_with_a_strict_policy(paper: Paper) -> None:
    colours = look("impact")
    criteria = facts(reserve=True)["criteria"]
    for drawing in (
        flower.flower_svg(criteria, colours, title="a < b", size=64),
        flower.mark_svg(colours, title="Impact"),
        flower.emblem_svg(colours, paper.typefaces, title="Emblema"),
        qr.qr_svg("https://registro.example", "#000", title="QR"),
    ):
        root = Tree.fromstring(str(drawing))  # noqa: S314 our own drawing
        assert root.find("{http://www.w3.org/2000/svg}title") is not None
        assert "style=" not in drawing
        assert "<script" not in drawing
        # Browsers draw a path up to the first number they cannot read.
        assert not re.search(r" d=\"[^\"]*[0-9]\.(?![0-9])", str(drawing))


def test_a_petal_with_a_reserve_is_engraved_lightly() -> None:
    drawn = flower.flower_svg(
        facts(reserve=True)["criteria"], look("impact"), title="fiore"
    )
    assert drawn.count("petal-reserve") == 2  # its tint and its lines
    assert drawn.count("stroke-dasharray") == 1


def test_a_graded_petal_is_as_long_and_full_as_its_points() -> None:
    def lines(points: int | None) -> int:
        criterion = {"result": "met", "points": points, "of": 10}
        drawn = flower.flower_svg([criterion], look("impact"), title="fiore")
        return len(drawn)

    assert lines(2) < lines(6) < lines(10) == lines(None)


def test_a_level_and_points_are_told_in_words(printed: dict[str, bytes]) -> None:
    told = _told(printed["graded"])
    assert "LIVELLOARGENTO" in told.replace(" ", "")
    assert "7 su 10 punti" in told
    assert "punti" not in _told(printed["typical"])


def test_two_languages_say_the_same_on_one_paper(printed: dict[str, bytes]) -> None:
    told = _told(printed["bilingual"])
    for words in (
        "Assemblea aggiuntiva dei soci",
        "Additional members’ assembly",
        "Che cosa non attesta",
        "does not guarantee single products",
    ):
        assert words in told


def test_another_mark_needs_no_code(printed: dict[str, bytes]) -> None:
    told = _told(printed["other-mark"])
    assert "ATTESTATODIIMPRESASOLIDALE" in told.replace(" ", "")
    assert "Impact" not in told.replace("Registro Impact", "").replace(
        SAMPLES["typical"]["scheme_title"], ""
    )


@pytest.mark.parametrize("scheme", ["impact", "impresa-solidale"])
def test_every_word_on_the_paper_is_dark_enough_to_read(scheme: str) -> None:
    colours = look(scheme)
    words = [colours.colours[c] for c in ("ink", "deep", "soft", "gold", "warning")]
    for colour in [*words, *(petal.label for petal in colours.petals)]:
        assert _contrast_on_white(colour) >= 4.5, colour


def _told(pdf: bytes) -> str:
    return " ".join(" ".join(words_of(pdf)).split())


def _picture(pdf: bytes, page: int) -> Image.Image:
    document = pypdfium2.PdfDocument(pdf)
    try:
        image: Image.Image = document[page].render(scale=60 / 72).to_pil()
        return image.convert("RGB")
    finally:
        document.close()


def _in_colours_of(palette: Image.Image, picture: Image.Image) -> Image.Image:
    return picture.quantize(palette=palette, dither=Image.Dither.NONE)


def _contrast_on_white(colour: str) -> float:
    """Contrast as WCAG 2.2 defines it."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in parts
    )
    return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05)
