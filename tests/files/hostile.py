"""Files nobody should have to open, each made for one rule."""

import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Stream, String
from PIL import Image


def pdf(change: Callable[[pikepdf.Pdf], Any] | None = None, **save: Any) -> bytes:
    """A one-page PDF, changed by `change` before it is saved."""
    document = pikepdf.new()
    document.add_blank_page(page_size=(595, 842))
    if change is not None:
        change(document)
    out = io.BytesIO()
    document.save(out, **save)
    return out.getvalue()


def picture(kind: str, size: tuple[int, int] = (40, 30)) -> bytes:
    out = io.BytesIO()
    Image.effect_noise(size, 60).convert("RGB").save(out, kind)
    return out.getvalue()


def png_of(width: int, height: int) -> bytes:
    """A PNG that says it is that large and holds nothing of it."""

    def part(kind: bytes, data: bytes) -> bytes:
        crc = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + crc

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = part(b"IDAT", zlib.compress(b"\0" * 100))
    return b"\x89PNG\r\n\x1a\n" + part(b"IHDR", header) + body + part(b"IEND", b"")


def archive() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        packed.writestr("a.txt", "a")
    return out.getvalue()


def with_action(**action: Any) -> Callable[[pikepdf.Pdf], None]:
    def change(document: pikepdf.Pdf) -> None:
        document.Root.OpenAction = document.make_indirect(Dictionary(**action))

    return change


def hidden_script(document: pikepdf.Pdf) -> None:
    """A script deep in a link of a page, not at the door."""
    link = Dictionary(
        Type=Name.Annot,
        Subtype=Name.Link,
        Rect=Array([0, 0, 9, 9]),
        A=Dictionary(S=Name.URI, URI=String("https://example.org")),
    )
    link.A.Next = Array([Dictionary(S=Name.JavaScript, JS=String("app.alert(1)"))])
    document.pages[0].Annots = Array([document.make_indirect(link)])


def enclosed(document: pikepdf.Pdf) -> None:
    document.attachments["list.xlsx"] = b"PK"


def with_form(document: pikepdf.Pdf) -> None:
    document.Root.AcroForm = Dictionary(Fields=Array(), XFA=Stream(document, b"<x/>"))


def with_film(document: pikepdf.Pdf) -> None:
    film = Dictionary(Type=Name.Annot, Subtype=Name.RichMedia, Rect=Array([0, 0, 9, 9]))
    document.pages[0].Annots = Array([document.make_indirect(film)])


def reacting_page(document: pikepdf.Pdf) -> None:
    document.pages[0].AA = Dictionary(O=Dictionary(S=Name.Named, N=Name.NextPage))


def opening_at_a_page(document: pikepdf.Pdf) -> None:
    """What word processors write: show page 1 whole.  Harmless."""
    document.Root.OpenAction = Array([document.pages[0].obj, Name.Fit])


def nested(document: pikepdf.Pdf) -> None:
    deep: Any = Array()
    for _ in range(90):
        deep = Array([deep])
    document.Root.Deep = deep


LOCKED = {"encryption": pikepdf.Encryption(owner="o", user="u")}
RESTRICTED = {"encryption": pikepdf.Encryption(owner="o", user="")}

#: What it is, the bytes, the class of the refusal.
HOSTILE: dict[str, tuple[bytes, str]] = {
    "nothing at all": (b"", "EmptyFile"),
    "a program called .pdf": (b"MZ\x90\0" + b"\0" * 500, "WrongKind"),
    "a page of the web": (b"<!doctype html><script>1</script>", "WrongKind"),
    "a drawing": (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "WrongKind"),
    "an archive": (archive(), "WrongKind"),
    "a GIF": (picture("GIF"), "WrongKind"),
    "a text": ("La visura è questa".encode(), "WrongKind"),
    "too many bytes": (b"%PDF-1.7\n" + b"0" * 10 * 1024 * 1024, "TooLarge"),
    "a PDF behind a password": (pdf(**LOCKED), "Encrypted"),
    "a PDF with restrictions": (pdf(**RESTRICTED), "Encrypted"),
    "a PDF cut in half": (pdf()[: len(pdf()) // 2], "Broken"),
    "only the head of a PDF": (b"%PDF-1.7\n", "Broken"),
    "a PDF too deep": (pdf(nested), "Broken"),
    "a script at the door": (
        pdf(with_action(S=Name.JavaScript, JS=String("1"))),
        "ActiveContent",
    ),
    "a program started": (
        pdf(with_action(S=Name.Launch, F=String("calc.exe"))),
        "ActiveContent",
    ),
    "a form sent away": (
        pdf(with_action(S=Name.SubmitForm, F=String("http://example.org"))),
        "ActiveContent",
    ),
    "an address opened": (
        pdf(with_action(S=Name.URI, URI=String("http://example.org"))),
        "ActiveContent",
    ),
    "a script in a link": (pdf(hidden_script), "ActiveContent"),
    "a script packed in an object stream": (
        pdf(hidden_script, object_stream_mode=pikepdf.ObjectStreamMode.generate),
        "ActiveContent",
    ),
    "a page that reacts": (pdf(reacting_page), "ActiveContent"),
    "an XFA form": (pdf(with_form), "ActiveContent"),
    "a film": (pdf(with_film), "ActiveContent"),
    "a PDF with a file inside": (pdf(enclosed), "EnclosesFiles"),
    "a PDF with a tail": (pdf() + b"<script>1</script>", "TwoFiles"),
    "a PDF that is an archive": (pdf() + archive(), "TwoFiles"),
    "an archive before the end of a PDF": (
        pdf().replace(b"%%EOF", b"%" + archive().replace(b"\n", b"") + b"\n%%EOF"),
        "TwoFiles",
    ),
    "a JPEG cut in half": (picture("JPEG")[:600], "Broken"),
    "a JPEG with a tail": (picture("JPEG") + b"hello", "TwoFiles"),
    "a JPEG that is an archive": (picture("JPEG") + archive(), "TwoFiles"),
    "a JPEG that is a PDF": (
        picture("JPEG")[:2] + b"\xff\xfe\x00\x0a%PDF-1.7" + picture("JPEG")[2:],
        "TwoFiles",
    ),
    "the head of a JPEG": (b"\xff\xd8\xff\xe0" + b"\0" * 60 + b"\xff\xd9", "Broken"),
    "a PNG cut in half": (picture("PNG")[:900], "Broken"),
    "a PNG with a false sum": (
        picture("PNG").replace(b"IEND\xaeB`\x82", b"IEND\0\0\0\0"),
        "Broken",
    ),
    "a PNG with a tail": (picture("PNG") + b"MZ\x90", "TwoFiles"),
    "a PNG that is an archive": (picture("PNG") + archive(), "TwoFiles"),
    "a flood of pixels": (png_of(60_000, 60_000), "TooManyPixels"),
    "a PNG of nothing": (png_of(0, 0), "Broken"),
    "a PNG without its lines": (png_of(2000, 2000), "Broken"),
}
