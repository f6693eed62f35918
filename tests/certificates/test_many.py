"""Many certificates issued again by several processes, killed on the way."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from registry.accounts.models import Role
from registry.certificates import operations, queries, reissues
from registry.certificates.commands import certificates_cli
from registry.certificates.models import Certificate, CertificateState, ReissueReason
from registry.clock import FixedClock
from registry.db import db as database
from tests import factories
from tests.conftest import CACHE, shared_typefaces

COUNT = 6


@pytest.fixture
def environment(database_url: str, tmp_path: Path, app: Flask) -> dict[str, str]:
    """What a process of its own needs to stand where the test stands."""
    shared_typefaces()
    (tmp_path / "typefaces").symlink_to(CACHE / "typefaces")
    return {
        **os.environ,
        "REGISTRY_ENVIRONMENT": "test",
        "REGISTRY_BASE_URL": "http://localhost",
        "REGISTRY_DATABASE_URL": database_url,
        "REGISTRY_DATA_DIR": str(tmp_path),
    }


def command(environment: dict[str, str], *words: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "registry", "certificates", "reissue", *words],
        env=environment,
        stdout=subprocess.DEVNULL,
    )


def workers_of(process: subprocess.Popen[bytes]) -> list[int]:
    told = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text()
    return [int(pid) for pid in told.split()]


def successors(state: CertificateState | None = None) -> int:
    found = select(func.count()).where(Certificate.replaces_id.is_not(None))
    if state:
        found = found.where(Certificate.state == state)
    number = database.session.scalar(found) or 0
    database.session.rollback()  # the processes must not wait for us
    return number


def wait(true: Callable[[], bool]) -> None:
    until = time.monotonic() + 240
    while not true():
        assert time.monotonic() < until, "nothing happens"
        time.sleep(0.1)


def is_gone(pid: int) -> bool:
    try:
        return (
            Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
        )
    except FileNotFoundError:
        return True


def test_workers_killed_and_the_whole_killed_leave_each_with_exactly_one_successor(
    app: Flask, environment: dict[str, str]
) -> None:
    old = [factories.certified().id for _ in range(COUNT)]
    database.session.rollback()
    first = command(environment, "--all", "impact", "--workers", "2")
    wait(lambda: successors() >= 1)  # one is reserved, being rendered
    os.kill(workers_of(first)[0], signal.SIGKILL)
    wait(lambda: successors(CertificateState.ISSUED) >= 1)
    left = workers_of(first)
    first.kill()
    first.wait()
    wait(lambda: all(is_gone(pid) for pid in left))
    assert successors(CertificateState.ISSUED) < COUNT
    second = command(environment, "--resume", "--workers", "2")
    assert second.wait(timeout=240) == 0
    made = database.session.scalars(
        select(Certificate).where(Certificate.replaces_id.is_not(None))
    ).all()
    assert sorted(one.replaces_id or 0 for one in made) == old
    assert {one.state for one in made} == {CertificateState.ISSUED}
    assert sorted(one.serial for one in made) == list(range(COUNT + 1, 2 * COUNT + 1))


def test_a_queue_begun_is_finished_before_another(
    app: Flask, clock: FixedClock
) -> None:
    one, other = factories.certified(), factories.certified()
    reissues.queue([one.id], ReissueReason.PAPER_RENEWED,
                   by=factories.person(Role.SECRETARIAT), at=clock.now())  # fmt: skip
    database.session.commit()
    told = app.test_cli_runner().invoke(certificates_cli, ["reissue", other.number])
    assert told.exit_code == 1
    assert "1 wait in the queue" in told.output
    assert list(queries.to_reissue()) == [one.id]


def test_a_number_that_has_to_stay_is_named(app: Flask, clock: FixedClock) -> None:
    certificate = factories.certified()
    operations.withdraw(
        certificate,
        "withdrawn_misuse",
        by=factories.person(Role.COMMITTEE),
        at=clock.now(),
    )
    database.session.commit()
    told = app.test_cli_runner().invoke(
        certificates_cli, ["reissue", certificate.number]
    )
    assert told.exit_code == 1
    assert certificate.number in told.output
