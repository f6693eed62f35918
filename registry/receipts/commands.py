"""`registry receipts verify FILE`: with our keys, or anywhere with a key set."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from flask.cli import AppGroup

from registry.errors import N_
from registry.receipts.checking import Verdict, check
from registry.receipts.queries import fingerprint_of
from registry.receipts.rules import KIND
from registry.seal import jws
from registry.services import services
from registry.signing import NotOurs

receipts_cli = AppGroup("receipts", help="Signed receipts of checks.")
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
    reader = KeySet(json.loads(jwks.read_text())) if jwks else services().signer
    found = check(file.read_bytes(), reader, fingerprint_of if register else _nothing)
    signed = found.verdict is Verdict.SIGNED_BY_US and not register
    click.echo("signed" if signed else str(found.verdict))
    if found.payload is not None:
        _tell(found.payload)
    if signed:
        click.echo("Not asked, because offline: whether the register lists it.")
    if not (signed or found.genuine):
        raise SystemExit(1)


def _tell(payload: dict[str, Any]) -> None:
    for name in ("jti", "iss", "issued_at", "asked", "answered", "register"):
        told = payload[name]
        text = told if isinstance(told, str) else json.dumps(told, ensure_ascii=False)
        click.echo(f"  {name}: {text}")


def _nothing(number: str) -> None:
    """Offline nothing is listed."""
