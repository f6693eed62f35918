"""A page left open too long, two people at once: nothing that was typed is lost."""

import re
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from registry.db import db
from registry.mail.models import Letter
from tests.security.test_forged_forms import token_of
from tests.security.world import World

OURS = {"Sec-Fetch-Site": "same-origin"}
HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')


@pytest.fixture
def guarded(world: World) -> World:
    world.app.config["WTF_CSRF_ENABLED"] = True
    return world


def typed(world: World, **changes: str) -> dict[str, str]:
    token = token_of(world, "secretariat")
    return {"csrf_token": token, "name": "Anna Verdi", "language": "en"} | changes


def test_after_half_an_hour_what_was_typed_is_handed_back(guarded: World) -> None:
    form = typed(guarded, extra="<b>“&")
    guarded.clock.tick(minutes=31)
    page = guarded.browser("secretariat").post("/account", data=form, headers=OURS)
    assert page.status_code == 403
    kept = dict(HIDDEN.findall(page.text))
    assert kept["name"] == "Anna Verdi"
    assert kept["extra"] == "&lt;b&gt;“&amp;"
    assert 'action="/account"' in page.text
    assert 'href="/sign-in"' in page.text


def test_signed_in_anew_one_press_saves_it(guarded: World) -> None:
    form = typed(guarded, csrf_token="of a session that ended")
    browser = guarded.browser("secretariat")
    page = browser.post("/account", data=form, headers=OURS)
    assert page.status_code == 400
    kept = dict(HIDDEN.findall(page.text))
    assert browser.post("/account", data=kept, headers=OURS).status_code == 302
    assert "Anna Verdi" in browser.get("/account").text


def test_another_site_puts_no_words_into_our_forms(guarded: World) -> None:
    form = typed(guarded, csrf_token="guessed", name="Mallory")
    for headers in (
        {"Sec-Fetch-Site": "cross-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {},
    ):
        page = guarded.browser("secretariat").post(
            "/account", data=form, headers=headers
        )
        assert page.status_code in (400, 403)
        assert "Mallory" not in page.text


def test_a_password_is_never_written_into_a_page(guarded: World) -> None:
    form = {"password": "quattro cavalli", "new_password": "cinque cavalli",
            "code": "123456", "name": "Anna"}  # fmt: skip
    page = guarded.browser("secretariat").post("/account", data=form, headers=OURS)
    assert "cavalli" not in page.text
    assert "123456" not in page.text


def test_files_are_said_to_be_chosen_again(guarded: World) -> None:
    import io

    data: dict[str, Any] = {"name": "Anna", "file": (io.BytesIO(b"x"), "a.pdf")}
    page = guarded.browser("secretariat").post("/account", data=data, headers=OURS)
    assert "vanno scelti di nuovo" in page.text


def test_who_comes_second_to_a_number_is_told_so(world: World) -> None:
    """Two people type the same partita IVA: the database lets one in."""
    taken = _refusal(world, "INSERT INTO series (name, last) VALUES ('x', 1), ('x', 2)")
    page = _answered(world, taken)
    assert page.status_code == 409
    assert "UNIQUE" not in page.get_data(as_text=True)
    assert "<h1>" in page.get_data(as_text=True)


def test_a_rule_of_the_database_we_forgot_is_a_fault_of_ours(world: World) -> None:
    missing = _refusal(world, "INSERT INTO series (name, last) VALUES ('x', NULL)")
    world.app.config["PROPAGATE_EXCEPTIONS"] = False
    page = _answered(world, missing)
    assert page.status_code == 500
    assert "series" not in page.get_data(as_text=True)


def _refusal(world: World, sql: str) -> IntegrityError:
    with world.inside(), pytest.raises(IntegrityError) as caught:
        db.session.execute(db.text(sql))
    return caught.value


def _answered(world: World, error: IntegrityError) -> Any:
    from registry.web.errors import clashed

    with world.app.test_request_context("/it/"):
        return world.app.make_response(clashed(error))


def test_a_letter_with_a_link_is_sent_anew_and_never_shown(world: World) -> None:
    with world.inside():
        letter = Letter(
            message_id="<x@registry>", event="accounts/invitation", about="user:2",
            language="it", to_email="a@example.org", to_name="Anna",
            to_id=world.people["company"], subject="Invito", body="/invitation/s3cret",
            secret=True, written_at=world.clock.now(),
            next_attempt_at=world.clock.now(),
        )  # fmt: skip
        db.session.add(letter)
        db.session.commit()
        id_, last = letter.id, letter.id
    browser = world.browser("secretariat")
    page = browser.get(f"/letters/{id_}").text
    assert "s3cret" not in page
    assert "Inviare un nuovo collegamento" in page
    action = re.search(r'action="(/people/\d+/new-link)"', page)
    assert action
    assert browser.post(action[1]).status_code == 302
    with world.inside():
        anew = db.session.scalars(db.select(Letter).where(Letter.id > last)).one()
        assert anew.secret
        assert anew.to_id == world.people["company"]
        assert anew.event == "accounts/reset"
