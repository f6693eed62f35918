"""Letters go through real servers: one that takes them, one that refuses, one that cuts
the line after taking the letter."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from registry.accounts.models import Role
from registry.mail.jobs import deliver_waiting
from registry.mail.models import LetterState
from registry.mail.operations import MOST_ATTEMPTS, post
from registry.postman import SmtpPostman
from tests import factories


class Receiver:
    """Keeps what it is given, or does something worse."""

    def __init__(self, answer: str = "250 OK") -> None:
        self.answer = answer
        self.messages: list[bytes] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        if self.answer.startswith("250") or self.answer == "cut":
            self.messages.append(envelope.content)
        if self.answer == "cut":
            server.transport.abort()
            return "250 too late"
        return self.answer


@contextmanager
def a_server(receiver: Receiver) -> Iterator[SmtpPostman]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(receiver, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield SmtpPostman(f"smtp://127.0.0.1:{port}", timeout=5)
    finally:
        controller.stop()


@pytest.fixture
def letter(app, db, clock):
    reader = factories.person(Role.SECRETARIAT, name="Anna Però")
    [made] = post(
        "mail/trial",
        to=[reader],
        about="trial:1",
        at=clock.now(),
        day=clock.now(),
    )
    db.session.commit()
    return made


@pytest.fixture(autouse=True)
def _trial_letter(tmp_path, monkeypatch):
    """A letter template of this test's own."""
    from registry.mail import writing

    folder = tmp_path / "mail" / "mail"
    folder.mkdir(parents=True)
    text = (
        "Prova per {{ recipient.name }}\n\nÈ il {{ day|day }}.\n\n{{ link('/desk') }}\n"
    )
    for language in ("it", "en"):
        (folder / f"trial.{language}.txt").write_text(text, encoding="utf-8")
    writing._letters.cache_clear()
    monkeypatch.setattr(writing, "TEMPLATES", tmp_path)
    yield
    writing._letters.cache_clear()


def bring(app, postman: SmtpPostman, at) -> int:
    doors = app.extensions["registry"]
    app.extensions["registry"] = replace(doors, postman=postman)
    try:
        return deliver_waiting(at)
    finally:
        app.extensions["registry"] = doors


def test_a_letter_arrives_whole_in_text_and_html(app, db, clock, letter):
    receiver = Receiver()
    with a_server(receiver) as postman:
        assert bring(app, postman, clock.now()) == 1
        assert bring(app, postman, clock.now()) == 0, "sent once"

    from email import message_from_bytes, policy

    got = message_from_bytes(receiver.messages[0], policy=policy.default)
    assert got["Message-ID"] == letter.message_id
    assert got["Subject"] == "Prova per Anna Però"
    assert "È il 2 marzo 2026." in got.get_body(("plain",)).get_content()
    assert "http://localhost/desk" in got.get_body(("plain",)).get_content()
    assert '<a href="http://localhost/desk">' in got.get_body(("html",)).get_content()
    db.session.refresh(letter)
    assert (letter.state, letter.attempts) == (LetterState.SENT, 1)


def test_a_server_that_refuses_is_asked_again_for_four_hours(app, db, clock, letter):
    receiver = Receiver("451 later, please")
    with a_server(receiver) as postman:
        bring(app, postman, clock.now())
        assert bring(app, postman, clock.now() + timedelta(minutes=1)) == 0
    db.session.refresh(letter)
    assert letter.state is LetterState.WAITING
    assert "451" in letter.last_error
    assert letter.next_attempt_at == clock.now() + timedelta(minutes=5)
    assert timedelta(minutes=5) * MOST_ATTEMPTS == timedelta(hours=4)


def test_after_the_last_attempt_it_needs_a_person(app, db, clock, letter):
    letter.attempts = MOST_ATTEMPTS - 1
    db.session.commit()
    with a_server(Receiver("550 no")) as postman:
        bring(app, postman, clock.now())
    db.session.refresh(letter)
    assert letter.state is LetterState.FAILED


def test_a_line_cut_after_the_letter_was_taken_brings_the_same_letter_again(
    app, db, clock, letter
):
    cutting, good = Receiver("cut"), Receiver()
    with a_server(cutting) as postman:
        bring(app, postman, clock.now())
    with a_server(good) as postman:
        assert bring(app, postman, clock.now() + timedelta(minutes=6)) == 1

    ids = {
        line
        for message in [*cutting.messages, *good.messages]
        for line in message.splitlines()
        if line.startswith(b"Message-ID")
    }
    assert len(cutting.messages) == len(good.messages) == 1
    assert ids == {f"Message-ID: {letter.message_id}".encode()}


def test_with_nobody_listening_letters_wait(app, db, clock, letter):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        bring(app, SmtpPostman(f"smtp://127.0.0.1:{port}", timeout=2), clock.now())
    db.session.refresh(letter)
    assert letter.state is LetterState.WAITING
    assert letter.attempts == 1


def test_a_secret_letter_loses_its_words_once_sent(app, db, clock, letter):
    letter.secret = True
    db.session.commit()
    with a_server(Receiver()) as postman:
        bring(app, postman, clock.now())
    db.session.refresh(letter)
    assert letter.body is None
