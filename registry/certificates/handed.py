"""A file somebody was handed: what it is, and what its certificate is worth today."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ParamSpec, TypeVar

from flask_babel import gettext

from registry.certificates.models import Certificate
from registry.certificates.numbers import Number
from registry.certificates.queries import by_number
from registry.certificates.register import SealedFiles
from registry.certificates.rules import CERTIFIED, standing_of
from registry.certificates.standing import Code, Standing
from registry.certificates.verdicts import Answer
from registry.certificates.verification import look_apart, open_apart, verify
from registry.db import READS_ONLY, db
from registry.errors import N_
from registry.services import services
from registry.translations.elision import elided
from registry.web.filters import day
from registry.web.language import page_language

#: A genuine file in one sentence, by what its certificate is worth.
SAID = {
    Code.VALID: N_("Genuine and valid today."),
    Code.IN_UPDATE: N_(
        "Genuine and valid today; its yearly re-check is being decided since %(day)s."
    ),
    Code.SUSPENDED: N_("Genuine, but suspended since %(day)s."),
    Code.WITHDRAWN: N_("Genuine, but withdrawn since %(day)s."),
    Code.EXPIRED: N_("Genuine, but expired since %(day)s."),
    Code.ENDED_BY_HOLDER: N_("Genuine, but given up by its holder since %(day)s."),
    Code.SUPERSEDED: N_("Genuine, but replaced by a newer certificate since %(day)s."),
    # Issued, says the file, on a day to come.
    Code.NEVER_CERTIFIED: N_("Genuine, but not in force yet."),
}
Asked = ParamSpec("Asked")
Found = TypeVar("Found")


@dataclass(frozen=True)
class Handed:
    """What a file is; of a genuine one also its certificate and its standing."""

    answer: Answer
    certificate: Certificate | None = None
    standing: Standing | None = None

    @property
    def stands(self) -> bool:
        """Whether one may rely on it today: genuine, and its certificate in force."""
        return self.standing is not None and self.standing.code in CERTIFIED

    @property
    def said(self) -> str:
        """The answer in one sentence, to be translated; `%(day)s` is `since`."""
        return SAID[self.standing.code] if self.standing else self.answer.label


def look_at(content: bytes) -> Handed:
    """
    What `content` is and is worth today; for pages and programs.

    Raises Busy when too many files are looked at. Nothing is written or kept.
    """
    READS_ONLY.set(True)  # whatever the method: no writer waits for a file to be read
    doors = services()
    answer = verify(
        content,
        trusted=doors.seal.trusted(),
        keys=doors.signer.jwks(),
        register=SealedFiles(),
        look=_without_connection(look_apart),
        open_=_without_connection(open_apart),
    )
    if not answer.genuine:
        return Handed(answer)
    certificate = by_number(Number.read(answer.number))
    return Handed(answer, certificate, standing_of(certificate, doors.today()))


def said_in_words(handed: Handed) -> str:
    """The answer in one sentence, in the reader's language."""
    since = handed.standing.since if handed.standing else None
    said = str(gettext(handed.said, day=day(since)))
    return elided(said) if page_language() == "it" else said


def _without_connection(look: Callable[Asked, Found]) -> Callable[Asked, Found]:
    """Nobody else waits for our connection while a file is read."""

    def looked(*args: Asked.args, **kwargs: Asked.kwargs) -> Found:
        db.session.rollback()
        return look(*args, **kwargs)

    return looked
