"""`registry criteria …`: what needs the database, beside what needs only the files."""

import json
import sys
from collections.abc import Callable
from datetime import date
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import click
from flask.cli import with_appcontext

from registry.accounts.queries import the_registry
from registry.criteria import publishing
from registry.criteria.commands import criteria_cli as of_files
from registry.criteria.commands import in_words
from registry.db import db
from registry.editions import operations, queries, rules
from registry.errors import RegistryError
from registry.paths import CRITERIA
from registry.schemes.known import count, everybody
from registry.schemes.queries import decided
from registry.schemes.trying import try_on
from registry.services import services

P = ParamSpec("P")
R = TypeVar("R")
_root = click.option(
    "--root",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    default=CRITERIA,
    help="The folder of the criteria, instead of the one in use.",
)


def told(command: Callable[P, R]) -> Callable[P, R]:
    """A refusal ends the command with its words and exit code 1."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except RegistryError as refusal:
            db.session.rollback()
            raise click.ClickException(str(refusal)) from None

    return run


@click.command("import")
@with_appcontext
@told
def import_() -> None:
    """Copy the published editions into the database, where nothing can change them."""
    at, by = services().clock.now(), the_registry()
    kept = operations.keep_all(services().editions, by=by, at=at)
    for key, is_new in kept.items():
        click.echo(f"{key}: {'imported' if is_new else 'kept already'}")
    db.session.commit()


@click.command("what-if")
@click.argument("key")
@click.option("--attach", is_flag=True, help="Keep the figures, for publishing.")
@with_appcontext
@told
def what_if_(key: str, *, attach: bool) -> None:
    """Try a draft on all holders and open applications; nothing is written."""
    doors = services()
    new = queries.named(key, doors.editions)
    old = rules.predecessor(new, doors.editions)
    if old is None:
        raise click.ClickException(f"{key} takes over from no published edition.")
    today = doors.today()
    whom = everybody(new.scheme, doors.editions, today)
    with click.progressbar(
        length=count(new.scheme, today), label=f"{old.key} → {new.key}", file=sys.stderr
    ) as bar:
        figures = try_on(old, new, whom, today, bar.update).figures
    for line in in_words(new, figures):
        click.echo(line)
    if attach:
        at, by = doors.clock.now(), the_registry()
        kept = operations.attach(new, figures.to_json(), by=by, at=at)
        click.echo(f"attached: {kept.sha256}")
        db.session.commit()


@click.command("publish")
@click.argument("key")
@_root
@with_appcontext
@told
def publish_(key: str, root: Path) -> None:
    """Write an adopted draft in the lock, with the what-if attached to its text."""
    doors = services()
    draft = queries.named(key, doors.editions)
    if not rules.may_publish(draft, queries.life_of(key)):
        raise click.ClickException(f"{key} is to be adopted first, as it is now.")
    kept = queries.attached(draft)
    on: date = doors.today()
    click.echo(publishing.publish(root, key, on, kept.summary if kept else None))
    click.echo("Now: registry criteria import, on every installation.")


@click.command("replay")
@click.argument("number")
@_root
@with_appcontext
@told
def replay_(number: str, root: Path) -> None:
    """Work a decided case out again from its frozen grounds; exit 1 if it differs.

    NUMBER is that of the certificate or the protocol of the application.
    """
    decision = decided(number)
    grounds = decision.grounds
    edition = queries.edition_by_digest(
        grounds["edition"], grounds["edition_digest"], services().editions
    ).with_tables(publishing.tables_then(grounds, root))
    again = publishing.replay(grounds, edition)
    same = again == publishing.canonical(grounds)
    frozen = operations.fingerprint(again) == decision.grounds_sha256
    click.echo(f"{number}: {grounds['edition']}, {grounds['reference_day']}")
    if not (same and frozen):
        for place in _differences(grounds, json.loads(again)):
            click.echo(f"  {place}")
        click.echo("DIFFERENT from what was decided.")
        raise SystemExit(1)
    click.echo(f"identical: {decision.grounds_sha256}")


def _differences(frozen: Any, again: Any, place: str = "grounds") -> list[str]:
    """Where two trees part, as dotted places."""
    if isinstance(frozen, dict) and isinstance(again, dict):
        names = sorted({*frozen, *again})
        pairs = [(frozen.get(n), again.get(n), f"{place}.{n}") for n in names]
    elif isinstance(frozen, list) and isinstance(again, list):
        if len(frozen) != len(again):
            return [place]
        pairs = [
            (a, b, f"{place}[{n}]")
            for n, (a, b) in enumerate(zip(frozen, again, strict=True))
        ]
    else:
        return [] if frozen == again else [place]
    return [one for a, b, where in pairs for one in _differences(a, b, where)]


#: One group: the commands on files, and these. The what-if on an export of answers is
#: for those who have no database at hand.
criteria_cli = click.Group(
    "criteria",
    commands={
        **of_files.commands,
        "what-if-export": of_files.commands["what-if"],
        "import": import_,
        "what-if": what_if_,
        "publish": publish_,
        "replay": replay_,
    },
    help=of_files.help,
)
