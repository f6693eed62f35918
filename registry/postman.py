"""One letter in, one letter out by SMTP."""

import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Protocol
from urllib.parse import unquote, urlsplit

from registry.errors import N_, Unavailable


class Undelivered(Unavailable):
    """The mail server did not take the letter; it may be tried again."""


class Postman(Protocol):
    @property
    def ready(self) -> bool:
        """False when there is no server to bring letters to: they wait."""
        ...

    def deliver(self, message: EmailMessage) -> None:
        """Hand the letter to the server; raises Undelivered."""
        ...


class NoPostman:
    ready = False

    def deliver(self, message: EmailMessage) -> None:
        raise Undelivered(N_("No mail server is set (REGISTRY_SMTP_URL)."))


@dataclass(frozen=True)
class SmtpPostman:
    """smtp://user:password@host:port (STARTTLS when offered) or smtps://…"""

    url: str
    timeout: float = 20.0  # seconds
    ready: bool = True

    def deliver(self, message: EmailMessage) -> None:
        parts = urlsplit(self.url)
        host, port = parts.hostname or "localhost", parts.port
        try:
            with self._open(parts.scheme, host, port) as server:
                if parts.scheme == "smtp" and server.has_extn("starttls"):
                    server.starttls(context=ssl.create_default_context())
                    server.ehlo()
                if parts.username:
                    server.login(unquote(parts.username), unquote(parts.password or ""))
                server.send_message(message)
        except (OSError, smtplib.SMTPException) as error:
            raise Undelivered(
                N_("The mail server did not take the letter: %(error)s"),
                error=str(error)[:200],
            ) from error

    def _open(self, scheme: str, host: str, port: int | None) -> smtplib.SMTP:
        if scheme == "smtps":
            context = ssl.create_default_context()
            return smtplib.SMTP_SSL(
                host, port or 465, timeout=self.timeout, context=context
            )
        server = smtplib.SMTP(host, port or 25, timeout=self.timeout)
        server.ehlo()
        return server
