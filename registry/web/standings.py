"""How each status is said and shown: one table of words, tones and whose move it is."""

from dataclasses import dataclass

from registry.errors import N_


@dataclass(frozen=True)
class Look:
    """A word to translate, a tone of colour, an icon, and who acts next, if anyone."""

    word: str
    tone: str
    icon: str
    move: str | None = None


ORGANISATION = N_("the organisation")
SECRETARIAT = N_("the secretariat")
AUDITOR = N_("the auditor")
COMMITTEE = N_("the committee")

#: The answers about a certificate, of DECISIONS.md "Words and places".
STANDINGS = {
    "valid": Look(N_("Valid"), "good", "check"),
    "in_update": Look(N_("In update"), "wait", "clock", COMMITTEE),
    "suspended": Look(N_("Suspended"), "stop", "pause", ORGANISATION),
    "withdrawn": Look(N_("Certificate withdrawn"), "stop", "cross"),
    "expired": Look(N_("Expired"), "calm", "clock"),
    "ended_by_holder": Look(N_("Ended by the holder"), "calm", "end"),
    "superseded": Look(N_("Superseded"), "plum", "arrow"),
    "never_certified": Look(N_("Never certified"), "calm", "none"),
}
#: What a row of a company's list may be told instead.
ROWS = {
    "to_confirm": Look(N_("Name to confirm"), "wait", "pen"),
    "not_found": Look(N_("No such name found"), "calm", "none"),
    "unreadable": Look(N_("Number wrong"), "wait", "warning"),
    "nothing": Look(N_("Nothing to look for"), "calm", "none"),
}
#: The states of an application, of lifecycles.md §1.
STATES = {
    "draft": Look(N_("Draft"), "calm", "pen", ORGANISATION),
    "submitted": Look(N_("Submitted"), "info", "arrow", SECRETARIAT),
    "declined": Look(N_("Declined"), "stop", "cross"),
    "accepted": Look(N_("Accepted"), "info", "check", SECRETARIAT),
    "in_evaluation": Look(N_("In evaluation"), "info", "eye", AUDITOR),
    "integration": Look(N_("Completion requested"), "wait", "pen", ORGANISATION),
    "evaluated": Look(N_("Evaluated"), "info", "file", COMMITTEE),
    "granted": Look(N_("Granted"), "good", "check"),
    "granted_with_conditions": Look(
        N_("Granted with conditions"), "good", "check", ORGANISATION
    ),
    "refused": Look(N_("Refused"), "stop", "cross"),
    "withdrawn": Look(N_("Application withdrawn"), "calm", "end"),
    "archived": Look(N_("Archived"), "calm", "none"),
}
VERDICTS = {
    "met": Look(N_("Met"), "good", "check"),
    "met_with_reserve": Look(N_("Met with reserve"), "wait", "check"),
    "not_met": Look(N_("Not met"), "stop", "cross"),
    "pending": Look(N_("Not yet known"), "calm", "clock"),
    "not_applicable": Look(N_("Does not apply"), "calm", "none"),
}


def standing_look(code: str) -> Look:
    """How the standing `code` of a certificate is shown."""
    return STANDINGS[str(code)]


def state_look(code: str) -> Look:
    """How the state `code` of an application is shown."""
    return STATES[str(code)]


def verdict_look(code: str) -> Look:
    """How the verdict `code` on a criterion is shown."""
    return VERDICTS[str(code)]
