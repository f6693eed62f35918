"""Whom a checked list of the company names: what there is to watch in it."""

from registry.accounts.models import User
from registry.db import db
from registry.errors import N_, Conflict, NotFound
from registry.organisations.models import Organisation
from registry.suppliers import queries as suppliers
from registry.suppliers.asking import asked
from registry.suppliers.columns import Layout
from registry.suppliers.models import ListState, SupplierList
from registry.suppliers.vault import Vault
from registry.verification.questions import By

#: SQLite takes 32,766 parameters in one statement.
AT_ONCE = 5_000


class NotChecked(Conflict):
    """There are no answers to go by."""


def checked(company: Organisation) -> list[SupplierList]:
    """The lists of a company that were checked and not erased yet, newest first."""
    done = SupplierList.state == ListState.DONE
    return list(db.session.scalars(suppliers.of_company(company).where(done)))


def get(id_: int, *, seen_by_user: User) -> SupplierList:
    """A list that a person may see; raises NotFound."""
    found = suppliers.get(id_, user=seen_by_user)
    if found is None:
        raise NotFound(N_("There is no such list."))
    return found


def identifiers(of: SupplierList, vault: Vault) -> list[tuple[By, str]]:
    """
    Every number in the list, and one of each organisation found by its name.

    Raises NotChecked before the list was checked, or once it was erased.
    """
    if of.state is not ListState.DONE:
        raise NotChecked(N_("This list is not checked, or was erased."))
    (table,) = suppliers.contents(of, "table", vault)
    (layout,) = suppliers.contents(of, "layout", vault)
    read = Layout.read(layout)
    found: dict[tuple[By, str], None] = {}
    for number, cells in enumerate(table["rows"][read.first_row :], read.first_row):
        found.update(dict.fromkeys(asked(number, cells, read).pairs))
    for named in _named(of, vault).values():
        if number_of := named.vat or named.tax_code:
            found["vat", number_of] = None
        elif named.albo:
            found["albo", named.albo] = None
    return list(found)


def _named(of: SupplierList, vault: Vault) -> dict[int, Organisation]:
    """The organisations that the answers to the list speak of."""
    ids = {
        answer["id"]
        for part in suppliers.contents(of, "answers", vault)
        for _, answer in part
        if "id" in answer
    }
    some = sorted(ids)
    found: dict[int, Organisation] = {}
    for start in range(0, len(some), AT_ONCE):
        found |= suppliers.organisations(some[start : start + AT_ONCE])
    return found
