"""Reporting a doubt without an account, following it, and the secretariat's desk."""

import secrets
from functools import partial
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request
from flask import url_for as url
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from registry.accounts.access import current_person, open_to, open_to_everyone
from registry.accounts.limits import SEARCH, everyone, limiter
from registry.accounts.models import Role
from registry.accounts.queries import the_registry
from registry.complaints import operations, queries, rules
from registry.complaints.forms import ActForm, CloseForm, NoteForm, ReportForm
from registry.complaints.models import Complaint, ComplaintState, Outcome, Topic
from registry.db import db
from registry.errors import N_, NotFound
from registry.organisations.models import Organisation
from registry.services import services
from registry.web.language import page_language
from registry.web.origin import FromElsewhere, is_surely_ours
from registry.web.paging import page_of

blueprint = Blueprint("complaints", __name__)
LANGUAGE = "/<any(it, en):lang>"
#: What may be done with a doubt: the operation, and from which state.
ACTS = {
    "admit": (operations.admit, ComplaintState.RECEIVED),
    "reject": (operations.reject, ComplaintState.RECEIVED),
}


@blueprint.url_value_preprocessor
def drop_language(endpoint: str | None, values: dict[str, Any] | None) -> None:
    """The language of an address is read by registry.web.language, not by views."""
    if values:
        values.pop("lang", None)


@blueprint.after_request
def keep_nowhere(response: Response) -> Response:
    """No browser or proxy keeps what somebody reported."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


@blueprint.get(f"{LANGUAGE}/register/<id:id_>/doubt")
@open_to_everyone
@limiter.limit(SEARCH)
def report(id_: int) -> ResponseReturnValue:
    """The form of a doubt about a holder."""
    return render_template(
        "complaints/report.html",
        organisation=queries.holder(id_),
        form=ReportForm(),
        days=rules.WORKING_DAYS,
        months=rules.KEPT_MONTHS,
    )


def has_opened(response: Response) -> bool:
    """Whether a doubt was taken: one that needs correcting does not count."""
    return response.status_code == 303


@blueprint.post(f"{LANGUAGE}/register/<id:id_>/doubt")
@open_to_everyone
@limiter.limit(rules.FROM_ADDRESS, deduct_when=has_opened)
@limiter.limit(rules.ALTOGETHER, key_func=everyone)
def receive(id_: int) -> ResponseReturnValue:
    """Open the case; what a program filled in goes nowhere."""
    if not is_surely_ours():
        raise FromElsewhere(N_("This request comes from another site."))
    organisation, form, key = queries.holder(id_), ReportForm(), _new_key()
    if form.is_from_a_program:
        return redirect(url("public.holder", id_=id_))
    if form.validate_on_submit() and form.does(partial(_open, organisation, form, key)):
        db.session.commit()
        return redirect(url("complaints.follow", key=key, new=1), 303)
    return render_template(
        "complaints/report.html",
        organisation=organisation,
        form=form,
        days=rules.WORKING_DAYS,
        months=rules.KEPT_MONTHS,
    ), form.status


def _new_key() -> str:
    return secrets.token_urlsafe(24)


def _open(organisation: Organisation, form: ReportForm, key: str) -> None:
    operations.report(
        organisation,
        Topic(form.topic.data),
        form.words.data,
        form.email.data,
        language=page_language(),
        key=key,
        by=the_registry(),
        at=services().clock.now(),
    )


@blueprint.get(f"{LANGUAGE}/doubts/<key>")
@open_to_everyone
@limiter.limit(SEARCH)
def follow(key: str) -> ResponseReturnValue:
    """Where a doubt stands, for whoever raised it."""
    found = queries.by_key(key)
    if found is None:
        raise NotFound(N_("There is no such report."))
    return render_template(
        "complaints/follow.html",
        complaint=found,
        acts=rules.told(found),
        is_new="new" in request.args,
        address=f"{services().settings.base_url}{url('complaints.follow', key=key)}",
    )


@blueprint.get("/complaints")
@open_to(Role.SECRETARIAT)
def index() -> ResponseReturnValue:
    """The doubts that wait, and those that ended."""
    ended = "ended" in request.args
    return render_template(
        "complaints/index.html",
        page=page_of(queries.listed(current_person(), still_open=not ended)),
        ended=ended,
        today=services().today(),
        is_late=rules.is_late,
    )


@blueprint.get("/complaints/<id:id_>")
@open_to(Role.SECRETARIAT)
def show(id_: int) -> ResponseReturnValue:
    """One doubt, its acts, and what comes next."""
    found = queries.get(id_, user=current_person())
    return _page(found, ActForm(of=found), NoteForm(of=found), CloseForm(of=found))


@blueprint.post(f"/complaints/<id:id_>/<any({', '.join(ACTS)}):name>")
@open_to(Role.SECRETARIAT)
def act(id_: int, name: str) -> ResponseReturnValue:
    """Find it admissible or not."""
    found = queries.get(id_, user=current_person())
    form = ActForm(of=found)
    do = partial(ACTS[name][0], found)
    if form.validate_on_submit() and form.does(lambda: do(form.words.data, **_who())):
        return _done(found)
    return _page(found, form, NoteForm(None, of=found), CloseForm(None, of=found))


@blueprint.post("/complaints/<id:id_>/note")
@open_to(Role.SECRETARIAT)
def note(id_: int) -> ResponseReturnValue:
    """A note on the way."""
    found = queries.get(id_, user=current_person())
    form = NoteForm(of=found)
    do = partial(operations.note, found)
    if form.validate_on_submit() and form.does(lambda: do(form.note.data, **_who())):
        return _done(found)
    return _page(found, ActForm(None, of=found), form, CloseForm(None, of=found))


@blueprint.post("/complaints/<id:id_>/close")
@open_to(Role.SECRETARIAT)
def close(id_: int) -> ResponseReturnValue:
    """What was found."""
    found = queries.get(id_, user=current_person())
    form = CloseForm(of=found)
    if form.validate_on_submit() and form.does(partial(_close, found, form)):
        return _done(found)
    return _page(found, ActForm(None, of=found), NoteForm(None, of=found), form)


def _close(found: Complaint, form: CloseForm) -> None:
    operations.close(found, Outcome(form.outcome.data), form.words.data, **_who())


def _who() -> dict[str, Any]:
    return {"by": current_person(), "at": services().clock.now()}


def _done(found: Complaint) -> ResponseReturnValue:
    db.session.commit()
    flash(_("Done: it is in the records."), "success")
    return redirect(url("complaints.show", id_=found.id))


def _page(
    found: Complaint, act_form: ActForm, note_form: NoteForm, close_form: CloseForm
) -> ResponseReturnValue:
    who = current_person()
    page = render_template(
        "complaints/show.html",
        complaint=found,
        may_handle=rules.may_handle(found, who, queries.took_part(found, who)),
        is_open=rules.is_open(found),
        is_late=rules.is_late(found, services().today()),
        act_form=act_form,
        note_form=note_form,
        close_form=close_form,
    )
    status = max(form.status for form in (act_form, note_form, close_form))
    return page, status
