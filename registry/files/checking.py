"""What kind of file this is, and why it may not come in."""

import subprocess
import sys
from functools import lru_cache
from pathlib import Path

from registry.errors import N_, Invalid, Unavailable
from registry.files import inspection
from registry.storage import Storage

MOST_BYTES = 10 * 1024 * 1024
#: Seconds on the wall; the process itself may compute for ten.
PATIENCE = 20
#: What people may give us, by the words of a file chooser.
ACCEPTED = ".pdf,.jpg,.jpeg,.png,application/pdf,image/jpeg,image/png"


class WrongFile(Invalid):
    """A file we do not take; the sentence names the rule and the remedy."""

    field = "file"


class EmptyFile(WrongFile):
    """No bytes."""


class TooLarge(WrongFile):
    """More bytes than we take."""


class WrongKind(WrongFile):
    """Neither a PDF nor a JPEG nor a PNG, whatever its name says."""


class Broken(WrongFile):
    """It cannot be read to its end."""


class Encrypted(WrongFile):
    """A PDF behind a password, or with restricted permissions."""


class ActiveContent(WrongFile):
    """A PDF that does something when it is opened."""


class EnclosesFiles(WrongFile):
    """A PDF with other files inside."""


class TooManyPixels(WrongFile):
    """A picture larger than any page, made to exhaust who opens it."""


class TwoFiles(WrongFile):
    """Bytes that are two kinds of file at once, or something after the end."""


class NoInspection(Unavailable):
    """The inspection could not be started."""


REFUSALS: dict[str, WrongFile] = {
    "wrong_kind": WrongKind(
        N_(
            "Only PDF, JPEG and PNG are taken, and this is none of them, "
            "whatever its name says."
        )
    ),
    "broken": Broken(
        N_(
            "The file is broken or incomplete: it cannot be read to its end. "
            "Save it again from the program that made it."
        )
    ),
    "encrypted": Encrypted(
        N_(
            "The PDF is protected by a password or by restrictions. "
            "Save it without protection."
        )
    ),
    "active_content": ActiveContent(
        N_(
            "The PDF has active content (scripts, actions, forms that compute, "
            "media). Print it to a new PDF and attach that."
        )
    ),
    "encloses_files": EnclosesFiles(
        N_("The PDF has other files inside. Attach each of them on its own.")
    ),
    "too_many_pixels": TooManyPixels(
        N_("The picture has more than 40 million pixels. Scan it at 300 dots per inch.")
    ),
    "two_files": TwoFiles(
        N_(
            "The file hides another one, or goes on after its end. "
            "Save it again as a plain PDF, JPEG or PNG."
        )
    ),
}


def check(content: bytes) -> str:
    """
    The media type of a file we may take: application/pdf, image/jpeg or image/png.

    At most 10 MB (ours). It is parsed in a process of its own with limits on memory,
    time and files. Raises a WrongFile that names the rule.
    """
    if not content:
        raise EmptyFile(N_("The file is empty."))
    if len(content) > MOST_BYTES:
        raise TooLarge(N_("The file is larger than 10 MB: make it smaller."))
    return _media_type(_Known(content))


class _Known:
    """Bytes remembered by their hash: the same file need not be looked into twice."""

    def __init__(self, content: bytes) -> None:
        self.content: bytes | None = content
        self._sha256 = Storage.digest(content)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Known) and self._sha256 == other._sha256

    def __hash__(self) -> int:
        return hash(self._sha256)


@lru_cache(maxsize=4096)
def _media_type(file: _Known) -> str:
    content, file.content = file.content or b"", None
    try:
        looked = subprocess.run(  # noqa: S603 - our own script, by its full path
            [sys.executable, "-I", str(Path(inspection.__file__))],
            input=content,
            capture_output=True,
            timeout=PATIENCE,
            check=False,
            env={},
        )
    except subprocess.TimeoutExpired:
        raise _again("broken") from None
    except OSError:
        raise NoInspection(N_("Files cannot be examined just now.")) from None
    word = looked.stdout.decode("ascii", "replace")
    if looked.returncode == 0 and "/" in word:
        return word
    raise _again(word if word in REFUSALS else "broken")


def _again(word: str) -> WrongFile:
    """A fresh refusal: one that is raised twice would carry two stories."""
    known = REFUSALS[word]
    return type(known)(known.message)
