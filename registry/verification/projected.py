"""What a certificate is worth by its projection, as either driver gives the row."""

from datetime import date
from functools import lru_cache
from typing import Any

from registry.certificates.standing import Code, Course, Standing, on_day
from registry.verification.driver import day

#: Each certificate of a scheme that the organisation `o` has, with its projection.
OF_SCHEME = """LEFT JOIN certificates c
  ON c.organisation_id = o.id AND c.state = 'issued' AND c.scheme = :scheme
LEFT JOIN certificate_projection p ON p.certificate_id = c.id"""
#: What `worth` takes of a projection, before the day.
COURSE = "p.code, p.since_on, p.reason_code, p.in_update_from, p.valid_until"


@lru_cache(maxsize=65_536)
def worth(
    code: str, since: Any, reason: str | None, update: Any, until: Any, on: date
) -> tuple[Standing, date]:
    """
    The standing on a day, and the last day of validity.

    `on` is not before the last event was recorded: no event is recorded before its day,
    but for an update, which the projection keeps as a day to come.  Most certificates
    share their days with others, so it is worked out once for each.
    """
    course = Course(Code(code), day(since), reason, day(update) if update else None)
    return on_day(course, day(until), on), day(until)
