"""What the public may find: holders of a certificate, and names in published lists.

An organisation that never had a certificate does not exist here, whether it never
applied, is being evaluated or was refused (RELIABILITY.md, threat 26).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import distinct, func, or_, select
from sqlalchemy.orm import selectinload

from registry.certificates.models import (
    Certificate,
    CertificateEvent,
    CertificateState,
    Projection,
)
from registry.certificates.queries import has_standing, of_organisation
from registry.certificates.standing import Code
from registry.criteria.schemes import MAIN_SCHEME
from registry.db import db
from registry.organisations.models import (
    Listing,
    Organisation,
)

ISSUED = CertificateState.ISSUED


@dataclass(frozen=True)
class Numbers:
    """What the register counts on a day."""

    valid: int
    in_update: int
    provinces: int


def numbers(on: date) -> Numbers:
    """
    How many certificates are valid and in update, and in how many provinces.

    Of the main mark: it is the one that the home page speaks of.
    """
    valid, updating = has_standing(Code.VALID, on), has_standing(Code.IN_UPDATE, on)
    row = db.session.execute(
        select(
            func.count().filter(valid),
            func.count().filter(updating),
            func.count(distinct(Organisation.province)).filter(or_(valid, updating)),
        )
        .select_from(Projection)
        .join(Organisation, Organisation.id == Projection.organisation_id)
        .where(Projection.scheme == MAIN_SCHEME)
    ).one()
    return Numbers(*row)


def version() -> int:
    """A number that grows with every event of a certificate."""
    return db.session.scalar(select(func.max(CertificateEvent.id))) or 0


def latest(count: int, on: date) -> Sequence[Certificate]:
    """The certificates issued last, newest first, that are good on a day."""
    newest = select(Projection.certificate_id).order_by(
        Projection.certificate_id.desc()
    )
    recent = newest.limit(10 * count).subquery()
    good = or_(has_standing(Code.VALID, on), has_standing(Code.IN_UPDATE, on))
    return db.session.scalars(
        select(Certificate)
        .join(Projection, Projection.certificate_id == Certificate.id)
        .where(good, Certificate.id.in_(select(recent.c.certificate_id)))
        .options(
            selectinload(Certificate.organisation), selectinload(Certificate.events)
        )
        .order_by(Certificate.id.desc())
        .limit(count)
    ).all()


def holder(id_: int) -> tuple[Organisation, Sequence[Certificate]] | None:
    """An organisation that has or had a certificate, with all of them; else None."""
    certificates = of_organisation(id_)
    if not certificates:
        return None
    organisation = db.session.get_one(
        Organisation,
        id_,
        options=[
            selectinload(Organisation.ateco),
            selectinload(Organisation.sectors),
            selectinload(Organisation.seats),
        ],
    )
    return organisation, certificates


def numbered(number: str) -> Certificate | None:
    """The issued certificate of a number in the register's spelling."""
    return db.session.scalar(
        select(Certificate)
        .where(Certificate.number == number, Certificate.state == ISSUED)
        .options(
            selectinload(Certificate.events), selectinload(Certificate.organisation)
        )
    )


def successor(certificate: Certificate) -> Certificate | None:
    """The certificate that took the place of this one."""
    ids = [one.other_id for one in certificate.events if one.other_id is not None]
    return db.session.get(Certificate, ids[-1]) if ids else None


def listing(id_: int) -> Listing | None:
    """What the owner of a scheme published about one name."""
    return db.session.scalar(
        select(Listing)
        .where(Listing.id == id_)
        .options(selectinload(Listing.appearances))
    )


def listings_of(organisation_id: int) -> Sequence[Listing]:
    """The published listings that speak of an organisation."""
    return db.session.scalars(
        select(Listing)
        .where(Listing.organisation_id == organisation_id)
        .options(selectinload(Listing.appearances))
        .order_by(Listing.scheme, Listing.id)
    ).all()


def paper(certificate: Certificate, language: str) -> str | None:
    """The SHA-256 of the sealed file in a language; None where there is none."""
    return papers(certificate).get(language)


def papers(certificate: Certificate) -> dict[str, str]:
    """The sealed files by language; bulk demo rows have no paper."""
    if certificate.unsigned_sha256 is None or certificate.sha256 is None:
        return {}
    copies = {copy.language: copy.sha256 for copy in certificate.copies if copy.sha256}
    return {"it": certificate.sha256, **copies}
