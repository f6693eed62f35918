"""A table as CSV, JSON Lines and Parquet, written in one pass with little memory."""

import csv
import hashlib
import json
from collections.abc import Iterator
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa
import pyarrow.parquet as pq

from registry.clock import instant
from registry.dumps.tables import Column, Row, Table

FORMATS = ("csv", "jsonl", "parquet")
#: Rows in a group of Parquet, and at most in memory.
GROUP = 10_000
TYPES = {
    "string": pa.string(),
    "integer": pa.int64(),
    "date": pa.date32(),
    "datetime": pa.timestamp("s", tz="UTC"),
}
CHUNK = 1024 * 1024


class _Writer(Protocol):
    def write(self, rows: list[Row]) -> None: ...

    def close(self) -> None: ...


class _Csv:
    """RFC 4180 in UTF-8, with a head; nothing where nothing is known."""

    def __init__(self, path: Path, columns: tuple[Column, ...]) -> None:
        self._file = path.open("w", encoding="utf-8", newline="")
        self._csv = csv.writer(self._file)
        self._csv.writerow([column.name for column in columns])

    def write(self, rows: list[Row]) -> None:
        self._csv.writerows([plain(value) for value in row] for row in rows)

    def close(self) -> None:
        self._file.close()


class _JsonLines:
    """One JSON object on each line."""

    def __init__(self, path: Path, columns: tuple[Column, ...]) -> None:
        self._file = path.open("w", encoding="utf-8")
        self._names = [column.name for column in columns]

    def write(self, rows: list[Row]) -> None:
        for row in rows:
            told = dict(zip(self._names, map(plain, row), strict=True))
            line = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
            self._file.write(f"{line}\n")

    def close(self) -> None:
        self._file.close()


class _Parquet:
    """Columns with their kinds, compressed."""

    def __init__(self, path: Path, columns: tuple[Column, ...]) -> None:
        self._schema = pa.schema(
            [
                pa.field(one.name, TYPES[one.kind], nullable=not one.required)
                for one in columns
            ]
        )
        self._file = pq.ParquetWriter(path, self._schema, compression="zstd")

    def write(self, rows: list[Row]) -> None:
        arrays = [
            pa.array(values, type=field.type)
            for values, field in zip(zip(*rows, strict=True), self._schema, strict=True)
        ]
        self._file.write_batch(pa.record_batch(arrays, schema=self._schema), GROUP)

    def close(self) -> None:
        self._file.close()


def write(table: Table, rows: Iterator[Row], folder: Path) -> int:
    """Write the rows into `folder` in every format; returns how many there are."""
    path, columns = folder / table.name, table.columns
    writers: tuple[_Writer, ...] = (
        _Csv(path.with_suffix(".csv"), columns),
        _JsonLines(path.with_suffix(".jsonl"), columns),
        _Parquet(path.with_suffix(".parquet"), columns),
    )
    count = 0
    try:
        while batch := [_tidy(row, table) for row in islice(rows, GROUP)]:
            count += len(batch)
            for writer in writers:
                writer.write(batch)
    finally:
        for writer in writers:
            writer.close()
    return count


def plain(value: Any) -> Any:
    """A value as text files write it: days as ISO 8601, instants in UTC."""
    if isinstance(value, datetime):
        return instant(value)
    return value.isoformat() if isinstance(value, date) else value


def sha256(path: Path) -> str:
    """The fingerprint of a file, read piece by piece, in hexadecimal."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(CHUNK):
            digest.update(piece)
    return digest.hexdigest()


def _tidy(row: Row, table: Table) -> Row:
    """Empty texts are absent ones where a column may be empty; whole seconds."""
    return tuple(
        (None if value == "" and not column.required else _whole(value))
        for value, column in zip(row, table.columns, strict=True)
    )


def _whole(value: Any) -> Any:
    return value.replace(microsecond=0) if isinstance(value, datetime) else value
