"""Organisations, their seats, those who speak for them, and published listings."""

import enum
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from registry.accounts.models import User
from registry.db import Model
from registry.errors import N_


class OrganisationKind(enum.StrEnum):
    """What an organisation is by law (L. 381/1991 art. 1 and 8; Albo categories)."""

    SOCIAL_A = "social_a"
    SOCIAL_B = "social_b"
    SOCIAL_AB = "social_ab"
    PRODUCTION_LABOUR = "production_labour"
    AGRICULTURAL = "agricultural"
    CONSUMER = "consumer"
    HOUSING = "housing"
    OTHER_COOPERATIVE = "other_cooperative"
    CONSORTIUM = "consortium"
    COMPANY = "company"

    @property
    def label(self) -> str:
        return KIND_LABELS[self]


KIND_LABELS = {
    OrganisationKind.SOCIAL_A: N_("Social cooperative, type A"),
    OrganisationKind.SOCIAL_B: N_("Social cooperative, type B"),
    OrganisationKind.SOCIAL_AB: N_("Social cooperative, types A and B"),
    OrganisationKind.PRODUCTION_LABOUR: N_("Production and labour cooperative"),
    OrganisationKind.AGRICULTURAL: N_("Agricultural cooperative"),
    OrganisationKind.CONSUMER: N_("Consumer cooperative"),
    OrganisationKind.HOUSING: N_("Housing cooperative"),
    OrganisationKind.OTHER_COOPERATIVE: N_("Other cooperative"),
    OrganisationKind.CONSORTIUM: N_("Consortium of cooperatives"),
    OrganisationKind.COMPANY: N_("Company"),
}


class Sector(enum.StrEnum):
    """What it does, in a buyer's words; ours, beside the ATECO code."""

    CLEANING = "cleaning"
    GREEN = "green"
    ENVIRONMENT = "environment"
    ASSEMBLY = "assembly"
    MECHANICS = "mechanics"
    LOGISTICS = "logistics"
    CATERING = "catering"
    LAUNDRY = "laundry"
    TEXTILE = "textile"
    CONSTRUCTION = "construction"
    AGRICULTURE = "agriculture"
    PRINT = "print"
    DIGITAL = "digital"
    OFFICE = "office"
    CARE = "care"
    EDUCATION = "education"
    CULTURE = "culture"

    @property
    def label(self) -> str:
        return SECTOR_LABELS[self]


SECTOR_LABELS = {
    Sector.CLEANING: N_("Cleaning and sanitation"),
    Sector.GREEN: N_("Green maintenance"),
    Sector.ENVIRONMENT: N_("Environmental services"),
    Sector.ASSEMBLY: N_("Assembly and packaging"),
    Sector.MECHANICS: N_("Mechanics and mechatronics"),
    Sector.LOGISTICS: N_("Transport and logistics"),
    Sector.CATERING: N_("Catering"),
    Sector.LAUNDRY: N_("Laundry"),
    Sector.TEXTILE: N_("Textiles and tailoring"),
    Sector.CONSTRUCTION: N_("Building and maintenance"),
    Sector.AGRICULTURE: N_("Farming"),
    Sector.PRINT: N_("Printing"),
    Sector.DIGITAL: N_("Digital services"),
    Sector.OFFICE: N_("Office and contact centre"),
    Sector.CARE: N_("Care and health"),
    Sector.EDUCATION: N_("Education and training"),
    Sector.CULTURE: N_("Culture and tourism"),
}


class Organisation(Model):
    __tablename__ = "organisations"
    __table_args__ = (
        Index("ix_organisations_name_key", "name_key"),
        Index("ix_organisations_province", "province", "kind"),
        Index("ix_organisations_province_name", "province", "name_key"),
        Index(
            "ix_organisations_confirmation_asked_at",
            "confirmation_asked_at",
            sqlite_where=text("confirmation_asked_at IS NOT NULL"),
            postgresql_where=text("confirmation_asked_at IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[OrganisationKind]
    name: Mapped[str]
    #: The name without accents, case and punctuation: what searches compare.
    name_key: Mapped[str]
    #: Partita IVA and codice fiscale, 11 digits; they differ for some older ones.
    vat: Mapped[str | None] = mapped_column(unique=True)
    tax_code: Mapped[str | None] = mapped_column(unique=True)
    albo: Mapped[str | None] = mapped_column(unique=True)  # A123456 or C123456
    rea: Mapped[str | None]  # BG-250195
    province: Mapped[str]  # sigla of the registered seat
    town: Mapped[str]
    address: Mapped[str | None]
    website: Mapped[str | None]
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    #: When somebody who would apply asked the secretariat to say who answers for it.
    confirmation_asked_at: Mapped[datetime | None]
    revision: Mapped[int] = mapped_column()

    seats: Mapped[list["Seat"]] = relationship(
        order_by="Seat.id", cascade="all, delete-orphan"
    )
    former_names: Mapped[list["FormerName"]] = relationship(order_by="FormerName.id")
    ateco: Mapped[list["Activity"]] = relationship(
        order_by="Activity.code", cascade="all, delete-orphan"
    )
    sectors: Mapped[list["SectorRow"]] = relationship(
        order_by="SectorRow.sector", cascade="all, delete-orphan"
    )
    representations: Mapped[list["Representation"]] = relationship(
        back_populates="organisation", order_by="Representation.id"
    )

    __mapper_args__ = {"version_id_col": revision}  # noqa: RUF012

    @property
    def reference(self) -> str:
        return f"organisation:{self.id}"

    @property
    def case(self) -> str | None:
        return None


class FormerName(Model):
    """
    A name an organisation bore: public history.

    The database refuses to change or delete it.
    """

    __tablename__ = "organisation_names"
    __table_args__ = (Index("ix_organisation_names_name_key", "name_key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(
        ForeignKey("organisations.id"), index=True
    )
    name: Mapped[str]
    name_key: Mapped[str]
    #: The last day the register gave this name, included (Rome).
    until_on: Mapped[date]


class Seat(Model):
    """A place of work besides the registered seat."""

    __tablename__ = "seats"

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(
        ForeignKey("organisations.id"), index=True
    )
    province: Mapped[str]
    town: Mapped[str]
    address: Mapped[str | None]


class Activity(Model):
    """An ATECO 2025 code of an organisation."""

    __tablename__ = "activities"
    __table_args__ = (Index("ix_activities_code", "code", "organisation_id"),)

    organisation_id: Mapped[int] = mapped_column(
        ForeignKey("organisations.id"), primary_key=True
    )
    code: Mapped[str] = mapped_column(primary_key=True)  # 81.21.00


class SectorRow(Model):
    __tablename__ = "organisation_sectors"
    __table_args__ = (
        Index("ix_organisation_sectors_sector", "sector", "organisation_id"),
    )

    organisation_id: Mapped[int] = mapped_column(
        ForeignKey("organisations.id"), primary_key=True
    )
    sector: Mapped[Sector] = mapped_column(primary_key=True)


class Capacity(enum.StrEnum):
    """In what capacity a person speaks for an organisation."""

    LEGAL_REPRESENTATIVE = "legal_representative"
    DELEGATE = "delegate"

    @property
    def label(self) -> str:
        return CAPACITY_LABELS[self]


CAPACITY_LABELS = {
    Capacity.LEGAL_REPRESENTATIVE: N_("Legal representative"),
    Capacity.DELEGATE: N_("Delegate"),
}


class Representation(Model):
    """Who speaks for an organisation, and since when."""

    __tablename__ = "representations"
    __table_args__ = (
        Index(
            "uq_representations_current",
            "organisation_id",
            "user_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(
        ForeignKey("organisations.id"), index=True
    )
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    capacity: Mapped[Capacity]
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    organisation: Mapped[Organisation] = relationship(back_populates="representations")
    user: Mapped[User] = relationship()


class Listing(Model):
    """
    An organisation named by the scheme owner in a published list.

    A record of its own: it says what the source says, never that we certified it.
    """

    __tablename__ = "listings"
    __table_args__ = (
        UniqueConstraint("scheme", "name_key", "province"),
        CheckConstraint("name <> ''", name="has_name"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    scheme: Mapped[str]
    name: Mapped[str]
    name_key: Mapped[str] = mapped_column(index=True)
    town: Mapped[str]  # "" where the source does not say
    province: Mapped[str]
    kind: Mapped[str]  # the source's own words
    source: Mapped[str]
    imported_at: Mapped[datetime]
    imported_on: Mapped[date]
    organisation_id: Mapped[int | None] = mapped_column(
        ForeignKey("organisations.id"), index=True
    )

    appearances: Mapped[list["Appearance"]] = relationship(order_by="Appearance.period")
    organisation: Mapped[Organisation | None] = relationship()

    @property
    def reference(self) -> str:
        return f"listing:{self.id}"

    @property
    def case(self) -> str | None:
        return None


class Appearance(Model):
    """Whether a listing stood in the list of one date ("2023", "2024-08")."""

    __tablename__ = "listing_appearances"

    listing_id: Mapped[int] = mapped_column(ForeignKey("listings.id"), primary_key=True)
    period: Mapped[str] = mapped_column(primary_key=True)
    listed: Mapped[bool]
