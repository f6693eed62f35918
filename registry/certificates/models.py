"""Certificates, the events that say what they are worth, and a projection to search."""

import enum
from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from registry.accounts.models import User
from registry.applications.models import Application
from registry.db import Model
from registry.decisions.models import Decision
from registry.errors import N_
from registry.organisations.models import Organisation
from registry.states import Moves


class CertificateState(enum.StrEnum):
    RESERVED = "reserved"  # the registry renders and seals
    ISSUED = "issued"  # nobody: see the events


MOVES: Moves[CertificateState] = {
    CertificateState.RESERVED: frozenset({CertificateState.ISSUED}),
    CertificateState.ISSUED: frozenset(),
}


class Certificate(Model):
    __tablename__ = "certificates"
    __table_args__ = (
        CheckConstraint(
            "(state = 'issued') = (sha256 IS NOT NULL)", name="issued_has_file"
        ),
        CheckConstraint("valid_until > issued_on", name="dates"),
        UniqueConstraint("scheme", "year", "serial"),
        Index("uq_certificates_replaces", "replaces_id", unique=True),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    #: None only for bulk demo rows.
    application_id: Mapped[int | None] = mapped_column(
        ForeignKey("applications.id"), index=True
    )
    #: None for bulk demo rows and for a re-issue, which rests on the first decision.
    decision_id: Mapped[int | None] = mapped_column(
        ForeignKey("decisions.id"), unique=True
    )
    organisation_id: Mapped[int] = mapped_column(
        ForeignKey("organisations.id"), index=True
    )
    scheme: Mapped[str]
    edition: Mapped[str]
    edition_digest: Mapped[str]
    number: Mapped[str] = mapped_column(unique=True)
    year: Mapped[int]
    serial: Mapped[int]
    state: Mapped[CertificateState] = mapped_column(default=CertificateState.RESERVED)
    #: What the paper says, word for word.
    facts: Mapped[dict[str, Any]]
    issued_on: Mapped[date]
    #: Last day of validity, included.
    valid_until: Mapped[date] = mapped_column(index=True)
    reserved_at: Mapped[datetime]
    issued_at: Mapped[datetime | None]
    #: SHA-256 of the page before the seal: the plan, checked when rendered again.
    unsigned_sha256: Mapped[str | None]
    #: SHA-256 of the sealed bytes, the certificate itself.
    sha256: Mapped[str | None] = mapped_column(index=True)
    #: The certificate this one takes the place of; no other one does.
    replaces_id: Mapped[int | None] = mapped_column(ForeignKey("certificates.id"))
    #: Set for a re-issue only, which goes on with the term of the one it replaces.
    counted_from: Mapped[date | None]

    organisation: Mapped[Organisation] = relationship()
    application: Mapped[Application | None] = relationship()
    decision: Mapped[Decision | None] = relationship()
    replaces: Mapped["Certificate | None"] = relationship(
        remote_side=[id], back_populates="replaced_by"
    )
    #: Reserved or issued.
    replaced_by: Mapped["Certificate | None"] = relationship(
        back_populates="replaces", uselist=False
    )
    copies: Mapped[list["Copy"]] = relationship(
        back_populates="certificate", order_by="Copy.language"
    )
    events: Mapped[list["CertificateEvent"]] = relationship(
        back_populates="certificate", order_by="CertificateEvent.id"
    )
    #: None only for bulk demo rows.
    credential: Mapped["Credential | None"] = relationship(back_populates="certificate")

    @property
    def reference(self) -> str:
        return f"certificate:{self.id}"

    @property
    def case(self) -> str | None:
        return f"application:{self.application_id}" if self.application_id else None

    @property
    def is_reissue(self) -> bool:
        """The same certification under another number."""
        return self.counted_from is not None

    @property
    def begins_on(self) -> date:
        """The day its term and its re-checks are counted from."""
        return self.counted_from or self.issued_on

    @property
    def rests_on(self) -> Decision | None:
        """The decision behind it: of a re-issue, that behind the first paper."""
        if self.is_reissue and self.replaces is not None:
            return self.replaces.rests_on
        return self.decision


#: How many bits each of the two status lists has (W3C Bitstring Status List, 6.1).
ENTRIES = 131_072


class Credential(Model):
    """
    The certificate as machines read it, signed once when its words were fixed.

    Its two bits in the status lists are drawn by lot, so that they tell nothing.
    """

    __tablename__ = "certificate_credentials"
    __table_args__ = (
        CheckConstraint(
            f"revocation_index BETWEEN 0 AND {ENTRIES - 1} "
            f"AND suspension_index BETWEEN 0 AND {ENTRIES - 1}",
            name="in_the_lists",
        ),
    )

    certificate_id: Mapped[int] = mapped_column(
        ForeignKey("certificates.id"), primary_key=True
    )
    #: The signed bytes (`vc+jwt`), also inside the PDF.
    jwt: Mapped[str]
    #: The same facts as an Open Badge, signed as well.
    badge: Mapped[str]
    revocation_index: Mapped[int] = mapped_column(unique=True)
    suspension_index: Mapped[int] = mapped_column(unique=True)

    certificate: Mapped[Certificate] = relationship(back_populates="credential")


class Copy(Model):
    """
    A courtesy copy in another language: the same facts, sealed and kept as well.

    The Italian paper is the certificate; a copy says so by bearing its number.
    """

    __tablename__ = "certificate_copies"

    certificate_id: Mapped[int] = mapped_column(
        ForeignKey("certificates.id"), primary_key=True
    )
    language: Mapped[str] = mapped_column(primary_key=True)
    #: What the copy says, word for word.
    facts: Mapped[dict[str, Any]]
    asked_at: Mapped[datetime]
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    unsigned_sha256: Mapped[str | None]
    sha256: Mapped[str | None] = mapped_column(index=True)
    made_at: Mapped[datetime | None]

    certificate: Mapped[Certificate] = relationship(back_populates="copies")


class ReissueReason(enum.StrEnum):
    """Why a certificate is issued again, the decision and the term being the same."""

    NAME_CHANGED = "name_changed"
    IDENTITY_CHANGED = "identity_changed"
    PAPER_RENEWED = "paper_renewed"  # the design, the seal or the key, not the holder

    @property
    def label(self) -> str:
        return REISSUE_LABELS[self]


REISSUE_LABELS = {
    ReissueReason.NAME_CHANGED: N_("The holder changed its name"),
    ReissueReason.IDENTITY_CHANGED: N_("The legal data of the holder changed"),
    ReissueReason.PAPER_RENEWED: N_("The paper, its seal or its key was renewed"),
}


class Reissue(Model):
    """
    A certificate to be issued again, once for ever.

    Without a successor it waits for its turn; what the successor is worth says the
    rest.
    """

    __tablename__ = "reissues"

    #: The certificate that is replaced.
    certificate_id: Mapped[int] = mapped_column(
        ForeignKey("certificates.id"), primary_key=True
    )
    reason: Mapped[ReissueReason]
    asked_at: Mapped[datetime]
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    successor_id: Mapped[int | None] = mapped_column(
        ForeignKey("certificates.id"), unique=True
    )

    certificate: Mapped[Certificate] = relationship(foreign_keys=certificate_id)
    successor: Mapped[Certificate | None] = relationship(foreign_keys=successor_id)
    asked_by: Mapped[User] = relationship()


class EventKind(enum.StrEnum):
    """What can happen to a certificate after it was sealed, and it being sealed."""

    ISSUED = "issued"
    #: Filed in time: from the anniversary until decided it is in update.
    UPDATE_OPENED = "update_opened"
    #: The committee (or the end of its term) closed what UPDATE_OPENED opened.
    UPDATE_CLOSED = "update_closed"
    CONFIRMED = "confirmed"  # a re-check went well
    SUSPENDED = "suspended"
    RATIFIED = "ratified"  # the committee upheld a suspension the registry recorded
    REINSTATED = "reinstated"
    WITHDRAWN = "withdrawn"
    ENDED_BY_HOLDER = "ended_by_holder"
    SUPERSEDED = "superseded"

    @property
    def label(self) -> str:
        return EVENT_LABELS[self]


EVENT_LABELS = {
    EventKind.ISSUED: N_("Certificate issued"),
    EventKind.UPDATE_OPENED: N_("In update: the re-check was filed in time"),
    EventKind.UPDATE_CLOSED: N_("Update closed"),
    EventKind.CONFIRMED: N_("Certificate confirmed after the re-check"),
    EventKind.SUSPENDED: N_("Certificate suspended"),
    EventKind.RATIFIED: N_("Suspension ratified by the committee"),
    EventKind.REINSTATED: N_("Certificate reinstated"),
    EventKind.WITHDRAWN: N_("Certificate withdrawn"),
    EventKind.ENDED_BY_HOLDER: N_("Certificate given up by the holder"),
    EventKind.SUPERSEDED: N_("A newer certificate took its place."),
}


class CertificateEvent(Model):
    """A dated event.  The database refuses to change or delete it."""

    __tablename__ = "certificate_event"
    __table_args__ = (Index("ix_certificate_event", "certificate_id", "effective_on"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    certificate_id: Mapped[int] = mapped_column(ForeignKey("certificates.id"))
    kind: Mapped[EventKind]
    #: The civil day from which it counts; in the future for UPDATE_OPENED.
    effective_on: Mapped[date]
    recorded_at: Mapped[datetime]
    by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    #: From a closed list (registry.certificates.standing.REASONS); public wording.
    reason_code: Mapped[str | None]
    #: The anniversary an update or a confirmation is about.
    anniversary: Mapped[date | None]
    #: The certificate that took its place (SUPERSEDED).
    other_id: Mapped[int | None]

    certificate: Mapped[Certificate] = relationship(back_populates="events")


class Projection(Model):
    """
    The standing of a certificate as searches need it.

    Rebuilt from the events in the transaction that adds one, and checked by
    `registry doctor`; what passes with time alone (expiry, the start of an update)
    stays as dates, so nothing has to flip at midnight.
    """

    __tablename__ = "certificate_projection"
    __table_args__ = (Index("ix_certificate_projection_code", "code", "valid_until"),)

    certificate_id: Mapped[int] = mapped_column(
        ForeignKey("certificates.id"), primary_key=True
    )
    organisation_id: Mapped[int] = mapped_column(
        ForeignKey("organisations.id"), index=True
    )
    scheme: Mapped[str]
    edition: Mapped[str]
    #: The standing without the passing of time: valid, suspended, withdrawn…
    code: Mapped[str]
    since_on: Mapped[date]
    reason_code: Mapped[str | None]
    #: In update from this day on (if code is valid), when set.
    in_update_from: Mapped[date | None]
    valid_until: Mapped[date]
