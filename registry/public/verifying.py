"""Whether a certificate holds: by a number, or by a file somebody was handed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from flask import Blueprint, Response, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from registry.accounts.access import open_to_everyone
from registry.accounts.limits import FILES, limiter
from registry.certificates.handed import Handed, look_at, said_in_words
from registry.certificates.layouts import mark_of
from registry.certificates.models import Certificate
from registry.certificates.standing import REASONS, Standing
from registry.certificates.verdicts import SENTENCES, Answer, Verdict
from registry.certificates.verification import MOST_BYTES
from registry.criteria.schemes import MAIN_SCHEME, published
from registry.errors import N_
from registry.organisations.models import Listing
from registry.public import answers, filters, queries
from registry.public.asked import Asked, Kind, read, shown
from registry.public.finding import BySession
from registry.public.numbered import Numbered, numbered
from registry.public.pages import serve
from registry.receipts import checking
from registry.receipts import views as receipts
from registry.services import services
from registry.web.filters import moment
from registry.web.standings import standing_look

#: For what is sent beside the file itself.
ROOM = 64 * 1024
blueprint = Blueprint("verifying", __name__)
serve(blueprint)
#: How each verdict looks, in the tones of the standings.
LOOKS = {
    Verdict.GENUINE: ("good", "check"),
    Verdict.ALTERED: ("stop", "cross"),
    Verdict.NOT_SEALED_BY_US: ("stop", "cross"),
    Verdict.SEALED_BUT_UNKNOWN: ("stop", "cross"),
    Verdict.NOT_A_CERTIFICATE: ("calm", "info"),
    Verdict.UNREADABLE: ("calm", "info"),
}


@dataclass(frozen=True)
class FileAnswer:
    """A verdict as the page lists it."""

    label: str
    meaning: str
    tone: str
    icon: str


@dataclass(frozen=True)
class Shown:
    """What the page says of a file."""

    answer: Answer
    certificate: Certificate | None
    standing: Standing | None
    stands: bool
    headline: str
    #: The number a file claims that is not genuine, where such a certificate exists.
    claimed: str

    @property
    def tone(self) -> str:
        """Its colour: of the standing where there is one."""
        if self.standing:
            return standing_look(self.standing.code).tone
        return LOOKS[self.answer.verdict][0]

    @property
    def icon(self) -> str:
        """Its sign."""
        return LOOKS[self.answer.verdict][1]

    @property
    def holder(self) -> str:
        """The name on the certificate."""
        held = self.certificate
        return str(held.facts["organisation"]["name"]) if held else ""

    @property
    def newer(self) -> Certificate | None:
        """The certificate that took the place of this one."""
        return queries.successor(self.certificate) if self.certificate else None

    @property
    def meaning(self) -> str:
        """What follows from the standing."""
        return answers.WORDS[self.standing.code].meaning if self.standing else ""

    @property
    def reason(self) -> str:
        """Why it does not stand."""
        code = self.standing.reason_code if self.standing else None
        return REASONS.get(str(code), "")

    @property
    def rows(self) -> list[tuple[str, str]]:
        """What is known of the file, as the page lists it."""
        answer = self.answer
        rows = [(gettext("Kind of file"), gettext(answer.kind.label))]
        if answer.number:
            says = gettext("Number") if answer.genuine else gettext("Number it claims")
            rows.append((says, answer.number))
        if answer.signer:
            rows.append((gettext("Seal in the name of"), shown(answer.signer)))
        if answer.sealed_at:
            sealed = datetime.fromisoformat(answer.sealed_at)
            rows.append((gettext("Sealed on"), moment(sealed)))
        if answer.level:
            rows.append((gettext("Level of the seal"), answer.level))
        return rows


@blueprint.post("/verify")
@blueprint.post("/<any(it, en):lang>/verify")
@open_to_everyone
@limiter.limit(FILES)
def verify_file() -> ResponseReturnValue:
    """What a file is, and what its certificate is worth today; it is not kept."""
    request.max_content_length = MOST_BYTES + ROOM
    given = request.files.get("file")
    content = given.read() if given else b""
    if not content:
        none = N_("Choose a file: the PDF of a certificate, or its credential.")
        return _unkept(page(Asked(Kind.NOTHING, ""), no_file=none), 422)
    if len(content) <= checking.MOST_BYTES and (receipt := _receipt(content)):
        return _unkept(receipt, 200)
    return _unkept(page(Asked(Kind.NOTHING, ""), handed=look_at(content)), 200)


def _receipt(content: bytes) -> str:
    """What is said of a receipt; "" of any other file."""
    found = receipts.looked_at(content)
    if found.receipt is None:
        return ""
    return render_template("receipts/index.html", found=found)


def number_page(typed: str) -> str:
    """The page with the answer about what was typed, if anything was."""
    asked = read(typed)
    if not asked.is_number or asked.problem:
        return page(asked)
    today = services().today()
    answer = numbered(asked, today, BySession(today))
    only_listed = answer.holder and not answer.number
    listings = queries.listings_of(answer.holder) if only_listed else ()
    others = _of_other_marks(asked, today) if answer.elsewhere else []
    return page(asked, answer=answer, others=others, listings=listings)


def _of_other_marks(asked: Asked, today: date) -> list[Numbered]:
    """The answers about the other marks that whoever bears a number has or had."""
    schemes = published(services().editions)
    found = [numbered(asked, today, BySession(today), one) for one in schemes[1:]]
    return [one for one in found if one.number]


def page(
    asked: Asked,
    *,
    answer: Numbered | None = None,
    others: Sequence[Numbered] = (),
    listings: Sequence[Listing] = (),
    handed: Handed | None = None,
    no_file: str = "",
) -> str:
    """The one page for asking, with what is answered."""
    return render_template(
        "public/verify.html",
        asked=asked,
        answer=answer,
        others=others,
        main_mark=mark_of(MAIN_SCHEME),
        listings=listings,
        handed=_shown(handed) if handed else None,
        no_file=no_file,
        meanings=[(code, words.meaning) for code, words in answers.WORDS.items()],
        file_answers=[
            FileAnswer(verdict.label, SENTENCES[verdict], *look)
            for verdict, look in LOOKS.items()
        ],
        address=f"{services().settings.base_url}/c/",
        now=services().clock.now(),
        said=filters.said,
    )


def _shown(handed: Handed) -> Shown:
    answer, certificate = handed.answer, handed.certificate
    known = None if certificate else queries.numbered(answer.number)
    return Shown(
        answer=answer,
        certificate=certificate,
        standing=handed.standing,
        stands=handed.stands,
        headline=said_in_words(handed),
        claimed=known.number if known else "",
    )


def _unkept(page: str, status: int) -> Response:
    response = make_response(page, status)
    response.headers["Cache-Control"] = "no-store"
    return response
