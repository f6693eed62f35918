"""The zip archive that XLSX and ODS files are: looked at before it is unpacked."""

import io
import zipfile
from collections.abc import Iterable, Iterator

from registry.suppliers.sheets.refusal import Refused

MEGABYTE = 1024 * 1024
MOST_PARTS = 2_000
MOST_UNPACKED = 160 * MEGABYTE
#: Deflate reaches 1,032; sheets of the same row again and again stay below 100.
MOST_RATIO = 200
SMALL = MEGABYTE
DECLARATIONS = (b"<!DOCTYPE", b"<!ENTITY")


def opened(content: bytes) -> zipfile.ZipFile:
    """The archive, if its list of parts can be believed.  Raises Refused."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
        raise Refused("broken") from None
    parts = archive.infolist()
    names = [part.filename.casefold() for part in parts]
    if len(parts) > MOST_PARTS or sum(p.file_size for p in parts) > MOST_UNPACKED:
        raise Refused("bomb")
    if len(set(names)) != len(names):
        raise Refused("two_files")
    if not content.startswith(b"PK\x03\x04"):
        raise Refused("two_files")
    _must_not_overlap(parts)
    for part in parts:
        if part.flag_bits & 0x1:
            raise Refused("encrypted")
        if part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise Refused("broken")
        ratio = part.file_size / max(part.compress_size, 1)
        if part.file_size > SMALL and ratio > MOST_RATIO:
            raise Refused("bomb")
    return archive


def _must_not_overlap(parts: list[zipfile.ZipInfo]) -> None:
    """Parts that share their bytes make a small file endless (Fifield, 2019)."""
    end = 0
    for part in sorted(parts, key=lambda one: one.header_offset):
        if part.header_offset < end:
            raise Refused("bomb")
        end = part.header_offset + 30 + part.compress_size


def part(archive: zipfile.ZipFile, name: str) -> bytes:
    """The bytes of a part, no more than it said.  Raises Refused."""
    try:
        return archive.read(name)
    except (KeyError, zipfile.BadZipFile, EOFError, OSError, ValueError):
        raise Refused("broken") from None
    except Exception as error:  # zlib.error, NotImplementedError
        raise Refused("broken") from error


def plain_xml(content: bytes) -> bytes:
    """XML as UTF-8 without entities: they could grow or fetch.  Raises Refused."""
    if content[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\0" in content[:4]:
        try:
            text = content.decode("utf-16")
        except UnicodeDecodeError:
            raise Refused("broken") from None
        content = text.replace("UTF-16", "UTF-8", 1).encode()
    head = content[:4096]
    if any(word in head for word in DECLARATIONS) or b"<!DOCTYPE" in content:
        raise Refused("entities")
    return content


def rewritten(
    archive: zipfile.ZipFile, changed: dict[str, Iterable[bytes]], level: int = 1
) -> bytes:
    """The archive with some parts changed; all others as they were, in their order.

    A part that changed is packed as it is written: never whole in memory.
    """
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for old in archive.infolist():
            new = zipfile.ZipInfo(old.filename, old.date_time)
            new.compress_type = old.compress_type
            new.external_attr = old.external_attr
            new._compresslevel = level  # type: ignore[attr-defined] # as writestr does
            pieces = changed.get(old.filename)
            if pieces is None:
                pieces = [part(archive, old.filename)]
            with made.open(new, "w") as target:
                target.writelines(_in_megabytes(pieces))
    return out.getvalue()


def _in_megabytes(pieces: Iterable[bytes]) -> Iterator[bytes]:
    waiting, size = [], 0
    for piece in pieces:
        waiting.append(piece)
        size += len(piece)
        if size >= MEGABYTE:
            yield b"".join(waiting)
            waiting, size = [], 0
    yield b"".join(waiting)
