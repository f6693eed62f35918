"""One section of an application as a form, made from the edition."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from flask_babel import gettext

from registry.accounts.models import User
from registry.applications import rules
from registry.applications.asking import AnswersForm, Asking
from registry.applications.fields import as_typed, field_of, is_radio
from registry.applications.models import Application
from registry.criteria.asked import asked, possible_evidence, required_evidence
from registry.criteria.edition import Answer, Edition, EvidenceKind, Section
from registry.criteria.result import RequirementResult, Result, Status, Verdict
from registry.criteria.wording import Wording
from registry.web.language import page_language


@dataclass
class Sheet(Asking):
    """A section of an application, as one person may fill it now."""

    application: Application
    edition: Edition
    name: str
    user: User
    today: date

    def again(self) -> "Sheet":
        """The same sheet, reading anew what was saved."""
        return Sheet(self.application, self.edition, self.name, self.user, self.today)

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
    def settled(self) -> dict[str, tuple[str, ...]]:
        """The questions of all sections that need no answer any more."""
        return rules.folded(self.application, self.edition, self.today)

    @cached_property
    def folded(self) -> dict[str, str]:
        """Those of this section, each with why: folded on the page."""
        here = {name: ids for name, ids in self.settled.items() if name in self.asked}
        if not here:
            return {}
        result = rules.declared_result(self.application, self.edition, self.today)
        return {n: settled(self.edition, result, ids) for n, ids in here.items()}

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

    @cached_property
    def required(self) -> set[str]:
        return set(required_evidence(self.edition, self.values, self.settled))

    @property
    def open_kinds(self) -> set[str]:
        return {kind for kind in self.kinds if self._may_change(f"evidence:{kind}")}

    def form(self, *, fresh: bool = False) -> AnswersForm:
        """
        The form of what may be answered, filled with what is saved and, unless it is to
        be `fresh`, with what was sent.
        """
        fields = {name: field_of(answer) for name, answer in self.open.items()}
        kind = type("FormOfSection", (AnswersForm,), {**fields, "sheet": self})
        saved = {n: as_typed(a, self.values.get(n)) for n, a in self.open.items()}
        source = {"formdata": None} if fresh else {}
        made: AnswersForm = kind(of=self, data=saved, **source)
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


def settled(edition: Edition, result: Result, ids: Sequence[str]) -> str:
    """Why a question needs no answer: what became of the criteria that look at it."""
    language = page_language()
    told = [
        _settled(result.requirement(id_), edition.requirement(id_).title.in_(language))
        for id_ in ids
    ]
    return "; ".join(dict.fromkeys(told))


def _settled(found: RequirementResult, title: str) -> str:
    if found.waived is not None:
        words = gettext("“%(title)s” is said not to apply", title=title)
    elif found.status is Status.NOT_APPLICABLE:
        words = gettext("“%(title)s” does not apply", title=title)
    elif found.verdict is Verdict.MET:
        words = gettext("“%(title)s” is met already", title=title)
    elif found.verdict is Verdict.MET_WITH_RESERVE:
        words = gettext("“%(title)s” is met with reserve all the same", title=title)
    elif found.verdict is Verdict.NOT_MET:
        words = gettext("“%(title)s” is not met, whatever is said here", title=title)
    else:
        words = gettext("the other answers decide on “%(title)s”", title=title)
    return str(words)


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
