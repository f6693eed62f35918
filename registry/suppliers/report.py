"""The report of a checked list: a summary for the page and, as PDF, for the files."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property

from flask import render_template
from flask_babel import gettext

from registry.certificates.layouts import mark_of
from registry.files.rules import plain_name
from registry.paper import Paper
from registry.paths import TEMPLATES
from registry.suppliers import queries
from registry.suppliers.answers import NOTHING, Answer
from registry.suppliers.asking import Asked, asked
from registry.suppliers.columns import Layout
from registry.suppliers.models import SupplierList
from registry.suppliers.outcome import EXPIRING, LOOKS, ends_soon
from registry.suppliers.vault import Vault
from registry.web.standings import Look

STYLES = (
    TEMPLATES / "applications" / "receipt_paper.css",
    TEMPLATES / "suppliers" / "report_paper.css",
)
#: What a buyer wants to see first, then what is in order.
ORDER = (
    *("suspended", "withdrawn", "expired", "ended_by_holder", "superseded"),
    *("in_update", "to_confirm", "unreadable"),
)
#: Rows told one by one; the file has them all.
MOST_SHOWN = 100


@dataclass(frozen=True)
class Bar:
    """One status and how many rows have it."""

    code: str
    look: Look
    count: int
    share: float  # of the longest bar


@dataclass(frozen=True)
class Told:
    """A row that is shown by itself."""

    row: int  # as spreadsheets count them
    name: str
    answer: Answer

    @property
    def look(self) -> Look:
        return LOOKS[self.answer["status"]]

    @property
    def expires(self) -> date | None:
        ends = self.answer.get("expires")
        return date.fromisoformat(ends) if ends else None


class Report:
    """What there is to say of a list that is done."""

    def __init__(
        self, of: SupplierList, rows: list[Told], name: str, receipt: str | None
    ) -> None:
        self.of, self.rows, self.name, self.receipt = of, rows, name, receipt

    @property
    def on(self) -> date:
        """The day the answers are about."""
        return self.of.checked_on or self.of.handed_in_at.date()

    @property
    def mark(self) -> str:
        """The mark that was asked about."""
        return mark_of(self.of.scheme)

    @property
    def asked(self) -> int:
        """How many rows asked something; a line of totals does not."""
        return self.rows_told - int(self.of.counts.get(NOTHING, 0))

    @property
    def rows_told(self) -> int:
        """How many rows got an answer."""
        return sum(bar.count for bar in self.bars)

    @cached_property
    def bars(self) -> list[Bar]:
        """The statuses there are, in the order of the words' table."""
        counts = {code: self.of.counts.get(code, 0) for code in LOOKS}
        longest = max(counts.values(), default=0) or 1
        return [
            Bar(code, LOOKS[code], count, count / longest)
            for code, count in counts.items()
            if count
        ]

    @property
    def in_force(self) -> int:
        """How many rows have a certificate in force."""
        return sum(self.of.counts.get(code, 0) for code in ("valid", "in_update"))

    @property
    def expiring(self) -> int:
        return int(self.of.counts.get(EXPIRING, 0))

    @cached_property
    def ending(self) -> list[Told]:
        """Rows whose certificate ends within 90 days, the soonest first."""
        ending = [one for one in self.rows if ends_soon(one.answer, self.on)]
        ending.sort(key=lambda one: str(one.answer["expires"]))
        return ending[:MOST_SHOWN]

    @cached_property
    def to_look_at(self) -> list[Told]:
        """Rows that need a buyer's eye, the gravest first."""
        rank = {code: place for place, code in enumerate(ORDER)}
        found = [one for one in self.rows if one.answer["status"] in rank]
        found.sort(key=lambda one: (rank[one.answer["status"]], one.row))
        return found[:MOST_SHOWN]


def of_list(of: SupplierList, vault: Vault) -> Report:
    """The report of a list that is done."""
    (table,) = queries.contents(of, "table", vault)
    (kept,) = queries.contents(of, "layout", vault)
    layout = Layout.read(kept)
    told = [
        Told(row + 1, _name(asked(row, table["rows"][row], layout), answer), answer)
        for part in queries.contents(of, "answers", vault)
        for row, answer in part
        if answer["status"] in ORDER or "expires" in answer
    ]
    number = next(
        (one["number"] for one in queries.contents(of, "receipt", vault)), None
    )
    return Report(of, told, queries.called(of, vault), number)


def _name(one: Asked, answer: Answer) -> str:
    """A row by its own name, else by the register's, else by its number."""
    number = one.pairs[0][1] if one.pairs else ""
    return one.name or answer.get("legal_name") or number


def answered_name(name: str, of: SupplierList) -> str:
    """What the file is called that goes back: as it came, with the day checked."""
    stem, dot, _ = name.rpartition(".")
    return plain_name(f"{stem if dot else name} {of.checked_on}.{of.format}")


def pdf(report: Report, company: str, printer: Paper) -> bytes:
    """The report on paper, in the language of the page; the same gives the same."""
    title = gettext("Report on a supplier list")
    html = render_template(
        "suppliers/report_paper.html", report=report, company=company, title=title
    )
    return printer.print(
        html,
        "\n".join(style.read_text(encoding="utf-8") for style in STYLES),
        {},
        title=title,
        created=report.of.changed_at,
        author="Registro Impact",
    )
