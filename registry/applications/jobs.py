"""What time alone does to applications."""

from datetime import datetime, timedelta

from registry.accounts.queries import the_registry
from registry.applications import operations, queries
from registry.applications.models import Application, ApplicationState
from registry.clock import civil_day
from registry.jobs import one_by_one
from registry.services import services


def end_completions(at: datetime) -> int:
    """Close the completion requests nobody replied to by their day."""

    def load(id_: int) -> Application | None:
        found = queries.locked(id_)
        request = found.open_completion
        waits = found.state is ApplicationState.INTEGRATION and request is not None
        return found if waits and request.due_on < civil_day(at) else None  # type: ignore[union-attr]

    def work(found: Application) -> None:
        operations.end_completion(found, by=the_registry(), at=at)

    return one_by_one(queries.with_overdue_completion(), load, work)


def archive_idle(at: datetime) -> int:
    """Put aside the drafts nobody touched for as long as their edition allows."""
    editions = services().editions

    def load(id_: int) -> Application | None:
        found = queries.locked(id_)
        idle = timedelta(days=editions[found.edition].parameters.idle_days)
        is_idle = found.state is ApplicationState.DRAFT and found.changed_at < at - idle
        return found if is_idle else None

    def work(found: Application) -> None:
        operations.archive(found, by=the_registry(), at=at)

    shortest = min(e.parameters.idle_days for e in editions.values())
    return one_by_one(queries.idle_since(at - timedelta(days=shortest)), load, work)
