"""Webhooks: made, tried, looked into, sent again."""

from flask import Blueprint, flash, redirect, render_template
from flask import url_for as url
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from registry.accounts.access import current_person, open_to
from registry.accounts.forms import ActForm
from registry.db import db
from registry.services import services
from registry.watches import queries, rules, webhooks
from registry.watches.forms import WebhookForm
from registry.watches.models import Webhook
from registry.watches.views import KEEPERS, hands
from registry.web.paging import page_of

blueprint = Blueprint("webhooks", __name__, url_prefix="/watches")


@blueprint.route("/<id:id_>/webhooks/new", methods=["GET", "POST"])
@open_to(*KEEPERS)
def new(id_: int) -> ResponseReturnValue:
    """Make a webhook; its secret is on the page that answers, and never again."""
    company = queries.organisation_of(id_, seen_by_user=current_person())
    form, made = WebhookForm(events=list(rules.EVENTS)), []
    if form.validate_on_submit() and form.does(
        lambda: made.append(
            webhooks.add(company, form.url.data, form.events.data, **hands())
        )
    ):
        db.session.commit()
        return _shown_once(*made[0])
    page = render_template("watches/webhook_new.html", form=form, company=company)
    return page, form.status


def _shown_once(webhook: Webhook, secret: str) -> ResponseReturnValue:
    page = render_template(
        "watches/webhook_secret.html", webhook=webhook, secret=secret
    )
    return page, 201


@blueprint.get("/webhooks/<id:id_>")
@open_to(*KEEPERS)
def show(id_: int) -> ResponseReturnValue:
    """One webhook: where, what it is told, what was sent and what became of it."""
    webhook = _mine(id_)
    return render_template(
        "watches/webhook.html",
        webhook=webhook,
        page=page_of(queries.deliveries(webhook)),
        rules=rules,
        at=services().clock.now(),
        act=ActForm(),
    )


def _mine(id_: int) -> Webhook:
    return queries.webhook(id_, seen_by_user=current_person())


@blueprint.route("/webhooks/<id:id_>/edit", methods=["GET", "POST"])
@open_to(*KEEPERS)
def edit(id_: int) -> ResponseReturnValue:
    """Send elsewhere, or tell of other things."""
    webhook, at = _mine(id_), services().clock.now()
    form = WebhookForm(obj=webhook)
    if form.validate_on_submit() and form.does(
        lambda: webhooks.change(
            webhook, form.url.data, form.events.data, by=current_person(), at=at
        )
    ):
        db.session.commit()
        flash(_("Saved."), "success")
        return redirect(url(".show", id_=id_))
    page = render_template("watches/webhook_edit.html", form=form, webhook=webhook)
    return page, form.status


@blueprint.post("/webhooks/<id:id_>/rotate")
@open_to(*KEEPERS)
def rotate(id_: int) -> ResponseReturnValue:
    """A new secret; the one before signs too for a day more."""
    webhook = _mine(id_)
    if not ActForm().validate_on_submit():
        return redirect(url(".show", id_=id_))
    secret = webhooks.rotate(webhook, **hands())
    db.session.commit()
    return _shown_once(webhook, secret)


@blueprint.post("/webhooks/<id:id_>/test")
@open_to(*KEEPERS)
def test(id_: int) -> ResponseReturnValue:
    """Send a message that says nothing."""
    webhook = _mine(id_)
    if ActForm().validate_on_submit():
        webhooks.test(webhook, **hands())
        db.session.commit()
        flash(_("The test leaves within a minute: its outcome will be below."), "info")
    return redirect(url(".show", id_=id_))


@blueprint.post("/webhooks/<id:id_>/<any(on, off):name>")
@open_to(*KEEPERS)
def switch(id_: int, name: str) -> ResponseReturnValue:
    """Send nothing there for now, or send there again."""
    webhook = _mine(id_)
    if ActForm().validate_on_submit():
        act = webhooks.switch_on if name == "on" else webhooks.switch_off
        act(webhook, by=current_person(), at=services().clock.now())
        db.session.commit()
        flash(_("Saved."), "success")
    return redirect(url(".show", id_=id_))


@blueprint.post("/webhooks/<id:id_>/remove")
@open_to(*KEEPERS)
def remove(id_: int) -> ResponseReturnValue:
    """Forget the webhook with everything sent to it."""
    webhook = _mine(id_)
    company_id = webhook.organisation_id
    if ActForm().validate_on_submit():
        webhooks.remove(webhook, by=current_person(), at=services().clock.now())
        db.session.commit()
        flash(_("The webhook is gone, with everything sent to it."), "success")
    return redirect(url("watches.show", id_=company_id))


@blueprint.post("/webhooks/<id:id_>/messages/<id:piece_id>/replay")
@open_to(*KEEPERS)
def replay(id_: int, piece_id: int) -> ResponseReturnValue:
    """Send a message again, as it was."""
    delivery = queries.delivery(_mine(id_), piece_id)
    if ActForm().validate_on_submit():
        webhooks.replay(delivery, by=current_person(), at=services().clock.now())
        db.session.commit()
        flash(_("The message leaves again within a minute."), "info")
    return redirect(url(".show", id_=id_))
