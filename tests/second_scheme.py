"""The draft impresa-solidale/2026, published in a copy of its own, and its holders."""

import shutil
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from registry.certificates.models import EventKind
from registry.clock import civil_day
from registry.criteria.publishing import publish
from registry.criteria.reader import Editions, read_all
from registry.paths import CRITERIA
from tests.verification.registers import NOW, Past, written

OTHER = "impresa-solidale"
SECOND = f"{OTHER}/2026"
#: In force from the first day of 2027.
PUBLISHED_ON = date(2026, 12, 1)
LONG_AGO = NOW - timedelta(days=90)


def published(folder: Path) -> Editions:
    """Both schemes, read from a copy under `folder` in which the draft is published."""
    root = Path(shutil.copytree(CRITERIA, folder / "criteria"))
    publish(root, SECOND, PUBLISHED_ON)
    return read_all(root)


def issued(at: datetime) -> tuple[Any, ...]:
    """The event of an issue, as `written` takes it."""
    return (EventKind.ISSUED, civil_day(at), at, None)


def two_marks() -> Past:
    """Impact was withdrawn; the newer certificate, of the other mark, is valid."""
    lost = (EventKind.WITHDRAWN, civil_day(NOW), NOW - timedelta(hours=1), None)
    stories = [[issued(LONG_AGO), lost], [issued(NOW - timedelta(days=9))]]
    return written(stories, ["impact", OTHER])
