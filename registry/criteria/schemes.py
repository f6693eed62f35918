"""Which schemes there are, and the one that is meant where none is named."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the printer of certificates reads no edition
    from registry.criteria.reader import Editions

#: Programs asked about this one before there was a second: what they get must not
#: change its meaning, so it is no setting.
MAIN_SCHEME = "impact"


def called(scheme: str) -> str:
    """A scheme as people write it: Impresa solidale."""
    return scheme.replace("-", " ").capitalize()


def named(scheme: str) -> dict[str, str]:
    """How an address names a scheme: not at all where it is the one meant anyway."""
    return {} if scheme == MAIN_SCHEME else {"scheme": scheme}


def published(editions: "Editions") -> list[str]:
    """The schemes with a published edition, the main one first, then by name."""
    return sorted({one.scheme for one in editions.values()}, key=in_order)


def in_order(scheme: str) -> tuple[bool, str]:
    """By what schemes are sorted: the main one first, then by name."""
    return scheme != MAIN_SCHEME, scheme
