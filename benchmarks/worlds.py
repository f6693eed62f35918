"""Registers of any size for a benchmark, on SQLite and on PostgreSQL.

The rows are invented once (`registry demo --organisations`), or taken from a register
invented before (`source`), because a million of them take a quarter of an hour.
"""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from tests.databases import throwaway_postgresql

ORGANISATIONS = "id <= {size}"
OF_ORGANISATION = "organisation_id <= {size}"
OF_CERTIFICATE = (
    "certificate_id IN (SELECT id FROM certificates WHERE organisation_id <= {size})"
)
#: What a search or a check reads, and which of its rows belong to the first holders.
TABLES = {
    "organisations": ORGANISATIONS,
    "activities": OF_ORGANISATION,
    "organisation_sectors": OF_ORGANISATION,
    "certificates": OF_ORGANISATION,
    "certificate_event": OF_CERTIFICATE,
    "certificate_projection": OF_CERTIFICATE,
}
#: What triggers make of them, row by row: copied where the whole register is.
DERIVED = (
    "organisation_search_words",
    "organisation_search_places",
    "organisation_search_spellings",
)


@dataclass(frozen=True)
class World:
    """A register with `size` holders, and how a process opens it."""

    database: str
    size: int
    folder: Path
    url: str

    @property
    def environment(self) -> dict[str, str]:
        told = {
            "REGISTRY_ENVIRONMENT": "demo",
            "REGISTRY_RATE_LIMITS": "0",
            "REGISTRY_LIST_ROWS": "200000",
            "REGISTRY_DATA_DIR": str(self.folder),
            "REGISTRY_DATABASE_URL": self.url,
        }
        return {**os.environ, **told}

    def run(self, *arguments: str) -> None:
        """A `registry` command on it."""
        subprocess.run(
            [sys.executable, "-m", "registry", *arguments],
            env=self.environment,
            check=True,
            stdout=subprocess.DEVNULL,
        )


@contextmanager
def worlds(
    databases: list[str], sizes: list[int], home: Path, source: Path | None
) -> Iterator[list[World]]:
    """The registers asked for; those of PostgreSQL are gone at the end."""
    made = [_on_sqlite(size, home, source) for size in sizes if "sqlite" in databases]
    if "postgresql" not in databases:
        yield made
        return
    with throwaway_postgresql() as address:
        filled = source or _on_sqlite(max(sizes), home, None).folder / "registry.sqlite"
        yield made + [_on_postgresql(size, home, address, filled) for size in sizes]


def _on_sqlite(size: int, home: Path, source: Path | None) -> World:
    folder = home / f"sqlite-{size}"
    path = folder / "registry.sqlite"
    world = World("SQLite", size, folder, f"sqlite:///{path.absolute()}")
    made_before = path.exists()
    folder.mkdir(parents=True, exist_ok=True)
    world.run("db", "upgrade")
    if made_before:
        return world
    if source is None:
        world.run("demo", "--organisations", str(size))
        return world
    with sqlite3.connect(path) as there:
        for name, value in (("synchronous", "OFF"), ("journal_mode", "OFF")):
            there.execute(f"PRAGMA {name} = {value}")
        there.execute("ATTACH ? AS source", (f"file:{source}?mode=ro",))
        for table, which in TABLES.items():
            names = ", ".join(_common(there, table))
            there.execute(
                f"INSERT INTO main.{table} ({names}) SELECT {names} "  # noqa: S608
                f"FROM source.{table} WHERE {which.format(size=size)}"
            )
        there.commit()
        there.execute("ANALYZE main")
    return world


def _common(there: sqlite3.Connection, table: str) -> list[str]:
    mine = {row[1] for row in there.execute(f"PRAGMA main.table_info({table})")}
    rows = there.execute(f"PRAGMA source.table_info({table})").fetchall()
    return [f'"{row[1]}"' for row in rows if row[1] in mine]


def _on_postgresql(size: int, home: Path, address: str, source: Path) -> World:
    folder, name = home / f"postgresql-{size}", f"size_{size}"
    folder.mkdir(parents=True, exist_ok=True)
    with psycopg.connect(_plain(address % "postgres"), autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}")
    world = World("PostgreSQL", size, folder, address % name)
    world.run("db", "upgrade")
    with (
        sqlite3.connect(f"file:{source}?mode=ro", uri=True) as read,
        psycopg.connect(_plain(world.url)) as there,
    ):
        tables = {table: which.format(size=size) for table, which in TABLES.items()}
        most = f"SELECT count(*) FROM organisations WHERE id > {size}"  # noqa: S608
        if read.execute(most).fetchone()[0] <= 1:  # whoever entered the others
            there.execute("SET session_replication_role = replica")
            there.commit()
            tables |= dict.fromkeys(DERIVED, "true")
        for table, which in tables.items():
            _copy(read, there, table, which)
        there.autocommit = True
        there.execute("ANALYZE")
    return world


def _copy(
    read: sqlite3.Connection, there: psycopg.Connection, table: str, which: str
) -> None:
    mine = {
        row[0]
        for row in there.execute(
            "SELECT column_name FROM information_schema.columns WHERE table_name = %s",
            (table,),
        )
    }
    told = read.execute(f"PRAGMA table_info({table})").fetchall()
    names = ", ".join(f'"{row[1]}"' for row in told if row[1] in mine)
    rows = read.execute(f"SELECT {names} FROM {table} WHERE {which}")  # noqa: S608
    # Triggers count words and changes: in one transaction each count would be looked
    # for behind all its former states.
    while some := rows.fetchmany(1000):
        with there.cursor().copy(f"COPY {table} ({names}) FROM STDIN") as copy:
            for row in some:
                copy.write_row(row)
        there.commit()
    if '"id"' in names.split(", "):
        there.execute(
            f"SELECT setval(pg_get_serial_sequence(%s, 'id'), max(id)) FROM {table}",  # noqa: S608
            (table,),
        )
        there.commit()


def _plain(url: str) -> str:
    return url.replace("postgresql+psycopg://", "postgresql://")
