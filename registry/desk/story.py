"""The story of a case: every act in the journal, said in words."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from registry.accounts.models import SPEAKERS, Role, User
from registry.criteria.edition import Edition
from registry.db import db
from registry.errors import N_
from registry.journal.models import Entry
from registry.web.filters import day

#: What each act is called; %(…)s are facts of the entry.
ACTS = {
    "application.opened": N_("Application opened under edition %(edition)s"),
    "application.answered": N_("Answers saved"),
    "application.evidence_attached": N_(
        "Evidence attached: %(kind)s (SHA-256 %(sha256)s)"
    ),
    "application.evidence_detached": N_("Evidence taken out: %(kind)s"),
    "application.evidence_put_back": N_("Evidence put back: %(kind)s"),
    "application.submitted": N_("Submitted with protocol %(protocol)s"),
    "application.withdrawn": N_("Withdrawn by the applicant"),
    "application.accepted": N_("Accepted: it is in the scope of the mark"),
    "application.declined": N_("Declined: outside the scope of the mark"),
    "application.evaluation_begun": N_("Evaluation begun"),
    "application.completion_asked": N_("Completion asked: the clock stands still"),
    "application.completed": N_("Completed: the clock goes on"),
    "application.completion_expired": N_("The time to complete has passed"),
    "application.evaluated": N_("Handed to the committee"),
    "application.sent_back": N_("Sent back to the auditor"),
    "application.decided": N_("Case closed by the decision"),
    "application.archived": N_("Draft archived"),
    "audit.assigned": N_("Auditor assigned"),
    "audit.declared": N_("The auditor declared no conflict of interest"),
    "audit.recused": N_("The auditor stepped back for a conflict of interest"),
    "audit.verified": N_("Answer “%(name)s” verified"),
    "audit.judged": N_("Verdict given on “%(requirement)s”"),
    "audit.evidence_reviewed": N_("Evidence looked at"),
    "application.waived": N_("“%(requirement)s” claimed not to apply"),
    "application.unwaived": N_(
        "“%(requirement)s” applies after all, says the applicant"
    ),
    "audit.waiver_answered": N_("Claim that “%(requirement)s” does not apply answered"),
    "audit.reported": N_("Audit reported"),
    "audit.sent_back": N_("Audit opened again by the committee"),
    "application.moved": N_("Moved from edition %(before)s to %(edition)s"),
    "certificate.foretold": N_("Letter written ahead of what changes or lapses"),
    "evidence.read": N_("Evidence read"),
    "decision.taken": N_("Decision taken (grounds %(grounds)s)"),
    "certificate.reserved": N_("Certificate number %(number)s reserved"),
    "certificate.issued": N_("Certificate %(number)s issued and sealed"),
    "certificate.confirmed": N_("Certificate confirmed after the re-check"),
    "certificate.suspended": N_("Certificate suspended"),
    "certificate.ratified": N_("Suspension ratified by the committee"),
    "certificate.reinstated": N_("Certificate reinstated"),
    "certificate.withdrawn": N_("Certificate withdrawn for ever"),
    "certificate.ended": N_("Certificate given up by the holder"),
    "certificate.copy_asked": N_("Copy in another language asked for"),
    "certificate.copy_made": N_("Copy in another language sealed"),
    "certificate.superseded": N_("Superseded by %(by_number)s"),
    "certificate.reissue_asked": N_("To be issued again as %(number)s"),
    "certificate.reissue_dropped": N_("Not issued again: it is no longer in force"),
    "certificate.followed": N_("The re-checks go on under the new number"),
    "recheck.opened": N_("Re-check opened, due by %(due_on)s"),
    "recheck.reminded": N_("Reminder written"),
    "recheck.filed": N_("Re-check filed"),
    "recheck.closed": N_("Re-check closed"),
    "measure.proposed": N_("Measure put to the committee"),
    "measure.decided": N_("Measure decided by the committee"),
    "measure.lapsed": N_("Measure no longer needed"),
}
#: Many in a row are one act to a reader.
REPEATED = {"audit.verified", "audit.evidence_reviewed", "application.answered"}


@dataclass(frozen=True)
class Act:
    """One line of the story."""

    at: datetime
    text: str
    who: str


def tell(
    entries: Sequence[Entry],
    reader: User,
    edition: Edition,
    language: str,
    say: Callable[..., str],
) -> list[Act]:
    """
    The acts in words of `language`; `say` translates, `edition` names the criteria.

    The applicant's people read offices instead of the names of staff; repeated acts by
    the same person are told once.
    """
    people = _people({entry.by_id for entry in entries})
    inside = reader.is_a(
        Role.SECRETARIAT, Role.COMMITTEE, Role.AUDITOR, Role.ADMINISTRATOR
    )
    acts: list[Act] = []
    last: tuple[str, int] | None = None
    for entry in entries:
        if entry.verb in REPEATED and last == (entry.verb, entry.by_id):
            continue
        last = (entry.verb, entry.by_id)
        sentence = ACTS.get(entry.verb, entry.verb)
        who = _called(people[entry.by_id], reader, inside, say)
        facts = {n: _said(n, v, edition, language) for n, v in entry.facts.items()}
        acts.append(Act(entry.at, say(sentence, **facts), who))
    return acts


def _said(name: str, value: Any, edition: Edition, language: str) -> Any:
    """A fact as a person reads it: criteria by their title, days in words."""
    if name in {"sha256", "grounds"}:
        return f"{value[:16]}…"
    if name == "due_on":
        return day(date.fromisoformat(value))
    if name == "requirement":
        titles = {one.id: one.title.in_(language) for one in edition.requirements}
        return titles.get(value, value)
    if name == "kind" and value in edition.evidence:
        return edition.evidence[value].label.in_(language)
    return value


def _people(ids: set[int]) -> dict[int, User]:
    found = db.session.scalars(select(User).where(User.id.in_(ids)))
    return {user.id: user for user in found}


def _called(person: User, reader: User, inside: bool, say: Callable[..., str]) -> str:
    offices = [role for role in Role if person.is_a(role)]
    office = say(offices[0].label) if offices else ""
    staff = not person.is_a(*SPEAKERS)
    if person.is_a(Role.REGISTRY) or (staff and not inside and person.id != reader.id):
        return office
    return f"{person.name} · {office}" if office else person.name
