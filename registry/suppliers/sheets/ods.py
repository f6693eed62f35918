"""OpenDocument spreadsheets (ISO/IEC 26300): read, and given back with columns."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import unescape

from registry.suppliers.sheets import archive as zipped
from registry.suppliers.sheets.refusal import Answers, Limits, Refused, Sheet
from registry.suppliers.sheets.workbooks import check_extent, sheets
from registry.suppliers.sheets.xlsx import plain

CONTENT = "content.xml"
KINDS = (
    b"application/vnd.oasis.opendocument.spreadsheet",
    b"application/vnd.oasis.opendocument.spreadsheet-template",
)
ATTRIBUTES = rb"""((?:[^>"']|"[^"]*"|'[^']*')*?)"""
TAG = re.compile(
    rb"<(/?)table:(table|table-row|table-cell|covered-table-cell)(?=[\s/>])"
    + ATTRIBUTES
    + rb"(/?)>"
)
REPEATED = re.compile(rb'\stable:number-(rows|columns)-repeated="([0-9]{1,9})"')
NAME = re.compile(rb'\stable:name="([^"]*)"')
#: What makes a cell hold something beside what stands inside it.
VALUE = re.compile(
    rb"\soffice:(?:value|date-value|time-value|boolean-value|string-value)="
)
STYLE = re.compile(rb'\stable:style-name="[^"]*"')


@dataclass(slots=True)
class Cell:
    """Some equal cells: where they stand in the XML, and whether they are full."""

    start: int
    end: int
    tag: bytes
    repeated: int
    full: bool
    style: bytes


@dataclass(slots=True)
class Row:
    """Some equal rows."""

    start: int
    inner: int
    inner_end: int
    end: int
    attributes: bytes
    repeated: int
    cells: list[Cell]

    @property
    def width(self) -> int:
        """How many columns reach to the last full one."""
        width = at = 0
        for cell in self.cells:
            at += cell.repeated
            width = at if cell.full else width
        return width


@dataclass
class Table:
    name: str
    rows: list[Row]


def read(content: bytes, limits: Limits) -> list[Sheet]:
    """The sheets of a document.  Raises Refused."""
    archive = zipped.opened(content)
    names = archive.namelist()
    if zipped.part(archive, "mimetype").strip() not in KINDS:
        raise Refused("wrong_kind")
    if any(name.startswith(("Basic/", "Scripts/")) for name in names):
        raise Refused("macros")
    for name in names:
        if name.endswith((".xml", ".rdf")):
            xml = zipped.plain_xml(zipped.part(archive, name))
            if name == "META-INF/manifest.xml" and b"encryption-data" in xml:
                raise Refused("encrypted")
    for table in tables(zipped.plain_xml(zipped.part(archive, CONTENT))):
        at = full = last = width = 0
        for row in table.rows:
            at += row.repeated
            if row.width:
                full, last = full + row.repeated, at
                width = max(width, row.width)
        check_extent(full, last, width, limits)
    return sheets(content, limits)


def tables(xml: bytes) -> Iterator[Table]:
    """The sheets as they are written.  Raises Refused for a table within a cell."""
    table: Table | None = None
    row: Row | None = None
    cell: Cell | None = None
    for tag in TAG.finditer(xml):
        closing, kind, attributes, empty = tag.groups()
        if kind == b"table":
            if row is not None or (table is not None and not closing):
                raise Refused("unusual")
            if not closing and not empty:
                found = NAME.search(attributes)
                table = Table(unescape(found[1].decode()) if found else "", [])
            elif closing and table is not None:
                yield table
                table = None
        elif table is None:
            raise Refused("unusual")
        elif kind == b"table-row":
            if closing:
                if row is None:
                    raise Refused("broken")
                row.inner_end, row.end, row = tag.start(), tag.end(), None
            else:
                row = _row(tag, attributes)
                table.rows.append(row)
                row = None if empty else row
        elif row is None:
            raise Refused("unusual")
        elif closing:
            if cell is None:
                raise Refused("broken")
            cell.full |= bool(xml[cell.end : tag.start()].strip())
            cell.end, cell = tag.end(), None
        else:
            cell = _cell(tag, kind, attributes)
            row.cells.append(cell)
            cell = None if empty else cell


def _row(tag: re.Match[bytes], attributes: bytes) -> Row:
    place = tag.end()
    return Row(tag.start(), place, place, place, attributes, _times(attributes), [])


def _cell(tag: re.Match[bytes], kind: bytes, attributes: bytes) -> Cell:
    return Cell(tag.start(), tag.end(), kind, *_look(attributes))


@lru_cache(maxsize=1024)
def _look(attributes: bytes) -> tuple[int, bool, bytes]:
    """How many cells these are, whether they hold a value, and their style."""
    style = STYLE.search(attributes)
    full = bool(VALUE.search(attributes))
    return _times(attributes), full, style[0] if style else b""


@lru_cache(maxsize=1024)
def _times(attributes: bytes) -> int:
    found = REPEATED.search(attributes)
    return max(int(found[2]), 1) if found else 1


def answered(content: bytes, answers: Answers) -> bytes:
    """The same document with the answers beside the rows of one sheet.

    Raises Refused where the sheet is written as no program does.
    """
    archive = zipped.opened(content)
    xml = zipped.plain_xml(zipped.part(archive, CONTENT))
    if b"<![CDATA[" in xml or b"<!--" in xml:
        raise Refused("unusual")
    for table in tables(xml):
        if table.name == answers.sheet:
            return zipped.rewritten(archive, {CONTENT: _patched(xml, table, answers)})
    raise Refused("unusual")


def _patched(xml: bytes, table: Table, answers: Answers) -> Iterator[bytes]:
    first = max((row.width for row in table.rows), default=0)
    done = at = 0
    for row in table.rows:
        numbers = range(at, at + row.repeated)
        at += row.repeated
        if not row.width:
            continue
        heads = answers.header_row in numbers
        texts = answers.header if heads else answers.rows.get(numbers[0])
        if texts is None:
            continue
        cells, style = _kept(xml, row, first)
        yield xml[done : row.start]
        yield b"<table:table-row" + row.attributes + b">"
        yield cells
        yield _written(tuple(texts), style if heads else b"")
        yield b"</table:table-row>"
        done = row.end
    yield xml[done:]


def _kept(xml: bytes, row: Row, first: int) -> tuple[bytes, bytes]:
    """The cells before our columns, exactly as many; the style of the last full one."""
    out: list[bytes] = []
    column, style = 0, b""
    for cell in row.cells:
        if column >= first:
            break
        if cell.full:
            out.append(xml[cell.start : cell.end])
            style = cell.style
        else:
            out.append(_blank(min(cell.repeated, first - column), cell.tag, cell.style))
        column += cell.repeated
    if column < first:
        out.append(_blank(first - column, b"table-cell", b""))
    return b"".join(out), style


def _blank(times: int, tag: bytes, style: bytes) -> bytes:
    repeated = b' table:number-columns-repeated="%d"' % times if times > 1 else b""
    return b"<table:" + tag + style + repeated + b"/>"


@lru_cache(maxsize=256)
def _written(texts: Sequence[str], style: bytes) -> bytes:
    look = style.decode()
    return "".join(
        f'<table:table-cell{look} office:value-type="string"><text:p>'
        f"{plain(text)}</text:p></table:table-cell>"
        if text
        else "<table:table-cell/>"
        for text in texts
    ).encode()
