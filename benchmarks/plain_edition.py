"""A plain edition of seven requirements, and invented applications to measure on."""

import datetime as dt
import random
from typing import Any

from registry.criteria.edition import Edition, Parameters

ON = dt.date(2026, 11, 25)
T = {"it": "Testo", "en": "Text"}
KINDS = ("social_a", "social_b", "labour", "other")
OUTCOMES = ("positive", "warned", "negative")
PATHS = ("none", "started", "certified")
NAMES = (
    "kind", "outcome", "revised_on", "assemblies", "contract", "durc_until", "path",
    "engaged_on", "certificate_until", "courses", "workers", "trained", "included",
)  # fmt: skip


def _options(names: tuple[str, ...]) -> dict[str, Any]:
    return {"type": "choice", "options": dict.fromkeys(names, T)}


ANSWERS: dict[str, Any] = {
    "kind": _options(KINDS),
    "outcome": _options(OUTCOMES),
    "revised_on": {"type": "date"},
    "assemblies": {"type": "integer", "max": 60},
    "contract": {"type": "yes_no"},
    "durc_until": {"type": "date"},
    "path": _options(PATHS),
    "engaged_on": {"type": "date"},
    "certificate_until": {"type": "date"},
    "courses": {"type": "integer", "max": 500},
    "workers": {"type": "integer", "min": 1, "max": 5000},
    "trained": {"type": "integer", "max": 5000},
    "included": {"type": "integer", "max": 5000},
}


def _at(answer: str, **rule: Any) -> dict[str, Any]:
    return {"answer": answer, **rule}


def rules(assemblies: int = 2, months: int = 18, trained: int = 50) -> dict[str, Any]:
    """The seven rules; the numbers are those a draft would change."""
    revision = (
        _at("outcome", **{"is": "positive"}),
        {
            "any_of": (
                _at("revised_on", within_months=12),
                {
                    "all_of": (
                        _at("kind", one_of=("labour", "other")),
                        _at("revised_on", within_months=24),
                    )
                },
            )
        },
    )
    path = (
        {
            "all_of": (
                _at("path", **{"is": "certified"}),
                _at("certificate_until", not_expired=True),
            )
        },
        {
            "all_of": (
                _at("path", **{"is": "started"}),
                _at("engaged_on", within_months=months),
            )
        },
    )
    training = (
        _at("courses", at_least=2),
        _at("trained", out_of="workers", percent_at_least=trained),
    )
    return {
        "revision": {"all_of": revision},
        "assembly": _at("assemblies", at_least=assemblies),
        "contract": _at("contract", **{"is": True}),
        "durc": _at("durc_until", not_expired=True),
        "path": {"any_of": path},
        "training": {"all_of": training},
        "inclusion": _at("included", out_of="workers", percent_at_least=30),
    }


def edition(name: str = "2026", **numbers: int) -> Edition:
    """The edition, or a draft of it with other numbers."""
    requirements = [
        {
            "id": id_,
            "number": number,
            "section": "one",
            "severity": "major",
            "title": T,
            "text": T,
            "why": T,
            "source": T,
            "rule": rule,
            "points": 10,
            **(
                {"applies_if": _at("kind", **{"is": "social_b"})}
                if id_ == "inclusion"
                else {}
            ),
        }
        for number, (id_, rule) in enumerate(rules(**numbers).items())
    ]
    terms = {
        field: (-7, 0) if field == "reminder_days" else 1
        for field in Parameters.model_fields
    }
    return Edition.model_validate(
        {
            "format": 1,
            "scheme": "prova",
            "edition": name,
            "title": T,
            "official_title": T,
            "summary": T,
            "source": T,
            "in_force_from": ON,
            "parameters": terms,
            "parameter_notes": {field: {"ours": True, "text": T} for field in terms},
            "sections": {"one": {"title": T, "intro": T}},
            "answers": {
                one: {"section": "one", "label": T, **answer}
                for one, answer in ANSWERS.items()
            },
            "requirements": tuple(requirements),
            "levels": (
                {"id": "base", "title": T},
                {"id": "gold", "title": T, "percent_at_least": 80},
            ),
        }
    )


def applications(count: int, seed: int = 0) -> list[dict[str, Any]]:
    """Invented answers, one in twenty of them missing."""
    chance = random.Random(seed)  # noqa: S311 - figures, not secrets
    days = [ON + dt.timedelta(days=n) for n in range(-900, 500)]
    made = []
    for _ in range(count):
        workers = min(int(chance.paretovariate(0.9) * 5), 5000)
        one = {
            "kind": chance.choice(KINDS),
            "outcome": chance.choices(OUTCOMES, (90, 7, 3))[0],
            "revised_on": chance.choice(days[:900]),
            "assemblies": chance.randint(0, 6),
            "contract": chance.random() < 0.95,
            "durc_until": chance.choice(days[850:]),
            "path": chance.choice(PATHS),
            "engaged_on": chance.choice(days[:900]),
            "certificate_until": chance.choice(days[600:]),
            "courses": chance.randint(0, 9),
            "workers": workers,
            "trained": chance.randint(0, workers),
            "included": chance.randint(0, workers),
        }
        made.append({name: v for name, v in one.items() if chance.random() >= 0.05})
    return made
