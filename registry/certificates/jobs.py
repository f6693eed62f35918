"""Granted decisions become certificates: first the number, then the sealed paper."""

from datetime import datetime
from functools import partial

from flask_babel import force_locale, gettext

from registry.accounts.queries import the_registry
from registry.applications.models import ApplicationKind
from registry.certificates import operations, queries
from registry.certificates.facts import Issuer
from registry.certificates.models import Certificate
from registry.certificates.proof import lint
from registry.certificates.rendering import render
from registry.db import db
from registry.decisions.models import Decision
from registry.jobs import one_by_one
from registry.services import services


def the_issuer(language: str = "it") -> Issuer:
    """Who signs, by the settings and the seal in use; paper is Italian unless asked."""
    doors = services()

    def say(word: str) -> str:
        with force_locale(language):
            return str(gettext(word))

    return Issuer(
        body=doors.settings.body_name,
        signatory=doors.settings.signatory_name,
        office=doors.settings.signatory_office,
        base_url=doors.settings.base_url,
        development_seal=doors.seal.development,
        say=say,
        language=language,
    )


def reserve_granted(at: datetime) -> int:
    """Give a number to every granted decision that has none."""
    editions = services().editions

    def reserve(decision: Decision) -> None:
        application = decision.application
        renews = application.kind is ApplicationKind.RENEWAL
        operations.reserve(
            decision,
            editions[application.edition],
            issuer=the_issuer(),
            replaces=queries.newest_of(application.organisation_id, application.scheme)
            if renews
            else None,
            by=the_registry(),
            at=at,
        )

    due = queries.granted_without_certificate()
    return one_by_one(due, queries.decision_to_reserve, reserve)


def issue_reserved(at: datetime) -> int:
    """Render, seal and keep every certificate we owe."""
    doors = services()

    def issue(certificate: Certificate) -> None:
        pdf = operations.plan(
            certificate, render=partial(render, paper=doors.paper), lint=lint
        )
        db.session.commit()  # the plan is durable before the seal is asked for
        held = queries.to_issue(certificate.id)
        if held is None:
            return
        operations.issue(
            held, pdf, seal=doors.seal, storage=doors.storage, by=the_registry(), at=at
        )

    return one_by_one(queries.reserved(), queries.to_issue, issue)


def issue_granted(at: datetime) -> int:
    """Both steps, one after the other: what the timetable calls every minute."""
    reserve_granted(at)
    return issue_reserved(at)
