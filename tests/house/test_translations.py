"""Italian first: nothing is shown in English because an Italian is missing."""

from pathlib import Path

from babel.messages.catalog import Message
from babel.messages.pofile import read_po

from registry.paths import TRANSLATIONS
from registry.translations import extract, merged, missing

#: Fragments that give a library's sentences the Italian they lack.
LIBRARIES = {"wtforms", "libraries", "security"}


def test_every_sentence_has_its_italian() -> None:
    lacking = [f"{place}: {sentence}" for sentence, place in missing().items()]
    assert not lacking, (
        f"{len(lacking)} to write in registry/translations/it/<room>.po:\n"
        + "\n".join(sorted(lacking))
    )


def test_no_italian_is_left_of_a_sentence_nobody_says() -> None:
    said = extract()
    stale = [
        f"{path.name}: {message.id}"
        for path in sorted((TRANSLATIONS / "it").glob("*.po"))
        for message in _read(path)
        if message.id and _key(message.id) not in said and path.stem not in LIBRARIES
    ]
    assert not stale, f"Nobody says these; take them out of their fragments: {stale}"


def test_places_to_fill_are_the_same_in_both_languages() -> None:
    catalogue = merged()
    wrong = [
        f"{message.id}: {error}"
        for message in catalogue
        if message.id
        for error in message.check(catalogue)
    ]
    assert not wrong, wrong


def _read(path: Path) -> list[Message]:
    with path.open("rb") as file:
        return list(read_po(file, locale="it"))


def _key(id_: str | tuple[str, str]) -> str:
    return id_ if isinstance(id_, str) else id_[0]
