"""When the demo refuses, and what it adds to try the speed."""

import dataclasses
from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import func, select

from registry.accounts.queries import the_registry
from registry.certificates.models import Certificate
from registry.db import db
from registry.demo.commands import demo_cli
from registry.demo.world import BEGUN
from registry.doctor import examine
from registry.editions.operations import keep_all
from registry.journal.operations import record
from registry.services import services
from registry.settings import Environment
from tests import factories


@pytest.fixture
def production(app: Flask) -> Iterator[None]:
    """The same doors, under production settings."""
    doors = services()
    settings = dataclasses.replace(doors.settings, environment=Environment.PRODUCTION)
    app.extensions["registry"] = dataclasses.replace(doors, settings=settings)
    yield
    app.extensions["registry"] = doors


@pytest.mark.parametrize(
    "words", [[], ["--if-empty"], ["--organisations", "5"], ["accounts"]]
)
def test_production_has_no_demo_and_says_by_which_setting(
    app: Flask, production: None, words: list[str]
) -> None:
    said = app.test_cli_runner().invoke(demo_cli, words)
    assert said.exit_code == 1
    assert "REGISTRY_ENVIRONMENT" in said.output
    assert db.session.scalar(select(func.count(Certificate.id))) == 0


def test_where_people_are_no_world_is_added(app: Flask) -> None:
    factories.person()
    db.session.commit()
    said = app.test_cli_runner().invoke(demo_cli, ["--if-empty"])
    assert said.exit_code == 0
    assert "There are people already" in said.output
    assert app.test_cli_runner().invoke(demo_cli, []).exit_code == 1


def test_a_world_broken_off_is_not_taken_for_a_whole_one(app: Flask) -> None:
    machine = the_registry()
    record(BEGUN, machine, by=machine, at=services().clock.now())
    db.session.commit()
    said = app.test_cli_runner().invoke(demo_cli, ["--if-empty"])
    assert said.exit_code == 1
    assert "delete the data folder" in said.output


def test_bare_rows_leave_the_doctor_content(app: Flask) -> None:
    keep_all(services().editions, by=the_registry(), at=services().clock.now())
    said = app.test_cli_runner().invoke(demo_cli, ["--organisations", "60"])
    assert said.exit_code == 0, said.output
    assert db.session.scalar(select(func.count(Certificate.id))) == 60
    assert not {code: found for code, found in examine().items() if found}
