"""`registry certificates …`: what an operator does about certificates."""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import IO

import click
import pypdfium2
from flask.cli import AppGroup

from registry.accounts.queries import the_registry
from registry.certificates import operations, queries, reissues, rules
from registry.certificates.issuer import the_issuer
from registry.certificates.many import MOST, Crew, process, work_through
from registry.certificates.models import Copy, ReissueReason
from registry.certificates.numbers import Number
from registry.certificates.preview import invented
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
@click.option("--name", default="", help="The name of the invented holder.")
@click.option(
    "--to",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(),
    help="The folder to write into.",
)
def preview(edition: str, language: str, name: str, to: Path) -> None:
    """Write the paper of an invented holder under EDITION, as PDF and PNG."""
    doors = services()
    known = {**doors.editions, **doors.editions.drafts}
    if edition not in known:
        raise click.ClickException(f"There is no edition {edition}")
    told = invented(known[edition], doors.today(), language=language, name=name)
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


@certificates_cli.command("reissue")
@click.argument("numbers", nargs=-1)
@click.option("--all", "scheme", help="All certificates in force of this scheme.")
@click.option(
    "--file",
    "listed",
    type=click.File(),
    help="A file with one number on each line.",
)
@click.option("--resume", is_flag=True, help="Go on with what is in the queue.")
@click.option(
    "--reason",
    type=click.Choice([one.value for one in ReissueReason]),
    default=ReissueReason.PAPER_RENEWED.value,
    show_default=True,
)
@click.option("--most", type=click.IntRange(min=1), help="Not more than so many.")
@click.option(
    "--workers",
    type=click.IntRange(1, 64),
    default=1,
    show_default=True,
    help="Processes that share the work.",
)
def reissue(
    numbers: tuple[str, ...],
    scheme: str | None,
    listed: IO[str] | None,
    resume: bool,
    reason: str,
    most: int | None,
    workers: int,
) -> None:
    """
    Issue certificates again: same decision, same last day, another number.

    NUMBERS, those of a file, or all of a scheme. May be stopped at any moment, and
    gone on with by --resume; none is issued twice.
    """
    chosen = [*numbers, *(line.strip() for line in listed or () if line.strip())]
    if (len(chosen) > 0) + (scheme is not None) + resume != 1:
        raise click.UsageError("Give numbers, --file, --all SCHEME or --resume.")
    if not resume:
        _queue(chosen, scheme, ReissueReason(reason), most)
    left = Crew(workers, lambda share: process(share, workers), _progress()).work()
    if left:
        raise click.ClickException(
            f"{left} could not be issued again; the log says why. Go on: --resume."
        )


@certificates_cli.command("reissue-share", hidden=True)
@click.argument("share", type=int)
@click.argument("of", type=int)
@click.argument("caller", type=int)
def reissue_share(share: int, of: int, caller: int) -> None:
    """Work through a share of the queue, until it is done or the caller is gone."""
    room = iter(range(MOST))
    work_through(
        share, of, lambda: os.getppid() == caller and next(room, None) is not None
    )


def _queue(
    numbers: list[str], scheme: str | None, reason: ReissueReason, most: int | None
) -> None:
    doors = services()
    if left := len(queries.to_reissue()):
        raise click.ClickException(
            f"{left} wait in the queue from before: go on with --resume first."
        )
    try:
        given = [queries.by_number(Number.read(one)) for one in numbers]
        ids = [reissues.able(one, doors.today()).id for one in given]
    except RegistryError as refusal:
        raise click.ClickException(str(refusal)) from refusal
    if scheme is not None:
        ids = list(queries.reissuable(scheme, doors.today()))
    queued = reissues.queue(ids[:most], reason, by=the_registry(), at=doors.clock.now())
    db.session.commit()
    click.echo(f"{queued} to issue again.")


def _progress() -> Callable[[int, int, float], None]:
    """Says how many are done, how fast, and how long it will take."""
    shown = sys.stderr.isatty()
    said = [-1]

    def tell(done: int, left: int, seconds: float) -> None:
        rate = done / seconds if seconds else 0
        ahead = f"{left / rate / 60:.1f} minutes to go" if rate else "starting"
        text = f"{done} of {done + left}, {rate:.2f} a second, {ahead}"
        step = done * 20 // max(1, done + left)
        if shown:
            click.echo(f"\r{text:60}", nl=left == 0, err=True)
        elif step != said[0]:
            said[0] = step
            click.echo(text, err=True)

    return tell
