"""The lock: what was published keeps its digest, or it is not loaded.

One line per thing published, only ever added to:

    edition impact/2022 2026-11-25 rules:<sha256> text:<sha256>
    errata impact/2022 2026-12-01 text:<sha256> why the help or the translation changed
    table contracts 2025-12-25 <sha256>
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from registry.criteria.broken import BrokenEdition, Mistake
from registry.criteria.edition import Edition
from registry.criteria.tables import ContractTable


@dataclass(frozen=True)
class Lock:
    """The digests of what was published, by name."""

    path: Path
    rules: Mapping[str, str] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    tables: Mapping[tuple[str, str], str] = field(default_factory=dict)
    lines: Mapping[str, int] = field(default_factory=dict)
    published: Mapping[str, dt.date] = field(default_factory=dict)


def read_lock(path: Path) -> Lock:
    """The lock file; an empty lock when there is none. Raises BrokenEdition."""
    lock = _Lines()
    try:
        text = path.read_text("utf-8") if path.exists() else ""
    except UnicodeDecodeError:
        raise BrokenEdition([Mistake(path, 1, _WRONG_LINE)]) from None
    for number, line in enumerate(text.splitlines(), 1):
        try:
            lock.add(number, line.split())
        except ValueError:
            raise BrokenEdition([Mistake(path, number, _WRONG_LINE)]) from None
    return Lock(path, lock.rules, lock.texts, lock.tables, lock.lines, lock.published)


class _Lines:
    """The lock as it grows, line by line."""

    def __init__(self) -> None:
        self.rules: dict[str, str] = {}
        self.texts: dict[str, str] = {}
        self.tables: dict[tuple[str, str], str] = {}
        self.lines: dict[str, int] = {}
        self.published: dict[str, dt.date] = {}

    def add(self, number: int, words: list[str]) -> None:
        """One more line; ValueError when it is none of the three, or repeated."""
        match words:
            case [] | ["#", *_]:
                return
            case ["edition", key, day, rules, text] if key not in self.rules:
                self.published[key] = dt.date.fromisoformat(day)
                self.rules[key] = _after("rules:", rules)
                self.texts[key] = _after("text:", text)
                self.lines[key] = number
            case ["errata", key, day, text, _, *_] if key in self.rules:
                dt.date.fromisoformat(day)
                self.texts[key] = _after("text:", text)
            case ["table", name, day, digest] if (name, day) not in self.tables:
                self.tables[name, day] = digest
                self.lines[f"{name} {day}"] = number
            case _:
                raise ValueError(words)


def _after(mark: str, word: str) -> str:
    if not word.startswith(mark):
        raise ValueError(word)
    return word.removeprefix(mark)


_WRONG_LINE = (
    "riga non valida o ripetuta; il registro delle edizioni pubblicate non si "
    "modifica a mano: ripristinare il file dal suo ultimo stato buono"
)


def mistakes(
    lock: Lock, editions: Mapping[str, Edition], tables: Mapping[str, ContractTable]
) -> list[Mistake]:
    """What was changed or lost after its publication."""
    found = [
        Mistake(lock.path, lock.lines[key], _lost(key))
        for key in lock.rules
        if key not in editions
    ]
    for key, edition in editions.items():
        if key not in lock.rules:
            continue
        if edition.digest != lock.rules[key]:
            found.append(Mistake(lock.path, lock.lines[key], _rules_changed(key)))
        elif edition.text_digest != lock.texts[key]:
            found.append(Mistake(lock.path, lock.lines[key], _texts_changed(key)))
    for name, table in tables.items():
        known = lock.tables.get((name, table.dated.isoformat()))
        # The curated list beside a table may grow: what stood there must stand.
        if known is not None and known not in table.earlier:
            line = lock.lines[f"{name} {table.dated.isoformat()}"]
            found.append(Mistake(lock.path, line, _table_changed(name, table.dated)))
    return found


def lock_line(edition: Edition, on: dt.date) -> str:
    """The line that publishes an edition on a day."""
    return (
        f"edition {edition.key} {on.isoformat()} "
        f"rules:{edition.digest} text:{edition.text_digest}"
    )


def errata_line(edition: Edition, on: dt.date, reason: str) -> str:
    """The line that accepts changed helps or translations of a published edition."""
    words = " ".join(reason.split())
    return f"errata {edition.key} {on.isoformat()} text:{edition.text_digest} {words}"


def rewritten(before: str, path: Path) -> list[Mistake]:
    """What was changed or taken away since `before`, an earlier text of the lock.

    The earlier text is that of the main branch, or of the copy in the database.
    """
    text = path.read_text("utf-8") if path.exists() else ""
    now = [" ".join(line.split()) for line in text.splitlines()]
    return [
        Mistake(path, min(number, max(len(now), 1)), _gone(line))
        for number, line in enumerate(before.splitlines(), 1)
        if line.strip() and " ".join(line.split()) not in now
    ]


def _gone(line: str) -> str:
    return (
        f"manca o è cambiata la riga «{line.strip()}»: le righe si aggiungono e "
        "basta: ripristinarla"
    )


def _lost(key: str) -> str:
    return f"l’edizione pubblicata {key} manca: ripristinare la sua cartella"


def _rules_changed(key: str) -> str:
    return (
        f"{key}: regole o testo ufficiale cambiati dopo la pubblicazione; "
        "ripristinare il file e scrivere una nuova edizione"
    )


def _texts_changed(key: str) -> str:
    return (
        f"{key}: aiuti o traduzioni cambiati dopo la pubblicazione; "
        "ripristinare il file oppure aggiornare il registro con una correzione"
    )


def _table_changed(name: str, dated: dt.date) -> str:
    return (
        f"tabella {name} del {dated.isoformat()} cambiata dopo la pubblicazione; "
        "ripristinarla e aggiungere un file con la nuova data"
    )
