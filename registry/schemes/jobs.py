"""Letters ahead of time: each job asks who was not told yet, and tells them once."""

from datetime import datetime

from registry.accounts.queries import the_registry
from registry.certificates.models import Certificate
from registry.clock import civil_day
from registry.criteria.edition import Edition
from registry.decisions.models import Decision
from registry.editions import queries as editing
from registry.editions import rules as life
from registry.jobs import one_by_one
from registry.rechecks.queries import certificate_held
from registry.schemes import operations, queries
from registry.schemes.known import of_holder
from registry.services import services

Held = tuple[Certificate, Decision]


def tell_holders(at: datetime) -> int:
    """Write to the holders of every edition that another will take the place of."""
    editions, lives, today = services().editions, editing.lives(), civil_day(at)
    pairs = [
        (old, new)
        for old in editions.values()
        if (new := life.coming(old, lives, editions, today)) is not None
    ]
    return sum(_tell(old, new, at) for old, new in pairs)


def _tell(old: Edition, new: Edition, at: datetime) -> int:
    today, about = civil_day(at), f"edition:{new.key}"

    def load(id_: int) -> Held | None:
        certificate = certificate_held(id_)
        if certificate is None or queries.was_told(certificate, about):
            return None
        decision = queries.last_grant(certificate, today)
        return None if decision is None else (certificate, decision)

    def work(found: Held) -> None:
        known = of_holder(*found, services().editions)
        operations.tell_holder(found[0], old, new, known, by=the_registry(), at=at)

    return one_by_one(queries.to_tell(old, about, today), load, work)


def forewarn(at: datetime) -> int:
    """Write to the holders whose verdict would change soon, before a re-check."""
    editions, today = services().editions, civil_day(at)

    def load(id_: int) -> Held | None:
        certificate = certificate_held(id_)
        if certificate is None:
            return None
        decision = queries.last_grant(certificate, today)
        if decision is None:
            return None
        told = queries.was_told(certificate, f"{queries.FORECAST}{decision.id}")
        return None if told else (certificate, decision)

    def work(found: Held) -> None:
        certificate, decision = found
        edition = editions[decision.grounds["edition"]]
        seen = queries.forecast_of(certificate, decision, editions)
        next_on = queries.next_check(certificate, editions, today)
        by = the_registry()
        operations.forewarn(certificate, decision, edition, seen, next_on, by=by, at=at)

    schemes = dict.fromkeys(one.scheme for one in editions.values())
    return sum(
        one_by_one(queries.to_forewarn(scheme, editions, today), load, work)
        for scheme in schemes
    )
