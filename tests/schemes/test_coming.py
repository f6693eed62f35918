"""When another edition comes: holders are told, drafts may move, re-checks follow."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from registry.accounts.models import Role
from registry.applications import operations as applications
from registry.applications.models import Application, ApplicationKind
from registry.applications.operations import NotEditable, NotOpen
from registry.clock import FixedClock
from registry.criteria.reader import Editions, read_all
from registry.criteria.values import to_json
from registry.editions import operations
from registry.editions.queries import shown_on
from registry.mail.models import Letter
from registry.paths import CRITERIA
from registry.rechecks.rules import edition_asked
from registry.schemes import jobs, queries
from registry.schemes.trying import try_on
from registry.services import services
from tests import factories
from tests.schemes.drafts import notified, stricter, with_published

SignIn = Callable[[Any], FlaskClient]
NEW = "impact/2027"
IN_BOTH = dt.datetime(2027, 2, 1, 9, tzinfo=dt.UTC)


@pytest.fixture(scope="session")
def editions() -> Editions:
    known = read_all(CRITERIA)
    return with_published(known, stricter(known["impact/2022"]))


def told(clock: FixedClock) -> None:
    """The coming edition after everything its owner has to do."""
    clock.tick(days=30)
    notified(services().editions[NEW], services().editions, clock.now())


def open_both(clock: FixedClock) -> None:
    """The holders were told in time, and the new edition has come into force."""
    told(clock)
    clock.at = IN_BOTH


def letters(db: Any, event: str) -> list[Letter]:
    return list(db.session.scalars(select(Letter).where(Letter.event == event)))


def test_every_holder_is_told_once(app: Flask, db: Any, clock: FixedClock) -> None:
    certificate = factories.certified()
    english = factories.certified(
        factories.organisation(speaker=factories.person(language="en"))
    )
    told(clock)
    db.session.commit()
    assert jobs.tell_holders(clock.now()) == 2
    assert jobs.tell_holders(clock.now()) == 0
    found = letters(db, "schemes/notified")
    assert len(found) == 2
    italian = next(one for one in found if one.about == certificate.reference)
    assert "Più lavoratori: requisito nuovo" in str(italian.body)
    assert "non sarebbe soddisfatto: Più lavoratori" in str(italian.body)
    # Issued on 2 March 2026; the old edition leaves its holders until 30 June 2028.
    assert "1 marzo 2029" in str(italian.body)
    other = next(one for one in found if one.about == english.reference)
    assert "would not be met: More workers" in str(other.body)


def test_a_certificate_issued_again_brings_its_holder_no_second_letter(
    app: Flask, db: Any, clock: FixedClock
) -> None:
    certificate = factories.certified()
    clock.tick(days=2)
    assert jobs.forewarn(clock.now()) == 1
    told(clock)
    db.session.commit()
    assert jobs.tell_holders(clock.now()) == 1
    again = factories.reissued(certificate, at=clock.now())
    on = services().today()
    assert queries.last_grant(again, on) == certificate.decision  # it is asked about
    assert jobs.tell_holders(clock.now()) == 0
    clock.at -= dt.timedelta(days=30)
    assert jobs.forewarn(clock.now()) == 0
    for event in ("schemes/notified", "schemes/lapses"):
        assert len(letters(db, event)) == 1


def test_nobody_is_told_of_an_edition_not_notified(
    app: Flask, db: Any, clock: FixedClock
) -> None:
    factories.certified()
    assert jobs.tell_holders(clock.now()) == 0


def test_a_holder_reads_its_answers_under_the_coming_edition(
    app: Flask, clock: FixedClock, sign_in: SignIn
) -> None:
    certificate = factories.certified()
    id_ = certificate.id
    speaker = factories.representative(certificate.organisation)
    told(clock)
    client = sign_in(speaker)
    page = client.get(f"/certificates/{id_}/ahead")
    assert page.status_code == 200
    assert "Più lavoratori" in page.text
    assert "1 marzo 2029" in page.text
    assert f"/certificates/{id_}/ahead" in client.get(f"/certificates/{id_}").text


def test_the_owner_is_reminded_of_what_waits(
    app: Flask, clock: FixedClock, sign_in: SignIn
) -> None:
    """An edition whose holders nobody tells would never open."""
    new, at = services().editions[NEW], clock.now()
    owner = factories.person(Role.SCHEME_OWNER)
    operations.consult(new, by=owner, at=at - dt.timedelta(days=30))
    assert "Adottare una bozza, o riprenderla" in sign_in(owner).get("/desk").text
    figures = try_on(services().editions["impact/2022"], new, [], at.date()).figures
    operations.attach(new, figures.to_json(), by=owner, at=at)
    operations.adopt(new, by=owner, at=at)
    page = sign_in(owner).get("/desk").text
    assert "Dire ai titolari che cosa cambia" in page
    assert "2 novembre 2026" in page
    operations.notify(new, services().editions, by=owner, at=at)
    assert NEW not in sign_in(owner).get("/desk").text


def test_the_coming_edition_is_announced_and_the_open_one_shown(
    app: Flask, client: FlaskClient, clock: FixedClock
) -> None:
    """Nothing is promised before the holders are told."""
    pages, editions = ("/it/", "/it/criteria/impact/2022"), services().editions
    for page in pages:
        assert "con l’edizione 2027" not in client.get(page).text
    later = client.get(f"/it/criteria/{NEW}").text
    assert "solo dopo che ogni titolare è stato avvisato" in later
    told(clock)
    for page in pages:
        shown = client.get(page).text
        assert "si può fare domanda con l’edizione 2027" in shown
        assert "/it/criteria/impact/2022...2027" in shown
    assert shown_on(editions, services().today()).key == "impact/2022"
    assert shown_on(editions, dt.date(2027, 1, 1)).key == NEW


def test_a_stranger_does_not_learn_what_lies_ahead(
    app: Flask, clock: FixedClock, sign_in: SignIn
) -> None:
    id_ = factories.certified().id
    assert (
        sign_in(factories.person()).get(f"/certificates/{id_}/ahead").status_code == 404
    )


def test_an_ended_certificate_has_nothing_ahead(
    app: Flask, clock: FixedClock, sign_in: SignIn
) -> None:
    certificate = factories.certified()
    id_, speaker = certificate.id, factories.representative(certificate.organisation)
    clock.at = dt.datetime(2029, 6, 1, 9, tzinfo=dt.UTC)
    page = sign_in(speaker).get(f"/certificates/{id_}/ahead")
    assert "Niente da prevedere" in page.text


def test_a_draft_goes_on_under_the_newer_edition(
    app: Flask, db: Any, clock: FixedClock, sign_in: SignIn
) -> None:
    open_both(clock)
    application = factories.draft(at=IN_BOTH)
    id_, before = application.id, dict(application.values)
    client = sign_in(factories.representative(application.organisation))
    assert NEW in client.get(f"/applications/{id_}").text
    page = client.get(f"/applications/{id_}/edition")
    assert "Passaggio da impact/2022 a impact/2027" in page.text
    done = client.post(
        f"/applications/{id_}/edition",
        data={"sure": "y", "revision": str(application.revision)},
    )
    assert done.status_code == 302
    db.session.expire_all()
    moved = db.session.get_one(Application, id_)
    assert moved.edition == NEW
    assert moved.edition_digest == services().editions[NEW].digest
    assert moved.values == before


def test_moving_wants_to_be_confirmed(
    app: Flask, clock: FixedClock, sign_in: SignIn
) -> None:
    open_both(clock)
    application = factories.draft(at=IN_BOTH)
    client = sign_in(factories.representative(application.organisation))
    done = client.post(
        f"/applications/{application.id}/edition",
        data={"revision": str(application.revision)},
    )
    assert done.status_code == 422


def test_a_stranger_moves_nobodys_draft(
    app: Flask, clock: FixedClock, sign_in: SignIn
) -> None:
    open_both(clock)
    id_ = factories.draft(at=IN_BOTH).id
    client = sign_in(factories.person())
    assert client.get(f"/applications/{id_}/edition").status_code == 404


def test_before_the_new_edition_there_is_nowhere_to_go(
    app: Flask, clock: FixedClock, sign_in: SignIn
) -> None:
    application = factories.draft()
    client = sign_in(factories.representative(application.organisation))
    at = f"/applications/{application.id}/edition"
    assert "Nessun’altra edizione è aperta" in client.get(at).text
    given = {"sure": "y", "revision": str(application.revision)}
    refused = client.post(at, data=given)
    assert refused.status_code == 422
    assert "Oggi non si può fare domanda" in refused.text
    by = factories.representative(application.organisation)
    with pytest.raises(NotOpen):
        applications.move_to_edition(
            application, NEW, services().editions, by=by, at=clock.now()
        )


def test_an_edition_its_holders_were_not_told_of_never_opens(
    app: Flask, clock: FixedClock, sign_in: SignIn
) -> None:
    clock.at = dt.datetime(2027, 8, 2, 9, tzinfo=dt.UTC)
    application = factories.submitted(at=clock.at)
    assert application.edition == "impact/2022"
    by = factories.representative(application.organisation)
    page = sign_in(by).get("/applications/new").text
    assert "impact/2022" in page
    assert NEW not in page


def test_a_draft_under_an_edition_that_closed_is_not_sent_but_moved(
    app: Flask, db: Any, clock: FixedClock, sign_in: SignIn
) -> None:
    open_both(clock)
    application = factories.draft(at=IN_BOTH)
    id_, by = application.id, factories.representative(application.organisation)
    clock.at = dt.datetime(2027, 7, 1, 9, tzinfo=dt.UTC)
    with pytest.raises(NotOpen):
        applications.submit(application, services().editions, by=by, at=clock.now())
    client = sign_in(by)
    for page in (f"/applications/{id_}", f"/applications/{id_}/submit"):
        told_so = client.get(page).text
        assert "non riceve più nuove domande" in told_so
        assert f"/applications/{id_}/edition" in told_so
    given = {"accepted": "y", "revision": str(application.revision)}
    assert client.post(f"/applications/{id_}/submit", data=given).status_code == 422
    applications.move_to_edition(
        application, NEW, services().editions, by=by, at=clock.now()
    )
    applications.submit(application, services().editions, by=by, at=clock.now())
    assert application.edition == NEW


def test_a_recheck_is_filed_under_the_edition_it_was_opened_under(
    app: Flask, clock: FixedClock
) -> None:
    open_both(clock)
    application = factories.draft(at=IN_BOTH, kind=ApplicationKind.RECHECK)
    at = dt.datetime(2027, 7, 1, 9, tzinfo=dt.UTC)
    by = factories.representative(application.organisation)
    applications.submit(application, services().editions, by=by, at=at)
    assert application.edition == "impact/2022"


def test_what_was_submitted_stays_under_its_edition(
    app: Flask, clock: FixedClock
) -> None:
    application = factories.submitted(at=IN_BOTH)
    by = factories.representative(application.organisation)
    with pytest.raises(NotEditable):
        applications.move_to_edition(
            application, NEW, services().editions, by=by, at=IN_BOTH
        )


def test_answers_the_new_edition_has_no_use_for_are_gone(
    app: Flask, clock: FixedClock
) -> None:
    real = read_all(CRITERIA)
    stricter_draft = real.drafts["impact/2026"]
    both = with_published(real, stricter_draft)
    at = dt.datetime(2027, 8, 2, 9, tzinfo=dt.UTC)
    notified(stricter_draft, both, dt.datetime(2026, 12, 1, 9, tzinfo=dt.UTC))
    application = factories.draft(at=at)
    by = factories.representative(application.organisation)
    applications.move_to_edition(application, "impact/2026", both, by=by, at=at)
    assert set(application.values) <= set(stricter_draft.answers)
    assert {p.kind for p in application.attached} <= set(stricter_draft.evidence)


def test_a_recheck_stays_under_its_edition_until_the_last_day_for_holders(
    app: Flask, editions: Editions
) -> None:
    own, new = editions["impact/2022"], editions[NEW]
    on = dt.date(2028, 4, 1)

    known_to = {new.key}

    def asked(due_on: dt.date, *, renews: bool = False) -> str:
        return edition_asked(own, due_on, on, editions, known_to, renews=renews).key

    assert asked(dt.date(2028, 6, 30)) == own.key
    assert asked(dt.date(2028, 7, 1)) == new.key
    assert asked(dt.date(2028, 6, 30), renews=True) == new.key
    known_to = set()
    assert asked(dt.date(2028, 7, 1)) == own.key
    assert asked(dt.date(2028, 6, 30), renews=True) == own.key


def test_last_answers_are_carried_into_the_new_edition(
    app: Flask, db: Any, clock: FixedClock, editions: Editions
) -> None:
    first = factories.decided()
    before = first.application
    again = applications.open_application(
        before.organisation,
        editions[NEW],
        starts_from=before,
        before=editions["impact/2022"],
        by=factories.representative(before.organisation),
        at=clock.now(),
    )
    assert again.values == before.values
    assert to_json(editions[NEW].answers["workers_total"], 14) == 14


# --- forecast -----------------------------------------------------------------------

#: The agreements declared on 2 February 2026 count for three months.
FIRST_DAY = dt.date(2026, 5, 3)


def test_a_holder_is_written_to_once_ahead_of_what_lapses(
    app: Flask, db: Any, clock: FixedClock
) -> None:
    id_ = factories.certified().id
    assert jobs.forewarn(clock.now()) == 0
    clock.tick(days=2)
    assert jobs.forewarn(clock.now()) == 1
    assert jobs.forewarn(clock.now()) == 0
    (letter,) = letters(db, "schemes/lapses")
    assert "3 maggio 2026" in letter.subject
    # All up to the next re-check, nothing of what comes after it.
    assert "Revisione cooperativa: dal 1 gennaio 2027" in str(letter.body)
    assert "Formazione" not in str(letter.body)
    assert f"/certificates/{id_}/ahead" in str(letter.body)


def test_what_has_lapsed_already_is_no_news(
    app: Flask, db: Any, clock: FixedClock
) -> None:
    factories.certified()
    clock.at = dt.datetime(2026, 5, 3, 9, tzinfo=dt.UTC)
    assert jobs.forewarn(clock.now()) == 0


def test_the_secretariat_sees_the_next_twelve_months(
    app: Flask, clock: FixedClock, sign_in: SignIn
) -> None:
    number = factories.certified().number
    page = sign_in(factories.person(Role.SECRETARIAT)).get("/forecast")
    assert number in page.text
    assert "3 maggio 2026" in page.text
    assert "Contratto firmato dalle centrali cooperative" in page.text


def test_the_forecast_is_for_the_secretariat(app: Flask, sign_in: SignIn) -> None:
    assert sign_in(factories.person()).get("/forecast").status_code == 403


def test_the_first_failing_day_follows_the_last_good_one(
    app: Flask, clock: FixedClock
) -> None:
    certificate, today = factories.certified(), clock.now().date()
    decision = queries.last_grant(certificate, today)
    assert decision is not None
    seen = queries.forecast_of(certificate, decision, services().editions)
    assert seen.fails_on == FIRST_DAY
    (first,) = [one for one in seen.lapses if one.on == FIRST_DAY]
    assert (first.requirement, first.before) == ("contract", "met")


def test_what_lapsed_is_told_with_the_day_since_when(
    app: Flask, clock: FixedClock, sign_in: SignIn
) -> None:
    certificate = factories.certified()
    id_, speaker = certificate.id, factories.representative(certificate.organisation)
    clock.at = dt.datetime(2026, 6, 1, 9, tzinfo=dt.UTC)
    year = queries.year_ahead(services().editions, services().today(), 10)
    assert [one.on for one in year.lapsed] == [FIRST_DAY]
    assert dt.date(2027, 1, 1) in [one.on for one in year.ahead]
    assert all(one.on <= dt.date(2027, 6, 1) for one in year.ahead)
    page = sign_in(factories.person(Role.SECRETARIAT)).get("/forecast").text
    assert "Già scaduti, da chiedere di nuovo: 1" in page
    assert "Gennaio 2027" in page
    ahead = sign_in(speaker).get(f"/certificates/{id_}/ahead").text
    assert "Dal 3 maggio 2026 qualcosa non è più aggiornato" in ahead
