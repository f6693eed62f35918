"""The lock: what was published keeps its digest, or it is not loaded.

One line per thing published, only ever added to:

    edition impact/2022 2026-11-25 rules:<sha256> text:<sha256>
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


def read_lock(path: Path) -> Lock:
    """The lock file; an empty lock when there is none. Raises BrokenEdition."""
    rules: dict[str, str] = {}
    texts: dict[str, str] = {}
    tables: dict[tuple[str, str], str] = {}
    lines: dict[str, int] = {}
    text = path.read_text("utf-8") if path.exists() else ""
    for number, line in enumerate(text.splitlines(), 1):
        match line.split():
            case [] | ["#", *_]:
                continue
            case ["edition", key, _day, rule, words] if (
                rule.startswith("rules:")
                and words.startswith("text:")
                and key not in rules
            ):
                rules[key] = rule.removeprefix("rules:")
                texts[key] = words.removeprefix("text:")
                lines[key] = number
            case ["table", name, day, digest] if (name, day) not in tables:
                tables[name, day] = digest
                lines[f"{name} {day}"] = number
            case _:
                raise BrokenEdition([Mistake(path, number, _WRONG_LINE)])
    return Lock(path, rules, texts, tables, lines)


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
        if known is not None and known != table.digest:
            line = lock.lines[f"{name} {table.dated.isoformat()}"]
            found.append(Mistake(lock.path, line, _table_changed(name, table.dated)))
    return found


def lock_line(edition: Edition, on: dt.date) -> str:
    """The line that publishes an edition on a day."""
    return (
        f"edition {edition.key} {on.isoformat()} "
        f"rules:{edition.digest} text:{edition.text_digest}"
    )


def table_line(name: str, table: ContractTable) -> str:
    """The line that fixes a dated table."""
    return f"table {name} {table.dated.isoformat()} {table.digest}"


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
