"""`registry accounts …`: people, from the command line."""

import click

from registry.accounts import operations, queries
from registry.accounts.models import Role
from registry.db import db
from registry.mail.models import Letter
from registry.services import services


@click.group("accounts")
def accounts_cli() -> None:
    """People and their roles."""


@accounts_cli.command("create-administrator")
@click.argument("email")
@click.argument("name")
def create_administrator(email: str, name: str) -> None:
    """Invite an administrator; prints the link, which works once, for 72 hours."""
    user = operations.invite(
        email,
        name,
        roles=[Role.ADMINISTRATOR],
        by=queries.the_registry(),
        at=services().clock.now(),
    )
    db.session.flush()
    letter = db.session.query(Letter).filter_by(to_id=user.id).one()
    line = next(
        line for line in str(letter.body).splitlines() if "/invitation/" in line
    )
    db.session.commit()
    click.echo(line.strip().replace("base:", services().settings.base_url))


@accounts_cli.command("list")
def list_() -> None:
    """Everyone with an account: address, name, roles, how the account stands."""
    now = services().clock.now()
    for user in db.session.scalars(queries.people()):
        roles = ",".join(row.name for row in user.roles)
        click.echo("\t".join((user.email, user.name, roles, user.state_label(now))))
