"""`registry certificates …`: what an operator does about certificates."""

from pathlib import Path

import click
import pypdfium2
from flask.cli import AppGroup

from registry.accounts.queries import the_registry
from registry.certificates import operations, queries, rules
from registry.certificates.issuer import the_issuer
from registry.certificates.models import Copy
from registry.certificates.numbers import Number
from registry.certificates.preview import NAME, invented
from registry.certificates.proof import lint
from registry.certificates.rendering import render
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


@certificates_cli.command("preview")
@click.argument("edition")
@click.option("--language", type=click.Choice(["it", "en", "it+en"]), default="it")
@click.option("--name", default=NAME, help="The name of the invented holder.")
@click.option(
    "--to",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(),
    help="The folder to write into.",
)
def preview(edition: str, language: str, name: str, to: Path) -> None:
    """Write the paper of an invented holder under EDITION, as PDF and PNG."""
    doors = services()
    if edition not in doors.editions:
        raise click.ClickException(f"There is no edition {edition}")
    told = invented(
        doors.editions[edition], doors.today(), language=language, name=name
    )
    try:
        pdf = render(told, doors.paper)
        lint(pdf, told)
    except RegistryError as refusal:
        raise click.ClickException(str(refusal)) from refusal
    to.mkdir(parents=True, exist_ok=True)
    path = to / f"{edition.replace('/', '-')}-{language}.pdf"
    path.write_bytes(pdf)
    click.echo(path)
    document = pypdfium2.PdfDocument(pdf)
    for count, page in enumerate(document, start=1):
        picture = path.with_name(f"{path.stem}-{count}.png")
        page.render(scale=150 / 72).to_pil().save(picture)
        click.echo(picture)
    document.close()
