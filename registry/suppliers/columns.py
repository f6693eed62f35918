"""Which column is which: by the words of the header, and by what stands below it."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Self

from registry.errors import N_
from registry.organisations.rules import provinces
from registry.search import key
from registry.verification.questions import BadIdentifier
from registry.verification.questions import recognised as identifier

NUMBERS = ("vat", "tax_code", "albo", "rea", "certificate")
PLACES = ("town", "province")
KINDS = (*NUMBERS, "name", *PLACES)
LABELS = {
    "vat": N_("Partita IVA"),
    "tax_code": N_("Codice fiscale"),
    "albo": N_("Albo number"),
    "rea": N_("REA number"),
    "certificate": N_("Certificate number"),
    "name": N_("Name of the supplier"),
    "town": N_("Town"),
    "province": N_("Province"),
}
#: Phrases of headers, without accents and signs; the first that fits decides.
WORDS: dict[str, tuple[str, ...]] = {
    "vat": (
        *("partita iva", "p iva", "piva", "part iva", "vat", "vat number", "vat id"),
        *("numero iva", "codice iva", "vat code", "pi", "vatno", "iva"),
        *("ustidnr", "nif", "numero tva", "tva"),
    ),
    "tax_code": (
        *("codice fiscale", "cod fiscale", "cod fisc", "cf", "codfisc"),
        *("tax code", "fiscal code", "tax id", "codicefiscale"),
    ),
    "albo": (
        *("albo cooperative", "albo societa cooperative", "numero albo", "n albo"),
        *("iscrizione albo", "albo", "albo number"),
    ),
    "rea": ("numero rea", "n rea", "rea", "rea number"),
    "certificate": (
        *("numero certificato", "n certificato", "certificato", "certificato n"),
        *("certificate", "certificate number", "certificate no", "cert no"),
        *("nr certificato", "certificato impact", "certificazione"),
    ),
    "name": (
        *("ragione sociale", "denominazione", "denominazione sociale", "rag soc"),
        *("nome fornitore", "nome azienda", "nome", "fornitore", "fornitori"),
        *("intestatario", "intestazione", "azienda", "impresa", "cooperativa"),
        *("supplier", "supplier name", "vendor", "vendor name", "company"),
        *("company name", "name", "business name", "ragionesociale", "organizzazione"),
        *("organisation", "organization", "soggetto", "ditta", "legal name"),
    ),
    "town": (
        *("comune", "citta", "localita", "town", "city", "sede", "municipality"),
        *("comune sede", "citta sede", "sede legale comune", "place", "ort", "ville"),
    ),
    "province": ("provincia", "prov", "pr", "province", "county", "sigla provincia"),
}
#: A header with one of these speaks of something else about the supplier.
OTHERWISE = frozenset(
    (
        *("cod", "codice", "id", "nr", "num", "numero", "n", "data"),
        *("tipo", "categoria", "gruppo", "stato", "email", "mail", "pec", "tel"),
        *("telefono", "cell", "indirizzo", "via", "note", "sito", "web", "referente"),
        *("contatto", "cap", "iban", "importo", "fatturato", "code", "date", "type"),
        *(
            "category",
            "group",
            "status",
            "phone",
            "address",
            "notes",
            "site",
            "contact",
        ),
        *("zip", "amount", "buyer", "acquirente", "cliente", "customer"),
    )
)
#: Words that stand in names of suppliers too: headers only by themselves.
ALONE = frozenset(
    (
        *("cooperativa", "impresa", "azienda", "ditta", "company", "soggetto"),
        *("organizzazione", "organisation", "organization", "sede", "place", "comune"),
        *("citta", "provincia", "town", "city", "albo", "iva", "nome", "name"),
    )
)
MOST_WORDS = 5
#: Our own columns in a file that comes back: they are answers, not questions.
OURS = "impact "
FORMS = re.compile(
    r"\b(s ?r ?l|s ?p ?a|s ?n ?c|s ?a ?s|coop|cooperativa|scarl|s ?c ?r ?l|soc|societa|"
    r"consorzio|onlus|ltd|gmbh|associazione|fondazione)\b"
)
LETTERS = re.compile(r"\b[a-z](?: [a-z]\b)+")
SAMPLE = 300
FIRST_ROWS = 30
#: Half of the cells with right check digits are no accident: one number in ten has one.
ENOUGH = 0.5


@dataclass(frozen=True)
class Layout:
    """Where the table begins and what its columns are, by kind."""

    columns: dict[str, int]
    header_row: int | None
    #: Whether nobody needs to be asked.
    sure: bool = True

    @property
    def first_row(self) -> int:
        """The first row that may hold a supplier."""
        return 0 if self.header_row is None else self.header_row + 1

    def written(self) -> dict[str, Any]:
        """As it is kept."""
        return {"columns": self.columns, "header_row": self.header_row}

    @classmethod
    def read(cls, kept: Mapping[str, Any]) -> Self:
        """From how it is kept."""
        return cls(dict(kept["columns"]), kept["header_row"])


@dataclass
class Column:
    """What a column looks like."""

    number: int
    header: str
    cells: list[str]
    shares: Counter[str] = field(default_factory=Counter)

    def share(self, kind: str) -> float:
        return self.shares[kind] / max(len(self.cells), 1)

    @property
    def named(self) -> str | None:
        return named(self.header)


@lru_cache(maxsize=4096)
def named(header: str) -> str | None:
    """The kind that the words of a header say, if they say one."""
    words = _joined(key(header))
    if words.startswith(OURS) or not words:
        return None
    for kind, phrases in WORDS.items():
        if words in phrases:
            return kind
    padded = f" {words} "
    for kind, phrases in WORDS.items():
        if kind == "name" and OTHERWISE & set(words.split()):
            continue
        telling = (one for one in phrases if len(one) > 2 and one not in ALONE)
        if any(f" {one} " in padded for one in telling):
            return kind
    return None


def _joined(words: str) -> str:
    """Letters on their own are one abbreviation: “i v a” is “iva”."""
    return LETTERS.sub(lambda found: found[0].replace(" ", ""), words)


def layout_of(rows: Sequence[Sequence[str]]) -> Layout:
    """The best guess at a table; `sure` where a company need not be asked."""
    header_row = _header_row(rows)
    columns = list(_columns(rows, header_row))
    found, sure = _by_header(columns)
    for column in columns:
        kind = _by_content(column)
        free = column.number not in found.values() and kind not in found
        if kind and free and not column.named:
            found[kind] = column.number
            sure = sure and kind != "name"
    asks = any(kind in found for kind in (*NUMBERS, "name"))
    return Layout(found, header_row, sure and asks)


def _header_row(rows: Sequence[Sequence[str]]) -> int | None:
    """The row with the most headers; without any, a first row unlike a supplier."""
    filled = [n for n, row in enumerate(rows[:FIRST_ROWS]) if any(row)]
    best = max(filled, key=lambda n: (_heading(rows[n]), -n), default=None)
    if best is None or _heading(rows[best]) >= 2:
        return best
    first = filled[0]
    supplier = any(kind for cell in rows[first] for kind in _kinds(cell))
    return None if supplier or len(filled) < 2 else first


def _heading(row: Sequence[str]) -> int:
    """How much a row looks like a header: very words count more than longer ones."""
    short = [cell for cell in row if len(cell.split()) <= MOST_WORDS]
    kinds = {named(cell) for cell in short} - {None}
    exact = {kind for kind in kinds for cell in short if _is_exact(cell, kind)}
    return len(kinds) + len(exact)


def _is_exact(header: str, kind: str | None) -> bool:
    return kind is not None and _joined(key(header)) in WORDS[kind]


def _columns(rows: Sequence[Sequence[str]], header_row: int | None) -> Iterator[Column]:
    below = rows[0 if header_row is None else header_row + 1 :][:SAMPLE]
    heads = rows[header_row] if header_row is not None else ()
    for number in range(max(map(len, rows[: SAMPLE + FIRST_ROWS]), default=0)):
        header = heads[number] if number < len(heads) else ""
        cells = [row[number] for row in below if number < len(row) and row[number]]
        column = Column(number, header, cells)
        for cell in cells:
            column.shares.update(_kinds(cell))
        if not key(header).startswith(OURS):
            yield column


def _by_header(columns: Iterable[Column]) -> tuple[dict[str, int], bool]:
    """Columns whose header says what they are; unsure where two say the same."""
    said: dict[str, list[Column]] = {}
    for column in columns:
        if column.named and column.cells:
            said.setdefault(column.named, []).append(column)
    found, sure = {}, True
    for kind, those in said.items():
        exact = [
            one for one in those if _joined(key(one.header)) in WORDS[kind]
        ] or those
        telling = [one for one in exact if len(set(one.cells)) > 1] or exact
        if kind in NUMBERS:
            telling.sort(key=lambda one: -one.share(kind))
            good = [one for one in telling if one.share(kind) >= ENOUGH]
            sure = sure and len(good) < 2
        found[kind] = telling[0].number
    return found, sure


def _by_content(column: Column) -> str | None:
    for kind in (*NUMBERS, "province", "name"):
        if column.share(kind) >= (0.9 if kind == "province" else ENOUGH):
            return kind
    return None


def _kinds(cell: str) -> Iterator[str]:
    """What a cell could be."""
    if found := _number(cell):
        yield found
        if found == "vat":  # written by the same rule
            yield "tax_code"
    elif len(cell) == 2 and cell.upper() in provinces():
        yield "province"
    elif len(cell) > 5 and FORMS.search(key(cell)):
        yield "name"


def _number(cell: str) -> str | None:
    try:
        found = identifier(cell) if len(cell) < 60 else None
    except BadIdentifier:
        return None
    return found[0] if found else None
