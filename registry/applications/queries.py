"""Reading applications, each through the eyes of somebody."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Select, false, or_, select
from sqlalchemy.orm import selectinload

from registry.accounts.models import Role, User
from registry.applications.models import Application, ApplicationState, Evidence
from registry.db import db
from registry.errors import N_, NotFound
from registry.journal.models import Entry
from registry.journal.queries import of_case
from registry.organisations.models import Organisation, Representation

S = ApplicationState


def seen_by(user: User) -> Select[Application]:
    """
    The applications this user may know about.  Every other read starts here.

    Those of the organisations they speak for; the secretariat sees all but drafts, the
    committee those that were evaluated.  Auditors see cases through their audits.
    """
    mine = select(Representation.organisation_id).where(
        Representation.user_id == user.id, Representation.ended_at.is_(None)
    )
    doors: list[ColumnElement[bool]] = [Application.organisation_id.in_(mine)]
    if user.is_a(Role.SECRETARIAT, Role.ADMINISTRATOR):
        doors.append(Application.state != S.DRAFT)
    if user.is_a(Role.COMMITTEE):
        doors.append(
            Application.state.in_(
                [S.EVALUATED, S.GRANTED, S.GRANTED_WITH_CONDITIONS, S.REFUSED]
            )
        )
    return select(Application).where(or_(false(), *doors))


def get(id_: int, *, seen_by_user: User) -> Application:
    """The application; raises NotFound when it is not there or not theirs to see."""
    found = db.session.scalar(seen_by(seen_by_user).where(Application.id == id_))
    if found is None:
        raise NotFound(N_("There is no such application."))
    return found


def locked(id_: int) -> Application:
    """The same row, held until the commit: what a decision rests on."""
    return db.session.scalars(
        select(Application)
        .where(Application.id == id_)
        .with_for_update(of=Application)
        .execution_options(populate_existing=True)
    ).one()


def of_last_time(application: Application, id_: int) -> Evidence:
    """A piece of the application this one starts from; raises NotFound."""
    if application.starts_from is None:
        raise NotFound(N_("There is no such evidence."))
    return evidence_of(application.starts_from, id_)


def evidence_of(application: Application, id_: int) -> Evidence:
    """One piece of evidence of this application; raises NotFound."""
    for piece in application.evidence:
        if piece.id == id_:
            return piece
    raise NotFound(N_("There is no such evidence."))


def hold(organisation_id: int) -> None:
    """Let nobody else open an application for this organisation until the commit."""
    db.session.execute(
        select(Organisation.id)
        .where(Organisation.id == organisation_id)
        .with_for_update()
    )


def submissions(application: Application) -> list[Entry]:
    """What was handed over and when: the submission, then each completion."""
    verbs = ("application.submitted", "application.completed")
    return [one for one in of_case(application.case) if one.verb in verbs]


def listed(user: User, states: Collection[ApplicationState]) -> Select[Application]:
    """A list of applications in these states (any if none), newest first."""
    found = seen_by(user).options(selectinload(Application.organisation))
    if states:
        found = found.where(Application.state.in_(states))
    return found.order_by(Application.changed_at.desc(), Application.id.desc())


def open_of(organisation_id: int, scheme: str) -> Application | None:
    """The one application of an organisation that is still open for a scheme."""
    return db.session.scalar(
        select(Application).where(
            Application.organisation_id == organisation_id,
            Application.scheme == scheme,
            Application.closed_at.is_(None),
        )
    )


def of_organisation(organisation_id: int) -> Sequence[Application]:
    """All applications of an organisation, newest first."""
    return db.session.scalars(
        select(Application)
        .where(Application.organisation_id == organisation_id)
        .order_by(Application.opened_at.desc())
    ).all()


def last_of(organisation_id: int, scheme: str) -> Application | None:
    """The last application of an organisation for a scheme that has any answer."""
    return db.session.scalar(
        select(Application)
        .where(
            Application.organisation_id == organisation_id,
            Application.scheme == scheme,
            Application.answers.any(),
        )
        .order_by(Application.opened_at.desc(), Application.id.desc())
        .limit(1)
    )


def in_state(*states: ApplicationState) -> Sequence[Application]:
    """All applications in these states, the longest untouched first."""
    return db.session.scalars(
        select(Application)
        .where(Application.state.in_(states))
        .options(selectinload(Application.organisation))
        .order_by(Application.changed_at)
    ).all()


def idle_since(before: datetime) -> Sequence[int]:
    """The ids of drafts nobody touched since `before`, re-checks excluded."""
    return db.session.scalars(
        select(Application.id).where(
            Application.state == S.DRAFT,
            Application.due_on.is_(None),
            Application.changed_at < before,
        )
    ).all()


def with_overdue_completion() -> Sequence[int]:
    """The ids of applications that wait for a completion."""
    return db.session.scalars(
        select(Application.id).where(Application.state == S.INTEGRATION)
    ).all()
