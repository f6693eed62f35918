"""The day of the registry, in UTC: every job and its hour, and who rings the bell.

Any number of `registry jobs work` may run: one of them leads, and when it dies another
takes over.  The bell only wakes; the work is claimed by rows, so even two that ring at
once do it once.
"""

import fcntl
import logging
import time
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import IO, Protocol

import click
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.blocking import BlockingScheduler
from apscheduler.triggers.cron import CronTrigger
from flask import Flask, current_app
from flask.cli import AppGroup
from sqlalchemy import Connection, Engine, create_engine, func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from registry.applications.jobs import archive_idle, end_completions
from registry.certificates.jobs import issue_granted, make_copies
from registry.clock import SystemClock, start_of
from registry.complaints.jobs import forget_ended
from registry.db import db
from registry.dumps.jobs import write_nightly
from registry.jobs import Job
from registry.journal.operations import note_run
from registry.journal.queries import last_runs
from registry.mail.jobs import deliver_waiting, forget_secrets
from registry.rechecks.jobs import (
    close_decided,
    close_ended,
    follow_reissued,
    lapse_measures,
    open_due,
    propose_withdrawals,
    register_filed,
    remind,
    suspend_missed,
)
from registry.schemes.jobs import forewarn, tell_holders
from registry.services import services
from registry.suppliers.jobs import check_waiting, erase_old
from registry.verification.jobs import tell_ends, tell_updates
from registry.watches import jobs as watches

log = logging.getLogger(__name__)

#: None between 00:50 and 01:10 UTC: there the clocks of Rome jump twice a year.
TIMETABLE = [
    Job("certificates.issue_granted", "* * * * *", issue_granted),
    Job("certificates.make_copies", "* * * * *", make_copies),
    Job("suppliers.check_waiting", "* * * * *", check_waiting),
    Job("mail.deliver_waiting", "* * * * *", deliver_waiting),
    Job("rechecks.follow_reissued", "* * * * *", follow_reissued),
    Job("rechecks.register_filed", "* * * * *", register_filed),
    Job("rechecks.close_decided", "* * * * *", close_decided),
    Job("rechecks.lapse_measures", "*/5 * * * *", lapse_measures),
    Job("verification.tell_updates", "*/15 * * * *", tell_updates),
    Job("verification.tell_ends", "*/15 * * * *", tell_ends),
    Job("rechecks.close_ended", "5 3 * * *", close_ended),
    Job("rechecks.open_due", "10 3 * * *", open_due),
    Job("rechecks.remind", "20 3 * * *", remind),
    Job("rechecks.suspend_missed", "30 3 * * *", suspend_missed),
    Job("rechecks.propose_withdrawals", "40 3 * * *", propose_withdrawals),
    Job("applications.end_completions", "50 3 * * *", end_completions),
    Job("applications.archive_idle", "0 4 * * *", archive_idle),
    Job("dumps.write_nightly", "15 2 * * *", write_nightly),
    Job("schemes.tell_holders", "20 4 * * *", tell_holders),
    Job("schemes.forewarn", "30 4 * * *", forewarn),
    Job("watches.tell", "* * * * *", watches.tell),
    Job("watches.write_letters", "* * * * *", watches.write_letters),
    Job("watches.send_webhooks", "* * * * *", watches.send_webhooks),
    Job("watches.forewarn", "40 4 * * *", watches.forewarn),
    Job("watches.write_digests", "30 5 * * *", watches.write_digests),
    Job("watches.forget_deliveries", "0 5 * * *", watches.forget_deliveries),
    Job("suppliers.erase_old", "15 * * * *", erase_old),
    Job("complaints.forget_ended", "15 4 * * *", forget_ended),
    Job("mail.forget_secrets", "10 4 * * *", forget_secrets),
]
BY_NAME = {job.name: job for job in TIMETABLE}

#: Seconds between two looks at whether we lead, or may.
POLL = 1.0
#: The advisory lock of PostgreSQL that makes a leader.
LOCK = 0x1D9AC7
NOON = timedelta(hours=12)


class Lead(Protocol):
    """The one right to ring the bell."""

    def take(self) -> bool:
        """Whether it is ours now; never waits."""
        ...

    def holds(self) -> bool:
        """Whether it is still ours."""
        ...

    def leave(self) -> None:
        """Let another have it."""
        ...


class FileLead:
    """A locked file beside the SQLite database; it comes free when its holder dies."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: IO[bytes] | None = None

    def take(self) -> bool:
        file = self._path.open("ab")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            return False
        self._file = file
        return True

    def holds(self) -> bool:
        return self._file is not None

    def leave(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


class DatabaseLead:
    """An advisory lock of PostgreSQL, on a connection that serves nothing else."""

    def __init__(self, engine: Engine) -> None:
        self._engine = create_engine(
            engine.url, poolclass=NullPool, isolation_level="AUTOCOMMIT"
        )
        self._connection: Connection | None = None

    def take(self) -> bool:
        try:
            self._connection = self._engine.connect()
            if self._connection.scalar(select(func.pg_try_advisory_lock(LOCK))):
                return True
        except DBAPIError:
            log.warning("the database does not answer", exc_info=True)
        self.leave()
        return False

    def holds(self) -> bool:
        if self._connection is None:
            return False
        try:
            self._connection.execute(select(1))
        except DBAPIError:
            return False
        return True

    def leave(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def the_lead() -> Lead:
    """The one right to ring that all schedulers on this database compete for."""
    if db.engine.dialect.name == "sqlite":
        return FileLead(Path(f"{db.engine.url.database}.scheduler"))
    return DatabaseLead(db.engine)


def hours(job: Job) -> CronTrigger:
    """When a job is due, in UTC: no hour of Rome's two jumps comes twice."""
    return CronTrigger.from_crontab(job.when, timezone=UTC)


def is_due(job: Job, last_at: datetime | None, now: datetime) -> bool:
    """Whether an hour of the job has passed since it last ran, or it never did."""
    if last_at is None:
        return True
    after = last_at + timedelta(microseconds=1)
    due_at = hours(job).get_next_fire_time(None, after)
    return due_at is not None and due_at <= now


def ring(app: Flask, job: Job) -> int:
    """Run a job by the registry's clock, and remember that it ran."""
    with app.app_context():
        at = services().clock.now()
        done = job.work(at)
        note_run(job.name, at=at)
        db.session.commit()
    if done:
        log.info("%s: %s done", job.name, done)
    return done


class Bell(BlockingScheduler):  # type: ignore[misc]
    """Wakes each job at its hour, one after another, as long as it has the lead."""

    def __init__(
        self, app: Flask, lead: Lead, timetable: list[Job] | None = None
    ) -> None:
        super().__init__(
            timezone=UTC,
            executors={"default": ThreadPoolExecutor(1), "lead": ThreadPoolExecutor(1)},
            job_defaults={"misfire_grace_time": None, "coalesce": True},
        )
        self._lead = lead
        self.add_job(self.watch, "interval", seconds=POLL, executor="lead", id="lead")
        with app.app_context():
            last, now = last_runs(), services().clock.now()
        for place, job in enumerate(TIMETABLE if timetable is None else timetable):
            first = {}
            if is_due(job, last.get(job.name), now):
                # caught up once, in the order of the timetable
                soon = SystemClock().now() + timedelta(microseconds=place)
                first = {"next_run_time": soon}
            self.add_job(partial(ring, app, job), hours(job), id=job.name, **first)

    def watch(self) -> None:
        """Stop when somebody else may be leading."""
        if not self._lead.holds():
            log.warning("the lead was lost")
            self.shutdown(wait=False)


def work(app: Flask, timetable: list[Job] | None = None) -> None:
    """Wait for the lead, then wake the jobs for as long as we have it; and again."""
    with app.app_context():
        lead = the_lead()
    while True:
        if not lead.take():
            time.sleep(POLL)
            continue
        log.info("this scheduler leads")
        try:
            Bell(app, lead, timetable).start()
        finally:
            lead.leave()


jobs_cli = AppGroup("jobs", help="The jobs that wake by themselves, and their hours.")


@jobs_cli.command("list")
def list_() -> None:
    """Every job: its hours in UTC, when it runs next, when it last ran."""
    last, now = last_runs(), services().clock.now()
    for job in TIMETABLE:
        next_at = hours(job).get_next_fire_time(None, now)
        ran = f"{last[job.name]:%Y-%m-%d %H:%M}" if job.name in last else "never"
        click.echo(
            f"{job.name:30} {job.when:14} next {next_at:%Y-%m-%d %H:%M}  last {ran}"
        )


@jobs_cli.command("run")
@click.argument("name", type=click.Choice(list(BY_NAME)))
@click.option(
    "--at",
    "on",
    type=click.DateTime(["%Y-%m-%d"]),
    help="As if it were noon in Rome on this day (YYYY-MM-DD).",
)
def run(name: str, on: datetime | None) -> None:
    """Run one job now, and say how many things it did."""
    job = BY_NAME[name]
    if on is None:
        done = ring(_app(), job)
    else:
        done = job.work(start_of(date(on.year, on.month, on.day)) + NOON)
    click.echo(f"{name}: {done}")


@jobs_cli.command("work")
def work_() -> None:
    """Wake the jobs at their hours until stopped; any number of these may run."""
    click.echo("The scheduler works; stop it with Ctrl-C.")
    try:
        work(_app())
    except KeyboardInterrupt:
        click.echo("The scheduler stopped.")


def _app() -> Flask:
    return current_app._get_current_object()  # type: ignore[attr-defined, no-any-return]
