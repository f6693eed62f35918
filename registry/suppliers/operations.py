"""Every change to what companies bring: accounts, lists, what is remembered."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import delete

from registry.accounts import operations as accounts
from registry.accounts import queries as people
from registry.accounts.models import Role, User
from registry.clock import civil_day
from registry.criteria.schemes import MAIN_SCHEME
from registry.db import db
from registry.errors import N_, Conflict, Forbidden
from registry.files.rules import plain_name
from registry.journal.operations import record
from registry.mail.operations import post
from registry.organisations import operations as organisations
from registry.organisations import queries as registered
from registry.organisations.models import Capacity, Organisation, OrganisationKind
from registry.states import move
from registry.storage import Storage
from registry.suppliers import queries, rules
from registry.suppliers.answers import Answer
from registry.suppliers.checking import Step
from registry.suppliers.columns import Layout as Columns
from registry.suppliers.models import (
    MOVES,
    Confirmation,
    Content,
    Layout,
    ListState,
    SignUp,
    SupplierList,
)
from registry.suppliers.reading import Tables
from registry.suppliers.tables import chosen, header_mark
from registry.suppliers.vault import Vault

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


class NotYourCompany(Forbidden):
    """Only those who speak for a company hand in its lists."""


class TooManyAtOnce(Conflict):
    """The lists handed in before are still being checked."""


class KeyUsedBefore(Conflict):
    """The same idempotency key came with another file."""


@dataclass(frozen=True)
class Wishes:
    """How a company wants its list checked."""

    language: str
    on: date | None = None
    threshold: int = rules.THRESHOLD
    #: Which column is which, where it is said beforehand.
    columns: Mapping[str, int] | None = None
    #: Whether a person is asked whom names mean that are only alike.
    asks: bool = True
    scheme: str = MAIN_SCHEME


def hand_in(
    company: Organisation,
    content: bytes,
    name: str,
    tables: Tables,
    wishes: Wishes,
    *,
    by: User,
    at: datetime,
    vault: Vault,
    key: str | None = None,
) -> SupplierList:
    """
    Keep a company's file, sealed, and put it in the queue, or ask for its columns.

    `tables` are what `reading.read` found in `content`.  With an idempotency `key` seen
    before and the same file the list made then is returned.  Raises NotYourCompany,
    TooManyAtOnce, KeyUsedBefore, NoColumn, BadThreshold or DateInFuture.
    """
    if not rules.may_hand_in(by, company):
        raise NotYourCompany(N_("You do not speak for this company."))
    marked = vault.mark("key", str(company.id), key) if key else None
    digest = vault.mark("file", str(company.id), Storage.digest(content))
    if marked and (before := queries.by_key(company, marked)):
        if before.request_digest != digest:
            raise KeyUsedBefore(N_("This key was used before, with another file."))
        return before
    rules.check_wishes(wishes.threshold, wishes.on, civil_day(at))
    _have_room(company)
    sheet, columns = chosen(tables, company.id, vault)
    if wishes.columns is not None:
        rules.check_columns(wishes.columns, max(map(len, sheet.rows)))
        columns = Columns(dict(wishes.columns), columns.header_row)
    made = SupplierList(
        company_id=company.id,
        by_id=by.id,
        state=ListState.UPLOADED if columns.sure else ListState.ASKING,
        format=tables.format,
        language=wishes.language,
        scheme=wishes.scheme,
        on=wishes.on,
        threshold=wishes.threshold,
        confirmed=not wishes.asks,
        total=len(sheet.rows),
        counts={},
        idempotency_key=marked,
        request_digest=digest,
        handed_in_at=at,
        changed_at=at,
    )
    db.session.add(made)
    db.session.flush()
    _keep(made, "file", vault, content)
    _keep_json(made, "about", vault, {"name": plain_name(name)})
    _keep_json(made, "table", vault, {"sheet": sheet.name, "rows": sheet.rows})
    _keep_json(made, "layout", vault, columns.written())
    record("supplier_list.handed_in", made, by=by, at=at, rows=made.total)
    return made


def _have_room(company: Organisation) -> None:
    if queries.at_work(company) >= rules.AT_ONCE:
        raise TooManyAtOnce(
            N_("Two lists are being checked already: wait until one is done.")
        )


def name_columns(
    of: SupplierList, columns: Columns, *, by: User, at: datetime, vault: Vault
) -> None:
    """
    Say which column is which; files with the same header are then known.

    The check begins anew.  Raises WrongState, TooManyAtOnce or NoColumn.
    """
    rows = _table(of, vault)["rows"]
    rules.check_columns(columns.columns, max(map(len, rows)))
    _have_room(of.company)
    move(of, ListState.UPLOADED, MOVES)
    mark = header_mark(rows, columns.header_row, of.company_id, vault)
    db.session.merge(
        Layout(company_id=of.company_id, mark=mark, columns=columns.columns, kept_at=at)
    )
    _drop(of, "answers", "result", "receipt")
    _keep_json(of, "layout", vault, columns.written())
    of.done = of.doubtful = 0
    of.counts, of.checked_on, of.changed_at = {}, None, at
    of.confirmed = False
    record("supplier_list.columns_named", of, by=by, at=at)


def begin(of: SupplierList, *, at: datetime) -> None:
    """Start checking; the day of the answers is fixed.  Raises WrongState."""
    move(of, ListState.CHECKING, MOVES)
    of.checked_on = of.on or civil_day(at)
    of.changed_at = at


def keep_step(of: SupplierList, step: Step, *, at: datetime, vault: Vault) -> None:
    """Keep the answers to some rows; a step that somebody else kept is dropped."""
    _keep_json(of, "answers", vault, step.answers, part=of.done)
    of.done, of.changed_at = step.upto, at


def ask_names(of: SupplierList, doubtful: int, *, by: User, at: datetime) -> None:
    """Ask the company whom it means by so many names."""
    move(of, ListState.CONFIRMING, MOVES)
    of.doubtful, of.changed_at = doubtful, at
    record("supplier_list.names_asked", of, by=by, at=at, names=doubtful)


def confirm(
    of: SupplierList,
    said: Mapping[str, int | None],
    offered: Mapping[str, Sequence[int]],
    *,
    by: User,
    at: datetime,
    vault: Vault,
) -> None:
    """
    Remember whom a company means: by mark of a name, an organisation or nobody.

    Kept for its next lists too; unreadable to everybody else.
    """
    if of.state is not ListState.CONFIRMING:
        move(of, ListState.CHECKING, MOVES)
    for mark, organisation_id in said.items():
        meant = {"organisation": organisation_id, "offered": list(offered[mark])}
        sealed = vault.seal_json(meant, f"{of.company_id}:{mark}")
        db.session.merge(
            Confirmation(company_id=of.company_id, mark=mark, sealed=sealed, kept_at=at)
        )
    of.doubtful = max(of.doubtful - len(said), 0)
    of.changed_at = at
    record("supplier_list.names_confirmed", of, by=by, at=at, names=len(said))
    if not of.doubtful:
        go_without(of, by=by, at=at)


def go_without(of: SupplierList, *, by: User, at: datetime) -> None:
    """Finish; names not confirmed by now are told apart in the file."""
    move(of, ListState.CHECKING, MOVES)
    of.confirmed, of.changed_at = True, at


def nothing_to_ask(of: SupplierList, *, at: datetime) -> None:
    """Every row has its answer: the file can be written."""
    of.confirmed, of.changed_at = True, at


def settle(
    of: SupplierList,
    answers: Sequence[tuple[int, Answer]] | None,
    counts: Mapping[str, int],
    receipt: Mapping[str, Any],
    *,
    at: datetime,
    vault: Vault,
) -> None:
    """Keep how many answers there are of each, their proof, and them if changed."""
    if answers is not None:
        _drop(of, "answers")
        _keep_json(of, "answers", vault, answers)
    _keep_json(of, "receipt", vault, receipt)
    of.counts, of.doubtful, of.changed_at = dict(counts), 0, at


def finish(
    of: SupplierList, file: bytes, *, by: User, at: datetime, vault: Vault
) -> None:
    """Keep the file that goes back to the company: the list is done."""
    move(of, ListState.DONE, MOVES)
    _keep(of, "result", vault, file)
    of.changed_at = at
    record("supplier_list.checked", of, by=by, at=at, **of.counts)


def fail(of: SupplierList, problem: str, *, by: User, at: datetime) -> None:
    """Give a list up: `problem` is the rule its file breaks.  Nothing of it stays."""
    move(of, ListState.FAILED, MOVES)
    _empty(of, at)
    of.problem = problem
    record("supplier_list.failed", of, by=by, at=at, rule=problem)


def cancel(of: SupplierList, *, by: User, at: datetime) -> None:
    """Stop checking a list; nothing of it stays.  Raises WrongState."""
    move(of, ListState.CANCELLED, MOVES)
    _empty(of, at)
    record("supplier_list.cancelled", of, by=by, at=at)


def erase(of: SupplierList, *, by: User, at: datetime) -> None:
    """Erase a list and what was made of it; its counts stay.  Raises WrongState."""
    move(of, ListState.ERASED, MOVES)
    _empty(of, at)
    record("supplier_list.erased", of, by=by, at=at)


def forget_company(company: Organisation, *, by: User, at: datetime) -> None:
    """Forget which columns and whom a company meant: it is asked anew."""
    if not rules.may_hand_in(by, company):
        raise NotYourCompany(N_("You do not speak for this company."))
    for kind in (Layout, Confirmation):
        db.session.execute(delete(kind).where(kind.company_id == company.id))
    record("organisation.answers_forgotten", company, by=by, at=at)


def _empty(of: SupplierList, at: datetime) -> None:
    db.session.execute(delete(Content).where(Content.list_id == of.id))
    of.erased_at = of.changed_at = at


def _table(of: SupplierList, vault: Vault) -> Any:
    return queries.contents(of, "table", vault)[0]


def _drop(of: SupplierList, *kinds: str) -> None:
    db.session.execute(
        delete(Content).where(Content.list_id == of.id, Content.kind.in_(kinds))
    )


def _keep_json(
    of: SupplierList, kind: str, vault: Vault, value: Any, part: int = 0
) -> None:
    sealed = vault.seal_json(value, queries.place(of, kind, part))
    db.session.merge(Content(list_id=of.id, kind=kind, part=part, sealed=sealed))


def _keep(of: SupplierList, kind: str, vault: Vault, content: bytes) -> None:
    sealed = vault.seal(content, queries.place(of, kind, 0))
    db.session.merge(Content(list_id=of.id, kind=kind, part=0, sealed=sealed))
