"""The life of an edition: who may take which step, and when."""

import datetime as dt
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from registry.accounts.models import Role
from registry.clock import FixedClock
from registry.criteria.edition import Edition
from registry.criteria.reader import Editions
from registry.editions import operations, queries, rules
from registry.editions.copies import read_copy
from registry.editions.models import EditionState as E
from registry.editions.operations import (
    NotYours,
    OtherRules,
    OtherText,
    TooEarly,
    TooLate,
)
from registry.schemes.known import count, everybody
from registry.schemes.trying import try_on
from tests import factories
from tests.schemes.drafts import changed_to, stricter, with_draft, with_published


@pytest.fixture
def old(editions: Editions) -> Edition:
    return editions["impact/2022"]


@pytest.fixture
def draft(old: Edition) -> Edition:
    return stricter(old)


@pytest.fixture
def owner(app: Flask) -> Any:
    return factories.person(Role.SCHEME_OWNER)


def figures(old: Edition, draft: Edition, on: dt.date) -> dict[str, Any]:
    return try_on(old, draft, [], on).figures.to_json()


def test_a_copy_holds_the_whole_edition_and_is_made_once(
    app: Flask, old: Edition, owner: Any, clock: FixedClock
) -> None:
    copy = operations.import_edition(old, by=owner, at=clock.now())
    assert copy is not None
    again = read_copy(copy.content)
    assert (again.digest, again.text_digest) == (old.digest, old.text_digest)
    assert operations.import_edition(old, by=owner, at=clock.now()) is None


def test_an_edition_with_other_rules_is_not_imported_again(
    app: Flask, old: Edition, owner: Any, clock: FixedClock
) -> None:
    operations.import_edition(old, by=owner, at=clock.now())
    changed = changed_to(old, applicants=("company",))
    with pytest.raises(OtherRules):
        operations.import_edition(changed, by=owner, at=clock.now())


def test_a_corrected_help_makes_a_second_copy(
    app: Flask, old: Edition, owner: Any, clock: FixedClock
) -> None:
    operations.import_edition(old, by=owner, at=clock.now())
    summary = {"it": old.summary.it, "en": "Said better."}
    corrected = changed_to(old, summary=summary)
    assert operations.import_edition(corrected, by=owner, at=clock.now())
    assert len(queries.copies_of(old.key)) == 2


@pytest.mark.parametrize(
    "act", ["UPDATE editions SET key = 'x'", "DELETE FROM editions"]
)
def test_the_database_refuses_to_touch_a_copy(
    app: Flask, db: Any, old: Edition, owner: Any, clock: FixedClock, act: str
) -> None:
    operations.import_edition(old, by=owner, at=clock.now())
    with pytest.raises(DBAPIError, match="append-only"):
        db.session.execute(text(act))


def test_a_draft_is_adopted_after_thirty_days_with_its_what_if(
    app: Flask, old: Edition, draft: Edition, owner: Any, clock: FixedClock
) -> None:
    with pytest.raises(TooEarly):
        operations.adopt(draft, by=owner, at=clock.now())
    operations.consult(draft, by=owner, at=clock.now())
    clock.tick(days=29)
    with pytest.raises(TooEarly):
        operations.adopt(draft, by=owner, at=clock.now())
    clock.tick(days=1)
    with pytest.raises(OtherText):
        operations.adopt(draft, by=owner, at=clock.now())
    found = figures(old, draft, clock.now().date())
    operations.attach(draft, found, by=owner, at=clock.now())
    operations.adopt(draft, by=owner, at=clock.now())
    assert rules.last_act(queries.life_of(draft.key)) is E.ADOPTED


def test_a_first_edition_is_adopted_at_once(
    app: Flask, old: Edition, owner: Any, clock: FixedClock
) -> None:
    operations.adopt(old, by=owner, at=clock.now())
    assert rules.last_act(queries.life_of(old.key)) is E.ADOPTED


def test_figures_of_another_text_are_not_attached(
    app: Flask, old: Edition, draft: Edition, owner: Any, clock: FixedClock
) -> None:
    other = stricter(old, at_least=21)
    with pytest.raises(OtherText):
        operations.attach(
            draft,
            figures(old, other, clock.now().date()),
            by=owner,
            at=clock.now(),
        )


def test_only_the_scheme_owner_acts(
    app: Flask, draft: Edition, clock: FixedClock
) -> None:
    with pytest.raises(NotYours):
        operations.consult(draft, by=factories.person(Role.COMMITTEE), at=clock.now())


def adopted(old: Edition, draft: Edition, owner: Any, clock: FixedClock) -> None:
    operations.consult(draft, by=owner, at=clock.now())
    clock.tick(days=30)
    found = figures(old, draft, clock.now().date())
    operations.attach(draft, found, by=owner, at=clock.now())
    operations.adopt(draft, by=owner, at=clock.now())


def test_holders_are_told_sixty_days_before_or_not_at_all(
    app: Flask,
    editions: Editions,
    old: Edition,
    draft: Edition,
    owner: Any,
    clock: FixedClock,
) -> None:
    adopted(old, draft, owner, clock)
    published = with_published(editions, draft)
    with pytest.raises(TooEarly):
        operations.notify(draft, editions, by=owner, at=clock.now())
    clock.at = dt.datetime(2026, 11, 3, 9, tzinfo=dt.UTC)
    with pytest.raises(TooLate):
        operations.notify(draft, published, by=owner, at=clock.now())
    clock.at = dt.datetime(2026, 11, 2, 9, tzinfo=dt.UTC)
    operations.notify(draft, published, by=owner, at=clock.now())
    assert rules.last_act(queries.life_of(draft.key)) is E.NOTIFIED


def test_what_was_published_must_be_what_was_adopted(
    app: Flask,
    editions: Editions,
    old: Edition,
    draft: Edition,
    owner: Any,
    clock: FixedClock,
) -> None:
    adopted(old, draft, owner, clock)
    other = stricter(old, at_least=21)
    with pytest.raises(OtherText):
        operations.notify(
            other, with_published(editions, other), by=owner, at=clock.now()
        )


def test_the_calendar_does_the_rest(
    app: Flask,
    editions: Editions,
    old: Edition,
    draft: Edition,
    owner: Any,
    clock: FixedClock,
) -> None:
    adopted(old, draft, owner, clock)
    published = with_published(editions, draft)
    operations.notify(draft, published, by=owner, at=clock.now())
    lives = queries.lives()

    def state(edition: Edition, on: dt.date) -> E:
        return rules.state_on(edition, lives, published, on)

    assert state(draft, dt.date(2026, 12, 31)) is E.NOTIFIED
    assert state(old, dt.date(2026, 12, 31)) is E.IN_FORCE
    assert state(draft, dt.date(2027, 1, 1)) is E.IN_FORCE
    assert state(old, dt.date(2027, 1, 1)) is E.TRANSITION
    assert state(old, dt.date(2028, 6, 30)) is E.TRANSITION
    assert state(old, dt.date(2028, 7, 1)) is E.RETIRED


def test_an_edition_nobody_was_told_of_is_only_adopted(
    app: Flask, editions: Editions, old: Edition, draft: Edition
) -> None:
    published = with_published(editions, draft)
    on = dt.date(2027, 2, 1)
    assert rules.state_on(draft, {}, published, on) is E.ADOPTED
    assert rules.state_on(old, {}, published, on) is E.IN_FORCE


def test_a_draft_is_tried_on_holders_and_applicants(
    app: Flask, editions: Editions, old: Edition, draft: Edition, clock: FixedClock
) -> None:
    small = factories.certified()
    # Certified months ago: judged on the day of its answers, time takes nothing away.
    factories.certified(at=dt.datetime(2025, 6, 2, 9, tzinfo=dt.UTC), workers_total=14)
    factories.submitted()
    factories.draft()
    on = clock.now().date()
    tried = try_on(old, draft, everybody("impact", with_draft(editions, draft), on), on)
    assert count("impact", on) == 3
    assert len(tried.people) == 3
    assert tried.figures.passed == 3
    assert tried.figures.to_json()["lost"] == 3
    assert tried.figures.obstacles["size"].only == 3
    assert tried.people[small.reference].name == small.organisation.name


def test_what_was_never_asked_is_not_known_and_no_failure(
    app: Flask, editions: Editions, old: Edition, clock: FixedClock
) -> None:
    factories.certified()
    draft, on = editions.drafts["impact/2026"], clock.now().date()
    found = try_on(old, draft, everybody("impact", editions, on), on).figures.to_json()
    assert found["kept"] + found["lost"] + found["undetermined"] == found["passed"] == 1
