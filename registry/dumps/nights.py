"""A night’s files: the register written out as it stood then, in one snapshot."""

import shutil
from datetime import datetime
from pathlib import Path

from sqlalchemy import func, select

from registry.certificates.models import CertificateEvent
from registry.clock import civil_day
from registry.db import READS_ONLY, db
from registry.dumps.describing import Dump, describe
from registry.dumps.tables import TABLES, Source
from registry.dumps.writing import write
from registry.services import Services, services

FOLDER = "dumps"
#: One snapshot for all tables; SQLite's transactions are one by themselves.
SNAPSHOT = {"postgresql": "REPEATABLE READ", "sqlite": "SERIALIZABLE"}


def write_night(at: datetime) -> int:
    """Write the files of this day; 0 where they are there already."""
    doors, on = services(), civil_day(at)
    home = doors.settings.data_dir / FOLDER
    done = home / on.isoformat()
    if done.exists():
        return 0
    unfinished = home / f".{on.isoformat()}"
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    _write(unfinished, at, doors)
    unfinished.rename(done)
    return 1


def _write(folder: Path, at: datetime, doors: Services) -> None:
    told = READS_ONLY.set(True)
    try:
        level = SNAPSHOT[db.engine.dialect.name]
        with db.engine.connect().execution_options(isolation_level=level) as connection:
            source = Source(connection, civil_day(at), doors.editions)
            counts = {
                table.name: write(table, table.rows(source), folder) for table in TABLES
            }
            last = select(func.max(CertificateEvent.recorded_at))
            through = connection.scalar(last)
    finally:
        READS_ONLY.reset(told)
    settings = doors.settings
    about = (settings.body_name, settings.base_url, settings.mail_from)
    describe(Dump(folder, source.on, through, *about, counts))
