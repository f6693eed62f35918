"""Words and addresses of doubts long ended are not kept."""

from datetime import datetime

from registry.accounts.queries import the_registry
from registry.complaints import operations, queries
from registry.complaints.models import Complaint
from registry.jobs import one_by_one


def forget_ended(at: datetime) -> int:
    """Erase what was written, and by whom, two years after the end."""

    def forget(complaint: Complaint) -> None:
        operations.forget(complaint, by=the_registry(), at=at)

    return one_by_one(queries.to_forget(at), queries.one_to_forget, forget)
