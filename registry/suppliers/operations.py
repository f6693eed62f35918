"""Every change to what companies bring: accounts, lists, what is remembered."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from registry.accounts import operations as accounts
from registry.accounts import queries as people
from registry.accounts.models import Role, User
from registry.db import db
from registry.errors import N_, Conflict
from registry.journal.operations import record
from registry.mail.operations import post
from registry.organisations import operations as organisations
from registry.organisations import queries as registered
from registry.organisations.models import Capacity, Organisation, OrganisationKind
from registry.suppliers import queries, rules
from registry.suppliers.models import SignUp

#: As an invitation (ASVS 5.0, 6.4.1); ours.
SIGN_UP_LASTS = timedelta(hours=72)


class SignUpOver(Conflict):
    """The link was used, replaced or has expired."""


@dataclass(frozen=True)
class Newcomer:
    """Who asks for an account and has none."""

    email: str
    name: str
    language: str
    id: None = None


def ask_to_join(
    *,
    company: str,
    vat: str,
    province: str,
    town: str,
    person: str,
    email: str,
    language: str,
    at: datetime,
) -> None:
    """
    Write to an address that somebody wants to use for a company; nothing opens yet.

    What is answered is the same whether the address or the company is known or not:
    only the letter differs.  Raises Refused with everything that is wrong.
    """
    facts = rules.checked_sign_up(
        company=company, vat=vat, province=province, town=town, email=email
    )
    user = people.by_email(facts["email"])
    if user is not None:
        post("suppliers/already_in", to=[user], about=user.reference, at=at)
        return
    newcomer = Newcomer(facts["email"], person, language)
    known = registered.by_vat(facts["vat"]) or registered.by_tax_code(facts["vat"])
    if known is not None:
        _tell_colleagues(known, newcomer, at)
        return
    for former in queries.sign_ups_of(facts["email"]):
        db.session.delete(former)
    token = secrets.token_urlsafe(24)  # 192 bits; ASVS 6.6.3 asks for 128
    made = SignUp(
        **facts,
        token_sha256=people.hashed(token),
        person=person,
        language=language,
        asked_at=at,
        until=at + SIGN_UP_LASTS,
    )
    db.session.add(made)
    db.session.flush()
    post(
        "suppliers/sign_up",
        to=[newcomer],
        about=made.reference,
        at=at,
        secret=True,
        company=made.company,
        path=f"/sign-up/{token}",
        until=made.until,
    )


def _tell_colleagues(known: Organisation, newcomer: Newcomer, at: datetime) -> None:
    post("suppliers/known_company", to=[newcomer], about=known.reference, at=at,
         vat=known.vat or known.tax_code)  # fmt: skip
    if known.kind is OrganisationKind.COMPANY:
        post("suppliers/colleague", to=registered.speakers(known), at=at,
             about=known.reference, company=known.name, id=known.id,
             person=newcomer.name, email=newcomer.email)  # fmt: skip


def join(asked: SignUp, *, password_hash: str, by: User, at: datetime) -> Organisation:
    """
    Open the account of who came by the link, and enter the company.

    `by` is the registry.  The person speaks for the company as a delegate: nobody has
    shown that they represent it by law.  Raises SignUpOver, AlreadyKnown or Refused.
    """
    if not rules.is_open(asked, at):
        raise SignUpOver(N_("This link is no longer valid: ask for another."))
    company = organisations.add(
        kind=OrganisationKind.COMPANY,
        name=asked.company,
        vat=asked.vat,
        province=asked.province,
        town=asked.town,
        by=by,
        at=at,
    )
    user = accounts.open_account(
        asked.email,
        asked.person,
        Role.COMPANY,
        password_hash=password_hash,
        language=asked.language,
        by=by,
        at=at,
    )
    organisations.appoint(company, user, Capacity.DELEGATE, by=by, at=at)
    db.session.delete(asked)
    return company


def forget(asked: SignUp, *, by: User, at: datetime) -> None:
    """Drop what somebody typed who never opened the letter."""
    record("sign_up.forgotten", asked, by=by, at=at)
    db.session.delete(asked)
