"""Months and days as Italian law counts them."""

import datetime as dt
from calendar import monthrange

FOREVER = dt.date.max
NEVER = dt.date.min
DAY = dt.timedelta(days=1)


def add_months(day: dt.date, months: int) -> dt.date:
    """The same day number `months` later; in a shorter month, its last day.

    Civil code art. 2963, paragraphs 4 and 5. The extension for holidays of
    paragraph 3 is not applied. Beyond the calendar the first or last day is given.
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if year > dt.MAXYEAR:
        return FOREVER
    if year < dt.MINYEAR:
        return NEVER
    last = monthrange(year, month + 1)[1]
    return dt.date(year, month + 1, min(day.day, last))


def age(day: dt.date, on: dt.date) -> tuple[int, int]:
    """Whole months and remaining days from `day` to `on` (`day` not after `on`)."""
    months = (on.year - day.year) * 12 + on.month - day.month
    if add_months(day, months) > on:
        months -= 1
    return months, (on - add_months(day, months)).days
