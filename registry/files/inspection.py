"""
Looks inside a file somebody gave us.  Runs alone, in a process with hard limits.

`registry.files.checking` starts it, gives it the bytes on standard input, and reads one
word: the media type, or the name of the rule the file breaks.  It imports nothing of
ours, so that what a hostile file can reach is this file and two libraries.
"""

import io
import re
import resource
import struct
import sys
import zlib
from collections.abc import Iterator

MEGABYTE = 1024 * 1024
#: An A4 page at 600 dots per inch has 35 million.
MOST_PIXELS = 40_000_000
DEEPEST = 60  # direct objects within each other; real files have fewer than ten

PNG_START = b"\x89PNG\r\n\x1a\n"
#: Where programs look for another file inside this one.
ZIP_END = b"PK\x05\x06"
ZIP_TAIL = 65_557  # the end record and its longest comment
OTHER_STARTS = re.compile(
    rb"%PDF-|<!doctype\s+html|<html|<script|<svg|<\?php|<\?xml|<body|MZ\x90", re.I
)
HEAD = 1024

ACTIVE_KEYS = frozenset(
    {"/JS", "/JavaScript", "/AA", "/XFA", "/RichMediaContent", "/RichMediaSettings"}
)
ENCLOSING_KEYS = frozenset({"/EmbeddedFiles", "/EF"})
ACTIVE_ACTIONS = frozenset(
    {
        *("/JavaScript", "/Launch", "/SubmitForm", "/ImportData", "/Rendition"),
        *("/Movie", "/Sound", "/GoToE", "/RichMediaExecute", "/GoTo3DView"),
    }
)
ACTIVE_PARTS = frozenset({"/RichMedia", "/Movie", "/Sound", "/Screen", "/3D"})


class Refused(Exception):
    """The file breaks the rule of this name."""


def limit_this_process() -> None:
    """Memory, time, open files and writing: so much and no more (ASVS 15.2.5)."""
    resource.setrlimit(resource.RLIMIT_AS, (512 * MEGABYTE, 512 * MEGABYTE))
    resource.setrlimit(resource.RLIMIT_CPU, (10, 10))
    resource.setrlimit(resource.RLIMIT_NOFILE, (16, 16))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def inspect(content: bytes) -> str:
    """The media type of the bytes.  Raises Refused with the name of the rule."""
    if content.startswith(b"%PDF-"):
        inspect_pdf(content)
        return "application/pdf"
    if content.startswith(b"\xff\xd8\xff"):
        inspect_jpeg(content)
        return "image/jpeg"
    if content.startswith(PNG_START):
        inspect_png(content)
        return "image/png"
    raise Refused("wrong_kind")


def inspect_pdf(content: bytes) -> None:
    """A whole PDF, readable by anyone, in which nothing acts and nothing hides."""
    import pikepdf

    _only_one_file(content, content[5:HEAD])
    try:
        document = pikepdf.open(io.BytesIO(content), attempt_recovery=False)
    except pikepdf.PasswordError:
        raise Refused("encrypted") from None
    except pikepdf.PdfError:
        raise Refused("broken") from None
    if document.is_encrypted:
        raise Refused("encrypted")
    if b"%%EOF" not in content[-HEAD:] or not len(document.pages):
        raise Refused("broken")
    if content.rstrip(b"\r\n \t\0").rpartition(b"%%EOF")[2]:
        raise Refused("two_files")
    for part in document.objects:
        _must_be_still(part)


def _must_be_still(part: object) -> None:
    import pikepdf

    for depth, one in _within(part):
        if depth > DEEPEST:
            raise Refused("broken")
        if not isinstance(one, pikepdf.Dictionary | pikepdf.Stream):
            continue
        keys = set(one.keys())
        kinds = {str(one.get(key)) for key in ("/Type", "/Subtype") if key in keys}
        if keys & ENCLOSING_KEYS or kinds & {"/EmbeddedFile", "/FileAttachment"}:
            raise Refused("encloses_files")
        if keys & ACTIVE_KEYS or kinds & ACTIVE_PARTS:
            raise Refused("active_content")
        if str(one.get("/S", "")) in ACTIVE_ACTIONS or _opens_with_action(one):
            raise Refused("active_content")


def _within(part: object) -> Iterator[tuple[int, object]]:
    """`part` and every direct object inside it, with its depth."""
    import pikepdf

    waiting: list[tuple[int, object]] = [(0, part)]
    while waiting:
        depth, one = waiting.pop()
        yield depth, one
        inner: list[object] = []
        if isinstance(one, pikepdf.Dictionary | pikepdf.Stream):
            inner = [value for _, value in one.items()]
        elif isinstance(one, pikepdf.Array):
            inner = list(one)
        waiting += [
            (depth + 1, value)
            for value in inner
            if isinstance(value, pikepdf.Object) and not value.is_indirect
        ]


def _opens_with_action(one: object) -> bool:
    """Whether opening the document does more than choose the page to show."""
    import pikepdf

    first = one.get("/OpenAction")  # type: ignore[attr-defined]
    if not isinstance(first, pikepdf.Dictionary):
        return False
    return str(first.get("/S", "")) != "/GoTo" or "/Next" in first


def inspect_jpeg(content: bytes) -> None:
    """A JPEG that ends where it says."""
    _only_one_file(content, content[:HEAD])
    if not content.rstrip(b"\0\r\n ").endswith(b"\xff\xd9"):
        raise Refused("two_files" if b"\xff\xd9" in content else "broken")
    _decode(content, "JPEG")


def inspect_png(content: bytes) -> None:
    """A PNG whose parts are whole, and nothing after the last (ISO/IEC 15948, 5.3)."""
    _only_one_file(content, content[:HEAD])
    at = len(PNG_START)
    kind = b""
    while kind != b"IEND":
        if at + 12 > len(content):
            raise Refused("broken")
        size, kind = struct.unpack(">I4s", content[at : at + 8])
        end = at + 8 + size
        if end + 4 > len(content):
            raise Refused("broken")
        if zlib.crc32(content[at + 4 : end]) != int.from_bytes(content[end : end + 4]):
            raise Refused("broken")
        at = end + 4
    if content[at:].strip(b"\0\r\n "):
        raise Refused("two_files")
    _decode(content, "PNG")


def _decode(content: bytes, kind: str) -> None:
    """Read the picture to its end, if it is not too large to be read at all."""
    from PIL import Image

    Image.MAX_IMAGE_PIXELS = None  # our own limit comes first, and is said in words
    try:
        picture = Image.open(io.BytesIO(content), formats=[kind])
        if picture.width * picture.height > MOST_PIXELS:
            raise Refused("too_many_pixels")
        picture.load()
    except Refused:
        raise
    except MemoryError:
        raise Refused("too_many_pixels") from None
    except Exception:
        raise Refused("broken") from None


def _only_one_file(content: bytes, head: bytes) -> None:
    """Raise when another program would read the same bytes as another kind of file."""
    if ZIP_END in content[-ZIP_TAIL:] or OTHER_STARTS.search(head):
        raise Refused("two_files")


def main() -> int:
    """Read standard input, write one word; 0 when the file is good, 1 when refused."""
    limit_this_process()
    try:
        sys.stdout.write(inspect(sys.stdin.buffer.read()))
    except Refused as refusal:
        sys.stdout.write(str(refusal))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
