"""The company of the demo world has a key in use and watches cooperatives."""

from datetime import timedelta

from registry.accounts.queries import by_email
from registry.db import db
from registry.demo import world
from registry.demo.people import COMPANY, the_staff
from registry.demo.programs import WATCHED, set_up
from registry.keys import queries as keys
from registry.mail.models import Letter
from registry.organisations.queries import spoken_for_by
from registry.watches import queries as watches


def test_what_the_company_has_set_up(app, clock):
    stage = world._stage(clock.now())
    the_staff(stage)
    set_up(stage)
    buyer = by_email(COMPANY.email)
    (company,) = spoken_for_by(buyer)
    [key] = keys.listed(buyer)
    assert sum(day.items for day in keys.usage(key, stage.today, 30)) > 400
    assert watches.size(company) == WATCHED
    week = clock.now() - timedelta(days=7)
    letters = db.session.query(Letter).filter_by(event="keys/created").all()
    assert letters
    assert all(letter.written_at > week for letter in letters)
