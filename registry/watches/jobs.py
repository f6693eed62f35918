"""Who watches is told: of changes, of ends that come near, by letter and by webhook."""

from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

from registry.accounts.queries import the_registry
from registry.certificates.models import Certificate
from registry.clock import civil_day
from registry.courier import Courier, Handed
from registry.db import db
from registry.jobs import one_by_one
from registry.services import services
from registry.verification import changes
from registry.watches import operations, queries, rules, webhooks
from registry.watches.models import Delivery, Telling, WatchList
from registry.watches.secrecy import Secrecy, the_secrecy
from registry.watches.webhooks import Message

#: Public changes told in one transaction.
TOGETHER = 200
#: Webhooks written to at the same time; each has its own thread.
THREADS = 8


def tell(at: datetime) -> int:
    """Tell who watches of the public changes, and everybody of new editions."""
    done = 0
    while told := _tell_some(at):
        done += told
    return done


def _tell_some(at: datetime) -> int:
    db.session.rollback()
    secrecy, progress = the_secrecy(), queries.progress()
    last = queries.last_change()  # before the lists: a newer one has no older news
    lists = list(queries.all_lists())
    found = changes.since(progress.change, TOGETHER) if lists else []
    acts = queries.announced(progress.edition_act)
    for change in found:
        operations.tell_change(change, lists, secrecy=secrecy, at=at)
    for act in acts:
        operations.tell_edition(act, secrecy=secrecy, at=at)
    operations.note_progress(
        progress,
        change=found[-1].number if found else last,
        edition_act=acts[-1].id if acts else progress.edition_act,
    )
    db.session.commit()
    return len(found) + len(acts)


def forewarn(at: datetime) -> int:
    """Tell who watches a certificate 90, 30 and 7 days before its end."""
    secrecy, today = the_secrecy(), civil_day(at)

    def load(id_: int) -> Certificate | None:
        certificate = queries.issued(id_)
        if certificate is None:
            return None
        days = rules.notice_due(certificate.valid_until, today)
        given = days is None or queries.was_forewarned(certificate, days)
        return None if given else certificate

    def work(certificate: Certificate) -> None:
        lists = list(queries.all_lists())
        operations.forewarn(certificate, lists, secrecy=secrecy, at=at)

    return one_by_one(queries.ending(today), load, work)


def write_letters(at: datetime) -> int:
    """Write to those who want to know at once."""
    return _write(Telling.AT_ONCE, at)


def write_digests(at: datetime) -> int:
    """Write to those who want one letter a day; a day skipped is told the next."""
    return _write(Telling.DAILY, at)


def _write(telling: Telling, at: datetime) -> int:
    secrecy = the_secrecy()

    def load(organisation_id: int) -> WatchList | None:
        found = queries.held_list(organisation_id)
        waits = found is not None and queries.news_of(organisation_id)
        return found if waits else None

    def work(found: WatchList) -> None:
        operations.write_letter(found, secrecy=secrecy, at=at)

    return one_by_one(queries.with_news(telling), load, work)


def send_webhooks(at: datetime) -> int:
    """
    Post the messages that are due; how many were tried.

    Each is taken in a transaction of its own, sent outside of any, and noted in
    another. Messages of one webhook go one after the other, and after the first that
    is not taken the rest goes back: a slow program keeps nobody waiting but itself.
    """
    secrecy, courier = the_secrecy(), services().courier
    waiting: dict[int, list[Message]] = defaultdict(list)
    for id_ in queries.due(at):
        if message := _take(id_, secrecy, at):
            waiting[message.webhook_id].append(message)
    if not waiting:
        return 0
    with ThreadPoolExecutor(THREADS) as pool:
        sent = pool.map(lambda ones: _carry(courier, ones), waiting.values())
        return sum(_note(*one, at) for ones in sent for one in ones)


def _take(id_: int, secrecy: Secrecy, at: datetime) -> Message | None:
    db.session.rollback()
    delivery = queries.to_send(id_, at)
    if delivery is None:
        db.session.rollback()
        return None
    message = webhooks.take(delivery, secrecy=secrecy, at=at)
    db.session.commit()
    return message


def _carry(courier: Courier, messages: list[Message]) -> list[tuple[int, Handed, bool]]:
    """
    Post messages one after the other until one is not taken.

    Of each what became of it, and whether it was tried; else why it was not.
    """
    told: list[tuple[int, Handed, bool]] = []
    refused: Handed | None = None
    for one in messages:
        handed = refused or courier.carry(one.url, one.body, one.headers)
        told.append((one.delivery_id, handed, refused is None))
        refused = None if handed.taken else handed
    return told


def _note(id_: int, handed: Handed, tried: bool, at: datetime) -> int:
    """Note an attempt; 0 where there was none."""

    def work(delivery: Delivery) -> None:
        if tried:
            webhooks.note(delivery, handed, by=the_registry(), at=at)
        else:
            webhooks.put_back(delivery, handed, at=at)

    done = one_by_one([id_], queries.sent, work)
    return done if tried else 0


def forget_deliveries(at: datetime) -> int:
    """Erase messages and their attempts after thirty days."""
    return one_by_one(queries.old_deliveries(at), queries.sent, webhooks.forget)
