"""What is known of those a draft would touch: the answers of holders and applicants."""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import NamedTuple

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from registry.applications import rules as application_rules
from registry.applications.models import (
    Application,
    ApplicationKind,
    ApplicationState,
)
from registry.certificates.models import Certificate, Projection
from registry.certificates.queries import has_standing
from registry.certificates.rules import STANDS
from registry.clock import civil_day
from registry.criteria.edition import Edition
from registry.criteria.facts import Case
from registry.criteria.facts import Waiver as Claim
from registry.criteria.publishing import case_of_grounds
from registry.criteria.what_if import Subject
from registry.db import db
from registry.decisions.models import Decision
from registry.decisions.queries import GRANTS
from registry.organisations.models import Organisation

S = ApplicationState
PENDING = (S.SUBMITTED, S.ACCEPTED, S.IN_EVALUATION, S.INTEGRATION, S.EVALUATED)


class Known(NamedTuple):
    """One holder or applicant: who, the edition answered to, and on which day."""

    subject: Subject
    edition: Edition
    day: dt.date
    name: str
    certificate_id: int | None = None


def latest_grants(scheme: str) -> Select[int, int]:
    """For each organisation the last decision that granted it the scheme."""
    return (
        select(Application.organisation_id, func.max(Decision.id).label("decision_id"))
        .join(Application, Application.id == Decision.application_id)
        .where(Application.scheme == scheme, Decision.outcome.in_(GRANTS))
        .group_by(Application.organisation_id)
    )


def holding(scheme: str, on: dt.date) -> Select[Certificate, Decision]:
    """Certificates of a scheme that stand on a day, each with its last grant."""
    last = latest_grants(scheme).subquery()
    return (
        select(Certificate, Decision)
        .join(Projection, Projection.certificate_id == Certificate.id)
        .join(last, last.c.organisation_id == Certificate.organisation_id)
        .join(Decision, Decision.id == last.c.decision_id)
        .where(
            Certificate.scheme == scheme,
            or_(*(has_standing(code, on) for code in STANDS)),
            Certificate.application_id.is_not(None),
        )
        .options(joinedload(Certificate.organisation))
        .order_by(Certificate.id)
    )


def applying(scheme: str) -> Select[Application]:
    """The applications for a first certificate handed over and not decided yet."""
    return (
        select(Application)
        .where(
            Application.scheme == scheme,
            Application.state.in_(PENDING),
            Application.kind == ApplicationKind.INITIAL,
        )
        .options(
            selectinload(Application.answers),
            selectinload(Application.waivers),
            joinedload(Application.organisation),
        )
        .order_by(Application.id)
    )


def count(scheme: str, on: dt.date) -> int:
    """How many holders and applicants a draft of the scheme would be tried on."""
    sizes = [
        select(func.count()).select_from(found.order_by(None).subquery())
        for found in (
            holding(scheme, on).with_only_columns(Certificate.id),
            applying(scheme).with_only_columns(Application.id),
        )
    ]
    return sum(int(db.session.scalar(size) or 0) for size in sizes)


def everybody(
    scheme: str, editions: Mapping[str, Edition], on: dt.date
) -> Iterator[Known]:
    """Every holder, by its last grant, then every applicant, by what it declared."""
    rows = db.session.execute(holding(scheme, on).execution_options(yield_per=500))
    for certificate, decision in rows:
        if decision.grounds["edition"] in editions:
            yield of_holder(certificate, decision, editions)
    applicants = applying(scheme).execution_options(yield_per=500)
    for application in db.session.scalars(applicants):
        if application.edition in editions:
            yield _of_applicant(application, editions[application.edition])


def of_holder(
    certificate: Certificate, decision: Decision, editions: Mapping[str, Edition]
) -> Known:
    """A holder as it was when the committee last granted: values verified then."""
    grounds = decision.grounds
    edition = editions[grounds["edition"]]
    return Known(
        Subject(
            certificate.reference,
            case_of_grounds(grounds, edition),
            _groups(certificate.organisation),
        ),
        edition,
        dt.date.fromisoformat(grounds["reference_day"]),
        certificate.organisation.name,
        certificate.id,
    )


def _of_applicant(application: Application, edition: Edition) -> Known:
    # Nobody verified them yet: they are taken at their word.
    given = application_rules.values(application, edition)
    claimed = {
        id_: Claim(one.reason, one.accepted is not False)
        for id_, one in application_rules.waivers(application).items()
    }
    case = replace(Case.verified(given), waivers=claimed)
    at = application.submitted_at or application.changed_at
    return Known(
        Subject(application.reference, case, _groups(application.organisation)),
        edition,
        civil_day(at),
        application.organisation.name,
    )


def _groups(organisation: Organisation) -> dict[str, str]:
    return {"province": organisation.province, "kind": organisation.kind.value}
