"""
Many certificates issued again at once, by several processes that share a queue.

The queue is in the database, so whoever dies takes nothing along: a worker killed is
started again, and after a power cut `--resume` goes on where it stopped. Who takes
which certificate is a matter of its id; that none is issued twice, of the rows.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from registry.certificates import press, queries, reissues
from registry.certificates.issuer import the_issuer
from registry.db import db
from registry.jobs import one_by_one
from registry.services import services

#: Certificates a worker makes before a fresh process takes over: memory grows.
MOST = 500
#: How often a worker that did nothing is started again.
TRIES = 3
POLL = 0.5

Start = Callable[[int], subprocess.Popen[bytes]]


@dataclass
class _Share:
    number: int
    process: subprocess.Popen[bytes]
    left: int
    tries: int = 0


@dataclass
class Crew:
    """`workers` processes, each with its share; `tell` is told done and left."""

    workers: int
    start: Start
    tell: Callable[[int, int, float], None]
    _shares: list[_Share] = field(default_factory=list)

    def work(self) -> int:
        """Until nothing is left, or nobody gets on; returns how many are left."""
        total, begun = left_of(), time.monotonic()
        self._shares = [self._started(number) for number in range(self.workers)]
        try:
            while self._shares:
                time.sleep(POLL)
                self._shares = [one for one in self._shares if self._goes_on(one)]
                left = left_of()
                self.tell(total - left, left, time.monotonic() - begun)
        finally:
            for share in self._shares:
                share.process.terminate()
            for share in self._shares:
                share.process.wait()
        return left_of()

    def _started(self, number: int) -> _Share:
        return _Share(number, self.start(number), left_of(number, self.workers))

    def _goes_on(self, share: _Share) -> bool:
        """Whether the share is being worked on; by a new process where one ended."""
        if share.process.poll() is None:
            return True
        left = left_of(share.number, self.workers)
        share.tries = 0 if left < share.left else share.tries + 1
        if left == 0 or share.tries >= TRIES:
            return False
        share.process, share.left = self.start(share.number), left
        return True


def left_of(share: int = 0, of: int = 1) -> int:
    """How many of a share wait in the queue; whoever asks holds nobody up."""
    left = len(queries.to_reissue(share, of))
    db.session.rollback()
    return left


def process(share: int, of: int) -> subprocess.Popen[bytes]:
    """A worker with the settings of this process, which ends when this one does."""
    command = ("certificates", "reissue-share", str(share), str(of), str(os.getpid()))
    return subprocess.Popen(  # noqa: S603 numbers of our own
        [sys.executable, "-m", "registry", *command]
    )


def work_through(share: int, of: int, going_on: Callable[[], bool]) -> int:
    """
    Issue again what waits in a share of the queue; returns how many were done.

    `going_on` is asked before each. It may take hours, so the clock is read for each.
    """

    def load(id_: int) -> int | None:
        return id_ if going_on() else None

    def work(id_: int) -> None:
        doors = services()
        at = doors.clock.now()
        if row := queries.reissue_held(id_):
            edition = doors.editions[row.certificate.edition]
            reissues.take_up(
                row, edition, issuer=the_issuer(), signer=doors.signer, at=at
            )
            db.session.commit()
        if reserved := queries.successor_to_issue(id_):
            press.issue(reserved, at)

    return one_by_one(queries.to_reissue(share, of), load, work)
