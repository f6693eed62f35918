"""The secretariat sees every letter and its state, and may send it again."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from registry.accounts.access import current_person, open_to
from registry.accounts.models import Role
from registry.db import db
from registry.mail import operations, queries
from registry.mail.forms import ResendForm
from registry.mail.models import LetterState
from registry.mail.writing import complete
from registry.services import services
from registry.web.paging import page_of

blueprint = Blueprint("mail", __name__, url_prefix="/letters")


@blueprint.get("")
@open_to(Role.SECRETARIAT, Role.ADMINISTRATOR)
def letters() -> ResponseReturnValue:
    """Every letter, newest first, by state."""
    asked = request.args.get("state", "")
    state = LetterState(asked) if asked in set(LetterState) else None
    return render_template(
        "mail/letters.html",
        page=page_of(queries.all_letters(state)),
        state=state,
        states=LetterState,
        ready=services().postman.ready,
    )


@blueprint.get("/<id:id_>")
@open_to(Role.SECRETARIAT, Role.ADMINISTRATOR)
def letter(id_: int) -> ResponseReturnValue:
    """One letter; the words of one with a sign-in link are never shown."""
    found = queries.get(id_)
    words = "" if found.secret or found.body is None else found.body
    return render_template(
        "mail/letter.html",
        letter=found,
        words=complete(words, services().settings.base_url),
        form=ResendForm(),
    )


@blueprint.post("/<id:id_>/resend")
@open_to(Role.SECRETARIAT, Role.ADMINISTRATOR)
def resend(id_: int) -> ResponseReturnValue:
    """Send the same words again."""
    found = queries.get(id_)
    if ResendForm().validate_on_submit():
        again = operations.resend(found, by=current_person(), at=services().clock.now())
        db.session.commit()
        flash(_("The letter is in the outbox again."), "success")
        return redirect(url_for(".letter", id_=again.id))
    return redirect(url_for(".letter", id_=found.id))
