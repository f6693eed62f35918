"""Letters to holders, ahead of time.  Nothing here commits."""

from datetime import date, datetime

from registry.accounts.models import User
from registry.certificates.models import Certificate
from registry.clock import civil_day
from registry.criteria.difference import Relation, difference
from registry.criteria.edition import Edition, Text
from registry.criteria.facts import Basis
from registry.criteria.result import Verdict
from registry.criteria.what_if import of_subject
from registry.db import db
from registry.decisions.models import Decision
from registry.journal.operations import record
from registry.mail.operations import post
from registry.organisations.queries import speakers
from registry.schemes import queries, rules
from registry.schemes.forecast import GOOD, Forecast
from registry.schemes.known import Known
from registry.schemes.models import Notice


def tell_holder(
    certificate: Certificate,
    old: Edition,
    new: Edition,
    known: Known,
    *,
    by: User,
    at: datetime,
) -> None:
    """
    Write to a holder, once, what the coming edition changes and from when it binds.

    `known` is what the committee granted last: the letter says how those answers
    stand under the new rules, without counting what was never asked as a failure.
    """
    seen = of_subject(known.edition, new, known.subject, known.day, Basis.VERIFIED)
    _note(certificate, f"edition:{new.key}", by=by, at=at)
    after = {id_: verdict for id_, (_, verdict) in seen.verdicts.items()}
    post(
        "schemes/notified",
        to=speakers(certificate.organisation),
        about=certificate.reference,
        at=at,
        certificate=certificate,
        organisation=certificate.organisation,
        old=old,
        new=new,
        binds_on=rules.binds_on(certificate, old, new, civil_day(at)),
        changes=_changes(old, new),
        not_met=[new.requirement(i) for i, v in after.items() if v is Verdict.NOT_MET],
        unknown=[new.requirement(i) for i, v in after.items() if v is Verdict.PENDING],
    )


def _changes(old: Edition, new: Edition) -> list[tuple[Text, str]]:
    """The title of every requirement that changes, and how."""
    changed = [
        (old if one.relation is Relation.REMOVED else new, one)
        for one in difference(old, new).requirements
        if one.relation is not Relation.EQUAL
    ]
    return [
        (edition.requirement(one.id).title, one.relation.value)
        for edition, one in changed
    ]


def forewarn(
    certificate: Certificate,
    decision: Decision,
    edition: Edition,
    found: Forecast,
    next_on: date,
    *,
    by: User,
    at: datetime,
) -> None:
    """
    Write to a holder, once for these answers, what lapses and when.

    The letter comes ahead of the first day on which the verdict would change, and
    tells all that lapses up to the re-check of `next_on`, which asks for it anew.
    """
    _note(certificate, f"{queries.FORECAST}{decision.id}", by=by, at=at)
    post(
        "schemes/lapses",
        to=speakers(certificate.organisation),
        about=certificate.reference,
        at=at,
        certificate=certificate,
        organisation=certificate.organisation,
        on=found.fails_on,
        next_on=next_on,
        lapses=[
            (one.on, edition.requirement(one.requirement))
            for one in found.lapses
            if one.after not in GOOD and one.on <= next_on
        ],
    )


def _note(certificate: Certificate, about: str, *, by: User, at: datetime) -> None:
    db.session.add(Notice(certificate=certificate, about=about, written_at=at))
    record("certificate.foretold", certificate, by=by, at=at, about=about)
