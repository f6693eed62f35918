"""Who wakes the jobs, when, and that two who wake them at once do the work once."""

import contextvars
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from apscheduler.schedulers.base import BaseScheduler
from apscheduler.triggers.cron import CronTrigger
from flask import Flask
from sqlalchemy import func, select, text

from registry.applications.models import Application
from registry.certificates.jobs import issue_granted
from registry.certificates.models import Certificate
from registry.clock import FixedClock, start_of
from registry.db import db as database
from registry.jobs import Job
from registry.journal.operations import note_run
from registry.journal.queries import last_runs
from registry.mail.models import Letter
from registry.rechecks.jobs import open_due
from registry.rechecks.models import Recheck
from registry.timetable import (
    TIMETABLE,
    Bell,
    DatabaseLead,
    FileLead,
    hours,
    is_due,
    jobs_cli,
    ring,
    the_lead,
)
from tests import factories

ROME = ZoneInfo("Europe/Rome")
DAILY = Job("daily", "10 3 * * *", lambda at: 1)
SCHEDULER = """
import sys
from registry import create_app
from registry.jobs import Job
from registry.timetable import work
def tick(at):
    print("tick", flush=True)
    return 1
work(create_app(), [Job("tick", "0 0 1 1 *", tick)])
"""


class Alarm(Bell):
    """A bell that rings only when a test says so."""

    def wakeup(self) -> None:
        pass

    def tick(self) -> None:
        self._process_jobs()
        for executor in self._executors.values():
            executor._pool.shutdown(wait=True)


class Always:
    """The lead of somebody who has no rival."""

    def take(self) -> bool:
        return True

    def holds(self) -> bool:
        return True

    def leave(self) -> None:
        pass


def woken(app: Flask, timetable: list[Job]) -> None:
    """Start a scheduler, let it do what is due now, stop it."""
    alarm = Alarm(app, Always(), timetable)
    BaseScheduler.start(alarm)  # without waiting, as a blocking one would
    alarm.tick()
    BaseScheduler.shutdown(alarm, wait=False)


def counting(
    name: str = "counted", when: str = "10 3 * * *"
) -> tuple[Job, list[datetime]]:
    """A job that keeps the moments at which it ran."""
    ran: list[datetime] = []

    def work(at: datetime) -> int:
        ran.append(at)
        return 1

    return Job(name, when, work), ran


def test_a_job_never_run_is_due() -> None:
    assert is_due(DAILY, None, datetime(2026, 3, 2, 9, tzinfo=UTC))


def test_a_job_that_ran_is_due_again_at_its_next_hour_only() -> None:
    ran = datetime(2026, 3, 2, 3, 10, 0, 400, tzinfo=UTC)
    assert not is_due(DAILY, ran, datetime(2026, 3, 3, 3, 9, 59, tzinfo=UTC))
    assert is_due(DAILY, ran, datetime(2026, 3, 3, 3, 10, tzinfo=UTC))


def test_a_clock_set_back_makes_nothing_due() -> None:
    ran = datetime(2026, 3, 2, 3, 10, tzinfo=UTC)
    assert not is_due(DAILY, ran, ran - timedelta(days=400))


def test_days_skipped_are_caught_up_once(app: Flask, clock: FixedClock) -> None:
    job, ran = counting()
    note_run(job.name, at=clock.now() - timedelta(days=5))
    database.session.commit()
    woken(app, [job])
    woken(app, [job])
    assert ran == [clock.now()]
    assert last_runs()["counted"] == clock.now()


def test_jobs_missed_together_are_done_in_the_order_of_the_day(
    app: Flask, clock: FixedClock
) -> None:
    order: list[str] = []

    def noting(name: str) -> Callable[[datetime], int]:
        return lambda at: order.append(name) or 1  # type: ignore[func-returns-value]

    names = ["close", "open", "remind", "suspend"]
    woken(app, [Job(name, "10 3 * * *", noting(name)) for name in names])
    assert order == names


def test_a_job_that_breaks_stays_due_and_stops_nobody(
    app: Flask, clock: FixedClock, caplog: pytest.LogCaptureFixture
) -> None:
    def breaks(at: datetime) -> int:
        raise RuntimeError("broken")

    other, ran = counting()
    woken(app, [Job("breaks", "10 3 * * *", breaks), other])
    assert len(ran) == 1
    assert "breaks" not in last_runs()
    assert "broken" in caplog.text


@pytest.mark.parametrize("jump", [date(2026, 3, 29), date(2026, 10, 25)])
@pytest.mark.parametrize(
    "job", [j for j in TIMETABLE if j.when.split()[1] != "*"], ids=lambda j: j.name
)
def test_on_the_days_the_clocks_jump_every_daily_job_runs_once(
    jump: date, job: Job
) -> None:
    ran, at = [], start_of(jump)
    until = start_of(jump + timedelta(days=1))
    while (at := _next(hours(job), at)) < until:
        ran.append(at)
    assert len(ran) == 1
    assert ran[0].astimezone(ROME).date() == jump


def _next(trigger: CronTrigger, at: datetime) -> datetime:
    found = trigger.get_next_fire_time(None, at + timedelta(microseconds=1))
    assert isinstance(found, datetime)
    return found


def at_once(app: Flask, work: Callable[[], int], times: int = 2) -> list[int]:
    """Do the same work in several threads, each with its own context, together."""
    ready, done = threading.Barrier(times), []

    def one() -> None:
        with app.app_context():
            ready.wait()
            done.append(work())

    threads = [
        threading.Thread(target=contextvars.Context().run, args=(one,))
        for _ in range(times)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return done


def test_two_schedulers_at_once_issue_each_certificate_once(
    app: Flask, clock: FixedClock
) -> None:
    for _ in range(3):
        factories.decided()
    database.session.commit()
    at_once(app, lambda: issue_granted(clock.now()))
    issued = database.session.scalars(select(Certificate.serial)).all()
    assert sorted(issued) == [1, 2, 3]
    letters = select(func.count()).where(Letter.event == "certificates/issued")
    assert database.session.scalar(letters) == 3


def test_two_schedulers_at_once_open_each_recheck_once(
    app: Flask, clock: FixedClock
) -> None:
    for _ in range(3):
        factories.certified()
    database.session.commit()
    clock.tick(days=300)
    at_once(app, lambda: open_due(clock.now()))
    assert database.session.scalar(select(func.count(Recheck.id))) == 3
    assert database.session.scalar(select(func.count(Application.id))) == 6


def test_one_leads_and_when_it_leaves_another_takes_over(
    app: Flask, request: pytest.FixtureRequest
) -> None:
    first, second = the_lead(), the_lead()
    assert first.take()
    assert first.holds()
    assert not second.take()
    first.leave()
    assert not first.holds()
    assert second.take()
    second.leave()


def test_a_leader_cut_off_from_the_database_knows_it_lost_the_lead(app: Flask) -> None:
    first, second = the_lead(), the_lead()
    if not isinstance(first, DatabaseLead):
        assert isinstance(first, FileLead)
        return  # a file's lock cannot be cut off
    assert first.take()
    assert first._connection is not None
    pid = first._connection.scalar(select(func.pg_backend_pid()))
    database.session.execute(
        text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid}
    )
    assert not first.holds()
    first.leave()
    assert second.take()
    second.leave()


@pytest.fixture
def start(
    database_url: str, tmp_path: Path
) -> Iterator[Callable[[], subprocess.Popen[str]]]:
    """Start a scheduler of its own process; all are gone at the end."""
    started: list[subprocess.Popen[str]] = []
    environment = {
        **os.environ,
        "REGISTRY_ENVIRONMENT": "test",
        "REGISTRY_DATABASE_URL": database_url,
        "REGISTRY_DATA_DIR": str(tmp_path / "data"),
    }

    def begin() -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", SCHEDULER],
            env=environment,
            stdout=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield begin
    for process in started:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


def test_a_leader_killed_is_replaced_and_nothing_is_done_twice(
    app: Flask, start: Callable[[], subprocess.Popen[str]]
) -> None:
    first = start()
    assert first.stdout is not None
    assert first.stdout.readline() == "tick\n"
    second = start()
    _wait(lambda: "tick" in last_runs())
    assert not _takes(the_lead())
    first.send_signal(signal.SIGKILL)
    first.wait()
    _wait(lambda: not _takes(the_lead()))  # the second one has it
    second.kill()
    said, _ = second.communicate()
    assert said == ""


def _takes(lead: FileLead | DatabaseLead) -> bool:
    taken = lead.take()
    lead.leave()
    return taken


def _wait(until: Callable[[], bool], most: float = 20.0) -> None:
    """Wait for another process, looking ten times a second."""
    end = time.monotonic() + most
    while time.monotonic() < end:
        database.session.rollback()
        if until():
            return
        time.sleep(0.1)
    pytest.fail("it never came true")


def test_the_list_says_when_each_job_runs_and_ran(
    app: Flask, clock: FixedClock
) -> None:
    ring(app, TIMETABLE[0])
    said = app.test_cli_runner().invoke(jobs_cli, ["list"]).output.splitlines()
    assert len(said) == len(TIMETABLE)
    assert "next 2026-03-02 09:00" in said[0]
    assert "last 2026-03-02 09:00" in said[0]
    assert "last never" in said[1]


def test_an_operator_runs_one_job_as_if_it_were_another_day(
    app: Flask, clock: FixedClock
) -> None:
    factories.certified()
    database.session.commit()
    run = app.test_cli_runner().invoke
    asked = ["run", "rechecks.open_due", "--at"]
    assert run(jobs_cli, [*asked, "2026-12-01"]).output == "rechecks.open_due: 0\n"
    assert run(jobs_cli, [*asked, "2026-12-02"]).output == "rechecks.open_due: 1\n"
    assert run(jobs_cli, [*asked, "2026-12-02"]).output == "rechecks.open_due: 0\n"
    assert "rechecks.open_due" not in last_runs()
    assert run(jobs_cli, ["run", "nobody.knows"]).exit_code == 2
