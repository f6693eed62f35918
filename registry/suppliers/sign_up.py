"""A company opens an account: a public page, a letter, a password."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request
from flask import url_for as url
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from registry.accounts import queries as people
from registry.accounts import security
from registry.accounts.access import open_to_everyone
from registry.accounts.limits import INVITATION, limiter
from registry.accounts.rules import tidy_email
from registry.db import db
from registry.errors import N_
from registry.services import services
from registry.suppliers import operations, queries, rules
from registry.suppliers.forms import PasswordForm, SignUpForm
from registry.suppliers.models import SignUp
from registry.web.language import page_language
from registry.web.origin import FromElsewhere, is_surely_ours

blueprint = Blueprint("companies", __name__)
LANGUAGE = "/<any(it, en):lang>"
#: Letters that one network address, or one address typed, can cause.
ASKING = "10 per hour"
ASKING_FOR_ONE = "3 per hour"


@blueprint.url_value_preprocessor
def drop_language(endpoint: str | None, values: dict[str, Any] | None) -> None:
    """The language of an address is read by registry.web.language, not by views."""
    if values:
        values.pop("lang", None)


def address_typed() -> str:
    """Whom a letter would go to."""
    typed = request.form.get("email", "")[:320]
    return f"sign-up:{tidy_email(typed) or typed}"


@blueprint.get(f"{LANGUAGE}/companies")
@open_to_everyone
def about() -> ResponseReturnValue:
    """What a company can do here, and the form to begin."""
    return render_template("suppliers/companies.html", form=SignUpForm())


@blueprint.post(f"{LANGUAGE}/companies")
@open_to_everyone
@limiter.limit(ASKING)
@limiter.limit(ASKING_FOR_ONE, key_func=address_typed)
def ask() -> ResponseReturnValue:
    """Ask for an account: always the same answer, the rest is in the letter."""
    must_come_from_here()
    form = SignUpForm()
    if form.validate_on_submit() and form.does(lambda: _ask(form)):
        db.session.commit()
        return redirect(url("companies.asked"))
    return render_template("suppliers/companies.html", form=form), form.status


def _ask(form: SignUpForm) -> None:
    operations.ask_to_join(
        **form.facts(), language=page_language(), at=services().clock.now()
    )


def must_come_from_here() -> None:
    """The page has no session, so there is no token to ask for."""
    if not is_surely_ours():
        raise FromElsewhere(N_("This request comes from another site."))


@blueprint.get(f"{LANGUAGE}/companies/asked")
@open_to_everyone
def asked() -> ResponseReturnValue:
    """A letter is on its way, whoever asked."""
    return render_template("suppliers/asked.html")


@blueprint.route("/sign-up/<token>", methods=["GET", "POST"])
@open_to_everyone
@limiter.limit(INVITATION)
def confirm(token: str) -> ResponseReturnValue:
    """The link of the letter: choose a password, and the account is open."""
    found = queries.sign_up(token)
    if found is None or not rules.is_open(found, services().clock.now()):
        return render_template("suppliers/sign_up_over.html"), 410
    form = PasswordForm(asked=found)
    if form.validate_on_submit() and form.does(lambda: _join(found, form)):
        db.session.commit()
        flash(_("Welcome. Now sign in with your new password."), "success")
        return redirect(url("security.login"))
    return render_template(
        "suppliers/confirm_account.html", form=form, asked=found
    ), form.status


def _join(found: SignUp, form: PasswordForm) -> None:
    operations.join(
        found,
        password_hash=security.hash_password(form.password.data),
        by=people.the_registry(),
        at=services().clock.now(),
    )
