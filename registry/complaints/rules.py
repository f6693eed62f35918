"""Questions about a doubt: until when it waits, who may look into it, what is told."""

from datetime import date, datetime, timedelta

from registry.accounts.models import Role, User
from registry.clock import add_months, civil_day
from registry.complaints.models import TOLD, Act, Complaint, ComplaintState
from registry.organisations.rules import represents

#: How soon somebody hears whether their doubt is admissible; ours, ISO/IEC 17065 7.13
#: gives no term.
WORKING_DAYS = 5
#: Months after its end for which the words and the address are kept; ours.
KEPT_MONTHS = 24
SHORTEST, LONGEST = 20, 4000
#: Doubts one network address may report in an hour, and all together.
FROM_ADDRESS, ALTOGETHER = "5 per hour", "200 per hour"
#: L. 260/1949 as it is today, but for Easter Monday: month and day.
HOLIDAYS = {
    *((1, 1), (1, 6), (4, 25), (5, 1), (6, 2), (8, 15)),
    *((10, 4), (11, 1), (12, 8), (12, 25), (12, 26)),
}
DAY = timedelta(days=1)


def is_working_day(day: date) -> bool:
    """Monday to Friday, unless a holiday of the State."""
    holiday = (day.month, day.day) in HOLIDAYS or day == easter(day.year) + DAY
    return day.weekday() < 5 and not holiday


def easter(year: int) -> date:
    """Easter Sunday of a year (the Gregorian computus as J. Meeus gives it)."""
    century, rest = divmod(year, 100)
    moon = (
        19 * (year % 19) + century - century // 4 - (8 * century + 13) // 25 + 15
    ) % 30
    moon -= moon // 28 * (1 - 29 // (moon + 1) * ((21 - year % 19) // 11))
    week = (32 + 2 * (century % 4) + 2 * (rest // 4) - moon - rest % 4) % 7
    shift = moon + week - 7 * ((year % 19 + 11 * moon + 22 * week) // 451)
    return date(year, 3, 22) + timedelta(days=shift)


def answer_by(received_on: date) -> date:
    """The last day to say whether a doubt is admissible: the fifth working day."""
    day, left = received_on, WORKING_DAYS
    while left:
        day += DAY
        left -= is_working_day(day)
    return day


def is_open(complaint: Complaint) -> bool:
    return complaint.state in {ComplaintState.RECEIVED, ComplaintState.ADMISSIBLE}


def is_late(complaint: Complaint, on: date) -> bool:
    """Whether the person still waits to hear if it is admissible, and too long."""
    return complaint.state is ComplaintState.RECEIVED and complaint.answer_by_on < on


def may_handle(complaint: Complaint, user: User, took_part: bool) -> bool:
    """
    The secretariat, but nobody who took part in the certification of that holder or
    speaks for it (ISO/IEC 17065, 7.13.5).
    """
    return (
        user.is_a(Role.SECRETARIAT)
        and not took_part
        and represents(user, complaint.organisation) is None
    )


def told(complaint: Complaint) -> list[Act]:
    """What the person who raised the doubt may read, in order."""
    return [act for act in complaint.acts if act.kind in TOLD]


def ended_before(at: datetime) -> date:
    """Doubts that ended before this day are forgotten at `at`."""
    return add_months(civil_day(at), -KEPT_MONTHS)
