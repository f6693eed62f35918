"""Webhooks after Standard Webhooks, received by a real HTTPS server and checked with
the standard's own library."""

import json
import threading
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from sqlalchemy import select
from standardwebhooks.webhooks import Webhook as Reader
from standardwebhooks.webhooks import WebhookVerificationError

from registry.accounts.models import Role
from registry.certificates import operations as certificates
from registry.courier import BadAddress
from registry.db import Model
from registry.editions.models import EditionState, LifeEvent
from registry.errors import NotFound
from registry.mail.models import Letter
from registry.watches import jobs, operations, queries, rules, webhooks
from registry.watches.models import Attempt, Delivery, DeliveryState, Reason
from tests import factories
from tests.receiver import HOST
from tests.watches.conftest import a_company

URL = f"https://{HOST}/in"
EVERYTHING = list(rules.EVENTS)


@pytest.fixture
def made(company, buyer, secrecy, clock, db):
    """A webhook told of everything, and its secret; commits."""
    found = webhooks.add(
        company, URL, EVERYTHING, secrecy=secrecy, by=buyer, at=clock.now()
    )
    db.session.commit()
    return found


@pytest.fixture
def webhook(made):
    return made[0]


@pytest.fixture
def send(webhook, buyer, secrecy, clock, db):
    """Queue a message, and send what is due."""

    def queue():
        delivery = webhooks.test(webhook, secrecy=secrecy, by=buyer, at=clock.now())
        db.session.commit()
        jobs.send_webhooks(clock.now())
        return delivery

    return queue


def read(got, secret, clock):
    """The message as the standard's library reads it; its clock is the wall's."""
    moved = dict(got.headers)
    said = int(moved["webhook-timestamp"])
    assert said == int(clock.now().timestamp())
    return _reader(secret, said).verify(got.body, moved)


def _reader(secret, said):
    """A reader who reads at the time of the message."""

    class Then(Reader):
        def _Webhook__verify_timestamp(self, header):  # noqa: N802 - the name there
            return datetime.fromtimestamp(float(header), UTC)

    return Then(secret)


def test_a_change_arrives_signed_with_ids_and_status_only(
    company, buyer, made, certificate, holder, secrecy, receiver, clock, db
):
    _, secret = made
    clock.tick(minutes=30)
    hands = {"secrecy": secrecy, "by": buyer, "at": clock.now()}
    operations.watch(company, [("vat", holder.vat)], **hands)
    db.session.commit()
    clock.tick(minutes=30)
    member = factories.person(Role.COMMITTEE)
    reason = "suspended_major_finding"
    certificates.suspend(certificate, reason, by=member, at=clock.now())
    db.session.commit()
    jobs.tell(clock.now())
    assert jobs.send_webhooks(clock.now()) == 1
    [got] = receiver.got
    assert read(got, secret, clock) == {
        "type": "certificate.suspended",
        "timestamp": "2026-03-02T10:00:00+00:00",
        "data": {
            "certificate": certificate.number,
            "scheme": "impact",
            "holder": holder.id,
            "status": "suspended",
            "effective_on": "2026-03-02",
        },
    }
    assert got.headers["Content-Type"] == "application/json"
    assert holder.name.encode() not in got.body


def test_the_plain_library_reads_it_at_the_time_it_is_sent(
    made, secrecy, buyer, receiver, db, clock
):
    """With the clock of the wall, nothing of the library is changed."""
    webhook, secret = made
    clock.at = datetime.now(UTC)
    webhooks.test(webhook, secrecy=secrecy, by=buyer, at=clock.now())
    db.session.commit()
    jobs.send_webhooks(clock.now())
    [got] = receiver.got
    told = Reader(secret).verify(got.body, dict(got.headers))
    assert told["type"] == "webhook.test"
    with pytest.raises(WebhookVerificationError):
        Reader(secret).verify(got.body + b" ", dict(got.headers))


def test_after_rotation_both_secrets_sign_for_a_day(
    made, buyer, secrecy, send, receiver, clock, db
):
    webhook, old = made
    new = webhooks.rotate(webhook, secrecy=secrecy, by=buyer, at=clock.now())
    assert new.startswith("whsec_")
    clock.tick(hours=23)
    send()
    assert len(receiver.got[0].headers["webhook-signature"].split()) == 2
    for secret in (old, new):
        assert read(receiver.got[0], secret, clock)
    clock.tick(hours=1)
    send()
    assert read(receiver.got[1], new, clock)
    with pytest.raises(WebhookVerificationError):
        read(receiver.got[1], old, clock)


def test_the_secret_stands_nowhere_in_the_database(made, db):
    plain = made[1].removeprefix("whsec_").encode()
    for table in Model.metadata.sorted_tables:
        for row in db.session.execute(select(table)):
            for cell in row:
                assert plain not in (
                    cell if isinstance(cell, bytes) else str(cell).encode()
                ), table.name


def test_a_message_not_taken_is_tried_again_on_the_published_schedule(
    webhook, send, receiver, clock, db
):
    receiver.statuses = [503]
    delivery = send()
    waits = []
    while delivery.state is DeliveryState.WAITING:
        due = delivery.next_attempt_at
        waits.append((due - clock.now()).total_seconds())
        clock.at = due - timedelta(seconds=1)
        assert jobs.send_webhooks(clock.now()) == 0
        clock.at = due
        assert jobs.send_webhooks(clock.now()) == 1
        db.session.refresh(delivery)
    hour = 3600
    assert waits == [5, 300, 1800, *(n * hour for n in (2, 5, 10, 14, 20, 24))]
    assert delivery.state is DeliveryState.FAILED
    assert len(receiver.got) == 10
    ids = {got.headers["webhook-id"] for got in receiver.got}
    assert ids == {delivery.message_id}
    assert len({got.body for got in receiver.got}) == 1
    assert [one.status for one in delivery.log] == [503] * 10


HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("status", "said", "waits"),
    [
        (429, {"Retry-After": "3600"}, HOUR),
        (503, {"Retry-After": "3600"}, HOUR),
        (429, {"Retry-After": "0"}, timedelta(seconds=5)),
        (429, {"Retry-After": "31536000"}, 24 * HOUR),  # not for a year
        (429, {"Retry-After": "9" * 400}, 24 * HOUR),
        (429, {"Retry-After": "-7"}, timedelta(seconds=5)),
        (429, {"Retry-After": "soon"}, timedelta(seconds=5)),
        (500, {"Retry-After": "3600"}, timedelta(seconds=5)),  # it is broken, not busy
    ],
)
def test_who_is_busy_is_left_alone_for_as_long_as_it_asks(
    send, receiver, clock, status, said, waits
):
    receiver.statuses, receiver.headers = [status], said
    delivery = send()
    assert delivery.next_attempt_at - clock.now() == waits


def test_who_is_busy_may_give_a_day_and_an_hour(send, receiver, clock):
    """It counts from the hour of the answer, whatever clock the program has."""
    receiver.statuses = [503]
    until = datetime.now(UTC) + HOUR
    receiver.headers = {"Retry-After": format_datetime(until, usegmt=True)}
    delivery = send()
    assert abs(delivery.next_attempt_at - clock.now() - HOUR) <= timedelta(seconds=5)


def test_who_is_busy_is_spared_the_messages_behind_the_first_too(
    webhook, buyer, secrecy, receiver, clock, db
):
    receiver.statuses, receiver.headers = [429], {"Retry-After": "3600"}
    for _ in range(3):
        webhooks.test(webhook, secrecy=secrecy, by=buyer, at=clock.now())
    db.session.commit()
    assert jobs.send_webhooks(clock.now()) == 1
    clock.tick(minutes=59)
    assert jobs.send_webhooks(clock.now()) == 0
    clock.tick(minutes=1)
    receiver.statuses = [200]
    assert jobs.send_webhooks(clock.now()) == 3
    assert len(receiver.got) == 4


def test_when_it_is_taken_again_all_is_forgiven(webhook, send, receiver, clock, db):
    receiver.statuses = [500, 200]
    delivery = send()
    assert webhook.failing_since == clock.now()
    clock.tick(seconds=5)
    jobs.send_webhooks(clock.now())
    db.session.refresh(webhook)
    assert delivery.state is DeliveryState.DELIVERED
    assert webhook.failing_since is None


def test_who_answers_gone_is_switched_off_at_once_with_a_letter(
    webhook, send, buyer, receiver, clock, db
):
    receiver.statuses = [410]
    delivery = send()
    assert (webhook.off_because, delivery.state) == (Reason.GONE, DeliveryState.FAILED)
    [letter] = _letters(buyer, db)
    assert "410" in letter.body
    assert URL in letter.body


def test_after_five_days_without_success_it_is_switched_off_with_a_letter(
    webhook, send, buyer, receiver, clock, db
):
    receiver.statuses = [500]
    send()
    clock.tick(days=4, hours=23)
    send()
    assert rules.is_on(webhook)
    clock.tick(hours=1)
    send()
    assert webhook.off_because is Reason.FAILING
    [letter] = _letters(buyer, db)
    assert "2 marzo 2026" in letter.body
    clock.tick(days=1)
    before = len(receiver.got)
    assert jobs.send_webhooks(clock.now()) == 0
    assert len(receiver.got) == before
    with pytest.raises(webhooks.IsOff):
        send()


def _letters(person, db):
    found = select(Letter).where(
        Letter.to_id == person.id, Letter.event == "watches/webhook_off"
    )
    return db.session.scalars(found).all()


def test_a_message_is_sent_again_as_it_was(webhook, send, buyer, receiver, clock, db):
    delivery = send()
    clock.tick(days=29)
    webhooks.replay(delivery, by=buyer, at=clock.now())
    with pytest.raises(webhooks.StillWaiting):
        webhooks.replay(delivery, by=buyer, at=clock.now())
    db.session.commit()
    jobs.send_webhooks(clock.now())
    first, again = receiver.got
    assert first.headers["webhook-id"] == again.headers["webhook-id"]
    assert first.body == again.body
    assert len(delivery.log) == 2


def test_messages_and_attempts_are_forgotten_after_thirty_days(
    send, clock, receiver, db
):
    send()
    clock.tick(days=30)
    assert jobs.forget_deliveries(clock.now()) == 0
    clock.tick(seconds=1)
    assert jobs.forget_deliveries(clock.now()) == 1
    for rows in (Delivery, Attempt):
        assert db.session.scalars(select(rows)).all() == []


def test_no_transaction_is_open_while_the_network_takes_its_time(
    webhook, buyer, secrecy, receiver, clock, db, app
):
    """While the receiver holds its answer back somebody else writes to the database."""
    delivery = webhooks.test(webhook, secrecy=secrecy, by=buyer, at=clock.now())
    delivery_id = delivery.id
    db.session.commit()
    receiver.gate = threading.Event()
    worker = _in_thread(app, lambda: jobs.send_webhooks(clock.now()))
    _until(lambda: receiver.got)
    factories.person(Role.COMPANY)
    db.session.commit()  # on SQLite this would wait for an open writer
    assert queries.to_send(delivery_id, clock.now()) is None
    db.session.rollback()
    assert jobs.send_webhooks(clock.now()) == 0  # it is taken: never twice at once
    db.session.rollback()
    receiver.gate.set()
    worker.join(10)
    assert len(receiver.got) == 1
    db.session.expire_all()
    assert db.session.get(Delivery, delivery_id).state is DeliveryState.DELIVERED


def test_a_message_taken_by_a_sender_that_died_is_due_again_after_five_minutes(
    webhook, buyer, secrecy, receiver, clock, db
):
    delivery = webhooks.test(webhook, secrecy=secrecy, by=buyer, at=clock.now())
    webhooks.take(delivery, secrecy=secrecy, at=clock.now())
    db.session.commit()
    assert jobs.send_webhooks(clock.now()) == 0
    clock.tick(minutes=5)
    assert jobs.send_webhooks(clock.now()) == 1
    assert len(receiver.got) == 1


def test_a_webhook_that_fails_keeps_only_itself_waiting(
    webhook, buyer, secrecy, receiver, clock, db
):
    """Of five messages the first is tried; the others wait and their count stays."""
    receiver.statuses = [500]
    for _ in range(5):
        webhooks.test(webhook, secrecy=secrecy, by=buyer, at=clock.now())
    db.session.commit()
    assert jobs.send_webhooks(clock.now()) == 1
    assert len(receiver.got) == 1
    found = db.session.scalars(select(Delivery).order_by(Delivery.id)).all()
    assert [one.attempts for one in found] == [1, 0, 0, 0, 0]


@pytest.mark.parametrize(
    "url", ["http://hooks.example.com/", "https://127.0.0.1/", "https://localhost/"]
)
def test_an_address_we_never_post_to_is_refused_when_typed(
    company, buyer, secrecy, clock, url
):
    with pytest.raises(BadAddress):
        webhooks.add(
            company, url, EVERYTHING, secrecy=secrecy, by=buyer, at=clock.now()
        )


def test_a_name_that_turns_out_to_be_our_own_machine_is_noted_and_not_called(
    webhook, send, receiver, clock
):
    receiver.names.known[HOST] = ["127.0.0.1"]
    delivery = send()
    assert receiver.wire.connects == []
    assert [one.problem for one in delivery.log] == ["address_refused"]


def test_only_what_was_asked_for_is_told(company, buyer, secrecy, clock, db):
    one, _ = webhooks.add(
        company, URL, ["watch.expiring"], secrecy=secrecy, by=buyer, at=clock.now()
    )
    assert queries.told_of("watch.expiring", [company.id]) == [one]
    assert queries.told_of("certificate.suspended", [company.id]) == []
    for events in ([], ["certificate.exploded"]):
        with pytest.raises(rules.BadEvents):
            webhooks.change(one, URL, events, by=buyer, at=clock.now())


def test_a_new_edition_is_told_to_every_webhook_that_asked(
    made, receiver, clock, db, secrecy
):
    """Also to a company that watches nobody; the act is as the owner would write it."""
    act = LifeEvent(
        key="impact/2027",
        digest="0" * 64,
        state=EditionState.NOTIFIED,
        on=clock.now().date(),
        at=clock.now(),
        by_id=factories.person(Role.SCHEME_OWNER).id,
    )
    db.session.add(act)
    db.session.commit()
    assert jobs.tell(clock.now()) == 1
    assert jobs.tell(clock.now()) == 0
    jobs.send_webhooks(clock.now())
    [got] = receiver.got
    told = read(got, made[1], clock)
    assert told["type"] == "criteria.notified"
    assert told["data"]["edition"] == "impact/2027"


def test_webhooks_of_another_company_do_not_exist(webhook, clock):
    other = a_company()
    by = factories.representative(other)
    with pytest.raises(NotFound):
        queries.webhook(webhook.id, seen_by_user=by)
    with pytest.raises(NotFound):
        queries.webhook_of(other, webhook.id)
    with pytest.raises(webhooks.NotYourWebhook):
        webhooks.remove(webhook, by=by, at=clock.now())


def test_a_webhook_is_removed_with_everything_sent_to_it(
    webhook, send, buyer, receiver, clock, db
):
    send()
    webhooks.remove(webhook, by=buyer, at=clock.now())
    db.session.commit()
    assert db.session.scalars(select(Delivery)).all() == []


def test_messages_are_unreadable_where_they_wait(webhook, buyer, secrecy, clock, db):
    data = {"certificate": "IMP-2026-000123-38"}
    found = webhooks.queue(
        webhook,
        "certificate.issued",
        data,
        happened_at=clock.now(),
        secrecy=secrecy,
        at=clock.now(),
    )
    assert json.dumps(data)[1:-1].encode() not in found.sealed
    assert b"IMP-2026" not in found.sealed


def _in_thread(app, work):
    def run():
        with app.app_context():
            work()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def _until(true):
    for _ in range(200):
        if true():
            return
        threading.Event().wait(0.05)
    pytest.fail("it never came")
