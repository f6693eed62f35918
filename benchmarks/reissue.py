"""How long it takes to issue many certificates again, by several processes.

    python -m benchmarks.reissue [how many] [workers]

A throw-away SQLite database is filled through the operations; the papers of the first
issue are stand-ins, since only the second one is measured. What runs is the operator's
own command, `registry certificates reissue --all impact`.
"""

import os
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from registry import create_app
from registry.accounts.queries import the_registry
from registry.certificates import operations
from registry.certificates.issuer import the_issuer
from registry.certificates.models import Certificate
from registry.db import db
from registry.migrations import upgrade
from registry.seal import Trusted
from registry.services import services
from tests import factories

TYPEFACES = Path(__file__).parent.parent / ".cache" / "typefaces"
BATCH = 50


class StandIn:
    """A seal that changes nothing: the first issue is not what is measured."""

    development = True

    def seal(self, pdf: bytes) -> bytes:
        """The same bytes."""
        return pdf

    def describe(self) -> str:
        """What it is."""
        return "a stand-in"

    def validate(self, sealed: bytes) -> None:
        """Nothing is wrong."""

    def trusted(self) -> Trusted:
        """Nobody."""
        return Trusted()


def fill(count: int) -> None:
    """So many certificates in force, each with its case."""
    at, doors = datetime.now(UTC), services()
    given: dict[str, Any] = {"seal": StandIn(), "storage": doors.storage}
    for made in range(count):
        decision = factories.decided(at=at)
        certificate = operations.reserve(
            decision,
            factories.edition(),
            issuer=the_issuer(),
            signer=doors.signer,
            by=the_registry(),
            at=at,
        )
        pdf = f"%PDF- {certificate.number}".encode()
        operations.issue(certificate, pdf, **given, by=the_registry(), at=at)
        if made % BATCH == BATCH - 1:
            db.session.commit()
            db.session.expunge_all()
            print(f"\r{made + 1} prepared", end="", file=sys.stderr, flush=True)
    db.session.commit()


def main(count: int, workers: int) -> None:
    """Fill, issue again, and say how fast it went."""
    with tempfile.TemporaryDirectory() as name:
        os.environ.update(REGISTRY_ENVIRONMENT="test", REGISTRY_DATA_DIR=name)
        (Path(name) / "typefaces").symlink_to(TYPEFACES)
        app = create_app()
        with app.app_context():
            upgrade(db.engine)
            fill(count)
            db.session.remove()
            begun, before = time.monotonic(), _children()
            _reissue("--all", "impact", "--workers", str(workers))
            took, used = time.monotonic() - begun, _children() - before
            old = select(func.count()).where(Certificate.replaces_id.is_(None))
            new = select(func.count(Certificate.replaces_id.distinct()))
            told = db.session.scalar(old), db.session.scalar(new)
            db.session.remove()
            db.engine.dispose()
    print(f"{told[1]} of {told[0]} issued again by {workers} workers in {took:.0f} s")
    print(f"{count / took:.2f} a second; {used / count * 1000:.0f} ms of CPU each")


def _reissue(*words: str) -> None:
    command = [sys.executable, "-m", "registry", "certificates", "reissue", *words]
    subprocess.run(command, check=True)


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main(
        int(sys.argv[1]) if len(sys.argv) > 1 else 1000,
        int(sys.argv[2]) if len(sys.argv) > 2 else os.cpu_count() or 1,
    )
