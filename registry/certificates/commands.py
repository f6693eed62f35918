"""`registry certificates …`: what an operator does about certificates."""

from pathlib import Path

import click
from flask.cli import AppGroup

from registry.accounts.queries import the_registry
from registry.certificates import operations, queries, rules
from registry.certificates.issuer import the_issuer
from registry.certificates.jobs import make_copies
from registry.certificates.numbers import Number
from registry.db import db
from registry.errors import RegistryError
from registry.services import services

certificates_cli = AppGroup("certificates", help="Certificates and their copies.")


@certificates_cli.command("english")
@click.argument("number")
@click.option("--to", type=click.Path(path_type=Path), help="Write the PDF here.")
def english(number: str, to: Path | None) -> None:
    """Make the sealed courtesy copy in English, unless there is one already."""
    try:
        sha256 = _english(Number.read(number))
    except RegistryError as refusal:
        raise click.ClickException(str(refusal)) from refusal
    if to:
        to.write_bytes(services().storage.read(sha256))
    click.echo(f"The English copy of {number} is {sha256}")


def _english(number: Number) -> str:
    """The SHA-256 of the copy, made now where it was missing."""
    certificate, at = queries.by_number(number), services().clock.now()
    if rules.copy_in(certificate, "en") is None:
        edition = services().editions[certificate.edition]
        issuer, by = the_issuer("en"), the_registry()
        operations.ask_copy(certificate, edition, issuer=issuer, by=by, at=at)
        db.session.commit()
    make_copies(at)
    copy = rules.copy_in(queries.by_number(number), "en")
    if copy is None or copy.sha256 is None:
        raise click.ClickException("The copy could not be made: see the log.")
    return copy.sha256
