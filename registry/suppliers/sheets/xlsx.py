"""Workbooks of Excel (ECMA-376): read, and given back with columns at the right."""

import re
import zipfile
from collections.abc import Callable
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
CELL = re.compile(rb'<(?:\w+:)?c\s(?:[^>]*?\s)?r="([A-Z]{1,3})([0-9]{1,7})"[^>]*?(/?)>')
BARE_CELL = re.compile(rb"<(?:\w+:)?c(?:>|\s(?![^>]*\br=)[^>]*[^/]>)")
ROW = re.compile(rb"<(?:\w+:)?row\b([^>]*?)(/?)>")
ROW_NUMBER = re.compile(rb'\br="([0-9]{1,7})"')
SPANS = re.compile(rb'\sspans="[^"]*"')
UNCOMPUTED = re.compile(rb"</(?:\w+:)?f>\s*</(?:\w+:)?c>|<(?:\w+:)?f[^>]*/>\s*</")
MERGED = re.compile(rb'<(?:\w+:)?mergeCell\s+ref="[A-Z]+[0-9]+:([A-Z]{1,3})[0-9]+"')
ENDS = (b"min", b"max")
#: XML 1.0 has no room for these.
ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")


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


def patched(xml: bytes, answers: Answers) -> bytes:
    """The XML of a sheet with inline texts added to the right of all that it holds."""
    if b"<![CDATA[" in xml or b"<!--" in xml:
        raise Refused("unusual")
    start = re.search(rb"<((?:\w+:)?)sheetData\b[^>]*?(/?)>", xml)
    if start is None or start[2]:
        raise Refused("unusual")
    prefix = start[1]
    end = xml.rfind(b"</" + prefix + b"sheetData>")
    data = xml[start.end() : end]
    cells = CELL.findall(data)
    first = _first_free(cells, xml[end:])
    head = _headed(xml[: start.start()], prefix, first, answers)
    rows = Rows(prefix, first, answers, _beyond(cells, first))
    return b"".join((head, start[0], rows.patched(data), xml[end:]))


def _first_free(cells: list[tuple[bytes, bytes, bytes]], tail: bytes) -> int:
    """The first column to the right of everything, merged cells included."""
    letters = {column for column, _, empty in cells if not empty}
    letters |= set(MERGED.findall(tail))
    return max((column_number(one.decode()) + 1 for one in letters), default=0)


def _beyond(cells: list[tuple[bytes, bytes, bytes]], first: int) -> frozenset[int]:
    """The rows with empty cells, kept for their looks, from a column on."""
    letters = {column for column, _, _ in cells}
    far = {one for one in letters if column_number(one.decode()) >= first}
    return frozenset(int(row) for column, row, _ in cells if column in far)


class Rows:
    """The rows of a sheet, each with its answers."""

    def __init__(
        self, prefix: bytes, first: int, answers: Answers, beyond: frozenset[int]
    ) -> None:
        self.prefix, self.first, self.answers = prefix, first, answers
        self.beyond = beyond
        ours = range(first, first + len(answers.header))
        self.letters = [column_letters(number) for number in ours]
        self.name = prefix.decode()
        self._known: dict[tuple[int, bytes], list[str]] = {}

    def patched(self, data: bytes) -> bytes:
        """All rows; those without answers as they were."""
        out: list[bytes] = []
        done = number = 0
        close = b"</" + self.prefix + b"row>"
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
            out += (
                data[done : match.start()],
                b"<" + self.prefix + b"row" + SPANS.sub(b"", match[1]) + b">",
                before,
                self._written(number, cells, _last_style(before) if style else b""),
                after,
                close,
            )
            done = end
        return b"".join((*out, data[done:]))

    def _cells(self, row: int) -> tuple[list[str] | None, bool]:
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

    def _written(self, number: int, cells: list[str], style: bytes) -> bytes:
        """The cells of a row: all but its number is the same for equal ones."""
        known = (id(cells), style)
        if known not in self._known:
            self._known[known] = self._pieces(cells, style.decode())
        return str(number).join(self._known[known]).encode()

    def _pieces(self, cells: list[str], look: str) -> list[str]:
        tag, pieces = self.name, [""]
        for letters, text in zip(self.letters, cells, strict=True):
            if text:
                plain = _plain(text)
                pieces[-1] += f'<{tag}c r="{letters}'
                pieces.append(
                    f'"{look} t="inlineStr"><{tag}is><{tag}t xml:space="preserve">'
                    f"{plain}</{tag}t></{tag}is></{tag}c>"
                )
        return pieces


@lru_cache(maxsize=65_536)
def _plain(text: str) -> str:
    """A text as XML has room for; statuses, days and editions come again and again."""
    return escape(ILLEGAL.sub("", text))


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
