"""
A small world with two of everything, so that one can be somebody else's.

Built once through the operations, kept as one SQLite file; `World.reset` brings it back
after a request has changed it.
"""

import contextvars
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Flask, session
from flask.testing import FlaskClient
from flask_security.utils import login_user
from sqlalchemy import select

from registry.accounts import operations as accounts
from registry.accounts.models import STAFF, Role, SignIn, User
from registry.accounts.queries import the_registry
from registry.applications.models import Application
from registry.audits import operations as audits
from registry.audits.models import Audit
from registry.certificates import operations as certificates
from registry.certificates.issuer import the_issuer
from registry.certificates.jobs import make_copies
from registry.certificates.models import Certificate
from registry.clock import FixedClock
from registry.complaints import operations as complaints
from registry.complaints import queries as doubts
from registry.complaints.models import Topic
from registry.db import db
from registry.keys import operations as keys
from registry.keys.models import ApiKey
from registry.mail.models import Letter
from registry.migrations import upgrade
from registry.organisations import operations as organisations
from registry.organisations.models import Capacity, Organisation, OrganisationKind
from registry.rechecks import jobs as rechecks
from registry.rechecks.models import Measure, Recheck
from registry.storage import Storage
from registry.suppliers.models import SupplierList
from registry.watches import operations as watches
from registry.watches import webhooks
from registry.watches.models import Delivery, Webhook
from registry.watches.secrecy import the_secrecy
from tests import factories
from tests.conftest import make_app
from tests.suppliers import companies
from tests.throwaway import Letterbox

CERTIFIED = datetime(2025, 2, 3, 9, tzinfo=UTC)
OPENS = datetime(2025, 11, 10, 9, tzinfo=UTC)
#: The anniversary and the month of grace have passed: the suspension waits.
NOW = datetime(2026, 3, 12, 9, tzinfo=UTC)
BEFORE = NOW - timedelta(days=2)

#: Whose eyes the pages are looked at with.
ROLES = tuple(role for role in Role if role is not Role.REGISTRY)
NO_FACTOR, DISABLED, SIGNED_OUT = "no second factor", "disabled", "signed out"
SHUT_OUT = (NO_FACTOR, DISABLED, SIGNED_OUT)


@dataclass
class Side:
    """The things of one cooperative, one company, one auditor: the ids, by kind."""

    things: dict[str, list[int]] = field(default_factory=dict)
    pieces: dict[tuple[str, int], int] = field(default_factory=dict)
    numbers: list[str] = field(default_factory=list)


@dataclass
class World:
    app: Flask
    file: Path
    clock: FixedClock
    own: Side
    foreign: Side
    people: dict[str, int]
    cookies: dict[str, str]

    def reset(self) -> None:
        """Everything as it was built."""
        with self.app.app_context():
            db.engine.dispose()
        for name in self.file.parent.glob(f"{self.file.name}-*"):
            name.unlink()
        shutil.copy(self.file.with_suffix(".built"), self.file)
        self.clock.at = NOW

    def close(self) -> None:
        """Let go of the file."""
        with self.app.app_context():
            db.engine.dispose()

    def browser(self, who: str | None = None, *, https: bool = False) -> FlaskClient:
        """A browser with nobody, or with the person called `who`, signed in."""
        client = FlaskClient(self.app, self.app.response_class)
        if who in self.cookies:
            name = self.app.config["SESSION_COOKIE_NAME"]
            client.set_cookie(name, self.cookies[who], secure=https)
        return client

    @contextmanager
    def inside(self) -> Iterator[None]:
        """Where the database may be asked."""
        with self.app.app_context():
            yield
            db.session.remove()


def build(folder: Path, doors: dict[str, Any], address: str = "") -> World:
    """
    The world in a folder; `doors` are the seal and the editions.

    One at the `address` of another database cannot be reset.
    """
    file = folder / "world.sqlite"
    clock = FixedClock(CERTIFIED)
    app = make_app(
        address or f"sqlite:///{file}",
        folder,
        clock=clock,
        storage=Storage(folder / "files"),
        postman=Letterbox(),
        **doors,
    )
    world = contextvars.Context().run(_built, app, file, clock)
    if not address:
        shutil.copy(file, file.with_suffix(".built"))
    return world


def _built(app: Flask, file: Path, clock: FixedClock) -> World:
    with app.app_context():
        upgrade(db.engine)
        people = {role.value: _person(role) for role in ROLES}
        kinds = ("cooperative", "company", "auditor")
        mine = tuple(people[kind] for kind in kinds)
        theirs = tuple(_person(Role(kind)) for kind in kinds)
        first = [_certified(speaker, auditor) for speaker, _, auditor in (mine, theirs)]
        for at, job in (
            (OPENS, rechecks.open_due),
            (NOW - timedelta(days=1), rechecks.suspend_missed),
        ):
            clock.at = at
            job(at)
        clock.at = NOW
        sides = [
            _side(*who, certificate_id)
            for who, certificate_id in zip((mine, theirs), first, strict=True)
        ]
        ids = {name: user.id for name, user in people.items()}
        ids |= _shut_out()
        db.session.commit()
        cookies = {name: _cookie(app, id_) for name, id_ in ids.items()}
        _shut(ids)
        db.session.commit()
        db.session.remove()
        db.engine.dispose()
    return World(app, file, clock, *sides, ids, cookies)


def _person(role: Role) -> User:
    user = factories.person(role, created_at=CERTIFIED)
    user.confirmed_at = CERTIFIED
    if role in STAFF:
        user.tf_primary_method = "authenticator"
    return user


def _certified(speaker: User, auditor: User) -> int:
    holder = factories.organisation(speaker=speaker, at=CERTIFIED)
    certificate = factories.certified(holder, at=CERTIFIED, auditor=auditor)
    certificates.ask_copy(
        certificate,
        factories.edition(),
        issuer=the_issuer("en"),
        by=speaker,
        at=CERTIFIED,
    )
    id_ = int(certificate.id)
    db.session.commit()
    make_copies(CERTIFIED)
    return id_


def _listing(name: str) -> int:
    found = organisations.list_published(
        scheme="impact",
        name=name,
        town="Bergamo",
        province="BG",
        kind="Cooperativa",
        source="elenco pubblicato",
        periods={"2023": True},
        listed_on=CERTIFIED.date(),
        by=factories.person(Role.SECRETARIAT),
        at=CERTIFIED,
    )
    db.session.flush()
    return int(found.id)


def _complaint(certificate: Certificate) -> int:
    """A doubt; the first is followed at the address that every word unknown makes."""
    taken = doubts.by_key("nothing") is not None
    found = complaints.report(
        certificate.organisation,
        Topic.MARK,
        "Il marchio è stampato dove non dovrebbe.",
        "chi@esempio.it",
        language="it",
        key=certificate.number if taken else "nothing",
        by=the_registry(),
        at=BEFORE,
    )
    return int(found.id)


def _side(speaker: User, buyer: User, auditor: User, certificate_id: int) -> Side:
    """One application in every state somebody acts in, all of one person's."""

    def new() -> Organisation:
        return factories.organisation(speaker=speaker, at=BEFORE)

    factories.draft(new(), at=BEFORE)
    factories.submitted(new(), at=BEFORE)
    factories.accepted(new(), at=BEFORE)
    given = factories.accepted(new(), at=BEFORE)
    secretary = factories.person(Role.SECRETARIAT)
    audits.assign(given, auditor, by=secretary, at=BEFORE)
    factories.in_evaluation(new(), auditor=auditor, at=BEFORE)
    asked = factories.in_evaluation(new(), auditor=auditor, at=BEFORE)
    kind = asked.application.attached[0].kind
    audits.ask_completion(
        asked,
        factories.edition(),
        [f"evidence:{kind}"],
        "Manca una pagina.",
        by=auditor,
        at=BEFORE,
    )
    factories.evaluated(new(), auditor=auditor, at=BEFORE)
    db.session.commit()
    company = factories.company(buyer, at=BEFORE)
    _programs(company, buyer)
    _programs(_spoken_for(speaker)[0], speaker)
    companies.lists_in_every_state(company, _spoken_for(speaker)[0].name, BEFORE)
    for made in (company, *_spoken_for(speaker)):
        _delegate(made)
    _represented(_spoken_for(speaker), buyer)
    db.session.flush()
    return _listed(speaker, buyer, auditor, certificate_id)


def _programs(company: Organisation, buyer: User) -> None:
    """A key, a watched supplier, a webhook with a message, of one organisation."""
    keys.create(company, "Gestionale", ["verify", "watches"], by=buyer, at=BEFORE)
    hands = {"secrecy": the_secrecy(), "by": buyer, "at": BEFORE}
    watches.watch(company, [("vat", "07945211006")], **hands)
    url, events = "https://hooks.example.com/in", ["watch.expiring"]
    webhook, _ = webhooks.add(company, url, events, **hands)
    webhooks.test(webhook, **hands)


def _delegate(made: Organisation) -> None:
    role = Role.COMPANY if made.kind is OrganisationKind.COMPANY else Role.COOPERATIVE
    by = factories.person(Role.SECRETARIAT)
    organisations.appoint(
        made, factories.person(role), Capacity.DELEGATE, by=by, at=BEFORE
    )


def _represented(applicants: list[Organisation], buyer: User) -> None:
    """
    What a company asks for runs as what a cooperative does: its person stands for both.

    In the role of a company alone, so that each role is looked at by itself.
    """
    by, roles = factories.person(Role.SECRETARIAT), list(buyer.roles)
    for made in applicants:
        organisations.appoint(
            made, buyer, Capacity.LEGAL_REPRESENTATIVE, by=by, at=BEFORE
        )
    buyer.roles = roles


def _spoken_for(user: User) -> list[Organisation]:
    return [
        one
        for one in db.session.scalars(select(Organisation))
        if any(r.user_id == user.id for r in one.representations)
    ]


def _listed(speaker: User, buyer: User, auditor: User, certificate_id: int) -> Side:
    mine = _spoken_for(speaker) + _spoken_for(buyer)
    ids = {one.id for one in mine}
    cases = [a for a in db.session.scalars(select(Application)) if _of(a) in ids]
    looked = [
        a
        for a in db.session.scalars(select(Audit))
        if a.auditor_id == auditor.id or a.application.id in {c.id for c in cases}
    ]
    kept = db.session.get_one(Certificate, certificate_id)
    side = Side(
        {
            "application": [case.id for case in cases],
            "audit": [one.id for one in looked],
            "organisation": sorted(ids),
            "certificate": [certificate_id],
            "recheck": _ids(Recheck, certificate_id),
            "measure": _ids(Measure, certificate_id),
            "letter": [
                letter.id
                for letter in db.session.scalars(
                    select(Letter).where(Letter.to_id == speaker.id)
                )
            ][:1],
            "person": [speaker.id],
            "key": _of_companies(ApiKey, ids),
            "supplier_list": list(
                db.session.scalars(
                    select(SupplierList.id).where(SupplierList.company_id.in_(ids))
                )
            ),
            "webhook": _of_companies(Webhook, ids),
            "listing": [_listing(f"Elencata {speaker.id}")],
            "complaint": [_complaint(kept)],
        },
        numbers=[str(kept.number)],
    )
    for case in cases:
        holder = case if case.evidence else case.starts_from
        if holder:
            side.pieces["application", case.id] = holder.evidence[0].id
    for one in looked:
        side.pieces["audit", one.id] = one.application.evidence[0].id
    for id_ in side.things["webhook"]:
        sent = select(Delivery.id).where(Delivery.webhook_id == id_)
        side.pieces["webhook", id_] = db.session.scalars(sent).one()
    for one in mine:
        delegates = [r for r in one.representations if r.capacity is Capacity.DELEGATE]
        side.pieces["organisation", one.id] = delegates[-1].id
    return side


def _of(case: Application) -> int:
    return case.organisation_id


def _ids(kind: Any, certificate_id: int) -> list[int]:
    found = select(kind.id).where(kind.certificate_id == certificate_id)
    return list(db.session.scalars(found))


def _of_companies(kind: Any, organisation_ids: set[int]) -> list[int]:
    found = select(kind.id).where(kind.organisation_id.in_(organisation_ids))
    return list(db.session.scalars(found))


def _shut_out() -> dict[str, int]:
    """People with every role, and a reason why nothing opens for them."""
    found = {}
    for name in SHUT_OUT:
        user = factories.person(*ROLES, created_at=CERTIFIED, confirmed_at=CERTIFIED)
        if name != NO_FACTOR:
            user.tf_primary_method = "authenticator"
        found[name] = user.id
    return found


def _shut(ids: dict[str, int]) -> None:
    """After they signed in: one is disabled, one signs out (the cookies are kept)."""
    boss = db.session.get_one(User, ids["administrator"])
    gone = db.session.get_one(User, ids[DISABLED])
    accounts.disable(gone, by=boss, at=NOW)
    left = db.session.get_one(User, ids[SIGNED_OUT])
    for sign_in in db.session.scalars(select(SignIn).where(SignIn.user_id == left.id)):
        accounts.end(sign_in, at=NOW)


def _cookie(app: Flask, user_id: int) -> str:
    return contextvars.copy_context().run(_entered, app, user_id)


def _entered(app: Flask, user_id: int) -> str:
    with app.test_request_context():
        user = db.session.get(User, user_id)
        login_user(user, remember=False, authn_via=["password", "authenticator"])
        session["csrf_token"] = f"token-of-{user_id}"
        db.session.commit()
        serializer = app.session_interface.get_signing_serializer(app)
        return str(serializer.dumps(dict(session)))
