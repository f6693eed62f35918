"""The scheme owner's pages: editions, their life, and what a draft would do."""

from functools import partial
from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from registry.accounts.access import current_person, open_to
from registry.accounts.models import SPEAKERS, Role
from registry.applications.models import Application
from registry.applications.operations import move_to_edition
from registry.applications.queries import get as get_application
from registry.applications.rules import may_move
from registry.applications.rules import other_editions as open_for
from registry.certificates.queries import get as get_certificate
from registry.criteria.difference_told import Changes
from registry.criteria.edition import Edition
from registry.criteria.facts import Basis
from registry.criteria.transition import sources
from registry.criteria.what_if import of_subject
from registry.db import db
from registry.editions import operations
from registry.editions import queries as editing
from registry.editions import rules as life
from registry.editions.models import EditionState as State
from registry.editions.queries import open_on
from registry.errors import N_, NotFound
from registry.schemes import figures, queries, rules
from registry.schemes.forms import ActForm, MoveForm
from registry.schemes.holders import ahead_of
from registry.schemes.known import count, everybody, of_holder
from registry.schemes.trying import try_on
from registry.services import services
from registry.web.language import page_language

blueprint = Blueprint("schemes", __name__)
AT = "/schemes/<scheme>/<edition>"
#: A list is for a person to read: longer ones show their beginning.
MOST = 200
#: What the owner may do next: the name of the act, the state it leads to, words.
ACTS = {
    "consult": (operations.consult, State.CONSULTATION, N_("Open it for comments")),
    "redraft": (operations.redraft, State.DRAFT, N_("Take it back to change it")),
    "adopt": (operations.adopt, State.ADOPTED, N_("Adopt this text")),
    "notify": (operations.notify, State.NOTIFIED, N_("Tell the holders")),
}
STEPS = {
    "in_force": N_("Comes into force"),
    "notice_ends": N_("Last day to tell the holders"),
    "old_applications": N_("Last new applications under the edition before"),
    "old_holders": N_("Last certificates under the edition before"),
    "adoptable": N_("May be adopted from this day"),
}


@blueprint.get("/schemes")
@open_to(Role.SCHEME_OWNER)
def index() -> ResponseReturnValue:
    """Every edition of every scheme, with where it stands in its life."""
    doors, lives = services(), editing.lives()
    today = doors.today()
    return render_template(
        "schemes/index.html",
        editions=life.every(doors.editions).values(),
        published=doors.editions,
        left_out=doors.editions.left_out,
        state=lambda one: life.state_on(one, lives, doors.editions, today),
    )


@blueprint.get(AT)
@open_to(Role.SCHEME_OWNER)
def show(scheme: str, edition: str) -> ResponseReturnValue:
    """One edition: its life, what comes next, what it changes."""
    doors, lives = services(), editing.lives()
    found = editing.named(f"{scheme}/{edition}", doors.editions)
    today, events = doors.today(), lives.get(found.key, [])
    old = life.predecessor(found, doors.editions)
    ahead = life.next_steps(found, lives, doors.editions)
    return render_template(
        "schemes/show.html",
        edition=found,
        old=old,
        state=life.state_on(found, lives, doors.editions, today),
        is_published=found.key in doors.editions,
        events=[
            {"at": e.at, "text": _(e.state.label), "who": e.by.name} for e in events
        ],
        ahead=[(on, STEPS[name]) for on, name in ahead if on >= today],
        acts=_open_acts(found, events),
        attached=editing.attached(found),
        changes=Changes.of(old, found, page_language()) if old else None,
        form=ActForm(),
    )


def _open_acts(edition: Edition, events: Any) -> dict[str, str]:
    published = edition.key in services().editions
    return {
        name: words
        for name, (_act, state, words) in ACTS.items()
        if life.may_follow(events, state)
        and (published if name == "notify" else not published or name == "adopt")
        and not (edition.replaces is None and name == "notify")
    }


@blueprint.post(f"{AT}/<any({', '.join(ACTS)}):name>")
@open_to(Role.SCHEME_OWNER)
def act(scheme: str, edition: str, name: str) -> ResponseReturnValue:
    """A step in the life of an edition."""
    doors = services()
    found = editing.named(f"{scheme}/{edition}", doors.editions)
    do: Any = ACTS[name][0]
    if name == "notify":
        do = partial(do, editions=doors.editions)
    do(found, by=current_person(), at=doors.clock.now())
    db.session.commit()
    flash(_("Done: it is in the records."), "success")
    return redirect(url_for("schemes.show", scheme=scheme, edition=edition))


@blueprint.get(f"{AT}/what-if")
@open_to(Role.SCHEME_OWNER)
def what_if(scheme: str, edition: str) -> ResponseReturnValue:
    """The draft against everybody, run now; nothing is written."""
    doors = services()
    new, old = _pair(scheme, edition)
    today, size = doors.today(), count(scheme, doors.today())
    tried = None
    if size <= rules.MOST_ON_A_PAGE:
        whom = everybody(scheme, doors.editions, today)
        tried = try_on(old, new, whom, today)
    kept = editing.attached(new)
    shown = tried.figures.to_json() if tried else kept.summary if kept else None
    return render_template(
        "schemes/what_if.html",
        edition=new,
        old=old,
        size=size,
        tried=tried,
        attached=kept,
        found=shown,
        whole=figures.whole(shown) if shown else None,
        groups=figures.groups(shown) if shown else {},
        obstacles=list(figures.obstacles(shown, new)) if shown else [],
        touched=figures.touched(tried)[:MOST] if tried else [],
        reasons=partial(_reasons, tried, new),
    )


def _pair(scheme: str, edition: str) -> tuple[Edition, Edition]:
    """An edition and the one it takes over from; NotFound without the second."""
    editions = services().editions
    new = editing.named(f"{scheme}/{edition}", editions)
    old = life.predecessor(new, editions)
    if old is None:
        raise NotFound(N_("A first edition takes nothing away from anybody."))
    return new, old


def _reasons(tried: Any, new: Edition, key: str) -> list[tuple[Any, list[str]]]:
    """Why one holder would not keep it: requirements not met, with the sentences."""
    one = tried.people[key]
    found = of_subject(
        one.edition, new, one.subject, one.day, Basis.VERIFIED, page_language()
    )
    return [
        (new.requirement(id_), found.reasons[id_])
        for id_, (before, after) in found.verdicts.items()
        if before != after and new.requirement(id_).mandatory
    ]


@blueprint.get(f"{AT}/what-if/<id:id_>")
@open_to(Role.SCHEME_OWNER)
def what_if_holder(scheme: str, edition: str, id_: int) -> ResponseReturnValue:
    """One holder under both editions: verdicts, reasons, and the answers."""
    doors = services()
    new, _old = _pair(scheme, edition)
    certificate, decision = queries.held(id_, scheme, doors.today())
    known = of_holder(certificate, decision, doors.editions)
    return render_template(
        "schemes/holder.html",
        edition=new,
        old=known.edition,
        certificate=certificate,
        on=known.day,
        case=known.subject.case,
        found=of_subject(
            known.edition,
            new,
            known.subject,
            known.day,
            Basis.VERIFIED,
            page_language(),
        ),
        sources=sources(new, known.edition),
    )


@blueprint.get(f"{AT}/statement")
@open_to(Role.SCHEME_OWNER)
def statement(scheme: str, edition: str) -> ResponseReturnValue:
    """What may be said in public of the figures attached: no small numbers."""
    new, old = _pair(scheme, edition)
    kept = editing.attached(new)
    small = new.parameters.small_number
    return render_template(
        "schemes/statement.html",
        edition=new,
        old=old,
        attached=kept,
        small=small,
        shown=figures.public(kept.summary, small) if kept else {},
        obstacles=list(figures.obstacles(kept.summary, new)) if kept else [],
    )


@blueprint.get("/certificates/<id:id_>/ahead")
@open_to(*SPEAKERS, Role.SECRETARIAT, Role.COMMITTEE, Role.ADMINISTRATOR)
def ahead(id_: int) -> ResponseReturnValue:
    """What lies ahead of a certificate: what lapses, and the coming edition."""
    doors, person = services(), current_person()
    certificate = get_certificate(id_, seen_by_user=person)
    today = doors.today()
    decision = queries.last_grant(certificate, today)
    seen = (
        ahead_of(certificate, decision, doors.editions, today, page_language())
        if decision
        else None
    )
    return render_template(
        "schemes/ahead.html", certificate=certificate, seen=seen, today=today
    )


@blueprint.get("/forecast")
@open_to(Role.SECRETARIAT)
def forecast() -> ResponseReturnValue:
    """The holders whose verdict would change in the next twelve months."""
    doors, most = services(), rules.MOST_ON_A_PAGE
    year = queries.year_ahead(doors.editions, doors.today(), most)
    return render_template(
        "schemes/forecast.html",
        months=figures.by_month(year.ahead, doors.today()),
        lapsed=year.lapsed,
        most=most,
    )


@blueprint.route("/applications/<id:id_>/edition", methods=["GET", "POST"])
@open_to(*SPEAKERS)
def move(id_: int) -> ResponseReturnValue:
    """A draft goes on under the other open edition, after seeing what that means."""
    doors, person = services(), current_person()
    application = get_application(id_, seen_by_user=person)
    old = doors.editions[application.edition]
    new = next(iter(other_editions(application)), None)
    form = MoveForm(of=application)
    act = partial(
        move_to_edition,
        application,
        new.key if new else "",
        doors.editions,
        by=person,
        at=doors.clock.now(),
    )
    if form.validate_on_submit() and form.does(act):
        db.session.commit()
        flash(
            _("The application goes on under %(key)s.", key=application.edition),
            "success",
        )
        return redirect(url_for("applications.show", id_=id_))
    page = render_template(
        "schemes/move.html",
        application=application,
        old=old,
        new=new,
        sources=sources(new, old) if new else {},
        form=form,
    )
    return page, form.status


def other_editions(application: Application) -> list[Edition]:
    """Under which other editions a draft of this person may go on."""
    if not may_move(application, current_person()):
        return []
    doors = services()
    return open_for(
        application, open_on(doors.editions, doors.today(), application.scheme)
    )


@blueprint.app_context_processor
def question() -> dict[str, Any]:
    """`other_editions(application)` for the task list of an application."""
    return {"other_editions": other_editions}
