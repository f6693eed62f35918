"""What time alone does to applications, once."""

from datetime import timedelta

import pytest

from registry.accounts.models import Role
from registry.applications import jobs, operations
from registry.applications.models import Application
from registry.applications.models import ApplicationState as S
from registry.db import db
from tests import factories
from tests.factories import DAY, LONG_AGO, edition

pytestmark = pytest.mark.usefixtures("app")


def in_completion() -> Application:
    application = factories.in_evaluation().application
    operations.ask_completion(
        application,
        edition(),
        ["answer:workers_total"],
        "Il numero non torna.",
        by=factories.person(Role.AUDITOR),
        at=LONG_AGO,
    )
    db.session.commit()
    return application


def test_a_completion_may_be_replied_to_until_the_end_of_its_day() -> None:
    application = in_completion()
    assert jobs.end_completions(LONG_AGO + 15 * DAY) == 0
    assert application.state is S.INTEGRATION


def test_a_completion_nobody_replied_to_is_ended_once() -> None:
    application = in_completion()
    assert jobs.end_completions(LONG_AGO + 16 * DAY) == 1
    assert jobs.end_completions(LONG_AGO + 17 * DAY) == 0
    db.session.expire_all()
    assert application.state is S.IN_EVALUATION


def test_a_draft_left_alone_is_put_aside_once_and_can_still_be_read() -> None:
    application = factories.draft()
    db.session.commit()
    idle = timedelta(days=edition().parameters.idle_days)
    assert jobs.archive_idle(LONG_AGO + idle) == 0
    assert jobs.archive_idle(LONG_AGO + idle + DAY) == 1
    assert jobs.archive_idle(LONG_AGO + idle + 2 * DAY) == 0
    db.session.expire_all()
    assert application.state is S.ARCHIVED
    assert application.values


def test_a_draft_somebody_touched_is_left_where_it_is() -> None:
    application = factories.draft()
    idle = timedelta(days=edition().parameters.idle_days)
    by = factories.representative(application.organisation)
    late = LONG_AGO + idle - DAY
    operations.save_answers(application, {"workers_total": 15}, by=by, at=late)
    db.session.commit()
    assert jobs.archive_idle(LONG_AGO + idle + DAY) == 0
