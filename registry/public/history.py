"""The life of an edition as its page tells it: its state, and what changed."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from markupsafe import Markup, escape

from registry.criteria.edition import Edition
from registry.criteria.reader import Editions, is_running
from registry.editions.models import EditionState
from registry.editions.rules import Lives, last_act, successor, told
from registry.errors import N_, NotFound
from registry.paths import CRITERIA
from registry.public.open_data import StateCode

#: What is written so in CHANGES.md: **strong** and `as typed`.
MARKS = re.compile(r"\*\*(.+?)\*\*|`(.+?)`")


@dataclass(frozen=True)
class State:
    """Where an edition is in its life, in words, and the day it counts from."""

    code: StateCode
    word: str
    tone: str
    icon: str
    sentence: str
    day: date | None = None

    @property
    def is_draft(self) -> bool:
        return self.code == "draft"


def known(scheme: str, edition: str, editions: Editions) -> Edition:
    """A published edition or a draft that can be read. Raises NotFound."""
    key = f"{scheme}/{edition}"
    found = editions.get(key) or editions.drafts.get(key)
    if found is None:
        raise NotFound(N_("There is no such edition."))
    return found


def state_of(edition: Edition, editions: Editions, lives: Lives, today: date) -> State:
    """Draft, to come, in force, or replaced by its successor."""
    known_to, events = told(lives), lives.get(edition.key, ())
    if edition.key not in editions and last_act(events) is EditionState.CONSULTATION:
        return State(
            "draft",
            N_("draft, open for comments"),
            "wait",
            "pen",
            N_("Since %(day)s: comments go to the body that keeps the register."),
            events[-1].on,
        )
    if edition.key not in editions:
        return State(
            "draft",
            N_("draft, not in force"),
            "wait",
            "pen",
            N_("Nobody can apply under a draft, and it may still change."),
        )
    if not is_running(edition, max(today, edition.in_force_from), known_to):
        words = N_("It comes into force only after every holder has been told.")
        return State(
            "to_come", N_("published, not in force yet"), "info", "clock", words
        )
    if today < edition.in_force_from:
        return State(
            "to_come",
            N_("published, not in force yet"),
            "info",
            "clock",
            N_("In force from %(day)s"),
            edition.in_force_from,
        )
    newer = successor(edition, editions)
    if newer and newer.replaces and is_running(newer, today, known_to):
        last = newer.replaces.new_applications_until
        if last < today:
            words = N_("No new applications since %(day)s")
            return State("replaced", N_("replaced"), "calm", "end", words, last)
    day = edition.in_force_from
    words = N_("In force from %(day)s")
    return State("in_force", N_("in force"), "good", "check", words, day)


def announced(
    edition: Edition, editions: Editions, lives: Lives, today: date
) -> Edition | None:
    """The edition that takes over from this one on a day still to come."""
    newer = successor(edition, editions)
    if newer is None or newer.key not in told(lives) or newer.in_force_from <= today:
        return None
    return newer


def of_scheme(scheme: str, editions: Editions) -> list[Edition]:
    """Every edition of a scheme, drafts too, the oldest first."""
    found = [*editions.values(), *editions.drafts.values()]
    mine = [one for one in found if one.scheme == scheme]
    return sorted(mine, key=lambda one: (one.in_force_from, one.edition))


def all_of(editions: Editions) -> list[Edition]:
    """Every edition, those published first, each group newest first."""
    published = sorted(
        editions.values(), key=lambda one: one.in_force_from, reverse=True
    )
    return published + sorted(editions.drafts.values(), key=lambda one: one.key)


@dataclass(frozen=True)
class Block:
    """A heading, a paragraph or a list of a note on changes, as safe markup."""

    kind: str  # "heading", "paragraph" or "list"
    lines: tuple[Markup, ...]


def changes(edition: Edition) -> list[Block]:
    """The note CHANGES.md beside an edition, in Italian; nothing where it lacks."""
    path = CRITERIA / edition.key / "CHANGES.md"
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    return list(_blocks(text))


def _blocks(text: str) -> Iterator[Block]:
    for part in re.split(r"\n\s*\n", text.strip()):
        if part.startswith("#"):
            yield Block("heading", (_marked(part.lstrip("# ")),))
        elif part.startswith("- "):
            items = re.split(r"\n- ", part.removeprefix("- "))
            yield Block("list", tuple(_marked(" ".join(i.split())) for i in items))
        elif part:
            yield Block("paragraph", (_marked(" ".join(part.split())),))


def _marked(text: str) -> Markup:
    found, start = Markup(""), 0
    for mark in MARKS.finditer(text):
        found += escape(text[start : mark.start()])
        tag, inside = ("strong", mark[1]) if mark[1] else ("code", mark[2])
        found += Markup("<{0}>{1}</{0}>").format(tag, inside)
        start = mark.end()
    return found + escape(text[start:])
