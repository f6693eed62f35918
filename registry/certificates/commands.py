"""`registry certificates …`: what an operator does about certificates."""

from pathlib import Path

import click
from flask.cli import AppGroup

from registry.accounts.queries import the_registry
from registry.certificates import operations, queries, rules
from registry.certificates.issuer import the_issuer
from registry.certificates.models import Copy
from registry.certificates.numbers import Number
from registry.db import db
from registry.errors import RegistryError
from registry.services import services

certificates_cli = AppGroup("certificates", help="Certificates and their copies.")


@certificates_cli.command("english")
@click.argument("number")
@click.option("--to", type=click.Path(path_type=Path), help="Write the PDF here.")
def english(number: str, to: Path | None) -> None:
    """Ask for the sealed courtesy copy in English; once it is made, write it."""
    try:
        copy = _asked(Number.read(number))
    except RegistryError as refusal:
        raise click.ClickException(str(refusal)) from refusal
    if copy.sha256 is None:
        click.echo("Asked for: `registry jobs run certificates.make_copies` makes it.")
        return
    if to:
        to.write_bytes(services().storage.read(copy.sha256))
    click.echo(f"The English copy of {number} is {copy.sha256}")


def _asked(number: Number) -> Copy:
    """The copy, asked for now where it was not yet."""
    certificate = queries.by_number(number)
    copy = rules.copy_in(certificate, "en")
    if copy is None:
        copy = operations.ask_copy(
            certificate,
            services().editions[certificate.edition],
            issuer=the_issuer("en"),
            by=the_registry(),
            at=services().clock.now(),
        )
        db.session.commit()
    return copy
