"""What an operator does about certificates."""

from pathlib import Path

from flask import Flask

from registry.certificates.commands import certificates_cli
from tests import factories


def test_the_english_copy_is_made_once_and_written_where_told(
    app: Flask, tmp_path: Path
) -> None:
    number, run = factories.certified().number, app.test_cli_runner().invoke
    first = run(certificates_cli, ["english", number, "--to", str(tmp_path / "a.pdf")])
    assert first.exit_code == 0, first.output
    again = run(certificates_cli, ["english", number.lower()])
    assert again.output.split()[-1] == first.output.split()[-1]
    assert (tmp_path / "a.pdf").read_bytes().startswith(b"%PDF")


def test_a_wrong_number_is_refused_in_words(app: Flask) -> None:
    run = app.test_cli_runner().invoke
    for number in ("IMP-2026-000001-99", "nonsense", "9" * 200):
        said = run(certificates_cli, ["english", number])
        assert said.exit_code == 1
        assert said.output.startswith("Error: ")
