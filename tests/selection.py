"""
Which tests run on which database, and in which order.

On SQLite all of them; on PostgreSQL those that ask it something of their own.
"""

from fnmatch import fnmatch
from pathlib import Path

import pytest

#: The files that take longest, longest first, so that no worker ends alone with one.
LONGEST = (
    *("security/test_hostile_values.py", "demo/test_world.py"),
    *("browser/test_pages.py", "certificates/test_many.py"),
    *("certificates/test_archive.py", "browser/test_journey.py"),
    *("security/test_every_response.py", "house/test_access.py"),
    *("journeys/test_other_ends.py", "journeys/test_certification.py"),
    *("public/test_verifying.py", "certificates/test_verification.py"),
    *("demo/test_bulk.py", "schemes/test_a_new_edition.py"),
    *("applications/test_pages.py", "applications/test_workbook.py"),
    *("criteria/test_publishing.py", "test_timetable.py", "public/test_look.py"),
)
#: What a page says, a paper shows or a program reads is the same on every database.
#: That each page opens on PostgreSQL too is told by test_on_postgresql.py, and what
#: is done on pages by the tests of the operations, and by the journeys.
SAME_ON_BOTH = (
    *("*/test_pages.py", "*/test_views.py", "credential/*", "house/test_[!m]*"),
    *("web/test_[!c]*", "demo/test_[!b]*", "mail/test_smtp.py"),
    *("api/test_criteria.py", "api/test_described.py", "api/test_description.py"),
    *("api/test_sandbox.py", "api/test_schemes.py"),
    *("applications/test_workbook.py", "applications/test_folded.py"),
    *("certificates/test_archive.py", "certificates/test_commands*"),
    "certificates/test_credential.py",
    *("certificates/test_graded.py", "certificates/test_kit.py"),
    *("public/test_certificate_then.py", "public/test_credentials.py"),
    *("public/test_editions.py", "public/test_questionnaire.py"),
    *("public/test_self_check.py", "public/test_verifying.py"),
    *("schemes/test_a_new_edition.py", "suppliers/test_sign_up.py"),
)
TESTS = Path(__file__).parent


def arranged(items: list[pytest.Item], on_postgresql: bool) -> list[pytest.Item]:
    """Those that run on this database, the longest files first."""
    return sorted(
        (item for item in items if _tells_something(item, on_postgresql)),
        key=_rank,
    )


def _rank(item: pytest.Item) -> int:
    place = _place(item)
    return LONGEST.index(place) if place in LONGEST else len(LONGEST)


def _place(item: pytest.Item) -> str:
    return item.path.relative_to(TESTS).as_posix()


def _tells_something(item: pytest.Item, on_postgresql: bool) -> bool:
    if item.get_closest_marker("postgresql"):
        return on_postgresql
    place = _place(item)
    return not on_postgresql or (
        "app" in getattr(item, "fixturenames", ())
        and not item.get_closest_marker("browser")
        and not any(fnmatch(place, pattern) for pattern in SAME_ON_BOTH)
    )
