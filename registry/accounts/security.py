"""Flask-Security, set up for this house: what it may do, its letters, its sessions."""

import base64
import hashlib
import secrets
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, cast

from flask import (
    Flask,
    Response,
    abort,
    after_this_request,
    current_app,
    g,
    request,
    session,
)
from flask_login import current_user, user_logged_in, user_logged_out
from flask_login.utils import _user_context_processor
from flask_security import (
    MailUtil,
    PasswordUtil,
    Security,
    SQLAlchemyUserDatastore,
    Totp,
    login_user,
    password_changed,
    password_reset,
    tf_disabled,
    tf_profile_changed,
)
from flask_security import hash_password as _hash_password
from flask_security.recoverable import send_reset_password_instructions
from sqlalchemy import update

from registry.accounts import forms, limits, operations, queries, rules
from registry.accounts.models import Role, RoleRow, SignIn, User
from registry.db import READS_ONLY, Busy, db
from registry.errors import N_
from registry.mail.operations import post
from registry.services import services
from registry.settings import Settings

TOKEN = "sign_in"  # noqa: S105 - where the cookie keeps it
RESET_LASTS = timedelta(hours=2)
FRESH = timedelta(minutes=15)

#: Flask-Security's pages, and who may open them.
EVERYONE = ("login", "forgot_password", "reset_password", "logout", "tf_select",
            "two_factor_setup", "two_factor_token_validation", "two_factor_rescue",
            "mf_recovery")  # fmt: skip
SIGNED_IN = ("verify", "change_password", "two_factor_setup_validate",
             "mf_recovery_codes")  # fmt: skip

#: Flask-Security's letters by our names for them; those with a link are secret.
LETTERS = {
    "reset_instructions": "accounts/reset",
    "reset_notice": "accounts/password_changed",
    "change_notice": "accounts/password_changed",
}


class Letters(MailUtil):
    """Flask-Security's letters wait in the outbox like all others."""

    def send_mail(
        self,
        template: str,
        subject: str,
        recipient: Any,
        sender: Any,
        body: Any,
        html: Any,
        **facts: Any,
    ) -> None:
        """Post the letter that `template` asks for, in this transaction."""
        after_this_request(keep)
        user, at = facts["user"], services().clock.now()
        name = template.rpartition("/")[2]
        if name == "two_factor_rescue":
            administrators = queries.staff(Role.ADMINISTRATOR)
            post("accounts/second_factor_lost", to=administrators, about=user.reference,
                 at=at, person=user.name, email=user.email)  # fmt: skip
            return
        link = (
            f"/reset-password/{facts['reset_token']}" if "reset_token" in facts else ""
        )
        post(LETTERS[name], to=[user], about=user.reference, at=at,
             secret=bool(link), path=link, hours=2)  # fmt: skip


class Passwords(PasswordUtil):
    """Our rule for new passwords instead of Flask-Security's."""

    def validate(
        self, password: str, is_register: bool, **facts: Any
    ) -> tuple[list[str] | None, str]:
        """What is wrong with a password, in words, and the password in one spelling."""
        user = facts.get("user")
        about = [user.name, user.email] if user else []
        plain = self.normalize(password)
        problem = rules.problem_with(plain, about)
        return ([forms.said(problem)] if problem else None), plain


class OnceOnly(Totp):
    """A code lets in once (ASVS 5.0, 6.5.1)."""

    def get_last_counter(self, user: Any) -> int | None:
        """The half minute of the last code taken."""
        return cast(int | None, user.tf_last_counter)

    def set_last_counter(self, user: Any, tmatch: Any) -> None:
        """Remember the half minute of this code."""
        user.tf_last_counter = tmatch.counter


def init_app(app: Flask) -> None:
    """Give `app` its sign-in; after CSRFProtect, before the rooms' blueprints."""
    settings = app.extensions["registry"].settings
    app.config.update(configuration(settings))
    extension = Security(
        app,
        SQLAlchemyUserDatastore(db, User, RoleRow),
        mail_util_cls=Letters,
        password_util_cls=Passwords,
        totp_cls=OnceOnly,
        login_form=forms.SignInForm,
        forgot_password_form=forms.ForgotPasswordForm,
        change_password_form=forms.ChangePasswordForm,
        two_factor_setup_form=forms.SetupForm,
        two_factor_verify_code_form=forms.CodeForm,
        two_factor_rescue_form=forms.RescueForm,
    )
    ask_only_where_needed(app, extension)
    say_who_may_open(app)
    app.before_request_funcs.setdefault("security", []).append(only_forms)
    limits.init_app(app, settings)
    app.extensions["csrf"].exempt("registry.accounts.views.demo_sign_in")
    app.after_request(renew)
    listen(app)


def ask_only_where_needed(app: Flask, extension: Security) -> None:
    """Look at the session only where a page names its reader, and only at it."""
    # Principal would look for every page, public ones included.
    extension.principal.identity_loaders.clear()
    # Its context processor would too; a template that names `current_user` still may.
    app.template_context_processors[None].remove(_user_context_processor)
    app.jinja_env.globals["current_user"] = current_user
    manager = extension.login_manager
    manager.user_loader(load)
    manager._request_callback = None  # no token in an address or header lets in
    manager.session_protection = None  # a changed address is no theft


def say_who_may_open(app: Flask) -> None:
    """Mark Flask-Security's views as `open_to` marks ours; they guard themselves."""
    for names, roles in ((EVERYONE, ()), (SIGNED_IN, tuple(Role))):
        for name in names:
            cast(Any, app.view_functions[f"security.{name}"]).open_to = roles


def listen(app: Flask) -> None:
    """Follow what Flask-Login and Flask-Security do."""
    user_logged_in.connect(signed_in, app)
    user_logged_out.connect(signed_out, app)
    for signal, heard in (
        (password_changed, on_password),
        (password_reset, on_password),
        (tf_profile_changed, on_second_factor_set),
        (tf_disabled, on_second_factor_gone),
    ):
        signal.connect(heard, app)


def configuration(settings: Settings) -> dict[str, Any]:
    """Our choices among Flask-Security's."""
    key = settings.totp_key or "demo-only-" * 4
    fernet = base64.urlsafe_b64encode(hashlib.sha256(b"codes" + key.encode()).digest())
    ours: dict[str, Any] = {
        "PASSWORD_SALT": settings.secret_key or "demo-only-" * 4,
        "PASSWORD_SINGLE_HASH": ["argon2"],
        "PASSWORD_SCHEMES": ["argon2"],
        "PASSWORD_LENGTH_MIN": rules.SHORTEST,
        "EMAIL_VALIDATOR_ARGS": {"check_deliverability": False},
        "EMAIL_PLAINTEXT": False,
        "EMAIL_HTML": False,
        "RETURN_GENERIC_RESPONSES": True,
        "RECOVERABLE": True,
        "RESET_PASSWORD_WITHIN": RESET_LASTS,
        "CHANGEABLE": True,
        "TWO_FACTOR": True,
        "TWO_FACTOR_ENABLED_METHODS": ["authenticator"],
        "TWO_FACTOR_RESCUE_EMAIL": False,
        "TWO_FACTOR_AUTHENTICATOR_VALIDITY": 30,
        "TWO_FACTOR_POST_SETUP_VIEW": "accounts.mine",
        "TOTP_SECRETS": {"1": key},
        "TOTP_ISSUER": settings.body_name,
        "MULTI_FACTOR_RECOVERY_CODES": True,
        "MULTI_FACTOR_RECOVERY_CODES_N": 8,
        "MULTI_FACTOR_RECOVERY_CODES_KEYS": [fernet],
        "API_ENABLED_METHODS": ["session"],
        "FRESHNESS": FRESH,
        "FRESHNESS_GRACE_PERIOD": timedelta(0),
        "JOIN_USER_ROLES": False,
        "CLI_USERS_NAME": None,
        "CLI_ROLES_NAME": None,
        "STATIC_FOLDER": None,
        "POST_LOGIN_VIEW": "accounts.arrived",
        "POST_LOGOUT_VIEW": "/",
        "POST_CHANGE_VIEW": "accounts.mine",
        "LOGIN_URL": "/sign-in",
        "LOGOUT_URL": "/sign-out",
        "RESET_URL": "/reset-password",
        "CHANGE_URL": "/account/password",
        "VERIFY_URL": "/account/confirm-password",
        "TWO_FACTOR_SETUP_URL": "/account/second-factor",
        "TWO_FACTOR_TOKEN_VALIDATION_URL": "/sign-in/code",
        "TWO_FACTOR_RESCUE_URL": "/sign-in/lost-code",
        "TWO_FACTOR_SELECT_URL": "/sign-in/choose",
        "MULTI_FACTOR_RECOVERY_CODES_URL": "/account/recovery-codes",
        "MULTI_FACTOR_RECOVERY_URL": "/sign-in/recovery-code",
    }
    return {f"SECURITY_{name}": value for name, value in ours.items()}


def only_forms() -> None:
    """People sign in on pages; Flask-Security's JSON would trust shapes unseen."""
    if request.is_json:
        abort(415)


def load(uniquifier: str) -> User | None:
    """
    Who is signed in, for Flask-Login: the cookie's token must be that of a live row.

    So a cookie copied before signing out, one left idle for half an hour or older than
    twelve, and one of a disabled person let nobody in.
    """
    token = session.get(TOKEN)
    sign_in = queries.sign_in_of(token) if token else None
    now = services().clock.now()
    if sign_in is None or not rules.is_live(sign_in, now):
        return None
    user = db.session.get(User, sign_in.user_id)
    if user is None or not user.active or user.fs_uniquifier != uniquifier:
        return None
    if now - sign_in.seen_at >= rules.RENEWED_EVERY:
        g.renew_sign_in = sign_in.id
    # Flask-Security asks by which of its ways a person came.
    g.fs_authn_via, g.fs_paa = "session", session.get("fs_paa", 0)
    return user


def renew(response: Response) -> Response:
    """Move the idle limit of the browser in use, in a transaction of its own."""
    if id_ := g.pop("renew_sign_in", None):
        db.session.rollback()  # the page is written; its snapshot would block us
        reads = READS_ONLY.set(False)
        try:
            # Where writers queue for long, reading goes on and the limit stays.
            with suppress(Busy), db.engine.begin() as connection:
                now = services().clock.now()
                seen = update(SignIn).where(SignIn.id == id_).values(seen_at=now)
                connection.execute(seen)
        finally:
            READS_ONLY.reset(reads)
    if request.endpoint == "security.logout":
        response.headers["Clear-Site-Data"] = '"cache", "cookies", "storage"'
    return response


def keep(response: Response) -> Response:
    """Commit after a page of Flask-Security's, which has no line of ours for it."""
    current_app.extensions["security"].datastore.commit()
    return response


def signed_in(sender: Flask, user: User, **_: Any) -> None:
    """A new token at every sign-in, in a session with nothing left from before."""
    now = services().clock.now()
    if (old := session.get(TOKEN)) and (before := queries.sign_in_of(old)):
        operations.end(before, at=now)
    for name in (TOKEN, "csrf_token"):
        session.pop(name, None)
        g.pop(name, None)
    token = secrets.token_urlsafe(32)
    operations.begin(user, token=token, at=now)
    session[TOKEN] = token
    after_this_request(keep)


def signed_out(sender: Flask, user: Any, **_: Any) -> None:
    """End the row, and leave nothing in the cookie."""
    if (token := session.get(TOKEN)) and (sign_in := queries.sign_in_of(token)):
        operations.end(sign_in, at=services().clock.now())
    session.clear()
    after_this_request(keep)


def on_password(sender: Flask, user: User, **_: Any) -> None:
    """A new password ends every other browser; the one in hand was begun after it."""
    now = services().clock.now()
    mine = session.get(TOKEN) if current_user.is_authenticated else None
    for sign_in in queries.open_sign_ins(user):
        if mine is None or sign_in.token_sha256 != queries.hashed(mine):
            operations.end(sign_in, at=now)
    operations.note("account.password_changed", user, by=user, at=now)


def on_second_factor_set(sender: Flask, user: User, **_: Any) -> None:
    at = services().clock.now()
    operations.note("account.second_factor_set", _person(user), by=user, at=at)


def on_second_factor_gone(sender: Flask, user: User, **_: Any) -> None:
    at = services().clock.now()
    operations.note("account.second_factor_gone", _person(user), by=user, at=at)


def _person(user: Any) -> User:
    """The person behind Flask-Login's proxy."""
    real = getattr(user, "_get_current_object", None)
    return cast(User, real() if real else user)


def send_new_link(user: User, *, by: User, at: datetime) -> None:
    """
    Write a letter with a fresh link: to join, or for a new password once joined.

    Raises InvitationOver for a person who is shut out.
    """
    if not user.active:
        raise operations.InvitationOver(
            N_("%(name)s is shut out: let the person in again first."), name=user.name
        )
    if rules.has_joined(user):
        send_reset_password_instructions(user)  # type: ignore[no-untyped-call]
        operations.note("account.reset_sent", user, by=by, at=at)
    else:
        operations.invite_again(user, by=by, at=at)


def enter(user: User) -> None:
    """Sign a person in without asking: only the demo bar does this."""
    login_user(user, authn_via=["demo"])


def hash_password(password: str) -> str:
    """Argon2id of a password, in the one spelling (NFKD) it is compared in."""
    util = current_app.extensions["security"].password_util
    return _hash_password(util.normalize(password))


def new_totp_secret() -> str:
    """A fresh second factor, encrypted under REGISTRY_TOTP_KEY."""
    factory = current_app.extensions["security"].totp_factory
    return cast(str, factory.generate_totp_secret())
