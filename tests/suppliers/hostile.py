"""Files nobody should read, and why: by the rule each breaks."""

import io
import json
import struct
import zipfile
from collections.abc import Callable
from functools import cache

import xlsxwriter

BOOK = (
    '<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/'
    'spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/'
    'officeDocument/2006/relationships"><sheets><sheet name="S" sheetId="1" '
    'r:id="rId1"/></sheets></workbook>'
)
RELATIONS = (
    '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/'
    'package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.'
    'openxmlformats.org/officeDocument/2006/relationships/worksheet" '
    'Target="worksheets/sheet1.xml"/></Relationships>'
)
ROOT = (
    '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/'
    'package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.'
    'openxmlformats.org/officeDocument/2006/relationships/officeDocument" '
    'Target="xl/workbook.xml"/></Relationships>'
)
TYPES = (
    '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/'
    '2006/content-types"><Default Extension="xml" ContentType="application/xml"/>'
    "</Types>"
)
SHEET = "xl/worksheets/sheet1.xml"
MANIFEST = "META-INF/manifest.xml"
XXE = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
LAUGHS = "<!DOCTYPE l [" + "".join(
    f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "ha"}">' for n in range(10)
) + "]>"  # fmt: skip


def zipped(parts: dict[str, str | bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def sheet(rows: str, before: str = "") -> str:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>{before}<worksheet xmlns="http://schemas'
        f'.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{rows}</sheetData>'
        "</worksheet>"
    )


def xlsx(rows: str = "", before: str = "", **more: str | bytes) -> bytes:
    parts: dict[str, str | bytes] = {
        "[Content_Types].xml": TYPES,
        "_rels/.rels": ROOT,
        "xl/workbook.xml": BOOK,
        "xl/_rels/workbook.xml.rels": RELATIONS,
        SHEET: sheet(rows or ROW, before),
    }
    return zipped({**parts, **more})


ROW = '<row r="1"><c r="A1" t="inlineStr"><is><t>P.IVA</t></is></c></row>'


def ods(table: str, before: str = "", **more: str | bytes) -> bytes:
    content = (
        f'<?xml version="1.0"?>{before}<office:document-content xmlns:office='
        '"urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
        'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
        'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0">'
        '<office:body><office:spreadsheet><table:table table:name="S">'
        f"{table}</table:table></office:spreadsheet></office:body>"
        "</office:document-content>"
    )
    parts: dict[str, str | bytes] = {
        "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
        MANIFEST: '<?xml version="1.0"?><m/>',
        "content.xml": content,
    }
    return zipped({**parts, **more})


ODS_CELL = (
    '<table:table-cell{} office:value-type="string"><text:p>x</text:p>'
    "</table:table-cell>"
)
ODS_ROW = f"<table:table-row>{ODS_CELL.format('')}</table:table-row>"


def ole(*words: str) -> bytes:
    body = "".join(words).encode("utf-16-le")
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + body + bytes(2048)


def many_rows() -> str:
    return "".join(
        f'<row r="{n}"><c r="A{n}"><v>{n}</v></c></row>' for n in range(1, 1_000_001)
    )


def uncomputed() -> bytes:
    rows = "".join(
        f'<row r="{n}"><c r="A{n}"><f>B{n}</f></c></row>' for n in range(1, 50)
    )
    return xlsx(rows)


def overlapping() -> bytes:
    """Two entries of the central directory that share the same bytes."""
    content = bytearray(xlsx())
    end = content.rfind(b"PK\x05\x06")
    count, size, start = struct.unpack("<HII", content[end + 10 : end + 20])
    first = bytes(content[start : start + size])
    one = first[: 46 + struct.unpack("<H", first[28:30])[0]]
    twin = bytearray(one)
    twin[46:50] = b"[Twn"
    made = content[:start] + first + twin
    tail = bytearray(content[end:])
    tail[8:12] = struct.pack("<HH", count + 1, count + 1)
    tail[12:16] = struct.pack("<I", size + len(twin))
    return bytes(made + tail)


def flagged() -> bytes:
    """The parts say that they are encrypted."""
    content = bytearray(xlsx())
    at = content.find(b"PK\x01\x02")
    while at >= 0:
        content[at + 8] |= 1
        at = content.find(b"PK\x01\x02", at + 1)
    return bytes(content)


def spoilt() -> bytes:
    """The bytes of the sheet do not have the sum they say."""
    content = bytearray(
        zipped(
            {
                "[Content_Types].xml": TYPES,
                "_rels/.rels": ROOT,
                "xl/workbook.xml": BOOK,
                "xl/_rels/workbook.xml.rels": RELATIONS,
                SHEET: sheet(ROW),
            },
            zipfile.ZIP_STORED,
        )
    )
    at = content.find(b"P.IVA")
    content[at] ^= 1
    return bytes(content)


def lying() -> bytes:
    """The central directory says a small size; the part unpacks to more."""
    content = bytearray(xlsx(many_rows()[:3_000_000] + "</sheetData>"))
    at = content.find(b"PK\x01\x02")
    while at >= 0:
        name = content[at + 46 : at + 46 + len(SHEET)]
        if name == SHEET.encode():
            content[at + 24 : at + 28] = struct.pack("<I", 100)
        at = content.find(b"PK\x01\x02", at + 1)
    return bytes(content)


def doubled() -> bytes:
    out = io.BytesIO(xlsx())
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr(SHEET.upper(), sheet(ROW))
    return out.getvalue()


def many_sheets() -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out)
    for n in range(40):
        book.add_worksheet(f"S{n}").write(0, 0, "x")
    book.close()
    return out.getvalue()


def wide_ods() -> bytes:
    cell = ODS_CELL.format(' table:number-columns-repeated="16384"')
    return ods(f"<table:table-row>{cell}</table:table-row>")


def tall_ods() -> bytes:
    row = ODS_ROW.replace("-row>", '-row table:number-rows-repeated="1048576">', 1)
    return ods(row)


def far_ods() -> bytes:
    gap = (
        '<table:table-row table:number-rows-repeated="1048575"><table:table-cell/>'
        "</table:table-row>"
    )
    return ods(ODS_ROW + gap + ODS_ROW)


FILES: dict[str, tuple[str, Callable[[], bytes]]] = {
    "nothing": ("empty", lambda: b""),
    "blanks and line ends": ("empty", lambda: b" \r\n\t\r\n" * 50),
    "separators only": ("empty", lambda: b";;;\r\n;;;\r\n"),
    "a mark of UTF-8 alone": ("empty", lambda: b"\xef\xbb\xbf"),
    "a workbook without cells": ("empty", lambda: xlsx('<row r="1"/>')),
    "zeros": ("not_text", lambda: bytes(5000)),
    "noise": ("not_text", lambda: bytes((n * 97 + n // 7) % 256 for n in range(9000))),
    "a PDF called csv": ("wrong_kind", lambda: b"%PDF-1.7\n1;2;3\n"),
    "a picture called xlsx": ("wrong_kind", lambda: b"\x89PNG\r\n\x1a\n" + bytes(64)),
    "a web page called xls": (
        "wrong_kind",
        lambda: b"<html><table><tr><td>1</td></tr></table></html>",
    ),
    "an XML spreadsheet of 2003": (
        "wrong_kind",
        lambda: b'<?xml version="1.0"?><Workbook/>',
    ),
    "a gzip": ("wrong_kind", lambda: b"\x1f\x8b\x08" + bytes(30)),
    "a program": ("wrong_kind", lambda: b"MZ" + bytes(300)),
    "a plain zip": ("wrong_kind", lambda: zipped({"lista.csv": "a;b"})),
    "a Word document": (
        "wrong_kind",
        lambda: zipped({"[Content_Types].xml": TYPES, "word/document.xml": "<d/>"}),
    ),
    "an OpenDocument text": (
        "wrong_kind",
        lambda: ods(ODS_ROW, mimetype="application/vnd.oasis.opendocument.text"),
    ),
    "an old Excel file": ("old_workbook", lambda: ole("Workbook")),
    "a binary workbook": (
        "old_workbook",
        lambda: xlsx(**{"xl/workbook.bin": b"\x83\x01"}),
    ),
    "an Excel file with a password": ("encrypted", lambda: ole("EncryptedPackage")),
    "a zip with a password": ("encrypted", flagged),
    "an ODS with a password": (
        "encrypted",
        lambda: ods(ODS_ROW, **{MANIFEST: "<m><encryption-data/></m>"}),
    ),
    "a workbook with Visual Basic": (
        "macros",
        lambda: xlsx(**{"xl/vbaProject.bin": b"\xd0\xcf"}),
    ),
    "a workbook that says it has macros": (
        "macros",
        lambda: xlsx(
            **{"[Content_Types].xml": TYPES.replace("/xml", "/macroEnabled+xml")}
        ),
    ),
    "a workbook with Excel 4 macros": (
        "macros",
        lambda: xlsx(**{"xl/macrosheets/sheet1.xml": "<m/>"}),
    ),
    "a workbook with ActiveX": (
        "macros",
        lambda: xlsx(**{"xl/activeX/activeX1.xml": "<m/>"}),
    ),
    "an ODS with Basic": ("macros", lambda: ods(ODS_ROW, **{"Basic/a.xml": "<m/>"})),
    "an ODS with Python": ("macros", lambda: ods(ODS_ROW, **{"Scripts/a.py": "x"})),
    "an entity that reads a file": ("entities", lambda: xlsx(before=XXE)),
    "a billion laughs": (
        "entities",
        lambda: xlsx(**{"xl/sharedStrings.xml": f"{LAUGHS}<sst>&l9;</sst>"}),
    ),
    "a declaration on another host": (
        "entities",
        lambda: xlsx(
            **{"xl/workbook.xml": '<!DOCTYPE x SYSTEM "http://127.0.0.1:1/x">' + BOOK}
        ),
    ),
    "an entity in UTF-16": (
        "entities",
        lambda: xlsx(
            **{SHEET: sheet(ROW, XXE).replace("UTF-8", "UTF-16").encode("utf-16")}
        ),
    ),
    "an entity in an ODS": ("entities", lambda: ods(ODS_ROW, XXE)),
    "an entity in the styles of an ODS": (
        "entities",
        lambda: ods(ODS_ROW, **{"styles.xml": f"{LAUGHS}<s/>"}),
    ),
    "a zip bomb": ("bomb", lambda: xlsx(**{"xl/media/x.bin": bytes(120_000_000)})),
    "a sheet of blanks": ("bomb", lambda: xlsx(" " * 50_000_000)),
    "gigabytes in parts": (
        "bomb",
        lambda: xlsx(**{f"xl/p{n}.xml": bytes(9_000_000) for n in range(20)}),
    ),
    "three thousand parts": (
        "bomb",
        lambda: xlsx(**{f"xl/p{n}.xml": "<p/>" for n in range(3000)}),
    ),
    "parts that share their bytes": ("bomb", overlapping),
    "two parts of the same name": ("two_files", doubled),
    "a program before the zip": ("two_files", lambda: b"PK\0\0" + xlsx()),
    "half a zip": ("broken", lambda: xlsx()[:-200]),
    "a spoilt part": ("broken", spoilt),
    "a part larger than it says": ("broken", lying),
    "a zip of another kind": (
        "broken",
        lambda: zipped(
            {"[Content_Types].xml": TYPES, "xl/workbook.xml": BOOK}, zipfile.ZIP_LZMA
        ),
    ),
    "a workbook without its sheet": (
        "broken",
        lambda: zipped({"[Content_Types].xml": TYPES, "xl/workbook.xml": BOOK}),
    ),
    "XML that stops": ("broken", lambda: xlsx("<row r='1'><c r='A1'><v>1")),
    "texts that are not there": (
        "broken",
        lambda: xlsx('<row r="1"><c r="A1" t="s"><v>999999999</v></c></row>'),
    ),
    "a cell in the last corner": (
        "far_cells",
        lambda: xlsx(ROW + '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'),
    ),
    "a row far below": (
        "far_cells",
        lambda: xlsx(ROW + '<row r="1048576"><c><v>1</v></c></row>'),
    ),
    "a million rows": ("too_many_rows", lambda: xlsx(many_rows())),
    "a million rows of text": (
        "too_many_rows",
        lambda: b"".join(b"%d;b\r\n" % n for n in range(1_000_000)),
    ),
    "ten thousand columns": ("far_cells", lambda: b";".join([b"x"] * 10_000)),
    "a row a million times": ("too_many_rows", tall_ods),
    "a cell sixteen thousand times": ("far_cells", wide_ods),
    "a row at the end of an ODS": ("far_cells", far_ods),
    "a table within a cell": (
        "unusual",
        lambda: ods(
            "<table:table-row><table:table-cell><table:table/></table:table-cell>"
            "</table:table-row>"
        ),
    ),
    "forty sheets": ("too_many_sheets", many_sheets),
    "eleven megabytes": ("too_large", lambda: b"a;b\r\n" * 2_300_000),
    "formulas never computed": ("uncomputed", uncomputed),
    "a quotation mark left open": (
        "open_quote",
        lambda: b'a;b\r\n1;"' + b"x;y\r\n" * 900,
    ),
    "a cell of megabytes": ("open_quote", lambda: b'a;"' + b"x" * 3_000_000 + b'"'),
    "UTF-16 that stops halfway": (
        "not_text",
        lambda: "nome;città".encode("utf-16")[:-1],
    ),
    "control characters": ("not_text", lambda: b"a;b\x01\x02\x03\x04\r\n" * 40),
    "JSON that stops": ("bad_json", lambda: b'{"vat": "1"}\n{"vat": '),
    "JSON that is a list": ("bad_json", lambda: b'{"vat": "1"}\n["x"]'),
    "JSON in JSON in JSON": (
        "bad_json",
        lambda: b'{"a": ' + b"[" * 200_000 + b"]" * 200_000 + b"}",
    ),
    "JSON with ten thousand members": (
        "far_cells",
        lambda: json.dumps({str(n): n for n in range(10_000)}).encode(),
    ),
}


@cache
def content(name: str) -> bytes:
    return FILES[name][1]()
