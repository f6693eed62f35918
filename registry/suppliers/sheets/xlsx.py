"""Workbooks of Excel (ECMA-376): read, and given back with columns at the right."""

import re
import zipfile
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from itertools import islice
from xml.etree import ElementTree
from xml.sax.saxutils import escape, quoteattr

from registry.suppliers.sheets import archive as zipped
from registry.suppliers.sheets.refusal import Answers, Limits, Refused, Sheet
from registry.suppliers.sheets.workbooks import (
    check_extent,
    column_letters,
    column_number,
    sheets,
)

WORKBOOK = "xl/workbook.xml"
RELATIONS = "xl/_rels/workbook.xml.rels"
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
STRICT = "{http://purl.oclc.org/ooxml/spreadsheetml/main}"
RELATION_ID = (
    "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id",
    "{http://purl.oclc.org/ooxml/officeDocument/relationships}id",
)
#: Parts that run something.
MACROS = re.compile(r"vbaProject|xl/macrosheets/|xl/activeX/|xl/dialogsheets/", re.I)
#: A cell that holds something, a row that does; `/` last: it holds nothing.
CELL = re.compile(
    rb'<(?:\w+:)?c\s(?:[^>]*?\s)??r="([A-Z]{1,3})([0-9]{1,7})"[^>]*?(/?)>'
)
BARE_CELL = re.compile(rb"<(?:\w+:)?c(?:>|\s(?![^>]*\br=)[^>]*[^/]>)")
ROW = re.compile(rb"<(?:\w+:)?row\b([^>]*?)(/?)>")
ROW_NUMBER = re.compile(rb'\br="([0-9]{1,7})"')
SPANS = re.compile(rb'\sspans="[^"]*"')
UNCOMPUTED = re.compile(rb"</(?:\w+:)?f>\s*</(?:\w+:)?c>|<(?:\w+:)?f[^>]*/>\s*</")
MERGED = re.compile(rb'<(?:\w+:)?mergeCell\s+ref="[A-Z]+[0-9]+:([A-Z]{1,3})[0-9]+"')
ENDS = (b"min", b"max")
#: XML 1.0 has no room for these.
ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
SPECIAL = re.compile(f"[&<>]|{ILLEGAL.pattern}")


def read(content: bytes, limits: Limits) -> list[Sheet]:
    """The sheets of a workbook.  Raises Refused."""
    archive = zipped.opened(content)
    names = archive.namelist()
    if "xl/workbook.bin" in names:
        raise Refused("old_workbook")
    types = zipped.part(archive, "[Content_Types].xml")
    if any(MACROS.search(name) for name in names) or b"macroEnabled" in types:
        raise Refused("macros")
    if WORKBOOK not in names:
        raise Refused("wrong_kind")
    for name in names:
        if name.endswith((".xml", ".rels", ".vml")):
            _inspect(name, zipped.plain_xml(zipped.part(archive, name)), limits)
    return sheets(content, limits)


def _inspect(name: str, xml: bytes, limits: Limits) -> None:
    if not name.startswith("xl/worksheets/") or name.endswith(".rels"):
        return
    found = CELL.findall(xml)
    full = [(column, row) for column, row, empty in found if not empty]
    rows = {row for _, row in full}
    last = max(map(int, rows), default=0)
    if BARE_CELL.search(xml):  # cells without an address stand where they stand
        numbers = [ROW_NUMBER.search(head) for head, empty in ROW.findall(xml)]
        last = max([last, *(int(one[1]) for one in numbers if one)])
    width = max(
        (column_number(c.decode()) + 1 for c in {c for c, _ in full}), default=0
    )
    check_extent(len(rows), last, width, limits)
    uncomputed = len(UNCOMPUTED.findall(xml))
    if uncomputed and uncomputed * 2 > len(full):
        raise Refused("uncomputed")


def answered(content: bytes, answers: Answers) -> bytes:
    """The same workbook with the answers beside the rows of one sheet.

    Raises Refused where the sheet is written as no program does.
    """
    archive = zipped.opened(content)
    name = part_of(archive, answers.sheet)
    xml = zipped.plain_xml(zipped.part(archive, name))
    return zipped.rewritten(archive, {name: patched(xml, answers)})


def part_of(archive: zipfile.ZipFile, sheet: str) -> str:
    """The part of the archive where a sheet stands."""
    book = _tree(archive, WORKBOOK)
    ids = [
        next((one.get(key) for key in RELATION_ID if one.get(key)), None)
        for space in (MAIN, STRICT)
        for one in book.iter(f"{space}sheet")
        if one.get("name") == sheet
    ]
    for relation in _tree(archive, RELATIONS):
        if ids and relation.get("Id") == ids[0]:
            target = relation.get("Target", "")
            return target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    raise Refused("unusual")


def _tree(archive: zipfile.ZipFile, name: str) -> ElementTree.Element:
    try:
        # plain_xml let no entity through
        return ElementTree.fromstring(  # noqa: S314
            zipped.plain_xml(zipped.part(archive, name))
        )
    except ElementTree.ParseError:
        raise Refused("broken") from None


def patched(xml: bytes, answers: Answers) -> Iterator[bytes]:
    """The XML of a sheet with inline texts added to the right of all that it holds.

    In pieces.  Raises Refused where the sheet is written as no program does.
    """
    if b"<![CDATA[" in xml or b"<!--" in xml:
        raise Refused("unusual")
    start = re.search(rb"<((?:\w+:)?)sheetData\b[^>]*?(/?)>", xml)
    if start is None or start[2]:
        raise Refused("unusual")
    prefix = start[1]
    end = xml.rfind(b"</" + prefix + b"sheetData>")
    data = xml[start.end() : end]
    seen = {(cell[1], not cell[3]) for cell in CELL.finditer(data)}
    first = _first_free(seen, xml[end:])
    yield _headed(xml[: start.start()], prefix, first, answers)
    yield start[0]
    yield from Rows(prefix, first, answers, _beyond(seen, data, first)).patched(data)
    yield xml[end:]


def _first_free(seen: set[tuple[bytes, bool]], tail: bytes) -> int:
    """The first column to the right of everything, merged cells included."""
    letters = {column for column, full in seen if full}
    letters |= set(MERGED.findall(tail))
    return max((column_number(one.decode()) + 1 for one in letters), default=0)


def _beyond(seen: set[tuple[bytes, bool]], data: bytes, first: int) -> frozenset[int]:
    """The rows with empty cells, kept for their looks, from a column on."""
    far = {one for one, _ in seen if column_number(one.decode()) >= first}
    if not far:
        return frozenset()
    return frozenset(int(cell[2]) for cell in CELL.finditer(data) if cell[1] in far)


class Rows:
    """The rows of a sheet, each with its answers."""

    def __init__(
        self, prefix: bytes, first: int, answers: Answers, beyond: frozenset[int]
    ) -> None:
        self.prefix, self.first, self.answers = prefix, first, answers
        self.beyond = beyond
        ours = range(first, first + len(answers.header))
        self.letters = [column_letters(number) for number in ours]
        name = prefix.decode()
        self.begin = [f'<{name}c r="{letters}' for letters in self.letters]
        self.name, self.end = name, f"</{name}t></{name}is></{name}c>"
        self._pieces = lru_cache(maxsize=256)(self._in_pieces)

    def patched(self, data: bytes) -> Iterator[bytes]:
        """All rows, in pieces; those without answers as they were."""
        done = number = 0
        opening, close = b"<" + self.prefix + b"row", b"</" + self.prefix + b"row>"
        for match in ROW.finditer(data):
            given = ROW_NUMBER.search(match[1])
            number = int(given[1]) if given else number + 1
            cells, style = self._cells(number - 1)
            if cells is None:
                continue
            if match[2]:
                end, inner = match.end(), b""
            else:
                end = data.find(close, match.end())
                if end < 0:
                    raise Refused("broken")
                inner = data[match.end() : end]
                end += len(close)
            far = number in self.beyond
            before, after = self._parted(inner) if far else (inner, b"")
            ours = self._written(number, cells, _last_style(before) if style else b"")
            look = SPANS.sub(b"", match[1])
            start = data[done : match.start()]
            yield b"".join((start, opening, look, b">", before, ours, after, close))
            done = end
        yield data[done:]

    def _cells(self, row: int) -> tuple[Sequence[str] | None, bool]:
        if row == self.answers.header_row:
            return self.answers.header, True
        return self.answers.rows.get(row), False

    def _parted(self, inner: bytes) -> tuple[bytes, bytes]:
        """What stands before our columns, and the empty cells after them."""
        for match in CELL.finditer(inner):
            if column_number(match[1].decode()) < self.first:
                continue
            rest = [
                one[0]
                for one in CELL.finditer(inner, match.start())
                if column_number(one[1].decode()) >= self.first + len(self.letters)
            ]
            return inner[: match.start()], b"".join(rest)
        return inner, b""

    def _written(self, number: int, cells: Sequence[str], style: bytes) -> bytes:
        """The cells of a row: all but its number is the same for equal ones."""
        return str(number).join(self._pieces(tuple(cells), style.decode())).encode()

    def _in_pieces(self, cells: Sequence[str], look: str) -> list[str]:
        start = f'"{look} t="inlineStr"><{self.name}is><{self.name}t'
        pieces, before = [], ""
        for begin, text in zip(self.begin, cells, strict=True):
            if text:
                pieces.append(before + begin)
                outer = text[0].isspace() or text[-1].isspace()
                space = ' xml:space="preserve">' if outer else ">"
                before = start + space + plain(text) + self.end
        return [*pieces, before]


def plain(text: str) -> str:
    """A text as XML has room for."""
    return escape(ILLEGAL.sub("", text)) if SPECIAL.search(text) else text


def _last_style(inner: bytes) -> bytes:
    """The style of the last cell of a header, for those beside it."""
    styles = re.findall(rb'<(?:\w+:)?c\s[^>]*?(\ss="[0-9]+")', inner)
    return styles[-1] if styles else b""


def _headed(head: bytes, prefix: bytes, first: int, answers: Answers) -> bytes:
    """What stands before the rows: the extent, and the widths of our columns."""
    head = re.sub(
        rb'(<(?:\w+:)?dimension\s+ref=")([^"]*)"', _wider(first, answers), head
    )
    ours = _widths(prefix, first, answers)
    columns = re.search(
        rb"<" + prefix + rb"cols>(.*?)</" + prefix + rb"cols>", head, re.S
    )
    if columns is None:
        return head + b"<" + prefix + b"cols>" + ours + b"</" + prefix + b"cols>"
    before, after = _around(columns[1], prefix, first, first + len(answers.header))
    return b"".join(
        (head[: columns.start(1)], before, ours, after, head[columns.end(1) :])
    )


def _wider(first: int, answers: Answers) -> Callable[[re.Match[bytes]], bytes]:
    last = column_letters(first + len(answers.header) - 1)

    def wider(match: re.Match[bytes]) -> bytes:
        start, _, end = match[2].decode().partition(":")
        row = re.sub(r"[^0-9]", "", end or start)
        return match[1] + f'{start}:{last}{row}"'.encode()

    return wider


def _widths(prefix: bytes, first: int, answers: Answers) -> bytes:
    texts = [[one] for one in answers.header]
    for cells in islice(answers.rows.values(), 200):
        for column, text in zip(texts, cells, strict=True):
            column.append(text)
    tag = prefix.decode()
    return "".join(
        f"<{tag}col min={quoteattr(str(first + place))} max="
        f'{quoteattr(str(first + place))} width="{_width(column)}" customWidth="1"/>'
        for place, column in enumerate(texts, start=1)
    ).encode()


def _width(texts: list[str]) -> int:
    return min(max(max(map(len, texts)) + 2, 10), 48)


def _around(columns: bytes, prefix: bytes, first: int, end: int) -> tuple[bytes, bytes]:
    """The looks of columns before and after ours: their ranges may not overlap."""
    before, after = b"", b""
    for match in re.finditer(rb"<" + prefix + rb"col\s[^>]*?/>", columns):
        low, high = _range(match[0])
        if low <= first:
            before += _ranged(match[0], low, min(high, first))
        if high > end:
            after += _ranged(match[0], max(low, end + 1), high)
    return before, after


def _range(column: bytes) -> tuple[int, int]:
    found = [re.search(rb'\b%s="([0-9]{1,7})"' % name, column) for name in ENDS]
    if not all(found):
        raise Refused("broken")
    low, high = (int(one[1]) for one in found if one)
    return low, high


def _ranged(column: bytes, low: int, high: int) -> bytes:
    column = re.sub(rb'\bmin="[0-9]+"', b'min="%d"' % low, column)
    return re.sub(rb'\bmax="[0-9]+"', b'max="%d"' % high, column)
