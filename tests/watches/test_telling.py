"""Who watches is told of every change, once, also after days of silence."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from registry.accounts.models import Role
from registry.certificates import operations as certificates
from registry.mail.jobs import deliver_waiting
from registry.mail.models import Letter
from registry.verification.jobs import tell_ends
from registry.watches import jobs, operations
from registry.watches.models import News, Telling
from tests import factories
from tests.watches.conftest import a_company


@pytest.fixture
def watching(company, buyer, holder, secrecy, clock, db):
    """The company watches the holder and wants to know at once."""
    clock.tick(hours=1)
    at = clock.now()
    operations.watch(company, [("vat", holder.vat)], secrecy=secrecy, by=buyer, at=at)
    operations.choose(company, Telling.AT_ONCE, by=buyer, at=at)
    db.session.commit()
    jobs.tell(at)
    clock.tick(hours=1)
    return company


def suspend(certificate, clock, db):
    member = factories.person(Role.COMMITTEE)
    certificates.suspend(
        certificate, "suspended_major_finding", by=member, at=clock.now()
    )
    db.session.commit()


def letters(person, db):
    found = select(Letter).where(
        Letter.to_id == person.id, Letter.event == "watches/news"
    )
    return db.session.scalars(found.order_by(Letter.id)).all()


def everything(clock):
    """What the timetable does in a minute."""
    return [job(clock.now()) for job in (jobs.tell, jobs.write_letters)]


def test_a_suspension_is_told_at_once_with_name_number_and_day(
    watching, certificate, buyer, holder, clock, db
):
    suspend(certificate, clock, db)
    everything(clock)
    [letter] = letters(buyer, db)
    assert "una novità" in letter.subject
    assert holder.name not in letter.subject
    for words in (holder.name, certificate.number, "sospeso", "2 marzo 2026"):
        assert words in letter.body


def test_the_letter_is_secret_and_loses_its_words_once_sent(
    watching, certificate, buyer, clock, db, postman
):
    suspend(certificate, clock, db)
    everything(clock)
    [letter] = letters(buyer, db)
    assert letter.secret
    deliver_waiting(clock.now())
    db.session.refresh(letter)
    assert letter.body is None
    [sent] = [one for one in postman.to(buyer.email) if "seguiti" in one["Subject"]]
    assert certificate.number in sent.get_body(("plain",)).get_content()


def test_nothing_is_told_twice_whatever_is_started_again(
    watching, certificate, buyer, clock, db
):
    suspend(certificate, clock, db)
    assert everything(clock) == [1, 1]
    assert everything(clock) == [0, 0]
    db.session.expire_all()
    assert everything(clock) == [0, 0]
    assert len(letters(buyer, db)) == 1


def test_what_fails_in_the_middle_is_told_whole_the_next_time(
    watching, certificate, buyer, clock, db, monkeypatch
):
    suspend(certificate, clock, db)
    real = operations.note_progress

    def power_cut(*_, **__):
        raise RuntimeError("power cut")

    monkeypatch.setattr(operations, "note_progress", power_cut)
    with pytest.raises(RuntimeError):
        jobs.tell(clock.now())
    db.session.rollback()
    assert db.session.scalar(select(func.count()).select_from(News)) == 0
    monkeypatch.setattr(operations, "note_progress", real)
    everything(clock)
    assert len(letters(buyer, db)) == 1


def test_a_daily_digest_tells_the_day_and_a_skipped_day_is_caught_up(
    watching, company, certificate, buyer, clock, db
):
    operations.choose(company, Telling.DAILY, by=buyer, at=clock.now())
    suspend(certificate, clock, db)
    everything(clock)
    assert letters(buyer, db) == []
    clock.tick(days=2)
    member = factories.person(Role.COMMITTEE)
    certificates.reinstate(certificate, by=member, at=clock.now())
    db.session.commit()
    everything(clock)
    assert jobs.write_digests(clock.now()) == 1
    [letter] = letters(buyer, db)
    assert "2 novità" in letter.subject
    assert letter.body.index("sospeso") < letter.body.index("ripristinato")
    assert jobs.write_digests(clock.now()) == 0


def test_who_wants_no_letters_gets_none(
    watching, company, certificate, buyer, clock, db
):
    operations.choose(company, Telling.NEVER, by=buyer, at=clock.now())
    suspend(certificate, clock, db)
    everything(clock)
    jobs.write_digests(clock.now())
    assert letters(buyer, db) == []


def test_who_does_not_watch_hears_nothing_and_waiting_news_are_unreadable(
    watching, certificate, holder, secrecy, clock, db
):
    other = a_company()
    by = factories.representative(other)
    operations.watch(
        other, [("albo", "A122855")], secrecy=secrecy, by=by, at=clock.now()
    )
    suspend(certificate, clock, db)
    jobs.tell(clock.now())
    [news] = db.session.scalars(select(News)).all()
    assert news.organisation_id == watching.id
    for words in (holder.name, certificate.number, "suspended", f'"{certificate.id}'):
        assert words.encode() not in news.sealed
    assert letters(by, db) == []


def test_what_happened_before_one_watched_is_not_news(
    company, buyer, certificate, holder, secrecy, clock, db
):
    """The certificate was issued before; its suspension is to come."""
    clock.tick(days=1)
    hands = {"secrecy": secrecy, "by": buyer, "at": clock.now()}
    operations.watch(company, [("vat", holder.vat)], **hands)
    operations.choose(company, Telling.AT_ONCE, by=buyer, at=clock.now())
    db.session.commit()
    everything(clock)
    assert letters(buyer, db) == []


def test_a_supplier_that_is_certified_later_is_told(company, buyer, secrecy, clock, db):
    holder = factories.organisation()
    hands = {"secrecy": secrecy, "by": buyer, "at": clock.now()}
    operations.watch(company, [("albo", holder.albo)], **hands)
    operations.choose(company, Telling.AT_ONCE, by=buyer, at=clock.now())
    db.session.commit()
    clock.tick(days=1)
    factories.certified(holder, at=clock.now())
    everything(clock)
    [letter] = letters(buyer, db)
    assert "certificato emesso" in letter.body


def test_the_end_of_a_term_is_told_90_30_and_7_days_ahead_and_when_it_comes(
    watching, certificate, buyer, clock, db
):
    end, told = certificate.valid_until, {}
    for before in (91, 90, 89, 31, 30, 8, 7, 1, 0, -1):
        clock.at = clock.at.replace(
            year=end.year, month=end.month, day=end.day
        ) - timedelta(days=before)
        jobs.forewarn(clock.now())
        tell_ends(clock.now())
        everything(clock)
        told[before] = len(letters(buyer, db))
    assert told == {91: 0, 90: 1, 89: 1, 31: 1, 30: 2, 8: 2, 7: 3, 1: 3, 0: 3, -1: 4}
    bodies = [letter.body for letter in letters(buyer, db)]
    assert "fra 90 giorni" in bodies[0]
    assert "fra 7 giorni" in bodies[2]
    assert "certificato scaduto" in bodies[3]


def test_after_weeks_of_silence_only_the_nearest_notice_is_given(
    watching, certificate, buyer, clock, db
):
    end = certificate.valid_until
    day = clock.at.replace(year=end.year, month=end.month, day=end.day)
    clock.at = day - timedelta(days=5)
    assert jobs.forewarn(clock.now()) == 1
    assert jobs.forewarn(clock.now()) == 0
    everything(clock)
    [letter] = letters(buyer, db)
    assert "fra 5 giorni" in letter.body


def test_a_certificate_issued_again_has_no_second_notice_of_the_same_day(
    watching, certificate, clock, db
):
    end = certificate.valid_until
    day = clock.at.replace(year=end.year, month=end.month, day=end.day)
    clock.at = day - timedelta(days=60)
    assert jobs.forewarn(clock.now()) == 1
    factories.reissued(certificate, at=clock.now())
    assert jobs.forewarn(clock.now()) == 0
    clock.at = day - timedelta(days=30)
    assert jobs.forewarn(clock.now()) == 1


def test_everyone_who_speaks_for_the_company_is_written_to_in_their_language(
    watching, company, certificate, clock, db
):
    from registry.organisations import operations as organisations
    from registry.organisations.models import Capacity

    colleague = factories.person(Role.COMPANY, language="en")
    organisations.appoint(
        company,
        colleague,
        Capacity.DELEGATE,
        by=factories.person(Role.SECRETARIAT),
        at=clock.now(),
    )
    suspend(certificate, clock, db)
    everything(clock)
    [letter] = letters(colleague, db)
    assert "certificate suspended, from 2 March 2026" in letter.body
