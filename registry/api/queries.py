"""What the service reads; an organisation that never had a certificate is nobody."""

from sqlalchemy import Select, and_, exists, or_, select
from sqlalchemy.orm import selectinload

from registry.api.questions import Question
from registry.certificates.models import Certificate, CertificateState
from registry.db import db
from registry.organisations.models import Listing, Organisation

ISSUED = CertificateState.ISSUED


def certificate(question: Question) -> Certificate | None:
    """The certificate asked about: that of the number, or the newest by then."""
    query = (
        select(Certificate)
        .where(Certificate.state == ISSUED)
        .options(
            selectinload(Certificate.events), selectinload(Certificate.organisation)
        )
        .order_by(Certificate.issued_on.desc(), Certificate.id.desc())
        .limit(1)
    )
    if question.by == "certificate":
        return db.session.scalar(query.where(Certificate.number == question.value))
    return db.session.scalar(
        query.where(
            Certificate.organisation_id.in_(_named(question)),
            Certificate.issued_on <= question.on,
        )
    )


def organisation(question: Question) -> Organisation | None:
    """The public entity of an identifier, whether certified by that day or not."""
    certified = select(Certificate.id).where(
        Certificate.organisation_id == Organisation.id, Certificate.state == ISSUED
    )
    listed = select(Listing.id).where(Listing.organisation_id == Organisation.id)
    return db.session.scalar(
        select(Organisation)
        .where(
            Organisation.id.in_(_named(question)),
            or_(exists(certified), exists(listed)),
        )
        .limit(1)
    )


def is_listed(organisation: Organisation) -> bool:
    """Whether the owner of a scheme published it."""
    listed = select(Listing.id).where(Listing.organisation_id == organisation.id)
    return db.session.scalar(listed.limit(1)) is not None


def newer(certificate: Certificate) -> str | None:
    """The number of the certificate that took the place of this one."""
    ids = [one.other_id for one in certificate.events if one.other_id is not None]
    after = db.session.get(Certificate, ids[-1]) if ids else None
    return after.number if after else None


def _named(question: Question) -> Select[int]:
    ids = select(Organisation.id)
    if question.by == "vat":
        return ids.where(Organisation.vat == question.value)
    if question.by == "albo":
        return ids.where(Organisation.albo == question.value)
    if question.by == "tax_code":
        same = and_(Organisation.tax_code.is_(None), Organisation.vat == question.value)
        return ids.where(or_(Organisation.tax_code == question.value, same))
    return ids.where(
        Organisation.id.in_(
            select(Certificate.organisation_id).where(
                Certificate.number == question.value, Certificate.state == ISSUED
            )
        )
    )


def is_certified(organisation: Organisation) -> bool:
    """Whether it has or had a certificate of ours."""
    certified = select(Certificate.id).where(
        Certificate.organisation_id == organisation.id, Certificate.state == ISSUED
    )
    return db.session.scalar(certified.limit(1)) is not None
