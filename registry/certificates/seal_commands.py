"""`registry keys …` and `registry verify FILE`: the seal, and files that carry it."""

from pathlib import Path

import click
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from flask.cli import AppGroup, with_appcontext

from registry.certificates.register import NoRegister, SealedFiles
from registry.certificates.verification import Answer, Verdict, verify
from registry.errors import RegistryError
from registry.seal import KeyFolder, Trusted
from registry.services import services

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


@keys_cli.command("new")
def new() -> None:
    """
    Use the seal of the settings from now on, and retire the one before.

    With no REGISTRY_SEAL: a new development seal.
    """
    doors = services()
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
    """Stop using the seal NAME, and destroy its private key if it is here."""
    try:
        _folder().retire(name, services().clock.now(), stolen=stolen)
    except RegistryError as refusal:
        raise click.ClickException(str(refusal)) from refusal
    click.echo(f"Retired: {name}")


@click.command("verify")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--seal",
    "seals",
    multiple=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="PEM file with a seal's certificate (and those above it) to believe; "
    "instead of the seals of this installation.",
)
@click.option(
    "--authority",
    "authorities",
    multiple=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="PEM file with the root of a time-stamp authority to believe.",
)
@click.option("--register/--offline", help="Ask the register of this installation too.")
@with_appcontext
def verify_command(
    file: Path, seals: tuple[Path, ...], authorities: tuple[Path, ...], register: bool
) -> None:
    """
    Say whether FILE is a certificate as we sealed it; exit 0 only if it is.

    Without --register, only what the file itself proves is looked at.
    """
    trusted = services().seal.trusted()
    if seals:
        trusted = _given(seals, authorities)
    answer = verify(
        file.read_bytes(),
        trusted=trusted,
        register=SealedFiles() if register else NoRegister(),
    )
    sealed = answer.verdict is Verdict.SEALED_BUT_UNKNOWN and not register
    _tell(answer, sealed_offline=sealed)
    if not register:
        click.echo("Not checked, because offline:")
        click.echo("  whether the register has it, and what it is worth today")
        click.echo("  whether the certificate of the seal was withdrawn by its issuer")
    if not (answer.genuine or sealed):
        raise SystemExit(1)


def _tell(answer: Answer, *, sealed_offline: bool) -> None:
    verdict = "sealed" if sealed_offline else str(answer.verdict)
    click.echo(f"{verdict}\t{answer.number}\tsha256:{answer.sha256}")
    told = "Our seal is on this file, and holds." if sealed_offline else ""
    click.echo(told or answer.verdict.told)
    for check in answer.checks:
        if sealed_offline and check.name in {"identical", "known"}:
            continue
        click.echo(f"  {'yes' if check.passed else 'NO '}  {check.told}")
    if answer.signer:
        click.echo(f"  Sealed by “{answer.signer}”, {answer.sealed_at}, {answer.level}")


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
