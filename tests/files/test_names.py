"""A file's name is data: shown, never a path, never a trick."""

import pytest

from registry.files.rules import plain_name


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("visura.pdf", "visura.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Documenti\\Visura.pdf", "Visura.pdf"),
        ("a\u202efdp.exe", "afdp.exe"),
        ("a\x00b\nc.pdf", "abc.pdf"),
        ("  .hidden  ", "hidden"),
        ("", "file"),
        ("Società\u0300.pdf", "Società\u0300.pdf"),
    ],
)
def test_a_name_is_kept_without_folders_and_hidden_letters(
    given: str, kept: str
) -> None:
    assert plain_name(given) == kept


def test_an_endless_name_keeps_its_ending() -> None:
    name = plain_name("a" * 10_000 + ".pdf")
    assert len(name) < 121
    assert name.endswith(".pdf")
