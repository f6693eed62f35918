"""From the bytes of a company's file to its tables, and back with answers beside them.

Both are done in a process of its own (`sheets.alone`), with limits on memory and time.
"""

import json
import subprocess
import sys
from dataclasses import asdict, dataclass
from typing import Any

from registry.errors import N_, Invalid, Unavailable
from registry.paths import PACKAGE
from registry.suppliers.sheets.packed import packed
from registry.suppliers.sheets.refusal import Answers, Limits, Sheet

MOST_BYTES = 10 * 1024 * 1024
#: Seconds of computing, and a little more on the wall.
SECONDS = 9
PATIENCE = 10
#: The same for giving back a file that was read before: nobody waits for a verdict.
ANSWERING = (60, 120)
MEDIA_TYPES = {
    "csv": "text/csv",
    "jsonl": "application/jsonl",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
#: For a file chooser.
ACCEPTED = ".csv,.txt,.xlsx,.ods,text/csv," + ",".join(
    (MEDIA_TYPES["xlsx"], MEDIA_TYPES["ods"])
)
START = (
    "import sys; sys.path.insert(0, sys.argv[1]); "
    "from registry.suppliers.sheets.alone import main; sys.exit(main())"
)


class Unreadable(Invalid):
    """A file we do not take: `rule` names why, the sentence says what to do."""

    field = "file"

    def __init__(self, rule: str, **facts: Any) -> None:
        super().__init__(SENTENCES[rule], **facts)
        self.rule = rule

    @property
    def code(self) -> str:
        """The stable name of the rule, for programs: `file_encrypted`."""
        return f"file_{self.rule}"


class NoReading(Unavailable):
    """The process that reads files could not be started."""


SENTENCES = {
    "empty": N_("There is nothing in the file."),
    "too_large": N_("The file is larger than %(most)s MB: divide it."),
    "too_many_rows": N_("The file has more than %(most)s rows: divide it."),
    "too_many_sheets": N_(
        "The workbook has more than 30 sheets: keep the one with the suppliers."
    ),
    "too_many_cells": N_(
        "The sheet has too many cells: remove the columns that are not needed."
    ),
    "far_cells": N_(
        "There are cells far away from the table, or more than %(most)s columns: "
        "delete the rows and columns outside the list and save again."
    ),
    "wrong_kind": N_(
        "Only CSV, XLSX, ODS and JSON Lines are taken, and this is none of them, "
        "whatever its name says."
    ),
    "old_workbook": N_("This is an old or binary workbook: save it as XLSX or ODS."),
    "encrypted": N_(
        "The file is protected by a password: save it without a password to open it."
    ),
    "macros": N_("The workbook has macros: save it as XLSX or ODS, without macros."),
    "entities": N_(
        "The file has declarations that could fetch or multiply text. Save it again "
        "from a spreadsheet program."
    ),
    "bomb": N_(
        "Unpacked, the file would be enormous. Copy the list to a new workbook and "
        "save that."
    ),
    "two_files": N_(
        "The file hides another one, or has two parts of the same name. Save it again "
        "from a spreadsheet program."
    ),
    "broken": N_(
        "The file is broken or incomplete. Save it again from a spreadsheet program."
    ),
    "unusual": N_(
        "The sheet is written in an unusual way. Save it again from a spreadsheet "
        "program."
    ),
    "uncomputed": N_(
        "The workbook has formulas whose results were not saved: open it in a "
        "spreadsheet program and save it."
    ),
    "not_text": N_(
        "This is not a text in a known alphabet: save the sheet as XLSX, or as CSV in "
        "UTF-8."
    ),
    "open_quote": N_("Row %(row)s cannot be read: a quotation mark is not closed."),
    "bad_json": N_("Row %(row)s is not a JSON object."),
    "too_slow": N_(
        "Reading the file takes too long. Copy the list to a new workbook and save "
        "that."
    ),
}


@dataclass(frozen=True)
class Tables:
    """What a file holds: its format (csv, jsonl, ods, xlsx) and its sheets."""

    format: str
    sheets: list[Sheet]


def read(content: bytes, most_rows: int) -> Tables:
    """
    The tables in a file of at most 10 MB (ours) and `most_rows` rows a sheet.

    Raises Unreadable naming the rule, within ten seconds.
    """
    if len(content) > MOST_BYTES:
        raise Unreadable("too_large", most=MOST_BYTES // 1024**2)
    found = json.loads(_alone("read", content, Limits(most_rows)))
    return Tables(found["format"], [Sheet(**one) for one in found["sheets"]])


def answered(content: bytes, answers: Answers, most_rows: int) -> bytes:
    """
    The company's own file with the answers added at the right of one sheet.

    Sheets, order, looks, formulas and widths stay; texts are typed as texts, so that no
    program takes one for a formula.  Raises Unreadable.
    """
    return _alone("answer", content, Limits(most_rows), packed(answers))


def _alone(act: str, content: bytes, limits: Limits, more: bytes = b"") -> bytes:
    seconds, patience = (SECONDS, PATIENCE) if act == "read" else ANSWERING
    asked = {
        "act": act,
        "size": len(content),
        "limits": asdict(limits),
        "seconds": seconds,
    }
    try:
        done = subprocess.run(  # noqa: S603 - our own program, by its full path
            [sys.executable, "-I", "-c", START, str(PACKAGE.parent)],
            input=json.dumps(asked).encode() + b"\n" + content + more,
            capture_output=True,
            timeout=patience,
            check=False,
            env={},
        )
    except subprocess.TimeoutExpired:
        raise Unreadable("too_slow") from None
    except OSError:
        raise NoReading(N_("Files cannot be read just now.")) from None
    if done.returncode == 0:
        return done.stdout
    raise _refusal(done.returncode, done.stdout)


def _refusal(code: int, said: bytes) -> Unreadable:
    if code == 1 and said.startswith(b"{"):
        told = json.loads(said)
        return Unreadable(told.pop("rule"), **told)
    # killed by a limit: -9 or -24 of time, else of memory
    return Unreadable("too_slow" if code in (-9, -24) else "too_many_cells")
