"""Bringing the letters: each once, again when the server did not take it."""

from datetime import datetime, timedelta
from email.headerregistry import Address
from email.message import EmailMessage

from registry.jobs import one_by_one
from registry.mail import operations, queries
from registry.mail.models import Letter
from registry.mail.writing import complete, html_twin
from registry.postman import Undelivered
from registry.services import services

#: A letter being handed over is nobody else's for so long.
LEASE = timedelta(minutes=5)


def compose(letter: Letter, body: str) -> EmailMessage:
    """The letter as it travels: text, a plain HTML twin, its own fixed Message-ID."""
    settings = services().settings
    message = EmailMessage()
    message["Message-ID"] = letter.message_id
    message["Date"] = letter.written_at
    message["From"] = Address(settings.body_name, addr_spec=settings.mail_from)
    message["To"] = Address(letter.to_name, addr_spec=letter.to_email)
    message["Subject"] = letter.subject
    message["Auto-Submitted"] = "auto-generated"
    message["Content-Language"] = letter.language
    text = complete(body, settings.base_url)
    message.set_content(text)
    message.add_alternative(html_twin(text, letter.language), subtype="html")
    return message


def deliver_waiting(at: datetime) -> int:
    """Hand every letter that is due to the server; they wait where there is none."""
    postman = services().postman
    if not postman.ready:
        return 0

    def load(id_: int) -> Letter | None:
        letter = queries.due(id_, at)
        if letter:
            operations.lease(letter, at + LEASE)
        return letter

    def work(letter: Letter) -> None:
        try:
            postman.deliver(compose(letter, letter.body or ""))
        except Undelivered as refusal:
            operations.put_off(letter, str(refusal), at=at)
        else:
            operations.mark_sent(letter, at=at)

    return one_by_one(queries.waiting(at), load, work)


def forget_secrets(at: datetime) -> int:
    """Take the sign-in links out of letters that nobody will bring any more."""

    def load(id_: int) -> Letter | None:
        return queries.with_secret(id_)

    def work(letter: Letter) -> None:
        operations.forget(letter)

    return one_by_one(queries.old_secrets(at), load, work)
