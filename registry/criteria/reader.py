"""Reads the folder `criteria/`: editions, tables and lock, or says what is wrong.

YAML 1.2 by ruamel (in which NO is the province of Novara), without aliases and
without repeated keys. Every mistake has its file, its line and its remedy.
"""

import datetime as dt
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import AliasEvent

from registry.criteria.broken import BrokenEdition, Mistake
from registry.criteria.checks import Problem, problems
from registry.criteria.doubts import doubts
from registry.criteria.edition import Edition
from registry.criteria.lock import mistakes, read_lock
from registry.criteria.tables import ContractTable, read_contracts
from registry.criteria.transition import transition_problems

_MAX_BYTES = 1_000_000


class Editions(Mapping[str, Edition]):
    """The published editions, by key ("impact/2022").

    `drafts` are those not in the lock yet: nobody applies under them. `left_out` says
    what is wrong with the drafts that could not be read.
    """

    def __init__(
        self,
        editions: Mapping[str, Edition],
        drafts: Mapping[str, Edition] | None = None,
        left_out: Sequence[Mistake] = (),
    ) -> None:
        self._editions = dict(editions)
        self.drafts: Mapping[str, Edition] = dict(drafts or {})
        self.left_out = tuple(left_out)

    def __getitem__(self, key: str) -> Edition:
        return self._editions[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._editions)

    def __len__(self) -> int:
        return len(self._editions)

    def all_open_on(
        self, day: dt.date, scheme: str, told: Collection[str]
    ) -> list[Edition]:
        """The editions of a scheme an application may start under, newest first.

        Those that run and are not past the last day that a running successor leaves
        them. `told` are the keys of the editions whose holders were told.
        """
        running = [
            one
            for one in self._editions.values()
            if one.scheme == scheme and is_running(one, day, told)
        ]
        last_days = {
            one.replaces.edition: one.replaces.new_applications_until
            for one in running
            if one.replaces is not None
        }
        found = [
            one for one in running if day <= last_days.get(one.edition, dt.date.max)
        ]
        return sorted(found, key=lambda one: one.in_force_from, reverse=True)


def is_running(edition: Edition, day: dt.date, told: Collection[str]) -> bool:
    """Whether a published edition is in force on a day.

    Its day has come and its holders were told; a scheme's first edition has none.
    """
    owes_notice = edition.replaces is not None and edition.key not in told
    return edition.in_force_from <= day and not owes_notice


def read_all(root: Path) -> Editions:
    """Every edition under `root`, with its tables, checked against the lock.

    A draft with mistakes is left out and told; a published edition that cannot be read
    or fails its lock stops everything: raises BrokenEdition with every mistake.
    """
    lock = read_lock(root / "criteria.lock")
    tables = _tables(root)
    found: dict[str, Edition] = {}
    wrong: dict[str, list[Mistake]] = {}
    for path in sorted(root.glob("*/*/edition.yaml")):
        key = f"{path.parent.parent.name}/{path.parent.name}"
        try:
            found[key] = read(path.parent, tables, published=key in lock.rules)
        except BrokenEdition as broken:
            wrong[key] = broken.mistakes
    for key, mistakes_ in _transitions(root, found).items():
        wrong.setdefault(key, []).extend(mistakes_)
    published = {key: one for key, one in found.items() if key in lock.rules}
    stops = [one for key in wrong if key in lock.rules for one in wrong[key]]
    stops += [
        one
        for one in mistakes(lock, published, tables)
        # A broken edition was already told: that it is missing would be an echo.
        if not any(key in one.text for key in wrong)
    ]
    if stops:
        raise BrokenEdition(stops)
    return Editions(
        published,
        {key: one for key, one in found.items() if key not in {*published, *wrong}},
        [one for key in wrong for one in wrong[key]],
    )


def _transitions(
    root: Path, editions: Mapping[str, Edition]
) -> dict[str, list[Mistake]]:
    """What is wrong in how each edition takes over from the one before it."""
    wrong: dict[str, list[Mistake]] = {}
    for key, edition in editions.items():
        if edition.replaces is None:
            continue
        old = editions.get(f"{edition.scheme}/{edition.replaces.edition}")
        if problems_ := transition_problems(edition, old):
            path = root / key / "edition.yaml"
            wrong[key] = _placed(path, parse(path), problems_)
    return wrong


def _placed(path: Path, tree: Any, found: Sequence[Problem]) -> list[Mistake]:
    return [
        Mistake(path, _line(tree, place), f"{_where(place)}: {text}")
        for place, text in found
    ]


def _tables(root: Path) -> dict[str, ContractTable]:
    folder = root / "tables"
    try:
        return {"contracts": read_contracts(folder)}
    except FileNotFoundError as absent:
        text = "manca la tabella dei contratti: ripristinare il file datato"
        raise BrokenEdition([Mistake(Path(absent.args[0]), 1, text)]) from None
    except (KeyError, ValueError) as wrong:
        text = f"tabella dei contratti illeggibile ({wrong}): ripristinarla"
        raise BrokenEdition([Mistake(folder, 1, text)]) from None


def read(
    folder: Path,
    tables: Mapping[str, ContractTable] | None = None,
    *,
    published: bool = False,
) -> Edition:
    """The edition of a folder `<scheme>/<edition>`. Raises BrokenEdition.

    `tables` are those of the folder `tables` two levels above, unless given. The
    sense of the rules is looked at only until an edition is published: a check made
    later must never take it away.
    """
    path = folder / "edition.yaml"
    tree = parse(path)
    try:
        edition = Edition.model_validate(_plain(tree))
    except ValidationError as wrong:
        raise BrokenEdition(_shape_mistakes(path, tree, wrong)) from None
    found = _placed(path, tree, problems(edition))
    if (folder.parent.name, folder.name) != (edition.scheme, edition.edition):
        text = f"la cartella deve chiamarsi {edition.key}, come dicono scheme e edition"
        found.append(Mistake(path, _line(tree, ("edition",)), text))
    if not found and not published:
        found = _placed(path, tree, doubts(edition))
    if found:
        raise BrokenEdition(found)
    given = _tables(folder.parent.parent) if tables is None else tables
    return edition.with_tables(given)


def parse(path: Path) -> Any:
    """A YAML file as a plain tree that keeps its lines. Raises BrokenEdition."""
    text = _text(path)
    _refuse_aliases(path, text)
    yaml = YAML(typ="rt")
    yaml.allow_duplicate_keys = False
    try:
        tree = yaml.load(text)
    except MarkedYAMLError as wrong:
        raise BrokenEdition([_yaml_mistake(path, wrong)]) from None
    except (ValueError, YAMLError) as wrong:
        raise BrokenEdition([Mistake(path, *_impossible(text, wrong))]) from None
    if not isinstance(tree, dict):
        remedy = (
            "il file non contiene le voci di un’edizione: vedere criteria/README.md"
        )
        raise BrokenEdition([Mistake(path, 1, remedy)])
    return tree


def _text(path: Path) -> str:
    try:
        size = path.stat().st_size
        raw = path.read_bytes() if size <= _MAX_BYTES else b""
    except OSError:
        text = "il file manca o non si può leggere: ripristinarlo"
        raise BrokenEdition([Mistake(path, 1, text)]) from None
    if size > _MAX_BYTES:
        text = "il file supera 1 MB: un’edizione è molto più piccola"
        raise BrokenEdition([Mistake(path, 1, text)])
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as wrong:
        line = raw[: wrong.start].count(b"\n") + 1
        remedy = "caratteri non validi: salvare il file in UTF-8"
        raise BrokenEdition([Mistake(path, line, remedy)]) from None


def _refuse_aliases(path: Path, text: str) -> None:
    try:
        for event in YAML(typ="rt").parse(text):
            alias = isinstance(event, AliasEvent) or getattr(event, "anchor", None)
            if alias:
                line = event.start_mark.line + 1
                remedy = "ancore e alias (& e *) non sono ammessi: scrivere per intero"
                raise BrokenEdition([Mistake(path, line, remedy)])
    except MarkedYAMLError as wrong:
        raise BrokenEdition([_yaml_mistake(path, wrong)]) from None
    except YAMLError as wrong:
        raise BrokenEdition([Mistake(path, 1, f"YAML non valido: {wrong}")]) from None


def _yaml_mistake(path: Path, wrong: MarkedYAMLError) -> Mistake:
    mark = wrong.problem_mark
    line = 1 if mark is None else mark.line + 1
    problem = str(wrong.problem)
    if "duplicate key" in problem:
        key = problem.split('"')[1] if '"' in problem else problem
        return Mistake(path, line, f"la voce «{key}» è ripetuta: lasciarne una sola")
    return Mistake(
        path, line, f"YAML non valido ({problem}): controllare rientri e virgolette"
    )


def _impossible(text: str, wrong: Exception) -> tuple[int, str]:
    # ruamel does not say where an impossible date stands: look for the first.
    for number, line in enumerate(text.splitlines(), 1):
        said = line.partition("#")[0]
        for word in said.replace(",", " ").replace("}", " ").split():
            parts = word.split("-")
            if len(parts) == 3 and all(part.isdigit() for part in parts):
                try:
                    dt.date(*(int(part) for part in parts))
                except ValueError:
                    remedy = f"la data {word} non esiste nel calendario: correggerla"
                    return number, remedy
    return 1, f"valore non valido ({wrong}): correggerlo"


def _plain(node: Any) -> Any:
    """ruamel's tree as plain Python: dicts, tuples, str, int, bool, date."""
    if isinstance(node, dict):
        return {str(key): _plain(value) for key, value in node.items()}
    if isinstance(node, list | tuple):
        return tuple(_plain(value) for value in node)
    if isinstance(node, bool) or node is None or type(node) is dt.date:
        return node
    if isinstance(node, int):
        return int(node)
    return str(node) if isinstance(node, str) else node


def _line(tree: Any, place: tuple[str | int, ...]) -> int:
    line = 1
    node: Any = tree
    for part in place:
        try:
            at = node.lc
            mark = at.item(part) if isinstance(node, list) else at.key(part)
            line, node = mark[0] + 1, node[part]
        except (AttributeError, KeyError, TypeError, IndexError):
            # pydantic also names the kind of rule it tried: not in the file.
            continue
    return int(line)


def _where(place: tuple[str | int, ...]) -> str:
    # pydantic names the kind of rule it tried, which is the word that follows it.
    kept = [part for at, part in enumerate(place) if part != place[at - 1] or not at]
    return ".".join(map(str, kept))


_REMEDIES = {
    "extra_forbidden": "voce sconosciuta: controllare il nome in criteria/README.md",
    "missing": "voce mancante: aggiungerla",
    "string_type": "qui serve un testo: metterlo tra virgolette",
    "int_type": "qui serve un numero intero, senza virgolette",
    "bool_type": "qui serve true o false",
    "date_type": "qui serve una data come 2026-01-31, senza virgolette",
    "date_parsing": "qui serve una data come 2026-01-31, senza virgolette",
    "tuple_type": "qui serve un elenco",
    "dict_type": "qui servono voci «nome: valore»",
    "model_type": "qui servono voci «nome: valore»",
    "string_pattern_mismatch": "nome non ammesso: minuscole, cifre e _",
    "too_short": "l’elenco ha troppo poche voci",
    "string_too_short": "il testo è vuoto",
}


_LIMITS = {
    "greater_than_equal": "il numero deve essere almeno {}",
    "less_than_equal": "il numero deve essere al massimo {}",
}


def _shape_mistakes(path: Path, tree: Any, wrong: ValidationError) -> list[Mistake]:
    made = []
    for one in wrong.errors():
        remedy = _REMEDIES.get(one["type"])
        if remedy is None:
            remedy = one["msg"].removeprefix("Value error, ")
        if one["type"] in _LIMITS:
            limit = next(iter(one["ctx"].values()))
            remedy = _LIMITS[one["type"]].format(limit)
        if one["type"] == "literal_error":
            expected = one["ctx"]["expected"].replace(" or ", " o ")
            remedy = f"valori ammessi: {expected}"
        place = one["loc"]
        made.append(Mistake(path, _line(tree, place), f"{_where(place)}: {remedy}"))
    return made
