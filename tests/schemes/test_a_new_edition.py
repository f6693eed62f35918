"""criteria/README.md followed to the letter: from a copy of 2022 to an application."""

import dataclasses
import datetime as dt
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from registry.accounts.models import Role
from registry.applications.queries import open_of
from registry.clock import FixedClock
from registry.criteria.reader import read_all
from registry.editions.queries import open_on
from registry.mail.models import Letter
from registry.paths import CRITERIA
from registry.schemes.commands import criteria_cli
from registry.schemes.jobs import tell_holders
from registry.services import services
from tests import factories

SignIn = Callable[[Any], FlaskClient]
KEY, PAGE = "impact/2028", "/schemes/impact/2028"
OPENS = dt.datetime(2028, 1, 3, 9, tzinfo=dt.UTC)
HEAD = """in_force_from: 2028-01-01
replaces:
  edition: "2022"
  new_applications_until: 2028-06-30
  holders_until: 2029-12-31
"""
WORDS = "15 giorni per l’accertamento e 45 di tolleranza)."
#: What the policy officer changes in the copy: pairs of before and after.
CHANGES = [
    ('edition: "2022"', 'edition: "2028"'),
    ("in_force_from: 2022-11-19\n", HEAD),
    ("almeno il 10 % dei lavoratori", "almeno il 20 % dei lavoratori"),
    ("at least 10 % of the workers", "at least 20 % of the workers"),
    ("percent_at_least: 10}", "percent_at_least: 20}"),
    (WORDS, f"{WORDS} La riserva vuole una revisione di non più di 24 mesi prima."),
]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The folder of the criteria with the copy, not yet changed."""
    shutil.copytree(CRITERIA, tmp_path / "criteria")
    shutil.copytree(CRITERIA / "impact/2022", tmp_path / "criteria" / KEY)
    return tmp_path / "criteria"


def installed(app: Flask, root: Path) -> None:
    """The folder as an installation reads it when it starts."""
    doors = dataclasses.replace(services(), editions=read_all(root))
    app.extensions["registry"] = doors


def test_an_edition_is_written_tried_adopted_published_told_and_applied_under(
    app: Flask, db: Any, clock: FixedClock, sign_in: SignIn, root: Path
) -> None:
    holder = factories.certified(distinct_trained=2)  # of fourteen
    person = factories.person(Role.SCHEME_OWNER)

    def run(*arguments: str, code: int = 0) -> str:
        done = app.test_cli_runner().invoke(criteria_cli, list(arguments))
        assert done.exit_code == code, done.output
        return str(done.output)

    here = ("--root", str(root))
    assert "la cartella deve chiamarsi" in run("check", *here, code=1)
    path = root / KEY / "edition.yaml"
    text = path.read_text("utf-8")
    for before, after in CHANGES:
        assert before in text
        text = text.replace(before, after)
    path.write_text(text, "utf-8")

    assert run("check", *here) == "Nessun errore.\n"
    assert "almeno il 20\u00a0% di «Lavoratori in media" in run("read", KEY, *here)
    assert "professionale: più severo." in run("diff", "impact/2022", KEY, *here)

    installed(app, root)
    assert sign_in(person).post(f"{PAGE}/consult").status_code == 302
    clock.tick(days=30)
    owner = sign_in(person)
    assert "is to be adopted first" in run("publish", KEY, *here, code=1)
    assert "lo perderebbero: 1" in run("what-if", KEY, "--attach")
    assert holder.organisation.name in owner.get(f"{PAGE}/what-if").text
    assert owner.post(f"{PAGE}/adopt").status_code == 302
    assert run("publish", KEY, *here).startswith(f"edition {KEY}")

    installed(app, root)
    assert f"{KEY}: imported" in run("import")
    assert {one.key for one in open_on(services().editions, OPENS.date())} == {
        "impact/2022"
    }, "nobody was told yet"
    assert owner.post(f"{PAGE}/notify").status_code == 302
    assert tell_holders(clock.now()) == 1
    letter = db.session.scalars(
        select(Letter).where(Letter.event == "schemes/notified")
    ).one()
    assert "Formazione" in letter.body

    clock.at = OPENS
    made = factories.organisation()
    apply = sign_in(factories.representative(made))
    apply.post("/applications/new", data={"organisation": made.id})
    opened = open_of(made.id, "impact")
    assert opened is not None
    assert opened.edition == KEY
