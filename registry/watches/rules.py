"""What a watch-list and a webhook may be, and when the next attempt is due."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta

from registry.accounts.models import User
from registry.certificates.models import EventKind
from registry.certificates.standing import Code
from registry.courier import Handed
from registry.errors import N_, Invalid
from registry.organisations.models import Organisation
from registry.organisations.rules import represents
from registry.verification.questions import BadIdentifier, By, recognised
from registry.watches.models import Webhook, WebhookSecret

#: Identifiers in one list, and typed at once; ours.
MOST_WATCHED = 50_000
MOST_TYPED = 5_000
#: Refusals told at once: more do not help anybody.
MOST_TOLD = 10
#: Webhooks of one organisation; ours.
MOST_WEBHOOKS = 10
#: Days before the end of a certificate on which those who watch it are told.
EXPIRY_NOTICES = (90, 30, 7)
#: How long the old secret signs too (verification-api.md).
BOTH_SIGN = timedelta(hours=24)
#: After so long without a success a webhook is switched off (verification-api.md).
GIVE_UP = timedelta(days=5)
#: How long deliveries and their attempts can be looked at and sent again.
KEPT = timedelta(days=30)
#: Standard Webhooks 1.0.0, “Deliverability and reliability”: after the first attempt.
PAUSES = (
    *(timedelta(seconds=5), timedelta(minutes=5), timedelta(minutes=30)),
    *(timedelta(hours=hours) for hours in (2, 5, 10, 14, 20, 24)),
)
#: For so long a program that is busy is left alone, if it asks for that; ours.
LONGEST_ASKED = timedelta(hours=24)
#: What a public change is called in a webhook.
CHANGES = {
    EventKind.ISSUED.value: "certificate.issued",
    EventKind.SUSPENDED.value: "certificate.suspended",
    EventKind.REINSTATED.value: "certificate.reinstated",
    EventKind.CONFIRMED.value: "certificate.confirmed",
    EventKind.WITHDRAWN.value: "certificate.withdrawn",
    EventKind.ENDED_BY_HOLDER.value: "certificate.ended_by_holder",
    EventKind.SUPERSEDED.value: "certificate.superseded",
    Code.IN_UPDATE.value: "certificate.in_update",
    Code.EXPIRED.value: "certificate.expired",
}
EXPIRING = "watch.expiring"
CRITERIA = "criteria.notified"
TEST = "webhook.test"
#: What a webhook may be told of, with its words; `webhook.test` comes when asked.
EVENTS = {
    "certificate.issued": N_("Certificate issued"),
    "certificate.confirmed": N_("Certificate confirmed after the re-check"),
    "certificate.in_update": N_("In update: the re-check was filed in time"),
    "certificate.suspended": N_("Certificate suspended"),
    "certificate.reinstated": N_("Certificate reinstated"),
    "certificate.withdrawn": N_("Certificate withdrawn by the committee"),
    "certificate.ended_by_holder": N_("Certificate given up by the holder"),
    "certificate.expired": N_("Certificate expired"),
    "certificate.superseded": N_("Certificate superseded by a newer one"),
    EXPIRING: N_("A certificate ends in 90, 30 or 7 days"),
    CRITERIA: N_("A new edition of the criteria was announced"),
}


class NotRecognised(Invalid):
    """Some of what was typed is no identifier, or cannot exist."""

    field = "identifiers"


class TooMany(Invalid):
    """More identifiers than a list may hold."""

    field = "identifiers"


class BadEvents(Invalid):
    """No event was chosen, or one that does not exist."""

    field = "events"


def may_watch(user: User, organisation: Organisation) -> bool:
    """Whether `user` keeps the watch-list and webhooks of `organisation`."""
    return represents(user, organisation) is not None


def word(by: By, value: str) -> str:
    """
    The word that stands for an identifier before it is marked.

    A partita IVA and a codice fiscale of eleven digits come from one series: the same
    digits are the same organisation, whichever of the two somebody wrote.
    """
    fiscal = by in ("vat", "tax_code")
    return f"fiscal:{value}" if fiscal else f"{by}:{value}"


def words_of(organisation: Organisation, certificates: Iterable[str]) -> set[str]:
    """Every word under which an organisation may be watched."""
    o = organisation
    return words(o.vat, o.tax_code, o.albo, o.rea, *certificates)


def words(
    vat: str | None,
    tax_code: str | None,
    albo: str | None,
    rea: str | None,
    *certificates: str,
) -> set[str]:
    """Every word for these identifiers; None for those that are not there."""
    pairs: list[tuple[By, str | None]] = [
        ("vat", vat),
        ("tax_code", tax_code),
        ("albo", albo),
        ("rea", rea),
        *(("certificate", one) for one in certificates),
    ]
    return {word(by, value) for by, value in pairs if value}


def typed_identifiers(text: str) -> list[tuple[By, str]]:
    """The identifiers in a text, one on each line or apart by commas and semicolons."""
    return identifiers_in([piece for piece in _pieces(text) if piece.strip()])


def identifiers_in(pieces: list[str]) -> list[tuple[By, str]]:
    """
    The identifiers that somebody wrote, in any spelling.

    Raises NotRecognised telling the first that are none, TooMany.
    """
    if len(pieces) > MOST_TYPED:
        raise TooMany(N_("Give %(most)s at a time at most."), most=MOST_TYPED)
    read = [(piece, _identifier(piece)) for piece in pieces]
    wrong = [piece.strip()[:40] for piece, found in read if found is None]
    if wrong:
        raise NotRecognised(
            N_("These are no identifiers, or their check digit is wrong: %(wrong)s."),
            wrong=", ".join(f"“{piece}”" for piece in wrong[:MOST_TOLD]),
        )
    return [found for _, found in read if found is not None]


def _identifier(piece: str) -> tuple[By, str] | None:
    try:
        return recognised(piece)
    except BadIdentifier:
        return None


def _pieces(text: str) -> Iterator[str]:
    for line in text.splitlines():
        yield from line.replace(";", ",").split(",")


def checked_events(asked: Iterable[str]) -> list[str]:
    """The events asked for, each once, in our order; raises BadEvents."""
    wanted = set(asked)
    if not wanted or wanted - EVENTS.keys():
        raise BadEvents(N_("Choose what is to be told."))
    return [event for event in EVENTS if event in wanted]


def pause_after(attempts: int) -> timedelta | None:
    """How long to wait after so many attempts; None: there is no other."""
    return PAUSES[attempts - 1] if attempts <= len(PAUSES) else None


def asked_pause(handed: Handed) -> timedelta:
    """How long a program asks to be left alone, as far as we do as it asks."""
    return min(timedelta(seconds=handed.again_in), LONGEST_ASKED)


def signs(secret: WebhookSecret, at: datetime) -> bool:
    """Whether a message sent at an instant is signed with a secret."""
    return secret.ends_at is None or at < secret.ends_at


def is_on(webhook: Webhook) -> bool:
    """Whether anything is sent there."""
    return webhook.off_at is None


def has_given_up(webhook: Webhook, at: datetime) -> bool:
    """Whether a webhook has failed for so long that it is switched off."""
    since = webhook.failing_since
    return since is not None and at - since >= GIVE_UP


def notice_due(valid_until: date, on: date) -> int | None:
    """The notice of which the day has come: the nearest to the end; None: not yet."""
    left = (valid_until - on).days
    due = [days for days in EXPIRY_NOTICES if left <= days]
    return min(due) if due and left >= 0 else None
