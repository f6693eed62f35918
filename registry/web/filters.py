"""Days, numbers and words as people read them."""

import enum
from datetime import date, datetime
from typing import Any

from flask import Flask
from flask_babel import format_date, format_datetime, format_decimal, gettext

from registry.clock import ROME, civil_day
from registry.web.language import page_language
from registry.web.standings import standing_look, state_look, verdict_look


def day(value: date | datetime | None) -> str:
    """A day in words: 12 ottobre 2026. Moments are told by their day in Rome."""
    if value is None:
        return "—"
    on = civil_day(value) if isinstance(value, datetime) else value
    return str(format_date(on, "d MMMM y", rebase=False))


def month(value: date) -> str:
    """The month of a day, as a heading: Ottobre 2026."""
    said = str(format_date(value, "LLLL y", rebase=False))
    return said[:1].upper() + said[1:]


def moment(value: datetime | None) -> str:
    """A moment in words, by the clock of Rome: 12 ottobre 2026, 09:30."""
    if value is None:
        return "—"
    return str(format_datetime(value.astimezone(ROME), "d MMMM y, HH:mm", rebase=False))


def vat(value: str | None) -> str:
    """A partita IVA in groups a person can read aloud: 0123 456 7890."""
    if not value:
        return "—"
    if len(value) != 11 or not value.isdigit():
        return value
    return f"{value[:4]} {value[4:7]} {value[7:]}"


def text(value: Any) -> str:
    """A text of the criteria in the language of the page."""
    return str(value.in_(page_language()))


def word(value: Any) -> str:
    """A marked word, or the label of an enum member, in the language of the page."""
    label = getattr(value, "label", value) if isinstance(value, enum.Enum) else value
    return str(gettext(str(label)))


def whole(value: int) -> str:
    """A whole number with its thousands apart: 50.000."""
    return str(format_decimal(value))


def init_app(app: Flask) -> None:
    """Give templates the filters and the looks of statuses."""
    app.jinja_env.filters.update(
        day=day, month=month, moment=moment, vat=vat, text=text, word=word, whole=whole
    )
    app.jinja_env.globals.update(
        standing_look=standing_look, state_look=state_look, verdict_look=verdict_look
    )
