"""How often the register changed, and its public changes in the order they were seen.

Triggers of the database write both (migration 0008), in the transaction of the change.
"""

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from registry.certificates.models import Certificate, CertificateEvent
from registry.db import Model
from registry.organisations.models import Organisation

# What is asked here beside what these rooms ask themselves.
Index("ix_certificate_event_recorded_at", CertificateEvent.recorded_at)
Index("ix_organisations_rea", Organisation.rea)


class RegisterVersion(Model):
    """The only row: a number that grows with whatever the public can see change."""

    __tablename__ = "register_version"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(BigInteger)
    #: The transaction that raised it last (PostgreSQL): once for each is enough.
    by_transaction: Mapped[int | None] = mapped_column(BigInteger)


class PublicChange(Model):
    """
    Something that befell a certificate, in the order in which it became visible.

    An event the moment it is recorded; what comes with time alone (an update that
    begins, the end of the term) on its day, by a job.  The database refuses to change
    or delete it.
    """

    __tablename__ = "public_changes"

    number: Mapped[int] = mapped_column(primary_key=True)
    certificate_id: Mapped[int] = mapped_column(
        ForeignKey("certificates.id"), index=True
    )
    #: None for the end of the term, which no event tells.
    event_id: Mapped[int | None] = mapped_column(
        ForeignKey("certificate_event.id"), unique=True
    )
    #: That of the event; `in_update` or `expired` for what came with time.
    kind: Mapped[str]
    #: The civil day from which it counts.
    on: Mapped[date]
    #: When it was recorded; for the end of the term, when the job told it.
    at: Mapped[datetime]

    certificate: Mapped[Certificate] = relationship()
    event: Mapped[CertificateEvent | None] = relationship()
