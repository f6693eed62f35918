"""`registry keys …` and `registry verify FILE…`: the seal, and files that carry it."""

import json
from pathlib import Path
from typing import Any

import click
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from flask.cli import AppGroup, with_appcontext

from registry.certificates.register import NoRegister, SealedFiles
from registry.certificates.verdicts import IDENTICAL, KNOWN, Answer, Kind, Verdict
from registry.certificates.verification import verify
from registry.errors import RegistryError
from registry.seal import KeyFolder, Trusted
from registry.services import services

EXISTING = click.Path(path_type=Path, exists=True, dir_okay=False)
SOUND = {True: "seal is on this file", False: "signature is on this text"}
keys_cli = AppGroup("keys", help="The seals of this installation, in use and retired.")


def _folder() -> KeyFolder:
    return KeyFolder(services().settings.data_dir / "keys")


@keys_cli.command("list")
def list_() -> None:
    """Every seal: its name, from when until when it was used, and in whose name."""
    for kept in _folder().seals():
        until = f"{kept.used_until:%Y-%m-%d}" if kept.used_until else "in use"
        believed = "" if kept.believed else "\tSTOLEN: counts only by the register"
        ends = f"{kept.certificates[0].not_valid_after_utc:%Y-%m-%d}"
        click.echo(
            f"{kept.name}\t{kept.used_from:%Y-%m-%d}\t{until}\tcertificate ends {ends}"
            f"\t{kept.subject}{believed}"
        )
    for key in services().signer.known():
        until = key.used_until or "in use"
        believed = "\tSTOLEN: believed no more" if key.stolen else ""
        click.echo(f"{key.kid}\t{key.used_from or '–'}\t{until}\tcredentials{believed}")


@keys_cli.command("new")
@click.option(
    "--credential", is_flag=True, help="Not the seal: the key of the credentials."
)
def new(credential: bool) -> None:
    """
    Use the seal of the settings from now on, and retire the one before.

    With no REGISTRY_SEAL: a new development seal. With --credential, a new key signs
    the credentials, lists and receipts; those signed before stay good.
    """
    doors = services()
    if credential:
        click.echo(f"In use: {doors.signer.renew(doors.today())}")
        return
    try:
        if doors.settings.seal:
            name = doors.seal.describe()  # opens it, and it is noted
        else:
            name = _folder().renew_development(doors.clock.now()).name
    except RegistryError as refusal:
        raise click.ClickException(str(refusal)) from refusal
    click.echo(f"In use: {name}")


@keys_cli.command("retire")
@click.argument("name")
@click.option("--stolen", is_flag=True, help="Believe nothing more that it sealed.")
def retire(name: str, stolen: bool) -> None:
    """
    Stop using the seal NAME, and destroy its private key if it is here.

    For the key of the credentials, named by its id, only --stolen has a meaning: `new
    --credential` has retired it already.
    """
    of_credentials = name.startswith("did:")
    if of_credentials and not stolen:
        raise click.UsageError("`new --credential` retires it, or --stolen.")
    try:
        if of_credentials:
            services().signer.distrust(name)
        else:
            _folder().retire(name, services().clock.now(), stolen=stolen)
    except RegistryError as refusal:
        raise click.ClickException(str(refusal)) from refusal
    click.echo(f"Retired: {name}")


#: How `registry verify` ends; of several files, the highest.
EXITS = {
    Verdict.GENUINE: 0,
    Verdict.SEALED_BUT_UNKNOWN: 3,
    Verdict.NOT_A_CERTIFICATE: 4,
    Verdict.UNREADABLE: 4,
    Verdict.NOT_SEALED_BY_US: 5,
    Verdict.ALTERED: 6,
}
OFFLINE = (
    "whether the register has it, and what it is worth today",
    "whether the certificate of the seal was withdrawn by its issuer",
)


@click.command("verify")
@click.argument("files", nargs=-1, required=True, metavar="FILE…", type=EXISTING)
@click.option(
    "--seal",
    "seals",
    multiple=True,
    type=EXISTING,
    help="PEM file with a seal's certificate (and those above it) to believe; "
    "instead of the seals of this installation.",
)
@click.option(
    "--authority",
    "authorities",
    multiple=True,
    type=EXISTING,
    help="PEM file with the root of a time-stamp authority to believe.",
)
@click.option(
    "--keys",
    "keys",
    type=EXISTING,
    help="The registry's /.well-known/jwks.json, kept here, to read credentials with; "
    "instead of the keys of this installation.",
)
@click.option("--register/--offline", help="Ask the register of this installation too.")
@with_appcontext
def verify_command(
    files: tuple[Path, ...],
    seals: tuple[Path, ...],
    authorities: tuple[Path, ...],
    keys: Path | None,
    register: bool,
) -> None:
    """
    Say whether each FILE, a PDF or a credential, is as the registry made it.

    Without --register only what a file itself proves is looked at: its seal, its
    signature, and that paper and credential say the same.

    \b
    Exit status (of several files, the highest):
      0  genuine; offline: our seal or signature is on it, and holds
      2  the command was not understood
      3  sealed or signed by us, but not as the register has it
      4  not a certificate, or it cannot be read
      5  not sealed or signed by us
      6  altered
    """
    doors = services()
    trusted = _given(seals, authorities) if seals else doors.seal.trusted()
    known = key_set(keys) if keys else doors.signer.jwks()
    asked = SealedFiles() if register else NoRegister()
    statuses = []
    for file in files:
        content = file.read_bytes()
        answer = verify(content, trusted=trusted, keys=known, register=asked)
        name = f"{file}: " if len(files) > 1 else ""
        statuses.append(_tell(name, answer, offline=not register))
    if not register:
        click.echo("Not checked, because offline:")
        for one in OFFLINE:
            click.echo(f"  {one}")
    raise SystemExit(max(statuses))


def _tell(name: str, answer: Answer, *, offline: bool) -> int:
    """Say what a file is; returns the exit status."""
    sound = offline and _holds_alone(answer)
    paper = answer.kind is Kind.PAPER
    verdict = ("sealed" if paper else "signed") if sound else str(answer.verdict)
    click.echo(f"{name}{verdict}\t{answer.number}\tsha256:{answer.sha256}")
    click.echo(f"Our {SOUND[paper]}, and holds." if sound else answer.told)
    for check in answer.checks:
        if not (offline and check.name in {IDENTICAL, KNOWN}):
            click.echo(f"  {'yes' if check.passed else 'NO '}  {check.told}")
    if answer.signer:
        click.echo(f"  Sealed by “{answer.signer}”, {answer.sealed_at}, {answer.level}")
    return 0 if sound else EXITS[answer.verdict]


def _holds_alone(answer: Answer) -> bool:
    """Whether nothing but the register is missing."""
    failed = {check.name for check in answer.checks if not check.passed}
    unknown = answer.verdict is Verdict.SEALED_BUT_UNKNOWN
    return unknown and failed <= {IDENTICAL, KNOWN}


def key_set(path: Path) -> dict[str, Any]:
    """The published keys kept in a file; stops where they are none."""
    try:
        found: dict[str, Any] = json.loads(path.read_bytes())
        complete = all({"kid", "kty", "crv", "x", "y"} <= set(k) for k in found["keys"])
    except (ValueError, KeyError, TypeError):
        complete = False
    if not complete:
        raise click.ClickException(f"{path} is no JSON Web Key Set")
    return found


def _given(seals: tuple[Path, ...], authorities: tuple[Path, ...]) -> Trusted:
    """Whom the person at the command line believes."""
    held = [_der(path) for path in seals]
    return Trusted(
        tuple(chain[0] for chain in held),
        tuple(one for path in authorities for one in _der(path)),
        tuple(one for chain in held for one in chain[1:]),
    )


def _der(path: Path) -> list[bytes]:
    try:
        found = x509.load_pem_x509_certificates(path.read_bytes())
    except ValueError as unreadable:
        raise click.ClickException(f"{path} holds no certificate") from unreadable
    return [one.public_bytes(serialization.Encoding.DER) for one in found]
