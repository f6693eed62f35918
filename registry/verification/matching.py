"""Who could be meant by a name: now, before it changed, or as a list published it."""

import heapq
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import log
from threading import Lock
from typing import Any, Literal
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, func, literal, or_, select, union_all

from registry.certificates.models import (
    Certificate,
    CertificateEvent,
    CertificateState,
    EventKind,
)
from registry.db import db
from registry.organisations.models import FormerName, Listing, Organisation, Seat
from registry.search import key, spellings
from registry.verification import version
from registry.verification.names import Name, likeness, taken_apart

Field = Literal["legal_name", "former_name", "published_name"]
MIN_SCORE = 85
#: Longer than any name on a certificate; nobody needs to compare more.
LONGEST = 200
#: Bearers of a word looked at, and names compared in full.
MOST_BEARERS, MOST_COMPARED = 4_000, 40
#: Words shorter than this are not mended.
SHORTEST = 4
SAME_TOWN, SAME_PROVINCE, OTHER_TOWN, OTHER_PROVINCE = 3, 1, -5, -12


@dataclass(frozen=True, slots=True)
class Candidate:
    """An organisation that may be meant, by which of its names, and how likely."""

    organisation_id: int
    legal_name: str
    #: The name that is alike, and which of its names it is.
    matched: str
    field: Field
    #: 0–100; 100 only for the same name where no place speaks against it.
    score: int
    town: str
    province: str


@dataclass(frozen=True, slots=True)
class Bearer:
    """A name of a public organisation, with the places it works at."""

    organisation_id: int
    legal_name: str
    written: str
    field: Field
    town: str
    province: str
    name: Name


class Names:
    """All public names, in memory: made anew when the register has changed."""

    def __init__(self, bearers: Sequence[Bearer], seats: dict[int, set[Any]]) -> None:
        self.bearers, self.seats = bearers, seats
        self._with: dict[str, list[int]] = defaultdict(list)
        self._same: dict[tuple[str, ...], list[int]] = defaultdict(list)
        self._joined: dict[str, list[int]] = defaultdict(list)
        for place, bearer in enumerate(bearers):
            core = bearer.name.core
            self._same[tuple(sorted(core))].append(place)
            self._joined[bearer.name.joined].append(place)
            for word in set(core):
                self._with[word].append(place)
        self._spelt: dict[str, list[str]] = defaultdict(list)
        for word in self._with:
            if _is_mended(word):
                for spelling in spellings(word):
                    self._spelt[spelling].append(word)
        self.weight = lru_cache(maxsize=65_536)(self._weight)

    def candidates(
        self, name: str, town: str | None, province: str | None, min_score: int
    ) -> list[Candidate]:
        """The organisations that may be meant, the likeliest first, each once."""
        typed, best = taken_apart(name[:LONGEST]), dict[int, Candidate]()
        for place in self._near(typed):
            bearer = self.bearers[place]
            score = likeness(typed, bearer.name, self.weight)
            score = self._placed(score, bearer, town, province)
            known = best.get(bearer.organisation_id)
            if score >= min_score and (known is None or score > known.score):
                best[bearer.organisation_id] = _candidate(bearer, score)
        return sorted(best.values(), key=lambda one: (-one.score, one.legal_name))

    def _weight(self, word: str) -> float:
        return 1 + log((1 + len(self.bearers)) / (1 + len(self._with.get(word, ()))))

    def _near(self, typed: Name) -> Iterable[int]:
        """The names worth comparing: the same, and those that share telling words."""
        same = self._same.get(tuple(sorted(typed.core)), [])
        same = [*same, *self._joined.get(typed.joined, [])]
        shared: Counter[int] = Counter()
        looked_at = 0
        words = {one for word in typed.core for one in self._meant(word)}
        for word in sorted(words, key=lambda one: len(self._with[one])):
            if looked_at and looked_at + len(self._with[word]) > MOST_BEARERS:
                break
            looked_at += len(self._with[word])
            told = self.weight(word)
            for place in self._with[word][:MOST_BEARERS]:
                shared[place] += told  # type: ignore[assignment] # a weight, not a count
        near = heapq.nlargest(MOST_COMPARED, shared, key=shared.__getitem__)
        return dict.fromkeys([*same, *near])

    def _meant(self, word: str) -> set[str]:
        """The word, if anyone bears it, and those that are a slip away from it."""
        if not _is_mended(word):
            return {word} & self._with.keys()
        return {
            one for spelling in spellings(word) for one in self._spelt.get(spelling, ())
        }

    def _placed(
        self, score: int, bearer: Bearer, town: str | None, province: str | None
    ) -> int:
        """The score with what the place says: the seat, or any place of work."""
        places = self.seats.get(bearer.organisation_id, set())
        places = {*places, (key(bearer.town), bearer.province)}
        change = 0
        if province and province not in {there for _, there in places}:
            change = OTHER_PROVINCE
        elif town and key(town) not in {there for there, _ in places}:
            change = OTHER_TOWN
        elif score < 100:
            change = SAME_TOWN if town else SAME_PROVINCE if province else 0
            return min(99, score + change)
        return max(0, score + change)


def candidates(
    name: str,
    town: str | None = None,
    province: str | None = None,
    min_score: int = MIN_SCORE,
) -> list[Candidate]:
    """
    The public organisations that a name may mean, the likeliest first.

    `province` is a sigla (BG).  Where only the name is alike the score is lower than
    100; a place that contradicts lowers it, one that agrees raises it.
    """
    return names().candidates(name, town, province, min_score)


def candidates_of(
    wanted: Iterable[tuple[str, str | None, str | None]], min_score: int = MIN_SCORE
) -> Iterator[list[Candidate]]:
    """The same for many names with town and province, in their order."""
    known = names()
    remembered: dict[Any, list[Candidate]] = {}
    for asked in wanted:
        if asked not in remembered:
            remembered[asked] = known.candidates(*asked, min_score)
        yield remembered[asked]


@dataclass(frozen=True, slots=True)
class Kept:
    """Names, the version they were looked at last, and what they were made of."""

    version: int
    made_of: tuple[Any, ...]
    names: Names


_KEPT: WeakKeyDictionary[Engine, Kept] = WeakKeyDictionary()
_ONE_AT_A_TIME = Lock()


def names() -> Names:
    """All public names as they are now, read again only after one has changed."""
    with _ONE_AT_A_TIME:
        seen = version.now()
        kept = _KEPT.get(db.engine)
        if kept is None or kept.version != seen:
            kept = _KEPT[db.engine] = _looked_at(seen, kept)
        return kept.names


def _looked_at(seen: int, kept: Kept | None) -> Kept:
    made_of = _made_of()
    if kept is not None and kept.made_of == made_of:
        return Kept(seen, made_of, kept.names)
    return Kept(seen, made_of, Names(list(_bearers()), _seats()))


def _made_of() -> tuple[Any, ...]:
    """What changes whenever a public name or place does; most events change none."""
    newest = select(func.max(CertificateEvent.id)).where(
        CertificateEvent.kind == EventKind.ISSUED
    )
    parts = (
        newest,
        select(func.max(Organisation.changed_at)),
        select(func.max(FormerName.id)),
        select(func.max(Listing.imported_at)),
    )
    row = db.session.execute(select(*(part.scalar_subquery() for part in parts)))
    return tuple(row.one())


def _bearers() -> Iterator[Bearer]:
    place = (Organisation.town, Organisation.province)
    own = Organisation.name
    now = select(Organisation.id, own, own, literal("legal_name"), *place)
    before = select(
        Organisation.id, own, FormerName.name, literal("former_name"), *place
    ).join(FormerName, FormerName.organisation_id == Organisation.id)
    listed = select(
        Organisation.id, own, Listing.name, literal("published_name"), *place
    ).join(Listing, Listing.organisation_id == Organisation.id)
    public = or_(
        Organisation.id.in_(
            select(Certificate.organisation_id).where(
                Certificate.state == CertificateState.ISSUED
            )
        ),
        Organisation.id.in_(select(Listing.organisation_id)),
    )
    parts = (now.where(public), before.where(public), listed)
    for row in db.session.execute(union_all(*parts)):
        # Each is taken apart once: none of them is worth remembering.
        told: Any = (*row, taken_apart.__wrapped__(row[2]))
        yield Bearer(*told)


def _seats() -> dict[int, set[Any]]:
    found: dict[int, set[Any]] = defaultdict(set)
    rows = db.session.execute(select(Seat.organisation_id, Seat.town, Seat.province))
    for id_, town, province in rows:
        found[id_].add((key(town), province))
    return found


def _is_mended(word: str) -> bool:
    """Another number is no slip of the pen."""
    return len(word) >= SHORTEST and not word.isdigit()


def _candidate(bearer: Bearer, score: int) -> Candidate:
    return Candidate(
        bearer.organisation_id,
        bearer.legal_name,
        bearer.written,
        bearer.field,
        score,
        bearer.town,
        bearer.province,
    )
