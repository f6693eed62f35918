"""The pages of watched suppliers, as who speaks for a company sees them."""

import re
from datetime import date

import pytest
from icalendar import Calendar

from registry.accounts.models import Role
from registry.watches import jobs, operations, queries, webhooks
from registry.watches.models import Telling
from tests import factories
from tests.receiver import HOST
from tests.watches.conftest import a_company

URL = f"https://{HOST}/in"


@pytest.fixture
def browser(buyer, sign_in):
    return sign_in(buyer)


@pytest.fixture
def here(company):
    return f"/watches/{company.id}"


def test_numbers_are_added_names_appear_and_go_again(
    browser, here, company, holder, certificate
):
    assert "Non si segue ancora nessuno" in browser.get(here).text
    typed = f"IT{holder.vat}\n07945211006"
    answer = browser.post(f"{here}/identifiers", data={"identifiers": typed})
    assert answer.status_code == 302
    page = browser.get(here).text
    assert "2 identificativi in più seguiti." in page
    for words in (holder.name, certificate.number, "Valido"):
        assert words in page
    assert "07945211006" not in page
    browser.post(f"{here}/holders/{holder.id}/remove")
    page = browser.get(here).text
    assert holder.name not in page
    assert "1 identificativo è seguito" in page


def test_numbers_are_taken_out_by_the_same_form(browser, here, company):
    typed = {"identifiers": "07945211006"}
    browser.post(f"{here}/identifiers", data=typed)
    browser.post(f"{here}/identifiers", data=typed | {"act": "remove"})
    assert queries.size(company) == 0


def test_a_wrong_check_digit_is_told_and_nothing_is_lost(browser, here, company):
    page = browser.post(
        f"{here}/identifiers", data={"identifiers": "07945211006\n07945211007"}
    )
    assert page.status_code == 422
    assert "“07945211007”" in page.text
    assert "07945211006\n07945211007" in page.text
    assert queries.size(company) == 0


def test_how_to_be_told_is_chosen(browser, here, company):
    browser.post(f"{here}/telling", data={"telling": "at_once"})
    assert queries.list_of(company).telling is Telling.AT_ONCE
    assert (
        browser.post(f"{here}/telling", data={"telling": "loudly"}).status_code == 302
    )
    assert queries.list_of(company).telling is Telling.AT_ONCE


def test_the_list_is_erased_at_once(browser, here, company):
    browser.post(f"{here}/identifiers", data={"identifiers": "07945211006"})
    browser.post(f"{here}/erase")
    assert queries.size(company) == 0
    assert "non ne resta nulla" in browser.get(here).text


@pytest.mark.parametrize("role", [Role.COMPANY, Role.COOPERATIVE])
def test_nobody_else_learns_that_the_list_exists(here, company, sign_in, role):
    browser = sign_in(factories.person(role))
    assert browser.get(here).status_code == 404
    for path in ("identifiers", "telling", "erase", "calendar", "webhooks/new"):
        assert browser.post(f"{here}/{path}").status_code == 404


@pytest.mark.parametrize(
    "role", [Role.SECRETARIAT, Role.COMMITTEE, Role.ADMINISTRATOR, Role.AUDITOR]
)
def test_staff_sees_nothing_of_it(here, company, sign_in, role):
    browser = sign_in(factories.person(role))
    assert browser.get(here).status_code == 403
    assert browser.get("/watches").status_code == 403


def test_staff_that_also_speaks_for_another_company_finds_nothing(
    here, holder, company, buyer, secrecy, clock, sign_in
):
    operations.watch(
        company, [("vat", holder.vat)], secrecy=secrecy, by=buyer, at=clock.now()
    )
    boss = factories.person(Role.ADMINISTRATOR, Role.SECRETARIAT, Role.COMPANY)
    assert sign_in(boss).get(here).status_code == 404


def test_the_calendar_has_the_ends_and_its_address_can_be_ended(
    browser, here, holder, certificate
):
    browser.post(f"{here}/identifiers", data={"identifiers": holder.vat})
    page = browser.post(f"{here}/calendar")
    assert page.status_code == 201
    [path] = set(re.findall(r"/watches/calendar/[\w-]+\.ics", page.text))
    answer = browser.get(path)
    assert answer.mimetype == "text/calendar"
    assert "no-store" in answer.headers["Cache-Control"]
    [event] = Calendar.from_ical(answer.get_data()).walk("VEVENT")
    assert event["DTSTART"].dt == certificate.valid_until
    assert holder.name in event["SUMMARY"]
    assert isinstance(event["DTSTART"].dt, date)
    assert str(event["UID"]).startswith(certificate.number)
    assert len(list(event.walk("VALARM"))) == 1
    assert browser.get(path).get_data() == answer.get_data()
    browser.post(f"{here}/calendar/close")
    assert browser.get(path).status_code == 404


def test_a_new_address_of_the_calendar_ends_the_one_before(browser, here):
    browser.post(f"{here}/identifiers", data={"identifiers": "07945211006"})
    first, second = (
        re.search(
            r"/watches/calendar/[\w-]+\.ics", browser.post(f"{here}/calendar").text
        )
        for _ in range(2)
    )
    assert browser.get(first[0]).status_code == 404
    assert browser.get(second[0]).status_code == 200


def test_a_webhook_is_made_tried_and_looked_into(
    browser, here, company, receiver, clock
):
    page = browser.post(
        f"{here}/webhooks/new", data={"url": URL, "events": ["certificate.suspended"]}
    )
    assert page.status_code == 201
    assert page.headers["Cache-Control"] == "no-store"
    [secret] = set(re.findall(r"whsec_[\w+/=]+", page.text))
    [made] = queries.webhooks_of(company)
    there = f"/watches/webhooks/{made.id}"
    browser.post(f"{there}/test")
    jobs.send_webhooks(clock.now())
    page = browser.get(there).text
    assert "webhook.test" in page
    assert "<strong>200</strong>" in page
    assert secret not in page
    [delivery] = made.deliveries
    browser.post(f"{there}/messages/{delivery.id}/replay")
    jobs.send_webhooks(clock.now())
    assert len(receiver.got) == 2
    assert browser.post(f"{there}/rotate").status_code == 201
    browser.post(f"{there}/off")
    assert "Spento" in browser.get(there).text
    browser.post(f"{there}/on")
    assert "Acceso" in browser.get(there).text
    edited = {"url": URL, "events": ["watch.expiring"]}
    assert browser.post(f"{there}/edit", data=edited).status_code == 302
    browser.post(f"{there}/remove")
    assert browser.get(there).status_code == 404


def test_an_address_of_ours_is_refused_in_words(browser, here):
    page = browser.post(
        f"{here}/webhooks/new",
        data={"url": "https://169.254.169.254/", "events": ["watch.expiring"]},
    )
    assert page.status_code == 422
    assert "mai un numero" in page.text


def test_the_webhook_of_another_company_does_not_exist(browser, secrecy, clock, db):
    other = a_company()
    by = factories.representative(other)
    made, _ = webhooks.add(
        other, URL, ["watch.expiring"], secrecy=secrecy, by=by, at=clock.now()
    )
    there = f"/watches/webhooks/{made.id}"
    assert browser.get(there).status_code == 404
    for path in ("rotate", "test", "on", "off", "remove"):
        assert browser.post(f"{there}/{path}").status_code == 404


def test_a_webhook_that_was_given_up_waits_on_the_desk(
    browser, company, buyer, secrecy, receiver, clock, db
):
    made, _ = webhooks.add(
        company, URL, ["watch.expiring"], secrecy=secrecy, by=buyer, at=clock.now()
    )
    receiver.statuses = [410]
    webhooks.test(made, secrecy=secrecy, by=buyer, at=clock.now())
    db.session.commit()
    assert URL not in browser.get("/desk").text
    jobs.send_webhooks(clock.now())
    page = browser.get("/desk").text
    assert "Un webhook è stato spento: vedere perché" in page
    assert f"/watches/webhooks/{made.id}" in page
