"""The receipt of what was handed over: from the journal, so it never changes."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from flask import render_template
from flask_babel import gettext

from registry.applications import queries
from registry.applications.models import Application
from registry.applications.reading import Said, said_of_json
from registry.criteria.edition import Edition
from registry.errors import N_, NotFound
from registry.paper import Paper
from registry.paths import TEMPLATES
from registry.web.language import page_language

STYLE = TEMPLATES / "applications" / "receipt_paper.css"


class NothingSubmitted(NotFound):
    """A draft has no receipt."""


@dataclass(frozen=True)
class HandedOver:
    """A piece of evidence as it was handed over: its kind and its hash."""

    kind: str
    sha256: str
    name: str


@dataclass
class Receipt:
    """Protocol, time, hash, answers and files of a submission as they were then."""

    application: Application
    edition: Edition
    submitted_at: datetime
    sha256: str
    organisation: str
    vat: str | None
    declaration: str
    content: dict[str, Any]
    #: Replies to completion requests: when, and the hash of everything then.
    completed: list[tuple[datetime, str]]

    @classmethod
    def of(cls, application: Application, edition: Edition) -> "Receipt":
        """The receipt; raises NothingSubmitted for a draft."""
        entries = queries.submissions(application)
        if not entries:
            raise NothingSubmitted(N_("Nothing was submitted yet."))
        first, *later = entries
        return cls(
            application,
            edition,
            first.at,
            first.facts["sha256"],
            first.facts["organisation"],
            first.facts["vat"],
            first.facts["declaration"],
            first.facts["content"],
            [(one.at, one.facts["sha256"]) for one in later],
        )

    @property
    def protocol(self) -> str:
        return str(self.application.protocol)

    @cached_property
    def answers(self) -> list[Said]:
        """What was answered, in words."""
        return said_of_json(self.edition, self.content["answers"])

    def answers_in(self, section: str) -> list[Said]:
        here = self.edition.answers_in(section)
        return [one for one in self.answers if one.name in here]

    @property
    def waivers(self) -> list[tuple[str, str]]:
        """The criteria claimed not to apply, each with the reason."""
        language, claimed = page_language(), self.content.get("waivers", {})
        return [
            (one.title.in_(language), claimed[one.id])
            for one in self.edition.requirements
            if one.id in claimed
        ]

    @property
    def files(self) -> list[HandedOver]:
        """The documents, each with the hash of its bytes."""
        names = {p.file.sha256: p.file.name for p in self.application.evidence}
        return [
            HandedOver(
                self.edition.evidence[one["kind"]].label.in_(page_language()),
                one["sha256"],
                names.get(one["sha256"], ""),
            )
            for one in self.content["evidence"]
        ]

    def paper(self, paper: Paper) -> bytes:
        """The receipt as PDF; the same receipt gives the same bytes."""
        html = render_template("applications/receipt_paper.html", receipt=self)
        return paper.print(
            html,
            STYLE.read_text(encoding="utf-8"),
            {},
            title=gettext("Receipt %(protocol)s", protocol=self.protocol),
            created=self.submitted_at,
            author="Registro Impact",
        )
