"""Doors that keep what they are given: small real classes, never mocks."""

from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Any

from registry.postman import Undelivered


@dataclass
class Letterbox:
    """A postman who keeps every letter in `letters`."""

    letters: list[EmailMessage] = field(default_factory=list)
    ready: bool = True

    def deliver(self, message: EmailMessage) -> None:
        self.letters.append(message)

    def to(self, address: str) -> list[EmailMessage]:
        """The letters to one address, oldest first."""
        return [letter for letter in self.letters if address in letter["To"]]


@dataclass
class ClosedPostOffice:
    """A postman who takes nothing, and says why."""

    ready: bool = True

    def deliver(self, message: EmailMessage) -> None:
        raise Undelivered("The post office is closed.")


class Counted:
    """The application behind the layer, counting how often it is asked."""

    def __init__(self, app: Any) -> None:
        self.app, self.times = app, 0

    def __call__(self, environ: Any, start_response: Any) -> Any:
        self.times += 1
        return self.app(environ, start_response)
