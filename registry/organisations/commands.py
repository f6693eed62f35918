"""`registry organisations …`: bringing in what a scheme owner published."""

from datetime import datetime
from pathlib import Path

import click

from registry.accounts import queries as people
from registry.criteria.schemes import MAIN_SCHEME
from registry.db import db
from registry.organisations.importing import Outcome, bring_in, columns_of
from registry.organisations.reading import MOST_BYTES, Unreadable, read
from registry.services import services


@click.group("organisations")
def organisations_cli() -> None:
    """Cooperatives, consortia and companies."""


@organisations_cli.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--scheme", default=MAIN_SCHEME, show_default=True)
@click.option(
    "--listed-on",
    type=click.DateTime(["%Y-%m-%d"]),
    help="The day the list was taken; today unless said.",
)
@click.option("--partial", is_flag=True, help="Keep the rows that are right.")
@click.option("--write", is_flag=True, help="Without it nothing is kept: a rehearsal.")
def import_(
    file: Path, scheme: str, listed_on: datetime | None, partial: bool, write: bool
) -> None:
    """
    Bring in a published list (CSV or XLSX), as listed by the owner of the scheme.

    Columns in any order, Italian or English.  What became of every row is printed;
    where one fails nothing is kept, unless --partial.
    """
    with file.open("rb") as opened:
        content = opened.read(MOST_BYTES + 1)
    try:
        table = read(content)
        columns = columns_of(table)
    except Unreadable as refusal:
        raise click.ClickException(str(refusal)) from None
    outcomes = bring_in(
        table,
        scheme=scheme,
        source=file.name,
        listed_on=listed_on.date() if listed_on else services().today(),
        by=people.the_registry(),
        at=services().clock.now(),
    )
    for header in columns.unknown:
        click.echo(f"column “{header}”: not known, left out")
    failed = [one for one in map(_print, outcomes) if one.problems]
    _finish(len(outcomes), len(failed), keep=write and (partial or not failed))
    if failed and not partial:
        raise SystemExit(1)


def _print(outcome: Outcome) -> Outcome:
    for problem in outcome.problems:
        where = f", column “{problem.column}”" if problem.column else ""
        click.echo(f"row {outcome.row}{where}: {problem.refusal}")
    if not outcome.problems:
        click.echo(f"row {outcome.row}: {outcome.name}: {', '.join(outcome.done)}")
    return outcome


def _finish(rows: int, failed: int, *, keep: bool) -> None:
    click.echo(f"{rows} rows, {failed} failed.")
    if keep:
        db.session.commit()
        click.echo("Kept.")
    else:
        db.session.rollback()
        click.echo("Nothing was kept; --write keeps.")
