"""One section of an application as a form, made from the edition."""

import zlib
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from flask import request
from flask_babel import gettext

from registry.accounts.forms import AskingForm, said
from registry.accounts.models import User
from registry.applications import rules
from registry.applications.fields import as_typed, field_of, is_radio, raw
from registry.applications.models import Application
from registry.criteria.asked import asked, possible_evidence
from registry.criteria.edition import Answer, Edition, EvidenceKind, Section
from registry.criteria.tables import Contract, ContractTable
from registry.criteria.values import WrongRows, WrongValue, read_value, to_json
from registry.criteria.wording import Wording
from registry.web.filters import day
from registry.web.language import page_language


class SectionForm(AskingForm):
    """The questions of a section; `sheet` is set on the class made for it."""

    sheet: "Sheet"
    #: Words of an agreement somebody looks for while filling the form.
    looked_for = ""

    def validate(self, extra_validators: Any = None) -> bool:
        """Also what the edition says of each value."""
        right = bool(super().validate(extra_validators))
        self.typed: dict[str, Any] = {}
        for name, question in self.sheet.open.items():
            if not self[name].errors:
                right = self._read(name, question) and right
        return right

    def given(self) -> dict[str, Any]:
        """The answers as the operation keeps them, JSON by name."""
        return {
            name: to_json(question, self.typed.get(name))
            for name, question in self.sheet.open.items()
        }

    def _read(self, name: str, question: Answer) -> bool:
        field = self[name]
        try:
            self.typed[name] = _with_empty_choices(
                question, read_value(question, raw(field))
            )
        except WrongRows as wrong:
            for index, column, refusal in wrong.cells:
                entry = field.entries[index]
                cell = entry.form[column] if column else entry.form
                _blame(cell, refusal)
                field.errors = [*field.errors, entry.errors]
        except WrongValue as refusal:
            _blame(field, refusal)
        return not field.errors

    def _reshape(self) -> None:
        super()._reshape()
        self.looked_for = request.form.get("look_for", "").strip()[:80]
        if "look" in request.form:
            self.reshaped = True
        if code := request.form.get("use"):
            self.reshaped, self.looked_for = True, ""
            self._take(code[:4])

    def _take(self, code: str) -> None:
        """Write a contract's code into the first row that has none."""
        for name, column in self.sheet.code_columns:
            rows = self[name]
            free = [one for one in rows.entries if not one.form[column].data]
            if not free and len(rows.entries) < (rows.max_entries or 0):
                free = [rows.append_entry()]
            if free:
                free[0].form[column].data = code

    def tell_contracts(self) -> None:
        """Say beside each code what it stands for."""
        for name, column in self.sheet.code_columns:
            for entry in self[name].entries if name in self else ():
                cell = entry.form[column]
                if cell.data and not cell.errors:
                    cell.description = self.sheet.contract_words(cell.data)


@dataclass
class Sheet:
    """A section of an application, as one person may fill it now."""

    application: Application
    edition: Edition
    name: str
    user: User

    def again(self) -> "Sheet":
        """The same sheet, reading anew what was saved."""
        return Sheet(self.application, self.edition, self.name, self.user)

    @property
    def section(self) -> Section:
        return self.edition.sections[self.name]

    @property
    def following(self) -> str | None:
        """The next section, if this is not the last."""
        names = list(self.edition.sections)
        return next(iter(names[names.index(self.name) + 1 :]), None)

    @property
    def revision(self) -> int:
        """Moves when an answer of this section does: what its form was made from."""
        saved = self.application.values
        here = [(name, saved.get(name)) for name in self.edition.answers_in(self.name)]
        return zlib.crc32(repr(here).encode())

    @cached_property
    def values(self) -> dict[str, Any]:
        return rules.values(self.application, self.edition)

    @cached_property
    def asked(self) -> dict[str, Answer]:
        """The questions of this section that the answers so far call for."""
        wanted = asked(self.edition, self.values)
        return {n: a for n, a in self._here.items() if n in wanted}

    @cached_property
    def open(self) -> dict[str, Answer]:
        """Those of them this person may answer now."""
        return {n: a for n, a in self.asked.items() if self._may_change(f"answer:{n}")}

    @property
    def shut(self) -> dict[str, Answer]:
        """Those that can only be read."""
        return {n: a for n, a in self.asked.items() if n not in self.open}

    @property
    def waiting(self) -> list[tuple[str, str]]:
        """Questions not asked so far, each with when it would be."""
        words = Wording(self.edition, page_language())
        return [
            (words.label(name), words.ask(answer.asked_if, words.scope))
            for name, answer in self._here.items()
            if name not in self.asked and answer.asked_if is not None
        ]

    @cached_property
    def kinds(self) -> dict[str, EvidenceKind]:
        """The documents these answers call for, and those already here."""
        wanted = possible_evidence(self.edition, self.values)
        has = {piece.kind for piece in self.application.evidence}
        return {
            name: kind
            for name, kind in self.edition.evidence_in(self.name).items()
            if name in wanted or name in has
        }

    @property
    def required(self) -> set[str]:
        return set(rules.required(self.application, self.edition))

    @property
    def open_kinds(self) -> set[str]:
        return {kind for kind in self.kinds if self._may_change(f"evidence:{kind}")}

    @property
    def code_columns(self) -> list[tuple[str, str]]:
        """(answer, column) wherever a code of the table of contracts is asked."""
        return [
            (name, column)
            for name, answer in self.open.items()
            for column, cell in answer.columns.items()
            if cell.table == "contracts"
        ]

    @property
    def contracts(self) -> ContractTable:
        return self.edition.tables["contracts"]

    def contract_words(self, code: str) -> str:
        """What a code stands for: title, who signed it for the cooperatives."""
        if (found := self.contracts.get(code)) is None:
            dated = day(self.contracts.dated)
            words = gettext(
                "There is no %(code)s in the archive of %(day)s: check the code.",
                code=code.upper(),
                day=dated,
            )
            return str(words)
        return f"{found.title} · {signatory_words(found)}"

    def form(self, *, fresh: bool = False) -> SectionForm:
        """
        The form of what may be answered, filled with what is saved and, unless it is to
        be `fresh`, with what was sent.
        """
        fields = {name: field_of(answer) for name, answer in self.open.items()}
        kind = type("FormOfSection", (SectionForm,), {**fields, "sheet": self})
        saved = {n: as_typed(a, self.values.get(n)) for n, a in self.open.items()}
        source = {"formdata": None} if fresh else {}
        made: SectionForm = kind(of=self, data=saved, **source)
        return made

    def anchor_of(self, name: str) -> str:
        """The id of the first control of a question."""
        answer = self.edition.answers[name]
        lack = rules.Missing(answer.section, "answer", name, answer.label)
        return anchor(self.edition, lack)

    @property
    def _here(self) -> dict[str, Answer]:
        return self.edition.answers_in(self.name)

    def _may_change(self, item: str) -> bool:
        return rules.may_change(self.application, item, self.user)


CENTRALS = {
    "confcooperative": "Confcooperative",
    "legacoop": "Legacoop",
    "agci": "AGCI",
}


def signatory_words(contract: Contract) -> str:
    """Which of the cooperative associations signed it, or that none did."""
    signed = [CENTRALS[one] for one in contract.cooperative_signatories]
    if not signed:
        return str(gettext("not signed by a cooperative association"))
    return str(gettext("signed by %(names)s", names=", ".join(signed)))


def anchor(edition: Edition, one: rules.Missing) -> str:
    """The id of the control where something missing is given."""
    if one.what == "evidence":
        return f"{one.name}-file"
    question = edition.answers[one.name]
    if one.cell is None:
        return f"{one.name}-0" if is_radio(question) else one.name
    row, column = one.cell
    radio = is_radio(question.columns[column], inside=True)
    return f"{one.name}-{row}-{column}{'-0' if radio else ''}"


def _with_empty_choices(question: Answer, value: Any) -> Any:
    """In a row somebody filled in, boxes left empty say “none of these”."""
    if question.type == "rows":
        for row in value or ():
            for name, column in question.columns.items():
                if column.type == "choices" and column.optional:
                    row.setdefault(name, ())
    return value


def _blame(field: Any, refusal: WrongValue) -> None:
    words = said(refusal.message, **refusal.params)
    if hasattr(field, "form_errors"):
        field.form_errors.append(words)
    else:
        field.errors = [*field.errors, words]
