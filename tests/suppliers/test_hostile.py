"""No file takes the registry down: each gets its verdict, and soon."""

import subprocess
import sys

import pytest

from registry.paths import PACKAGE
from registry.suppliers.reading import PATIENCE, SENTENCES, Unreadable, read
from tests.suppliers import hostile


@pytest.mark.parametrize("name", list(hostile.FILES))
def test_a_hostile_file_gets_the_verdict_of_its_rule(name: str) -> None:
    with pytest.raises(Unreadable) as refused:
        read(hostile.content(name), 50_000)
    assert refused.value.rule == hostile.FILES[name][0]
    assert str(refused.value)


def test_as_many_rows_are_taken_as_the_refusal_says_and_a_few_titles() -> None:
    assert len(read(b"a;b\n" * 140, 100).sheets[0].rows) == 140
    with pytest.raises(Unreadable, match="more than 100 rows"):
        read(b"a;b\n" * 160, 100)


def test_the_verdict_comes_within_ten_seconds() -> None:
    assert PATIENCE <= 10


def test_every_rule_is_tried_but_the_two_that_bound_what_others_let_pass() -> None:
    tried = {rule for rule, _ in hostile.FILES.values()}
    assert set(SENTENCES) - tried == {"too_slow", "too_many_cells"}


def test_the_process_that_reads_has_half_a_gigabyte_and_writes_nothing() -> None:
    program = (
        "import os, sys; sys.path.insert(0, sys.argv[1]); "
        "from registry.suppliers.sheets.limits import limit_this_process; "
        "limit_this_process(9)\n"
        "try: bytes(512 * 1024 ** 2)\n"
        "except MemoryError: print('no memory')\n"
        "try: os.open('/dev/null', 0), [os.dup(1) for _ in range(20)]\n"
        "except OSError: print('no files')\n"
    )
    command = [sys.executable, "-I", "-c", program, str(PACKAGE.parent)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[:2] == ["no memory", "no files"]
