"""Questions of an edition as a form: typed values come out, wrong ones are told."""

from collections.abc import Mapping
from typing import Any, Protocol

from flask import request
from flask_babel import gettext

from registry.accounts.forms import AskingForm, said
from registry.applications.fields import raw
from registry.criteria.edition import Answer, Edition
from registry.criteria.tables import Contract, ContractTable
from registry.criteria.values import WrongRows, WrongValue, read_value, to_json
from registry.web.filters import day


class Asking(Protocol):
    """Some questions of an edition that somebody may answer now."""

    edition: Edition

    @property
    def open(self) -> Mapping[str, Answer]:
        """The questions, by name, in order."""

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
        """The archive of contracts the codes are looked up in."""
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


class AnswersForm(AskingForm):
    """Questions of an edition; `sheet` is set on the class made for them."""

    sheet: Asking
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
