"""Until every room has its pages, something empty stands in.  To be deleted then."""

import importlib
import sys
import types
from typing import Any

from flask import Blueprint

ROOMS = (
    *("accounts", "organisations", "applications", "audits", "decisions"),
    *("certificates", "rechecks", "mail", "desk", "public", "api"),
)


def stand_in() -> None:
    _module("registry.accounts", "security", init_app=lambda app: None)
    for room, name in (
        ("files", "checking"),
        ("organisations", "queries"),
        ("organisations", "operations"),
        ("organisations", "rules"),
    ):
        _module(f"registry.{room}", name)
    for room in ROOMS:
        _module(f"registry.{room}", "views", blueprint=Blueprint(room, __name__))


def _module(package: str, name: str, **contents: Any) -> None:
    full = f"{package}.{name}"
    try:
        importlib.import_module(full)
    except ImportError as missing:
        sys.stderr.write(f"{full} cannot be imported yet: {missing}\n")
    else:
        return
    module = types.ModuleType(full)
    vars(module).update(contents, __getattr__=_anything)
    sys.modules[full] = module
    setattr(importlib.import_module(package), name, module)


def _anything(name: str) -> Any:
    if name.startswith("__"):
        raise AttributeError(name)
    return type(name, (Exception,), {})
