"""Letters written ahead of time, each of them once."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from registry.certificates.models import Certificate
from registry.db import Model


class Notice(Model):
    """
    A letter written ahead of something to the holder of a certificate.

    Once for each holder: also where the certificate was issued again meanwhile.
    """

    __tablename__ = "notices"

    certificate_id: Mapped[int] = mapped_column(
        ForeignKey("certificates.id"), primary_key=True
    )
    #: "edition:impact/2026" or "forecast:2027-03-01".
    about: Mapped[str] = mapped_column(primary_key=True)
    written_at: Mapped[datetime]

    certificate: Mapped[Certificate] = relationship()
