"""What comes with time alone is told on its day, as events are when they happen."""

from datetime import datetime

from registry.certificates.models import Certificate, CertificateEvent
from registry.certificates.rules import standing_of
from registry.certificates.standing import Code
from registry.clock import civil_day
from registry.jobs import one_by_one
from registry.verification import changes, operations


def tell_updates(at: datetime) -> int:
    """Tell of the updates that have begun."""

    def load(event_id: int) -> CertificateEvent | None:
        event = changes.begun(event_id)
        if event is None:
            return None
        then = standing_of(event.certificate, event.effective_on)
        return event if then.code is Code.IN_UPDATE else None

    def work(event: CertificateEvent) -> None:
        operations.tell(
            event.certificate_id,
            Code.IN_UPDATE,
            event_id=event.id,
            on=event.effective_on,
            at=at,
        )

    return one_by_one(changes.updates_begun(civil_day(at)), load, work)


def tell_ends(at: datetime) -> int:
    """Tell of the certificates whose term has ended."""
    today = civil_day(at)

    def load(certificate_id: int) -> Certificate | None:
        certificate = changes.ended(certificate_id)
        if certificate is None:
            return None
        expired = standing_of(certificate, today).code is Code.EXPIRED
        return certificate if expired else None

    def work(certificate: Certificate) -> None:
        since = standing_of(certificate, today).since
        operations.tell(certificate.id, Code.EXPIRED, on=since, at=at)

    return one_by_one(changes.terms_ended(today), load, work)
