"""What somebody might do to a certificate, and what they might hand in instead."""

import base64
import io
import json
import re
import zipfile
from collections.abc import Callable, Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pikepdf
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name, pdf_string
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader

Change = Callable[[bytes], bytes]


def contents(pdf: bytes) -> tuple[int, int]:
    """Where the room of the (first) seal begins and ends, its brackets left out."""
    found = re.search(rb"/Contents\s*<([0-9A-Fa-f]{1000,})>", pdf)
    assert found
    return found.span(1)


def flipped(pdf: bytes, place: int, mask: int = 1) -> bytes:
    """One byte changed."""
    return pdf[:place] + bytes([pdf[place] ^ mask]) + pdf[place + 1 :]


class _Editor(IncrementalPdfFileWriter):
    """Writes a later revision without setting title and dates right again."""

    def _update_meta(self) -> None:
        pass


def revised(pdf: bytes, change: Callable[[Any], None]) -> bytes:
    """A later revision, as any editor would add it."""
    writer = _Editor(io.BytesIO(pdf))
    change(writer)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def rewritten(pdf: bytes, change: Callable[[Any], None] = lambda _: None) -> bytes:
    """The whole file written anew."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf)) as document:
        change(document)
        document.save(out)
    return out.getvalue()


def _title(writer: Any) -> None:
    info = writer.trailer["/Info"]
    info[pdf_name("/Title")] = pdf_string("Certificato IMP-2026-000999-11 – Altri")
    writer.update_container(info)


def _metadata(writer: Any) -> None:
    packet = writer.root["/Metadata"]
    changed = packet.data.replace(b"Orto", b"Otto")
    writer.root["/Metadata"] = writer.add_object(
        generic.StreamObject(
            {
                pdf_name("/Type"): pdf_name("/Metadata"),
                pdf_name("/Subtype"): pdf_name("/XML"),
            },
            stream_data=changed,
        )
    )
    writer.update_root()


def _first_page(writer: Any) -> Any:
    return writer.find_page_for_modification(0)[0].get_object()


def _overlay(writer: Any) -> None:
    page = _first_page(writer)
    drawn = generic.StreamObject(stream_data=b"1 0 0 rg 100 400 300 60 re f")
    old = page.raw_get("/Contents")
    page[pdf_name("/Contents")] = generic.ArrayObject(
        [
            *(old if isinstance(old, generic.ArrayObject) else [old]),
            writer.add_object(drawn),
        ]
    )
    writer.update_container(page)


def _content(writer: Any) -> None:
    page = _first_page(writer)
    page[pdf_name("/Contents")] = writer.add_object(
        generic.StreamObject(stream_data=b"BT ET")
    )
    writer.update_container(page)


def _note(kind: str, **more: Any) -> Callable[[Any], None]:
    def change(writer: Any) -> None:
        page = _first_page(writer)
        note = generic.DictionaryObject(
            {
                pdf_name("/Type"): pdf_name("/Annot"),
                pdf_name("/Subtype"): pdf_name(kind),
                pdf_name("/Rect"): generic.ArrayObject(
                    map(generic.NumberObject, (10, 10, 200, 200))
                ),
                pdf_name("/Contents"): pdf_string("Valido fino al 2099"),
                **{pdf_name(f"/{key}"): value for key, value in more.items()},
            }
        )
        page[pdf_name("/Annots")] = generic.ArrayObject(
            [*page.get("/Annots", []), writer.add_object(note)]
        )
        writer.update_container(page)

    return change


def _pages(writer: Any) -> None:
    pages = writer.root["/Pages"]
    kids = pages["/Kids"]
    pages[pdf_name("/Kids")] = generic.ArrayObject(reversed(list(kids)))
    writer.update_container(pages)


def _other_pages(writer: Any) -> None:
    """A second page tree in place of the first, as in a shadow attack."""
    pages = generic.DictionaryObject(dict(writer.root["/Pages"].items()))
    pages[pdf_name("/Kids")] = generic.ArrayObject(list(pages["/Kids"])[1:])
    pages[pdf_name("/Count")] = generic.NumberObject(1)
    writer.root["/Pages"] = writer.add_object(pages)
    writer.update_root()


def _attachment(writer: Any) -> None:
    names = generic.DictionaryObject(
        {pdf_name("/EmbeddedFiles"): generic.DictionaryObject()}
    )
    writer.root["/Names"] = writer.add_object(names)
    writer.update_root()


def _credential(told: bytes, relation: str) -> Callable[[Any], None]:
    """Another credential put under the name of ours."""

    def change(writer: Any) -> None:
        content = generic.StreamObject(
            {pdf_name("/Type"): pdf_name("/EmbeddedFile")}, stream_data=told
        )
        file = generic.DictionaryObject(
            {
                pdf_name("/Type"): pdf_name("/Filespec"),
                pdf_name("/F"): pdf_string("credenziale.vc.jwt"),
                pdf_name("/UF"): pdf_string("credenziale.vc.jwt"),
                pdf_name("/AFRelationship"): pdf_name(relation),
                pdf_name("/EF"): generic.DictionaryObject(
                    {pdf_name("/F"): writer.add_object(content)}
                ),
            }
        )
        named = [pdf_string("credenziale.vc.jwt"), writer.add_object(file)]
        tree = {pdf_name("/Names"): generic.ArrayObject(named)}
        names = {pdf_name("/EmbeddedFiles"): generic.DictionaryObject(tree)}
        writer.root["/Names"] = generic.DictionaryObject(names)
        writer.update_root()

    return change


def _reattached(told: bytes) -> Callable[[Any], None]:
    def change(document: Any) -> None:
        document.attachments["credenziale.vc.jwt"] = told

    return change


def _script(writer: Any) -> None:
    writer.root["/OpenAction"] = generic.DictionaryObject(
        {pdf_name("/S"): pdf_name("/JavaScript"), pdf_name("/JS"): pdf_string("1")}
    )
    writer.update_root()


def _language(writer: Any) -> None:
    writer.root["/Lang"] = pdf_string("de")
    writer.update_root()


def _no_permissions(writer: Any) -> None:
    del writer.root["/Perms"]
    writer.update_root()


def _no_field(writer: Any) -> None:
    writer.root["/AcroForm"] = generic.DictionaryObject(
        {pdf_name("/Fields"): generic.ArrayObject()}
    )
    writer.update_root()


def _weaker(writer: Any) -> None:
    field = writer.root["/AcroForm"]["/Fields"][0]
    reference = field["/V"]["/Reference"][0]
    params = reference["/TransformParams"]
    params[pdf_name("/P")] = generic.NumberObject(3)
    writer.update_container(params)


def _moved_range(pdf: bytes) -> bytes:
    """The stretch that is left out of the seal made longer, over the trailer."""
    found = re.search(rb"/ByteRange \[0 (\d+) (\d+) (\d+)", pdf)
    assert found
    first = int(found[1]) - 2
    told = b"/ByteRange [0 %d %d %d" % (first, int(found[2]), int(found[3]))
    return pdf[: found.start()] + told.ljust(len(found[0])) + pdf[found.end() :]


def _padding(pdf: bytes, what: bytes) -> bytes:
    end = contents(pdf)[1]
    return pdf[: end - len(what)] + what + pdf[end:]


def _without_signature(document: Any) -> None:
    del document.Root.AcroForm.Fields[0]["/V"]
    del document.Root["/Perms"]


def _stripped(document: Any) -> None:
    del document.Root["/AcroForm"]
    del document.Root["/Perms"]
    del document.pages[0]["/Annots"]


def _retyped(document: Any) -> None:
    document.docinfo["/Title"] = "Certificato IMP-2026-000999-11"


def altered(other: bytes, others: str = "e30.e30.eA") -> dict[str, Change]:
    """
    Ways to change a sealed file.

    `other` is another sealed certificate of ours, `others` the credential of another.
    """
    told = others.encode()

    def swapped(pdf: bytes) -> bytes:
        (a, b), (c, d) = contents(pdf), contents(other)
        return pdf[:a] + other[c:d][: b - a].ljust(b - a, b"0") + pdf[b:]

    changes: dict[str, Change] = {
        "a byte of a stream": lambda p: flipped(p, 900),
        "a byte of a font": lambda p: flipped(p, len(p) // 2),
        "a byte of the header": lambda p: p.replace(b"%PDF-1.7", b"%PDF-1.6", 1),
        "a comment": lambda p: (
            p.replace(b"%\xf0\x9f", b"%\xf1\x9f", 1)
            if b"%\xf0\x9f" in p
            else flipped(p, 12)
        ),
        "a byte of the signature": lambda p: flipped(p, contents(p)[0] + 60, 2),
        "the end of the signature": lambda p: flipped(
            p, contents(p)[0] + length_of_seal(p) * 2 - 4, 1
        ),
        "the last byte of the room": lambda p: _padding(p, b"1"),
        "words in the room": lambda p: _padding(p, b"256 milioni".hex().encode()),
        "blanks in the room": lambda p: _padding(p, b"    "),
        "a blank after the end": lambda p: p + b" ",
        "a line after the end": lambda p: p + b"\n",
        "garbage after the end": lambda p: p + b"garbage",
        "zeros after the end": lambda p: p + bytes(512),
        "a second end": lambda p: p + b"%%EOF\n",
        "bytes before the beginning": lambda p: b"\n" + p,
        "the last bytes missing": lambda p: p[:-7],
        "half of it": lambda p: p[: len(p) // 2],
        "the range moved": _moved_range,
        "the last year there is": lambda p: re.sub(
            rb"(/M \(D(?::|\\072))\d{14}", rb"\g<1>99991231235959", p, count=1
        ),
        "the seal of another certificate": swapped,
        "another certificate appended": lambda p: p + other,
        "another certificate before it": lambda p: other + p,
        "the pages of one, the end of another": lambda p: (
            p[: len(p) // 2] + other[len(p) // 2 :]
        ),
        "written anew": rewritten,
        "written anew with another title": lambda p: rewritten(p, _retyped),
        "the seal cut off": lambda p: rewritten(p, _without_signature),
        "field and permissions removed": lambda p: rewritten(p, _stripped),
        "the seal cut off, with the credential of another": lambda p: rewritten(
            rewritten(p, _reattached(told)), _without_signature
        ),
        "written anew with the credential of another": lambda p: rewritten(
            p, _reattached(told)
        ),
        "the unsealed paper": lambda p: p[: p.index(b"%%EOF") + 6],
        "an end of its own": lambda p: p + b"startxref\n%d\n%%%%EOF\n" % _last_xref(p),
    }
    later: dict[str, Callable[[Any], None]] = {
        "nothing": lambda writer: writer.update_root(),
        "another title": _title,
        "other metadata": _metadata,
        "a box drawn over": _overlay,
        "other content": _content,
        "a note": _note("/Text"),
        "a stamp": _note("/Stamp"),
        "free text": _note("/FreeText"),
        "a link": _note("/Link"),
        "a hidden widget": _note("/Widget", FT=pdf_name("/Tx"), T=pdf_string("x")),
        "pages in another order": _pages,
        "another page tree": _other_pages,
        "an attachment": _attachment,
        "the credential of another": _credential(told, "/Data"),
        "the credential of another as a source": _credential(told, "/Source"),
        "a credential cut short": _credential(told[:40], "/Data"),
        "a script": _script,
        "another language": _language,
        "permissions removed": _no_permissions,
        "the field removed": _no_field,
        "weaker permissions": _weaker,
    }
    return changes | {
        f"{name} added later": lambda p, change=change: revised(p, change)  # type: ignore[misc]
        for name, change in later.items()
    }


def length_of_seal(pdf: bytes) -> int:
    """How many bytes of the room the seal takes."""
    begin, _ = contents(pdf)
    head = bytes.fromhex(pdf[begin : begin + 8].decode())
    return 4 + int.from_bytes(head[2:4])


def _last_xref(pdf: bytes) -> int:
    found = re.findall(rb"startxref\s+(\d+)", pdf)
    return int(found[-1])


def forged_credentials(
    jwt: str, others: str, thief: Callable[[dict[str, Any]], str]
) -> dict[str, str]:
    """
    Ways to forge a credential.

    `others` is that of another certificate; `thief` signs as we do, with another key.
    """
    header, said, signature = jwt.split(".")
    told = json.loads(_unpacked(said))
    later = {**told, "validUntil": "2099-12-31T22:59:59Z"}
    turned = dict(reversed(told.items()))
    plain = json.loads(_unpacked(header))

    def headed(**changes: Any) -> str:
        return _packed(json.dumps({**plain, **changes}).encode())

    own_key = thief(told)
    stolen_name = ".".join([header, *own_key.split(".")[1:]])
    raw = _unpacked(signature)
    half = len(raw) // 2
    mirrored = raw[:half] + (ORDER - int.from_bytes(raw[half:])).to_bytes(half)
    return {
        "signed with another key": own_key,
        "signed with another key, in our name": stolen_name,
        "another payload": f"{header}.{_written(later)}.{signature}",
        "the payload of another": f"{header}.{others.split('.')[1]}.{signature}",
        "the signature of another": f"{header}.{said}.{others.split('.')[2]}",
        "no algorithm": f"{headed(alg='none')}.{said}.",
        "no algorithm, a signature left": f"{headed(alg='none')}.{said}.{signature}",
        "no signature": f"{header}.{said}.",
        "a shared secret": f"{headed(alg='HS256')}.{said}.{signature}",
        "another type": f"{headed(typ='JWT')}.{said}.{signature}",
        "its own key in the header": f"{headed(jwk={})}.{said}.{signature}",
        "something critical": f"{headed(crit=['x'], x=1)}.{said}.{signature}",
        "a letter of the signature": jwt[:-9]
        + ("A" if jwt[-9] != "A" else "B")
        + jwt[-8:],
        "the signature mirrored": f"{header}.{said}.{_packed(mirrored)}",
        "padded": f"{jwt}==",
        "the last letter, same bytes": jwt[:-1] + _next(jwt[-1]),
        "two in one": f"{jwt}\n{jwt}",
        "written in another order": f"{header}.{_written(turned)}.{signature}",
        "half of it": jwt[: len(jwt) // 2],
    }


#: Of the group of P-256: for (r, s) also (r, n - s) verifies.
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def _packed(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _unpacked(part: str) -> bytes:
    return base64.urlsafe_b64decode(f"{part}==")


def _next(letter: str) -> str:
    """The letter after this one in base64url: the last one has bits nobody reads."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return letters[letters.index(letter) ^ 1]


def _written(told: dict[str, Any]) -> str:
    return _packed(json.dumps(told).encode())


def strangers() -> dict[str, bytes]:
    """Files that never were certificates."""
    return {
        "nothing": b"",
        "text": b"Certificato IMP-2026-000123-38",
        "a page of the web": b"<!doctype html><title>IMP-2026-000123-38</title>",
        "a picture": b"\x89PNG\r\n\x1a\n" + bytes(40),
        "an archive": _zipped(b"x"),
        "a head without a body": b"%PDF-1.7\n",
        "a broken PDF": b"%PDF-1.7\n1 0 obj\n<< /Type",
        "endless brackets": b"%PDF-1.7\n" + b"[" * 100_000,
        "a loop": _loop(),
        "an encrypted PDF": _encrypted(),
        "a plain PDF": _plain(),
        "dots": b"ey..",
        "a token of dots": b"eyJ.eyJ.eyJ",
        "deep brackets": _packed(b'{"a":' * 9000).encode() + b".e30.eA",
        "a payload of deep brackets": b"eyJhIjoxfQ."
        + _packed(b"[" * 9000).encode()
        + b".eA",
        "what a credential says": b'{"type": ["DigitalConformityCredential"]}',
        "a number that is too long": b"ey" + b"A" * 2_000_000 + b".e30.eA",
    }


def _zipped(content: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("certificato.pdf", content)
    return out.getvalue()


def carried(pdf: bytes) -> Iterator[tuple[str, bytes]]:
    """The same bytes after a journey."""
    with zipfile.ZipFile(io.BytesIO(_zipped(pdf))) as packed:
        yield "zipped and back", packed.read("certificato.pdf")
    yield "kept under another name", bytes(bytearray(pdf))
    yield "printed to text and back", base64.b64decode(base64.b64encode(pdf))
    letter = EmailMessage()
    letter.add_attachment(pdf, maintype="application", subtype="pdf", filename="a.pdf")
    received = message_from_bytes(letter.as_bytes(), policy=policy.default)
    [attached] = received.iter_attachments()
    yield "sent by mail", attached.get_content()


def _plain() -> bytes:
    out = io.BytesIO()
    pdf = pikepdf.new()
    pdf.add_blank_page()
    pdf.save(out)
    return out.getvalue()


def _encrypted() -> bytes:
    out = io.BytesIO()
    pdf = pikepdf.new()
    pdf.add_blank_page()
    pdf.save(out, encryption=pikepdf.Encryption(owner="a", user="b"))
    return out.getvalue()


def _loop() -> bytes:
    return (
        b"%PDF-1.7\n1 0 obj\n"
        b"<</Type/Catalog/Pages 1 0 R/AcroForm 1 0 R/Fields[1 0 R]>>\nendobj\n"
        b"xref\n0 2\n0000000000 65535 f \n0000000009 00000 n \n"
        b"trailer\n<</Size 2/Root 1 0 R/Prev 91>>\nstartxref\n91\n%%EOF\n"
    )


def revisions(pdf: bytes) -> int:
    """How many times a file was written."""
    return int(PdfFileReader(io.BytesIO(pdf)).xrefs.total_revisions)
