"""The people of a story, the clock they live by, and the letters they get."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from flask import Flask
from passlib.totp import TOTP

from registry.accounts.models import Role
from registry.accounts.queries import by_email
from registry.clock import FixedClock, civil_day
from registry.criteria.edition import Edition
from registry.db import db
from registry.timetable import TIMETABLE
from tests.accounts.people import PASSWORD, person
from tests.journeys.window import Window, evened
from tests.throwaway import Letterbox

DAY = timedelta(days=1)


@dataclass
class Visitor:
    """Somebody at a window; who has an account signs in again when asked to."""

    town: "Town"
    window: Window
    email: str = ""
    secret: str = ""

    def open(self, address: str, *, expect: int = 200) -> None:
        self.window.open(address, expect=expect)
        if self.email and self.window.address.startswith("/sign-in"):
            self.sign_in()
            self.window.open(address, expect=expect)

    def sees(self, *words: str) -> None:
        """All of these are on the page."""
        text = self.window.text
        for one in words:
            assert evened(one) in text, (
                f"“{one}” is not on {self.window.address}: {text}"
            )

    def does_not_see(self, *words: str) -> None:
        for one in words:
            assert one not in self.window.text, one

    def accept_invitation(self, name: str = "") -> None:
        """From the letter to the account."""
        letter = self.town.latest(self.email, "invit")
        (link,) = re.findall(r"http://localhost(/invitation/\S+)", letter)
        self.window.open(link)
        self.window.fill(password=PASSWORD)
        self.window.press("Apri l’accesso")

    def sign_in(self) -> None:
        """With the password, and for staff with a code, set up the first time."""
        self.town.half_a_minute_passed(self.email)
        self.window.open("/sign-in")
        self.window.fill(email=self.email, password=PASSWORD)
        self.window.press("Accedi")
        if self.window.address.startswith("/account/second-factor"):
            self.window.press("Imposta il secondo fattore")
            found = re.search(r"Chiave:\s*([A-Z2-7=-]+)", self.window.text)
            assert found
            self.secret = found[1]
            self.window.fill(code=self.town.code(self.secret))
            self.window.press("Conferma il codice")
        elif self.window.address.startswith("/sign-in/code"):
            self.window.fill(code=self.town.code(self.secret))
            self.window.press("Accedi")


@dataclass
class Town:
    """Where a story happens."""

    app: Flask
    clock: FixedClock
    letterbox: Letterbox
    edition: Edition
    new_window: Callable[[], Window]
    visitors: dict[str, Visitor] = field(default_factory=dict)

    # --- people ---------------------------------------------------------------

    def stranger(self) -> Visitor:
        """Somebody without an account."""
        return Visitor(self, self.new_window())

    def invited(self, email: str) -> Visitor:
        """Somebody with a letter."""
        self.visitors[email] = Visitor(self, self.new_window(), email)
        return self.visitors[email]

    def somebody(self, *roles: Role, name: str) -> Visitor:
        """Somebody who joined before the story begins."""
        user = person(*roles, name=name)
        made = Visitor(self, self.new_window(), user.email, user.tf_totp_secret or "")
        db.session.commit()
        return made

    def code(self, secret: str) -> str:
        """What the app on the telephone shows."""
        factory = self.app.extensions["security"].totp_factory
        if secret.startswith("{"):
            return str(factory.generate_totp_password(secret))
        return str(TOTP(key=secret).generate().token)

    def half_a_minute_passed(self, email: str) -> None:
        """A code opens once, and codes follow the wall clock, not that of the story."""
        user = by_email(email)
        assert user is not None
        user.tf_last_counter = None
        db.session.commit()

    # --- time -----------------------------------------------------------------

    @property
    def today(self) -> date:
        return civil_day(self.clock.now())

    def wait(self, days: int = 0, *, hours: int = 0) -> None:
        """Let time pass; the jobs of that hour do their work."""
        self.clock.tick(days=days, hours=hours)
        self.wake()

    def at(self, day: date, hour: int = 9) -> None:
        """Go to a day, at an hour in UTC."""
        self.clock.at = datetime(day.year, day.month, day.day, hour, tzinfo=UTC)
        self.wake()

    def wake(self) -> None:
        """Every job of the timetable, in its order, at this moment."""
        db.session.commit()
        apart(self._work)
        db.session.expire_all()

    def _work(self) -> None:
        with self.app.app_context():
            for job in TIMETABLE:
                job.work(self.clock.now())
            db.session.remove()

    # --- letters --------------------------------------------------------------

    def letters(self, email: str) -> list[str]:
        """Subjects and words of what was brought to an address, oldest first."""
        self.wake()
        found = self.letterbox.to(email)
        return [f"{one['Subject']}\n{_plain(one)}" for one in found]

    def latest(self, email: str, about: str) -> str:
        """The last letter to an address whose subject speaks of something."""
        found = [
            one
            for one in self.letters(email)
            if about.lower() in one.partition("\n")[0].lower()
        ]
        assert found, [one.partition("\n")[0] for one in self.letters(email)]
        return found[-1]


def apart(work: Callable[[], Any]) -> Any:
    """
    Do something in a thread of its own: the jobs run beside the pages, and what drives
    a browser suffers no second asyncio loop (pyHanko’s) in its thread.
    """
    with ThreadPoolExecutor(1) as hands:
        return hands.submit(work).result()


def _plain(letter: Any) -> str:
    body = letter.get_body(preferencelist=("plain",))
    return str(body.get_content())
