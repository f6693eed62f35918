"""Webhooks after Standard Webhooks 1.0.0: made, rotated, sent to, given up.

Every function here changes rows, as those of operations.py do, and commits nothing.
"""

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from registry.accounts.models import User
from registry.courier import Handed, checked_url
from registry.db import db
from registry.errors import N_, Conflict, Forbidden
from registry.journal.operations import Actor, record
from registry.mail.operations import post
from registry.organisations.models import Organisation
from registry.organisations.queries import speakers
from registry.states import move
from registry.watches import queries, rules
from registry.watches.models import (
    MOVES,
    Attempt,
    Delivery,
    DeliveryState,
    Reason,
    Webhook,
    WebhookSecret,
)
from registry.watches.secrecy import Secrecy

#: Bytes of a secret: the standard asks for 24 to 64.
SECRET = 32
PREFIX = "whsec_"
GONE = 410
#: A message being sent is nobody else's for so long.
LEASE = timedelta(minutes=5)


class NotYourWebhook(Forbidden):
    """Only who speaks for an organisation keeps its webhooks."""


class TooManyWebhooks(Conflict):
    """The organisation has as many webhooks as it may."""


class IsOff(Conflict):
    """Nothing is sent to a webhook that is switched off."""


class StillWaiting(Conflict):
    """The message was not sent yet, or is tried again by itself."""


@dataclass(frozen=True)
class Message:
    """What is posted: everything but the clock's own time is fixed."""

    delivery_id: int
    webhook_id: int
    url: str
    body: bytes
    headers: dict[str, str]


def add(
    company: Organisation,
    url: str,
    events: Iterable[str],
    *,
    secrecy: Secrecy,
    by: User,
    at: datetime,
) -> tuple[Webhook, str]:
    """
    Make a webhook, and the secret that is shown this once.

    Raises NotYourWebhook, TooManyWebhooks, courier.BadAddress and rules.BadEvents.
    """
    _check_keeper(company, by)
    if len(queries.webhooks_of(company)) >= rules.MOST_WEBHOOKS:
        raise TooManyWebhooks(
            N_("There are %(most)s webhooks already: remove one first."),
            most=rules.MOST_WEBHOOKS,
        )
    webhook = Webhook(
        organisation=company,
        url=checked_url(url),
        events=rules.checked_events(events),
        created_at=at,
        created_by_id=by.id,
    )
    db.session.add(webhook)
    db.session.flush()
    secret = _new_secret(webhook, secrecy, at)
    record("webhook.added", webhook, by=by, at=at, events=webhook.events)
    return webhook, secret


def change(
    webhook: Webhook, url: str, events: Iterable[str], *, by: User, at: datetime
) -> None:
    """Send elsewhere, or tell of other things.  Raises as `add` does."""
    _check_keeper(webhook.organisation, by)
    webhook.url, webhook.events = checked_url(url), rules.checked_events(events)
    record("webhook.changed", webhook, by=by, at=at, events=webhook.events)


def rotate(webhook: Webhook, *, secrecy: Secrecy, by: User, at: datetime) -> str:
    """A new secret, shown this once; the one before signs too for 24 hours more."""
    _check_keeper(webhook.organisation, by)
    for old in webhook.secrets:
        if old.ends_at is None:
            old.ends_at = at + rules.BOTH_SIGN
    secret = _new_secret(webhook, secrecy, at)
    record("webhook.rotated", webhook, by=by, at=at)
    return secret


def switch_off(webhook: Webhook, *, by: User, at: datetime) -> None:
    """Send nothing there from now on.  Raises NotYourWebhook and IsOff."""
    _check_keeper(webhook.organisation, by)
    _check_on(webhook)
    _switch_off(webhook, Reason.ASKED, by, at)


def switch_on(webhook: Webhook, *, by: User, at: datetime) -> None:
    """Send there again, what waits included.  Raises NotYourWebhook."""
    _check_keeper(webhook.organisation, by)
    webhook.off_at = webhook.off_because = webhook.failing_since = None
    record("webhook.switched_on", webhook, by=by, at=at)


def remove(webhook: Webhook, *, by: User, at: datetime) -> None:
    """Forget the webhook with everything sent to it.  Raises NotYourWebhook."""
    _check_keeper(webhook.organisation, by)
    record("webhook.removed", webhook, by=by, at=at)
    db.session.delete(webhook)


def test(webhook: Webhook, *, secrecy: Secrecy, by: User, at: datetime) -> Delivery:
    """Send a message that says nothing.  Raises NotYourWebhook and IsOff."""
    _check_keeper(webhook.organisation, by)
    _check_on(webhook)
    return queue(webhook, rules.TEST, {}, happened_at=at, secrecy=secrecy, at=at)


def replay(delivery: Delivery, *, by: User, at: datetime) -> None:
    """
    Send a message again: the same id and the same words.

    Raises NotYourWebhook, IsOff and StillWaiting.
    """
    _check_keeper(delivery.webhook.organisation, by)
    _check_on(delivery.webhook)
    if delivery.state is DeliveryState.WAITING:
        raise StillWaiting(N_("This message is still waiting to be sent."))
    move(delivery, DeliveryState.WAITING, MOVES)
    delivery.attempts, delivery.next_attempt_at = 0, at
    record("webhook.replayed", delivery, by=by, at=at)


def queue(
    webhook: Webhook,
    event: str,
    data: Mapping[str, Any],
    *,
    happened_at: datetime,
    secrecy: Secrecy,
    at: datetime,
) -> Delivery:
    """Let a message wait for a webhook, in this transaction; due at once."""
    told = {"type": event, "timestamp": happened_at.isoformat(), "data": data}
    delivery = Delivery(
        webhook_id=webhook.id,
        message_id=f"msg_{secrets.token_hex(16)}",
        event=event,
        sealed=secrecy.seal(told, _message_place(webhook.id)),
        created_at=at,
        next_attempt_at=at,
    )
    db.session.add(delivery)
    db.session.flush()
    return delivery


def take(delivery: Delivery, *, secrecy: Secrecy, at: datetime) -> Message:
    """
    Take a message for sending: for five minutes nobody else does.

    After the commit the network is free to take its time.
    """
    delivery.attempts += 1
    delivery.next_attempt_at = at + LEASE
    webhook = delivery.webhook
    told = secrecy.open(delivery.sealed, _message_place(webhook.id))
    body = json.dumps(told, separators=(",", ":")).encode()
    keys = [
        base64.b64decode(secrecy.open(one.sealed, _secret_place(webhook.id)))
        for one in webhook.secrets
        if rules.signs(one, at)
    ]
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "Impact-Registry-Webhooks/1",
        **signed(delivery.message_id, body, keys, at),
    }
    return Message(delivery.id, webhook.id, webhook.url, body, headers)


def signed(
    message_id: str, body: bytes, keys: Iterable[bytes], at: datetime
) -> dict[str, str]:
    """The three headers of Standard Webhooks, signed with each of the keys."""
    timestamp = str(int(at.timestamp()))
    content = f"{message_id}.{timestamp}.".encode() + body
    signatures = (
        "v1," + base64.b64encode(hmac.digest(key, content, hashlib.sha256)).decode()
        for key in keys
    )
    return {
        "webhook-id": message_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(signatures),
    }


def note(delivery: Delivery, handed: Handed, *, by: Actor, at: datetime) -> None:
    """Note what became of an attempt, and what follows: nothing, another, or the end.

    A webhook that answers 410, or took nothing for five days, is switched off, and who
    speaks for its organisation reads why.
    """
    delivery.log.append(
        Attempt(
            at=at,
            status=handed.status,
            problem=handed.problem,
            milliseconds=handed.milliseconds,
        )
    )
    webhook = delivery.webhook
    if delivery.state is not DeliveryState.WAITING:
        return
    if handed.taken:
        move(delivery, DeliveryState.DELIVERED, MOVES)
        webhook.failing_since = None
        return
    webhook.failing_since = webhook.failing_since or at
    pause = rules.pause_after(delivery.attempts)
    if pause is None or handed.status == GONE:
        move(delivery, DeliveryState.FAILED, MOVES)
    else:
        delivery.next_attempt_at = at + max(pause, rules.asked_pause(handed))
    if handed.status == GONE:
        _give_up(webhook, Reason.GONE, by, at)
    elif rules.has_given_up(webhook, at):
        _give_up(webhook, Reason.FAILING, by, at)


def put_back(delivery: Delivery, refused: Handed, *, at: datetime) -> None:
    """
    Nothing was tried, since the one before was refused: the attempt does not count.

    The message is due at once, or when the program wants to hear from us again.
    """
    delivery.attempts -= 1
    delivery.next_attempt_at = at + rules.asked_pause(refused)


def forget(delivery: Delivery) -> None:
    """Erase a message with its attempts."""
    db.session.delete(delivery)


def _give_up(webhook: Webhook, reason: Reason, by: Actor, at: datetime) -> None:
    if not rules.is_on(webhook):
        return
    _switch_off(webhook, reason, by, at)
    post(
        "watches/webhook_off",
        to=speakers(webhook.organisation),
        about=webhook.reference,
        at=at,
        webhook=webhook,
        gone=reason is Reason.GONE,
        since=webhook.failing_since,
        company=webhook.organisation.name,
    )


def _switch_off(webhook: Webhook, reason: Reason, by: Actor, at: datetime) -> None:
    webhook.off_at, webhook.off_because = at, reason
    record("webhook.switched_off", webhook, by=by, at=at, reason=reason)


def _new_secret(webhook: Webhook, secrecy: Secrecy, at: datetime) -> str:
    plain = base64.b64encode(secrets.token_bytes(SECRET)).decode()
    webhook.secrets.append(
        WebhookSecret(
            sealed=secrecy.seal(plain, _secret_place(webhook.id)), created_at=at
        )
    )
    db.session.flush()
    return PREFIX + plain


def _secret_place(webhook_id: int) -> str:
    return f"secret of {webhook_id}"


def _message_place(webhook_id: int) -> str:
    return f"message to {webhook_id}"


def _check_keeper(company: Organisation, by: User) -> None:
    if not rules.may_watch(by, company):
        raise NotYourWebhook(
            N_("Only who speaks for the organisation keeps its webhooks.")
        )


def _check_on(webhook: Webhook) -> None:
    if not rules.is_on(webhook):
        raise IsOff(N_("This webhook is switched off: switch it on first."))
