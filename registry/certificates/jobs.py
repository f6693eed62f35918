"""Granted decisions become certificates: first the number, then the sealed paper."""

from datetime import datetime

from registry.accounts.queries import the_registry
from registry.certificates import operations, press, queries, rules
from registry.certificates.issuer import the_issuer
from registry.certificates.models import Certificate
from registry.clock import civil_day
from registry.decisions.models import Decision
from registry.jobs import one_by_one
from registry.services import services


def reserve_granted(at: datetime) -> int:
    """Give a number to every granted decision that has none."""
    editions, today = services().editions, civil_day(at)

    def load(id_: int) -> tuple[Decision, Certificate | None] | None:
        decision = queries.decision_to_reserve(id_)
        if decision is None:
            return None
        application = decision.application
        before = queries.newest_of(application.organisation_id, application.scheme)
        if before is None or not rules.is_replaced(before, today):
            return decision, None
        return None if queries.waits_for_successor(before) else (decision, before)

    def reserve(due: tuple[Decision, Certificate | None]) -> None:
        decision, before = due
        operations.reserve(
            decision,
            editions[decision.application.edition],
            issuer=the_issuer(),
            signer=services().signer,
            replaces=before,
            by=the_registry(),
            at=at,
        )

    return one_by_one(queries.granted_without_certificate(), load, reserve)


def issue_reserved(at: datetime) -> int:
    """Render, seal and keep every certificate we owe."""
    return one_by_one(
        queries.reserved(), queries.to_issue, lambda one: press.issue(one, at)
    )


def make_copies(at: datetime) -> int:
    """Render, seal and keep the courtesy copies asked for."""
    return one_by_one(
        queries.copies_to_make(),
        queries.copy_to_make,
        lambda one: press.make_copy(one, at),
    )


def issue_granted(at: datetime) -> int:
    """Both steps, one after the other: what the timetable calls every minute."""
    reserve_granted(at)
    return issue_reserved(at)
