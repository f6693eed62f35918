"""PDF bytes in, sealed PDF bytes out: the body's seal, and how it is checked."""

from registry.seal.chosen import chosen
from registry.seal.door import FIELD, Level, NoSeal, NotSealed, Seal, Trusted
from registry.seal.kept import KeyFolder, development_seal, load_pkcs12, load_seal
from registry.seal.pades import Lasting, PadesSeal

__all__ = [
    "FIELD",
    "KeyFolder",
    "Lasting",
    "Level",
    "NoSeal",
    "NotSealed",
    "PadesSeal",
    "Seal",
    "Trusted",
    "chosen",
    "development_seal",
    "load_pkcs12",
    "load_seal",
]
