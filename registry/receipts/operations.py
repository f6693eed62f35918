"""Issuing a receipt: the words are signed, and only their fingerprint is kept."""

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from registry.clock import civil_day, instant
from registry.db import db
from registry.journal.operations import next_number
from registry.organisations.models import Organisation
from registry.receipts import lists, numbers, queries
from registry.receipts.models import Receipt
from registry.receipts.rules import KIND, Payload, fingerprint
from registry.signing import Signer


@dataclass(frozen=True)
class Issued:
    """A receipt in the hands of whoever asked for it; the register keeps no copy."""

    number: str
    fingerprint: str
    payload: Payload
    jwt: str


def for_check(
    asked: Mapping[str, str],
    answered: Mapping[str, Any],
    *,
    at: datetime,
    signer: Signer,
    company: Organisation | None = None,
) -> Issued:
    """
    A receipt for one check.

    `asked` is the identifier, `on`, `known_at` and the scheme; `answered` the answer of
    the verification service as its JSON.  Both go into the receipt word for word.
    """
    return _issued(asked, answered, at=at, signer=signer, company=company)


def for_list(
    rows: Iterable[lists.Row],
    counts: Mapping[str, int],
    *,
    file_sha256: str,
    scheme: str,
    on: date,
    known_at: datetime,
    at: datetime,
    signer: Signer,
    company: Organisation | None = None,
) -> Issued:
    """
    A receipt for a whole list, which shows nothing of the list.

    `rows` are the rows as they go back to the company, in their order (names of columns
    and texts: keep them in its file, they prove a single row later); `counts` how many
    rows have each status; `file_sha256` that of the file handed in, in hexadecimal.
    """
    asked = {
        "file_sha256": file_sha256,
        "rows": sum(counts.values()),
        "scheme": scheme,
        "on": on.isoformat(),
        "known_at": instant(known_at),
    }
    answered = {"counts": dict(counts), "rows_root": lists.root(rows)}
    return _issued(asked, answered, at=at, signer=signer, company=company)


def _issued(
    asked: Mapping[str, Any],
    answered: Mapping[str, Any],
    *,
    at: datetime,
    signer: Signer,
    company: Organisation | None,
) -> Issued:
    year = civil_day(at).year
    number = numbers.written(year, next_number(f"receipts-{year}"))
    payload = {
        "iss": signer.did,
        "iat": int(at.timestamp()),
        "jti": number,
        "issued_at": instant(at),
        "asked": dict(asked),
        "answered": dict(answered),
        "register": _register(signer),
        "secret": secrets.token_hex(16),
    }
    mark = fingerprint(payload)
    db.session.add(
        Receipt(
            number=number,
            fingerprint=mark,
            issued_at=at,
            organisation_id=company.id if company else None,
        )
    )
    return Issued(number, mark, payload, signer.sign(payload, KIND))


def _register(signer: Signer) -> dict[str, Any]:
    """Which register answered, and the last event it knew of."""
    said: dict[str, Any] = {"address": signer.base_url}
    if last := queries.last_event():
        said["last_event"] = last.id
        said["recorded_through"] = instant(last.recorded_at)
    return said
