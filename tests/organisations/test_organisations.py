"""Entering organisations, and who speaks for them."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update
from sqlalchemy.exc import DatabaseError

from registry.accounts.models import Role
from registry.clock import FixedClock, civil_day
from registry.db import db
from registry.journal.queries import about
from registry.mail.models import Letter
from registry.organisations import operations, queries, rules
from registry.organisations.models import Capacity, FormerName, Organisation, Sector
from tests.accounts.people import person
from tests.organisations.places import facts, organisation


@pytest.fixture(autouse=True)
def _database(app: Flask) -> None:
    """Everything here touches the database."""


def test_a_number_belongs_to_one_organisation(clock: FixedClock) -> None:
    first = organisation(albo="A122855")
    secretary = person(Role.SECRETARIAT)
    with pytest.raises(rules.Refused) as refused:
        operations.add(
            **facts(vat=first.vat, albo="a122855"), by=secretary, at=clock.now()
        )
    assert [name for name, _ in refused.value.problems] == ["vat", "albo"]
    assert first.name in str(refused.value.problems[0][1])


def test_a_codice_fiscale_may_not_be_the_partita_iva_of_another(
    clock: FixedClock,
) -> None:
    first = organisation()
    with pytest.raises(rules.Refused):
        operations.add(
            **facts(tax_code=first.vat), by=person(Role.SECRETARIAT), at=clock.now()
        )


def test_only_the_secretariat_enters_organisations(clock: FixedClock) -> None:
    with pytest.raises(operations.NotYourOrganisation):
        operations.add(**facts(), by=person(Role.COOPERATIVE), at=clock.now())


def test_a_change_keeps_the_words_before_in_the_journal(clock: FixedClock) -> None:
    made = organisation(name="Nome Vecchio")
    operations.change(
        made, {"name": "Nome Nuovo"}, by=person(Role.SECRETARIAT), at=clock.now()
    )
    entry = about(made.reference)[-1]
    assert (entry.verb, entry.facts) == (
        "organisation.changed",
        {"name": "Nome Vecchio"},
    )
    assert made.name_key == "nome nuovo"


def test_a_former_name_stays_public_with_the_last_day_it_was_borne(
    clock: FixedClock,
) -> None:
    made, secretary = organisation(name="Nome Vecchio"), person(Role.SECRETARIAT)
    for name in ("NOME VECCHIO", "Nome Nuovo", "Nome Nuovissimo"):
        operations.change(made, {"name": name}, by=secretary, at=clock.now())
    assert [(one.name, one.until_on) for one in made.former_names] == [
        ("NOME VECCHIO", civil_day(clock.now())),
        ("Nome Nuovo", civil_day(clock.now())),
    ]


def test_no_one_rewrites_a_former_name(clock: FixedClock) -> None:
    made = organisation(name="Nome Vecchio")
    operations.change(
        made, {"name": "Nome Nuovo"}, by=person(Role.SECRETARIAT), at=clock.now()
    )
    db.session.commit()
    with pytest.raises(DatabaseError, match="append-only"):
        db.session.execute(update(FormerName).values(name="Altro"))
    db.session.rollback()


def test_changing_nothing_is_not_an_act(clock: FixedClock) -> None:
    made = organisation()
    operations.change(made, {}, by=person(Role.SECRETARIAT), at=clock.now())
    assert about(made.reference)[-1].verb == "organisation.added"


def test_those_who_speak_for_an_organisation_see_it_and_no_other() -> None:
    user = person(Role.COOPERATIVE)
    mine, other = organisation(user), organisation()
    assert queries.get(mine.id, user=user) is mine
    assert queries.get(other.id, user=user) is None
    assert list(queries.spoken_for_by(user)) == [mine]
    assert queries.speakers(mine) == [user]


def test_a_person_may_speak_for_several(clock: FixedClock) -> None:
    user = person(Role.COOPERATIVE)
    both = {organisation(user), organisation(user, Capacity.DELEGATE)}
    assert set(queries.spoken_for_by(user)) == both


def test_the_legal_representative_invites_delegates_only(
    clock: FixedClock, db: Any
) -> None:
    boss = person(Role.COOPERATIVE)
    made = organisation(boss)
    invited = operations.invite_speaker(
        made, "Delegata@example.org", "D", Capacity.DELEGATE, by=boss, at=clock.now()
    )
    assert queries.speakers(made) == [boss, invited]
    letter = db.session.query(Letter).filter_by(to_id=invited.id).one()
    assert letter.secret
    assert letter.event == "organisations/invitation"
    assert made.name in letter.subject
    with pytest.raises(operations.NotYourOrganisation):
        operations.invite_speaker(
            made,
            "altro@example.org",
            "A",
            Capacity.LEGAL_REPRESENTATIVE,
            by=boss,
            at=clock.now(),
        )
    with pytest.raises(operations.NotYourOrganisation):
        operations.invite_speaker(
            made, "x@example.org", "X", Capacity.DELEGATE, by=invited, at=clock.now()
        )


def test_who_has_an_account_is_appointed_and_told(clock: FixedClock, db: Any) -> None:
    boss, known = person(Role.COOPERATIVE), person(Role.COMPANY)
    made = organisation(boss)
    operations.invite_speaker(
        made, known.email, "Y", Capacity.DELEGATE, by=boss, at=clock.now()
    )
    assert known in queries.speakers(made)
    assert known.is_a(Role.COOPERATIVE)
    letter = db.session.query(Letter).filter_by(event="organisations/appointed").one()
    assert letter.to_id == known.id
    assert not letter.secret


def test_who_did_not_take_up_an_invitation_gets_another(
    clock: FixedClock, db: Any
) -> None:
    boss = person(Role.COOPERATIVE)
    made = organisation(boss)
    for _ in range(2):
        operations.invite_speaker(
            made, "d@example.org", "D", Capacity.DELEGATE, by=boss, at=clock.now()
        )
    letters = db.session.query(Letter).filter_by(to_email="d@example.org").all()
    assert [letter.event for letter in letters] == ["organisations/invitation"] * 2
    assert len(queries.speakers(made)) == 2


def test_a_delegate_may_become_the_legal_representative(clock: FixedClock) -> None:
    user = person(Role.COOPERATIVE)
    made = organisation(user, Capacity.DELEGATE)
    operations.appoint(
        made,
        user,
        Capacity.LEGAL_REPRESENTATIVE,
        by=person(Role.SECRETARIAT),
        at=clock.now(),
    )
    assert rules.represents(user, made) is Capacity.LEGAL_REPRESENTATIVE
    assert len(queries.has_spoken_for(user, made)) == 2


def test_somebody_always_answers_for_an_organisation(clock: FixedClock) -> None:
    boss = person(Role.COOPERATIVE)
    made = organisation(boss)
    secretary = person(Role.SECRETARIAT)
    mine = queries.speaks_for(boss, made)
    assert mine is not None
    with pytest.raises(operations.LastRepresentative):
        operations.dismiss(mine, by=secretary, at=clock.now())
    operations.appoint(
        made,
        person(Role.COOPERATIVE),
        Capacity.LEGAL_REPRESENTATIVE,
        by=secretary,
        at=clock.now(),
    )
    operations.dismiss(mine, by=secretary, at=clock.now())
    assert queries.speaks_for(boss, made) is None
    assert queries.get(made.id, user=boss) is None


def test_an_organisation_says_where_it_works_and_what_it_does(
    clock: FixedClock, db: Any
) -> None:
    boss = person(Role.COOPERATIVE)
    made = organisation(boss)
    for ateco in (["81.21.00", "81.30.00"], ["81.21.00"]):
        operations.describe(
            made,
            seats=[{"town": "Brembate Sopra", "province": "BG"}],
            ateco=ateco,
            sectors=[Sector.CLEANING],
            website="www.example.org",
            by=boss,
            at=clock.now(),
        )
        db.session.flush()
        db.session.expire_all()
        assert [row.code for row in made.ateco] == ateco
    assert [seat.town for seat in made.seats] == ["Brembate di Sopra"]
    assert made.website == "https://www.example.org"


def test_a_stranger_does_not_describe_it(clock: FixedClock) -> None:
    with pytest.raises(operations.NotYourOrganisation):
        operations.describe(organisation(), by=person(Role.COOPERATIVE), at=clock.now())


def test_registering_enters_and_invites_or_does_neither(
    clock: FixedClock, db: Any
) -> None:
    secretary = person(Role.SECRETARIAT)
    made = operations.register(
        email="capo@example.org",
        person="Capo",
        **facts(),
        by=secretary,
        at=clock.now(),
    )
    assert [one.capacity for one in made.representations] == [
        Capacity.LEGAL_REPRESENTATIVE
    ]
    db.session.commit()
    before = db.session.query(Organisation).count()
    with pytest.raises(Exception, match="not an e-mail"):
        operations.register(
            email="no", person="Capo", **facts(), by=secretary, at=clock.now()
        )
    db.session.rollback()
    assert db.session.query(Organisation).count() == before
