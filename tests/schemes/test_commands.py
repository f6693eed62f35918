"""`registry criteria import|what-if|publish|replay`."""

import json
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from registry.accounts.queries import the_registry
from registry.criteria.publishing import canonical, replay, tables_then
from registry.criteria.reader import Editions, read_all
from registry.criteria.tables import newest_contracts, read_contracts
from registry.decisions.grounds import sha256
from registry.editions import operations, queries
from registry.paths import CRITERIA
from registry.schemes.commands import criteria_cli
from registry.schemes.queries import decided
from registry.services import services
from tests import factories
from tests.conftest import ON_POSTGRESQL


def run(app: Flask, *arguments: str) -> Any:
    return app.test_cli_runner().invoke(criteria_cli, list(arguments))


def test_import_keeps_every_published_edition_once(app: Flask) -> None:
    first, second = run(app, "import"), run(app, "import")
    assert "impact/2022: imported" in first.output
    assert "impact/2022: kept already" in second.output
    assert len(queries.copies_of("impact/2022")) == 1


def test_a_what_if_writes_nothing_unless_asked_to(
    app: Flask, editions: Editions
) -> None:
    factories.certified()
    draft = editions.drafts["impact/2026"]
    assert "Oggi conformi: 1" in run(app, "what-if", draft.key).output
    assert queries.attached(draft) is None
    done = run(app, "what-if", draft.key, "--attach")
    kept = queries.attached(draft)
    assert kept is not None
    assert kept.sha256 in done.output
    assert kept.summary["passed"] == 1


def test_a_first_edition_has_nothing_to_be_compared_with(app: Flask) -> None:
    done = run(app, "what-if", "impresa-solidale/2026")
    assert done.exit_code == 1
    assert "takes over from no published edition" in done.output


def test_an_unknown_edition_is_refused_in_words(app: Flask) -> None:
    done = run(app, "what-if", "impact/1999")
    assert done.exit_code == 1
    assert "There is no such edition" in done.output


def test_publishing_uses_the_what_if_that_was_attached(
    app: Flask, tmp_path: Path
) -> None:
    root = tmp_path / "criteria"
    shutil.copytree(CRITERIA, root)
    refused = run(app, "publish", "impact/2026", "--root", str(root))
    assert refused.exit_code == 1
    assert "impact/2026" not in read_all(root)
    run(app, "what-if", "impact/2026", "--attach")
    done = run(app, "publish", "impact/2026", "--root", str(root))
    assert "adopted first" in done.output
    draft, by = services().editions.drafts["impact/2026"], the_registry()
    operations.consult(draft, by=by, at=factories.LONG_AGO - 30 * factories.DAY)
    operations.adopt(draft, by=by, at=factories.LONG_AGO)
    done = run(app, "publish", "impact/2026", "--root", str(root))
    assert done.exit_code == 0, done.output
    assert "impact/2026" in read_all(root)


def test_a_decided_case_comes_out_identical(app: Flask) -> None:
    certificate = factories.certified()
    done = run(app, "replay", certificate.number)
    assert done.exit_code == 0, done.output
    assert "identical" in done.output
    protocol = certificate.application.protocol
    assert run(app, "replay", protocol).exit_code == 0


def test_a_case_comes_out_identical_from_the_copy_alone(app: Flask) -> None:
    certificate = factories.certified()
    run(app, "import")
    decision = decided(certificate.number)
    nothing = Editions({}, {})
    again = queries.edition_by_digest(
        "impact/2022", decision.grounds["edition_digest"], nothing
    ).with_tables(tables_then(decision.grounds, CRITERIA))
    assert replay(decision.grounds, again) == canonical(decision.grounds)


def test_a_case_is_worked_out_again_with_the_table_of_its_time(
    app: Flask, tmp_path: Path
) -> None:
    """A newer list of agreements, and an exception added to the old one."""
    certificate = factories.certified()
    root = tmp_path / "criteria"
    shutil.copytree(CRITERIA, root)
    tables = root / "tables"
    old = newest_contracts(tables)
    rows = old.read_text("utf-8").splitlines(keepends=True)
    (tables / "ccnl_cnel_2027-06-01.csv").write_text(rows[0], "utf-8")
    with (tables / "contracts_curated.csv").open("a", encoding="utf-8") as exceptions:
        exceptions.write("T151,remove,2020-01-01,,prova,prova\n")
    assert read_all(root)["impact/2022"].tables["contracts"].dated.year == 2027
    assert not read_contracts(tables).admits("T151", date(2026, 3, 2))
    done = run(app, "replay", certificate.number, "--root", str(root))
    assert done.exit_code == 0, done.output
    old.write_text(rows[0], "utf-8")
    done = run(app, "replay", certificate.number, "--root", str(root))
    assert done.exit_code == 1
    assert "is not here as it was then" in done.output


def test_a_reserve_spent_before_is_frozen_with_the_rest(app: Flask) -> None:
    decision = decided(factories.certified().number)
    assert decision.grounds["format"] == 3
    assert decision.grounds["reserves_used"] == []


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("verified", "workers_total"), 3),
        (("result", "outcome"), "not_conforming"),
        (("content", "answers", "two_tier"), True),
    ],
)
def test_a_changed_byte_is_detected(
    app: Flask, db: Any, place: tuple[str, ...], value: Any
) -> None:
    certificate = factories.certified()
    decision = decided(certificate.number)
    grounds = json.loads(json.dumps(decision.grounds))
    node = grounds
    for name in place[:-1]:
        node = node[name]
    assert node[place[-1]] != value
    node[place[-1]] = value
    _rewrite(db, decision.id, grounds)
    assert sha256(grounds) != decision.grounds_sha256
    done = run(app, "replay", certificate.number)
    assert done.exit_code == 1
    assert "DIFFERENT" in done.output


def _rewrite(db: Any, id_: int, grounds: Any) -> None:
    """Change frozen grounds, as one with the keys of the database could."""
    if ON_POSTGRESQL:
        db.session.execute(text("DROP TRIGGER decisions_append_only ON decisions"))
    else:
        db.session.execute(text("DROP TRIGGER decisions_no_update"))
    value = "CAST(:g AS jsonb)" if ON_POSTGRESQL else ":g"
    db.session.execute(
        text(f"UPDATE decisions SET grounds = {value} WHERE id = :id"),  # noqa: S608
        {"g": json.dumps(grounds), "id": id_},
    )
    db.session.commit()
    db.session.expire_all()


def test_a_number_nobody_has_is_refused(app: Flask) -> None:
    assert run(app, "replay", "P-2026-999999").exit_code == 1
