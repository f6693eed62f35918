"""Coded columns as bytes: kept beside the facts and read again in a moment.

To be made anew when the facts change; it holds nothing that the facts do not.
"""

import datetime as dt
import json
import sys
import zlib
from array import array
from decimal import Decimal
from typing import Any

from registry.criteria.bits import Coded
from registry.criteria.columns import Columns
from registry.criteria.facts import Action, Basis, Fact
from registry.errors import N_, Invalid

_FORMAT = b"criteria-columns 1\n"


class UnreadableSnapshot(Invalid):
    """The bytes are not a snapshot of this format: make it again."""


def dump(columns: Columns) -> bytes:
    """The columns as bytes."""
    codes = []
    for coded in columns.facts.values():
        kept = array("I", list(coded.codes))
        if sys.byteorder == "big":
            kept.byteswap()
        codes.append(kept.tobytes())
    head = {
        "rows": columns.rows,
        "facts": {
            name: [_fact(fact) for fact in coded.values]
            for name, coded in columns.facts.items()
        },
        "used": {id_: hex(mask) for id_, mask in columns.used.items()},
        "waived": [[id_, b.value, hex(m)] for (id_, b), m in columns.waived.items()],
        "actions": {
            id_: [[row, _tag(one.due), _tag(one.agreed_on)] for row, one in found]
            for id_, found in columns.actions.items()
        },
    }
    text = json.dumps(head, ensure_ascii=False, separators=(",", ":")).encode()
    return _FORMAT + zlib.compress(
        len(text).to_bytes(8, "big") + text + b"".join(codes), 1
    )


def load(raw: bytes) -> Columns:
    """The columns of a snapshot. Raises UnreadableSnapshot."""
    if not raw.startswith(_FORMAT):
        raise UnreadableSnapshot(N_("This snapshot cannot be read: make it again."))
    body = zlib.decompress(raw.removeprefix(_FORMAT))
    size = int.from_bytes(body[:8], "big")
    head = json.loads(body[8 : 8 + size])
    rows, at = head["rows"], 8 + size
    facts = {}
    for name, values in head["facts"].items():
        codes = array("I", body[at : at + 4 * rows])
        if sys.byteorder == "big":
            codes.byteswap()
        facts[name] = Coded([_read(one) for one in values], codes)
        at += 4 * rows
    columns = Columns(rows, facts)
    columns.used = {id_: int(mask, 16) for id_, mask in head["used"].items()}
    columns.waived = {(i, Basis(b)): int(m, 16) for i, b, m in head["waived"]}
    columns.actions = {
        id_: [(row, Action(_plain(due), _plain(agreed))) for row, due, agreed in found]
        for id_, found in head["actions"].items()
    }
    return columns


def _fact(fact: Fact) -> list[Any]:
    found = [_tag(fact.declared), _tag(fact.verified), _tag(fact.expires)]
    return [*found, fact.rejected]


def _read(raw: list[Any]) -> Fact:
    declared, verified, expires, rejected = raw
    return Fact(_plain(declared), _plain(verified), _plain(expires), rejected)


def _tag(value: Any) -> Any:
    """A value as JSON that says which type it was."""
    if isinstance(value, dt.date):
        return {"day": value.isoformat()}
    if isinstance(value, Decimal):
        return {"number": str(value)}
    if isinstance(value, tuple):
        return {"choices": list(value)}
    if isinstance(value, list):
        rows = [{name: _tag(cell) for name, cell in row.items()} for row in value]
        return {"rows": rows}
    return value


def _plain(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    ((kind, inner),) = value.items()
    if kind == "day":
        return dt.date.fromisoformat(inner)
    if kind == "number":
        return Decimal(inner)
    if kind == "choices":
        return tuple(inner)
    return [{name: _plain(cell) for name, cell in row.items()} for row in inner]
