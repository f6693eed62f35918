"""Until every room has its pages, an empty blueprint stands in.  To be deleted then."""

import importlib.util
import sys
import types

from flask import Blueprint

ROOMS = (
    *("accounts", "organisations", "applications", "audits", "decisions"),
    *("certificates", "rechecks", "mail", "desk", "public", "api"),
)


def stand_in() -> None:
    for room in ROOMS:
        if importlib.util.find_spec(f"registry.{room}.views") is None:
            views = types.ModuleType(f"registry.{room}.views")
            views.blueprint = Blueprint(room, __name__)  # type: ignore[attr-defined]
            sys.modules[views.__name__] = views
            sys.modules[f"registry.{room}"] = importlib.import_module(
                f"registry.{room}"
            )
            sys.modules[f"registry.{room}"].views = views  # type: ignore[attr-defined]
