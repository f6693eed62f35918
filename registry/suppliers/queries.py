"""Finding what companies brought; nobody sees another's."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select

from registry.accounts.models import User
from registry.accounts.queries import hashed
from registry.db import db
from registry.organisations.models import (
    Organisation,
    OrganisationKind,
    Representation,
)
from registry.suppliers.models import (
    Confirmation,
    Content,
    Layout,
    ListState,
    SignUp,
    SupplierList,
)
from registry.suppliers.vault import Vault

AT_WORK = (ListState.UPLOADED, ListState.CHECKING)
#: Those that hold something to erase.
KEPT = (*AT_WORK, ListState.ASKING, ListState.CONFIRMING, ListState.DONE)


@dataclass(frozen=True)
class Meant:
    """Whom a company means by a name; None: nobody of those offered."""

    organisation_id: int | None
    offered: frozenset[int]


def companies_of(user: User) -> Sequence[Organisation]:
    """The companies a person speaks for now, the first joined first."""
    return db.session.scalars(
        select(Organisation)
        .join(Representation)
        .where(
            Representation.user_id == user.id,
            Representation.ended_at.is_(None),
            Organisation.kind == OrganisationKind.COMPANY,
        )
        .order_by(Representation.id)
    ).all()


def seen_by(user: User) -> Select[SupplierList]:
    """The lists of the companies a person speaks for: nobody else sees any."""
    mine = select(Representation.organisation_id).where(
        Representation.user_id == user.id, Representation.ended_at.is_(None)
    )
    return select(SupplierList).where(SupplierList.company_id.in_(mine))


def get(id_: int, *, user: User) -> SupplierList | None:
    """A list by key, as far as a person may see it."""
    return db.session.scalar(seen_by(user).where(SupplierList.id == id_))


def in_states(user: User, *states: ListState) -> Select[SupplierList]:
    """What a person sees that is in one of these states, the oldest first."""
    return seen_by(user).where(SupplierList.state.in_(states)).order_by(SupplierList.id)


def of_company(company: Organisation) -> Select[SupplierList]:
    """The lists of a company, the newest first."""
    return (
        select(SupplierList)
        .where(SupplierList.company_id == company.id)
        .order_by(SupplierList.id.desc())
    )


def of_one_company(id_: int, company: Organisation) -> SupplierList | None:
    """A list by key, as far as a company may see it."""
    return db.session.scalar(
        select(SupplierList).where(
            SupplierList.id == id_, SupplierList.company_id == company.id
        )
    )


def at_work(company: Organisation) -> int:
    """How many lists of a company are being checked or wait for it."""
    return db.session.scalars(
        select(func.count()).where(
            SupplierList.company_id == company.id, SupplierList.state.in_(AT_WORK)
        )
    ).one()


def by_key(company: Organisation, key: str) -> SupplierList | None:
    """The list handed in with an idempotency key, hashed."""
    return db.session.scalar(
        select(SupplierList).where(
            SupplierList.company_id == company.id,
            SupplierList.idempotency_key == key,
        )
    )


def waiting() -> Sequence[int]:
    """The keys of the lists the registry has to work on, first come first."""
    return db.session.scalars(
        select(SupplierList.id)
        .where(SupplierList.state.in_(AT_WORK))
        .order_by(SupplierList.id)
    ).all()


def handed_in_by(at: datetime) -> Sequence[int]:
    """The keys of the lists handed in by `at` that still hold something."""
    return db.session.scalars(
        select(SupplierList.id).where(
            SupplierList.handed_in_at <= at, SupplierList.state.in_(KEPT)
        )
    ).all()


def locked(id_: int, *states: ListState) -> SupplierList | None:
    """A list in one of these states, its row kept for this transaction."""
    return db.session.scalar(
        select(SupplierList)
        .where(SupplierList.id == id_, SupplierList.state.in_(states))
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def content(of: SupplierList, kind: str, vault: Vault, part: int = 0) -> bytes | None:
    """A part of a list, opened; None where there is none."""
    row = db.session.get(Content, (of.id, kind, part))
    return vault.open(row.sealed, place(of, kind, part)) if row else None


def contents(of: SupplierList, kind: str, vault: Vault) -> list[Any]:
    """All parts of a kind, opened as JSON, in their order."""
    rows = db.session.scalars(
        select(Content)
        .where(Content.list_id == of.id, Content.kind == kind)
        .order_by(Content.part)
    )
    return [vault.open_json(row.sealed, place(of, kind, row.part)) for row in rows]


def called(of: SupplierList, vault: Vault) -> str:
    """The file's name as its company calls it; empty once it is erased."""
    return next((one["name"] for one in contents(of, "about", vault)), "")


def place(of: SupplierList, kind: str, part: int) -> str:
    """Where a part belongs: elsewhere it does not open."""
    return f"{of.company_id}:{of.id}:{kind}:{part}"


def layouts(company_id: int, marks: Collection[str]) -> dict[str, dict[str, Any]]:
    """What a company said of headers, by their marks."""
    found = db.session.scalars(
        select(Layout).where(Layout.company_id == company_id, Layout.mark.in_(marks))
    )
    return {one.mark: one.columns for one in found}


def meant(company_id: int, marks: Collection[str], vault: Vault) -> dict[str, Meant]:
    """Whom a company said it means, by the marks of names."""
    found = db.session.scalars(
        select(Confirmation).where(
            Confirmation.company_id == company_id, Confirmation.mark.in_(marks)
        )
    )
    said = {
        one.mark: vault.open_json(one.sealed, f"{company_id}:{one.mark}")
        for one in found
    }
    return {
        name: Meant(one["organisation"], frozenset(one["offered"]))
        for name, one in said.items()
    }


def organisations(ids: Collection[int]) -> dict[int, Organisation]:
    """Organisations by their keys."""
    found = db.session.scalars(select(Organisation).where(Organisation.id.in_(ids)))
    return {one.id: one for one in found}


def sign_up(token: str) -> SignUp | None:
    """What the link in a letter asks for; ask `rules.is_open` too."""
    return db.session.scalar(select(SignUp).where(SignUp.token_sha256 == hashed(token)))


def sign_ups_of(email: str) -> Sequence[SignUp]:
    """What an address asked for before, given in its one spelling."""
    return db.session.scalars(select(SignUp).where(SignUp.email == email)).all()


def sign_ups_over(at: datetime) -> Sequence[int]:
    """The keys of those whose link opens nothing any more."""
    return db.session.scalars(select(SignUp.id).where(SignUp.until <= at)).all()
