"""The parameters of an edition as a table: what each is called, and its value."""

from flask_babel import ngettext

from registry.criteria.edition import Edition
from registry.errors import N_

MONTHS = {
    "certificate_months": N_("How long a certificate lasts"),
    "recheck_months": N_("How often it is re-checked"),
    "suspension_months": N_("Longest suspension before withdrawal is proposed"),
}
DAYS = {
    "recheck_opens_days": N_("The re-check opens before the anniversary"),
    "grace_days": N_("Days of grace after the anniversary"),
    "ratify_days": N_("The committee ratifies a suspension within"),
    "completion_days": N_("Time to answer a completion request"),
    "decision_days": N_("Term for the decision"),
    "idle_days": N_("A draft left alone is archived after"),
    "corrective_days": N_("Longest corrective action on a minor requirement"),
}
PLAIN = {
    "completion_rounds": N_("Completion requests, at most"),
    "max_reserves": N_("Requirements met with reserve, at most"),
    "small_number": N_("Smallest number shown in statistics"),
}


def of(edition: Edition) -> list[tuple[str, str, str]]:
    """Name, label (to be translated) and value of each parameter."""
    given = edition.parameters
    letters = ", ".join(f"{day:+d}" if day else "0" for day in given.reminder_days)
    return [
        *(
            (
                name,
                label,
                ngettext("%(num)s month", "%(num)s months", _n(edition, name)),
            )
            for name, label in MONTHS.items()
        ),
        *(
            (name, label, ngettext("%(num)s day", "%(num)s days", _n(edition, name)))
            for name, label in DAYS.items()
            if getattr(given, name) is not None
        ),
        (
            "reminder_days",
            N_("Letters of reminder, in days from the anniversary"),
            letters.replace("-", "−"),
        ),
        *((name, label, str(_n(edition, name))) for name, label in PLAIN.items()),
    ]


def _n(edition: Edition, name: str) -> int:
    return int(getattr(edition.parameters, name))
