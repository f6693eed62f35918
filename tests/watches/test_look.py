"""The pages of keys, watched suppliers and webhooks in a real browser."""

import os
from datetime import timedelta
from pathlib import Path

import pytest

from registry.accounts.models import Role
from registry.certificates import operations as certificates
from registry.keys import operations as keys
from registry.watches import jobs, operations, webhooks
from tests import factories
from tests.browser.chromium import complaints, listen, page_of, served
from tests.receiver import HOST

pytestmark = pytest.mark.browser


@pytest.fixture
def site(app, typefaces):
    with served(app) as site:
        yield site


@pytest.fixture
def page():
    with page_of() as page:
        yield page


@pytest.fixture
def look(app, site, page, sign_in, buyer, db):
    """Open a page as the company; fails on what axe finds, overflow and the policy."""
    said = listen(page)
    name = app.config["SESSION_COOKIE_NAME"]
    cookie = sign_in(buyer).get_cookie(name)
    page.context.add_cookies([{"name": name, "value": cookie.value, "url": site}])

    def judge(path):
        page.evaluate(
            "document.querySelectorAll('details').forEach(d => d.open = true)"
        )
        if folder := os.environ.get("SHOTS"):
            place = f"{path.strip('/').replace('/', '-')}-{page.viewport_size['width']}"
            page.screenshot(path=str(Path(folder) / f"{place}.png"), full_page=True)
        assert (path, complaints(page)) == (path, [])
        assert said == []

    def open_(path):
        db.session.commit()  # else the page waits for us to finish writing
        answer = page.goto(site + path)
        assert answer.status == 200, path
        judge(path)

    def press(words, path):
        db.session.commit()
        page.get_by_role("button", name=words, exact=True).first.click()
        page.wait_for_load_state()
        judge(path)

    return open_, press


def test_the_pages_of_a_company_that_has_nothing_yet(look, company):
    open_, _ = look
    open_("/keys")
    open_(f"/watches/{company.id}")


def test_the_pages_of_a_company_that_watches(world, look, page, company):
    open_, press = look
    here = f"/watches/{company.id}"
    open_("/keys")
    open_("/keys/1")
    open_("/keys/new")
    page.get_by_label("Nome della chiave").fill("Gestionale acquisti")
    page.get_by_label("Verifiche singole").check()
    press("Creare la chiave", "/keys/made")
    open_(f"{here}/webhooks/new")
    page.get_by_label("Indirizzo").fill(f"https://{HOST}/in")
    press("Creare il webhook", f"{here}/webhooks/made")
    open_("/watches/webhooks/1")
    open_("/watches/webhooks/1/edit")
    open_(here)
    page.get_by_label("Identificativi dei fornitori").fill("07945211007")
    press("Seguire questi", f"{here}/wrong")
    open_(here)
    press("Creare l’indirizzo", f"{here}/calendar")


@pytest.fixture
def world(company, buyer, secrecy, receiver, clock, db):
    """Two holders watched, one of them suspended; a key; a webhook that failed."""
    hands = {"secrecy": secrecy, "by": buyer, "at": clock.now()}
    key, _ = keys.create(
        company, "Gestionale", ["verify", "watches"], by=buyer, at=clock.now()
    )
    _use(key.id, clock, db)
    webhook, _ = webhooks.add(
        company,
        f"https://{HOST}/eventi/registro-impact",
        ["certificate.suspended", "watch.expiring"],
        **hands,
    )
    names = (
        "Zefiro Servizi Integrati Società Cooperativa Sociale di Inserimento",
        "Il Ginepro Società Cooperativa Sociale",
    )
    found = [factories.certified(factories.organisation(name=one)) for one in names]
    for one in found:
        operations.watch(company, [("vat", one.organisation.vat)], **hands)
    clock.tick(minutes=5)
    member = factories.person(Role.COMMITTEE)
    reason = "suspended_major_finding"
    certificates.suspend(found[0], reason, by=member, at=clock.now())
    db.session.commit()
    jobs.tell(clock.now())
    receiver.statuses = [503, 200, 503]
    for _ in range(3):
        jobs.send_webhooks(clock.now())
        clock.tick(minutes=5)
    webhooks.test(webhook, secrecy=secrecy, by=buyer, at=clock.now())
    db.session.commit()
    jobs.send_webhooks(clock.now())


def _use(key_id, clock, db):
    """A use that grows over twenty days."""
    db.session.commit()
    for day in range(20):
        at = clock.now() - timedelta(days=19 - day)
        with db.engine.begin() as connection:
            keys.count(connection, key_id, items=day * day * 7, at=at)
