"""Many answers under one hash, so that a receipt proves them and shows none."""

from collections.abc import Iterable, Mapping
from hashlib import sha256

from registry.signing import canonical_texts

#: A row as the company has it: names of columns and what stands there.
Row = Mapping[str, str]


def leaf(row: Row) -> bytes:
    """The hash of one row, marked as a leaf: it passes for no node (RFC 6962, 2.1)."""
    return sha256(b"\x00" + canonical_texts(row)).digest()


def root(rows: Iterable[Row]) -> str:
    """
    The hash over all rows in their order, in hexadecimal (RFC 6962, 2.1).

    Holds one hash for each level of the tree, however many rows there are.
    """
    peaks: list[tuple[int, bytes]] = []
    for row in rows:
        size, node = 1, leaf(row)
        while peaks and peaks[-1][0] == size:
            _, left = peaks.pop()
            size, node = 2 * size, _above(left, node)
        peaks.append((size, node))
    if not peaks:
        return sha256(b"").hexdigest()
    _, whole = peaks.pop()
    while peaks:
        whole = _above(peaks.pop()[1], whole)
    return whole.hex()


def _above(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()
