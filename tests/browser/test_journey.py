"""The main story through a real browser: from the invitation to the second year."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from registry.accounts.models import Role
from registry.clock import FixedClock, add_months
from tests.browser.chromium import DESK, PHONE, ChromiumWindow, chromium, served
from tests.journeys import story
from tests.journeys.story import FIRST_WORDS, NAME, Cast
from tests.journeys.town import Town, apart
from tests.throwaway import Letterbox

pytestmark = pytest.mark.browser
DAY = timedelta(days=1)


@pytest.fixture
def town(
    app: Flask, clock: FixedClock, postman: Letterbox, editions: Any, typefaces: Any
) -> Iterator[Town]:
    """A town whose people look through Chromium; nothing may complain at the end."""
    app.config["WTF_CSRF_ENABLED"] = True
    with served(app) as site, chromium() as browser:
        windows: list[ChromiumWindow] = []

        def new_window() -> ChromiumWindow:
            # every second person holds a telephone
            width = PHONE if len(windows) % 2 else DESK
            viewport = {"width": width, "height": 900}
            context = browser.new_context(viewport=viewport, locale="it-IT")  # type: ignore[arg-type]
            windows.append(ChromiumWindow(context, site))
            return windows[-1]

        yield Town(app, clock, postman, editions["impact/2022"], new_window)
        assert [line for window in windows for line in window.said] == []


def test_from_the_invitation_to_the_missed_recheck(town: Town, seal: Any) -> None:
    cast = Cast.of(town)
    here = story.begin(cast.cooperative)
    cast.file(here)
    cast.cooperative.sees("Ricevuta", "P-2026-000001")
    cast.grant(here)
    number = cast.newest_number()
    cast.cooperative.window.follow(number)
    paper = cast.cooperative.window.download(
        cast.cooperative.window.link("Scarica il PDF")
    )
    apart(lambda: seal.validate(paper))
    cast.public.open("/it/")
    cast.public.window.fill(q=FIRST_WORDS)
    cast.public.window.press("Cerca")
    cast.public.window.follow(NAME)
    cast.public.sees(number, "Valido")
    cast.all_say(number, "valid")
    anniversary = add_months(town.today, 12)
    town.at(anniversary - 90 * DAY)
    story.waiting(cast.cooperative, "Presentare la verifica annuale")
    town.at(anniversary + 31 * DAY)
    cast.public = town.stranger()  # a browser may keep a public page for a minute
    cast.all_say(number, "suspended")
    story.judge_measure(cast.committee, "Sospensione da ratificare")
    boss = town.somebody(Role.ADMINISTRATOR, name="Aldo Amministratore")
    boss.open("/people")
    boss.sees("Giulia Morandi")
