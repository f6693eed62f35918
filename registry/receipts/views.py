"""Asking for a receipt, and finding out whether one is genuine; for everyone."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import force_locale
from werkzeug.datastructures import MultiDict

from registry.accounts.access import open_to_everyone
from registry.accounts.limits import limiter
from registry.clock import instant
from registry.criteria.schemes import published
from registry.db import READS_ONLY, db
from registry.errors import N_, Invalid, NotFound
from registry.receipts import checking, numbers, operations, printing, queries
from registry.receipts.checking import Checked
from registry.receipts.operations import Issued
from registry.receipts.telling import Told
from registry.services import services
from registry.verification import verdicts
from registry.verification.questions import SCHEME, question
from registry.web.downloads import attachment
from registry.web.language import LANGUAGES

blueprint = Blueprint("receipts", __name__)
#: Ours: each one is kept for ever, so they are rarer than questions.
ISSUE = "20 per minute;500 per day"
CHECK = "20 per minute"
FORMAT = "format"


class NoFile(Invalid):
    """No file was chosen."""


@blueprint.post("/receipts")
@open_to_everyone
@limiter.limit(ISSUE)
def issue() -> ResponseReturnValue:
    """Check once more, and give the signed receipt of it: as PDF, or as token."""
    asked = MultiDict((n, v) for n, v in request.form.items(multi=True) if n != FORMAT)
    made = issued_for(asked)
    if request.form.get(FORMAT) == "jwt":
        return token(made)
    return paper(made)


def issued_for(asked: "MultiDict[str, str]") -> Issued:
    """The receipt of a question as `/api/v1/verify` takes it; commits it."""
    doors = services()
    at = doors.clock.now()
    read = question(asked, at, published(doors.editions))
    told = verdicts.answer(read, at, doors.editions, doors.settings.base_url)
    made = operations.for_check(
        {
            read.by: read.value,
            "on": read.on.isoformat(),
            "known_at": instant(read.known_at or at),
            **({SCHEME: told.scheme} if told.scheme else {}),
        },
        told.model_dump(mode="json", exclude_none=True, exclude={"query", "ttl"}),
        at=at,
        signer=doors.signer,
    )
    db.session.commit()
    return made


def token(made: Issued) -> Response:
    """The signed text alone."""
    return attachment(made.jwt.encode(), f"{made.number}.jwt", "application/jwt")


def paper(made: Issued) -> Response:
    """The page to file, with the signed text inside."""
    page = printing.pdf(made.payload, made.jwt, services().paper)
    return attachment(page, f"{made.number}.pdf", "application/pdf")


@blueprint.get("/receipts")
@open_to_everyone
def index() -> ResponseReturnValue:
    """What a receipt is, and a place to have one checked."""
    return render_template("receipts/index.html", found=None)


@blueprint.get("/receipts/<number>")
@open_to_everyone
@limiter.limit(CHECK)
def show(number: str) -> ResponseReturnValue:
    """That a receipt of this number was issued, when, and its fingerprint."""
    receipt = queries.by_number(numbers.read(number))
    if receipt is None:
        raise NotFound(N_("There is no such receipt."))
    return render_template("receipts/show.html", receipt=receipt, found=None)


@blueprint.post("/receipts/check")
@open_to_everyone
@limiter.limit(CHECK)
def check() -> ResponseReturnValue:
    """Whether a file is a receipt of ours, and what it says; the file is not kept."""
    file = request.files.get("file")
    content = file.read(checking.MOST_BYTES + 1) if file else b""
    if not content:
        raise NoFile(N_("Choose the file of a receipt: PDF, JWT or JSON."))
    return render_template("receipts/index.html", found=looked_at(content))


@dataclass(frozen=True)
class Found:
    """What a file is; `same_page` says whether a PDF is the page we print."""

    checked: Checked
    same_page: bool | None

    @property
    def receipt(self) -> Told | None:
        """What it says, where that is to be believed."""
        return Told(self.checked.payload) if self.checked.payload else None


def looked_at(content: bytes) -> Found:
    """What the content of a file proves, with our keys and our list."""
    READS_ONLY.set(True)  # though a file was sent
    doors = services()
    checked = checking.check(content, doors.signer, queries.fingerprint_of)
    same = None
    if checked.payload and checked.jwt and content.startswith(b"%PDF-"):
        same = any(content == one for one in _pages(checked.payload, checked.jwt))
    return Found(checked, same)


def _pages(payload: dict[str, Any], jwt: str) -> Any:
    for language in LANGUAGES:
        with force_locale(language):
            yield printing.pdf(payload, jwt, services().paper)
