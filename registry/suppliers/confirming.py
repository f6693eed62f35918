"""The names of a list that somebody has to say whom they mean, each asked once."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from flask_babel import gettext, ngettext

from registry.organisations.models import Organisation
from registry.suppliers import queries
from registry.suppliers.answers import TO_CONFIRM, Answer
from registry.suppliers.asking import Note, asked
from registry.suppliers.columns import Layout
from registry.suppliers.models import SupplierList
from registry.suppliers.vault import Vault
from registry.web.filters import vat


@dataclass(frozen=True)
class Proposal:
    """An organisation that could be meant."""

    organisation: Organisation
    score: int
    matched: str

    @property
    def id(self) -> int:
        return self.organisation.id

    @property
    def words(self) -> str:
        """What tells it from others: name, place, number, and how alike it is."""
        one = self.organisation
        also = ""
        if self.matched != one.name:
            also = gettext(" (formerly %(name)s)", name=self.matched)
        number = vat(one.vat or one.tax_code)
        place = f"{one.town} ({one.province})"
        alike = gettext("likeness %(score)s", score=self.score)
        return f"{one.name}{also} · {place} · {number} · {alike}"


@dataclass
class Group:
    """The rows with one name and place."""

    mark: str
    name: str
    town: str
    province: str
    offers: list[Proposal]
    #: What is wrong with the number beside it, where there is one.
    problems: list[Note] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)  # as spreadsheets count them

    @property
    def field(self) -> str:
        return f"name-{self.mark[:24]}"

    @property
    def words(self) -> str:
        """The name as the list has it."""
        places = ", ".join(one for one in (self.town, self.province) if one)
        return f"“{self.name}”, {places}" if places else f"“{self.name}”"

    @property
    def places(self) -> str:
        """Where it stands, and why its number was not enough."""
        shown = ", ".join(map(str, self.rows[:5]))
        more = ", …" if len(self.rows) > 5 else ""
        where = ngettext(
            "Row %(rows)s of your file",
            "Rows %(rows)s of your file",
            len(self.rows),
            rows=shown + more,
        )
        why = [gettext(words, **params) for words, params in self.problems]
        return ". ".join([where, *why])

    @property
    def ids(self) -> list[int]:
        return [one.id for one in self.offers]


def groups(of: SupplierList, vault: Vault) -> list[Group]:
    """The names still to be confirmed, in the order of the file."""
    answers: list[tuple[int, Answer]] = [
        (row, answer)
        for part in queries.contents(of, "answers", vault)
        for row, answer in part
        if answer["status"] == TO_CONFIRM
    ]
    (table,) = queries.contents(of, "table", vault)
    (kept,) = queries.contents(of, "layout", vault)
    layout = Layout.read(kept)
    known = queries.organisations(
        {offer["id"] for _, answer in answers for offer in answer["offered"]}
    )
    said = queries.meant(of.company_id, {a["mark"] for _, a in answers}, vault)
    found: dict[str, Group] = {}
    for row, answer in answers:
        mark = answer["mark"]
        offers = _offers(answer, known)
        if mark in said and {one.id for one in offers} <= said[mark].offered:
            continue
        if mark not in found:
            one = asked(row, table["rows"][row], layout)
            place = (one.town, one.province)
            found[mark] = Group(mark, one.name, *place, offers, one.problems)
        found[mark].rows.append(row + 1)
    return list(found.values())


def _offers(answer: Answer, known: Mapping[int, Organisation]) -> list[Proposal]:
    return [
        Proposal(known[one["id"]], one["score"], one["matched"])
        for one in answer["offered"]
        if one["id"] in known
    ]
