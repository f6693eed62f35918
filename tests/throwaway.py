"""Doors that keep what they are given: small real classes, never mocks."""

from dataclasses import dataclass, field
from email.message import EmailMessage

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
