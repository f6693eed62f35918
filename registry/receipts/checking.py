"""Is this receipt one of ours?  Signature first, then the list of those issued."""

import enum
import json
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from registry.errors import N_, RegistryError
from registry.receipts.rules import KIND, Payload, fingerprint
from registry.signing import NotOurs

MOST_BYTES = 2 * 1024 * 1024
#: Parts of a PDF that are looked into, and bytes unpacked of each.
MOST_PARTS, MOST_UNPACKED = 400, 64 * 1024
TOKEN = re.compile(rb"eyJ[\w-]{10,2000}\.[\w-]{10,60000}\.[\w-]{86}(?![\w-])", re.ASCII)


class Verdict(enum.StrEnum):
    """What a file is.  Only the first says all is well."""

    GENUINE = "genuine"  # signed by us, and in our list
    SIGNED_BY_US = "signed_by_us"  # our list was not asked, or does not know it
    LISTED = "listed"  # the bare text of one in our list, without its signature
    NOT_OURS = "not_ours"

    @property
    def label(self) -> str:
        """In a few words, to be translated."""
        return LABELS[self]

    @property
    def told(self) -> str:
        """In a sentence, to be translated."""
        return SENTENCES[self]


LABELS = {
    Verdict.GENUINE: N_("A genuine receipt"),
    Verdict.SIGNED_BY_US: N_("Signed by us, but not in our list"),
    Verdict.LISTED: N_("The text of a genuine receipt"),
    Verdict.NOT_OURS: N_("Not a receipt of ours"),
}
SENTENCES = {
    Verdict.GENUINE: N_(
        "The register signed exactly what is told below, and lists its number."
    ),
    Verdict.SIGNED_BY_US: N_(
        "The signature is ours and holds, but the number is not among the receipts "
        "issued. Please tell the registry."
    ),
    Verdict.LISTED: N_(
        "The signature is not in this file, but its text has the fingerprint that the "
        "register kept when it issued this receipt."
    ),
    Verdict.NOT_OURS: N_(
        "Nothing in this file carries a signature of ours that holds. It may have been "
        "changed, or come from somebody else."
    ),
}


class Reader(Protocol):
    """Whoever knows our keys: ours, or a published key set."""

    def read(self, jwt: str, kind: str = ...) -> dict[str, Any]:
        """What a token says; raises NotOurs where no key of ours signed it."""
        ...


class Listed(Protocol):
    """Our list: the fingerprint kept under a number; None where there is none."""

    def __call__(self, number: str) -> str | None: ...


@dataclass(frozen=True)
class Checked:
    """What was found; `payload` is told only where it is to be believed."""

    verdict: Verdict
    payload: Payload | None = None
    jwt: str | None = None

    @property
    def genuine(self) -> bool:
        return self.verdict in {Verdict.GENUINE, Verdict.LISTED}


def check(content: bytes, reader: Reader, listed: Listed) -> Checked:
    """
    What a file is: a receipt's PDF, its token, or its bare text.

    Never raises because of the file.
    """
    for jwt in _tokens(content[:MOST_BYTES]):
        try:
            payload = reader.read(jwt, KIND)
        except NotOurs:
            continue
        known = listed(str(payload["jti"])) == fingerprint(payload)
        return Checked(Verdict.GENUINE if known else Verdict.SIGNED_BY_US, payload, jwt)
    bare = _bare(content)
    mark = _mark(bare) if bare else None
    if bare and mark and listed(str(bare.get("jti", ""))) == mark:
        return Checked(Verdict.LISTED, bare)
    return Checked(Verdict.NOT_OURS)


def _tokens(content: bytes) -> Iterator[str]:
    """Whatever looks like a token, in the file itself or in a part of a PDF."""
    found = TOKEN.search(content)
    if found:
        yield found[0].decode()
    if not content.startswith(b"%PDF-"):
        return
    for count, start in enumerate(re.finditer(rb"stream\r?\n", content)):
        if count == MOST_PARTS:
            return
        try:
            part = zlib.decompressobj().decompress(
                content[start.end() :], MOST_UNPACKED
            )
        except zlib.error:
            continue
        if found := TOKEN.fullmatch(part.strip()):
            yield found[0].decode()


def _bare(content: bytes) -> Payload | None:
    try:
        told = json.loads(content)
    except (ValueError, RecursionError):
        return None
    return told if isinstance(told, dict) else None


def _mark(payload: Payload) -> str | None:
    try:
        return fingerprint(payload)
    except (ValueError, RecursionError, RegistryError):
        return None
