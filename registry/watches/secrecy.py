"""What keeps a watch-list unreadable: marks instead of identifiers, sealed words.

The key of the installation lies beside its other keys, not in the database; each
company's marks have a key of their own, so that two lists cannot be compared.
"""

import hmac
import secrets
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from registry.services import services
from registry.storage import keep_secret
from registry.suppliers.vault import Vault

NAME = "watches.key"


class Secrecy:
    """Marks and seals, from the key in a folder; made when there is none."""

    def __init__(self, folder: Path) -> None:
        self._secret = _kept(folder)
        self._vault = Vault(self._secret)

    def marker(self, company_id: int) -> Callable[[str], str]:
        """What turns a word into the mark that stands for it in one company's list."""
        purpose = f"watch-list of {company_id}".encode()
        key = hmac.digest(self._secret.encode(), purpose, "sha256")
        return lambda word: hmac.digest(key, word.encode(), "sha256").hex()

    def seal(self, value: Any, place: str) -> bytes:
        """A value of JSON, sealed for one place: moved elsewhere it does not open."""
        return self._vault.seal_json(value, place)

    def open(self, sealed: bytes, place: str) -> Any:
        """The value sealed for a place; raises suppliers.vault.Unopenable."""
        return self._vault.open_json(sealed, place)


def _kept(folder: Path) -> str:
    path = folder / NAME
    with suppress(FileNotFoundError):
        return path.read_text()
    keep_secret(path, secrets.token_hex(32))
    return path.read_text()


def the_secrecy() -> Secrecy:
    """The secrecy of this installation; only the edges ask."""
    return Secrecy(services().settings.data_dir / "keys")
