"""Lists that wait are checked, old ones erased."""

from datetime import datetime

from registry.accounts.queries import the_registry
from registry.db import db
from registry.jobs import one_by_one
from registry.suppliers import operations, queries, rules, work
from registry.suppliers.models import SignUp, SupplierList


def check_waiting(at: datetime) -> int:
    """Check the lists in the queue, and go on with those a stop has interrupted."""

    def do(of: SupplierList) -> None:
        work.check(of.id, at, tell=True)

    return one_by_one(
        queries.waiting(), lambda id_: db.session.get(SupplierList, id_), do
    )


def erase_old(at: datetime) -> int:
    """Erase lists after seven days, and what those typed who opened no account."""
    return one_by_one(
        queries.handed_in_by(at - rules.KEPT_FOR),
        lambda id_: queries.locked(id_, *queries.KEPT),
        lambda of: operations.erase(of, by=the_registry(), at=at),
    ) + one_by_one(
        queries.sign_ups_over(at),
        lambda id_: db.session.get(SignUp, id_),
        lambda one: operations.forget(one, by=the_registry(), at=at),
    )
