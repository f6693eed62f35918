"""Every change to people, their roles and their signed-in browsers."""

import hashlib
import secrets
import uuid
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from registry.accounts import queries, rules
from registry.accounts.models import Role, SignIn, User
from registry.db import db
from registry.errors import N_, Conflict, Forbidden, Invalid
from registry.journal.operations import Actor, record
from registry.mail.operations import post


class AlreadyKnown(Conflict):
    """There is an account with this address."""

    field = "email"


class NotAnAddress(Invalid):
    """What was given is not an e-mail address."""

    field = "email"


class NotYourRoles(Forbidden):
    """Only administrators give and take these roles."""


class InvitationOver(Conflict):
    """The invitation was taken up, replaced or has expired."""


class LastAdministrator(Conflict):
    """Without this person nobody could administer the registry."""


class NotYourself(Conflict):
    """One does not shut oneself out."""


def invite(
    email: str,
    name: str,
    *,
    roles: Iterable[Role],
    by: User,
    at: datetime,
    language: str = "it",
    letter: str = "accounts/invitation",
    **facts: Any,
) -> User:
    """
    Make an account that its owner opens by the link in a letter.

    The link works once, for 72 hours; only its SHA-256 is kept.  Another room may send
    a `letter` of its own with further `facts`; it sees `path`, `until` and `inviter`.
    Raises NotAnAddress, AlreadyKnown or NotYourRoles.
    """
    roles = list(roles)
    user = _new(email, name, roles, language, by, at)
    record("account.invited", user, by=by, at=at, roles=[role.value for role in roles])
    _send_invitation(user, by, at, letter, facts)
    return user


def _new(
    email: str, name: str, roles: list[Role], language: str, by: User, at: datetime
) -> User:
    address = rules.tidy_email(email)
    if address is None:
        raise NotAnAddress(N_("“%(email)s” is not an e-mail address."), email=email)
    if not rules.may_give(by, roles):
        raise NotYourRoles(N_("Only an administrator may give these roles."))
    if queries.by_email(address) is not None:
        raise AlreadyKnown(
            N_("There is already an account for %(email)s."), email=address
        )
    user = User(
        email=address,
        name=name,
        language=language,
        active=True,
        fs_uniquifier=uuid.uuid4().hex,
        created_at=at,
    )
    user.roles = [queries.role_row(role) for role in dict.fromkeys(roles)]
    db.session.add(user)
    db.session.flush()
    return user


def invite_again(
    user: User,
    *,
    by: User,
    at: datetime,
    letter: str = "accounts/invitation",
    **facts: Any,
) -> None:
    """Send a new link; the one before stops working.  Raises InvitationOver."""
    if rules.has_joined(user):
        raise InvitationOver(N_("%(name)s has already joined."), name=user.name)
    record("account.invited_again", user, by=by, at=at)
    _send_invitation(user, by, at, letter, facts)


def _send_invitation(
    user: User, by: User, at: datetime, letter: str, facts: dict[str, Any]
) -> None:
    token = secrets.token_urlsafe(24)  # 192 bits; ASVS 6.6.3 asks for 128
    user.invitation_sha256 = hashlib.sha256(token.encode()).hexdigest()
    user.invited_until = at + rules.INVITATION_LASTS
    post(
        letter,
        to=[user],
        about=user.reference,
        at=at,
        secret=True,
        path=f"/invitation/{token}",
        until=user.invited_until,
        inviter=by.name,
        **facts,
    )


def accept(
    user: User, *, name: str, password_hash: str, language: str, at: datetime
) -> None:
    """Take up an invitation: name, password (hashed already) and language are set."""
    if not rules.is_invited(user, at):
        raise InvitationOver(N_("This invitation is no longer valid: ask for another."))
    user.name = name
    user.language = language
    user.password = password_hash
    user.confirmed_at = at
    user.invited_until = None
    user.invitation_sha256 = None
    user.fs_uniquifier = uuid.uuid4().hex
    record("account.joined", user, by=user, at=at)


def open_account(
    email: str,
    name: str,
    role: Role,
    *,
    password_hash: str,
    language: str,
    by: User,
    at: datetime,
) -> User:
    """
    Make an account for who has just shown that the address is theirs.

    `by` gives the role; the password comes hashed.  Raises NotAnAddress, AlreadyKnown
    or NotYourRoles.
    """
    user = _new(email, name, [role], language, by, at)
    user.password = password_hash
    user.confirmed_at = at
    record("account.opened", user, by=by, at=at, roles=[role.value])
    return user


def change_details(
    user: User, *, name: str, language: str, by: User, at: datetime
) -> None:
    """Set the name and the language ("it" or "en") of a person."""
    user.name = name
    user.language = language
    record("account.changed", user, by=by, at=at, language=language)


def give_role(user: User, role: Role, *, by: User, at: datetime) -> None:
    """Give a role; nothing happens where the person has it.  Raises NotYourRoles."""
    if not rules.may_give(by, [role]):
        raise NotYourRoles(N_("Only an administrator may give these roles."))
    if user.is_a(role):
        return
    user.roles.append(queries.role_row(role))
    record("account.role_given", user, by=by, at=at, role=role.value)


def take_role(user: User, role: Role, *, by: User, at: datetime) -> None:
    """
    Take a role away; it counts from the next page the person opens.

    Raises NotYourRoles or LastAdministrator.
    """
    _may_manage(by)
    if not user.is_a(role):
        return
    if role is Role.ADMINISTRATOR:
        _another_administrator(user)
    user.roles.remove(queries.role_row(role))
    record("account.role_taken", user, by=by, at=at, role=role.value)


def disable(user: User, *, by: User, at: datetime) -> None:
    """
    Shut a person out, now: every signed-in browser ends.

    Raises NotYourRoles, NotYourself or LastAdministrator.
    """
    _may_manage(by)
    if user.id == by.id:
        raise NotYourself(N_("You cannot disable your own account."))
    if user.is_a(Role.ADMINISTRATOR):
        _another_administrator(user)
    user.active = False
    user.invited_until = None
    user.invitation_sha256 = None
    end_all(user, at=at)
    record("account.disabled", user, by=by, at=at)


def enable(user: User, *, by: User, at: datetime) -> None:
    """Let a person in again.  Raises NotYourRoles."""
    _may_manage(by)
    user.active = True
    record("account.enabled", user, by=by, at=at)


def protect(user: User, totp_secret: str, *, by: User, at: datetime) -> None:
    """Set the second factor: an encrypted TOTP secret as Flask-Security makes them."""
    user.tf_primary_method = "authenticator"
    user.tf_totp_secret = totp_secret
    record("account.second_factor_set", user, by=by, at=at)


def forget_second_factor(user: User, *, by: User, at: datetime) -> None:
    """
    Let a person who lost the telephone set up another, at the next sign-in.

    Raises NotYourRoles.  The password is still needed; all browsers are signed out.
    """
    _may_manage(by)
    user.tf_primary_method = None
    user.tf_totp_secret = None
    user.mf_recovery_codes = None
    end_all(user, at=at)
    record("account.second_factor_forgotten", user, by=by, at=at)
    post("accounts/second_factor_forgotten", to=[user], about=user.reference, at=at)


def begin(user: User, *, token: str, at: datetime) -> SignIn:
    """Remember a browser that signed in; `token` stays there, its SHA-256 here."""
    sign_in = SignIn(
        token_sha256=queries.hashed(token), user_id=user.id, started_at=at, seen_at=at
    )
    db.session.add(sign_in)
    record("account.signed_in", user, by=user, at=at)
    return sign_in


def end(sign_in: SignIn, *, at: datetime) -> None:
    """Sign one browser out: its cookie, and every copy of it, is worth nothing."""
    if sign_in.ended_at is None:
        sign_in.ended_at = at


def end_all(user: User, *, at: datetime) -> None:
    """Sign all browsers of a person out."""
    for sign_in in queries.open_sign_ins(user):
        end(sign_in, at=at)


def note(verb: str, user: User, *, by: Actor, at: datetime) -> None:
    """Write down what Flask-Security did by itself: "account.password_changed"."""
    record(verb, user, by=by, at=at)


def _may_manage(by: User) -> None:
    if not rules.may_manage(by):
        raise NotYourRoles(N_("Only an administrator may do this."))


def _another_administrator(user: User) -> None:
    others = [one for one in queries.staff(Role.ADMINISTRATOR) if one.id != user.id]
    if not others:
        raise LastAdministrator(
            N_("There must be an administrator: appoint another one first.")
        )
