"""What a cooperative of the demo world answers on a day, always legal and varied."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from math import ceil
from typing import Any

from registry.clock import add_months
from registry.criteria.edition import Edition
from registry.demo.cast import Cooperative
from registry.organisations.models import OrganisationKind

Answers = dict[str, Any]

KINDS = {
    OrganisationKind.SOCIAL_B: "social_b",
    OrganisationKind.SOCIAL_AB: "social_ab",
    OrganisationKind.PRODUCTION_LABOUR: "production_labour",
    OrganisationKind.CONSORTIUM: "social_c",
}
CENTRALS = ("confcooperative", "legacoop", "agci")
TOPICS = (
    ("budget_plan",),
    ("social_report", "refunds"),
    ("elections", "admissions"),
    ("regulation",),
)
#: A path towards a certificate takes so long here; the edition allows twenty-four.
MONTHS_TO_CERTIFICATE = 16


def conforming(
    who: Cooperative, edition: Edition, on: dt.date, first_on: dt.date
) -> Answers:
    """Typed answers that conform to the edition on the day `on`."""
    return {
        **_eligibility(who, on),
        **_revision(who, on),
        **_assemblies(who, on),
        **_contracts(who, edition, on),
        "quality_paths": _quality_paths(who, on, first_on),
        **_training(who, on),
    }


def reserved(
    who: Cooperative, edition: Edition, on: dt.date, first_on: dt.date
) -> Answers:
    """Answers that pass with reserve: the revision is late, art. 6 serves."""
    return {
        **conforming(who, edition, on, first_on),
        "revision_paper": "substitute_declaration",
        "revision_period_until": dt.date(on.year - 1, 12, 31),
        "current_period_until": dt.date(on.year, 12, 31),
        "substitute_declaration_on": on - dt.timedelta(days=6),
        "revision_requested": True,
    }


def wrong_contract(
    who: Cooperative, edition: Edition, on: dt.date, first_on: dt.date
) -> Answers:
    """Answers not met: some workers under an agreement no central has signed."""
    given = conforming(who, edition, on, first_on)
    total = given["workers_total"]
    few = total // 4
    first = given["contracts"][0] | {"workers": total - few}
    return given | {"contracts": [first, {"code": "T149", "workers": few}]}


def lapsed_quality(
    who: Cooperative, edition: Edition, on: dt.date, first_on: dt.date
) -> Answers:
    """Answers not met: the quality path began too long ago and led to nothing."""
    path = _quality_paths(who, on, first_on)[0]
    stale = path | {"status": "started", "started_on": add_months(on, -27)}
    stale.pop("expires_on", None)
    return conforming(who, edition, on, first_on) | {"quality_paths": [stale]}


#: Who, by which edition, on which day, and when they first applied.
Variant = Callable[[Cooperative, Edition, dt.date, dt.date], Answers]


def _heads(who: Cooperative, on: dt.date) -> int:
    """A few more every year."""
    return who.workers + (on.year - 2023) * (1 + who.number % 3)


def _eligibility(who: Cooperative, on: dt.date) -> Answers:
    given = {
        "cooperative_kind": KINDS.get(who.kind, "other"),
        "albo_registered": True,
        "register_extract_on": on - dt.timedelta(days=20 + who.number % 30),
        "proceedings": "none",
        "first_year": False,
    }
    if who.kind in {OrganisationKind.SOCIAL_B, OrganisationKind.SOCIAL_AB}:
        both = who.kind is OrganisationKind.SOCIAL_AB
        heads = who.disadvantaged * 2 + 3 if both else _heads(who, on)
        share = who.disadvantaged if both else who.disadvantaged * heads / who.workers
        given["inclusion_workers"] = heads
        given["disadvantaged_workers"] = ceil(share)
    return given


def _revision(who: Cooperative, on: dt.date) -> Answers:
    social = who.kind is not OrganisationKind.PRODUCTION_LABOUR
    # The biennium begins in odd years: it ends with the even one.
    ends = on.year - 1 if social else on.year - on.year % 2
    association = who.number % 6 != 5
    return {
        "revision_body": CENTRALS[who.number % 3] if association else "ministry",
        "revision_frequency": "annual" if social else "biennial",
        "revision_outcome": "no_findings" if who.number % 9 else "diffida_cured",
        **({} if who.number % 9 else {"cure_check_on": add_months(on, -2)}),
        "revision_paper": "attestation" if association else "certificate",
        "revision_paper_number": f"{who.number * 7 + on.year % 10}/{on.year}",
        "revision_paper_on": add_months(on, -1 - who.number % 3),
        "revision_period_until": dt.date(ends, 12, 31),
    }


def _assemblies(who: Cooperative, on: dt.date) -> Answers:
    year, members = on.year - 1, max(9, _heads(who, on) * 3 // 4)
    spring = dt.date(year, 4, 20 + who.number % 9)
    autumn = dt.date(year, 10 + who.number % 2, 5 + who.number % 20)
    rows = [
        _assembly(spring, members, members * 3 // 4, approves_accounts=True),
        _assembly(autumn, members, members * 2 // 3, topics=TOPICS[who.number % 4]),
    ]
    if who.number % 4 == 1:
        summer = dt.date(year, 6, 12 + who.number % 10)
        rows.insert(1, _assembly(summer, members, members // 2, topics=("statute",),
                                 kind="extraordinary"))  # fmt: skip
    return {
        "two_tier": False,
        "financial_year_end": dt.date(year, 12, 31),
        "statute_notice_days": 8,
        "assemblies": rows,
    }


def _assembly(
    held_on: dt.date, members: int, present: int, **changes: Any
) -> dict[str, Any]:
    return {
        "held_on": held_on,
        "kind": "ordinary",
        "quorate": True,
        "approves_accounts": False,
        "topics": (),
        "notice": "sent",
        "notice_on": held_on - dt.timedelta(days=14),
        "entitled": members,
        "present": present,
        **changes,
    }


def _contracts(who: Cooperative, edition: Edition, on: dt.date) -> Answers:
    counted_on, total = on.replace(day=1) - dt.timedelta(days=1), _heads(who, on)
    table = edition.tables["contracts"]
    code = next(c for c in who.profile.contracts if table.admits(c, counted_on))
    social = who.kind in {OrganisationKind.SOCIAL_B, OrganisationKind.SOCIAL_AB}
    others = total // 5 if social and code != "T151" else 0
    rows = [_contract(code, total - others, who.profile.activity)]
    if others:
        rows.append(_contract("T151", others, "Tutoraggio e servizi sociali"))
    return {"contracts_on": counted_on, "workers_total": total, "contracts": rows}


def _contract(code: str, workers: int, activity: str) -> dict[str, Any]:
    members = workers * 3 // 5
    return {"code": code, "workers": workers, "members": members, "activity": activity}


def _quality_paths(
    who: Cooperative, on: dt.date, first_on: dt.date
) -> list[dict[str, Any]]:
    """Two in three hold a certificate when they first apply; the others get there."""
    began = add_months(first_on, -30 if who.number % 3 else -3 - who.number % 7)
    certified_on = add_months(began, MONTHS_TO_CERTIFICATE)
    path = {
        "scheme": who.profile.scheme,
        "status": "certified" if certified_on <= on else "started",
        "body": "Ente di certificazione dimostrativo",
        "accredited": True,
        "engagement": "contract_with_body",
        "started_on": began,
        "scope": who.profile.activity,
    }
    if certified_on <= on:
        expires = add_months(certified_on, 36)
        while expires <= add_months(on, 3):
            expires = add_months(expires, 36)
        path["expires_on"] = expires
    return [path]


def _training(who: Cooperative, on: dt.date) -> Answers:
    heads = _heads(who, on)
    trained = max(2, heads * (2 + who.number % 5) // 10)
    rows = [
        {
            "title": title,
            "area": "technical",
            "provider": "Ente di formazione dimostrativo",
            "delivery": "classroom" if (who.number + n) % 3 else "mixed",
            "ended_on": add_months(on, -3 - 5 * n - who.number % 3),
            "hours": Decimal(8 + 4 * ((who.number + n) % 4)) + Decimal("0.5") * n,
            "participants": max(1, trained - n),
        }
        for n, title in enumerate(who.profile.courses)
    ]
    return {
        "average_workers": heads - who.number % 2,
        "distinct_trained": trained,
        "courses": rows,
    }
