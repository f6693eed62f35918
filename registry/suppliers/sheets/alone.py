"""The process itself: bytes on standard input, an answer on standard output."""

import gc
import json
import sys
from typing import Any

from registry.suppliers.sheets import ods, texts, xlsx
from registry.suppliers.sheets.limits import limit_this_process
from registry.suppliers.sheets.packed import unpacked
from registry.suppliers.sheets.refusal import Answers, Limits, Refused, Sheet

#: Old Excel files and encrypted ones stand in the same kind of container.
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
OTHERS = (b"%PDF-", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"{\\rtf", b"MZ", b"\x7fELF")
GZIP = (b"\x1f\x8b", b"7z\xbc\xaf", b"Rar!", b"BZh", b"\xfd7zXZ")


def format_of(content: bytes) -> str:
    """xlsx, ods, jsonl or csv, by what the bytes are.  Raises Refused."""
    if not content.strip(b"\xef\xbb\xbf\xff\xfe \t\r\n"):
        raise Refused("empty")
    if content.startswith(OLE):
        raise Refused("encrypted" if ENCRYPTED in content else "old_workbook")
    if content.startswith(OTHERS + GZIP):
        raise Refused("wrong_kind")
    if content.startswith(b"PK"):
        from registry.suppliers.sheets.archive import opened

        names = opened(content).namelist()
        if "[Content_Types].xml" in names:
            return "xlsx"
        if "mimetype" in names:
            return "ods"
        raise Refused("wrong_kind")
    start = content[:300].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<!doctype", b"<html", b"<?xml", b"<table", b"<workbook")):
        raise Refused("wrong_kind")
    return "jsonl" if start.startswith(b"{") else "csv"


READERS = {
    "xlsx": xlsx.read,
    "ods": ods.read,
    "csv": texts.read_csv,
    "jsonl": texts.read_jsonl,
}


def read(content: bytes, limits: Limits) -> dict[str, Any]:
    """The format and the sheets that hold something.  Raises Refused."""
    kind = format_of(content)
    found = [_trimmed(one) for one in READERS[kind](content, limits)]
    kept = [one for one in found if one.rows]
    if not kept:
        raise Refused("empty")
    if sum(len(one.rows) for one in kept) > 4 * limits.lines:
        raise Refused("too_many_rows", most=limits.rows)
    return {"format": kind, "sheets": [vars(one) for one in kept]}


def _trimmed(sheet: Sheet) -> Sheet:
    """Without the empty rows at the end."""
    rows = sheet.rows
    last = next((n for n in range(len(rows), 0, -1) if any(rows[n - 1])), 0)
    return Sheet(sheet.name, rows[:last])


def answer(content: bytes, answers: Answers, limits: Limits) -> bytes:
    """The file with its answers.  Raises Refused."""
    kind = format_of(content)
    if kind == "xlsx":
        return xlsx.answered(content, answers)
    if kind == "ods":
        return ods.answered(content, answers)
    if kind == "jsonl":
        return texts.answer_jsonl(content, answers, limits)
    return texts.answer_csv(content, answers, limits)


def main() -> int:
    """Do what the first line of standard input asks with the bytes after it."""
    source = sys.stdin.buffer
    asked = json.loads(source.readline())
    limits = Limits(**asked["limits"])
    if asked["act"] == "read":
        import python_calamine  # noqa: F401 - loading needs more files than the limit
    gc.disable()  # what is made here is kept or let go at once, and then all is over
    limit_this_process(asked["seconds"])
    content = source.read(asked["size"])
    try:
        if asked["act"] == "read":
            made = json.dumps(read(content, limits)).encode()
        else:
            made = answer(content, unpacked(source.read()), limits)
    except Refused as refusal:
        made = json.dumps({"rule": refusal.rule, **refusal.facts}).encode()
        sys.stdout.buffer.write(made)
        return 1
    except MemoryError:
        sys.stdout.buffer.write(b'{"rule": "too_many_cells"}')
        return 1
    except RecursionError:
        sys.stdout.buffer.write(b'{"rule": "broken"}')
        return 1
    sys.stdout.buffer.write(made)
    return 0
