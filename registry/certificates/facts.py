"""Every word of the paper, fixed when its number is taken."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from registry.certificates.layouts import look
from registry.certificates.models import Certificate
from registry.certificates.numbers import Number
from registry.certificates.rules import anniversaries, last_day, next_to_file
from registry.clock import civil_day
from registry.criteria.edition import Edition
from registry.criteria.result import Status
from registry.decisions.models import Decision
from registry.organisations.models import Organisation, OrganisationKind

LAYOUT = "2026"


@dataclass(frozen=True)
class Issuer:
    """Who issues, and where its pages are: what the settings say."""

    body: str
    signatory: str
    office: str
    base_url: str
    development_seal: bool
    #: Says an English word of ours in `language`.
    say: Callable[[str], str]
    language: str = "it"


def facts_of(
    decision: Decision,
    edition: Edition,
    number: Number,
    issuer: Issuer,
    today: date,
    before: Certificate | None = None,
) -> dict[str, Any]:
    """
    The facts that `rendering.render` prints, as JSON values.

    All but the fingerprint, which is that of the credential made from them. `before`
    is the certificate whose term a re-issue goes on with.
    """
    language = issuer.language
    return {
        "number": str(number),
        "language": language,
        "layout": LAYOUT,
        "scheme": edition.scheme,
        "scheme_title": edition.title.in_(language),
        "edition": edition.key,
        "edition_title": edition.official_title.in_(language),
        "edition_digest": edition.digest,
        "organisation": holder(decision.application.organisation, issuer),
        "issued_on": today.isoformat(),
        **_term(edition, today, before),
        "decided_on": civil_day(decision.decided_at).isoformat(),
        "criteria": criteria(decision, edition, language),
        **_waived(decision, edition, language),
        **_level(decision, edition, language),
        "signatory": {"name": issuer.signatory, "office": issuer.office},
        "body": {"name": issuer.body},
        "address": f"{issuer.base_url}{number.short_address}",
        "development_seal": issuer.development_seal,
    }


def _term(
    edition: Edition, today: date, before: Certificate | None
) -> dict[str, object]:
    if before is None:
        return {
            "valid_until": last_day(today, edition).isoformat(),
            "next_recheck_on": anniversaries(today, edition)[0].isoformat(),
        }
    return {
        "valid_until": before.valid_until.isoformat(),
        "next_recheck_on": next_to_file(before, edition, today).isoformat(),
        "replaces": {
            "number": before.number,
            "issued_on": before.issued_on.isoformat(),
        },
    }


def facts_in(
    certificate: Certificate, edition: Edition, issuer: Issuer
) -> dict[str, Any]:
    """
    What the certificate says, said in the language of `issuer`.

    Names, identifiers, days and the fingerprint are those on the certificate, whatever
    changed since.
    """
    decision, first = certificate.rests_on, certificate.facts
    if decision is None:
        raise ValueError("a bulk row has no paper")
    number, today = Number.read(certificate.number), certificate.issued_on
    before = certificate.replaces if certificate.is_reissue else None
    facts = facts_of(decision, edition, number, issuer, today, before)
    kind = issuer.say(OrganisationKind(first["organisation"]["kind"]).label)
    kept = ("layout", "signatory", "body", "address", "fingerprint")
    facts |= {name: first[name] for name in kept}
    return {**facts, "organisation": {**first["organisation"], "kind_label": kind}}


def holder(organisation: Organisation, issuer: Issuer) -> dict[str, Any]:
    """The legal identity of the holder."""
    return {
        "name": organisation.name,
        "vat": organisation.vat,
        "tax_code": organisation.tax_code,
        "albo": organisation.albo,
        "rea": organisation.rea,
        "kind": organisation.kind.value,
        "kind_label": issuer.say(organisation.kind.label),
        "town": organisation.town,
        "province": organisation.province,
    }


def criteria(
    decision: Decision, edition: Edition, language: str
) -> list[dict[str, Any]]:
    """
    One row per criterion that applies: its result and the kinds of evidence seen.

    Where it gives points, those that are sure and out of how many; `optional` where it
    gives nothing but points.
    """
    grounds = decision.grounds
    results = {row["id"]: row for row in grounds["result"]["requirements"]}
    seen = {piece["kind"] for piece in grounds["evidence"] if piece["accepted"]}
    return [
        {
            "id": requirement.id,
            "number": str(requirement.number),
            "title": requirement.title.in_(language),
            "result": grounds["verdicts"][requirement.id]["verdict"],
            "reserve_until": results[requirement.id].get("reserve_until"),
            **_points(results[requirement.id]),
            **({} if requirement.mandatory else {"optional": True}),
            "evidence": [
                kind.label.in_(language)
                for name, kind in edition.evidence_in(requirement.section).items()
                if name in seen
            ],
        }
        for requirement in edition.requirements
        if not requirement.gate
        and results[requirement.id].get("status") != Status.NOT_APPLICABLE
    ]


def _waived(
    decision: Decision, edition: Edition, language: str
) -> dict[str, list[dict[str, str]]]:
    """
    The criteria that do not apply for a reason the auditor accepted, where there are.

    They are no results and stand apart; the reason itself stays in the grounds.
    """
    found = {row["id"]: row for row in decision.grounds["result"]["requirements"]}
    rows = [
        {"id": one.id, "number": str(one.number), "title": one.title.in_(language)}
        for one in edition.requirements
        if found[one.id].get("waived") is not None
    ]
    return {"not_applicable": rows} if rows else {}


def _points(result: Mapping[str, Any]) -> dict[str, int]:
    points = result.get("points")
    return {"points": points["low"], "of": points["of"]} if points else {}


def _level(decision: Decision, edition: Edition, language: str) -> dict[str, str]:
    """The level reached for sure, in the words of the scheme's look."""
    reached = decision.grounds["result"].get("level")
    if reached is None:
        return {}
    words = look(edition.scheme, LAYOUT).levels[language]
    titles = {level.id: level.title.in_(language) for level in edition.levels}
    return {"level": words.get(reached, titles[reached])}
