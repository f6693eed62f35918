"""The pages of the register, for everyone, without session or script."""

from dataclasses import asdict
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from registry.accounts.access import open_to_everyone
from registry.accounts.limits import SEARCH, limiter
from registry.certificates.flower import flower_svg
from registry.certificates.layouts import has_look, look
from registry.certificates.numbers import Number
from registry.certificates.rules import next_anniversary
from registry.certificates.standing import Code
from registry.criteria.edition import Edition
from registry.criteria.explanation import read_rule
from registry.editions.queries import lives, shown_on
from registry.errors import N_, NotFound
from registry.organisations.rules import provinces
from registry.public import (
    answers,
    filters,
    holders,
    numbers,
    queries,
    searching,
    terms,
)
from registry.public.asked import Asked, Kind, read
from registry.public.history import (
    all_of,
    announced,
    changes,
    known,
    of_scheme,
    state_of,
)
from registry.public.pages import serve
from registry.public.phrases import period, sentences
from registry.public.verifying import number_page
from registry.services import services
from registry.web.downloads import attachment
from registry.web.language import choose, page_language

blueprint = Blueprint("public", __name__)
serve(blueprint)
LANGUAGE = "/<any(it, en):lang>"


@blueprint.get("/")
@open_to_everyone
def start() -> ResponseReturnValue:
    """The home page in the browser's language."""
    return redirect(url_for("public.home", lang=choose()))


@blueprint.get(f"{LANGUAGE}/")
@open_to_everyone
def home() -> ResponseReturnValue:
    """What the mark is, a box to search, how things stand, the latest certificates."""
    today, shown = services().today(), _shown()
    return render_template(
        "public/home.html",
        **shown,
        flower=_flower(shown["edition"]),
        numbers=numbers.today(today),
        latest=[answers.answer(one, today) for one in queries.latest(5, today)],
    )


def _shown() -> dict[str, Any]:
    """The edition that one applies under today, and that which takes over from it."""
    editions, today = services().editions, services().today()
    edition = shown_on(editions, today)
    return {
        "edition": edition,
        "announced": announced(edition, editions, lives(), today),
    }


@blueprint.get(f"{LANGUAGE}/register")
@open_to_everyone
@limiter.limit(SEARCH)
def register() -> ResponseReturnValue:
    """Everyone who has or had a certificate, and names in published lists."""
    if receipt := _receipt():
        return redirect(receipt)
    if filters.has_empty_words():
        return redirect(filters.further(None, None))
    return render_template("public/register.html", **searching.page())


@blueprint.get(f"{LANGUAGE}/register/<id:id_>")
@open_to_everyone
def holder(id_: int) -> ResponseReturnValue:
    """Everything public about a holder, on a day."""
    shown = holders.page(id_)
    certificate = shown["answer"].certificate
    about = _about(certificate) if certificate else {}
    return render_template("public/holder.html", **shown, **about)


@blueprint.get(f"{LANGUAGE}/register/listed/<id:id_>")
@open_to_everyone
def listing(id_: int) -> ResponseReturnValue:
    """What the owner of a scheme published about a name, and that we did not."""
    shown = queries.listing(id_)
    if shown is None:
        raise NotFound(N_("There is no such entry."))
    certified = shown.organisation_id and queries.holder(shown.organisation_id)
    return render_template(
        "public/listing.html",
        listing=shown,
        holder=certified[0] if certified else None,
        period=period,
        provinces=provinces(),
    )


@blueprint.get("/c/<number>")
@open_to_everyone
@limiter.limit(SEARCH)
def certificate(number: str) -> ResponseReturnValue:
    """What a certificate is worth: where its QR code leads; a past day if asked for."""
    asked, now = read(number), services().clock.now()
    shown = queries.numbered(asked.value) if asked.kind is Kind.CERTIFICATE else None
    if shown is None:
        return _unknown_number(asked), 404
    moment = holders.moment(request.args, now)
    answer = holders.of_certificate(shown, moment)
    return render_template(
        "public/certificate.html",
        answer=answer,
        asked=moment,
        today=services().today(),
        newer=queries.successor(shown) if answer.code is Code.SUPERSEDED else None,
        timeline=answers.timeline([shown], moment.on, moment.known_at),
        now=now,
        provinces=provinces(),
        **_about(shown),
    )


@blueprint.get("/c/<number>/<any(it, en):language>.pdf")
@open_to_everyone
@limiter.limit(SEARCH)
def download(number: str, language: str) -> ResponseReturnValue:
    """The sealed bytes, exactly as they are kept."""
    asked = read(number)
    shown = queries.numbered(asked.value) if asked.kind is Kind.CERTIFICATE else None
    sha256 = queries.paper(shown, language) if shown else None
    if shown is None or sha256 is None:
        raise NotFound(N_("There is no such paper."))
    name = f"{shown.number}{'' if language == 'it' else '-en'}.pdf"
    response = attachment(services().storage.read(sha256), name, "application/pdf")
    response.headers["Cache-Control"] = "public, max-age=86400"
    response.set_etag(sha256)
    return response


@blueprint.get(f"{LANGUAGE}/criteria")
@open_to_everyone
def criteria() -> ResponseReturnValue:
    """The editions of the criteria, newest first; drafts last, marked."""
    today, editions = services().today(), services().editions
    acts = lives()
    shown = [(one, state_of(one, editions, acts, today)) for one in all_of(editions)]
    return render_template("public/criteria.html", editions=shown)


@blueprint.get(f"{LANGUAGE}/criteria/<scheme>/<edition>")
@open_to_everyone
def edition(scheme: str, edition: str) -> ResponseReturnValue:
    """An edition in full, made from its data."""
    editions, today, acts = services().editions, services().today(), lives()
    shown = known(scheme, edition, editions)
    return render_template(
        "public/edition.html",
        edition=shown,
        state=state_of(shown, editions, acts, today),
        announced=announced(shown, editions, acts, today),
        changes=changes(shown),
        others=[one for one in of_scheme(scheme, editions) if one is not shown],
        flower=_flower(shown),
        rule=lambda id_: sentences(read_rule(shown, id_, page_language())),
        parameters=terms.of(shown),
    )


@blueprint.get("/verify")
@blueprint.get(f"{LANGUAGE}/verify")
@open_to_everyone
@limiter.limit(SEARCH)
def verify() -> ResponseReturnValue:
    """A box for a number, a place for a file; the answer in words."""
    if receipt := _receipt():
        return redirect(receipt)
    return number_page(request.args.get("q", ""))


def _receipt() -> str:
    """The page of the receipt whose number was typed; "" where none was."""
    asked = read(request.args.get("q", ""))
    if asked.kind is not Kind.RECEIPT:
        return ""
    return url_for("receipts.show", number=asked.value)


@blueprint.get(f"{LANGUAGE}/about")
@open_to_everyone
def about() -> ResponseReturnValue:
    """What the mark is, who checks, what is the register's own choice."""
    return render_template(
        f"public/about.{page_language()}.html",
        edition=shown_on(services().editions, services().today()),
    )


@blueprint.get(f"{LANGUAGE}/programs")
@open_to_everyone
def api_guide() -> ResponseReturnValue:
    """How a program asks the register."""
    return render_template(
        f"public/api_guide.{page_language()}.html", base=services().settings.base_url
    )


def _flower(edition: Edition) -> str:
    """The flower of a mark: all criteria of an edition met; none without a look."""
    if not has_look(edition.scheme):
        return ""
    petals = [one for one in edition.requirements if not one.gate]
    return flower_svg(
        [{"result": "met"}] * len(petals),
        look(edition.scheme),
        title=gettext("The flower of the mark: a petal for each criterion"),
    )


def _about(shown: Any) -> dict[str, Any]:
    """What holder and certificate pages say alike of one certificate."""
    pinned = services().editions.get(shown.edition)
    today = services().today()
    found = answers.criteria(shown, pinned, page_language())
    return {
        "edition": pinned,
        "criteria": found,
        "not_applicable": answers.not_applicable(shown, pinned, page_language()),
        "flower": flower_svg(
            [asdict(one) for one in found],
            look(shown.scheme),
            title=gettext(
                "The criteria of certificate %(number)s", number=shown.number
            ),
        ),
        "next_review": next_anniversary(shown, pinned, today) if pinned else None,
        "papers": queries.papers(shown),
    }


def _unknown_number(asked: Asked) -> str:
    example = Number("IMP", 2026, 123)
    return render_template(
        "public/unknown_number.html",
        asked=asked,
        example=str(example),
        said=filters.said,
    )
