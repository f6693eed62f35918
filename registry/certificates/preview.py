"""A certificate of an invented holder, to look at a layout before anything rests on it.

The holder does not exist and its number is 0, which is never given.
"""

from datetime import date
from typing import Any

from registry.certificates.layouts import look
from registry.certificates.numbers import Number
from registry.certificates.rendering import bilingual, fingerprint
from registry.certificates.rules import anniversaries, last_day
from registry.criteria.edition import Edition, Requirement

LAYOUT = "2026"
COOPERATIVE: dict[str, Any] = {
    "name": "Cooperativa sociale L’Orto di Sant’Anna",
    "albo": "C118204",
    "kind": "social_b",
    "label": {
        "it": "Cooperativa sociale di tipo B",
        "en": "Social cooperative, type B",
    },
}
COMPANY: dict[str, Any] = {
    "name": "Officine Sant’Anna S.r.l.",
    "albo": None,
    "kind": "company",
    "label": {"it": "Impresa", "en": "Company"},
}
SIGNATORY = {
    "it": {"name": "Nome Cognome", "office": "Presidente del Comitato"},
    "en": {"name": "Nome Cognome", "office": "Chair of the Committee"},
}


def invented(
    edition: Edition, today: date, *, language: str = "it", name: str = ""
) -> dict[str, Any]:
    """The facts of a certificate under `edition`, in `it`, `en` or both, `it+en`."""
    if language == "it+en":
        return bilingual(
            invented(edition, today, language="it", name=name),
            invented(edition, today, language="en", name=name),
        )
    number = Number("XXX", today.year, 0)
    told: dict[str, Any] = {
        "number": str(number),
        "language": language,
        "layout": LAYOUT,
        "scheme": edition.scheme,
        "scheme_title": edition.title.in_(language),
        "edition": edition.key,
        "edition_title": edition.official_title.in_(language),
        "edition_digest": edition.digest,
        "organisation": _holder(edition, name, language),
        "issued_on": today.isoformat(),
        "valid_until": last_day(today, edition).isoformat(),
        "next_recheck_on": anniversaries(today, edition)[0].isoformat(),
        "decided_on": today.isoformat(),
        "criteria": _criteria(edition, language),
        **_level(edition, language),
        "signatory": SIGNATORY[language],
        "body": {"name": "Registro di prova"},
        "address": f"https://registro.example{number.short_address}",
        "development_seal": True,
    }
    return {**told, "fingerprint": fingerprint(told)}


def _holder(edition: Edition, name: str, language: str) -> dict[str, Any]:
    only_companies = list(edition.applicants) == ["company"]
    holder = COMPANY if only_companies else COOPERATIVE
    return {
        "name": name or holder["name"],
        "vat": "01234567897",
        "tax_code": "01234567897",
        "albo": holder["albo"],
        "rea": "RE-284511",
        "kind": holder["kind"],
        "kind_label": holder["label"][language],
        "town": "Reggio Emilia",
        "province": "RE",
    }


def _criteria(edition: Edition, language: str) -> list[dict[str, Any]]:
    return [
        {
            "id": requirement.id,
            "number": str(requirement.number),
            "title": requirement.title.in_(language),
            "result": "met",
            "reserve_until": None,
            **_points(requirement),
            "evidence": [
                kind.label.in_(language)
                for kind in edition.evidence_in(requirement.section).values()
            ],
        }
        for requirement in edition.requirements
        if not requirement.gate
    ]


def _points(requirement: Requirement) -> dict[str, Any]:
    """Of those that give points, two thirds: petals of a length to look at."""
    if requirement.points is None:
        return {}
    optional = {} if requirement.mandatory else {"optional": True}
    return {"points": requirement.points * 2 // 3, "of": requirement.points, **optional}


def _level(edition: Edition, language: str) -> dict[str, str]:
    if not edition.levels:
        return {}
    level = edition.levels[-1]
    words = look(edition.scheme).levels[language]
    return {"level": words.get(level.id, level.title.in_(language))}
