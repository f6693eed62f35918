"""A hundred thousand numbers: the look-up beside a raw join, and a whole workbook.

The workbook goes the whole way: read, kept sealed, looked up, answered, given back with
its receipt. Beside it: the same file read with calamine and written with xlsxwriter,
without the columns of the answers and, told as well, with them. Suppliers have the
names the register knows them by, as in lists that companies keep.
"""

import subprocess
import sys
from pathlib import Path

from benchmarks.worlds import World

#: Who hands the list in; a register measured before has it already.
BUYER = "Acquisti Riuniti S.p.A."


def bulk(world: World) -> None:
    """Print the ratios for one register, measured in a process of its own."""
    print(f"\nBulk, {world.database}, {world.size:,} holders", flush=True)
    subprocess.run(
        [sys.executable, "-m", "benchmarks.bulk", str(world.size)],
        env={**world.environment, "PYTHONPATH": str(Path.cwd())},
        check=True,
    )


def main() -> None:
    """Inside a register: the numbers of many holders, shuffled, a tenth unknown."""
    import random

    from benchmarks.served import uncached
    from registry.db import READS_ONLY, db
    from registry.demo.bulk import invented
    from registry.services import services

    size, many = int(sys.argv[1]), 100_000
    app = uncached()
    with app.app_context():
        READS_ONLY.set(True)
        today = services().today()
        chance = random.Random(2)  # noqa: S311
        drawn = [chance.randrange(int(size * 1.1)) for _ in range(many)]
        suppliers = [
            [str(facts[name]) for name in ("name", "vat", "town")]
            for facts in (invented(n, today).facts for n in drawn)
        ]
        _look_up([vat for _, vat, _ in suppliers], today)
        db.session.rollback()
        READS_ONLY.set(False)
        _workbook(suppliers)


def _look_up(numbers: list[str], today: object) -> None:
    from statistics import median

    from registry.verification.bulk import lookup

    ours, raw = [], []
    for _ in range(5):  # in turn, so that a noisy minute falls on both
        raw.append(_timed(lambda: _raw_join(numbers)))
        pairs = [("vat", number) for number in numbers]
        ours.append(_timed(lambda: lookup(pairs, today)))  # type: ignore[arg-type] # noqa: B023
    ratio = median(ours) / median(raw)
    goal = "ok" if ratio <= 1.2 else "NOT MET"
    print(f"look-up of {len(numbers):,}: {median(ours):.2f} s, raw join "
          f"{median(raw):.2f} s: {ratio:.2f} of it  ≤ 1.2 {goal}")  # fmt: skip


def _workbook(rows: list[list[str]]) -> None:
    from sqlalchemy import select

    from registry.db import db
    from registry.organisations.models import Organisation
    from registry.services import services
    from registry.suppliers import operations, queries, reading, work
    from registry.suppliers.operations import Wishes
    from registry.suppliers.vault import the_vault
    from tests.suppliers.companies import buyer, company, xlsx

    content = xlsx([["Ragione sociale", "Partita IVA", "Comune"], *rows])
    named = select(Organisation).where(Organisation.name == BUYER)
    of = db.session.scalar(named) or company(BUYER)
    at, vault = services().clock.now(), the_vault()
    made = []

    def whole() -> None:
        tables = reading.read(content, len(rows) + 1)
        listed = operations.hand_in(
            of, content, "fornitori.xlsx", tables, Wishes(language="it"),
            by=buyer(of), at=at, vault=vault,
        )  # fmt: skip
        id_ = listed.id
        db.session.commit()
        work.check(id_, at)
        made.append(db.session.get_one(type(listed), id_))

    alone, ours = [], []
    for _ in range(3):  # in turn, as above
        alone.append(_spent(lambda: _read_and_write(content)))
        ours.append(_spent(whole))
    done = made[0]
    assert done.state.value == "done", (done.state, done.problem)
    answered = _read(queries.content(done, "result", vault) or b"")
    wide = _spent(lambda: _read_and_write(content, answered))
    (mine, my_cpu), (theirs, their_cpu) = _medians(ours), _medians(alone)
    ratio, by_cpu = mine / theirs, my_cpu / their_cpu
    goal = "ok" if ratio <= 2.5 else "NOT MET"
    print(f"workbook of {len(rows):,}: {mine:.1f} s, read and written alone "
          f"{theirs:.1f} s: {ratio:.2f} times that, by cpu {by_cpu:.2f}  "
          f"≤ 2.5 {goal}; read, and written with the answers, {wide[0]:.1f} s: "
          f"{mine / wide[0]:.2f}")  # fmt: skip


def _read(content: bytes) -> list[list[object]]:
    import io

    from python_calamine import CalamineWorkbook

    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    return book.get_sheet_by_index(0).to_python()  # type: ignore[return-value]


def _read_and_write(content: bytes, written: list[list[object]] | None = None) -> None:
    import io

    import xlsxwriter

    rows = _read(content)
    book = xlsxwriter.Workbook(io.BytesIO())
    sheet = book.add_worksheet("Fornitori")
    for number, row in enumerate(written or rows):
        sheet.write_row(number, 0, row)
    book.close()


def _spent(work: object) -> tuple[float, float]:
    """Seconds on the wall, and of CPU: ours and of the processes that ended."""
    import os

    before = sum(os.times()[:4])
    wall = _timed(work)
    return wall, sum(os.times()[:4]) - before


def _medians(spent: list[tuple[float, float]]) -> tuple[float, ...]:
    from statistics import median

    return tuple(median(each) for each in zip(*spent, strict=True))


def _timed(work: object) -> float:
    import time

    start = time.perf_counter()
    work()  # type: ignore[operator]
    return time.perf_counter() - start


def _raw_join(numbers: list[str]) -> int:
    """A temporary table, filled and joined by the bare driver, every column fetched."""
    from registry.db import db

    wanted = "o.id, o.name, o.vat, o.tax_code, o.town, o.province, c.number, "
    wanted += "c.edition, p.code, p.since_on, p.reason_code, p.in_update_from, "
    wanted += "c.valid_until"
    joined = (
        f"SELECT {wanted} FROM asked a "  # noqa: S608
        "LEFT JOIN organisations o ON o.vat = a.vat "
        "LEFT JOIN certificates c ON c.organisation_id = o.id AND c.state = 'issued' "
        "LEFT JOIN certificate_projection p ON p.certificate_id = c.id "
        "ORDER BY a.place"
    )
    driver = db.engine.raw_connection()
    try:
        cursor = driver.cursor()
        kind = "integer" if db.engine.dialect.name == "postgresql" else "INTEGER"
        cursor.execute(f"CREATE TEMPORARY TABLE asked (place {kind}, vat text)")
        rows = list(enumerate(numbers))
        if db.engine.dialect.name == "postgresql":
            with cursor.copy("COPY asked FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
            cursor.execute("ANALYZE asked")
        else:
            cursor.execute("BEGIN")
            cursor.executemany("INSERT INTO asked VALUES (?, ?)", rows)
        found = len(cursor.execute(joined).fetchall())
        cursor.execute("DROP TABLE asked")
        driver.commit()
        return found
    finally:
        driver.close()


if __name__ == "__main__":
    main()
