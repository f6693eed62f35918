"""The keys of an organisation: made, looked at, rotated and revoked by who speaks for
it."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from registry.accounts.access import current_person, open_to
from registry.accounts.forms import ActForm
from registry.accounts.models import Role
from registry.db import db
from registry.keys import operations, queries, rules
from registry.keys.forms import KeyForm
from registry.keys.models import ApiKey
from registry.organisations.queries import spoken_for_by
from registry.services import services

blueprint = Blueprint("keys", __name__, url_prefix="/keys")

KEEPERS = (Role.COMPANY, Role.COOPERATIVE)
#: What the usage page looks back on.
DAYS = 30


@blueprint.get("")
@open_to(*KEEPERS)
def index() -> ResponseReturnValue:
    """My keys, and what may be asked with and without one."""
    person, at = current_person(), services().clock.now()
    return render_template(
        "keys/index.html",
        keys=queries.listed(person),
        organisations=spoken_for_by(person),
        rules=rules,
        at=at,
    )


@blueprint.route("/new", methods=["GET", "POST"])
@open_to(*KEEPERS)
def new() -> ResponseReturnValue:
    """Make a key; its secret is on the page that answers, and never again."""
    mine = {str(one.id): one for one in spoken_for_by(current_person())}
    form, made = KeyForm(list(mine.values())), []
    if form.validate_on_submit() and form.does(
        lambda: made.append(_create(form, mine))
    ):
        db.session.commit()
        return _shown_once(*made[0])
    return render_template("keys/new.html", form=form, mine=mine), form.status


def _create(form: KeyForm, mine: dict[str, Any]) -> tuple[ApiKey, str]:
    return operations.create(
        mine[form.organisation.data],
        form.name.data,
        form.scopes.data or [],
        by=current_person(),
        at=services().clock.now(),
    )


def _shown_once(key: ApiKey, secret: str) -> ResponseReturnValue:
    base_url = services().settings.base_url
    page = render_template(
        "keys/secret.html", key=key, secret=secret, base_url=base_url
    )
    return page, 201


@blueprint.get("/<id:id_>")
@open_to(*KEEPERS)
def show(id_: int) -> ResponseReturnValue:
    """One key: what it may do, how much it was used, its secrets."""
    key, doors = queries.get(id_, seen_by_user=current_person()), services()
    return render_template(
        "keys/show.html",
        key=key,
        usage=queries.usage(key, doors.today(), DAYS),
        today=queries.items_used(key, doors.today()),
        rules=rules,
        at=doors.clock.now(),
        act=ActForm(),
    )


@blueprint.post("/<id:id_>/rotate")
@open_to(*KEEPERS)
def rotate(id_: int) -> ResponseReturnValue:
    """A new secret; the one before works for some days more."""
    key = queries.get(id_, seen_by_user=current_person())
    if not ActForm().validate_on_submit():
        return redirect(url_for(".show", id_=id_))
    secret = operations.rotate(key, by=current_person(), at=services().clock.now())
    db.session.commit()
    return _shown_once(key, secret)


@blueprint.post("/<id:id_>/revoke")
@open_to(*KEEPERS)
def revoke(id_: int) -> ResponseReturnValue:
    """End a key at once."""
    key = queries.get(id_, seen_by_user=current_person())
    if ActForm().validate_on_submit():
        operations.revoke(key, by=current_person(), at=services().clock.now())
        db.session.commit()
        flash(_("The key “%(name)s” no longer works.", name=key.name), "success")
    return redirect(url_for(".index"))
