"""`registry demo …`: a world to look at, never under production settings."""

import click
from flask import current_app
from flask.cli import with_appcontext

from registry.accounts.models import STAFF
from registry.accounts.queries import by_email
from registry.db import db
from registry.demo import world
from registry.demo.bulk import add_bulk
from registry.demo.cast import ACCOUNTS, PASSWORD
from registry.demo.evidence import no_paper
from registry.services import services
from registry.settings import BadSettings


@click.group("demo", invoke_without_command=True)
@click.option("--if-empty", is_flag=True, help="Only where nobody has an account yet.")
@click.option(
    "--organisations",
    type=click.IntRange(1, 1_600_000),
    help="Add so many certified organisations as bare rows, to try the speed.",
)
@click.pass_context
@with_appcontext
def demo_cli(context: click.Context, if_empty: bool, organisations: int | None) -> None:
    """Build the demo world, through three and a half years; takes about a minute."""
    _refuse_production()
    if context.invoked_subcommand is not None:
        return
    if organisations is not None:
        _add_bulk(organisations)
    elif not _is_there(if_empty):
        world.build(click.echo)
        click.echo("The demo world is built.")


def _add_bulk(number: int) -> None:
    doors = services()
    edition = doors.editions[world.EDITION]
    stand_in = doors.storage.put(no_paper(doors.paper))
    at, say = doors.clock.now(), click.echo
    add_bulk(number, edition, stand_in.sha256, at=at, tell=say)
    db.session.commit()


def _refuse_production() -> None:
    if services().settings.production:
        raise BadSettings(
            "REGISTRY_ENVIRONMENT: production has no demo world; set it to demo"
        )


def _is_there(if_empty: bool) -> bool:
    """Whether there is nothing to do; stops where a world cannot be built."""
    if world.is_built():
        click.echo("The demo world is there already.")
        return True
    if world.is_begun():
        raise click.ClickException(
            "The demo world was begun and not finished: delete the data folder "
            f"({services().settings.data_dir}) and start again."
        )
    if not world.is_inhabited():
        return False
    if if_empty:
        click.echo("There are people already: no demo world is added.")
        return True
    raise click.ClickException(
        "There are people already: start from an empty database."
    )


@demo_cli.command("accounts")
@with_appcontext
def accounts_() -> None:
    """The address and one account per role, with the code of this half minute."""
    _refuse_production()
    click.echo(f"{services().settings.base_url}   password: {PASSWORD}")
    for person in ACCOUNTS:
        user = by_email(person.email)
        if user is None:
            continue
        code = _code(user.tf_totp_secret) if person.role in STAFF else ""
        click.echo(f"  {person.role:14} {person.email:30} {code}".rstrip())


def _code(secret: str | None) -> str:
    if secret is None:
        return ""
    factory = current_app.extensions["security"].totp_factory
    return f"code now: {factory.generate_totp_password(secret)}"
