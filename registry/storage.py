"""Files by content: the name of a file is the SHA-256 of its bytes.  And secrets."""

import contextlib
import hashlib
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from registry.errors import N_, NotFound, Unavailable


@dataclass(frozen=True)
class Blob:
    sha256: str
    size: int  # bytes


class DamagedFile(Unavailable):
    """The bytes on the disk are not the ones that were kept."""


def keep_secret(path: Path, secret: str) -> None:
    """Put it in its place, whole or not at all; the first of several processes wins."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor, fresh = tempfile.mkstemp(dir=path.parent, prefix=".new-")
    with os.fdopen(descriptor, "w") as file:  # mode 0600
        file.write(secret)
        file.flush()
        os.fsync(file.fileno())
    try:
        with contextlib.suppress(FileExistsError):
            os.link(fresh, path)
    finally:
        os.unlink(fresh)


@dataclass(frozen=True)
class Storage:
    root: Path
    #: Where everything is kept a second time, on another disk; None: nowhere.
    second: Path | None = None

    def put(self, content: bytes) -> Blob:
        """Keep the bytes durably.  Putting the same bytes twice keeps one copy."""
        blob = Blob(self.digest(content), len(content))
        for root in filter(None, (self.root, self.second)):
            self._keep(root / blob.sha256[:2] / blob.sha256, content)
        return blob

    def _keep(self, path: Path, content: bytes) -> None:
        if path.exists():
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, part = tempfile.mkstemp(dir=path.parent, prefix=".incoming-")
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(part).replace(path)
        self._settle(path.parent)

    def read(self, sha256: str) -> bytes:
        """The bytes of that name; NotFound if absent, DamagedFile if altered."""
        try:
            content = self._path(sha256).read_bytes()
        except FileNotFoundError:
            raise NotFound(N_("This file is no longer here.")) from None
        if hashlib.sha256(content).hexdigest() != sha256:
            raise DamagedFile(N_("This file was altered on the disk: it is not shown."))
        return content

    @staticmethod
    def digest(content: bytes) -> str:
        """SHA-256 (hex) of the bytes: the name they have here."""
        return hashlib.sha256(content).hexdigest()

    def names(self) -> Iterator[str]:
        return (path.name for path in self.root.glob("??/*") if path.name[0] != ".")

    def extending(self, start: bytes, most: int) -> Iterator[bytes]:
        """The sound files that begin with `start` and add 1 to `most` bytes."""
        for name in self.names():
            path = self._path(name)
            if 0 < path.stat().st_size - len(start) <= most:
                with path.open("rb") as file:
                    found = file.read(len(start)) == start
                if found and self.digest(path.read_bytes()) == name:
                    yield path.read_bytes()

    def _path(self, sha256: str) -> Path:
        return self.root / sha256[:2] / sha256

    @staticmethod
    def _settle(folder: Path) -> None:
        """Make the new name itself survive a power cut."""
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
