"""Which seal an installation has, by its settings."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from registry.errors import N_
from registry.seal.door import Level, NotSealed, Seal, Trusted
from registry.seal.hands import Hand, KeyAtProvider, KeyInToken
from registry.seal.kept import KeyFolder, load_pkcs12, load_seal
from registry.seal.pades import Lasting, PadesSeal, certificates_in, lasting
from registry.settings import Settings


def chosen(settings: Settings, at: datetime) -> Seal:
    """
    The seal of the settings, noted in the key folder from `at` on.

    REGISTRY_SEAL is empty (a development seal), or one of
    `pkcs12:FILE`, `pem:KEY,CERTIFICATES`, `pkcs11:DRIVER?token=…&label=…`,
    `csc:https://HOST?credential=…`. A key that cannot be used is told when it is asked
    for a seal.
    """
    keys = KeyFolder(settings.data_dir / "keys")
    if not settings.seal:
        return keys.development(at)
    return _Installed(settings, keys, at)


@dataclass(frozen=True)
class _Installed:
    """
    The seal of the settings, opened when it is first needed.

    A token or a provider that does not answer then keeps nobody from reading the
    register: only papers wait.
    """

    settings: Settings
    keys: KeyFolder
    at: datetime
    development: bool = False

    def seal(self, pdf: bytes) -> bytes:
        """The same file with the seal in its empty field; raises NotSealed."""
        return self._opened.seal(pdf)

    def describe(self) -> str:
        """Whose seal it is, as readers of the PDF will see it."""
        return self._opened.describe()

    def validate(self, sealed: bytes) -> None:
        """Nothing when our seal holds over all of `sealed`; else raises NotSealed."""
        self._opened.validate(sealed)

    def trusted(self) -> Trusted:
        """Every seal noted in the key folder, whether the key answers or not."""
        return self.keys.trusted()

    @cached_property
    def _opened(self) -> PadesSeal:
        seal = lasting(_seal(self.settings), _lasting(self.settings))
        return self.keys.note(seal, self.at)


def _seal(settings: Settings) -> PadesSeal:
    kind, _, rest = settings.seal.partition(":")
    secret = settings.seal_secret
    if kind == "pkcs12":
        return load_pkcs12(Path(rest), secret.encode() or None)
    if kind == "pem":
        key, _, certificates = rest.partition(",")
        return load_seal(Path(key), Path(certificates), secret.encode() or None)
    parts = urlsplit(rest)
    asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
    hand: Hand
    try:
        if kind == "pkcs11":
            chain = settings.seal_chain
            hand = KeyInToken(
                Path(parts.path),
                asked["token"],
                asked["label"],
                secret,
                certificates_in(Path(chain)) if chain else (),
            )
        elif kind == "csc":
            hand = KeyAtProvider(
                f"{parts.scheme}://{parts.netloc}{parts.path}".rstrip("/"),
                asked["credential"],
                secret,
                settings.seal_bearer,
            )
        else:
            raise KeyError(kind)
    except KeyError as missing:
        raise NotSealed(
            N_("REGISTRY_SEAL cannot be read: %(what)s is missing or unknown."),
            what=str(missing),
        ) from missing
    return PadesSeal(hand)


def _lasting(settings: Settings) -> Lasting:
    try:
        level = Level(settings.seal_level)
    except ValueError as unknown:
        raise NotSealed(
            N_("REGISTRY_SEAL_LEVEL must be one of B-B, B-T, B-LT, B-LTA.")
        ) from unknown
    authorities = settings.seal_authorities
    return Lasting(
        level,
        settings.seal_stamps,
        certificates_in(Path(authorities)) if authorities else (),
    )
