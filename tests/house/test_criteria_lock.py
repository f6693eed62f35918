"""Lines of the lock are added and nothing else: every past state of it still stands."""

import shutil
import subprocess

import pytest

from registry.criteria.lock import rewritten
from registry.paths import CRITERIA
from tests.house.test_code import ROOT

LOCK = "criteria/criteria.lock"
#: The last commit that wrote a line anew, on the day the lock began.
FROM = "0609774"


def git(*arguments: str) -> str:
    """What git says; nothing where there is no git, or no history."""
    program = shutil.which("git")
    if program is None or not (ROOT / ".git").exists():
        return ""
    done = subprocess.run(
        [program, *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return done.stdout if done.returncode == 0 else ""


def test_no_line_of_the_lock_was_ever_changed_or_taken_away() -> None:
    commits = git("log", "--format=%H", f"{FROM}^..HEAD", "--", LOCK).split()
    if not commits:
        pytest.skip("the history of the lock is not at hand")
    for commit in commits:
        assert rewritten(git("show", f"{commit}:{LOCK}"), CRITERIA / LOCK[9:]) == []
