"""The Italian of every sentence: a fragment per room, put together here.

In code and templates the message is the English sentence; `it/<room>.po` says it in
Italian. The same sentence may stand in two fragments, with the same Italian only.
"""

import os
import tempfile
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from registry.paths import PACKAGE, TEMPLATES, TRANSLATIONS

KEYWORDS: dict[str, tuple[int, ...] | None] = {
    "_": None,
    "N_": None,
    "gettext": None,
    "lazy_gettext": None,
    "ngettext": (1, 2),
}


class BadFragment(ValueError):
    """A fragment contradicts another, or is not finished; says which and where."""


def merged(language: str = "it") -> Catalog:
    """All fragments of `language` as one catalogue; raises BadFragment."""
    whole = Catalog(locale=language, domain="messages")
    origin: dict[str, Path] = {}
    for path in sorted((TRANSLATIONS / language).glob("*.po")):
        with path.open("rb") as file:
            fragment = read_po(file, locale=language, abort_invalid=True)
        for message in fragment:
            if message.id:
                _add(whole, message, path, origin)
    return whole


def compile_all(target: Path) -> None:
    """Write `<target>/it/LC_MESSAGES/messages.mo`, at once and only when it changes."""
    compiled = BytesIO()
    write_mo(compiled, merged())
    path = target / "it" / "LC_MESSAGES" / "messages.mo"
    if path.is_file() and path.read_bytes() == compiled.getvalue():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
        file.write(compiled.getvalue())
    os.chmod(file.name, 0o644)
    os.replace(file.name, path)


def extract() -> dict[str, str]:
    """Every English sentence of code and templates, with where it first stands."""
    found: dict[str, str] = {}
    for root, methods in (
        (PACKAGE, [("**.py", "python")]),
        (TEMPLATES, [("**.html", "jinja2.ext:babel_extract")]),
    ):
        for name, line, message, _comments, _context in extract_from_dir(
            str(root), methods, keywords=KEYWORDS
        ):
            key = message if isinstance(message, str) else message[0]
            if key:
                found.setdefault(key, f"{root.name}/{name}:{line}")
    return found


def missing() -> dict[str, str]:
    """The sentences that have no Italian yet, with where they first stand."""
    catalogue = merged()
    return {
        sentence: place
        for sentence, place in extract().items()
        if sentence not in catalogue or not catalogue[sentence].string
    }


def _add(whole: Catalog, message: Message, path: Path, origin: dict[str, Path]) -> None:
    key = message.id if isinstance(message.id, str) else message.id[0]
    if message.fuzzy:
        raise BadFragment(f"{path.name}: “{key}” is marked fuzzy: finish it")
    if key in whole and whole[key].string != message.string:
        raise BadFragment(
            f"{path.name}: “{key}” has another Italian in {origin[key].name}"
        )
    whole.add(message.id, message.string, flags=message.flags)
    origin[key] = path
