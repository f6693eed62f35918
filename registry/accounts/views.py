"""Pages about people: my account, invitations, the administrator's list."""

from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request
from flask import url_for as url
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from registry.accounts import operations, queries, rules, security
from registry.accounts.access import current_person, open_to, open_to_everyone
from registry.accounts.forms import (
    AcceptForm,
    ActForm,
    DetailsForm,
    InviteForm,
    RolesForm,
)
from registry.accounts.limits import INVITATION, limiter
from registry.accounts.models import Role, User
from registry.db import db
from registry.errors import N_, NotFound
from registry.services import services
from registry.web.origin import FromElsewhere, is_surely_ours
from registry.web.paging import page_of

blueprint = Blueprint("accounts", __name__)


@blueprint.get("/signed-in")
@open_to()
def arrived() -> ResponseReturnValue:
    """The first page after signing in: the desk."""
    desk = "desk.home" if "desk.home" in current_app.view_functions else None
    return redirect(url(desk or "accounts.mine"))


@blueprint.route("/account", methods=["GET", "POST"])
@open_to()
def mine() -> ResponseReturnValue:
    """My name, language and ways of signing in."""
    person = current_person()
    form = DetailsForm(obj=person)
    if form.validate_on_submit():
        operations.change_details(
            person,
            name=form.name.data,
            language=form.language.data,
            by=person,
            at=services().clock.now(),
        )
        db.session.commit()
        flash(_("Saved."), "success")
        return redirect(url("accounts.mine"))
    browsers = [
        one
        for one in queries.open_sign_ins(person)
        if rules.is_live(one, services().clock.now())
    ]
    page = render_template(
        "accounts/mine.html", form=form, act=ActForm(), person=person, browsers=browsers
    )
    return page, form.status


@blueprint.post("/account/sign-out-everywhere")
@open_to()
def sign_out_everywhere() -> ResponseReturnValue:
    """End all my signed-in browsers, this one too."""
    operations.end_all(current_person(), at=services().clock.now())
    db.session.commit()
    return redirect(url("security.login"))


@blueprint.route("/invitation/<token>", methods=["GET", "POST"])
@open_to_everyone
@limiter.limit(INVITATION)
def accept(token: str) -> ResponseReturnValue:
    """Take up an invitation."""
    at = services().clock.now()
    user = queries.by_invitation(token)
    if user is None or not rules.is_invited(user, at):
        return render_template("accounts/invitation_over.html"), 410
    form = AcceptForm(user=user)
    if form.validate_on_submit() and form.does(lambda: _take_up(user, form)):
        db.session.commit()
        flash(_("Welcome. Now sign in with your new password."), "success")
        return redirect(url("security.login"))
    page = render_template("accounts/accept.html", form=form, user=user)
    return page, form.status


def _take_up(user: User, form: AcceptForm) -> None:
    operations.accept(
        user,
        name=form.name.data,
        password_hash=security.hash_password(form.password.data),
        language=form.language.data,
        at=services().clock.now(),
    )


@blueprint.get("/people")
@open_to(Role.ADMINISTRATOR)
def people() -> ResponseReturnValue:
    """Everyone with an account."""
    typed = request.args.get("q", "")[:200]
    page = page_of(queries.people(typed))
    return render_template(
        "accounts/people.html", page=page, typed=typed, at=services().clock.now()
    )


@blueprint.route("/people/invite", methods=["GET", "POST"])
@open_to(Role.ADMINISTRATOR)
def invite() -> ResponseReturnValue:
    """Ask someone in, with the roles they will have."""
    form = InviteForm()
    if form.validate_on_submit() and form.does(lambda: _invite(form)):
        db.session.commit()
        flash(
            _("The invitation is on its way to %(to)s.", to=form.email.data), "success"
        )
        return redirect(url("accounts.people"))
    return render_template("accounts/invite.html", form=form), form.status


def _invite(form: InviteForm) -> None:
    operations.invite(
        form.email.data,
        form.name.data,
        roles=form.chosen(),
        language=form.language.data,
        by=current_person(),
        at=services().clock.now(),
    )


@blueprint.route("/people/<id:user_id>", methods=["GET", "POST"])
@open_to(Role.ADMINISTRATOR)
def person(user_id: int) -> ResponseReturnValue:
    """One person: roles, and the buttons."""
    user = _person(user_id)
    form = RolesForm(roles=[row.name for row in user.roles])
    if form.validate_on_submit() and form.does(lambda: _set_roles(user, form)):
        db.session.commit()
        flash(_("Saved."), "success")
        return redirect(url("accounts.person", user_id=user_id))
    page = render_template(
        "accounts/person.html",
        form=form,
        act=ActForm(),
        user=user,
        me=current_person(),
        at=services().clock.now(),
    )
    return page, form.status


def _set_roles(user: User, form: RolesForm) -> None:
    by, at = current_person(), services().clock.now()
    for role in Role:
        if role in form.chosen():
            operations.give_role(user, role, by=by, at=at)
        elif role is not Role.REGISTRY:
            operations.take_role(user, role, by=by, at=at)


ACTS: dict[str, tuple[Any, str]] = {
    "disable": (operations.disable, N_("%(name)s can no longer sign in.")),
    "enable": (operations.enable, N_("%(name)s can sign in again.")),
    "invite-again": (operations.invite_again, N_("%(name)s gets a new invitation.")),
    "forget-second-factor": (
        operations.forget_second_factor,
        N_("%(name)s will set up a second factor at the next sign-in."),
    ),
}


@blueprint.post("/people/<id:user_id>/<any(" + ", ".join(map(repr, ACTS)) + "):act>")
@open_to(Role.ADMINISTRATOR)
def act_on(user_id: int, act: str) -> ResponseReturnValue:
    """One of the buttons of a person's page."""
    user = _person(user_id)
    operation, words = ACTS[act]
    operation(user, by=current_person(), at=services().clock.now())
    db.session.commit()
    flash(_(words, name=user.name), "success")
    return redirect(url("accounts.person", user_id=user_id))


@blueprint.post("/people/<id:user_id>/new-link")
@open_to(Role.SECRETARIAT, Role.ADMINISTRATOR)
def send_new_link(user_id: int) -> ResponseReturnValue:
    """A letter with a fresh link, where the one before was lost or is over."""
    user = _person(user_id)
    if ActForm().validate_on_submit():
        security.send_new_link(user, by=current_person(), at=services().clock.now())
        db.session.commit()
        flash(_("A letter with a new link is on its way to %(name)s.", name=user.name))
    return redirect(url("mail.letters"))


@blueprint.post("/demo/sign-in")
@open_to_everyone
def demo_sign_in() -> ResponseReturnValue:
    """Enter the demonstration as one of its people; nowhere else does this exist."""
    if not services().settings.demo:
        raise NotFound(N_("There is no demonstration here."))
    _must_come_from_here()
    name = request.form.get("role", "")
    known = name in {role.value for role in Role}
    user = queries.by_email(f"{name}@demo.example") if known else None
    if user is None or not user.active:
        raise NotFound(N_("There is no such person in the demonstration."))
    if current_user.is_authenticated and current_person().id == user.id:
        return redirect(url("accounts.arrived"))
    security.enter(user)
    db.session.commit()
    return redirect(url("accounts.arrived"))


def _must_come_from_here() -> None:
    """The demo bar stands on pages without a session, so there is no token to ask."""
    if not is_surely_ours() and request.headers.get("Sec-Fetch-Site") != "none":
        raise FromElsewhere(N_("This request comes from another site."))


def _person(user_id: int) -> User:
    user = queries.person(user_id)
    if user is None:
        raise NotFound(N_("There is no such person."))
    return user
