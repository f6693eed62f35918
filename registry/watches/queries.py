"""Reading watch-lists, what they hold today, and webhooks."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import selectinload

from registry.accounts.models import User
from registry.accounts.queries import hashed
from registry.certificates.layouts import mark_of
from registry.certificates.models import Certificate, CertificateState, Projection
from registry.certificates.standing import Code, Course, Standing, on_day
from registry.db import db
from registry.editions.models import EditionState, LifeEvent
from registry.errors import N_, NotFound
from registry.organisations.models import Organisation, Representation
from registry.verification.models import PublicChange
from registry.watches import rules
from registry.watches.models import (
    Delivery,
    DeliveryState,
    Forewarned,
    News,
    Progress,
    Reason,
    Telling,
    Watched,
    WatchList,
    Webhook,
)
from registry.watches.secrecy import Secrecy

#: SQLite takes 32,766 parameters in one statement.
AT_ONCE = 5_000
#: Messages taken up in one go, and of one webhook among them.
MOST_SENT, MOST_EACH = 64, 8


@dataclass(frozen=True)
class Supplier:
    """A holder that is watched, with its newest certificate of a mark as of today."""

    organisation_id: int
    name: str
    town: str
    province: str
    number: str
    scheme: str
    valid_until: date
    standing: Standing

    @property
    def mark(self) -> str:
        """The name of the mark."""
        return mark_of(self.scheme)


def _mine(user: User) -> Select[int]:
    return select(Representation.organisation_id).where(
        Representation.user_id == user.id, Representation.ended_at.is_(None)
    )


def list_of(organisation: Organisation) -> WatchList | None:
    """The watch-list of an organisation, if it ever had one."""
    return db.session.get(WatchList, organisation.id)


def organisation_of(id_: int, *, seen_by_user: User) -> Organisation:
    """An organisation a person speaks for; raises NotFound for any other."""
    found = db.session.scalar(
        select(Organisation).where(
            Organisation.id == id_, Organisation.id.in_(_mine(seen_by_user))
        )
    )
    if found is None:
        raise NotFound(N_("There is no such list."))
    return found


def size(organisation: Organisation) -> int:
    """How many identifiers an organisation watches."""
    return db.session.scalars(
        select(func.count()).where(Watched.organisation_id == organisation.id)
    ).one()


def known(organisation: Organisation, marks: Sequence[str]) -> set[str]:
    """Which of these marks stand in the list of an organisation."""
    found: set[str] = set()
    for start in range(0, len(marks), AT_ONCE):
        part = marks[start : start + AT_ONCE]
        found.update(
            db.session.scalars(
                select(Watched.mark).where(
                    Watched.organisation_id == organisation.id, Watched.mark.in_(part)
                )
            )
        )
    return found


def suppliers(organisation: Organisation, secrecy: Secrecy, on: date) -> list[Supplier]:
    """
    The holders an organisation watches, by name; for each mark a holder has, one.

    Worked out by marking the numbers of every public holder: nothing is kept of it.
    """
    marks = set(
        db.session.scalars(
            select(Watched.mark).where(Watched.organisation_id == organisation.id)
        )
    )
    if not marks:
        return []
    mark = secrecy.marker(organisation.id)
    found: list[Supplier] = []
    for rows in _holders():
        first = rows[0]
        words = rules.words(
            first.vat,
            first.tax_code,
            first.albo,
            first.rea,
            *(row.number for row in rows),
        )
        if any(mark(one) in marks for one in words):
            newest = {row.scheme: row for row in rows}
            found += [_supplier(row, on) for row in newest.values()]
    return sorted(found, key=lambda one: (one.name.casefold(), one.number))


def _holders() -> Iterator[list[Any]]:
    """The rows of each holder's certificates, the newest last."""
    rows = db.session.execute(
        select(
            Organisation.id,
            Organisation.name,
            Organisation.town,
            Organisation.province,
            Organisation.vat,
            Organisation.tax_code,
            Organisation.albo,
            Organisation.rea,
            Certificate.number,
            Certificate.scheme,
            Projection.code,
            Projection.since_on,
            Projection.reason_code,
            Projection.in_update_from,
            Projection.valid_until,
        )
        .join(Certificate, Certificate.organisation_id == Organisation.id)
        .join(Projection, Projection.certificate_id == Certificate.id)
        .order_by(Organisation.id, Certificate.issued_on, Certificate.id)
    )
    together: list[Any] = []
    for row in rows:
        if together and together[0].id != row.id:
            yield together
            together = []
        together.append(row)
    if together:
        yield together


def _supplier(row: Any, on: date) -> Supplier:
    course = Course(Code(row.code), row.since_on, row.reason_code, row.in_update_from)
    return Supplier(
        row.id,
        row.name,
        row.town,
        row.province,
        row.number,
        row.scheme,
        row.valid_until,
        on_day(course, row.valid_until, on),
    )


def by_calendar(token: str) -> WatchList | None:
    """The list whose calendar has this word in its address."""
    found = select(WatchList).where(WatchList.calendar_sha256 == hashed(token))
    return db.session.scalar(found)


def all_lists() -> Sequence[WatchList]:
    """Every watch-list, with its organisation."""
    return db.session.scalars(
        select(WatchList)
        .options(selectinload(WatchList.organisation))
        .order_by(WatchList.organisation_id)
    ).all()


def watching(
    lists: Sequence[WatchList], words: Iterable[str], secrecy: Secrecy, at: datetime
) -> list[WatchList]:
    """Those of `lists` that held one of `words` already at an instant."""
    said = list(words)
    whose: dict[str, WatchList] = {}
    for one in lists:
        mark = secrecy.marker(one.organisation_id)
        whose.update((mark(word), one) for word in said)
    found: dict[int, WatchList] = {}
    marks = list(whose)
    for start in range(0, len(marks), AT_ONCE):
        part = marks[start : start + AT_ONCE]
        held = select(Watched.mark).where(
            Watched.mark.in_(part), Watched.added_at <= at
        )
        for mark_held in db.session.scalars(held):
            one = whose[mark_held]
            found[one.organisation_id] = one
    return list(found.values())


def numbers_of(organisation_id: int) -> Sequence[str]:
    """The numbers of every certificate issued to an organisation."""
    return db.session.scalars(
        select(Certificate.number).where(
            Certificate.organisation_id == organisation_id,
            Certificate.state == CertificateState.ISSUED,
        )
    ).all()


def holder(id_: int) -> Organisation:
    """An organisation by key; raises NotFound."""
    found = db.session.get(Organisation, id_)
    if found is None:
        raise NotFound(N_("There is no such organisation."))
    return found


def progress() -> Progress:
    """Up to where was told; the row is held until the commit."""
    return db.session.scalars(
        select(Progress).where(Progress.id == 1).with_for_update()
    ).one()


def last_change() -> int:
    """The number of the newest public change; 0 before the first."""
    return db.session.scalar(select(func.max(PublicChange.number))) or 0


def announced(after: int) -> Sequence[LifeEvent]:
    """The acts by which editions were announced to holders, after one."""
    return db.session.scalars(
        select(LifeEvent)
        .where(LifeEvent.id > after, LifeEvent.state == EditionState.NOTIFIED)
        .order_by(LifeEvent.id)
    ).all()


def ending(on: date) -> Sequence[int]:
    """The ids of living certificates of whose end a notice is due and not given."""
    due = [_notice(days, on) for days in rules.EXPIRY_NOTICES]
    return db.session.scalars(
        select(Projection.certificate_id)
        .where(
            Projection.code.in_([Code.VALID, Code.SUSPENDED]),
            Projection.valid_until >= on,
            or_(*due),
        )
        .order_by(Projection.valid_until, Projection.certificate_id)
    ).all()


def _notice(days: int, on: date) -> ColumnElement[bool]:
    nearer = max((n for n in rules.EXPIRY_NOTICES if n < days), default=-1)
    given = exists().where(
        Forewarned.certificate_id == Projection.certificate_id,
        Forewarned.days == days,
    )
    return and_(
        Projection.valid_until <= on + timedelta(days=days),
        Projection.valid_until > on + timedelta(days=nearer),
        ~given,
    )


def was_forewarned(certificate: Certificate, days: int) -> bool:
    """Whether that notice was given, be it under the number before a re-issue."""
    return bool(
        db.session.scalar(
            select(
                exists().where(
                    Forewarned.days == days,
                    Forewarned.certificate_id == Certificate.id,
                    Certificate.organisation_id == certificate.organisation_id,
                    Certificate.scheme == certificate.scheme,
                    Certificate.valid_until == certificate.valid_until,
                )
            )
        )
    )


def issued(id_: int) -> Certificate | None:
    """A certificate, its row held until the commit."""
    return db.session.scalar(
        select(Certificate).where(Certificate.id == id_).with_for_update(of=Certificate)
    )


def with_news(telling: Telling) -> Sequence[int]:
    """The organisations for which news wait, of those told in that way."""
    return db.session.scalars(
        select(WatchList.organisation_id)
        .where(
            WatchList.telling == telling,
            exists().where(News.organisation_id == WatchList.organisation_id),
        )
        .order_by(WatchList.organisation_id)
    ).all()


def held_list(organisation_id: int) -> WatchList | None:
    """The watch-list, its row held until the commit."""
    return db.session.scalar(
        select(WatchList)
        .where(WatchList.organisation_id == organisation_id)
        .with_for_update(of=WatchList)
    )


def news_of(organisation_id: int) -> Sequence[News]:
    """What waits to be told to an organisation, oldest first."""
    return db.session.scalars(
        select(News).where(News.organisation_id == organisation_id).order_by(News.id)
    ).all()


def told(certificate_ids: Iterable[int]) -> dict[int, tuple[Certificate, Organisation]]:
    """Certificates with their holders, by key."""
    rows = db.session.execute(
        select(Certificate, Organisation)
        .join(Organisation, Organisation.id == Certificate.organisation_id)
        .where(Certificate.id.in_(set(certificate_ids)))
    )
    return {row[0].id: (row[0], row[1]) for row in rows}


def webhooks_seen_by(user: User) -> Select[Webhook]:
    """The webhooks of the organisations a person speaks for; nobody else sees any."""
    return select(Webhook).where(Webhook.organisation_id.in_(_mine(user)))


def webhook(id_: int, *, seen_by_user: User) -> Webhook:
    """The webhook; raises NotFound when it is not there or not theirs to see."""
    return _there(
        db.session.scalar(webhooks_seen_by(seen_by_user).where(Webhook.id == id_))
    )


def webhook_of(organisation: Organisation, id_: int) -> Webhook:
    """A webhook of an organisation; raises NotFound."""
    found = select(Webhook).where(
        Webhook.organisation_id == organisation.id, Webhook.id == id_
    )
    return _there(db.session.scalar(found))


def given_up(user: User) -> Sequence[Webhook]:
    """The webhooks of a person's organisations that the registry switched off."""
    gave_up = Webhook.off_because.in_([Reason.GONE, Reason.FAILING])
    return db.session.scalars(webhooks_seen_by(user).where(gave_up)).all()


def _there(found: Webhook | None) -> Webhook:
    if found is None:
        raise NotFound(N_("There is no such webhook."))
    return found


def webhooks_of(organisation: Organisation) -> Sequence[Webhook]:
    """The webhooks of an organisation, oldest first."""
    return db.session.scalars(
        select(Webhook)
        .where(Webhook.organisation_id == organisation.id)
        .order_by(Webhook.id)
    ).all()


def told_of(event: str, organisation_ids: Iterable[int] | None) -> list[Webhook]:
    """The webhooks that are on and want an event; of some organisations, or of all."""
    found = select(Webhook).where(Webhook.off_at.is_(None)).order_by(Webhook.id)
    if organisation_ids is not None:
        found = found.where(Webhook.organisation_id.in_(set(organisation_ids)))
    return [one for one in db.session.scalars(found) if event in one.events]


def deliveries(webhook: Webhook) -> Select[Delivery]:
    """The messages of a webhook, the newest first, with their attempts."""
    return (
        select(Delivery)
        .where(Delivery.webhook_id == webhook.id)
        .options(selectinload(Delivery.log))
        .order_by(Delivery.id.desc())
    )


def delivery(webhook: Webhook, id_: int) -> Delivery:
    """A message of a webhook; raises NotFound."""
    found = db.session.scalar(
        select(Delivery).where(Delivery.webhook_id == webhook.id, Delivery.id == id_)
    )
    if found is None:
        raise NotFound(N_("There is no such message."))
    return found


def due(at: datetime) -> list[int]:
    """The ids of messages to send now, the longest due first, few of each webhook."""
    rows = db.session.execute(
        select(Delivery.id, Delivery.webhook_id)
        .join(Webhook, Webhook.id == Delivery.webhook_id)
        .where(_is_due(at))
        .order_by(Delivery.next_attempt_at, Delivery.id)
        .limit(MOST_SENT * MOST_EACH)
    )
    each: dict[int, int] = defaultdict(int)
    taken = []
    for id_, webhook_id in rows:
        each[webhook_id] += 1
        if each[webhook_id] <= MOST_EACH:
            taken.append(id_)
    return taken[:MOST_SENT]


def to_send(id_: int, at: datetime) -> Delivery | None:
    """A message that is due, its row held (another worker's is skipped); or None."""
    return db.session.scalar(
        select(Delivery)
        .join(Webhook, Webhook.id == Delivery.webhook_id)
        .where(Delivery.id == id_, _is_due(at))
        .with_for_update(of=Delivery, skip_locked=True)
    )


def sent(id_: int) -> Delivery | None:
    """A message that was sent, its row held; None where it was erased meanwhile."""
    return db.session.scalar(
        select(Delivery).where(Delivery.id == id_).with_for_update(of=Delivery)
    )


def _is_due(at: datetime) -> ColumnElement[bool]:
    return and_(
        Delivery.state == DeliveryState.WAITING,
        Delivery.next_attempt_at <= at,
        Webhook.off_at.is_(None),
    )


def overdue(at: datetime) -> int:
    """How many messages should have been sent by an instant."""
    found = select(func.count(Delivery.id)).join(Webhook).where(_is_due(at))
    return db.session.scalars(found).one()


def old_deliveries(at: datetime) -> Sequence[int]:
    """The ids of messages kept for long enough."""
    return db.session.scalars(
        select(Delivery.id)
        .where(Delivery.created_at < at - rules.KEPT)
        .order_by(Delivery.id)
    ).all()
