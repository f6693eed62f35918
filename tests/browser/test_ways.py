"""Without a mouse, without script, and on paper."""

import io
from collections.abc import Iterator

import pypdfium2
import pytest
from playwright.sync_api import Browser, Page

from tests.browser.chromium import DESK, chromium, listen, served
from tests.journeys.window import evened
from tests.security.world import World

pytestmark = pytest.mark.browser
FOCUSED = "[document.activeElement.id, document.activeElement.textContent.trim()]"


@pytest.fixture
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def site(world: World) -> Iterator[str]:
    world.app.config["WTF_CSRF_ENABLED"] = True
    with served(world.app) as site:
        yield site


def signed_in(world: World, browser: Browser, site: str, who: str) -> Page:
    context = browser.new_context(viewport={"width": DESK, "height": 900})
    name = world.app.config["SESSION_COOKIE_NAME"]
    cookie = {"name": name, "value": world.cookies[who], "url": site}
    context.add_cookies([cookie])  # type: ignore[list-item]
    return context.new_page()


def test_a_form_is_filled_and_corrected_with_the_keyboard_alone(
    world: World, browser: Browser, site: str
) -> None:
    page = signed_in(world, browser, site, "secretariat")
    page.goto(f"{site}/organisations/register")
    page.keyboard.press("Tab")
    assert page.evaluate(FOCUSED)[1] == "Vai al contenuto"
    page.keyboard.press("Enter")
    assert page.evaluate(FOCUSED)[0] == "main"
    walked = []
    for _ in range(16):
        page.keyboard.press("Tab")
        walked.append(page.evaluate("document.activeElement.id"))
    fields = ["kind", "name", "vat", "tax_code", "albo", "rea", "province", "town"]
    assert [id_ for id_ in walked if id_ in fields] == fields
    page.focus("#vat")
    page.keyboard.type("12345")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    wrong = page.locator("[role=alert] a")
    assert wrong.count() >= 3
    page.locator("[role=alert] a[href='#vat']").focus()
    page.keyboard.press("Enter")
    assert page.evaluate(FOCUSED)[0] == "vat"
    assert page.input_value("#vat") == "12345"
    described = page.get_attribute("#vat", "aria-describedby") or ""
    assert "vat-error" in described.split()


def test_everything_public_works_without_script(
    world: World, browser: Browser, site: str
) -> None:
    context = browser.new_context(java_script_enabled=False, locale="it-IT")
    page = context.new_page()
    said = listen(page)
    number = world.own.numbers[0]
    page.goto(f"{site}/it/")
    page.locator("main [name=q]").fill("melograno")
    page.locator("main form button").first.click()
    assert "Il Melograno" in page.locator("main").inner_text()
    page.locator("[name=status]").select_option("suspended")
    page.get_by_role("button", name="Filtra").click()
    assert "status=suspended" in page.url
    page.locator("main a").filter(has_text="Melograno").first.click()
    assert "Sospeso" in page.locator("main").inner_text()
    page.goto(f"{site}/it/verify")
    page.locator("main [name=q]").fill(number)
    page.locator("main form button").first.click()
    assert "sospeso" in page.locator("main").inner_text()
    page.locator("a[hreflang=en]").first.click()
    assert "suspended" in page.locator("main").inner_text()
    page.goto(f"{site}/it/criteria/impact/2022")
    page.locator("summary").first.click()
    assert page.locator("details[open]").count()
    assert said == []


@pytest.mark.parametrize("who", ["holder", "certificate"])
def test_what_the_register_says_can_be_printed(
    world: World, browser: Browser, site: str, who: str
) -> None:
    number, holder = world.own.numbers[0], world.own.things["organisation"][0]
    there = {"holder": f"/it/register/{holder}", "certificate": f"/c/{number}?lang=it"}
    page = browser.new_page()
    page.goto(site + there[who])
    page.emulate_media(media="print")
    assert not page.locator("header nav").is_visible()
    with pypdfium2.PdfDocument(io.BytesIO(page.pdf(format="A4"))) as paper:
        words = evened(" ".join(one.get_textpage().get_text_range() for one in paper))
    assert number in words
    assert "Sospeso" in words
    assert "Accedi" not in words
