"""Questions about the life of an edition: pages and operations ask the same."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from registry.accounts.models import Role, User
from registry.clock import civil_day
from registry.criteria.edition import Edition
from registry.criteria.publishing import NOTICE_DAYS
from registry.criteria.reader import Editions, is_running
from registry.editions.models import MOVES, EditionState, LifeEvent

E = EditionState
#: At least thirty days for comments (lifecycles.md, section 7): our choice.
CONSULTATION_DAYS = 30

Lives = Mapping[str, Sequence[LifeEvent]]


def may_act(user: User) -> bool:
    """Editions belong to the owner of the scheme; jobs act for the registry."""
    return user.is_a(Role.SCHEME_OWNER, Role.REGISTRY)


def every(editions: Editions) -> dict[str, Edition]:
    """Published editions and drafts by key, the newest of each scheme first."""
    both = {**editions, **editions.drafts}
    ordered = sorted(both.values(), key=lambda e: e.in_force_from, reverse=True)
    return {one.key: one for one in sorted(ordered, key=lambda one: one.scheme)}


def predecessor(edition: Edition, editions: Editions) -> Edition | None:
    """The published edition this one takes over from; None for a first edition."""
    if edition.replaces is None:
        return None
    return editions.get(f"{edition.scheme}/{edition.replaces.edition}")


def successor(edition: Edition, editions: Editions) -> Edition | None:
    """The published edition that takes over from this one, if there is one."""
    return next(
        (
            one
            for one in editions.values()
            if one.scheme == edition.scheme
            and one.replaces is not None
            and one.replaces.edition == edition.edition
        ),
        None,
    )


def told(lives: Lives) -> frozenset[str]:
    """The keys of the editions whose holders were told."""
    return frozenset(
        key for key, events in lives.items() if last_act(events) is E.NOTIFIED
    )


def last_act(events: Sequence[LifeEvent]) -> EditionState:
    """Where the acts of people have brought an edition."""
    return events[-1].state if events else E.DRAFT


def state_on(
    edition: Edition, lives: Lives, editions: Editions, on: date
) -> EditionState:
    """
    The state of an edition on a day: what people did, then what the calendar does.

    Published, told (a first edition needs no notice) and its day come: in force.
    """
    state = last_act(lives.get(edition.key, ()))
    if edition.key not in editions:
        return state
    known = told(lives)
    if not is_running(edition, on, known):
        return state if state is E.NOTIFIED else E.ADOPTED
    following = successor(edition, editions)
    if following is None or not is_running(following, on, known):
        return E.IN_FORCE
    ends = following.replaces.holders_until if following.replaces else date.max
    return E.TRANSITION if on <= ends else E.RETIRED


def may_follow(events: Sequence[LifeEvent], to: EditionState) -> bool:
    """Whether `to` is the next act after those done so far."""
    return to in MOVES[last_act(events)]


def may_publish(edition: Edition, events: Sequence[LifeEvent]) -> bool:
    """Whether this very text was adopted; a scheme's first edition needs no act."""
    if edition.replaces is None:
        return True
    return last_act(events) is E.ADOPTED and events[-1].digest == edition.digest


def adoptable_on(
    edition: Edition, events: Sequence[LifeEvent], on: date
) -> date | None:
    """
    The first day on which the edition may be adopted; None before any consultation.

    A first edition changes nothing for anybody: it may be adopted at once.
    """
    if edition.replaces is None:
        return on
    if last_act(events) is not E.CONSULTATION:
        return None
    return events[-1].on + timedelta(days=CONSULTATION_DAYS)


def notice_ends_on(edition: Edition) -> date:
    """The last day on which the holders may be told: later, the notice is too short."""
    return edition.in_force_from - timedelta(days=NOTICE_DAYS)


def coming(
    edition: Edition, lives: Lives, editions: Editions, on: date
) -> Edition | None:
    """The edition that will bind the holders of this one, once they were told."""
    following = successor(edition, editions)
    if following is None:
        return None
    state = state_on(following, lives, editions, on)
    return following if state in {E.NOTIFIED, E.IN_FORCE} else None


def next_steps(
    edition: Edition, lives: Lives, editions: Editions
) -> list[tuple[date, str]]:
    """The days ahead in the life of an edition, with the name of each."""
    days = [(edition.in_force_from, "in_force")]
    if edition.replaces is not None:
        if edition.key not in told(lives):
            days.append((notice_ends_on(edition), "notice_ends"))
        days.append((edition.replaces.new_applications_until, "old_applications"))
        days.append((edition.replaces.holders_until, "old_holders"))
    events = lives.get(edition.key, ())
    adoptable = events and adoptable_on(edition, events, civil_day(events[-1].at))
    if adoptable and last_act(events) is E.CONSULTATION:
        days.append((adoptable, "adoptable"))
    return sorted(days)
