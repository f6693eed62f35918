"""What a decision rests on, frozen word for word."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from registry.applications import rules as application_rules
from registry.applications.models import Evidence
from registry.audits import rules as audit_rules
from registry.audits.models import Audit
from registry.criteria.edition import Edition
from registry.criteria.evaluation import evaluate
from registry.criteria.facts import Action, Basis

#: 2: with the reserves that were used up before, which format 1 has in the trace only,
#: and with the corrective actions. 3: with the claims that a criterion does not apply.
FORMAT = 3


def freeze(
    audit: Audit, edition: Edition, actions: Mapping[str, Action]
) -> dict[str, Any]:
    """
    Edition and its digests, answers, verified values, verdicts and findings, the hash
    of every piece of evidence considered, the corrective actions agreed by criterion,
    the claims that a criterion does not apply and what was answered, the result of the
    rules with its trace.
    """
    application, day = audit.application, audit_rules.reference_day(audit.application)
    case = replace(audit_rules.case_of(audit, edition), actions=actions)
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
        "reference_day": day.isoformat(),
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
        "reserves_used": sorted(case.reserves_used),
        "actions": {
            id_: {"due": one.due.isoformat(), "agreed_on": _iso(one.agreed_on)}
            for id_, one in actions.items()
        },
        "waivers": {
            one.requirement: {
                "reason": one.reason,
                "accepted": one.accepted,
                "answer": one.answer,
            }
            for one in application.waivers
        },
        "result": evaluate(edition, case, day, Basis.VERIFIED).to_json(),
        "summary": audit.summary,
    }


def _piece(audit: Audit, piece: Evidence) -> dict[str, Any]:
    review = audit_rules.review_of(audit, piece)
    return {
        "kind": piece.kind,
        "sha256": piece.file.sha256,
        "expires_on": _iso(piece.expires_on),
        "accepted": bool(review and review.accepted),
        "reason": review.reason if review else "",
    }


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def canonical(grounds: dict[str, Any]) -> bytes:
    """The grounds as canonical JSON: sorted keys, no blanks, UTF-8."""
    text = json.dumps(
        grounds, ensure_ascii=False, sort_keys=True, separators=(",", ":")
    )
    return text.encode()


def sha256(grounds: dict[str, Any]) -> str:
    """SHA-256 (hex) of the canonical JSON."""
    return hashlib.sha256(canonical(grounds)).hexdigest()
