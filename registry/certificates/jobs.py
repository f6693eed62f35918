"""Granted decisions become certificates: first the number, then the sealed paper."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from registry.accounts.queries import the_registry
from registry.certificates import operations, queries, reissues, rules
from registry.certificates.credential import enclosures
from registry.certificates.issuer import the_issuer
from registry.certificates.models import Certificate, Copy
from registry.certificates.operations import Paper
from registry.certificates.proof import lint
from registry.certificates.rendering import render
from registry.clock import civil_day
from registry.db import db
from registry.decisions.models import Decision
from registry.jobs import one_by_one
from registry.paper import Enclosure
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
    return one_by_one(queries.reserved(), queries.to_issue, lambda one: _issue(one, at))


def reissue_queued(
    share: int = 0, of: int = 1, going_on: Callable[[], bool] = lambda: True
) -> int:
    """
    Issue again what waits in the queue; of `of` workers, the part of worker `share`.

    `going_on` is asked before each, whether to go on. It may take hours, so the clock
    is read for each; the operator calls it, not the timetable.
    """

    def load(id_: int) -> int | None:
        return id_ if going_on() else None

    def work(id_: int) -> None:
        doors = services()
        at = doors.clock.now()
        if row := queries.reissue_held(id_):
            edition = doors.editions[row.certificate.edition]
            reissues.take_up(
                row, edition, issuer=the_issuer(), signer=doors.signer, at=at
            )
            db.session.commit()
        if reserved := queries.successor_to_issue(id_):
            _issue(reserved, at)

    return one_by_one(queries.to_reissue(share, of), load, work)


def _issue(certificate: Certificate, at: datetime) -> None:
    id_ = certificate.id
    pdf, again = _planned(certificate, lambda: queries.to_issue(id_))
    if held := queries.to_issue(id_):
        operations.issue(held, pdf, again=again, **_doors(), at=at)


def make_copies(at: datetime) -> int:
    """Render, seal and keep the courtesy copies asked for."""

    def make(copy: Copy) -> None:
        id_ = copy.certificate_id
        pdf, again = _planned(copy, lambda: queries.copy_to_make(id_))
        if held := queries.copy_to_make(id_):
            operations.make_copy(held, pdf, again=again, **_doors(), at=at)

    return one_by_one(queries.copies_to_make(), queries.copy_to_make, make)


def issue_granted(at: datetime) -> int:
    """Both steps, one after the other: what the timetable calls every minute."""
    reserve_granted(at)
    return issue_reserved(at)


def _doors() -> dict[str, Any]:
    doors = services()
    return {"seal": doors.seal, "storage": doors.storage, "by": the_registry()}


def _enclosed(paper: Paper) -> tuple[Enclosure, ...]:
    """What the paper carries: its credential; a copy that of the certificate."""
    certificate = paper.certificate if isinstance(paper, Copy) else paper
    credential = certificate.credential
    return enclosures(credential.jwt, paper.facts["language"]) if credential else ()


def _planned(paper: Paper, load: Callable[[], Paper | None]) -> tuple[bytes, bool]:
    """
    The unsealed pages, their hash durable, and whether it was so before.

    Nobody is held up while they are rendered: that takes about a second.
    """
    facts, enclosed = dict(paper.facts), _enclosed(paper)
    db.session.rollback()
    pdf = render(facts, paper=services().paper, enclosures=enclosed)
    lint(pdf, facts, enclosed)
    held = load()
    if held is None:  # another scheduler was faster
        return pdf, True
    again = held.unsigned_sha256 is not None
    operations.plan(held, pdf)
    db.session.commit()
    return pdf, again
