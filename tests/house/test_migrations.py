"""What the migrations build is what the models mean."""

from flask import Flask

from registry.db import Model, db
from registry.migrations import check, upgrade


def test_migrations_and_models_agree(app: Flask) -> None:
    check(db.engine, Model.metadata)


def test_bringing_an_up_to_date_database_up_to_date_changes_nothing(app: Flask) -> None:
    upgrade(db.engine)
    check(db.engine, Model.metadata)
