"""What the register keeps of a receipt: that it was issued, never what it says."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from registry.db import Model


class Receipt(Model):
    """
    A number, a fingerprint and a moment.  The database refuses to change or delete it.

    The fingerprint is over a text with a secret drawn by lot inside it, which only
    the receipt itself carries: from this row nobody can try out what was asked.
    """

    __tablename__ = "receipts"

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(unique=True)
    #: SHA-256 of the canonical payload (RFC 8785), in hexadecimal.
    fingerprint: Mapped[str] = mapped_column(unique=True)
    issued_at: Mapped[datetime]
    #: The company that asked, where one was signed in.
    organisation_id: Mapped[int | None] = mapped_column(
        ForeignKey("organisations.id"), index=True
    )
