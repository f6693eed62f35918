"""What the register knows of files: the question `verification` asks."""

from collections.abc import Collection

from sqlalchemy import select

from registry.certificates.models import Certificate, Copy, Credential
from registry.db import db


class SealedFiles:
    """The certificates issued and their courtesy copies, by their bytes."""

    def by_sha256(self, sha256: str) -> str | None:
        """The number of the certificate of which these bytes are a sealed file."""
        own = select(Certificate.number).where(Certificate.sha256 == sha256)
        copied = (
            select(Certificate.number)
            .join(Copy, Copy.certificate_id == Certificate.id)
            .where(Copy.sha256 == sha256)
        )
        return db.session.scalar(own) or db.session.scalar(copied)

    def holds(self, number: str) -> bool:
        """Whether a certificate of that number was issued."""
        issued = select(Certificate.id).where(
            Certificate.number == number, Certificate.sha256.is_not(None)
        )
        return db.session.scalar(issued) is not None

    def credentials(self, number: str) -> Collection[str]:
        """The credentials of that certificate, as they were signed."""
        signed = (
            select(Credential.jwt, Credential.badge)
            .join(Certificate, Credential.certificate_id == Certificate.id)
            .where(Certificate.number == number, Certificate.sha256.is_not(None))
        )
        return [one for row in db.session.execute(signed) for one in row]


class NoRegister:
    """Away from the register nothing is known: only the seal can be looked at."""

    def by_sha256(self, sha256: str) -> str | None:
        """Nothing."""
        return None

    def holds(self, number: str) -> bool:
        """Not known."""
        return False

    def credentials(self, number: str) -> Collection[str]:
        """None."""
        return ()
