"""
The keys of the seal on disk: which was used from when until when.

One folder for each seal under `keys/`, named after it, holds its certificates and its
dates, and the private key where it is not in a token or with a provider. A retired seal
keeps its certificate, so that what it sealed still counts; its private key is
destroyed.
"""

import json
import os
import shutil
import tempfile
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID

from registry.errors import N_, Conflict, NotFound
from registry.seal.door import NotSealed, Trusted
from registry.seal.hands import KeyInMemory, PrivateKey, der
from registry.seal.pades import Lasting, PadesSeal, certificates_in

# What every reader of the file is shown as the signer.
DEVELOPMENT_NAME = "SIGILLO DI SVILUPPO – non qualificato"
DEVELOPMENT = "development"
# No moved clock of a demonstration may fall outside it.
DEVELOPMENT_FROM = datetime(2015, 1, 1, tzinfo=UTC)
DEVELOPMENT_UNTIL = datetime(2049, 12, 31, tzinfo=UTC)
KEY, CERTIFICATES = "key.pem", "certificates.pem"
AUTHORITIES, DATES = "authorities.pem", "dates.json"


class SealInUse(Conflict):
    """The only seal there is cannot be retired before there is another."""


@dataclass(frozen=True)
class Kept:
    """
    A seal of the body, today's or one used before.

    `used_until` is None for one in use; `believed` is False when its key may have been
    stolen: then only files kept in the register count, not what else it sealed.
    """

    name: str
    certificates: tuple[x509.Certificate, ...]
    authorities: tuple[x509.Certificate, ...]
    used_from: datetime
    used_until: datetime | None
    believed: bool = True

    @property
    def subject(self) -> str:
        """The common name in its certificate."""
        of_name = self.certificates[0].subject.get_attributes_for_oid
        return ", ".join(str(one.value) for one in of_name(NameOID.COMMON_NAME))


@dataclass(frozen=True)
class KeyFolder:
    """Every seal this installation had."""

    folder: Path

    def seals(self) -> list[Kept]:
        """All of them, the oldest first."""
        found = [self._read(path.parent) for path in self.folder.glob(f"*/{DATES}")]
        return sorted(found, key=lambda kept: (kept.used_from, kept.name))

    def trusted(self) -> Trusted:
        """The certificates of all seals whose work is still believed."""
        believed = [kept for kept in self.seals() if kept.believed]
        return Trusted(
            tuple(der(kept.certificates[0]) for kept in believed),
            tuple(
                dict.fromkeys(der(one) for kept in believed for one in kept.authorities)
            ),
            tuple(der(one) for kept in believed for one in kept.certificates[1:]),
        )

    def note(self, seal: PadesSeal, at: datetime) -> PadesSeal:
        """
        Write down that this seal is used from `at` on, and retire the one before.

        A seal noted already stays as it is. Returns it with those used before.
        """
        name = name_of(seal.certificate)
        if not any(kept.name == name for kept in self.seals()):
            self._keep(
                name,
                {
                    CERTIFICATES: _pems(seal.hand.certificates()),
                    AUTHORITIES: _pems(seal.lasting.authorities),
                    DATES: _dates(at),
                },
            )
        for kept in self.seals():
            if kept.name != name and kept.used_until is None:
                self._end(kept, at)
        return _with(seal, self.trusted())

    def renew_development(self, at: datetime) -> Kept:
        """A new development seal from `at` on; the one before is retired."""
        before = [kept for kept in self.seals() if kept.used_until is None]
        count = len(list(self.folder.glob(f"{DEVELOPMENT}-*"))) + 1
        self._keep(f"{DEVELOPMENT}-{count}", _new_development(at))
        for kept in before:
            self._end(kept, at)
        return self.seals()[-1]

    def retire(self, name: str, at: datetime, *, stolen: bool = False) -> None:
        """
        The seal is not used after `at`; its private key, if it is here, is destroyed.

        With `stolen`, what it sealed counts no longer unless the register has the very
        file. Raises NotFound for an unknown seal, SealInUse for the only one.
        """
        all_seals = {kept.name: kept for kept in self.seals()}
        if name not in all_seals:
            raise NotFound(N_("There is no seal %(name)s."), name=name)
        others = [k for k in all_seals.values() if k.used_until is None]
        if others == [all_seals[name]] and not stolen:
            raise SealInUse(N_("This seal is in use: install another one first."))
        self._end(all_seals[name], at, believed=not stolen)

    def development(self, at: datetime) -> PadesSeal:
        """The development seal in use, made now when there is none."""
        for attempt in (1, 2):
            for kept in reversed(self.seals()):
                key = self.folder / kept.name / KEY
                if kept.used_until is None and key.exists():
                    hand = KeyInMemory(_key(_bytes(key), None), kept.certificates[0])
                    seal = PadesSeal(hand, development=True)
                    return _with(seal, self.trusted())
            if attempt == 1:
                self.renew_development(at)
        raise NotSealed(N_("No seal is installed."))

    def _end(self, kept: Kept, at: datetime, *, believed: bool = True) -> None:
        folder = self.folder / kept.name
        until = kept.used_until or at
        dates = _dates(kept.used_from, until, kept.believed and believed)
        fresh = folder / f".{DATES}"
        fresh.write_bytes(dates)
        fresh.replace(folder / DATES)
        (folder / KEY).unlink(missing_ok=True)

    def _keep(self, name: str, parts: dict[str, bytes]) -> None:
        """Put a whole folder in place at once; the first of several processes wins."""
        self.folder.mkdir(parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(dir=self.folder, prefix=".new-"))  # mode 0700
        try:
            for part, content in parts.items():
                path = fresh / part
                path.touch(mode=0o600)
                path.write_bytes(content)
            os.rename(fresh, self.folder / name)
        except OSError:
            if not (self.folder / name / DATES).exists():
                raise
        finally:
            shutil.rmtree(fresh, ignore_errors=True)

    def _read(self, folder: Path) -> Kept:
        dates: dict[str, Any] = json.loads((folder / DATES).read_text())
        until = dates["used_until"]
        authorities = folder / AUTHORITIES
        some = authorities.exists() and authorities.stat().st_size
        return Kept(
            folder.name,
            certificates_in(folder / CERTIFICATES),
            certificates_in(authorities) if some else (),
            datetime.fromisoformat(dates["used_from"]),
            datetime.fromisoformat(until) if until else None,
            dates["believed"],
        )


def name_of(certificate: x509.Certificate) -> str:
    """What a seal is called here: the first 16 digits of its certificate's SHA-256."""
    return certificate.fingerprint(hashes.SHA256()).hex()[:16]


def development_seal(folder: Path, at: datetime = DEVELOPMENT_FROM) -> PadesSeal:
    """
    A seal made on the spot, and kept in `folder`, for trying the registry out.

    It says in its own name that it is worth nothing: never a seal in the sense of
    eIDAS (Regulation (EU) 910/2014).
    """
    return KeyFolder(folder).development(at)


def load_seal(
    key: Path,
    certificates: Path,
    password: bytes | None = None,
    lasting: Lasting | None = None,
) -> PadesSeal:
    """The body's own seal: a PEM key, and a PEM file with its certificate first.

    Raises NotSealed when the two are not there, not readable or not of one pair.
    """
    first, *chain = certificates_in(certificates)
    hand = KeyInMemory(_key(_bytes(key), password), first, tuple(chain))
    return PadesSeal(hand, lasting or Lasting())


def load_pkcs12(
    path: Path, password: bytes | None = None, lasting: Lasting | None = None
) -> PadesSeal:
    """The body's own seal in one PKCS#12 file; raises NotSealed as `load_seal`."""
    try:
        held = pkcs12.load_pkcs12(_bytes(path), password)
    except ValueError as unreadable:
        raise _unreadable() from unreadable
    if held.key is None or held.cert is None:
        raise NotSealed(N_("The file of the seal lacks the key or its certificate."))
    chain = tuple(one.certificate for one in held.additional_certs)
    hand = KeyInMemory(held.key, held.cert.certificate, chain)  # type: ignore[arg-type]
    return PadesSeal(hand, lasting or Lasting())


def _with(seal: PadesSeal, trusted: Trusted) -> PadesSeal:
    return replace(seal, retired=trusted)


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as unreadable:
        raise NotSealed(
            N_("The file that REGISTRY_SEAL names is not there, or may not be read.")
        ) from unreadable


def _key(pem: bytes, password: bytes | None) -> PrivateKey:
    try:
        key: PrivateKey = serialization.load_pem_private_key(pem, password)  # type: ignore[assignment]
    except (ValueError, TypeError, UnsupportedAlgorithm) as unreadable:
        raise _unreadable() from unreadable
    return key


def _unreadable() -> NotSealed:
    return NotSealed(
        N_(
            "The key of the seal cannot be opened: REGISTRY_SEAL_SECRET is not its "
            "password, or the file is of another kind."
        )
    )


def _dates(
    used_from: datetime, used_until: datetime | None = None, believed: bool = True
) -> bytes:
    told = {
        "used_from": used_from.isoformat(),
        "used_until": used_until.isoformat() if used_until else None,
        "believed": believed,
    }
    return json.dumps(told, indent=1).encode()


def _pems(certificates: tuple[x509.Certificate, ...]) -> bytes:
    pem = serialization.Encoding.PEM
    return b"".join(one.public_bytes(pem) for one in certificates)


def _new_development(at: datetime) -> dict[str, bytes]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Impact Registry"),
            x509.NameAttribute(NameOID.COMMON_NAME, DEVELOPMENT_NAME),
        ]
    )
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(DEVELOPMENT_FROM)
        .not_valid_after(DEVELOPMENT_UNTIL)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_for_sealing_only(), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return {KEY: pem, CERTIFICATES: _pems((certificate,)), DATES: _dates(at)}


def _for_sealing_only() -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=True,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
