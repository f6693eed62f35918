"""A town for every story."""

from typing import Any

import pytest
from flask import Flask

from registry.clock import FixedClock
from tests.journeys.town import Town
from tests.journeys.window import PlainWindow
from tests.throwaway import Letterbox


@pytest.fixture
def town(
    app: Flask, clock: FixedClock, postman: Letterbox, editions: Any, typefaces: Any
) -> Town:
    """Everybody looks through a window without script; forms need their tokens."""
    app.config["WTF_CSRF_ENABLED"] = True
    edition = editions["impact/2022"]
    return Town(app, clock, postman, edition, lambda: PlainWindow(app))
