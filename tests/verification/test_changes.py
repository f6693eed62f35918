"""Whatever the public can see change raises the version, and is told in order."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.exc import DBAPIError

from registry.accounts.models import Role
from registry.certificates import operations as certificates
from registry.clock import FixedClock
from registry.organisations import operations as organisations
from registry.verification import changes, jobs, version
from tests import factories
from tests.public.stories import certified, ended, in_update, suspended, withdrawn
from tests.public.test_register import listed

MINUTE = timedelta(minutes=1)


def raised(db: Any, act: Callable[[], Any]) -> bool:
    """Whether what an act commits raises the version, and no sooner."""
    db.session.commit()
    before = version.now()
    act()
    db.session.commit()
    return version.now() > before


def test_what_the_public_sees_change_raises_the_version(
    db: Any, clock: FixedClock
) -> None:
    made = certified()
    by, keeper = factories.person(Role.COMMITTEE), factories.person(Role.SECRETARIAT)
    at = clock.now()
    acts: list[Callable[[], Any]] = [
        lambda: certificates.suspend(made, "suspended_misuse", by=by, at=at),
        lambda: certificates.withdraw(made, "withdrawn_misuse", by=by, at=at),
        lambda: organisations.change(
            made.organisation, {"name": "Il Melograno"}, by=keeper, at=at
        ),
        lambda: organisations.describe(
            made.organisation, ateco=["81.21"], by=keeper, at=at + MINUTE
        ),
        lambda: listed("Aurora"),
        certified,
    ]
    assert [raised(db, act) for act in acts] == [True] * len(acts)


def test_what_nobody_outside_sees_does_not(db: Any) -> None:
    assert not raised(db, factories.organisation)
    assert not raised(db, factories.submitted)


def test_a_change_that_is_rolled_back_never_was(db: Any, clock: FixedClock) -> None:
    made, by = certified(), factories.person(Role.COMMITTEE)
    db.session.commit()
    before, told = version.now(), changes.since(0)
    certificates.suspend(made, "suspended_misuse", by=by, at=clock.now())
    db.session.rollback()
    assert (version.now(), changes.since(0)) == (before, told)


def test_changes_are_told_once_in_order_from_any_cursor(db: Any) -> None:
    made = withdrawn("Il Ginepro Cooperativa Sociale")
    ended()
    db.session.commit()
    told = changes.since(0)
    assert [one.kind for one in told] == [
        *("issued", "suspended", "withdrawn"),
        *("issued", "ended_by_holder"),
    ]
    assert [one.number for one in told] == sorted({one.number for one in told})
    assert told[1].reason_code == "suspended_major_finding"
    assert told[1].certificate == made.number
    assert told[1].legal_name == "Il Ginepro Cooperativa Sociale"
    for place, one in enumerate(told):
        assert changes.since(one.number) == told[place + 1 :]
    assert changes.since(0, 2) == told[:2]
    assert changes.latest(2) == told[:-3:-1]
    assert changes.of_holder(made.organisation_id) == told[:3]


def test_a_recheck_filed_in_time_is_no_news_before_its_day(
    db: Any, clock: FixedClock
) -> None:
    made = in_update()
    db.session.commit()
    clock.at = datetime(2027, 3, 2, 9, tzinfo=UTC)
    assert jobs.tell_updates(clock.now()) == 0
    assert [one.kind for one in changes.since(0)] == ["issued"]
    clock.tick(days=1)
    assert jobs.tell_updates(clock.now()) == 1
    assert jobs.tell_updates(clock.now()) == 0
    told = changes.since(1)
    assert [(one.kind, one.certificate) for one in told] == [("in_update", made.number)]
    assert told[0].on == clock.now().date()


def test_a_suspended_holder_is_not_told_to_be_in_update(
    db: Any, clock: FixedClock
) -> None:
    made = in_update()
    clock.at = datetime(2027, 3, 3, 9, tzinfo=UTC)
    by = factories.person(Role.COMMITTEE)
    certificates.suspend(made, "suspended_misuse", by=by, at=clock.now())
    db.session.commit()
    assert jobs.tell_updates(clock.now()) == 0


def test_the_end_of_a_term_is_told_once(db: Any, clock: FixedClock) -> None:
    certified(at=datetime(2024, 3, 1, 9, tzinfo=UTC))
    suspended(at=datetime(2024, 3, 1, 9, tzinfo=UTC))
    db.session.commit()
    clock.at = datetime(2027, 2, 28, 9, tzinfo=UTC)
    assert jobs.tell_ends(clock.now()) == 0
    clock.tick(days=9)
    before = version.now()
    assert jobs.tell_ends(clock.now()) == 2
    assert jobs.tell_ends(clock.now()) == 0
    assert version.now() > before
    told = [one for one in changes.latest(2) if one.kind == "expired"]
    assert [str(one.on) for one in told] == ["2027-03-01", "2027-03-01"]
    assert all(one.at == clock.now() for one in told)


def test_nobody_rewrites_what_was_told(db: Any) -> None:
    certified()
    db.session.commit()
    for act in ("UPDATE public_changes SET kind = 'x'", "DELETE FROM public_changes"):
        with pytest.raises(DBAPIError, match="append-only"):
            db.session.execute(db.text(act))
        db.session.rollback()


def test_the_last_recorded_event_is_known(app: Flask, db: Any) -> None:
    assert version.recorded_through() is None
    made = certified()
    db.session.commit()
    assert version.recorded_through() == made.issued_at
