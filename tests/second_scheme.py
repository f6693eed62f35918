"""The draft impresa-solidale/2026, published in a copy of its own."""

import shutil
from datetime import date
from pathlib import Path

from registry.criteria.publishing import publish
from registry.criteria.reader import Editions, read_all
from registry.paths import CRITERIA

SECOND = "impresa-solidale/2026"
#: In force from the first day of 2027.
PUBLISHED_ON = date(2026, 12, 1)


def published(folder: Path) -> Editions:
    """Both schemes, read from a copy under `folder` in which the draft is published."""
    root = Path(shutil.copytree(CRITERIA, folder / "criteria"))
    publish(root, SECOND, PUBLISHED_ON)
    return read_all(root)
