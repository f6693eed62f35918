"""The door to the body's seal: PDF bytes in, sealed PDF bytes out."""

import enum
from dataclasses import dataclass
from typing import Protocol

from registry.errors import N_, Unavailable

#: The field of the paper the seal is put into.
FIELD = "Sigillo"


class NotSealed(Unavailable):
    """No seal could be put on the paper, or the one put on it does not hold."""


class Level(enum.StrEnum):
    """How long a seal can be checked (ETSI EN 319 142-1): each has what precedes it."""

    B_B = "B-B"  # signed
    B_T = "B-T"  # with a time-stamp
    B_LT = "B-LT"  # with the answers about the certificates enclosed
    B_LTA = "B-LTA"  # and a time-stamp over all that

    @property
    def rank(self) -> int:
        """From 0, the plainest."""
        return list(Level).index(self)


@dataclass(frozen=True)
class Trusted:
    """
    Whom we believe, as DER certificates.

    `seals` are the certificates of our own seals, those retired included; `authorities`
    the roots of who issued them and of who stamps the time; `chains` what stands
    between our seals and those roots.
    """

    seals: tuple[bytes, ...] = ()
    authorities: tuple[bytes, ...] = ()
    chains: tuple[bytes, ...] = ()


class Seal(Protocol):
    """The door to the body's seal."""

    @property
    def development(self) -> bool:
        """Whether this is a seal for trying out, worth nothing to anybody."""
        ...

    def seal(self, pdf: bytes) -> bytes:
        """The same file with the seal in its empty field; raises NotSealed."""
        ...

    def describe(self) -> str:
        """Whose seal it is, as readers of the PDF will see it."""
        ...

    def validate(self, sealed: bytes) -> None:
        """Nothing when our seal holds over all of `sealed`; else raises NotSealed."""
        ...

    def trusted(self) -> Trusted:
        """Every seal of ours that a file may carry today, those retired included."""
        ...


class NoSeal:
    """Before a key is installed: nothing can be sealed, and everybody is told so."""

    development = False

    def seal(self, pdf: bytes) -> bytes:
        """Never: raises NotSealed."""
        raise NotSealed(N_("No seal is installed."))

    def describe(self) -> str:
        """That there is none."""
        return "no seal"

    def validate(self, sealed: bytes) -> None:
        """Never: raises NotSealed."""
        raise NotSealed(N_("No seal is installed."))

    def trusted(self) -> Trusted:
        """Nobody."""
        return Trusted()
