"""
The threads that answer keep to one core of the machine, which no other process has.

Python runs one thread of a process at a time, and they take turns at every statement:
across cores each turn waits for the other core to wake.  What carries bytes to and fro
is not Python's and goes where there is room.
"""

import fcntl
import os
from collections.abc import Iterable
from pathlib import Path
from threading import local
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


class OnOneCore:
    """
    A layer before `app`: whatever thread comes through keeps to the core from then on.

    `folder` holds a lock for each core that a process has; where all have one, or the
    system (macOS) lets nobody choose, threads go where they like.
    """

    def __init__(self, app: "WSGIApplication", folder: Path) -> None:
        self._app = app
        self._here = local()
        self._lock: IO[bytes] | None = None
        self.core = self._free_core(folder)

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        if not hasattr(self._here, "settled"):
            self._here.settled = True
            if self.core is not None:
                os.sched_setaffinity(0, {self.core})
        return self._app(environ, start_response)

    def close(self) -> None:
        """Let another process have the core."""
        if self._lock is not None:
            self._lock.close()

    def _free_core(self, folder: Path) -> int | None:
        cores = os.sched_getaffinity(0) if hasattr(os, "sched_setaffinity") else ()
        for core in sorted(cores):
            lock = (folder / f"core-{core}.lock").open("ab")
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                lock.close()
            else:
                self._lock = lock  # until the process ends, or it is closed
                return core
        return None
