"""The shapes of what keys ask and get about their use, watch-list and webhooks."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from registry.verification.answers import Status, Told, without_nulls
from registry.watches import rules


class Day(Told):
    """What was asked with the key on a civil day."""

    on: str
    requests: int
    items: int = Field(description="Identifiers asked about")


class Limits(Told):
    """How much a key may ask."""

    calls_per_minute: int
    items_per_day: int
    bulk_calls_per_minute: int
    jobs_at_once: int


class Usage(Told):
    """The key shown, how much it asked today, and what is left."""

    key: str = Field(description="Its name")
    scopes: list[str]
    today: Day
    items_left: int
    limits: Limits
    days: list[Day] = Field(description="The last thirty days, the oldest first")


class HolderWatched(Told):
    """A watched supplier that is on the public register."""

    id: int
    legal_name: str
    town: str
    province: str
    certificate: str
    scheme: str
    scheme_name: str
    status: Status
    status_since: str
    expires: str


class WatchListTold(Told):
    """The list is kept as keyed hashes: only public holders can be named."""

    identifiers: int = Field(description="How many are watched")
    telling: Literal["at_once", "daily", "never"]
    holders: list[HolderWatched]
    added: int | None = Field(None, description="How many were not there yet")
    removed: int | None = Field(None, description="How many were there")


class WatchListChange(BaseModel):
    """What to watch, what to watch no more, when to be written to."""

    model_config = ConfigDict(extra="forbid", json_schema_extra=without_nulls)

    add: list[str] = Field(
        [], max_length=rules.MOST_TYPED, description="Identifiers in any spelling"
    )
    remove: list[str] = Field([], max_length=rules.MOST_TYPED)
    telling: Literal["at_once", "daily", "never"] | None = None


class WebhookAsked(BaseModel):
    """Where to post, and what."""

    model_config = ConfigDict(extra="forbid")

    url: str = Field(description="https://…, port 443, a name of the open internet")
    events: list[str] = Field(description=", ".join(rules.EVENTS))


class WebhookTold(Told):
    """A webhook, without its secret."""

    id: int
    url: str
    events: list[str]
    created_at: str
    on: bool
    off_because: Literal["asked", "gone", "failing"] | None = None
    failing_since: str | None = None


class WebhookMade(WebhookTold):
    """A webhook just made: its secret is told this once."""

    secret: str = Field(description="whsec_…, after Standard Webhooks")


class WebhooksTold(Told):
    """The webhooks of the organisation."""

    webhooks: list[WebhookTold]


class SecretTold(Told):
    """A new secret, told this once; until then both sign."""

    secret: str
    both_sign_until: str


class AttemptTold(Told):
    """What became of one attempt: a status, or a word for why there is none."""

    at: str
    status: int | None = None
    problem: str | None = None
    milliseconds: int


class DeliveryTold(Told):
    """A message and its attempts."""

    id: int
    message_id: str = Field(description="The header webhook-id")
    event: str
    state: Literal["waiting", "delivered", "failed"]
    created_at: str
    next_attempt_at: str | None = None
    attempts: list[AttemptTold]


class DeliveriesTold(Told):
    """Messages, the newest first; `before` leads to older ones."""

    deliveries: list[DeliveryTold]
    before: int | None = None


class Before(BaseModel):
    """Older messages than one."""

    model_config = ConfigDict(extra="forbid", json_schema_extra=without_nulls)

    before: int | None = Field(None, ge=1, le=2**31 - 1)
