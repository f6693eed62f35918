"""What the company of the demo world has set up: a key in use, suppliers it watches."""

from datetime import timedelta

from registry.db import db
from registry.demo.acts import Stage
from registry.demo.cast import cooperatives
from registry.demo.people import COMPANY
from registry.keys import operations as keys
from registry.organisations.queries import spoken_for_by
from registry.verification.questions import By
from registry.watches import operations as watches
from registry.watches.secrecy import the_secrecy

DAY = timedelta(days=1)
#: Identifiers asked about on each of the last days; letters older than a week would
#: have been brought.
ASKED = (1, 40, 38, 240, 58, 91)
WATCHED = 14


def set_up(stage: Stage) -> None:
    """A key with some days of use, and a watch-list."""
    buyer = stage.user(COMPANY.email)
    (company,) = spoken_for_by(buyer)
    begun_at = stage.at - len(ASKED) * DAY
    key, _ = keys.create(
        company, "Gestionale acquisti", ["verify", "bulk"], by=buyer, at=begun_at
    )
    for number, items in enumerate(ASKED, start=1):
        at = begun_at + number * DAY
        keys.count(db.session.connection(), key.id, items=items, at=at)
    numbers: list[tuple[By, str]] = [
        ("vat", one.vat) for one in cooperatives()[:WATCHED]
    ]
    secrecy = the_secrecy()
    watches.watch(company, numbers, secrecy=secrecy, by=buyer, at=begun_at)
