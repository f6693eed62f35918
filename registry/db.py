"""The database handle, the base of models, and what both databases must promise."""

import enum
import fcntl
import sqlite3
import threading
from collections import deque
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    JSON,
    Connection,
    DateTime,
    Dialect,
    Engine,
    Enum,
    MetaData,
    event,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, registry
from sqlalchemy.types import TypeDecorator

from registry.errors import N_, Unavailable

#: A request that only reads says so; everything else owns its writes from the start.
READS_ONLY: ContextVar[bool] = ContextVar("reads_only", default=False)


class Busy(Unavailable):
    """Too many writers wait for the database."""


class UTCDateTime(TypeDecorator[datetime]):
    """Aware datetimes in, aware datetimes out, whatever the database keeps."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        return None if value is None else value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC)


Json = JSON().with_variant(JSONB(), "postgresql")


class Model(DeclarativeBase):
    """Base of every table.  Rooms inherit from this, not from `db.Model`: it types."""

    registry = registry(
        metadata=MetaData(
            naming_convention={
                "ix": "ix_%(column_0_label)s",
                "uq": "uq_%(table_name)s_%(column_0_N_name)s",
                "ck": "ck_%(table_name)s_%(constraint_name)s",
                "fk": "fk_%(table_name)s_%(column_0_name)s",
                "pk": "pk_%(table_name)s",
            }
        ),
        type_annotation_map={
            datetime: UTCDateTime,
            dict[str, Any]: Json,
            list[Any]: Json,
            list[str]: Json,
            enum.StrEnum: Enum(
                enum.StrEnum,
                native_enum=False,
                length=32,
                values_callable=lambda states: [state.value for state in states],
            ),
        },
    )


db = SQLAlchemy(model_class=Model)

#: SQLite before these can lose commits in WAL mode (sqlite.org/wal.html).
SAFE_WAL = ((3, 51, 3), (3, 50, 7), (3, 44, 6))


def wal_is_safe(version: tuple[int, int, int]) -> bool:
    """Whether this SQLite has the WAL-reset bug mended (3.51.3, or a backport)."""
    newest, *backports = SAFE_WAL
    return version >= newest or any(
        version[:2] == fixed[:2] and version >= fixed for fixed in backports
    )


class Turnstile:
    """
    One writer at a time, first come first served, in all processes on a SQLite file.

    SQLite's own busy handler starves waiters; this queue does not.
    """

    PATIENCE = 30.0  # seconds

    def __init__(self, path: str) -> None:
        self._path = Path(f"{path}.lock")
        self._queue: deque[object] = deque()
        self._turn = threading.Condition()
        self._file: IO[bytes] | None = None

    def enter(self) -> None:
        """Wait for one's turn; raises Busy after 30 seconds."""
        ticket = object()
        with self._turn:
            self._queue.append(ticket)
            if not self._turn.wait_for(lambda: self._queue[0] is ticket, self.PATIENCE):
                self._queue.remove(ticket)
                raise Busy(N_("The registry is busy. Please try again in a moment."))
        self._file = self._path.open("ab")
        fcntl.flock(self._file, fcntl.LOCK_EX)

    def leave(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None
        with self._turn:
            self._queue.popleft()
            self._turn.notify_all()


def prepare_sqlite(engine: Engine) -> None:
    """Give a SQLite engine real transactions, durable commits and fair writers."""
    turnstile = Turnstile(engine.url.database or ":memory:")
    journal = (
        ("WAL", "FULL")
        if wal_is_safe(sqlite3.sqlite_version_info)
        else ("DELETE", "EXTRA")
    )

    @event.listens_for(engine, "connect")
    def connect(connection: Any, record: Any) -> None:
        connection.isolation_level = None  # else DDL and reads are outside transactions
        for pragma in (
            f"journal_mode={journal[0]}",
            f"synchronous={journal[1]}",
            "foreign_keys=ON",
            "busy_timeout=15000",
            "secure_delete=ON",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        info = connection.info
        if READS_ONLY.get():
            connection.exec_driver_sql("BEGIN")
            return
        if not info.get("writing"):
            turnstile.enter()
            info["writing"] = True
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    @event.listens_for(engine, "checkin")
    def checkin(connection: Any, record: Any) -> None:
        if record.info.pop("writing", False):
            turnstile.leave()
