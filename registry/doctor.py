"""`registry doctor`: everything that must be true, looked at; it changes nothing.

The numbers of the checks are those of the reliability rules (I0 engine … I20 triggers).
"""

import json
import sqlite3
import stat
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import click
from flask.cli import with_appcontext
from sqlalchemy import and_, func, inspect, select, text
from sqlalchemy.orm import selectinload

from registry.applications.models import Application
from registry.audits.models import Audit
from registry.certificates.models import (
    Certificate,
    CertificateEvent,
    CertificateState,
    Copy,
    EventKind,
    Projection,
)
from registry.certificates.queries import stuck_since
from registry.certificates.standing import course
from registry.db import READS_ONLY, Model, db, wal_is_safe
from registry.decisions.grounds import sha256 as sha256_of_grounds
from registry.decisions.models import Decision
from registry.editions.queries import copies_of
from registry.errors import RegistryError
from registry.files.models import File
from registry.journal.models import Entry, Series
from registry.mail.models import Letter, LetterState
from registry.services import services
from registry.settings import Environment
from registry.storage import Storage
from registry.watches.models import Watched
from registry.watches.queries import overdue
from registry.watches.secrecy import NAME

APPEND_ONLY = (
    "journal",
    "decisions",
    "certificate_event",
    "editions",
    "edition_life",
    "what_ifs",
)
IMPARTIAL = ("decider_audited_the_case", "auditor_decided_the_case")
STUCK = timedelta(minutes=15)
UNSENT = timedelta(hours=4)


@dataclass(frozen=True)
class Check:
    """A rule by its number, in words, and how to look for what breaks it."""

    code: str
    rule: str
    look: Callable[[], Iterable[str]]


def engine() -> Iterator[str]:
    """I0: the database is sound and set to lose nothing."""
    tables = set(inspect(db.session.connection()).get_table_names())
    for name in sorted(set(Model.metadata.tables) - tables):
        yield f"there is no table {name}: run `registry db upgrade`"
    if db.engine.dialect.name == "sqlite":
        yield from _sqlite()
    elif services().settings.environment is not Environment.TEST:
        yield from _postgresql()


def _sqlite() -> Iterator[str]:
    def ask(pragma: str) -> list[Any]:
        return list(db.session.execute(text(f"PRAGMA {pragma}")).scalars())

    yield from (said for said in ask("integrity_check") if said != "ok")
    for broken in db.session.execute(text("PRAGMA foreign_key_check")):
        yield f"{broken[0]}, row {broken[1]}: what it refers to in {broken[2]} is gone"
    if ask("foreign_keys") != [1]:
        yield "foreign keys are not enforced"
    wal = ask("journal_mode") == ["wal"]
    if wal and not wal_is_safe(sqlite3.sqlite_version_info):
        yield f"SQLite {sqlite3.sqlite_version} can lose commits in WAL mode"
    least = 2 if wal else 3  # FULL, EXTRA
    testing = services().settings.environment is Environment.TEST
    if ask("synchronous")[0] < least and not testing:
        yield "a power cut can lose what was acknowledged: `synchronous` is too low"


def _postgresql() -> Iterator[str]:
    for name in ("fsync", "full_page_writes", "synchronous_commit"):
        if db.session.scalar(text(f"SHOW {name}")) == "off":
            yield f"a power cut can lose what was acknowledged: {name} is off"


def numbers() -> Iterator[str]:
    """I1: numbers run from 1 to the last, without gaps or doubles."""
    last = {series.name: series.last for series in db.session.scalars(select(Series))}
    rows = db.session.execute(
        select(
            Certificate.scheme,
            Certificate.year,
            func.count(),
            func.min(Certificate.serial),
            func.max(Certificate.serial),
        ).group_by(Certificate.scheme, Certificate.year)
    )
    for scheme, year, count, first, greatest in rows:
        if (first, greatest) != (1, count):
            yield f"{scheme} {year}: {count} numbers between {first} and {greatest}"
        given = last.get(f"certificates-{scheme}-{year}")
        if given is not None and given != greatest:
            yield f"{scheme} {year}: the series gave {given}, the last is {greatest}"


def files() -> Iterator[str]:
    """I2: every file referred to is there, and is what it was."""
    for table in (File, Certificate, Copy):
        for sha256 in db.session.scalars(
            select(table.sha256).where(table.sha256.is_not(None)).distinct()
        ):
            yield from _file(str(sha256), table.__tablename__)


def _file(sha256: str, table: str) -> Iterator[str]:
    storage = services().storage
    places = [storage] if storage.second is None else [storage, Storage(storage.second)]
    for place in places:
        try:
            place.read(sha256)
        except RegistryError as refusal:
            yield f"{table}: {sha256}: {refusal} ({place.root})"


def issued() -> Iterator[str]:
    """I3: what is issued says so in its events and in the journal, and no more."""
    said = {
        (entry.subject, entry.facts.get("sha256"))
        for entry in db.session.scalars(
            select(Entry).where(Entry.verb == "certificate.issued")
        )
    }
    for certificate in _certificates():
        events = [e for e in certificate.events if e.kind is EventKind.ISSUED]
        is_issued = certificate.state is CertificateState.ISSUED
        if len(events) != is_issued:
            yield f"{certificate.number}: {len(events)} events say that it was issued"
        of_a_case = is_issued and certificate.application_id is not None
        if of_a_case and (certificate.reference, certificate.sha256) not in said:
            yield f"{certificate.number}: the journal does not know this file"


def projections() -> Iterator[str]:
    """I4: the table that searches use says what the events say."""
    rows = {row.certificate_id: row for row in db.session.scalars(select(Projection))}
    for certificate in _certificates():
        latest = course(certificate.events, date.max)
        row = rows.pop(certificate.id, None)
        kept = row and (row.code, row.since_on, row.reason_code, row.in_update_from)
        told = latest and (
            latest.code.value,
            latest.since,
            latest.reason_code,
            latest.in_update_from,
        )
        if kept != told:
            yield f"{certificate.number}: the search says {kept}, the events {told}"
        if row and row.valid_until != certificate.valid_until:
            yield f"{certificate.number}: the search has another last day"
    yield from (f"a search row of no certificate: {id_}" for id_ in rows)


def impartial() -> Iterator[str]:
    """I5: nobody decided a case they audited; the grounds are as they were frozen."""
    both = select(Decision).join(
        Audit,
        and_(
            Audit.application_id == Decision.application_id,
            Audit.auditor_id == Decision.decided_by_id,
        ),
    )
    for decision in db.session.scalars(both.distinct()):
        yield f"application {decision.application_id}: decided by one who audited it"
    for decision in db.session.scalars(select(Decision)):
        if sha256_of_grounds(decision.grounds) != decision.grounds_sha256:
            yield f"decision {decision.id}: its grounds were changed"


def letters() -> Iterator[str]:
    """I8: no letter waits for hours while there is a mail server, no message at all."""
    before = services().clock.now() - UNSENT
    waiting = select(func.count()).where(
        Letter.state == LetterState.WAITING, Letter.written_at < before
    )
    count = db.session.scalar(waiting)
    if services().postman.ready and count:
        yield f"{count} letters wait since before {before:%Y-%m-%d %H:%M} UTC"
    if messages := overdue(before):
        yield f"{messages} messages to webhooks are overdue since then"


def stuck() -> Iterator[str]:
    """I9: no number waits for its paper for more than a quarter of an hour."""
    for certificate in stuck_since(services().clock.now() - STUCK):
        yield f"{certificate.number}: reserved {certificate.reserved_at:%Y-%m-%d %H:%M}"


def papers() -> Iterator[str]:
    """I12: each sealed file begins with the pages that were planned."""
    for table in (Certificate, Copy):
        planned = select(table.unsigned_sha256, table.sha256).where(
            table.sha256.is_not(None), table.unsigned_sha256.is_not(None)
        )
        for unsigned, sha256 in db.session.execute(planned):
            try:
                sealed = services().storage.read(str(sha256))
            except RegistryError:
                continue  # told by I2
            if str(unsigned) not in _beginnings(sealed):
                yield f"{sha256}: it does not begin with the pages that were planned"


def _beginnings(sealed: bytes) -> Iterator[str]:
    """The hash of each stretch of a PDF up to the end of one of its revisions."""
    end, mark = 0, b"%%EOF"
    while (found := sealed.find(mark, end)) >= 0:
        end = found + len(mark)
        for newline in (b"", b"\n", b"\r\n"):
            if sealed.startswith(newline, end):
                yield Storage.digest(sealed[: end + len(newline)])


def editions() -> Iterator[str]:
    """I13: criteria are kept here, and are those every application was pinned to."""
    known = services().editions
    for edition in known.values():
        digests = {copy.digest for copy in copies_of(edition.key)}
        if not digests:
            yield f"{edition.key}: no copy is kept: run `registry criteria import`"
        elif digests != {edition.digest}:
            yield f"{edition.key}: its rules are not those kept: restore its folder"
    used = select(Application.edition, Application.edition_digest).distinct()
    for key, digest in db.session.execute(used):
        if key not in known:
            yield f"{key}: its criteria are not installed"
        elif known[key].digest != digest:
            yield f"{key}: its criteria are not those that were answered to"


def times() -> Iterator[str]:
    """I16: no event is in the future or before the one it follows."""
    now = services().clock.now()
    last: dict[int, datetime] = {}
    for event in db.session.scalars(
        select(CertificateEvent).order_by(CertificateEvent.id)
    ):
        before = last.get(event.certificate_id)
        if event.recorded_at > now:
            yield f"event {event.id}: recorded in the future"
        if before and event.recorded_at < before:
            yield f"event {event.id}: recorded before the one it follows"
        last[event.certificate_id] = event.recorded_at


def secrets() -> Iterator[str]:
    """I19: keys and database are for our eyes only."""
    data = services().settings.data_dir
    kept = [*sorted((data / "keys").rglob("*")), *sorted(data.glob("*.sqlite"))]
    for path in kept:
        forbidden = 0o002 if path.suffix == ".sqlite" else 0o077
        if path.is_file() and _mode(path) & forbidden:
            yield f"{path}: mode {_mode(path):o} opens it to others"
    key = data / "keys" / NAME
    if not key.is_file() and db.session.scalar(select(Watched.mark).limit(1)):
        yield f"{key} is gone: no watch-list can be read without it; restore it"


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def triggers() -> Iterator[str]:
    """I20: the database itself refuses to change what was written down."""
    if db.engine.dialect.name == "sqlite":
        query = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        wanted = {f"{t}_no_{act}" for t in APPEND_ONLY for act in ("update", "delete")}
    else:
        query = "SELECT tgname FROM pg_trigger WHERE tgenabled <> 'D'"
        wanted = {f"{table}_append_only" for table in APPEND_ONLY}
    there = set(db.session.execute(text(query)).scalars())
    for name in sorted((wanted | set(IMPARTIAL)) - there):
        yield f"the trigger {name} is gone"


def _certificates() -> Iterator[Certificate]:
    yield from db.session.scalars(
        select(Certificate)
        .options(selectinload(Certificate.events))
        .order_by(Certificate.id)
        .execution_options(yield_per=1000)
    )


CHECKS = [
    Check("I0", "The database is sound and loses nothing", engine),
    Check("I1", "Numbers run from 1 without gaps", numbers),
    Check("I2", "Every file is there and unchanged", files),
    Check("I3", "What is issued is in events and journal", issued),
    Check("I4", "Searches say what the events say", projections),
    Check("I5", "Nobody decided what they audited", impartial),
    Check("I8", "No letter or message is stuck", letters),
    Check("I9", "No number waits for its paper", stuck),
    Check("I12", "Sealed files begin with what was planned", papers),
    Check("I13", "Criteria are those answered to", editions),
    Check("I16", "No event is out of its time", times),
    Check("I19", "Keys are for our eyes only", secrets),
    Check("I20", "The database refuses changes to the past", triggers),
]


def examine() -> dict[str, list[str]]:
    """What every check found, by its number; an empty list is good."""
    return {check.code: list(check.look()) for check in CHECKS}


@click.command("doctor")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@with_appcontext
def doctor_command(as_json: bool) -> None:
    """Look at everything that must be true; exit 1 when something is not."""
    READS_ONLY.set(True)
    found = examine()
    sound = not any(found.values())
    if as_json:
        rules = [
            {"code": one.code, "rule": one.rule, "found": found[one.code]}
            for one in CHECKS
        ]
        click.echo(json.dumps({"sound": sound, "checks": rules}, indent=2))
    else:
        for check in CHECKS:
            click.echo(f"{'BAD' if found[check.code] else 'ok':4} {check.rule}")
            for finding in found[check.code]:
                click.echo(f"       {finding}")
    sys.exit(0 if sound else 1)
