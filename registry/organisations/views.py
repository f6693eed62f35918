"""Pages about organisations: the secretariat's list, and each one's own."""

from flask import Blueprint, flash, redirect, render_template, request
from flask import url_for as url
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from registry.accounts.access import current_person, open_to
from registry.accounts.forms import ActForm
from registry.accounts.models import SPEAKERS, Role
from registry.db import db
from registry.errors import N_, NotFound
from registry.organisations import operations, queries, rules
from registry.organisations.forms import (
    AppointForm,
    DescriptionForm,
    OrganisationForm,
    RegistrationForm,
    SpeakerForm,
)
from registry.organisations.forms import kinds as kind_choices
from registry.organisations.models import Capacity, Organisation, Representation
from registry.services import services
from registry.web.paging import page_of

blueprint = Blueprint("organisations", __name__, url_prefix="/organisations")


@blueprint.get("")
@open_to(*rules.KEEPERS[:3])
def index() -> ResponseReturnValue:
    """Every organisation, found by name or number."""
    typed, kind = request.args.get("q", "")[:200], request.args.get("kind", "")[:40]
    province = request.args.get("province", "")[:2].upper()
    found = queries.search(current_person(), typed, province, kind)
    return render_template(
        "organisations/index.html",
        page=page_of(found),
        typed=typed,
        province=province,
        kind=kind,
        kinds=kind_choices(),
        provinces=rules.provinces(),
        may_add=rules.may_identify(current_person()),
    )


@blueprint.get("/mine")
@open_to(*SPEAKERS)
def mine() -> ResponseReturnValue:
    """The organisations I speak for; where it is one, that one."""
    found = queries.spoken_for_by(current_person())
    if len(found) == 1:
        return redirect(url("organisations.show", id_=found[0].id))
    return render_template("organisations/mine.html", organisations=found)


@blueprint.route("/new", methods=["GET", "POST"])
@open_to(Role.SECRETARIAT, Role.ADMINISTRATOR)
def new() -> ResponseReturnValue:
    """Enter an organisation nobody speaks for yet."""
    form = OrganisationForm()
    if form.validate_on_submit() and form.does(lambda: _add(form)):
        db.session.commit()
        flash(_("%(name)s is on the register.", name=form.name.data), "success")
        return redirect(url("organisations.index", q=form.name.data))
    return render_template("organisations/new.html", form=form), form.status


def _add(form: OrganisationForm) -> None:
    operations.add(
        kind=form.chosen_kind(),
        **form.facts(),
        by=current_person(),
        at=services().clock.now(),
    )


@blueprint.route("/register", methods=["GET", "POST"])
@open_to(Role.SECRETARIAT, Role.ADMINISTRATOR)
def register() -> ResponseReturnValue:
    """Enter an organisation and invite its legal representative."""
    form = RegistrationForm()
    if form.validate_on_submit() and form.does(lambda: _register(form)):
        db.session.commit()
        flash(
            _("The invitation is on its way to %(to)s.", to=form.email.data), "success"
        )
        return redirect(url("organisations.index", q=form.name.data))
    return render_template("organisations/register.html", form=form), form.status


def _register(form: RegistrationForm) -> None:
    operations.register(
        email=form.email.data,
        person=form.person.data,
        kind=form.chosen_kind(),
        **form.facts(),
        by=current_person(),
        at=services().clock.now(),
    )


@blueprint.get("/<id:id_>")
@open_to(*rules.KEEPERS[:3], *SPEAKERS)
def show(id_: int) -> ResponseReturnValue:
    """One organisation: what is known of it and who speaks for it."""
    organisation, person = _seen(id_), current_person()
    return render_template(
        "organisations/show.html",
        organisation=organisation,
        listings=queries.listings_of(organisation),
        act=ActForm(),
        rules=rules,
        person=person,
        province=rules.provinces().get(organisation.province),
        delegate=Capacity.DELEGATE,
    )


@blueprint.route("/<id:id_>/edit", methods=["GET", "POST"])
@open_to(Role.SECRETARIAT, Role.ADMINISTRATOR)
def edit(id_: int) -> ResponseReturnValue:
    """Change what identifies an organisation."""
    organisation = _seen(id_)
    form = OrganisationForm(of=organisation, obj=organisation)
    if form.validate_on_submit() and form.does(lambda: _change(organisation, form)):
        db.session.commit()
        flash(_("Saved."), "success")
        return redirect(url("organisations.show", id_=id_))
    page = render_template(
        "organisations/edit.html", form=form, organisation=organisation
    )
    return page, form.status


def _change(organisation: Organisation, form: OrganisationForm) -> None:
    operations.change(
        organisation,
        form.facts(),
        kind=form.chosen_kind(),
        by=current_person(),
        at=services().clock.now(),
    )


@blueprint.route("/<id:id_>/description", methods=["GET", "POST"])
@open_to(Role.SECRETARIAT, Role.ADMINISTRATOR, *SPEAKERS)
def describe(id_: int) -> ResponseReturnValue:
    """Say where an organisation works and what it does."""
    organisation = _seen(id_)
    form = DescriptionForm(
        of=organisation,
        seats=organisation.seats,
        ateco=[row.code for row in organisation.ateco],
        sectors=[row.sector.value for row in organisation.sectors],
        website=organisation.website,
    )
    if form.validate_on_submit() and form.does(lambda: _describe(organisation, form)):
        db.session.commit()
        flash(_("Saved."), "success")
        return redirect(url("organisations.show", id_=id_))
    page = render_template(
        "organisations/describe.html", form=form, organisation=organisation
    )
    return page, form.status


def _describe(organisation: Organisation, form: DescriptionForm) -> None:
    operations.describe(
        organisation,
        seats=form.places(),
        ateco=[code or "" for code in form.ateco.data],
        sectors=form.chosen_sectors(),
        website=form.website.data,
        by=current_person(),
        at=services().clock.now(),
    )


@blueprint.route("/<id:id_>/speakers/invite", methods=["GET", "POST"])
@open_to(Role.SECRETARIAT, Role.ADMINISTRATOR, *SPEAKERS)
def invite_speaker(id_: int) -> ResponseReturnValue:
    """Ask somebody to speak for an organisation."""
    organisation = _seen(id_)
    keeper = rules.may_identify(current_person())
    form = AppointForm() if keeper else SpeakerForm()
    if form.validate_on_submit() and form.does(lambda: _invite(organisation, form)):
        db.session.commit()
        flash(
            _("The invitation is on its way to %(to)s.", to=form.email.data), "success"
        )
        return redirect(url("organisations.show", id_=id_))
    page = render_template(
        "organisations/invite_speaker.html", form=form, organisation=organisation
    )
    return page, form.status


def _invite(organisation: Organisation, form: SpeakerForm) -> None:
    chosen = form["capacity"].data if "capacity" in form else Capacity.DELEGATE
    operations.invite_speaker(
        organisation,
        form.email.data,
        form.person.data,
        Capacity(chosen),
        language=form.language.data,
        by=current_person(),
        at=services().clock.now(),
    )


@blueprint.post("/<id:id_>/confirmation")
@open_to(*SPEAKERS)
def ask_confirmation(id_: int) -> ResponseReturnValue:
    """Ask the secretariat to say who answers for an organisation that would apply."""
    organisation = _seen(id_)
    operations.ask_confirmation(
        organisation, by=current_person(), at=services().clock.now()
    )
    db.session.commit()
    flash(_("The secretariat has your request and will write to you."), "success")
    return redirect(url("organisations.show", id_=id_))


@blueprint.post("/<id:id_>/speakers/<id:representation_id>/dismiss")
@open_to(Role.SECRETARIAT, Role.ADMINISTRATOR, *SPEAKERS)
def dismiss(id_: int, representation_id: int) -> ResponseReturnValue:
    """End somebody's speaking for an organisation."""
    representation = _representation(_seen(id_), representation_id)
    operations.dismiss(representation, by=current_person(), at=services().clock.now())
    db.session.commit()
    flash(
        _("%(name)s no longer speaks for it.", name=representation.user.name), "success"
    )
    return redirect(url("organisations.show", id_=id_))


def _seen(id_: int) -> Organisation:
    organisation = queries.get(id_, user=current_person())
    if organisation is None:
        raise NotFound(N_("There is no such organisation."))
    return organisation


def _representation(organisation: Organisation, id_: int) -> Representation:
    for one in organisation.representations:
        if one.id == id_:
            return one
    raise NotFound(N_("There is no such person."))
