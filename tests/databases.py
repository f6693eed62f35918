"""A throw-away PostgreSQL: on a Unix socket only, gone when the tests end."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

#: Bytes a cluster of the tests may take.
ROOM = 2 * 1024**3
#: Nothing here outlives the tests, so nothing waits for the disk.
OPTIONS = (
    "-c listen_addresses='' -c fsync=off -c synchronous_commit=off "
    "-c full_page_writes=off -c max_connections=50 -c shared_buffers=64MB"
)


def binaries() -> Path:
    """The newest server's programs; without them the tests fail, never skip."""
    found = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"),
        key=lambda path: int(path.parent.name),
    )
    if not found:
        pytest.fail("PostgreSQL is missing: apt-get install postgresql", pytrace=False)
    return found[-1]


@contextmanager
def throwaway_postgresql() -> Iterator[str]:
    """
    Give the address of an empty server, `postgresql+psycopg://…/%s` for a database.

    REGISTRY_TEST_POSTGRESQL_URL names another server, with the same `%s` in it.
    """
    if address := os.environ.get("REGISTRY_TEST_POSTGRESQL_URL"):
        yield address
        return
    # A short path: that of a Unix socket may have 107 bytes.
    # In memory where there is room: nothing here is meant to last.
    memory = Path("/dev/shm")  # noqa: S108 - a fresh folder is made inside
    roomy = memory.is_dir() and shutil.disk_usage(memory).free > ROOM
    place = memory if roomy else None
    folder = Path(tempfile.mkdtemp(prefix="registry-pg-", dir=place))
    server = _Server(binaries(), folder)
    try:
        server.start()
        yield f"postgresql+psycopg://registry@/%s?host={folder}"
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


class _Server:
    def __init__(self, programs: Path, folder: Path) -> None:
        self.programs, self.folder, self.data = programs, folder, folder / "data"
        self.become: list[str] = []
        if os.geteuid() == 0:  # initdb refuses root
            postgres = pwd.getpwnam("postgres")
            os.chown(folder, postgres.pw_uid, postgres.pw_gid)
            self.become = [
                "setpriv",
                f"--reuid={postgres.pw_uid}",
                f"--regid={postgres.pw_gid}",
                "--clear-groups",
            ]

    def start(self) -> None:
        self._run("initdb", "-U", "registry", "-A", "trust", "-E", "UTF8",
                  "--locale=C.UTF-8", "--no-sync")  # fmt: skip
        options = f"-k {self.folder} {OPTIONS}"
        self._run("pg_ctl", "-w", "-l", f"{self.folder}/log", "-o", options, "start")

    def stop(self) -> None:
        if (self.data / "postmaster.pid").exists():
            self._run("pg_ctl", "-m", "immediate", "stop")

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [*self.become, self.programs / program, "-D", self.data, *arguments],
            cwd=self.folder,
            env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"},
            stdout=subprocess.PIPE if program == "initdb" else subprocess.DEVNULL,
            stderr=subprocess.STDOUT,
            check=False,
        )
        if done.returncode:
            log = self.folder / "log"
            said = done.stdout or (log.read_bytes() if log.exists() else b"")
            pytest.fail(f"{program} failed:\n{said.decode()}", pytrace=False)
