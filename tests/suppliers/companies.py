"""A company that buys, its people, and files as such companies keep them."""

import io
from collections.abc import Sequence
from typing import Any

import xlsxwriter

from registry.accounts.models import Role, User
from registry.organisations.models import Organisation
from registry.suppliers import operations, reading, work
from registry.suppliers.models import SupplierList
from registry.suppliers.operations import Wishes
from registry.suppliers.vault import the_vault
from tests import factories


def company(name: str = "Acquisti Riuniti S.p.A.") -> Organisation:
    """A company and one person who speaks for it."""
    buyer = factories.person(Role.COMPANY)
    return factories.company(buyer, name=name)


def buyer(of: Organisation) -> User:
    return factories.representative(of)


def csv(rows: Sequence[Sequence[str]], encoding: str = "utf-8") -> bytes:
    return "\r\n".join(";".join(row) for row in rows).encode(encoding)


def xlsx(rows: Sequence[Sequence[Any]]) -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out)
    sheet = book.add_worksheet("Fornitori")
    for n, row in enumerate(rows):
        for m, cell in enumerate(row):
            sheet.write(n, m, cell)
    book.close()
    return out.getvalue()


def hand_in(
    of: Organisation, content: bytes, *, at: Any = factories.LONG_AGO, **wishes: Any
) -> SupplierList:
    """A list handed in; nothing is checked yet."""
    return operations.hand_in(
        of,
        content,
        "Fornitori 2026.csv",
        reading.read(content, 50_000),
        Wishes(**{"language": "it", **wishes}),
        by=buyer(of),
        at=at,
        vault=the_vault(),
    )


def check(of: SupplierList, at: Any = factories.LONG_AGO) -> None:
    """Everything the registry has to do for a list."""
    from registry.db import db

    id_ = of.id
    db.session.commit()
    work.check(id_, at)
    db.session.refresh(of)


def rows(content: bytes) -> list[list[str]]:
    """The rows of a CSV file."""
    return [line.split(";") for line in content.decode().splitlines()]


def lists_in_every_state(of: Organisation, holder: str, at: Any) -> list[SupplierList]:
    """One whose columns are asked, one whose names are, one that is done.

    `holder` is the name of somebody certified, which a slip makes only alike.
    """
    found = [
        hand_in(of, csv([["Feld A", "Feld B"], ["x", "Ferramenta"]]), at=at),
        hand_in(of, csv([["Fornitore"], [holder.replace("rano", "ranno")]]), at=at),
    ]
    check(found[1], at)
    found.append(hand_in(of, csv([["P.IVA"], [factories.vat()]]), at=at))
    check(found[2], at)
    return found
