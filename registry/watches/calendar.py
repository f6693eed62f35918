"""The ends of watched certificates as a calendar to subscribe to (RFC 5545, 7986)."""

from collections.abc import Iterable
from datetime import timedelta
from urllib.parse import urlsplit

from flask_babel import gettext
from icalendar import Alarm, Calendar, Event

from registry.certificates.rules import STANDS
from registry.clock import start_of
from registry.watches.queries import Supplier
from registry.web.standings import standing_look

DAY = timedelta(days=1)
#: How long ahead a calendar reminds; the notices by letter come besides.
REMINDER = timedelta(days=30)


def written(suppliers: Iterable[Supplier], base_url: str) -> bytes:
    """The calendar: a day for each certificate that stands, in the page's language."""
    made, name = Calendar(), gettext("Watched suppliers: ends of certificates")
    made.add("prodid", "-//Impact Registry//watch-list//IT")
    made.add("version", "2.0")
    made.add("name", name)
    made.add("x-wr-calname", name)  # what most programs read instead
    made.add("refresh-interval", DAY, parameters={"VALUE": "DURATION"})
    for one in suppliers:
        if one.standing.code in STANDS:
            made.add_component(_event(one, base_url))
    return bytes(made.to_ical())


def _event(one: Supplier, base_url: str) -> Event:
    summary = gettext(
        "Certificate of %(name)s: last day", name=f"{one.name} ({one.province})"
    )
    status = gettext(standing_look(one.standing.code).word)
    event = Event()
    event.add("uid", f"{one.number}-end@{urlsplit(base_url).hostname}")
    # Of what is told, not of the telling: the same calendar is the same bytes.
    event.add("dtstamp", start_of(one.standing.since))
    event.add("dtstart", one.valid_until)
    event.add("dtend", one.valid_until + DAY)
    event.add("summary", summary)
    event.add("description", f"{one.mark} · {one.number}: {status}")
    event.add("url", f"{base_url}/c/{one.number}")
    event.add("transp", "TRANSPARENT")
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", summary)
    alarm.add("trigger", -REMINDER)
    event.add_component(alarm)
    return event
