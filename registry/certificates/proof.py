"""The proof is read once more before the seal goes on it.

A sealed mistake cannot be taken back, so what the paper says is compared with the facts
it was made from, and what it may not carry is looked for: links, scripts, attachments,
letters that a reader's machine would have to lend.
"""

import io
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pikepdf
import pypdfium2

from registry.certificates.rendering import written_day
from registry.errors import N_, Unavailable
from registry.paper import Enclosure

PAGES = 2
FIELD = "Sigillo"
# Keys by which a PDF acts, opens or carries something (ISO 32000-1, 12.6 and 7.11.4).
FORBIDDEN = ("/AA", "/OpenAction", "/JS", "/JavaScript", "/XFA")
ACTIONS = {
    *("/GoTo", "/GoToR", "/GoToE", "/Launch", "/Named", "/URI", "/JavaScript"),
    *("/SubmitForm", "/ResetForm", "/ImportData", "/Rendition", "/Movie", "/Sound"),
}
BOTH_STANDARDS = (b"pdfaid", b"<pdfuaid:part>1</pdfuaid:part>")

Facts = Mapping[str, Any]


class BadProof(Unavailable):
    """The paper is not what was meant, and must not be sealed."""


def lint(pdf: bytes, facts: Facts, enclosures: Iterable[Enclosure] = ()) -> None:
    """Nothing when the unsealed `pdf` says what the `facts` say and no more.

    It carries the `enclosures`, byte for byte, and no other file. Raises BadProof
    naming everything that is wrong.
    """
    with pikepdf.open(io.BytesIO(pdf)) as document:
        wrong = [*_wrong_shape(document), *_wrong_parts(document)]
        wrong += _wrong_enclosures(document, enclosures)
    wrong += _missing_words(pdf, facts)
    if wrong:
        raise BadProof(
            N_("The paper is not what was meant: %(what)s"), what="; ".join(wrong)
        )


def words_of(pdf: bytes) -> list[str]:
    """The text of each page as a reader would copy it."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        return [page.get_textpage().get_text_bounded() for page in document]
    finally:
        document.close()


def _wrong_shape(document: pikepdf.Pdf) -> Iterator[str]:
    if len(document.pages) != PAGES:
        yield f"it has {len(document.pages)} pages"
    if "/Lang" not in document.Root or "/StructTreeRoot" not in document.Root:
        yield "a screen reader could not read it"
    about = document.Root.get("/Metadata")
    described = about.read_bytes() if about is not None else b""
    if not all(mark in described for mark in BOTH_STANDARDS):
        yield "it is not marked as PDF/A and PDF/UA"
    annotations = [note for page in document.pages for note in page.get("/Annots", [])]
    if [_kind(note) for note in annotations] != [("/Widget", FIELD, False)]:
        yield "it has fields or links other than the empty one of the seal"


def _kind(note: Any) -> tuple[str, str, bool]:
    return str(note.get("/Subtype")), str(note.get("/T", "")), "/V" in note


def _wrong_parts(document: pikepdf.Pdf) -> Iterator[str]:
    for part in _dictionaries(document.objects):
        yield from (f"it carries {key}" for key in FORBIDDEN if key in part)
        if str(part.get("/S")) in ACTIONS:
            yield f"it carries the action {part['/S']}"
        if part.get("/Type") == "/FontDescriptor" and "/FontFile2" not in part:
            yield f"the font {part.get('/FontName')} is not inside"


def _wrong_enclosures(
    document: pikepdf.Pdf, enclosures: Iterable[Enclosure]
) -> Iterator[str]:
    meant = {one.name: (one.data, f"/{one.relationship}") for one in enclosures}
    found = {
        name: (carried.get_file().read_bytes(), str(carried.relationship))
        for name, carried in document.attachments.items()
    }
    for name in sorted(meant.keys() | found.keys()):
        if meant.get(name) != found.get(name):
            yield f"it does not carry {name} as it was meant"
    carriers = [part for part in _dictionaries(document.objects) if "/EF" in part]
    if len(carriers) != len(meant):
        yield f"it carries {len(carriers)} files instead of {len(meant)}"


def _dictionaries(things: Iterable[Any]) -> Iterator[Any]:
    """Every dictionary, with those written inside others; none is seen twice."""
    for thing in things:
        if isinstance(thing, pikepdf.Array):
            inside = list(thing)
        elif isinstance(thing, pikepdf.Dictionary | pikepdf.Stream):
            yield thing
            inside = [thing[key] for key in thing.keys()]  # noqa: SIM118 not a dict
        else:
            continue
        yield from _dictionaries(
            one
            for one in inside
            if isinstance(one, pikepdf.Object) and not one.is_indirect
        )


def _missing_words(pdf: bytes, facts: Facts) -> list[str]:
    pages = [bare(text) for text in words_of(pdf)]
    if len(pages) != PAGES:
        return []
    days = [
        written_day(facts[day], facts["language"])
        for day in ("issued_on", "valid_until", "next_recheck_on")
    ]
    titles = [
        criterion["title"]
        for told in (facts, facts.get("also") or {})
        for criterion in told.get("criteria", ())
    ]
    # Only the second page says what does not apply: it is no petal of the flower.
    left_out = [
        criterion["title"]
        for told in (facts, facts.get("also") or {})
        for criterion in told.get("not_applicable", ())
    ]
    name, number = facts["organisation"]["name"], facts["number"]
    first = [number, name, facts["signatory"]["name"], *days, *titles]
    second = [number, name, facts["fingerprint"], facts["edition_digest"], *titles]
    second += left_out
    if facts.get("level"):
        second.append(facts["level"])
    if before := facts.get("replaces"):
        second.append(before["number"])
    return [
        f"page {count} does not say “{text}”"
        for count, (page, texts) in enumerate(
            zip(pages, (first, second), strict=True), start=1
        )
        for text in texts
        if bare(text) not in page
    ]


def bare(text: str) -> str:
    """Without blanks and hyphens: lines break for the eye, ligatures are one sign."""
    plain = unicodedata.normalize("NFKC", text.removeprefix("sha256:"))
    return "".join(
        letter
        for letter in plain
        if not letter.isspace()
        and unicodedata.category(letter) not in {"Cc", "Pd", "Cf"}
    )
