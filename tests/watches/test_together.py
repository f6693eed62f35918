"""One suspension, as the company sees it: a letter by SMTP and a webhook by HTTPS."""

from dataclasses import replace

from standardwebhooks.webhooks import Webhook as Reader

from registry.accounts.models import Role
from registry.certificates import operations as certificates
from registry.clock import SystemClock
from registry.mail.jobs import deliver_waiting
from registry.watches import jobs, operations, webhooks
from registry.watches.models import Telling
from tests import factories
from tests.mail.test_smtp import Receiver, a_server
from tests.receiver import HOST


def test_a_suspension_reaches_mailbox_and_program(
    app, company, buyer, certificate, holder, secrecy, receiver, clock, db
):
    clock.at = SystemClock().now()
    hands = {"secrecy": secrecy, "by": buyer, "at": clock.now()}
    operations.watch(company, [("vat", holder.vat)], **hands)
    operations.choose(company, Telling.AT_ONCE, by=buyer, at=clock.now())
    url, events = f"https://{HOST}/in", ["certificate.suspended"]
    _, secret = webhooks.add(company, url, events, **hands)
    clock.tick(seconds=1)
    member = factories.person(Role.COMMITTEE)
    reason = "suspended_major_finding"
    certificates.suspend(certificate, reason, by=member, at=clock.now())
    db.session.commit()
    mailbox = Receiver()
    with a_server(mailbox) as postman:
        doors = app.extensions["registry"]
        app.extensions["registry"] = replace(doors, postman=postman)
        for job in (
            *(jobs.tell, jobs.write_letters, jobs.send_webhooks),
            deliver_waiting,
        ):
            job(clock.now())
    [got] = receiver.got
    told = Reader(secret).verify(got.body, dict(got.headers))
    assert told["data"]["certificate"] == certificate.number
    assert told["data"]["status"] == "suspended"
    letters = [one for one in mailbox.messages if b"sospeso" in one]
    assert any(certificate.number.encode() in one for one in letters)
