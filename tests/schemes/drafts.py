"""A stricter draft that takes over from impact/2022, made of it."""

import datetime as dt
from typing import Any

from registry.accounts.models import Role
from registry.criteria.edition import Edition, Replaces
from registry.criteria.reader import Editions
from registry.editions import operations
from registry.editions.rules import predecessor
from registry.schemes.trying import try_on
from tests import factories

TITLE = {"it": "Più lavoratori", "en": "More workers"}


def stricter(
    old: Edition,
    *,
    in_force_from: dt.date = dt.date(2027, 1, 1),
    holders_until: dt.date = dt.date(2028, 6, 30),
    at_least: int = 20,
) -> Edition:
    """impact/2022 with one more requirement: so many workers at work."""
    plain: dict[str, Any] = old.model_dump(mode="python", by_alias=True)
    first = plain["requirements"][0]
    more = {
        **first,
        "id": "size",
        "number": 6,
        "title": TITLE,
        "text": TITLE,
        "gate": False,
        "rule": {"answer": "workers_total", "at_least": at_least},
    }
    made = Edition.model_validate(
        {
            **plain,
            "edition": "2027",
            "in_force_from": in_force_from,
            "requirements": (*plain["requirements"], more),
            "replaces": Replaces(
                edition="2022",
                new_applications_until=dt.date(2027, 6, 30),
                holders_until=holders_until,
            ),
        }
    )
    return made.with_tables(old.tables)


def changed_to(edition: Edition, **changes: Any) -> Edition:
    """The same edition with something else written in it."""
    return Edition.model_validate(edition.model_dump(by_alias=True) | changes)


def with_draft(editions: Editions, draft: Edition) -> Editions:
    """The same editions, with one more draft."""
    return Editions(editions, {draft.key: draft})


def with_published(editions: Editions, edition: Edition) -> Editions:
    """The same editions, with one more published."""
    return Editions({**editions, edition.key: edition})


def notified(new: Edition, editions: Editions, at: dt.datetime) -> None:
    """Everything the owner of a scheme does for an edition, up to telling holders."""
    owner, old = factories.person(Role.SCHEME_OWNER), predecessor(new, editions)
    assert old is not None
    operations.consult(new, by=owner, at=at - dt.timedelta(days=30))
    figures = try_on(old, new, [], at.date()).figures.to_json()
    operations.attach(new, figures, by=owner, at=at)
    operations.adopt(new, by=owner, at=at)
    operations.notify(new, editions, by=owner, at=at)
