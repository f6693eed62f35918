"""Files are taken by what they are, and refused by the name of the rule they break."""

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from registry.files import inspection
from registry.files.checking import REFUSALS, WrongFile, check
from registry.translations import extract, missing
from tests.files.hostile import HOSTILE, opening_at_a_page, pdf, picture


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (pdf(), "application/pdf"),
        (pdf(opening_at_a_page), "application/pdf"),
        (pdf(linearize=True), "application/pdf"),
        (pdf() + b"\r\n\0", "application/pdf"),
        (picture("JPEG"), "image/jpeg"),
        (picture("PNG"), "image/png"),
    ],
)
def test_an_honest_file_is_taken_whatever_its_name(
    content: bytes, media_type: str
) -> None:
    assert check(content) == media_type


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_file_is_refused_by_the_name_of_the_rule(what: str) -> None:
    content, rule = HOSTILE[what]
    with pytest.raises(WrongFile) as refusal:
        check(content)
    assert type(refusal.value).__name__ == rule
    assert len(str(refusal.value)) > 15


def test_every_rule_has_its_own_name_and_an_italian_sentence() -> None:
    assert len({type(refusal) for refusal in REFUSALS.values()}) == len(REFUSALS)
    sentences = {refusal.message for refusal in REFUSALS.values()}
    assert sentences <= set(extract())
    assert not sentences & set(missing())


def test_what_we_print_ourselves_could_be_attached(paper: Any) -> None:
    made = paper.print(
        "<html lang='it'><title>A</title><p>A</p></html>",
        "",
        {},
        title="A",
        created=datetime(2026, 3, 2, tzinfo=UTC),
    )
    assert check(made) == "application/pdf"


LIMITED = """
import importlib.util, sys
spec = importlib.util.spec_from_file_location("inspection", sys.argv[1])
inspection = importlib.util.module_from_spec(spec)
spec.loader.exec_module(inspection)
inspection.limit_this_process()
"""


@pytest.mark.parametrize(
    "deed",
    [
        "bytearray(2 * 1024 ** 3)",
        "[open('/dev/null') for _ in range(40)]",
        "f = open(sys.argv[2], 'w'); f.write('a'); f.flush()",
    ],
)
def test_the_process_that_looks_may_not_do_much(deed: str, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    done = subprocess.run(
        [sys.executable, "-c", LIMITED + deed, str(inspection.__file__), str(kept)],
        capture_output=True,
        check=False,
    )
    assert done.returncode != 0
    assert not kept.exists() or not kept.read_bytes()
