"""`registry receipts verify FILE`: with our keys, or anywhere with a key set."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from flask.cli import AppGroup, with_appcontext

from registry.certificates.seal_commands import key_set
from registry.errors import N_
from registry.receipts.checking import Checked, Verdict, check
from registry.receipts.queries import fingerprint_of
from registry.receipts.rules import KIND
from registry.seal import jws
from registry.services import services
from registry.signing import NotOurs

receipts_cli = AppGroup("receipts", help="Signed receipts of checks.")
#: How `registry verify` ends where our signature holds and our list does not know it.
UNLISTED = 3
FILE = click.Path(path_type=Path, exists=True, dir_okay=False)


@dataclass(frozen=True)
class KeySet:
    """Keys as they are published (RFC 7517), in the hands of anyone."""

    keys: dict[str, Any]

    def read(self, jwt: str, kind: str = KIND) -> dict[str, Any]:
        """What a token says; raises NotOurs where none of the keys signed it."""
        opened = jws.read(jwt, self.keys)
        if not opened.signed or opened.typ != kind:
            raise NotOurs(N_("None of these keys signed this."))
        return opened.payload


@receipts_cli.command("verify")
@click.argument("file", type=FILE)
@click.option("--jwks", type=FILE, help="A key set to believe instead of our own keys.")
@click.option("--register/--offline", help="Ask the list of this installation too.")
def verify(file: Path, jwks: Path | None, register: bool) -> None:
    """Say whether FILE (PDF, JWT or JSON) is a receipt; exit 0 only if it is."""
    if not _say(_looked_at(file, jwks, register), register):
        raise SystemExit(1)


def with_receipts(command: click.Command) -> click.Command:
    """`registry verify`, which then knows receipts too."""
    others: Callable[..., None] | None = command.callback

    @with_appcontext
    def look(
        files: tuple[Path, ...], keys: Path | None, register: bool, **more: Any
    ) -> None:
        found = {file: _looked_at(file, keys, register) for file in files}
        status, left = 0, []
        for file, checked in found.items():
            if checked.payload is None:
                left.append(file)
                continue
            click.echo(f"{file}: " if len(files) > 1 else "", nl=False)
            status = max(status, 0 if _say(checked, register) else UNLISTED)
        try:
            if left and others is not None:
                others(files=tuple(left), keys=keys, register=register, **more)
        except SystemExit as end:
            status = max(status, int(str(end.code)))
        raise SystemExit(status)

    command.callback = look
    return command


def _looked_at(file: Path, keys: Path | None, register: bool) -> Checked:
    reader = KeySet(key_set(keys)) if keys else services().signer
    return check(file.read_bytes(), reader, fingerprint_of if register else _nothing)


def _say(found: Checked, register: bool) -> bool:
    """Say what a file is; returns whether all that was looked at is well."""
    signed = found.verdict is Verdict.SIGNED_BY_US and not register
    click.echo("signed" if signed else str(found.verdict))
    if found.payload is not None:
        _tell(found.payload)
    if signed:
        click.echo("Not asked, because offline: whether the register lists it.")
    return signed or found.genuine


def _tell(payload: dict[str, Any]) -> None:
    for name in ("jti", "iss", "issued_at", "asked", "answered", "register"):
        told = payload[name]
        text = told if isinstance(told, str) else json.dumps(told, ensure_ascii=False)
        click.echo(f"  {name}: {text}")


def _nothing(number: str) -> None:
    """Offline nothing is listed."""
