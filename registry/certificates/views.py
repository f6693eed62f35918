"""A certificate as its holder and the committee see it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from registry.accounts.access import current_person, open_to
from registry.accounts.forms import AskingForm
from registry.accounts.models import SPEAKERS, Role, User
from registry.applications.queries import open_of
from registry.certificates import operations, queries, reissues, rules
from registry.certificates.facts import holder
from registry.certificates.forms import AskForm, EndForm, ReasonForm, ReissueForm
from registry.certificates.issuer import the_issuer
from registry.certificates.models import Certificate, ReissueReason
from registry.certificates.operations import NotPossible, NotYours
from registry.certificates.standing import REASONS, SUSPENSIONS, WITHDRAWALS
from registry.db import db
from registry.errors import N_, NotFound
from registry.services import services
from registry.web.downloads import attachment
from registry.web.paging import page_of

blueprint = Blueprint("certificates", __name__)
READERS = (*SPEAKERS, Role.SECRETARIAT, Role.COMMITTEE, Role.ADMINISTRATOR)
AT = "/certificates/<id:id_>"


@dataclass(frozen=True)
class Act:
    """What the committee may do: who may when, how, for which reasons, in words."""

    may: Callable[[Certificate, User, date], bool]
    do: Callable[..., None]
    codes: tuple[str, ...]
    title: str
    warning: str
    button: str


ACTS = {
    "suspend": Act(
        rules.may_suspend,
        operations.suspend,
        tuple(code for code in SUSPENSIONS if code != "suspended_missed_recheck"),
        N_("Suspend the certificate"),
        N_("From today the public register shows the suspension; the holder is told."),
        N_("Suspend"),
    ),
    "reinstate": Act(
        rules.may_reinstate,
        operations.reinstate,
        (),
        N_("Reinstate the certificate"),
        N_(
            "From today it is valid again; the public register and the holder are told."
        ),
        N_("Reinstate"),
    ),
    "withdraw": Act(
        rules.may_withdraw,
        operations.withdraw,
        tuple(code for code in WITHDRAWALS if code != "withdrawn_missed_recheck"),
        N_("Withdraw the certificate"),
        N_("This is for ever: afterwards only a new application can give another one."),
        N_("Withdraw for ever"),
    ),
}


@blueprint.get("/certificates")
@open_to(*READERS)
def index() -> ResponseReturnValue:
    """The certificates this person may see, newest first."""
    found = queries.listed(current_person())
    return render_template(
        "certificates/index.html",
        page=page_of(found),
        today=services().today(),
        standing_of=rules.standing_of,
    )


@blueprint.get(AT)
@open_to(*READERS)
def show(id_: int) -> ResponseReturnValue:
    """One certificate: what it is worth today, what comes next, its story."""
    person, today = current_person(), services().today()
    certificate = queries.get(id_, seen_by_user=person)
    edition = services().editions[certificate.edition]
    current = rules.standing_of(certificate, today)
    return render_template(
        "certificates/show.html",
        certificate=certificate,
        edition=edition,
        current=current,
        reason=REASONS.get(current.reason_code or ""),
        days=rules.next_days(certificate, edition, today),
        waiting=open_of(certificate.organisation_id, certificate.scheme),
        story=story(certificate),
        english=rules.copy_in(certificate, "en"),
        may_ask_english=rules.may_ask_copy(certificate, person, "en"),
        may_end=rules.may_end(certificate, person, today),
        may_reissue=rules.may_reissue(certificate, person, today),
        is_stuck=rules.is_stuck(certificate, services().clock.now()),
        acts={n: a for n, a in ACTS.items() if a.may(certificate, person, today)},
        is_holder=rules.capacity(certificate, person) is not None,
        form=AskForm(),
    )


@blueprint.get(f"{AT}/paper")
@open_to(*READERS)
def paper(id_: int) -> ResponseReturnValue:
    """The sealed file, byte for byte as it was kept."""
    certificate = queries.get(id_, seen_by_user=current_person())
    return sealed(certificate.sha256, certificate.number)


@blueprint.get(f"{AT}/english")
@open_to(*READERS)
def english(id_: int) -> ResponseReturnValue:
    """The sealed courtesy copy in English, once it was made."""
    certificate = queries.get(id_, seen_by_user=current_person())
    copy = rules.copy_in(certificate, "en")
    return sealed(copy.sha256 if copy else None, f"{certificate.number}-en")


@blueprint.post(f"{AT}/english")
@open_to(*SPEAKERS, Role.SECRETARIAT)
def ask_english(id_: int) -> ResponseReturnValue:
    """Ask for the courtesy copy; a job makes it within a minute or two."""
    certificate = queries.get(id_, seen_by_user=current_person())
    operations.ask_copy(
        certificate,
        services().editions[certificate.edition],
        issuer=the_issuer("en"),
        by=current_person(),
        at=services().clock.now(),
    )
    db.session.commit()
    flash(_("The English copy is being made: reload this page in a minute."), "success")
    return redirect(url_for("certificates.show", id_=id_))


@blueprint.route(f"{AT}/end", methods=["GET", "POST"])
@open_to(*SPEAKERS)
def end(id_: int) -> ResponseReturnValue:
    """The legal representative gives the certificate up, after being asked twice."""
    person = current_person()
    certificate = queries.get(id_, seen_by_user=person)
    if not rules.may_end(certificate, person, services().today()):
        raise NotYours(
            N_("Only the legal representative can give it up, while it stands.")
        )
    form = EndForm()
    act = partial(operations.end, certificate, **_now())
    if form.validate_on_submit() and form.does(act):
        db.session.commit()
        flash(_("The certificate was given up."), "success")
        return redirect(url_for("certificates.show", id_=id_))
    page = render_template("certificates/end.html", certificate=certificate, form=form)
    return page, form.status


@blueprint.route(f"{AT}/reissue", methods=["GET", "POST"])
@open_to(Role.SECRETARIAT)
def reissue(id_: int) -> ResponseReturnValue:
    """Issue it again for a changed name or changed data; the words are compared."""
    person = current_person()
    certificate = queries.get(id_, seen_by_user=person)
    if not rules.may_reissue(certificate, person, services().today()):
        raise NotPossible(N_("This certificate cannot be issued again now."))
    issuer = the_issuer()
    form = ReissueForm(data={"reason": reissues.likely(certificate, issuer)})
    if form.validate_on_submit() and form.does(lambda: _reissue(certificate, form)):
        db.session.commit()
        flash(_("The new number is reserved; the paper is being made."), "success")
        return redirect(url_for("certificates.show", id_=id_))
    page = render_template(
        "certificates/reissue.html",
        certificate=certificate,
        now=holder(certificate.organisation, issuer),
        changed=reissues.changed(certificate, issuer),
        form=form,
    )
    return page, form.status


def _reissue(certificate: Certificate, form: ReissueForm) -> None:
    reissues.reissue(
        certificate,
        services().editions[certificate.edition],
        ReissueReason(form.reason.data),
        issuer=the_issuer(),
        signer=services().signer,
        **_now(),
    )


@blueprint.route(f"{AT}/<any({', '.join(ACTS)}):name>", methods=["GET", "POST"])
@open_to(Role.COMMITTEE)
def act(id_: int, name: str) -> ResponseReturnValue:
    """The committee suspends, reinstates or withdraws, after being asked twice."""
    chosen, person = ACTS[name], current_person()
    certificate = queries.get(id_, seen_by_user=person)
    if not chosen.may(certificate, person, services().today()):
        raise NotPossible(N_("The certificate’s standing does not allow this today."))
    form: AskingForm = ReasonForm(codes=chosen.codes) if chosen.codes else AskForm()
    given = [form.reason.data] if chosen.codes else []
    do = partial(chosen.do, certificate, *given, **_now())
    if form.validate_on_submit() and form.does(do):
        db.session.commit()
        flash(_("Done. The holder has been told."), "success")
        return redirect(url_for("certificates.show", id_=id_))
    page = render_template(
        "certificates/act.html", certificate=certificate, act=chosen, form=form
    )
    return page, form.status


def sealed(sha256: str | None, name: str) -> Response:
    """A sealed file as a download; NotFound while there is none."""
    if sha256 is None:
        raise NotFound(N_("This paper has not been made yet."))
    return attachment(services().storage.read(sha256), name, "application/pdf")


def story(certificate: Certificate) -> list[dict[str, Any]]:
    """The dated events for the timeline, oldest first."""
    return [
        {
            "on": event.effective_on,
            "text": _(event.kind.label),
            "who": _(REASONS[event.reason_code])
            if event.reason_code in {*SUSPENSIONS, *WITHDRAWALS}
            else None,
        }
        for event in sorted(certificate.events, key=lambda e: (e.effective_on, e.id))
    ]


def _now() -> dict[str, Any]:
    return {"by": current_person(), "at": services().clock.now()}
