"""The `registry` command: every room's commands under one roof."""

from typing import Any

import click
from flask import current_app
from flask.cli import FlaskGroup

from registry.accounts.commands import accounts_cli
from registry.app import create_app
from registry.certificates.commands import certificates_cli
from registry.certificates.seal_commands import keys_cli, verify_command
from registry.db import Model, db
from registry.demo.commands import demo_cli
from registry.doctor import doctor_command
from registry.dumps.commands import dumps_cli
from registry.migrations import revision, upgrade
from registry.organisations.commands import organisations_cli
from registry.receipts.commands import receipts_cli, with_receipts
from registry.schemes.commands import criteria_cli
from registry.timetable import jobs_cli


def _app(*_: Any) -> Any:
    return create_app()


cli = FlaskGroup(
    name="registry",
    create_app=_app,
    add_default_commands=False,
    add_version_option=False,
    set_debug_flag=False,
    help="The register of a body that certifies the quality of cooperatives.",
)


@cli.group("db")
def database() -> None:
    """The schema of the database."""


@database.command("upgrade")
def upgrade_() -> None:
    """Bring the database up to date; each step whole or not at all."""
    current_app.extensions["registry"].settings.data_dir.mkdir(
        parents=True, exist_ok=True
    )
    upgrade(db.engine)
    click.echo("The database is up to date.")


@database.command("revision")
@click.argument("message")
def revision_(message: str) -> None:
    """Write a new step from what the models ask beyond the schema (developers)."""
    revision(db.engine, Model.metadata, message)


for group in (
    accounts_cli,
    organisations_cli,
    certificates_cli,
    keys_cli,
    with_receipts(verify_command),
    criteria_cli,
    demo_cli,
    receipts_cli,
    dumps_cli,
    jobs_cli,
    doctor_command,
):
    cli.add_command(group)


def main() -> None:
    """Entry point of the `registry` command."""
    cli.main(prog_name="registry")
