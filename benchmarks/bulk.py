"""The look-up of a hundred thousand numbers, beside a raw join, in one process."""

import subprocess
import sys
from pathlib import Path

from benchmarks.worlds import World


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
        numbers = [str(invented(n, today).facts["vat"]) for n in drawn]
        _look_up(numbers, today)
        db.session.rollback()


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
    print(f"look-up of {len(numbers):,}: {median(ours):.2f} s of CPU, raw join "
          f"{median(raw):.2f} s: {ratio:.2f} of it  ≤ 1.2 {goal}")  # fmt: skip


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
        driver.rollback()
        return found
    finally:
        driver.close()


if __name__ == "__main__":
    main()
