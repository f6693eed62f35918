"""Tables written as text: CSV in any encoding, and one JSON object a line."""

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from registry.suppliers.sheets.refusal import Answers, Limits, Refused, Sheet

MARKS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe\0\0", "utf-32"),
    (b"\0\0\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
#: Of old programs, told apart by the Italian letters that come out.
OLD = ("cp850", "mac_roman")
UNKNOWN = (0x81, 0x8D, 0x8F, 0x90, 0x9D)  # in cp1252
ACCENTED = frozenset("àèéìòùÀÈÉÌÒÙ’€°")
DELIMITERS = (";", ",", "\t", "|")
SAMPLE = 50
#: What a spreadsheet would take for a formula (OWASP, CSV injection).
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


@dataclass(frozen=True)
class Written:
    """How a text is written."""

    delimiter: str
    quoted: bool


@dataclass(slots=True)
class Record:
    """One row of CSV: its cells, and its text with its line end."""

    cells: list[str]
    text: str


def decoded(content: bytes) -> tuple[str, str]:
    """The text, and the encoding it is in.  Raises Refused."""
    for mark, encoding in MARKS:
        if content.startswith(mark):
            return _strictly(content, encoding), encoding
    if b"\0" in content[:4096]:
        even, odd = content[:4096:2].count(0), content[1:4096:2].count(0)
        if max(even, odd) < len(content[:4096]) // 4:
            raise Refused("not_text")
        encoding = "utf-16-be" if even > odd else "utf-16-le"
        return _strictly(content, encoding), encoding
    try:
        return _strictly(content, "utf-8"), "utf-8"
    except Refused:
        tried = [(_strictly(content, one), one) for one in _old_ones(content)]
        return max(tried, key=lambda pair: _likeness(pair[0]))


def _old_ones(content: bytes) -> Iterator[str]:
    """Encodings that give every byte a letter; cp1252 leaves five without."""
    with_gaps = not any(bytes((code,)) in content for code in UNKNOWN)
    yield "cp1252" if with_gaps else "latin-1"
    yield from OLD


def _strictly(content: bytes, encoding: str) -> str:
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        raise Refused("not_text") from None
    odd = sum(text.count(chr(n)) for n in range(32) if chr(n) not in "\t\n\r\f")
    if odd > len(text) // 200:
        raise Refused("not_text")
    return text


def _likeness(text: str) -> int:
    high = [letter for letter in text[:200_000] if letter > "\x7f"]
    return sum(1 if letter in ACCENTED else -1 for letter in high)


def read_csv(content: bytes, limits: Limits) -> list[Sheet]:
    """The one table of a CSV file.  Raises Refused."""
    text, _ = decoded(content)
    found = records(text, limits)[1]
    cut = limits.characters
    rows = [[cell[:cut].strip() for cell in one.cells] for one in found]
    if sum(map(any, rows)) > limits.lines:
        raise Refused("too_many_rows", most=limits.rows)
    if any(len(row) > limits.columns for row in rows):
        raise Refused("far_cells", most=limits.columns)
    return [Sheet("", rows)]


def records(text: str, limits: Limits) -> tuple[Written, list[Record]]:
    """The rows of CSV with the very text of each.  Raises Refused."""
    lines = list(io.StringIO(text, newline=""))
    written = _dialect(lines)
    try:
        return written, _records(lines, written, limits)
    except csv.Error as error:
        if "field limit" in str(error):
            raise Refused("open_quote", row=_line_of(lines, written)) from None
        plain = Written(written.delimiter, quoted=False)
        if loose := _evenly(lines, plain, limits):
            return plain, loose
        raise Refused("open_quote", row=_line_of(lines, written)) from None


def _dialect(lines: list[str]) -> Written:
    if lines and lines[0].lower().startswith("sep=") and len(lines[0].rstrip()) == 5:
        return Written(lines[0][4], quoted=True)
    sample = [line for line in lines[: SAMPLE * 4] if line.strip()][:SAMPLE]

    def steady(delimiter: str) -> tuple[int, int]:
        try:
            found = list(csv.reader(sample, delimiter=delimiter))
        except csv.Error:
            found = [line.split(delimiter) for line in sample]
        widths = Counter(len(row) for row in found if len(row) > 1)
        if not widths:
            return (0, 0)
        width, times = widths.most_common(1)[0]
        return (times, width)

    best = max(DELIMITERS, key=steady)
    return Written(best if steady(best)[0] else ";", quoted=True)


def _records(lines: list[str], written: Written, limits: Limits) -> list[Record]:
    csv.field_size_limit(1_000_000)
    reader = csv.reader(
        lines,
        delimiter=written.delimiter,
        strict=written.quoted,
        quoting=csv.QUOTE_MINIMAL if written.quoted else csv.QUOTE_NONE,
    )
    found: list[Record] = []
    full = before = 0
    for cells in reader:
        text = "".join(lines[before : reader.line_num])
        found.append(Record(cells, text))
        before = reader.line_num
        full += any(cells)
        if full > limits.lines:
            raise Refused("too_many_rows", most=limits.rows)
        if len(cells) > limits.columns:
            raise Refused("far_cells", most=limits.columns)
    return found


def _evenly(lines: list[str], plain: Written, limits: Limits) -> list[Record]:
    """The rows with quotation marks as letters, where they then are all as wide."""
    try:
        found = _records(lines, plain, limits)
    except csv.Error:
        return []
    widths = Counter(len(one.cells) for one in found if any(one.cells))
    width, times = widths.most_common(1)[0] if widths else (0, 0)
    return found if width > 1 and times == sum(widths.values()) else []


def _line_of(lines: list[str], written: Written) -> int:
    reader = csv.reader(lines, delimiter=written.delimiter, strict=True)
    last = 0
    try:
        for _ in reader:
            last = reader.line_num
    except csv.Error:
        return last + 1
    return last


def answer_csv(content: bytes, answers: Answers, limits: Limits) -> bytes:
    """The same file with the answers at the end of its rows, written as it is."""
    text, encoding = decoded(content)
    written, found = records(text, limits)
    width = max((len(one.cells) for one in found), default=0)
    out: list[str] = []
    for number, one in enumerate(found):
        heads = number == answers.header_row
        texts = answers.header if heads else answers.rows.get(number)
        if texts is None:
            out.append(one.text)
            continue
        body = one.text.rstrip("\r\n")
        gap = written.delimiter * (width - len(one.cells))
        out.append(f"{body}{gap}{_joined(texts, written)}{one.text[len(body) :]}")
    if encoding in ("utf-16", "utf-32"):  # else the order of bytes could turn
        little = content[:2] == b"\xff\xfe"
        mark = content[: 4 if encoding == "utf-32" else 2]
        turned = f"{encoding}-{'le' if little else 'be'}"
        return mark + "".join(out).encode(turned, "replace")
    return "".join(out).encode(encoding, "replace")


def _joined(texts: Sequence[str], written: Written) -> str:
    joined = written.delimiter.join(["", *texts])
    special = _special(written.delimiter).search(joined)
    if special is None and joined.count(written.delimiter) == len(texts):
        return joined  # nothing to quote and no formula: nearly all rows
    return written.delimiter.join(["", *(_cell(text, written) for text in texts)])


@lru_cache(maxsize=16)
def _special(delimiter: str) -> re.Pattern[str]:
    return re.compile(f'{re.escape(delimiter)}[=+\\-@\\t]|["\\r\\n]')


def _cell(text: str, written: Written) -> str:
    if text.startswith(FORMULA):
        text = f"'{text}"
    if not written.quoted:
        return text.replace(written.delimiter, " ").replace("\n", " ")
    if any(one in text for one in (written.delimiter, '"', "\n", "\r")):
        return '"' + text.replace('"', '""') + '"'
    return text


def read_jsonl(content: bytes, limits: Limits) -> list[Sheet]:
    """Objects of one level as rows; the first row names their members."""
    objects = _objects(content, limits)
    names = list(dict.fromkeys(name for one in objects.values() for name in one))
    if len(names) > limits.columns:
        raise Refused("far_cells", most=limits.columns)
    cut = limits.characters
    count = max(objects, default=-1) + 1
    rows = [
        [_plain(objects.get(number, {}).get(name))[:cut] for name in names]
        for number in range(count)
    ]
    return [Sheet("", [names, *rows])]


def _objects(content: bytes, limits: Limits) -> dict[int, dict[str, Any]]:
    text, _ = decoded(content)
    found: dict[int, dict[str, Any]] = {}
    for number, line in enumerate(text.split("\n")):
        if not line.strip():
            continue
        try:
            one = json.loads(line)
        except (ValueError, RecursionError):
            raise Refused("bad_json", row=number + 1) from None
        if not isinstance(one, dict):
            raise Refused("bad_json", row=number + 1)
        found[number] = one
        if len(found) > limits.lines:
            raise Refused("too_many_rows", most=limits.rows)
    return found


def _plain(value: Any) -> str:
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool) or value is None:
        return ""
    return str(value) if isinstance(value, int | float) else ""


def answer_jsonl(content: bytes, answers: Answers, limits: Limits) -> bytes:
    """The same objects, each with a member `registry` that holds its answers."""
    out = []
    for number, one in _objects(content, limits).items():
        texts = answers.rows.get(number + 1)
        told = dict(zip(answers.header, texts, strict=True)) if texts else {}
        kept = {name: text for name, text in told.items() if text}
        out.append(json.dumps({**one, "registry": kept}, ensure_ascii=False))
    return ("\n".join(out) + "\n").encode()
