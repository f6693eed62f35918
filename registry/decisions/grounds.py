"""What a decision rests on, frozen word for word."""

import hashlib
import json
from typing import Any

from registry.applications import rules as application_rules
from registry.applications.models import Evidence
from registry.audits import rules as audit_rules
from registry.audits.models import Audit
from registry.criteria.edition import Edition

#: 2: with the reserves that were used up before; format 1 has them in the trace.
FORMAT = 2


def freeze(audit: Audit, edition: Edition) -> dict[str, Any]:
    """
    Edition and its digests, answers, verified values, verdicts and findings, the hash
    of every piece of evidence considered, the result of the rules with its trace.
    """
    application = audit.application
    return {
        "format": FORMAT,
        "protocol": application.protocol,
        "kind": application.kind.value,
        "organisation": {
            "name": application.organisation.name,
            "vat": application.organisation.vat,
            "tax_code": application.organisation.tax_code,
        },
        "audit": audit.id,
        "edition": edition.key,
        "edition_digest": edition.digest,
        "edition_text_digest": edition.text_digest,
        "content": dict(application_rules.content(application)),
        # worked out again: a completion that ran out of time may have changed answers
        "content_sha256": application_rules.content_sha256(application),
        "reference_day": audit_rules.reference_day(application).isoformat(),
        "verified": {v.name: v.value for v in audit.verifications},
        "notes": {v.name: v.note for v in audit.verifications if v.note},
        "verdicts": {
            v.requirement: {
                "verdict": v.verdict,
                "severity": v.severity.value if v.severity else None,
                "finding": v.finding,
            }
            for v in audit.verdicts
        },
        "evidence": [_piece(audit, piece) for piece in application.attached],
        "reserves_used": sorted(audit_rules.reserves_used(audit)),
        "result": audit_rules.proposed(audit, edition).to_json(),
        "summary": audit.summary,
    }


def _piece(audit: Audit, piece: Evidence) -> dict[str, Any]:
    review = audit_rules.review_of(audit, piece)
    return {
        "kind": piece.kind,
        "sha256": piece.file.sha256,
        "expires_on": piece.expires_on.isoformat() if piece.expires_on else None,
        "accepted": bool(review and review.accepted),
        "reason": review.reason if review else "",
    }


def canonical(grounds: dict[str, Any]) -> bytes:
    """The grounds as canonical JSON: sorted keys, no blanks, UTF-8."""
    text = json.dumps(
        grounds, ensure_ascii=False, sort_keys=True, separators=(",", ":")
    )
    return text.encode()


def sha256(grounds: dict[str, Any]) -> str:
    """SHA-256 (hex) of the canonical JSON."""
    return hashlib.sha256(canonical(grounds)).hexdigest()
