"""Every job has one hour, and finds nothing left to do the second time."""

import ast
from collections import Counter
from datetime import UTC, datetime

import pytest
from apscheduler.triggers.cron import CronTrigger
from flask import Flask

from registry.clock import FixedClock
from registry.jobs import Job
from registry.paths import PACKAGE
from registry.timetable import TIMETABLE


def written() -> set[str]:
    """The functions `(at)` of all rooms' jobs.py that no other there calls."""
    found = set()
    for path in PACKAGE.glob("*/jobs.py"):
        functions = [
            node
            for node in ast.parse(path.read_text()).body
            if isinstance(node, ast.FunctionDef)
        ]
        called = {
            node.func.id
            for node in ast.walk(ast.Module(functions, []))
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        }
        found |= {
            f"{path.parent.name}.{function.name}"
            for function in functions
            if [argument.arg for argument in function.args.args] == ["at"]
            and function.name not in called
            and not function.name.startswith("_")
        }
    return found


def test_each_job_is_listed_once() -> None:
    listed = Counter(
        f"{job.work.__module__.split('.')[-2]}.{job.work.__name__}" for job in TIMETABLE
    )
    assert set(listed) == written(), "Add it to registry/timetable.py, or delete it."
    assert max(listed.values()) == 1
    assert len({job.name for job in TIMETABLE}) == len(TIMETABLE)


@pytest.mark.parametrize("job", TIMETABLE, ids=lambda job: job.name)
def test_each_hour_comes_once_whatever_clocks_do(job: Job) -> None:
    """In UTC no hour is doubled or skipped, as 2:30 in Rome is each year."""
    trigger = CronTrigger.from_crontab(job.when, timezone=UTC)
    assert trigger.get_next_fire_time(None, datetime(2026, 10, 25, tzinfo=UTC))


@pytest.mark.parametrize("job", TIMETABLE, ids=lambda job: job.name)
def test_a_job_run_twice_does_nothing_the_second_time(
    app: Flask, clock: FixedClock, job: Job
) -> None:
    job.work(clock.now())
    assert job.work(clock.now()) == 0
