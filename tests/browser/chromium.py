"""A real Chromium, the application behind it, and what is asked of every page."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Locator, Page, sync_playwright
from werkzeug.serving import make_server

from tests.journeys.window import evened

ARGUMENTS = [
    *("--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update"),
    *("--disable-sync", "--disable-quic"),
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
]
RULES = [
    *("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"),
]
PHONE, DESK = 390, 1280
WIDE = "document.documentElement.scrollWidth > innerWidth"
AXE = Axe().axe_script
VIOLATIONS = """async options => (await axe.run(document, options)).violations
  .map(found => [found.id, found.nodes.map(node => node.html)])"""
OPTIONS = {"runOnly": {"type": "tag", "values": RULES}, "resultTypes": ["violations"]}


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """The application at an address of its own."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser that reaches nothing but this machine."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=ARGUMENTS
        )
        yield browser
        browser.close()


@contextmanager
def page_of(width: int = DESK) -> Iterator[Page]:
    """One page of this width, in a browser of its own."""
    with chromium() as browser:
        yield browser.new_page(viewport={"width": width, "height": 900})


def listen(page: Page) -> list[str]:
    """
    What the page complains of, from now on: the policy, scripts, missing things.

    That a page itself is a refusal (404, 409, 422) is told there too, and is no fault.
    """
    said: list[str] = []

    def hear(message: Any) -> None:
        if message.location.get("url") != page.url or "status of 4" not in message.text:
            said.append(f"{page.url}: {message.text}")

    page.on("console", hear)
    page.on("pageerror", lambda error: said.append(f"{page.url}: {error}"))
    return said


def complaints(page: Page) -> list[Any]:
    """What axe finds and what sticks out at the side, on a telephone and on a desk."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    found: list[Any] = []
    for width in (PHONE, DESK):
        page.set_viewport_size({"width": width, "height": 900})
        found += [(width, *one) for one in page.evaluate(VIOLATIONS, OPTIONS)]
        found += [(width, "too wide")] if page.evaluate(WIDE) else []
    return found


class ChromiumWindow:
    """A window of the journeys (see tests/journeys/window.py) in a real browser."""

    def __init__(self, context: BrowserContext, site: str) -> None:
        self.page = context.new_page()
        self.page.set_default_timeout(15_000)
        self.site = site
        self.said = listen(self.page)

    def open(self, address: str, *, expect: int = 200) -> None:
        answer = self.page.goto(urljoin(self.site, address))
        assert answer is not None
        assert answer.status == expect, (address, self.text)

    @property
    def address(self) -> str:
        parts = urlsplit(self.page.url)
        return parts.path + (f"?{parts.query}" if parts.query else "")

    @property
    def text(self) -> str:
        return evened(self.page.evaluate("document.body.textContent"))

    def names(self) -> list[str]:
        script = """() => [...document.querySelectorAll(
          'main :is(input:not([type=hidden]), select, textarea)')].map(e => e.name)"""
        return [name for name in dict.fromkeys(self.page.evaluate(script)) if name]

    def fill(self, **fields: Any) -> None:
        for name, value in fields.items():
            self._put(self.page.locator(f'[name="{name}"]'), value)

    def _put(self, control: Locator, value: Any) -> None:
        tag, kind = control.first.evaluate("e => [e.tagName, e.type]")
        if kind == "radio":
            control.and_(self.page.locator(f'[value="{value}"]')).check()
        elif kind == "checkbox" and isinstance(value, list):
            for one in value:
                control.and_(self.page.locator(f'[value="{one}"]')).check()
        elif kind == "checkbox":
            control.set_checked(value)
        elif tag == "SELECT":
            control.select_option(value)
        else:
            control.fill(str(value))

    def attach(self, name: str, filename: str, content: bytes) -> None:
        file = {"name": filename, "mimeType": "image/png", "buffer": content}
        self.page.locator(f'[name="{name}"]').set_input_files(file)  # type: ignore[arg-type]

    def press(
        self,
        words: str = "",
        *,
        named: tuple[str, str] = ("", ""),
        inside: str = "",
        expect: int = 200,
    ) -> None:
        where = self.page.locator(f"#{inside}" if inside else "body")
        seen = 'button:not([aria-hidden="true"])'
        if words:
            button = where.locator(seen).filter(has_text=words)
        else:
            button = where.locator(f'{seen}[name="{named[0]}"][value="{named[1]}"]')
        with self.page.expect_navigation() as going:
            button.first.click()
        assert going.value is not None
        assert going.value.status == expect, (self.address, self.text)

    def link(self, words: str) -> str:
        found = self.page.locator("a").filter(has_text=words).first
        return urljoin(self.address, str(found.get_attribute("href")))

    def value(self, name: str) -> str:
        controls = self.page.locator(f'[name="{name}"]')
        if controls.first.get_attribute("type") == "radio":
            return str(controls.and_(self.page.locator(":checked")).input_value())
        return controls.input_value()

    def follow(self, words: str) -> None:
        with self.page.expect_navigation():
            self.page.locator("a").filter(has_text=words).first.click()

    def parts(self, prefix: str) -> dict[str, str]:
        script = """prefix => [...document.querySelectorAll(`section[id^=${prefix}]`)]
          .map(e => [e.id, e.textContent])"""
        found = self.page.evaluate(script, prefix)
        return {id_: evened(text) for id_, text in found}

    def choice(self, words: str) -> str:
        return self.page.get_by_label(words).input_value()

    def ask(self, address: str, **question: str) -> dict[str, Any]:
        where = urljoin(self.site, f"{address}?{urlencode(question)}")
        answer = self.page.request.get(where)
        assert answer.status == 200, answer.text()
        return dict(answer.json())

    def download(self, address: str) -> bytes:
        answer = self.page.request.get(urljoin(self.site, address))
        assert answer.status == 200, address
        assert "attachment" in answer.headers["content-disposition"]
        return answer.body()
