"""For keys: their use, the watch-list of their organisation, its webhooks."""

from datetime import datetime
from typing import Any, TypeVar

from flask import Blueprint, Response, jsonify, request
from flask.typing import ResponseReturnValue
from pydantic import BaseModel, ValidationError
from spectree import Response as Answers
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnection

from registry.api.description import described
from registry.api.keyed import open_to_programs, the_key
from registry.api.shapes import Problem
from registry.api.views import open_to_origins, unreadable
from registry.api.watch_shapes import (
    AttemptTold,
    Before,
    Day,
    DeliveriesTold,
    DeliveryTold,
    HolderWatched,
    Limits,
    SecretTold,
    Usage,
    WatchListChange,
    WatchListTold,
    WebhookAsked,
    WebhookMade,
    WebhooksTold,
    WebhookTold,
)
from registry.clock import instant
from registry.db import db
from registry.errors import N_, Invalid
from registry.keys import queries as keys
from registry.keys import rules as limits
from registry.keys.models import Scope
from registry.organisations.models import Organisation
from registry.services import services
from registry.verification.answers import Told
from registry.watches import operations, queries, rules, webhooks
from registry.watches.models import Delivery, Telling, Webhook
from registry.watches.secrecy import Secrecy, the_secrecy

blueprint = Blueprint("api_watches", __name__, url_prefix="/api/v1")
blueprint.after_request(open_to_origins)
for fault in (DBAPIError, NoConnection):
    blueprint.register_error_handler(fault, unreadable)

#: Deliveries in one answer.
MOST = 50
DAYS = 30
KEY: dict[str, list[str]] = {"key": []}
T = TypeVar("T", bound=BaseModel)


class BadBody(Invalid):
    """The body is not the JSON object described."""


REFUSED = {
    "HTTP_401": (Problem, "No key, or one that opens nothing"),
    "HTTP_403": (Problem, "The key is for other things"),
    "HTTP_429": (Problem, "Too many questions: see Retry-After"),
    "HTTP_503": (Problem, "The register cannot be read: this is no answer"),
}
NOT_FOUND = {"HTTP_404": (Problem, "There is none of this number here")}
WRONG = {"HTTP_422": (Problem, "What was sent is wrong: see `code`")}
NOT_NOW = {"HTTP_409": (Problem, "Not possible as things stand: see `code`")}
GONE = {"HTTP_204": None}


@blueprint.get("/usage")
@open_to_programs(None, required=True)
@described(
    resp=Answers(HTTP_200=(Usage, "Use and limits of the key"), **REFUSED),
    operation_id="usage",
    tags=["key"],
    security=KEY,
)
def usage() -> ResponseReturnValue:
    """How much was asked with the key that is shown, and what is left today."""
    key = the_key()
    days = [
        Day(on=one.on.isoformat(), requests=one.requests, items=one.items)
        for one in keys.usage(key, services().today(), DAYS)
    ]
    return _said(
        Usage(
            key=key.name,
            scopes=key.scopes,
            today=days[-1],
            items_left=max(0, limits.ITEMS_PER_DAY - days[-1].items),
            limits=Limits(
                calls_per_minute=limits.PER_MINUTE,
                items_per_day=limits.ITEMS_PER_DAY,
                bulk_calls_per_minute=limits.BULK_PER_MINUTE,
                jobs_at_once=limits.JOBS_AT_ONCE,
            ),
            days=days,
        )
    )


@blueprint.get("/watchlists")
@open_to_programs(Scope.WATCHES, required=True)
@described(
    resp=Answers(HTTP_200=(WatchListTold, "The list"), **REFUSED),
    operation_id="watchlist",
    tags=["watches"],
    security=KEY,
)
def watch_list() -> ResponseReturnValue:
    """Whom the organisation watches, as far as they are on the public register."""
    return _said(_list(_company(), the_secrecy()))


@blueprint.post("/watchlists")
@open_to_programs(Scope.WATCHES, required=True)
@described(
    json=WatchListChange,
    resp=Answers(HTTP_200=(WatchListTold, "The list as it is now"), **WRONG, **REFUSED),
    operation_id="changeWatchlist",
    tags=["watches"],
    security=KEY,
)
def change_watch_list() -> ResponseReturnValue:
    """Watch identifiers, watch them no more, choose when to be written to."""
    asked, company, secrecy = _body(WatchListChange), _company(), the_secrecy()
    by, at = the_key().created_by, services().clock.now()
    wanted = rules.identifiers_in(asked.add)
    unwanted = rules.identifiers_in(asked.remove)
    added = operations.watch(company, wanted, secrecy=secrecy, by=by, at=at)
    removed = operations.unwatch(company, unwanted, secrecy=secrecy, by=by, at=at)
    if asked.telling is not None:
        operations.choose(company, Telling(asked.telling), by=by, at=at)
    db.session.commit()
    return _said(_list(company, secrecy, added=added, removed=removed))


@blueprint.delete("/watchlists")
@open_to_programs(Scope.WATCHES, required=True)
@described(
    resp=Answers(**GONE, **NOT_NOW, **REFUSED),
    operation_id="eraseWatchlist",
    tags=["watches"],
    security=KEY,
)
def erase_watch_list() -> ResponseReturnValue:
    """Erase the whole list at once."""
    at = services().clock.now()
    operations.erase(_company(), by=the_key().created_by, at=at)
    db.session.commit()
    return "", 204


@blueprint.get("/webhooks")
@open_to_programs(Scope.WATCHES, required=True)
@described(
    resp=Answers(HTTP_200=(WebhooksTold, "All of them"), **REFUSED),
    operation_id="webhooks",
    tags=["webhooks"],
    security=KEY,
)
def all_webhooks() -> ResponseReturnValue:
    """The webhooks of the organisation."""
    found = queries.webhooks_of(_company())
    return _said(WebhooksTold(webhooks=[WebhookTold(**_told(one)) for one in found]))


@blueprint.post("/webhooks")
@open_to_programs(Scope.WATCHES, required=True)
@described(
    json=WebhookAsked,
    resp=Answers(
        HTTP_201=(WebhookMade, "Made; keep its secret"), **NOT_NOW, **WRONG, **REFUSED
    ),
    operation_id="addWebhook",
    tags=["webhooks"],
    security=KEY,
)
def add_webhook() -> ResponseReturnValue:
    """Make a webhook; its secret is told this once."""
    asked, company = _body(WebhookAsked), _company()
    made, secret = webhooks.add(
        company,
        asked.url,
        asked.events,
        secrecy=the_secrecy(),
        by=the_key().created_by,
        at=services().clock.now(),
    )
    db.session.commit()
    return _said(WebhookMade(**_told(made), secret=secret)), 201


@blueprint.get("/webhooks/<id:id_>")
@open_to_programs(Scope.WATCHES, required=True)
@described(
    resp=Answers(HTTP_200=(WebhookTold, "The webhook"), **NOT_FOUND, **REFUSED),
    operation_id="webhook",
    tags=["webhooks"],
    security=KEY,
)
def one_webhook(id_: int) -> ResponseReturnValue:
    """One webhook."""
    return _said(WebhookTold(**_told(_webhook(id_))))


@blueprint.delete("/webhooks/<id:id_>")
@open_to_programs(Scope.WATCHES, required=True)
@described(
    resp=Answers(**GONE, **NOT_FOUND, **REFUSED),
    operation_id="removeWebhook",
    tags=["webhooks"],
    security=KEY,
)
def remove_webhook(id_: int) -> ResponseReturnValue:
    """Forget a webhook with everything sent to it."""
    at = services().clock.now()
    webhooks.remove(_webhook(id_), by=the_key().created_by, at=at)
    db.session.commit()
    return "", 204


@blueprint.post("/webhooks/<id:id_>/rotate")
@open_to_programs(Scope.WATCHES, required=True)
@described(
    resp=Answers(HTTP_200=(SecretTold, "The new secret"), **NOT_FOUND, **REFUSED),
    operation_id="rotateWebhook",
    tags=["webhooks"],
    security=KEY,
)
def rotate_webhook(id_: int) -> ResponseReturnValue:
    """A new secret; for 24 hours messages are signed with the one before, too."""
    webhook, at = _webhook(id_), services().clock.now()
    by = the_key().created_by
    secret = webhooks.rotate(webhook, secrecy=the_secrecy(), by=by, at=at)
    db.session.commit()
    until = instant(at + rules.BOTH_SIGN)
    return _said(SecretTold(secret=secret, both_sign_until=until))


@blueprint.post("/webhooks/<id:id_>/test")
@open_to_programs(Scope.WATCHES, required=True)
@described(
    resp=Answers(
        HTTP_202=(DeliveryTold, "It leaves within a minute"),
        **NOT_FOUND,
        **NOT_NOW,
        **REFUSED,
    ),
    operation_id="testWebhook",
    tags=["webhooks"],
    security=KEY,
)
def test_webhook(id_: int) -> ResponseReturnValue:
    """Send a message of type `webhook.test`, which says nothing."""
    webhook, at = _webhook(id_), services().clock.now()
    by = the_key().created_by
    delivery = webhooks.test(webhook, secrecy=the_secrecy(), by=by, at=at)
    db.session.commit()
    return _said(_delivery(delivery)), 202


@blueprint.get("/webhooks/<id:id_>/deliveries")
@open_to_programs(Scope.WATCHES, required=True)
@described(
    query=Before,
    resp=Answers(
        HTTP_200=(DeliveriesTold, "Of the last thirty days"),
        **NOT_FOUND,
        **WRONG,
        **REFUSED,
    ),
    operation_id="deliveries",
    tags=["webhooks"],
    security=KEY,
)
def deliveries(id_: int) -> ResponseReturnValue:
    """What was sent to a webhook and what became of it, the newest first."""
    found = queries.deliveries(_webhook(id_))
    before = _before()
    if before is not None:
        found = found.where(Delivery.id < before)
    some = db.session.scalars(found.limit(MOST + 1)).all()
    shown = [_delivery(one) for one in some[:MOST]]
    older = shown[-1].id if len(some) > MOST else None
    return _said(DeliveriesTold(deliveries=shown, before=older))


@blueprint.post("/webhooks/<id:id_>/deliveries/<id:piece_id>/replay")
@open_to_programs(Scope.WATCHES, required=True)
@described(
    resp=Answers(
        HTTP_202=(DeliveryTold, "It leaves within a minute"),
        **NOT_FOUND,
        **NOT_NOW,
        **REFUSED,
    ),
    operation_id="replayDelivery",
    tags=["webhooks"],
    security=KEY,
)
def replay(id_: int, piece_id: int) -> ResponseReturnValue:
    """Send a message again: the same id, the same words."""
    delivery = queries.delivery(_webhook(id_), piece_id)
    at = services().clock.now()
    webhooks.replay(delivery, by=the_key().created_by, at=at)
    db.session.commit()
    return _said(_delivery(delivery)), 202


def _company() -> Organisation:
    return the_key().organisation


def _webhook(id_: int) -> Webhook:
    return queries.webhook_of(_company(), id_)


def _body(shape: type[T]) -> T:
    try:
        return shape.model_validate_json(request.get_data())
    except ValidationError as wrong:
        raise _bad(wrong) from None


def _before() -> int | None:
    try:
        return Before.model_validate(request.args.to_dict()).before
    except ValidationError as wrong:
        raise _bad(wrong) from None


def _bad(wrong: ValidationError) -> BadBody:
    first = wrong.errors(include_url=False)[0]
    place = ".".join(str(part) for part in first["loc"]) or "body"
    return BadBody(
        N_("What was sent is not as described, at %(place)s."), place=place[:80]
    )


def _said(told: Told) -> Response:
    response = jsonify(told.model_dump(mode="json", exclude_none=True))
    response.headers["Cache-Control"] = "no-store"
    return response


def _list(
    company: Organisation,
    secrecy: Secrecy,
    *,
    added: int | None = None,
    removed: int | None = None,
) -> WatchListTold:
    found = queries.list_of(company)
    return WatchListTold(
        identifiers=queries.size(company),
        telling=(found.telling if found else Telling.DAILY).value,
        holders=[
            HolderWatched(
                id=one.organisation_id,
                legal_name=one.name,
                town=one.town,
                province=one.province,
                certificate=one.number,
                scheme=one.scheme,
                scheme_name=one.mark,
                status=one.standing.code.value,
                status_since=one.standing.since.isoformat(),
                expires=one.valid_until.isoformat(),
            )
            for one in queries.suppliers(company, secrecy, services().today())
        ],
        added=added,
        removed=removed,
    )


def _told(webhook: Webhook) -> dict[str, Any]:
    return {
        "id": webhook.id,
        "url": webhook.url,
        "events": webhook.events,
        "created_at": instant(webhook.created_at),
        "on": rules.is_on(webhook),
        "off_because": webhook.off_because,
        "failing_since": _instant(webhook.failing_since),
    }


def _delivery(delivery: Delivery) -> DeliveryTold:
    waits = delivery.state.value == "waiting"
    return DeliveryTold(
        id=delivery.id,
        message_id=delivery.message_id,
        event=delivery.event,
        state=delivery.state.value,
        created_at=instant(delivery.created_at),
        next_attempt_at=instant(delivery.next_attempt_at) if waits else None,
        attempts=[
            AttemptTold(
                at=instant(one.at),
                status=one.status,
                problem=one.problem,
                milliseconds=one.milliseconds,
            )
            for one in delivery.log
        ],
    )


def _instant(at: datetime | None) -> str | None:
    return None if at is None else instant(at)
