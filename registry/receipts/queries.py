"""Finding receipts again, and how far the register reached when one was made."""

from sqlalchemy import select

from registry.certificates.models import CertificateEvent
from registry.db import db
from registry.receipts import numbers
from registry.receipts.models import Receipt


def by_number(number: str) -> Receipt | None:
    """The receipt of a number in the register's spelling."""
    return db.session.scalar(select(Receipt).where(Receipt.number == number))


def fingerprint_of(number: str) -> str | None:
    """What our list has under a number, in whatever spelling and however wrong."""
    try:
        receipt = by_number(numbers.read(number))
    except numbers.NoReceiptNumber:
        return None
    return receipt.fingerprint if receipt else None


def last_event() -> CertificateEvent | None:
    """The newest event of any certificate: so far the register reaches."""
    return db.session.scalar(
        select(CertificateEvent).order_by(CertificateEvent.id.desc()).limit(1)
    )
