"""Answers to impact/2022 that other tests start from, for any day."""

import datetime as dt
from copy import deepcopy
from decimal import Decimal
from typing import Any

from registry.criteria.calendar import add_months
from registry.criteria.edition import Edition


def conforming_answers(
    edition: Edition | None = None, *, on: dt.date
) -> dict[str, Any]:
    """Typed answers of an invented type B cooperative that conforms on the day `on`.

    `edition` is that of the answers, impact/2022; it may be left out.
    """
    year_end = dt.date(on.year - 1, 12, 31)
    return {
        "cooperative_kind": "social_b",
        "albo_registered": True,
        "register_extract_on": add_months(on, -1),
        "proceedings": "none",
        "first_year": False,
        "inclusion_workers": 14,
        "disadvantaged_workers": 6,
        "revision_body": "confcooperative",
        "revision_frequency": "annual",
        "revision_outcome": "no_findings",
        "revision_paper": "attestation",
        "revision_paper_number": "112",
        "revision_paper_on": add_months(on, -3),
        "revision_period_until": year_end,
        "two_tier": False,
        "financial_year_end": year_end,
        "statute_notice_days": 8,
        "assemblies": [
            assembly(dt.date(year_end.year, 4, 28), approves_accounts=True),
            assembly(dt.date(year_end.year, 11, 14), topics=("budget_plan",)),
        ],
        "contracts_on": add_months(on, -1),
        "workers_total": 14,
        "contracts": [{"code": "T151", "workers": 14, "members": 9}],
        "quality_paths": [quality_path(on)],
        "average_workers": 14,
        "distinct_trained": 5,
        "courses": [course(on)],
    }


def assembly(held_on: dt.date, **changes: Any) -> dict[str, Any]:
    """A valid ordinary assembly, called twelve days before."""
    return {
        "held_on": held_on,
        "kind": "ordinary",
        "quorate": True,
        "approves_accounts": False,
        "topics": (),
        "notice": "sent",
        "notice_on": held_on - dt.timedelta(days=12),
        "entitled": 21,
        "present": 17,
        **changes,
    }


def quality_path(on: dt.date, **changes: Any) -> dict[str, Any]:
    """An accredited ISO 9001 certificate in force on the day `on`."""
    return {
        "scheme": "iso9001",
        "status": "certified",
        "body": "Ente di certificazione inventato",
        "accredited": True,
        "engagement": "contract_with_body",
        "started_on": add_months(on, -30),
        "expires_on": add_months(on, 18),
        **changes,
    }


def course(on: dt.date, **changes: Any) -> dict[str, Any]:
    """A sixteen-hour technical course that ended five months before `on`."""
    return {
        "title": "Conduzione delle macchine per la pulizia industriale",
        "area": "technical",
        "provider": "Consorzio di formazione inventato",
        "delivery": "classroom",
        "ended_on": add_months(on, -5),
        "hours": Decimal("16.5"),
        "participants": 5,
        **changes,
    }


def failing_answers(
    requirement: str, edition: Edition | None = None, *, on: dt.date
) -> dict[str, Any]:
    """Answers that conform but for one requirement, which is not met on `on`."""
    answers = deepcopy(conforming_answers(edition, on=on))
    answers.update(_failures(on)[requirement])
    return answers


def reserved_answers(edition: Edition | None = None, *, on: dt.date) -> dict[str, Any]:
    """Answers that pass with reserve: the revision is late, art. 6 serves."""
    return {
        **conforming_answers(edition, on=on),
        "revision_paper": "substitute_declaration",
        "revision_period_until": dt.date(on.year - 1, 12, 31),
        "current_period_until": dt.date(on.year, 12, 31),
        "substitute_declaration_on": on,
        "revision_requested": True,
    }


def _failures(on: dt.date) -> dict[str, dict[str, Any]]:
    accounts = dt.date(on.year - 1, 4, 28)
    return {
        "eligibility": {"cooperative_kind": "social_a"},
        "revision": {"revision_outcome": "proposal_pending"},
        "assembly": {
            "assemblies": [
                assembly(accounts, approves_accounts=True),
                assembly(accounts, topics=("statute",), kind="extraordinary"),
            ]
        },
        "contract": {
            "contracts": [
                {"code": "T151", "workers": 12},
                {"code": "T149", "workers": 2},
            ]
        },
        "quality": {
            "quality_paths": [
                quality_path(on, status="started", started_on=add_months(on, -26))
            ]
        },
        "training": {"courses": [course(on, area="mandatory_safety")]},
    }
