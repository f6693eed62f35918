"""The numbers of the home page, counted again only when something happened."""

from datetime import date

from flask import current_app

from registry.public import queries
from registry.public.queries import Numbers

KEPT = "registry.public.numbers"


def today(on: date) -> Numbers:
    """How things stand on the day `on`; exact, since every change adds an event."""
    version = (on, queries.version())
    kept: tuple[tuple[date, int], Numbers] | None = current_app.extensions.get(KEPT)
    if kept is None or kept[0] != version:
        kept = current_app.extensions[KEPT] = (version, queries.numbers(on))
    return kept[1]
