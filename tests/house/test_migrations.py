"""What the migrations build is what the models mean."""

import importlib

from flask import Flask

from registry.db import Model, db
from registry.migrations import check, upgrade
from registry.paths import PACKAGE


def test_migrations_and_models_agree(app: Flask) -> None:
    for models in PACKAGE.glob("*/models.py"):
        importlib.import_module(f"registry.{models.parent.name}.models")
    check(db.engine, Model.metadata)


def test_bringing_an_up_to_date_database_up_to_date_changes_nothing(app: Flask) -> None:
    upgrade(db.engine)
    test_migrations_and_models_agree(app)
