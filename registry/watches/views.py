"""Watched suppliers: the list, when to be told, the calendar."""

from collections import Counter
from datetime import datetime
from typing import TypedDict

from flask import Blueprint, Response, flash, redirect, render_template, request
from flask import url_for as url
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from registry.accounts.access import current_person, open_to, open_to_everyone
from registry.accounts.forms import ActForm
from registry.accounts.models import Role, User
from registry.db import db
from registry.errors import N_, NotFound
from registry.organisations.models import Organisation
from registry.organisations.queries import spoken_for_by
from registry.services import services
from registry.suppliers.queries import called
from registry.suppliers.vault import the_vault
from registry.watches import calendar, lists, operations, queries, rules
from registry.watches.forms import IdentifiersForm, TellingForm
from registry.watches.models import Telling
from registry.watches.secrecy import Secrecy, the_secrecy


class Hands(TypedDict):
    """What keeps the list unreadable, who acts, and when."""

    secrecy: Secrecy
    by: User
    at: datetime


blueprint = Blueprint("watches", __name__, url_prefix="/watches")

KEEPERS = (Role.COMPANY, Role.COOPERATIVE)
#: A list is for a person to read: a longer one shows its beginning.
MOST_SHOWN = 1_000


@blueprint.get("")
@open_to(*KEEPERS)
def index() -> ResponseReturnValue:
    """The list of the organisation I speak for; where they are several, which."""
    found = spoken_for_by(current_person())
    if len(found) == 1:
        return redirect(url(".show", id_=found[0].id))
    return render_template("watches/index.html", organisations=found)


@blueprint.get("/<id:id_>")
@open_to(*KEEPERS)
def show(id_: int) -> ResponseReturnValue:
    """Whom the company watches, as far as they are certified; how it is told."""
    return _page(_company(id_), IdentifiersForm())


def _company(id_: int) -> Organisation:
    return queries.organisation_of(id_, seen_by_user=current_person())


def _page(company: Organisation, form: IdentifiersForm) -> ResponseReturnValue:
    found = queries.list_of(company)
    watched = queries.suppliers(company, the_secrecy(), services().today())
    telling, vault = found.telling if found else Telling.DAILY, the_vault()
    page = render_template(
        "watches/show.html",
        company=company,
        list=found,
        size=queries.size(company),
        suppliers=watched[:MOST_SHOWN],
        holders=len({one.organisation_id for one in watched}),
        counts=Counter(one.standing.code for one in watched),
        webhooks=queries.webhooks_of(company),
        checked=[(one, called(one, vault)) for one in lists.checked(company)],
        form=form,
        telling=TellingForm(formdata=None, telling=telling),
        act=ActForm(),
    )
    return page, form.status


@blueprint.post("/<id:id_>/identifiers")
@open_to(*KEEPERS)
def identifiers(id_: int) -> ResponseReturnValue:
    """Watch some suppliers, or watch them no more."""
    company, form = _company(id_), IdentifiersForm()
    removes = request.form.get("act") == "remove"
    act = operations.unwatch if removes else operations.watch
    done: list[int] = []
    if not form.validate_on_submit() or not form.does(
        lambda: done.append(act(company, _typed(form), **hands()))
    ):
        return _page(company, form)
    db.session.commit()
    flash(_removed(done[0]) if removes else _added(done[0]), "success")
    return redirect(url(".show", id_=id_))


def _typed(form: IdentifiersForm) -> operations.Identifiers:
    return rules.typed_identifiers(form.identifiers.data)


def hands() -> Hands:
    """What operations on lists and webhooks are given besides their subject."""
    at = services().clock.now()
    return {"secrecy": the_secrecy(), "by": current_person(), "at": at}


def _added(number: int) -> str:
    return str(
        ngettext(
            "One identifier more is watched.",
            "%(num)s identifiers more are watched.",
            number,
        )
    )


def _removed(number: int) -> str:
    return str(
        ngettext(
            "One identifier is no longer watched.",
            "%(num)s identifiers are no longer watched.",
            number,
        )
    )


@blueprint.post("/<id:id_>/holders/<id:piece_id>/remove")
@open_to(*KEEPERS)
def remove_holder(id_: int, piece_id: int) -> ResponseReturnValue:
    """Watch a holder no more, under whichever number it stands in the list."""
    company, holder = _company(id_), queries.holder(piece_id)
    if ActForm().validate_on_submit():
        number = operations.unwatch_holder(company, holder, **hands())
        db.session.commit()
        flash(_removed(number), "success")
    return redirect(url(".show", id_=id_))


@blueprint.post("/lists/<id:id_>")
@open_to(Role.COMPANY)
def add_list(id_: int) -> ResponseReturnValue:
    """Watch everybody in a list that the company had checked."""
    of = lists.get(id_, seen_by_user=current_person())
    found = lists.identifiers(of, the_vault())
    if ActForm().validate_on_submit():
        number = operations.watch(of.company, found, **hands())
        db.session.commit()
        flash(_added(number), "success")
    return redirect(url(".show", id_=of.company_id))


@blueprint.post("/<id:id_>/telling")
@open_to(*KEEPERS)
def telling(id_: int) -> ResponseReturnValue:
    """Choose when the company is written to."""
    company, form = _company(id_), TellingForm()
    if form.validate_on_submit():
        wanted, at = Telling(form.telling.data), services().clock.now()
        operations.choose(company, wanted, by=current_person(), at=at)
        db.session.commit()
        flash(_("Saved."), "success")
    return redirect(url(".show", id_=id_))


@blueprint.post("/<id:id_>/erase")
@open_to(*KEEPERS)
def erase(id_: int) -> ResponseReturnValue:
    """Erase the whole list at once."""
    company = _company(id_)
    if ActForm().validate_on_submit():
        at = services().clock.now()
        operations.erase(company, by=current_person(), at=at)
        db.session.commit()
        flash(_("The list is empty: nothing of it is left."), "success")
    return redirect(url(".show", id_=id_))


@blueprint.post("/<id:id_>/calendar")
@open_to(*KEEPERS)
def open_calendar(id_: int) -> ResponseReturnValue:
    """A secret address for the calendar: on the page that answers, and never again."""
    company = _company(id_)
    if not ActForm().validate_on_submit():
        return redirect(url(".show", id_=id_))
    at = services().clock.now()
    token = operations.open_calendar(company, by=current_person(), at=at)
    db.session.commit()
    address = services().settings.base_url + url(".feed", token=token)
    page = render_template("watches/calendar.html", company=company, address=address)
    return page, 201


@blueprint.post("/<id:id_>/calendar/close")
@open_to(*KEEPERS)
def close_calendar(id_: int) -> ResponseReturnValue:
    """End the secret address of the calendar."""
    company = _company(id_)
    if ActForm().validate_on_submit():
        at = services().clock.now()
        operations.close_calendar(company, by=current_person(), at=at)
        db.session.commit()
        flash(_("The address of the calendar no longer works."), "success")
    return redirect(url(".show", id_=id_))


@blueprint.get("/calendar/<token>.ics")
@open_to_everyone
def feed(token: str) -> ResponseReturnValue:
    """The ends of the watched certificates, for whoever has the secret address."""
    found, doors = queries.by_calendar(token[:100]), services()
    if found is None:
        raise NotFound(N_("There is no such calendar."))
    watched = queries.suppliers(found.organisation, the_secrecy(), doors.today())
    ics = calendar.written(watched, doors.settings.base_url)
    response = Response(ics, mimetype="text/calendar")
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex"
    return response
