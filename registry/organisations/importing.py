"""Bringing in a list that the owner of a scheme published, row by row."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from registry.accounts.models import User
from registry.db import db
from registry.errors import N_, Invalid, RegistryError
from registry.organisations import operations, queries, rules
from registry.organisations.models import Organisation, OrganisationKind
from registry.organisations.reading import Line, Table, Unreadable
from registry.search import key

#: How columns are called, as `registry.search.key` writes them.
COLUMNS = {
    "name": ("denominazione", "ragione sociale", "nome", "cooperativa",
             "organizzazione", "name", "organisation", "organization"),
    "vat": ("partita iva", "p iva", "piva", "iva", "vat", "vat number"),
    "tax_code": ("codice fiscale", "cod fiscale", "cf", "c f", "tax code"),
    "albo": ("albo", "numero albo", "n albo", "iscrizione albo", "albo number"),
    "rea": ("rea", "numero rea", "n rea", "rea number"),
    "province": ("provincia", "prov", "sigla", "province"),
    "town": ("comune", "citta", "sede", "town", "city"),
    "address": ("indirizzo", "via", "address"),
    "website": ("sito", "sito web", "website", "site"),
    "kind": ("tipo", "tipologia", "kind", "type"),
    "source": ("fonte", "source"),
}  # fmt: skip
BY_HEADER = {header: name for name, headers in COLUMNS.items() for header in headers}

ITALIAN = """gennaio febbraio marzo aprile maggio giugno
    luglio agosto settembre ottobre novembre dicembre"""
ENGLISH = """january february march april may june
    july august september october november december"""
MONTHS = {
    name: number
    for names in (ITALIAN, ENGLISH)
    for number, name in enumerate(names.split(), start=1)
}
PERIOD = re.compile(r"(?:in elenco|listed|listed in) (?:(\w+) )?((?:19|20)[0-9]{2})")

YES = frozenset({"si", "s", "yes", "y", "x", "1", "vero", "true"})
NO = frozenset({"no", "n", "0", "falso", "false"})

KINDS = {
    "sociale a": OrganisationKind.SOCIAL_A,
    "sociale b": OrganisationKind.SOCIAL_B,
    "sociale a b": OrganisationKind.SOCIAL_AB,
    "sociale ab": OrganisationKind.SOCIAL_AB,
    "produzione e lavoro": OrganisationKind.PRODUCTION_LABOUR,
    "agricola": OrganisationKind.AGRICULTURAL,
    "consumo": OrganisationKind.CONSUMER,
    "abitazione": OrganisationKind.HOUSING,
    "altra": OrganisationKind.OTHER_COOPERATIVE,
    "consorzio": OrganisationKind.CONSORTIUM,
    "azienda": OrganisationKind.COMPANY,
    "impresa": OrganisationKind.COMPANY,
} | {key(kind.value): kind for kind in OrganisationKind}


class BadRow(Invalid):
    """A cell of a row is wrong."""


@dataclass(frozen=True)
class Problem:
    """What is wrong in which column ("" for the whole row), with the remedy."""

    column: str
    refusal: RegistryError


@dataclass
class Outcome:
    """What became of one row."""

    row: int
    name: str
    done: list[str] = field(default_factory=list)  # marked words
    problems: list[Problem] = field(default_factory=list)


@dataclass(frozen=True)
class Columns:
    """Which column holds what; `unknown` are headers nobody here understands."""

    known: Mapping[str, int]
    periods: Mapping[str, int]
    unknown: tuple[str, ...]
    headers: tuple[str, ...]

    def header(self, name: str) -> str:
        """How the file calls a column, "" where it has none."""
        at = self.known.get(name, self.periods.get(name))
        return "" if at is None else self.headers[at]


def columns_of(table: Table) -> Columns:
    """
    Understand the headers, in any order, Italian or English.

    Raises Unreadable where there is no name, or two columns say the same.
    """
    known: dict[str, int] = {}
    periods: dict[str, int] = {}
    unknown = []
    for number, header in enumerate(table.headers):
        name, period = BY_HEADER.get(key(header)), _period(header)
        if name is None and period is None:
            unknown.append(header)
            continue
        held = known if name else periods
        wanted = name or str(period)
        if wanted in held:
            raise Unreadable(
                N_("Two columns say the same: “%(first)s” and “%(second)s”."),
                first=table.headers[held[wanted]],
                second=header,
            )
        held[wanted] = number
    if "name" not in known:
        raise Unreadable(
            N_("There is no column with the name: call it “Denominazione” or “Name”.")
        )
    shown = tuple(header for header in unknown if header)
    return Columns(known, periods, shown, table.headers)


def bring_in(
    table: Table,
    *,
    scheme: str,
    source: str,
    listed_on: date,
    by: User,
    at: datetime,
) -> list[Outcome]:
    """
    Bring every row in, in this transaction, each by itself; say what became of it.

    A row becomes a listing: what the owner of `scheme` published, on `listed_on`, with
    its source (the column, else `source`).  With a partita IVA or codice fiscale it is
    tied to that organisation, entered first where kind, province and town are known.
    What failed leaves nothing; the caller commits or takes everything back.
    """
    columns = columns_of(table)
    before: dict[tuple[str, str], int] = {}
    outcomes = []
    for line in table.lines:
        cells = _cells(line, columns)
        outcome = Outcome(line.number, cells.get("name", "")[: rules.LONGEST_NAME])
        outcomes.append(outcome)
        facts = _facts(cells, columns, outcome)
        facts["source"] = cells.get("source") or source
        _only_once(facts, before, outcome)
        if outcome.problems:
            continue
        try:
            with db.session.begin_nested():
                _keep(facts, outcome, scheme=scheme, listed_on=listed_on, by=by, at=at)
        except Invalid as refusal:
            outcome.done = []
            outcome.problems += list(_told(refusal, columns))
    return outcomes


def _cells(line: Line, columns: Columns) -> dict[str, str]:
    wanted = {**columns.known, **columns.periods}
    return {
        name: line.cells[at] if at < len(line.cells) else ""
        for name, at in wanted.items()
    }


def _facts(
    cells: Mapping[str, str], columns: Columns, outcome: Outcome
) -> dict[str, Any]:
    """What a row says, checked; what cannot be goes to the outcome."""
    facts: dict[str, Any] = {"kind": cells.get("kind", "")[: rules.LONGEST_PLACE]}
    for name, check in rules.CHECKS.items():
        text = cells.get(name, "")
        if name in ("province", "town") and not text:
            facts[name] = ""
            continue
        try:
            facts[name] = check(_whole(text) if name in ("vat", "tax_code") else text)
        except Invalid as refusal:
            outcome.problems.append(Problem(columns.header(name), refusal))
    if facts.get("town"):
        facts["town"] = "; ".join(_towns(facts["town"]))
    facts["periods"] = {
        period: answer
        for period in columns.periods
        if (answer := _yes_or_no(cells[period], columns.header(period), outcome))
        is not None
    }
    return facts


def _whole(number: str) -> str:
    """A number with the leading zeros a spreadsheet took away, if then it is right."""
    digits = number.strip()
    padded = digits.zfill(11)
    short = digits.isascii() and digits.isdigit() and 7 <= len(digits) < 11
    return padded if short and rules.has_right_digit(padded) else number


def _towns(text: str) -> Iterator[str]:
    for part in text.split(";"):
        if town := part.strip():
            yield rules.TOWNS.get(key(town), town)


def _yes_or_no(text: str, header: str, outcome: Outcome) -> bool | None:
    word = key(text)
    if not text:
        return None
    if word in YES or word in NO:
        return word in YES
    refusal = BadRow(
        N_("“%(text)s” is neither yes nor no: write sì or no."), text=text[:40]
    )
    outcome.problems.append(Problem(header, refusal))
    return None


def _only_once(
    facts: Mapping[str, Any], before: dict[tuple[str, str], int], outcome: Outcome
) -> None:
    if "name" not in facts or "province" not in facts:
        return
    same = (key(facts["name"]), facts["province"])
    if same in before:
        refusal = BadRow(
            N_("This is the same organisation as row %(row)s: remove one of the two."),
            row=before[same],
        )
        outcome.problems.append(Problem("", refusal))
    before.setdefault(same, outcome.row)


def _keep(
    facts: Mapping[str, Any],
    outcome: Outcome,
    *,
    scheme: str,
    listed_on: date,
    by: User,
    at: datetime,
) -> None:
    organisation = _organisation(facts, outcome, by, at)
    had = queries.listing(scheme, facts["name"], facts["province"])
    said = {name: facts[name] for name in ("name", "town", "kind", "source")}
    same = had is not None and rules.says_the_same(
        had, {**said, "imported_on": listed_on}, facts["periods"], organisation
    )
    operations.list_published(
        scheme=scheme,
        province=facts["province"],
        periods=facts["periods"],
        listed_on=listed_on,
        organisation=organisation,
        by=by,
        at=at,
        **said,
    )
    if same:
        outcome.done.append(N_("nothing new"))
    else:
        outcome.done.append(N_("listing changed") if had else N_("listing added"))


def _organisation(
    facts: Mapping[str, Any], outcome: Outcome, by: User, at: datetime
) -> Organisation | None:
    vat, tax_code = facts["vat"], facts["tax_code"]
    found = (queries.by_vat(vat) if vat else None) or (
        queries.by_tax_code(tax_code) if tax_code else None
    )
    if found is not None or not (vat or tax_code):
        return found
    kind = KINDS.get(key(facts["kind"]))
    if kind is None or not facts["province"] or not facts["town"]:
        outcome.done.append(
            N_("organisation not entered: kind, province or town is missing")
        )
        return None
    outcome.done.append(N_("organisation entered"))
    known = {name: facts[name] for name in rules.CHECKS}
    known["town"] = next(_towns(facts["town"]))
    return operations.add(kind=kind, **known, by=by, at=at)


def _told(refusal: Invalid, columns: Columns) -> Iterator[Problem]:
    if isinstance(refusal, rules.Refused):
        for name, problem in refusal.problems:
            yield Problem(columns.header(name), problem)
    else:
        yield Problem("", refusal)


def _period(header: str) -> str | None:
    found = PERIOD.fullmatch(key(header))
    if not found:
        return None
    month, year = found[1], found[2]
    if month is None:
        return year
    return f"{year}-{MONTHS[month]:02}" if month in MONTHS else None
