"""A file somebody was handed: the page and the service say the same of it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event
from werkzeug.test import TestResponse

from registry.certificates import verification
from registry.certificates.models import Certificate
from registry.clock import FixedClock
from registry.db import db as database
from registry.paper import Paper
from registry.seal import development_seal
from registry.services import services
from registry.signing import Signer
from registry.storage import Storage
from tests import factories
from tests.certificates import forgeries
from tests.public import stories

#: Of the forgeries that the core is tried with, one of each manner.
SAMPLE = (
    "a byte of a stream",
    "words in the room",
    "the last year there is",
    "garbage after the end",
    "another certificate appended",
    "written anew",
    "written anew with the credential of another",
    "the seal cut off, with the credential of another",
    "the unsealed paper",
    "another title added later",
    "a box drawn over added later",
    "the credential of another added later",
)
BAD = {"altered", "not_sealed_by_us", "unreadable"}
TODAY = {
    "suspended": ("Genuine, but suspended since", "sospeso dal"),
    "withdrawn": ("Genuine, but withdrawn since", "revocato dal"),
    "ended_by_holder": ("Genuine, but given up by its holder since", "rinunciato dal"),
    "superseded": ("Genuine, but replaced by a newer certificate", "sostituito da"),
}


@dataclass
class Handed:
    """What the page and the service say of one file."""

    page: TestResponse
    told: dict[str, Any]

    @property
    def verdict(self) -> str:
        return str(self.told["verdict"])


Hand = Callable[..., Handed]


def form(content: bytes, name: str) -> dict[str, Any]:
    """A file as a browser sends it; the client would leave a file behind."""
    head = (
        f'--x\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
    )
    return {
        "data": head.encode() + content + b"\r\n--x--\r\n",
        "content_type": "multipart/form-data; boundary=x",
    }


@pytest.fixture
def hand(client: FlaskClient) -> Hand:
    """Hand a file in at both doors."""

    def give(content: bytes, name: str = "copia.pdf", language: str = "en") -> Handed:
        page = client.post(f"/{language}/verify", **form(content, name))
        answer = client.post(
            "/api/v1/verify/file",
            headers={"Accept-Language": language},
            **form(content, name),
        )
        assert (page.status_code, answer.status_code) == (200, 200), name
        said = answer.get_json()
        assert page.headers["Cache-Control"] == "no-store"
        assert answer.headers["Cache-Control"] == "no-store"
        assert said["told"] in page.text
        assert all(check["told"] in page.text for check in said["checks"])
        return Handed(page, said)

    return give


def paper_of(certificate: Certificate) -> bytes:
    return services().storage.read(str(certificate.sha256))


def test_a_genuine_file_is_told_with_what_it_is_worth_today(
    client: FlaskClient, hand: Hand
) -> None:
    made = stories.certified("Il Ginepro Cooperativa Sociale")
    number = made.number
    handed = hand(paper_of(made), "un altro nome.pdf")
    assert "Genuine and valid today." in handed.page.text
    assert f'href="/c/{number}"' in handed.page.text
    assert "Il Ginepro Cooperativa Sociale" in handed.page.text
    told = handed.told
    assert (told["verdict"], told["stands"], told["kind"]) == ("genuine", True, "paper")
    assert (told["certificate"], "claims" in told) == (number, False)
    asked = client.get(f"/api/v1/verify?certificate={number}").get_json()
    assert told["standing"] == asked
    italian = hand(paper_of(made), language="it")
    assert italian.told["told"] == "Autentico e valido oggi."


@pytest.mark.parametrize("kind", ["credential", "badge"])
def test_a_credential_is_as_good_as_the_paper(kind: str, hand: Hand) -> None:
    made = stories.certified()
    assert made.credential is not None
    text = made.credential.jwt if kind == "credential" else made.credential.badge
    handed = hand(f"{text}\n".encode(), "credenziale.vc.jwt")
    assert (handed.verdict, handed.told["kind"]) == ("genuine", kind)
    assert handed.told["stands"] is True
    assert all(check["passed"] for check in handed.told["checks"])


def test_the_courtesy_copy_is_genuine(client: FlaskClient, hand: Hand) -> None:
    from registry.accounts.queries import the_registry
    from registry.certificates import operations
    from registry.certificates.issuer import the_issuer
    from registry.certificates.jobs import make_copies

    made, at = stories.certified(), services().clock.now()
    copy = operations.ask_copy(
        made, factories.edition(), issuer=the_issuer("en"), by=the_registry(), at=at
    )
    database.session.commit()
    assert make_copies(at) == 1
    assert hand(services().storage.read(str(copy.sha256))).told["stands"] is True


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (stories.suspended, "suspended"),
        (stories.withdrawn, "withdrawn"),
        (stories.ended, "ended_by_holder"),
        (lambda: stories.superseded()[0], "superseded"),
    ],
)
def test_a_genuine_file_that_does_not_stand_says_so_first(
    make: Callable[[], Certificate], code: str, hand: Hand, clock: FixedClock
) -> None:
    made = make()
    content = paper_of(made)
    clock.at = datetime(2026, 6, 1, 9, tzinfo=UTC)
    handed = hand(content)
    assert (handed.verdict, handed.told["stands"]) == ("genuine", False)
    assert handed.told["standing"]["status"] == code
    english, italian = TODAY[code]
    assert handed.told["told"].startswith(english)
    assert italian in hand(content, language="it").told["told"]
    assert "Genuine and valid" not in handed.page.text


def test_a_file_in_update_is_valid_and_one_whose_term_passed_is_not(
    hand: Hand, clock: FixedClock
) -> None:
    made = stories.in_update()
    content = paper_of(made)
    clock.at = datetime(2027, 3, 10, 9, tzinfo=UTC)
    assert hand(content).told["told"].startswith("Genuine and valid today; its yearly")
    other = paper_of(stories.certified("Altra"))
    clock.at = datetime(2029, 3, 2, 9, tzinfo=UTC)
    assert hand(other).told["told"] == "Genuine, but expired since 2 March 2029."


def test_no_forgery_is_called_genuine(hand: Hand, storage: Storage) -> None:
    made, other = stories.certified(), stories.certified("Altra")
    assert made.credential is not None
    assert other.credential is not None
    pdf, number = paper_of(made), made.number
    changes = forgeries.altered(paper_of(other), other.credential.jwt)
    for name in SAMPLE:
        handed = hand(changes[name](pdf), f"{name}.pdf")
        assert handed.verdict in BAD, name
        assert handed.told["stands"] is False
        assert "standing" not in handed.told
        assert "certificate" not in handed.told
        assert "Genuine and valid" not in handed.page.text
    handed = hand(changes["a byte of a stream"](pdf))
    assert handed.told["claims"] == number
    assert "What the register says of it" in handed.page.text
    assert f'href="/c/{number}"' in handed.page.text


def test_no_forged_credential_is_called_genuine(hand: Hand, tmp_path: Path) -> None:
    made, other = stories.certified(), stories.certified("Altra")
    assert made.credential is not None
    assert other.credential is not None
    thief = Signer(tmp_path / "thief", services().signer.base_url)
    forged = forgeries.forged_credentials(
        made.credential.jwt, other.credential.jwt, thief.sign
    )
    for name, text in forged.items():
        handed = hand(text.encode(), "credenziale.vc.jwt")
        assert handed.verdict != "genuine", name
        assert handed.told["stands"] is False, name


def test_our_own_seal_over_a_paper_the_register_lacks_is_told(
    app: Flask, hand: Hand, tmp_path: Path, paper: Paper
) -> None:
    from registry.certificates.rendering import render
    from tests.certificates.papers import facts

    sealed = services().seal.seal(render(facts(), paper))
    handed = hand(sealed)
    assert handed.verdict == "sealed_but_unknown"
    assert handed.told["claims"] == facts()["number"]
    stranger = development_seal(tmp_path / "stranger").seal(render(facts(), paper))
    assert hand(stranger).verdict == "not_sealed_by_us"


@pytest.mark.parametrize("name", forgeries.strangers())
def test_whatever_is_handed_in_is_answered_in_words(
    name: str, client: FlaskClient, hand: Hand
) -> None:
    content = forgeries.strangers()[name]
    if content:
        verdict = hand(content, name).verdict
        assert verdict in {"not_a_certificate", "unreadable", "not_sealed_by_us"}
        return
    page = client.post("/it/verify", **form(b"", "a.pdf"))
    assert (page.status_code, "Scegliere un file" in page.text) == (422, True)
    answer = client.post("/api/v1/verify/file", **form(b"", "a.pdf"))
    assert (answer.status_code, answer.get_json()["code"]) == (422, "no_file")


@pytest.mark.parametrize(
    "begin",
    [
        b"\x89PNG\r\n\x1a\n",
        b"\xff\xd8\xff\xe0\0\x10JFIF",
        b"RIFF\0\1\0\0WEBPVP8 ",
        b"\0\0\0\x1cftypheic",
    ],
)
def test_a_picture_of_a_certificate_proves_nothing_and_its_number_is_asked_for(
    begin: bytes, hand: Hand
) -> None:
    handed = hand(begin + bytes(100), "foto.jpg")
    assert (handed.verdict, handed.told["kind"]) == ("not_a_certificate", "picture")
    assert handed.told["told"] == "A picture proves nothing"
    assert 'href="#q"' in handed.page.text
    assert "Un’immagine non prova nulla" in hand(begin, language="it").page.text


def test_a_file_may_be_the_body_itself(client: FlaskClient) -> None:
    made = stories.certified()
    assert made.credential is not None
    for content, kind in (
        (paper_of(made), "application/pdf"),
        (made.credential.jwt.encode(), "application/vc+jwt"),
        (made.credential.jwt.encode(), "application/jwt"),
        (paper_of(made), "application/octet-stream"),
    ):
        answer = client.post("/api/v1/verify/file", data=content, content_type=kind)
        assert answer.get_json()["verdict"] == "genuine", kind
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
    for kind in ("text/html", "application/json", ""):
        answer = client.post("/api/v1/verify/file", data=b"x", content_type=kind)
        told = answer.get_json()
        assert (answer.status_code, told["code"]) == (415, "unknown_body")
        assert answer.mimetype == "application/problem+json"
    asked = client.options("/api/v1/verify/file", headers={"Origin": "https://x.it"})
    assert "POST" in asked.headers["Access-Control-Allow-Methods"]
    assert "Content-Type" in asked.headers["Access-Control-Allow-Headers"]


def test_more_than_ten_megabytes_are_not_taken(client: FlaskClient) -> None:
    content = b"%PDF-1.7\n" + bytes(11 * 1024 * 1024)
    sent = form(content, "a.pdf")
    assert client.post("/verify", **sent).status_code == 413
    for how in (sent, {"data": content, "content_type": "application/pdf"}):
        answer = client.post("/api/v1/verify/file", **how)
        assert (answer.status_code, answer.get_json()["code"]) == (413, "too_large")


def test_nothing_is_kept_or_written_of_a_file(
    client: FlaskClient, hand: Hand, tmp_path: Path
) -> None:
    pdf = paper_of(stories.certified())
    database.session.commit()
    before = sorted(tmp_path.rglob("*"))
    written: list[str] = []

    def note(*told: Any) -> None:
        if (
            not told[2]
            .lstrip()
            .upper()
            .startswith(("SELECT", "WITH", "BEGIN", "PRAGMA"))
        ):
            written.append(told[2])

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        for content in (pdf, pdf[:-4], b"text"):
            hand(content)
    finally:
        event.remove(database.engine, "before_cursor_execute", note)
    assert written == []
    assert sorted(tmp_path.rglob("*")) == before
    page = client.get("/it/verify")
    assert "Set-Cookie" not in page.headers


def test_the_page_asks_for_a_number_a_file_or_the_code(client: FlaskClient) -> None:
    page = client.get("/it/verify").text
    assert 'enctype="multipart/form-data"' in page
    assert "csrf_token" not in page
    for words in ("Ho un numero", "Ho il file", "Ho il documento di carta"):
        assert words in page
    assert "http://localhost/c/" in page


def test_where_many_files_are_looked_at_the_next_one_is_asked_to_come_again(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    pdf = paper_of(stories.certified())[:-4]
    monkeypatch.setattr(verification, "QUEUE", 0)
    for _ in range(verification.AT_ONCE):
        assert verification.TURNS.acquire(blocking=False)
    try:
        answer = client.post(
            "/api/v1/verify/file", data=pdf, content_type="application/pdf"
        )
    finally:
        for _ in range(verification.AT_ONCE):
            verification.TURNS.release()
    assert (answer.status_code, answer.get_json()["code"]) == (503, "busy")
    assert answer.headers["Retry-After"] == "30"
