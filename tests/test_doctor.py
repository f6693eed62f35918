"""The doctor finds nothing in a sound registry, and names what was damaged."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, text

from registry.accounts.queries import the_registry
from registry.certificates.jobs import reserve_granted
from registry.certificates.models import Certificate
from registry.clock import FixedClock
from registry.db import db as database
from registry.decisions.models import Decision
from registry.doctor import CHECKS, doctor_command, examine
from registry.editions.operations import keep_all
from registry.services import services
from registry.storage import Storage
from registry.watches import operations as watches
from registry.watches import webhooks
from registry.watches.secrecy import the_secrecy
from tests import factories
from tests.conftest import ON_POSTGRESQL


@pytest.fixture(autouse=True)
def editions_kept(app: Flask) -> None:
    keep_all(services().editions, by=the_registry(), at=factories.LONG_AGO)
    database.session.commit()


@pytest.fixture
def certificate(app: Flask) -> Certificate:
    made = factories.certified()
    database.session.commit()
    return made


def found() -> set[str]:
    """The numbers of the checks that found something."""
    database.session.expire_all()
    return {code for code, findings in examine().items() if findings}


def sql(statement: str, **given: object) -> None:
    database.session.execute(text(statement), given)
    database.session.commit()


def unguard(table: str) -> None:
    """Take the triggers away, as one with the keys of the database could."""
    if ON_POSTGRESQL:
        sql(f"DROP TRIGGER {table}_append_only ON {table}")
    else:
        sql(f"DROP TRIGGER {table}_no_update")
        sql(f"DROP TRIGGER {table}_no_delete")


def test_a_sound_registry_has_nothing_wrong(
    app: Flask, certificate: Certificate
) -> None:
    assert found() == set()
    said = app.test_cli_runner().invoke(doctor_command, [])
    assert said.exit_code == 0
    assert "BAD" not in said.output


def test_a_published_edition_of_which_no_copy_is_kept_is_told(app: Flask) -> None:
    unguard("editions")
    sql("DELETE FROM editions")
    assert found() >= {"I13", "I20"}
    assert "registry criteria import" in examine()["I13"][0]


def test_it_tells_programs_and_exits_1_when_something_is_wrong(
    app: Flask, certificate: Certificate
) -> None:
    sql("UPDATE certificate_projection SET code = 'withdrawn'")
    said = app.test_cli_runner().invoke(doctor_command, ["--json"])
    assert said.exit_code == 1
    told = json.loads(said.output)
    assert not told["sound"]
    wrong = [check for check in told["checks"] if check["found"]]
    assert [check["code"] for check in wrong] == ["I4"]
    assert certificate.number in wrong[0]["found"][0]
    assert len(told["checks"]) == len(CHECKS)


def test_a_number_missing_in_the_series(certificate: Certificate) -> None:
    sql("UPDATE certificates SET serial = 7")
    assert "I1" in found()


def test_a_file_swapped_on_the_disk(certificate: Certificate, storage: Storage) -> None:
    assert certificate.sha256 is not None
    path = storage.root / certificate.sha256[:2] / certificate.sha256
    kept = path.read_bytes()
    path.write_bytes(kept[:-1] + b"!")
    assert "I2" in found()
    path.unlink()
    assert "I2" in found()
    path.write_bytes(kept)
    assert found() == set()


def test_another_sealed_file_put_in_its_place(
    certificate: Certificate, storage: Storage
) -> None:
    other = storage.put(b"%PDF-1.7 forged %%EOF").sha256
    sql("UPDATE certificates SET sha256 = :other", other=other)
    assert found() == {"I3", "I12"}


def test_a_suspension_that_never_was(certificate: Certificate) -> None:
    sql(
        "UPDATE certificate_projection"
        " SET code = 'suspended', reason_code = 'suspended_misuse'"
    )
    assert found() == {"I4"}


def test_an_event_erased(certificate: Certificate) -> None:
    unguard("public_changes")
    unguard("certificate_event")
    sql("DELETE FROM public_changes")  # what the public was told of them
    sql("DELETE FROM certificate_event")
    assert {"I3", "I4", "I20"} <= found()


def test_an_event_dated_in_the_future(
    certificate: Certificate, clock: FixedClock
) -> None:
    clock.tick(days=-1)
    assert "I16" in found()


def test_a_decision_by_who_audited_the_case(certificate: Certificate) -> None:
    unguard("decisions")
    sql("UPDATE decisions SET decided_by_id = (SELECT min(auditor_id) FROM audits)")
    assert {"I5", "I20"} <= found()


def test_grounds_changed_after_the_decision(certificate: Certificate) -> None:
    unguard("decisions")
    [decision] = database.session.scalars(select(Decision))
    decision.grounds = {**decision.grounds, "summary": "Something else."}
    database.session.commit()
    assert "I5" in found()


def test_a_number_that_waits_for_its_paper(app: Flask, clock: FixedClock) -> None:
    factories.decided()
    database.session.commit()
    reserve_granted(clock.now())
    assert found() == set()
    clock.tick(minutes=16)
    assert found() == {"I9"}


def test_letters_that_nobody_brings(
    certificate: Certificate, clock: FixedClock
) -> None:
    clock.tick(hours=5)
    assert found() == {"I8"}


def test_criteria_that_are_no_longer_those_answered_to(
    certificate: Certificate,
) -> None:
    sql("UPDATE applications SET edition_digest = 'another'")
    assert found() == {"I13"}


@pytest.mark.parametrize(
    "guard", ["decider_audited_the_case", "auditor_decided_the_case"]
)
def test_a_guard_of_impartiality_taken_away(app: Flask, guard: str) -> None:
    on = {"decider": "decisions", "auditor": "audits"}[guard.partition("_")[0]]
    sql(f"DROP TRIGGER {guard}" + (f" ON {on}" if ON_POSTGRESQL else ""))
    assert found() == {"I20"}


def test_a_key_that_others_can_read(app: Flask) -> None:
    data = app.extensions["registry"].settings.data_dir
    key = data / "keys" / "seal.pem"
    key.parent.mkdir()
    key.write_text("secret")
    key.chmod(0o600)
    assert found() == set()
    key.chmod(0o644)
    assert found() == {"I19"}


def test_a_row_that_refers_to_nothing(app: Flask, certificate: Certificate) -> None:
    if ON_POSTGRESQL:
        return  # its foreign keys cannot be switched off for one connection
    database.session.commit()
    with database.engine.connect() as connection:
        raw = connection.connection.driver_connection
        assert raw is not None
        raw.execute("COMMIT") if raw.in_transaction else None
        raw.execute("PRAGMA foreign_keys=OFF")
        raw.execute("UPDATE certificates SET replaces_id = 999")
        raw.execute("PRAGMA foreign_keys=ON")
    assert "I0" in found()


def test_a_second_copy_that_is_missing(
    app: Flask, certificate: Certificate, tmp_path: Path
) -> None:
    services = app.extensions["registry"]
    second = tmp_path / "second"
    app.extensions["registry"] = replace(
        services, storage=replace(services.storage, second=second)
    )
    assert found() == {"I2"}


def test_every_check_has_its_number_once() -> None:
    codes = [check.code for check in CHECKS]
    assert len(codes) == len(set(codes))


def test_a_watch_list_without_its_key_and_a_message_nobody_sends_are_told(
    app: Flask, clock: FixedClock, tmp_path: Path
) -> None:
    company = factories.organisation()
    by, at = factories.representative(company), clock.now()
    secrecy = the_secrecy()
    watches.watch(company, [("albo", "A122855")], secrecy=secrecy, by=by, at=at)
    webhook, _ = webhooks.add(
        company,
        "https://hooks.example.com/",
        ["watch.expiring"],
        secrecy=secrecy,
        by=by,
        at=at,
    )
    webhooks.test(webhook, secrecy=secrecy, by=by, at=at)
    database.session.commit()
    assert found() == set()
    clock.tick(hours=5)
    (tmp_path / "keys" / "watches.key").unlink()
    assert found() == {"I8", "I19"}
