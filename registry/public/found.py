"""What somebody looks for on the register, and what a page of it shows."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from registry.certificates.standing import Code, Standing
from registry.organisations.models import OrganisationKind, Sector
from registry.public.asked import Asked, Kind

SIZE = 25
#: Beyond this the register says “more than”: nobody needs the count, and it costs.
COUNTED = 1000
LISTED, IN_FORCE = "listed", "in_force"
#: Standings in which the holder may present the certificate as valid.
GOOD = (Code.VALID, Code.IN_UPDATE)
CURSOR = re.compile(
    r"(.{0,400})~([hl])([1-9][0-9]{0,9})(?:\.([1-9][0-9]{0,9}))?", re.DOTALL
)


@dataclass(frozen=True)
class Filters:
    """What somebody looks for; an empty word means “any”."""

    asked: Asked
    province: str = ""
    kind: OrganisationKind | None = None
    sector: Sector | None = None
    #: The letter of a section of ATECO 2025, or the two digits of a division.
    ateco: str = ""
    #: The first code of it, and the first beyond it.
    ateco_range: tuple[str, str] = ("", "")
    status: str = ""
    scheme: str = ""
    edition: str = ""

    @property
    def any(self) -> bool:
        """Whether something was asked at all."""
        return self.asked.kind is not Kind.NOTHING or self.filtered

    @property
    def filtered(self) -> bool:
        """Whether something was asked beside the name or number."""
        what = (self.province, self.kind, self.sector, self.ateco)
        return any((*what, self.status, self.scheme, self.edition))

    @property
    def holders(self) -> bool:
        """Whether holders can match."""
        return self.status != LISTED

    @property
    def listings(self) -> bool:
        """Whether names in published lists can match: little is known of them."""
        unknown = (self.kind, self.sector, self.ateco, self.edition)
        return (
            self.status in {"", LISTED}
            and not any(unknown)
            and not self.asked.is_number
        )


class Row(NamedTuple):
    """One line of the register: an organisation, or a name in a published list."""

    what: Literal["h", "l"]
    id: int
    name: str
    name_key: str
    town: str
    province: str
    kind: str
    edition: str | None = None
    standing: Standing | None = None
    #: The key of the certificate.
    paper: int = 0
    #: The former name by which it was found.
    formerly: str | None = None

    @property
    def cursor(self) -> str:
        paper = f".{self.paper}" if self.paper else ""
        return f"{self.name_key}~{self.what}{self.id}{paper}"


@dataclass(frozen=True)
class Found:
    """A page of the register, and where it goes on; no page costs more than another."""

    rows: Sequence[Row]
    total: int
    before: str | None = None
    after: str | None = None
    #: Whether some may have been found by a name they no longer bear.
    by_former: bool = False

    @property
    def more_than(self) -> bool:
        return self.total > COUNTED


NOTHING = Found((), 0)


@dataclass(frozen=True)
class Place:
    """Where a page begins: after (or, going back, before) a row."""

    name_key: str
    what: str
    id: int
    back: bool
    #: The key of the certificate of that row; 0 where it has none.
    paper: int = 0


def place(after: str, before: str) -> Place | None:
    """The place an address names; None for the beginning, or for nonsense."""
    given = CURSOR.fullmatch(before or after)
    if given is None or "\x00" in given[1]:
        return None
    id_, paper = int(given[3]), int(given[4] or 0)
    if max(id_, paper) > 2**31 - 1 or (paper and given[2] != "h"):
        return None
    return Place(given[1], given[2], id_, bool(before), paper)
