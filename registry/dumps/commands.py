"""`registry dumps write`: the night’s files, now."""

import click
from flask.cli import AppGroup

from registry.dumps.nights import write_night
from registry.services import services

dumps_cli = AppGroup("dumps", help="The register as files anyone may take away.")


@dumps_cli.command("write")
def write() -> None:
    """Write today's files, unless they are there already."""
    done = write_night(services().clock.now())
    click.echo("Written." if done else "Today’s files are there already.")
