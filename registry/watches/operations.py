"""Watching suppliers, and telling who watches."""

import secrets
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete

from registry.accounts.models import User
from registry.accounts.queries import hashed
from registry.certificates.layouts import mark_of
from registry.certificates.models import Certificate
from registry.certificates.rules import standing_of
from registry.clock import civil_day
from registry.db import db
from registry.editions.models import LifeEvent
from registry.errors import N_, Conflict, Forbidden
from registry.journal.operations import record
from registry.mail.operations import post
from registry.organisations.models import Organisation
from registry.organisations.queries import speakers
from registry.verification.changes import Change
from registry.verification.questions import By
from registry.watches import queries, rules, webhooks
from registry.watches.models import (
    Forewarned,
    News,
    Progress,
    Telling,
    Watched,
    WatchList,
)
from registry.watches.secrecy import Secrecy

Identifiers = Iterable[tuple[By, str]]


class NotYourList(Forbidden):
    """Only who speaks for a company keeps its watch-list."""


class NoSuppliers(Conflict):
    """There is nothing in the list yet."""


def watch(
    company: Organisation,
    identifiers: Identifiers,
    *,
    secrecy: Secrecy,
    by: User,
    at: datetime,
) -> int:
    """
    Add identifiers to the watch-list of a company; how many were not there yet.

    Identifiers as `verification.questions.recognised` returns them; they are kept as
    keyed hashes only.  Raises NotYourList and rules.TooMany.
    """
    _check_keeper(company, by)
    found = queries.list_of(company) or _new_list(company, at)
    marks = _marks(company, identifiers, secrecy)
    new = sorted(set(marks) - queries.known(company, marks))
    if queries.size(company) + len(new) > rules.MOST_WATCHED:
        raise rules.TooMany(
            N_("A list holds %(most)s identifiers at most."), most=rules.MOST_WATCHED
        )
    db.session.add_all(
        Watched(organisation_id=company.id, mark=mark, added_at=at) for mark in new
    )
    found.changed_at = at
    db.session.flush()
    record("watch_list.added", found, by=by, at=at)
    return len(new)


def unwatch(
    company: Organisation,
    identifiers: Identifiers,
    *,
    secrecy: Secrecy,
    by: User,
    at: datetime,
) -> int:
    """Take identifiers out of the list; how many were there.  Raises NotYourList."""
    words = _marks(company, identifiers, secrecy)
    return _take_out(company, words, by=by, at=at)


def unwatch_holder(
    company: Organisation,
    holder: Organisation,
    *,
    secrecy: Secrecy,
    by: User,
    at: datetime,
) -> int:
    """Take a holder out of the list, under whichever numbers it stands there."""
    mark = secrecy.marker(company.id)
    words = rules.words_of(holder, queries.numbers_of(holder.id))
    return _take_out(company, [mark(word) for word in words], by=by, at=at)


def erase(company: Organisation, *, by: User, at: datetime) -> None:
    """Empty the list, with what waits to be told of it.  Raises NotYourList."""
    found = _kept_list(company, by)
    for rows in (Watched, News):
        db.session.execute(delete(rows).where(rows.organisation_id == company.id))
    found.calendar_sha256, found.changed_at = None, at
    record("watch_list.erased", found, by=by, at=at)


def choose(
    company: Organisation, telling: Telling, *, by: User, at: datetime
) -> WatchList:
    """Say when the company is written to.  Raises NotYourList."""
    _check_keeper(company, by)
    found = queries.list_of(company) or _new_list(company, at)
    found.telling, found.changed_at = telling, at
    if telling is Telling.NEVER:
        db.session.execute(delete(News).where(News.organisation_id == company.id))
    record("watch_list.telling_chosen", found, by=by, at=at, telling=telling)
    return found


def open_calendar(company: Organisation, *, by: User, at: datetime) -> str:
    """
    A new word for the secret address of the calendar; the address before is dead.

    Raises NotYourList and NoSuppliers.
    """
    found, token = _kept_list(company, by), secrets.token_urlsafe(32)
    found.calendar_sha256, found.changed_at = hashed(token), at
    record("watch_list.calendar_opened", found, by=by, at=at)
    return token


def close_calendar(company: Organisation, *, by: User, at: datetime) -> None:
    """End the secret address of the calendar.  Raises NotYourList and NoSuppliers."""
    found = _kept_list(company, by)
    found.calendar_sha256, found.changed_at = None, at
    record("watch_list.calendar_closed", found, by=by, at=at)


def tell_change(
    change: Change, lists: list[WatchList], *, secrecy: Secrecy, at: datetime
) -> None:
    """Tell a public change to who watches its holder; what `at` is the moment of."""
    event = rules.CHANGES.get(change.kind)
    lists = [one for one in lists if one.created_at <= change.at]
    if event is None or not lists:
        return
    certificate, holder = queries.told([change.certificate_id])[change.certificate_id]
    watchers = _watchers(lists, holder, secrecy, change.at)
    status = standing_of(certificate, civil_day(at)).code
    facts = {"status": status, "effective_on": change.on.isoformat()}
    _tell(event, watchers, certificate, facts, secrecy, happened_at=change.at, at=at)


def forewarn(
    certificate: Certificate, lists: list[WatchList], *, secrecy: Secrecy, at: datetime
) -> None:
    """Tell who watches a certificate that its end is near; once for each notice."""
    today = civil_day(at)
    days = rules.notice_due(certificate.valid_until, today)
    if days is None:
        return
    db.session.add(Forewarned(certificate_id=certificate.id, days=days))
    watchers = _watchers(lists, certificate.organisation, secrecy, at)
    left = (certificate.valid_until - today).days
    facts = {
        "status": standing_of(certificate, today).code,
        "expires": certificate.valid_until.isoformat(),
        "days_left": left,
    }
    _tell(rules.EXPIRING, watchers, certificate, facts, secrecy, happened_at=at, at=at)


def tell_edition(act: LifeEvent, *, secrecy: Secrecy, at: datetime) -> None:
    """Tell the webhooks of everybody that an edition of the criteria was announced."""
    data = {"edition": act.key, "edition_digest": act.digest, "on": act.on.isoformat()}
    for one in queries.told_of(rules.CRITERIA, None):
        webhooks.queue(
            one, rules.CRITERIA, data, happened_at=act.at, secrecy=secrecy, at=at
        )


def note_progress(progress: Progress, *, change: int, edition_act: int) -> None:
    """Remember up to where was told."""
    progress.change, progress.edition_act = change, edition_act


def write_letter(found: WatchList, *, secrecy: Secrecy, at: datetime) -> None:
    """
    Put what waits into one letter for each who speaks for the company.

    The letter is secret: staff never sees its words, and it loses them once sent.
    """
    news = queries.news_of(found.organisation_id)
    opened = [secrecy.open(one.sealed, _place(found)) for one in news]
    about = queries.told(one["certificate_id"] for one in opened)
    lines = [_line(one, *about[one["certificate_id"]]) for one in opened]
    post(
        "watches/news",
        to=speakers(found.organisation),
        about=found.reference,
        at=at,
        secret=True,
        company=found.organisation.name,
        lines=lines,
        number=len(lines),
    )
    for one in news:
        db.session.delete(one)


def _line(
    told: Mapping[str, Any], certificate: Certificate, holder: Organisation
) -> dict[str, Any]:
    """What the letter says of one thing that happened."""
    on = told.get("expires") or told["effective_on"]
    return {
        "event": told["event"],
        "holder": holder.name,
        "town": holder.town,
        "province": holder.province,
        "number": certificate.number,
        "mark": mark_of(certificate.scheme),
        "on": date.fromisoformat(on),
        "days_left": told.get("days_left"),
    }


def _tell(
    event: str,
    watchers: list[WatchList],
    certificate: Certificate,
    facts: Mapping[str, Any],
    secrecy: Secrecy,
    *,
    happened_at: datetime,
    at: datetime,
) -> None:
    told = {"event": event, "certificate_id": certificate.id, **facts}
    db.session.add_all(
        News(
            organisation_id=one.organisation_id,
            sealed=secrecy.seal(told, _place(one)),
            written_at=at,
        )
        for one in watchers
        if one.telling is not Telling.NEVER
    )
    data = {
        "certificate": certificate.number,
        "scheme": certificate.scheme,
        "holder": certificate.organisation_id,
        **facts,
    }
    for webhook in queries.told_of(event, [one.organisation_id for one in watchers]):
        webhooks.queue(
            webhook, event, data, happened_at=happened_at, secrecy=secrecy, at=at
        )


def _watchers(
    lists: list[WatchList], holder: Organisation, secrecy: Secrecy, at: datetime
) -> list[WatchList]:
    words = rules.words_of(holder, queries.numbers_of(holder.id))
    return queries.watching(lists, words, secrecy, at)


def _place(found: WatchList) -> str:
    return f"news of {found.organisation_id}"


def _marks(
    company: Organisation, identifiers: Identifiers, secrecy: Secrecy
) -> list[str]:
    mark = secrecy.marker(company.id)
    return [mark(word) for word in {rules.word(*one) for one in identifiers}]


def _take_out(
    company: Organisation, marks: list[str], *, by: User, at: datetime
) -> int:
    found = _kept_list(company, by)
    there = sorted(queries.known(company, marks))
    for start in range(0, len(there), queries.AT_ONCE):
        part = there[start : start + queries.AT_ONCE]
        db.session.execute(
            delete(Watched).where(
                Watched.organisation_id == company.id, Watched.mark.in_(part)
            )
        )
    found.changed_at = at
    record("watch_list.removed", found, by=by, at=at)
    return len(there)


def _new_list(company: Organisation, at: datetime) -> WatchList:
    made = WatchList(organisation_id=company.id, created_at=at, changed_at=at)
    db.session.add(made)
    db.session.flush()
    return made


def _kept_list(company: Organisation, by: User) -> WatchList:
    _check_keeper(company, by)
    found = queries.list_of(company)
    if found is None:
        raise NoSuppliers(N_("Nothing is watched yet."))
    return found


def _check_keeper(company: Organisation, by: User) -> None:
    if not rules.may_watch(by, company):
        raise NotYourList(N_("Only who speaks for the company keeps its watch-list."))
