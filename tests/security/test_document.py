"""docs/security.md says what is true."""

import re
from pathlib import Path

from registry.accounts import limits

ROOT = Path(__file__).parent.parent.parent
TEXT = (ROOT / "docs" / "security.md").read_text()
#: OWASP ASVS 5.0, level 1, without V10 and what the document says does not apply.
LEVEL_1 = """
1.2.1 1.2.2 1.2.3 1.2.4 1.2.5 1.3.1 1.3.2 1.5.1 2.1.1 2.2.1 2.2.2 2.3.1 3.2.1 3.2.2
3.3.1 3.4.1 3.4.2 3.5.1 3.5.2 3.5.3 4.1.1 5.2.1 5.2.2 5.3.1 5.3.2 6.1.1 6.2.1 6.2.2
6.2.3 6.2.4 6.2.5 6.2.6 6.2.7 6.2.8 6.3.1 6.3.2 6.4.1 6.4.2 7.2.1 7.2.2 7.2.3 7.2.4
7.4.1 7.4.2 8.1.1 8.2.1 8.2.2 8.3.1 9.1.1 9.1.2 9.1.3 9.2.1 11.3.1 11.3.2 11.4.1
12.1.1 12.2.1 12.2.2 13.4.1 14.2.1 14.3.1 15.1.1 15.2.1 15.3.1
""".split()  # noqa: SIM905 - to be compared by eye
#: A row without a test begins with one of these.
SAID_SO = ("*not met*", "*left to who installs*", "*by reading*")
ROWS = re.findall(r"^\| (\d+\.\d+\.\d+) \| (.*?) \| ?(.*?) ?\|$", TEXT, re.M)


def test_every_requirement_of_level_1_has_its_row() -> None:
    assert [id_ for id_, _, _ in ROWS] == LEVEL_1


def test_every_row_names_a_test_that_exists_or_says_that_it_is_not_met() -> None:
    wrong = [
        id_ for id_, words, tests in ROWS if not tests and not words.startswith(SAID_SO)
    ]
    named = set(re.findall(r"`(tests/[\w/.]+)`", TEXT))
    missing = [name for name in named if not (ROOT / name).exists()]
    assert not wrong + missing


def test_the_limits_are_those_of_the_code() -> None:
    said = re.findall(r"^\| .* \| (\d+ per [\w ]+?) \|$", TEXT, re.M)
    assert said == [
        limits.SIGN_IN,
        limits.FROM_ADDRESS,
        limits.ALTOGETHER,
        limits.CODE,
        limits.RESET,
        limits.INVITATION,
        limits.SEARCH,
    ]
