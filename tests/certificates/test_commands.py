"""What an operator does about certificates."""

from pathlib import Path

from flask import Flask

from registry.certificates.commands import certificates_cli
from registry.certificates.jobs import make_copies
from registry.clock import FixedClock
from registry.storage import Storage
from tests import factories


def test_the_english_copy_is_asked_for_made_and_written_where_told(
    app: Flask, clock: FixedClock, tmp_path: Path
) -> None:
    number, run = factories.certified().number, app.test_cli_runner().invoke
    asked = run(certificates_cli, ["english", number])
    assert "certificates.make_copies" in asked.output
    assert make_copies(clock.now()) == 1
    written = tmp_path / "copy.pdf"
    said = run(certificates_cli, ["english", number.lower(), "--to", str(written)])
    assert said.exit_code == 0, said.output
    assert Storage.digest(written.read_bytes()) == said.output.split()[-1]


def test_a_wrong_number_is_refused_in_words(app: Flask) -> None:
    run = app.test_cli_runner().invoke
    for number in ("IMP-2026-000001-99", "nonsense", "9" * 200):
        said = run(certificates_cli, ["english", number])
        assert said.exit_code == 1
        assert said.output.startswith("Error: ")
