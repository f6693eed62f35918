"""How a case came before the committee: the milestones in the journal, in words."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from registry.applications.models import Application
from registry.errors import N_
from registry.journal import queries as journal

#: The acts that weigh on a decision; %(…)s are facts of the entry.
MILESTONES = {
    "application.submitted": N_("Submitted, protocol %(protocol)s"),
    "application.accepted": N_("Accepted by the secretariat"),
    "audit.assigned": N_("Given to an auditor"),
    "audit.declared": N_("The auditor declared to have no conflict of interest"),
    "audit.recused": N_("The auditor stepped back because of a tie"),
    "application.completion_asked": N_("The auditor asked for completion"),
    "application.completed": N_("The organisation completed"),
    "application.completion_expired": N_("The organisation did not complete in time"),
    "audit.reported": N_("The auditor reported"),
    "audit.sent_back": N_("The committee sent it back: %(reason)s"),
    "decision.taken": N_("The committee decided"),
}


@dataclass(frozen=True)
class Milestone:
    """One line of a timeline."""

    at: datetime
    text: str


def of(case: Application, say: Callable[..., str]) -> list[Milestone]:
    """The milestones of a case, oldest first; `say` translates."""
    return [
        Milestone(entry.at, say(MILESTONES[entry.verb], **entry.facts))
        for entry in journal.of_case(case.reference)
        if entry.verb in MILESTONES
    ]
