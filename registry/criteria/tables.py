"""Dated tables: the collective agreements as INPS lists them, and the provinces."""

import csv
import datetime as dt
import hashlib
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from registry.criteria.calendar import DAY, add_months

# Months in which a code that was merged into another is still accepted: ours.
MERGE_MONTHS = 6
_FILE = re.compile(r"^ccnl_cnel_(\d{4}-\d{2}-\d{2})\.csv$")
# Whole words only: FEDERAGRICOLTURA holds "AGRI". INPS also spells AGCI "ACGI";
# LEGACOOPSOCIALI is written in one word.
_CENTRALS = {
    "confcooperative": re.compile(r"\bCONFCOOPERATIVE\b"),
    "legacoop": re.compile(r"\bLEGACOOP(?:SOCIALI)?\b"),
    "agci": re.compile(r"\b(?:AGCI|ACGI)\b"),
}


@dataclass(frozen=True, slots=True)
class Contract:
    """One national agreement; the days are inclusive, `valid_until` None if open."""

    code: str
    title: str
    sector: str
    employers: tuple[str, ...]
    unions: tuple[str, ...]
    valid_from: dt.date
    valid_until: dt.date | None
    cooperative_signatories: tuple[str, ...]

    def admitted(self, on: dt.date) -> bool:
        """Whether a cooperative central signs it and the code serves on that day.

        A merged code serves for six months after its last month. An agreement that
        expired and was not renewed keeps its code, so it is still admitted.
        """
        if not self.cooperative_signatories or on < self.valid_from:
            return False
        last = self.valid_until
        return last is None or on <= month_end(add_months(last, MERGE_MONTHS))


@dataclass(frozen=True, slots=True)
class Curated:
    """A code the scheme owner adds to those admitted, or takes away, with a reason."""

    code: str
    effect: str
    valid_from: dt.date
    valid_until: dt.date | None
    reason: str
    author: str

    def holds(self, on: dt.date) -> bool:
        """Whether it has effect on that day."""
        return self.valid_from <= on and (
            self.valid_until is None or on <= self.valid_until
        )


class ContractTable:
    """The codes of the national agreements as they stood on a day."""

    def __init__(
        self,
        contracts: dict[str, Contract],
        *,
        dated: dt.date,
        digest: str,
        earlier: frozenset[str] = frozenset(),
        curated: tuple[Curated, ...] = (),
    ) -> None:
        self._contracts = contracts
        self.dated = dated
        self.digest = digest
        #: What the digest was while the curated list, only ever added to, was shorter.
        self.earlier = earlier
        self.curated = curated

    def __len__(self) -> int:
        return len(self._contracts)

    def __iter__(self) -> Iterator[Contract]:
        return iter(self._contracts.values())

    def get(self, code: str) -> Contract | None:
        """The agreement of that code, in any case and with blanks; None if unknown."""
        return self._contracts.get(code.strip().upper())

    def admits(self, code: str, on: dt.date) -> bool:
        """Whether the code is among those signed by a cooperative central that day."""
        contract = self.get(code)
        for one in self.curated:
            if one.code == code.strip().upper() and one.holds(on):
                return one.effect == "add"
        return contract is not None and contract.admitted(on)

    def search(self, text: str, limit: int = 20) -> list[Contract]:
        """Agreements whose code or title has every word of `text`, admitted first."""
        words = fold(text).split()
        if not words:
            return []
        found = [
            contract
            for contract, folded in self._folded
            if all(word in folded for word in words)
        ]
        phrase = " ".join(words)
        found.sort(
            key=lambda one: (
                not one.cooperative_signatories,
                phrase not in fold(f"{one.code} {one.title}"),
                one.code,
            )
        )
        return found[:limit]

    @cached_property
    def _folded(self) -> list[tuple[Contract, str]]:
        return [
            (one, fold(" ".join((one.code, one.title, *one.employers))))
            for one in self._contracts.values()
        ]


@dataclass(frozen=True, slots=True)
class Province:
    """A province by its sigla; `valid_until` None while it is in force."""

    sigla: str
    name: str
    region: str
    valid_from: dt.date | None
    valid_until: dt.date | None


def fold(text: str) -> str:
    """Text without accents and case, for comparing what people type."""
    plain = unicodedata.normalize("NFKD", text)
    return "".join(c for c in plain if not unicodedata.combining(c)).casefold()


def month_end(day: dt.date) -> dt.date:
    """The last day of the month of `day`."""
    return add_months(day.replace(day=1), 1) - DAY


def cooperative_signatories(employers: str) -> tuple[str, ...]:
    """Which of the three centrals are named, as whole words, among the employers."""
    upper = employers.upper()
    return tuple(name for name, word in _CENTRALS.items() if word.search(upper))


def newest_contracts(folder: Path) -> Path:
    """The contract table with the latest date; FileNotFoundError if none."""
    dated = [path for path in folder.glob("ccnl_cnel_*.csv") if _FILE.match(path.name)]
    if not dated:
        raise FileNotFoundError(folder / "ccnl_cnel_AAAA-MM-GG.csv")
    return max(dated, key=lambda path: path.name)


def read_contracts(
    folder: Path, dated: dt.date | None = None, digest: str | None = None
) -> ContractTable:
    """The newest contract table of `folder`, with the curated list beside it.

    `dated` asks for the table of that day instead, and `digest` for the curated list
    as it was then: FileNotFoundError if there is none.
    """
    path = newest_contracts(folder)
    if dated is not None:
        path = folder / f"ccnl_cnel_{dated.isoformat()}.csv"
    raw = path.read_bytes()
    extra = folder / "contracts_curated.csv"
    curated_raw = extra.read_bytes() if extra.exists() else b""
    grown = _as_it_grew(raw, curated_raw)
    now = list(grown)[-1]
    if digest is not None and digest not in grown:
        raise FileNotFoundError(path)
    curated_then = grown[digest or now]
    rows = csv.DictReader(raw.decode("utf-8-sig").splitlines())
    contracts = {row["codice"]: _contract(row) for row in rows}
    stamp = _FILE.match(path.name)
    assert stamp is not None  # noqa: S101 - newest_contracts chose by this pattern
    return ContractTable(
        contracts,
        dated=dt.date.fromisoformat(stamp[1]),
        digest=digest or now,
        earlier=frozenset(grown),
        curated=tuple(
            _curated(row)
            for row in csv.DictReader(curated_then.decode("utf-8-sig").splitlines())
        ),
    )


def _as_it_grew(raw: bytes, curated: bytes) -> dict[str, bytes]:
    """
    The curated list after each of its lines, by the digest it had with the table.

    The last is the list as it is now.
    """
    # Ends of line depend on the checkout, not on the table.
    table = hashlib.sha256(raw.replace(b"\r\n", b"\n"))
    lines = curated.replace(b"\r\n", b"\n").splitlines(keepends=True)
    found = {}
    for number in range(len(lines) + 1):
        upto = b"".join(lines[:number])
        with_list = table.copy()
        with_list.update(upto)
        found[with_list.hexdigest()] = upto
    return found


def _contract(row: dict[str, str]) -> Contract:
    first, last = row["dal"], row["al"]
    return Contract(
        code=row["codice"],
        title=row["titolo"],
        sector=row["macro_desc"],
        employers=_parties(row["datoriali"]),
        unions=_parties(row["sindacali"]),
        valid_from=dt.date.fromisoformat(f"{first}-01") if first else dt.date.min,
        valid_until=month_end(dt.date.fromisoformat(f"{last}-01")) if last else None,
        cooperative_signatories=cooperative_signatories(row["datoriali"]),
    )


def _parties(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(";") if part.strip())


def _curated(row: dict[str, str]) -> Curated:
    return Curated(
        code=row["code"].strip().upper(),
        effect=row["effect"],
        valid_from=dt.date.fromisoformat(row["valid_from"]),
        valid_until=_day(row["valid_until"]),
        reason=row["reason"],
        author=row["author"],
    )


def read_provinces(folder: Path) -> dict[str, Province]:
    """Every province by its sigla, those that ended included, ordered by name."""
    with (folder / "provinces.csv").open(encoding="utf-8", newline="") as file:
        found = [
            Province(
                row["sigla"],
                row["name"],
                row["region"],
                _day(row["valid_from"]),
                _day(row["valid_until"]),
            )
            for row in csv.DictReader(file)
        ]
    return {one.sigla: one for one in sorted(found, key=_place)}


def _place(province: Province) -> str:
    """Where a province stands by name: L’Aquila comes before La Spezia."""
    return fold(province.name).replace("’", " ")


def _day(text: str) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None
