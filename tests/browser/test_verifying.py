"""Whoever was handed a certificate drops it on the page, with or without script."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page

from registry.certificates.models import Certificate
from registry.db import db as database
from registry.storage import Storage
from tests.browser.chromium import DESK, PHONE, chromium, complaints, listen, served
from tests.public.stories import certified

pytestmark = pytest.mark.browser
#: Where pictures of the page are left for a person to look at, if anywhere.
PICTURES = os.environ.get("REGISTRY_PICTURES", "")
Hand = Callable[[Page, Path], None]


def altered(pdf: bytes) -> bytes:
    return pdf[:900] + bytes([pdf[900] ^ 1]) + pdf[901:]


@pytest.fixture
def made(app: Flask) -> Certificate:
    certificate = certified("Cooperativa sociale L’Orto di Sant’Anna")
    database.session.commit()
    return certificate


@pytest.fixture
def files(made: Certificate, storage: Storage, tmp_path: Path) -> dict[str, Path]:
    pdf = storage.read(str(made.sha256))
    assert made.credential is not None
    written = {
        "genuine": ("attestato.pdf", pdf),
        "altered": ("copia.pdf", altered(pdf)),
        "credential": ("credenziale.vc.jwt", made.credential.jwt.encode()),
        "picture": ("foto.png", b"\x89PNG\r\n\x1a\n" + bytes(99)),
        "stranger": ("note.txt", b"Due righe."),
    }
    paths = {}
    for name, (file, content) in written.items():
        paths[name] = tmp_path / file
        paths[name].write_bytes(content)
    return paths


SAID = {
    "genuine": "Autentico e valido oggi.",
    "credential": "Autentico e valido oggi.",
    "altered": "Alterato",
    "picture": "Un’immagine non prova nulla",
    "stranger": "Non è un certificato",
}


@pytest.mark.parametrize("script", [True, False])
def test_a_file_is_chosen_and_answered(
    app: Flask, files: dict[str, Path], script: bool
) -> None:
    with served(app) as site, chromium() as browser:
        page = opened(browser, script)
        said = listen(page)
        for name, file in files.items():
            page.goto(f"{site}/it/verify")
            page.set_input_files("#file", file)
            page.get_by_role("button", name="Verifica il file").click()
            assert page.locator("#file-says").inner_text() == SAID[name]
            if script:
                assert complaints(page) == [], name
                picture(page, name)
        assert said == []


def test_a_file_is_dropped_where_it_is_to_be_chosen(
    app: Flask, files: dict[str, Path]
) -> None:
    """Browsers take a file dropped on the field for choosing one."""
    with served(app) as site, chromium() as browser:
        page = opened(browser, script=False)
        for width in (DESK, PHONE):
            page.set_viewport_size({"width": width, "height": 900})
            page.goto(f"{site}/it/verify")
            field = page.locator("#file").bounding_box()
            assert field is not None
            assert field["height"] >= 120
            picture(page, f"asked-{width}")


def opened(browser: Browser, script: bool) -> Page:
    return browser.new_context(java_script_enabled=script).new_page()


def picture(page: Page, name: str) -> None:
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)
