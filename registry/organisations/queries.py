"""Finding organisations, those who speak for them, and published listings."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Select, and_, false, or_, select

from registry.accounts.models import User
from registry.db import db
from registry.organisations.models import (
    Capacity,
    Listing,
    Organisation,
    OrganisationKind,
    Representation,
)
from registry.organisations.rules import KEEPERS, provinces
from registry.search import key, names_like


def seen_by(user: User) -> Select[Organisation]:
    """The organisations a person may see: keepers all, others those they speak for."""
    found = select(Organisation).order_by(Organisation.name_key, Organisation.id)
    return (
        found if user.is_a(*KEEPERS) else found.where(Organisation.id.in_(_mine(user)))
    )


def spoken_for(user: User) -> Select[Organisation]:
    """The select of the organisations a person speaks for now, by name."""
    return (
        select(Organisation)
        .where(Organisation.id.in_(_mine(user)))
        .order_by(Organisation.name_key, Organisation.id)
    )


def spoken_for_by(user: User) -> Sequence[Organisation]:
    """The organisations a person speaks for now, by name."""
    return db.session.scalars(spoken_for(user)).all()


def _mine(user: User) -> Select[int]:
    return select(Representation.organisation_id).where(
        Representation.user_id == user.id, Representation.ended_at.is_(None)
    )


def get(id_: int, *, user: User) -> Organisation | None:
    """An organisation by key, as far as `user` may see it."""
    return db.session.scalar(seen_by(user).where(Organisation.id == id_))


def speakers(organisation: Organisation) -> list[User]:
    """The active people who speak for an organisation now, first come first."""
    return list(
        db.session.scalars(
            select(User)
            .join(Representation, Representation.user_id == User.id)
            .where(
                Representation.organisation_id == organisation.id,
                Representation.ended_at.is_(None),
                User.active,
            )
            .order_by(Representation.id)
        )
    )


def speaks_for(user: User, organisation: Organisation) -> Representation | None:
    """By what a person speaks for an organisation now, if at all."""
    return db.session.scalar(
        select(Representation).where(
            Representation.user_id == user.id,
            Representation.organisation_id == organisation.id,
            Representation.ended_at.is_(None),
        )
    )


def has_spoken_for(user: User, organisation: Organisation) -> Sequence[Representation]:
    """Every time a person spoke for an organisation, ended ones included."""
    return db.session.scalars(
        select(Representation)
        .where(
            Representation.user_id == user.id,
            Representation.organisation_id == organisation.id,
        )
        .order_by(Representation.id)
    ).all()


def by_vat(vat: str) -> Organisation | None:
    """The organisation with a partita IVA, given as eleven digits."""
    return db.session.scalar(select(Organisation).where(Organisation.vat == vat))


def by_tax_code(tax_code: str) -> Organisation | None:
    """The organisation with a codice fiscale, else with that as its partita IVA."""
    same = and_(Organisation.tax_code.is_(None), Organisation.vat == tax_code)
    return db.session.scalar(
        select(Organisation).where(or_(Organisation.tax_code == tax_code, same))
    )


def by_albo(albo: str) -> Organisation | None:
    """The organisation with an Albo number, as A122855."""
    return db.session.scalar(select(Organisation).where(Organisation.albo == albo))


def search(
    user: User, typed: str = "", province: str = "", kind: str = ""
) -> Select[Organisation]:
    """What `user` sees like `typed`, a name or number, in a province, of a kind."""
    found = seen_by(user)
    if typed.strip():
        found = found.where(_is_like(typed.strip()))
    if province:
        here = Organisation.province == province
        found = found.where(here if province in provinces() else false())
    if kind:
        known = kind in set(OrganisationKind)
        found = found.where(
            Organisation.kind == OrganisationKind(kind) if known else false()
        )
    return found


def _is_like(typed: str) -> ColumnElement[bool]:
    number = "".join(typed.split()).upper()
    if len(number) >= 6 and number[1:].isdigit():
        return or_(
            Organisation.vat == number,
            Organisation.tax_code == number,
            Organisation.albo == number,
        )
    like = names_like(typed, db.engine.dialect.name, Organisation.id)
    return false() if like is None else like


def listing(scheme: str, name: str, province: str) -> Listing | None:
    """What the owner of a scheme published under a name in a province."""
    return db.session.scalar(
        select(Listing).where(
            Listing.scheme == scheme,
            Listing.name_key == key(name),
            Listing.province == province,
        )
    )


def listings(scheme: str) -> Sequence[Listing]:
    """Everything the owner of a scheme published, by name."""
    return db.session.scalars(
        select(Listing)
        .where(Listing.scheme == scheme)
        .order_by(Listing.name_key, Listing.id)
    ).all()


def listings_of(organisation: Organisation) -> Sequence[Listing]:
    """The published listings that speak of an organisation."""
    return db.session.scalars(
        select(Listing)
        .where(Listing.organisation_id == organisation.id)
        .order_by(Listing.scheme, Listing.id)
    ).all()


def to_confirm() -> Sequence[Organisation]:
    """The organisations that would apply, and for which nobody answers yet."""
    answered = select(Representation.organisation_id).where(
        Representation.capacity == Capacity.LEGAL_REPRESENTATIVE,
        Representation.ended_at.is_(None),
    )
    return db.session.scalars(
        select(Organisation)
        .where(
            Organisation.confirmation_asked_at.is_not(None),
            Organisation.id.not_in(answered),
        )
        .order_by(Organisation.name_key, Organisation.id)
    ).all()
