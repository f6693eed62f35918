"""A company makes its own keys: shown once, kept as fingerprints, rotated, revoked."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from registry.accounts.models import Role
from registry.db import Model
from registry.keys import operations, queries, rules, secrets
from registry.keys.models import Scope
from registry.mail.models import Letter
from tests import factories


@pytest.fixture
def buyer(app):
    return factories.person(Role.COMPANY)


@pytest.fixture
def company(buyer):
    return factories.company(buyer)


@pytest.fixture
def made(company, buyer, clock):
    """A key and its secret."""
    return operations.create(
        company, "Gestionale acquisti", ["verify", "bulk"], by=buyer, at=clock.now()
    )


def test_the_secret_opens_its_key_and_nothing_else_does(made, clock):
    key, secret = made
    assert queries.by_secret(secret, clock.now()) is key
    other = secrets.draw()
    assert queries.by_secret(other, clock.now()) is None
    assert queries.by_secret(secret[:-1] + "!", clock.now()) is None


def test_the_secret_stands_nowhere_in_the_database(made, db):
    _, secret = made
    db.session.flush()
    for table in Model.metadata.sorted_tables:
        for row in db.session.execute(select(table)):
            assert secret not in " ".join(map(str, row)), table.name


def test_a_secret_has_a_mark_and_a_checksum():
    secret = secrets.draw()
    assert secret.startswith("impact_")
    assert secrets.looks_right(secret)
    assert len({secrets.draw() for _ in range(100)}) == 100
    for place in range(len(secret)):
        letter = "A" if secret[place] != "A" else "B"
        wrong = secret[:place] + letter + secret[place + 1 :]
        assert not secrets.looks_right(wrong), place


def test_after_rotation_both_secrets_work_for_seven_days(made, buyer, clock):
    key, old = made
    new = operations.rotate(key, by=buyer, at=clock.now())
    clock.tick(days=6, hours=23)
    assert queries.by_secret(old, clock.now()) is key
    assert queries.by_secret(new, clock.now()) is key
    clock.tick(hours=1)
    assert queries.by_secret(old, clock.now()) is None
    assert queries.by_secret(new, clock.now()) is key


def test_rotating_again_does_not_lengthen_the_life_of_the_first_secret(
    made, buyer, clock
):
    key, first = made
    operations.rotate(key, by=buyer, at=clock.now())
    clock.tick(days=5)
    operations.rotate(key, by=buyer, at=clock.now())
    clock.tick(days=2)
    assert queries.by_secret(first, clock.now()) is None


def test_a_revoked_key_opens_nothing_from_that_moment_and_for_ever(made, buyer, clock):
    key, secret = made
    new = operations.rotate(key, by=buyer, at=clock.now())
    operations.revoke(key, by=buyer, at=clock.now())
    assert queries.by_secret(secret, clock.now()) is None
    assert queries.by_secret(new, clock.now()) is None
    with pytest.raises(operations.Revoked):
        operations.rotate(key, by=buyer, at=clock.now())
    with pytest.raises(operations.Revoked):
        operations.revoke(key, by=buyer, at=clock.now())


def test_only_who_speaks_for_the_organisation_keeps_its_keys(made, company, clock):
    key, _ = made
    for person in (factories.person(Role.COMPANY), factories.person(Role.SECRETARIAT)):
        with pytest.raises(operations.NotYourKeys):
            operations.create(company, "Mia", ["verify"], by=person, at=clock.now())
        with pytest.raises(operations.NotYourKeys):
            operations.revoke(key, by=person, at=clock.now())
        assert list(queries.listed(person)) == []


def test_everyone_who_speaks_for_it_hears_of_a_new_key(made, buyer, db):
    letters = db.session.scalars(select(Letter).where(Letter.to_id == buyer.id)).all()
    assert [letter.event for letter in letters] == ["keys/created"]
    assert "Gestionale acquisti" in letters[0].body
    assert made[1] not in letters[0].body


@pytest.mark.parametrize(
    ("name", "scopes", "refusal"),
    [
        ("  ", ["verify"], rules.BadKeyName),
        ("x" * 81, ["verify"], rules.BadKeyName),
        ("Gestionale", [], rules.NoScope),
        ("Gestionale", ["verify", "everything"], rules.NoScope),
    ],
)
def test_a_key_needs_a_name_and_a_purpose(company, buyer, clock, name, scopes, refusal):
    with pytest.raises(refusal):
        operations.create(company, name, scopes, by=buyer, at=clock.now())


def test_an_organisation_has_twenty_keys_that_work_at_most(company, buyer, clock):
    keys = [
        operations.create(company, f"Chiave {n}", ["verify"], by=buyer, at=clock.now())
        for n in range(20)
    ]
    with pytest.raises(operations.TooManyKeys):
        operations.create(company, "Una in più", ["verify"], by=buyer, at=clock.now())
    operations.revoke(keys[0][0], by=buyer, at=clock.now())
    operations.create(company, "Ora sì", ["verify"], by=buyer, at=clock.now())


def test_use_is_counted_by_civil_day(made, clock, db):
    key, _ = made
    key_id = key.id
    db.session.commit()
    for items, hours in ((1, 0), (500, 1), (3, 23)):
        clock.tick(hours=hours)
        with db.engine.begin() as connection:
            operations.count(connection, key_id, items=items, at=clock.now())
    db.session.expire_all()
    first, second = queries.usage(key, clock.now().date(), 2)
    assert (first.requests, first.items) == (2, 501)
    assert (second.requests, second.items) == (1, 3)
    assert queries.items_used(key, second.on) == 3
    assert key.last_used_at == clock.now()


def test_days_without_use_stand_in_the_account_as_nothing(made, clock):
    days = queries.usage(made[0], clock.now().date(), 30)
    assert len(days) == 30
    assert days[-1].on - days[0].on == timedelta(days=29)
    assert not any(day.requests for day in days)


def test_a_key_grants_what_it_was_made_for(made):
    key, _ = made
    assert [s for s in Scope if rules.grants(key, s)] == [Scope.VERIFY, Scope.BULK]
