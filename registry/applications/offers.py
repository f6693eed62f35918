"""The marks an organisation may ask for, and from when; those still in preparation."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from registry.applications import queries, rules
from registry.applications.models import Application
from registry.criteria.edition import Edition
from registry.criteria.reader import Editions
from registry.criteria.schemes import published
from registry.editions.queries import open_on
from registry.errors import N_, NotFound
from registry.organisations.models import Organisation


class NotOffered(NotFound):
    """Not one of the marks that this organisation may ask for today."""


@dataclass(frozen=True)
class Offer:
    """A mark and the edition to apply under, for those of a person's organisations."""

    edition: Edition
    organisations: Sequence[Organisation]
    #: The application under way, by the key of its organisation.
    under_way: Mapping[int, Application]
    #: The day on which applications open; None: they are open.
    opens_on: date | None = None


def offers(
    spoken_for: Sequence[Organisation], editions: Editions, today: date
) -> list[Offer]:
    """The marks that admit some of these organisations, those open today first."""
    found = []
    for scheme in published(editions):
        edition, opens_on = _next(scheme, editions, today)
        admitted = [one for one in spoken_for if edition and rules.is_for(edition, one)]
        if edition and admitted:
            begun = {one.id: queries.open_of(one.id, scheme) for one in admitted}
            under_way = {id_: one for id_, one in begun.items() if one}
            found.append(Offer(edition, admitted, under_way, opens_on))
    return sorted(found, key=lambda one: one.opens_on or date.min)


def _next(
    scheme: str, editions: Editions, today: date
) -> tuple[Edition | None, date | None]:
    """The edition of a scheme to apply under, and from when if not from today."""
    if open_ones := open_on(editions, today, scheme):
        return open_ones[0], None
    ahead = [
        one
        for one in editions.values()
        if one.scheme == scheme and one.in_force_from > today
    ]
    first = min(ahead, key=lambda one: one.in_force_from, default=None)
    return first, first.in_force_from if first else None


def preparing(spoken_for: Sequence[Organisation], editions: Editions) -> list[Edition]:
    """Drafts of marks not published yet that would admit some of them."""
    there = published(editions)
    return [
        one
        for one in editions.drafts.values()
        if one.scheme not in there and any(rules.is_for(one, who) for who in spoken_for)
    ]


def offered(
    known: Sequence[Offer], organisation: str, scheme: str
) -> tuple[Organisation, Edition]:
    """
    The organisation of that key and the edition it may apply under today.

    Where no scheme is named, the first that admits it; raises NotOffered.
    """
    for offer in known:
        if offer.opens_on is None and scheme in {"", offer.edition.scheme}:
            for one in offer.organisations:
                if str(one.id) == organisation:
                    return one, offer.edition
    raise NotOffered(N_("This organisation cannot ask for this mark today."))
