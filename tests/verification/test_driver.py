"""The bare driver says what the session says, on either database."""

from collections.abc import Iterator
from datetime import date

import pytest
from flask import Flask

from registry.db import db as database
from registry.verification import driver
from registry.verification.driver import Driver, Reading
from tests import factories

NAMED = """SELECT id, name, created_at FROM organisations
WHERE name = :name OR vat = :vat OR (name = :name AND id = :id) ORDER BY id"""


@pytest.fixture
def bare(app: Flask) -> Iterator[Driver]:
    made = Driver(database.engine)
    yield made
    made.close()


@pytest.fixture
def names(app: Flask) -> list[str]:
    made = [factories.organisation() for _ in range(25)]
    database.session.commit()
    return [one.name for one in made]


def test_words_are_filled_in_by_name_however_often_asked(
    bare: Driver, names: list[str]
) -> None:
    for name in (names[0], names[7], "l'Aquila 100% :name %s", names[0]):
        given = {"name": name, "vat": None, "id": 1}
        rows = bare.rows(NAMED, given)
        assert [row[1] for row in rows] == [one for one in names if one == name]
        with bare.reading() as reading:
            assert reading.rows(NAMED, given) == rows


def test_days_numbers_and_nothing_come_back_as_they_went(bare: Driver) -> None:
    statement = """SELECT CAST(:day AS date) >= CAST(:before AS date),
        CAST(:number AS integer) + 1, CAST(:nothing AS text)"""
    given = {"day": date(2026, 9, 27), "before": date(2026, 9, 26), "number": 41}
    assert [tuple(row) for row in bare.rows(statement, given | {"nothing": None})] == [
        (True, 42, None)
    ]


def test_a_wrong_statement_is_told_and_harms_no_other(
    bare: Driver, names: list[str]
) -> None:
    wrong = database.engine.dialect.loaded_dbapi.Error
    with pytest.raises(wrong, match="nowhere"):
        bare.rows("SELECT 1 FROM nowhere", {})
    with pytest.raises(wrong):
        bare.rows("SELECT CAST(:word AS integer) / 0 FROM nowhere", {"word": "x"})
    with pytest.raises(wrong, match="nowhere"), bare.reading() as reading:
        reading.rows("SELECT 1 FROM nowhere", {})
    assert bare.rows("SELECT count(*) FROM organisations", {})[0][0] == len(names)


def test_a_connection_keeps_as_many_statements_as_it_may(
    bare: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(driver, "MOST_KEPT", 2)
    for _ in range(2):
        for number in range(5):
            assert bare.rows(f"SELECT {number}", {})[0][0] == number
    if database.engine.dialect.name == "postgresql":
        kept = bare.rows("SELECT count(*) FROM pg_prepared_statements", {})
        assert kept[0][0] <= 2


def test_streamed_rows_are_all_of_them(
    names: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(driver, "CHUNK", 10)
    reading = Reading.within(database.session.connection())
    statement = "SELECT name FROM organisations WHERE id > :id ORDER BY id"
    assert [row[0] for row in reading.streamed(statement, {"id": 0})] == names
    assert len(reading.rows(statement, {"id": 0})) == len(names)
