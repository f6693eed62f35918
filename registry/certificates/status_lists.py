"""
Whether credentials still hold, for all of them at once: one bit each.

W3C Bitstring Status List 1.0: so many bits that a look at one tells nobody which was
meant. A bit in `revocation` is for ever, one in `suspension` may go again. The lists
are worked out from the events when they are asked for, so none is ever behind.
"""

import base64
import gzip
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import groupby
from typing import Any

from registry.certificates.credential import VC
from registry.certificates.models import ENTRIES
from registry.certificates.queries import StatusEvent
from registry.certificates.standing import LAST_WORDS, Code, course
from registry.clock import civil_day, instant
from registry.signing import Signer

#: What a set bit means: the standings it is set for.
PURPOSES = {
    "revocation": frozenset(LAST_WORDS.values()),
    "suspension": frozenset({Code.SUSPENDED}),
}
#: A list is signed anew every hour at least, and good for a day.
AGAIN = timedelta(hours=1)
LIFE = timedelta(hours=24)
#: Milliseconds for which a verifier may keep a list (the standard’s own default).
TTL = 300_000


def now(
    purpose: str, events: Iterable[StatusEvent], at: datetime, signer: Signer
) -> str:
    """The list as it is at the instant `at`, signed; the same within the hour."""
    known = list(events)
    hour = at.replace(minute=0, second=0, microsecond=0)
    changed = max((e.recorded_at for e in known if e.recorded_at <= at), default=hour)
    return _signed(
        signer, purpose, _set(purpose, known, at), max(hour, changed), hour + LIFE
    )


def then(
    purpose: str, events: Iterable[StatusEvent], at: datetime, signer: Signer
) -> str:
    """The list as it would have been signed at an instant of the past."""
    return _signed(signer, purpose, _set(purpose, events, at), at, at + LIFE)


def encoded(indexes: Iterable[int]) -> str:
    """Bits with these set, the first one leftmost, packed as the standard wants."""
    bits = bytearray(ENTRIES // 8)
    for index in indexes:
        bits[index // 8] |= 0x80 >> index % 8
    packed = gzip.compress(bytes(bits), mtime=0)
    return "u" + base64.urlsafe_b64encode(packed).rstrip(b"=").decode()


def _set(purpose: str, events: Iterable[StatusEvent], at: datetime) -> frozenset[int]:
    """The indexes of the certificates whose standing sets the bit at an instant."""
    found = set()
    for bits, told in groupby(events, key=lambda e: (e.revocation, e.suspension)):
        current = course(told, civil_day(at), known_at=at)
        if current and current.code in PURPOSES[purpose]:
            found.add(dict(zip(PURPOSES, bits, strict=True))[purpose])
    return frozenset(found)


@lru_cache(maxsize=8)
def _signed(
    signer: Signer,
    purpose: str,
    indexes: frozenset[int],
    valid_from: datetime,
    valid_until: datetime,
) -> str:
    address = f"{signer.base_url}/status/{purpose}"
    told: dict[str, Any] = {
        "@context": [VC],
        "id": address,
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": signer.did,
        "validFrom": instant(valid_from),
        "validUntil": instant(valid_until),
        "credentialSubject": {
            "id": f"{address}#list",
            "type": "BitstringStatusList",
            "statusPurpose": purpose,
            "encodedList": encoded(indexes),
            "ttl": TTL,
        },
    }
    return signer.sign(told)
