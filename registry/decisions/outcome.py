"""A decision read back from its frozen grounds: never worked out again."""

import json
from dataclasses import dataclass
from datetime import date
from typing import Any

from pydantic import TypeAdapter

from registry.audits.models import Severity
from registry.audits.sheet import said
from registry.criteria.conditions import Rule
from registry.criteria.edition import Edition, Requirement
from registry.criteria.result import Status
from registry.criteria.wording import Wording
from registry.decisions.models import Decision

RULE: TypeAdapter[Any] = TypeAdapter(Rule)
NO_VERDICT = {"verdict": None, "severity": None, "finding": ""}


@dataclass(frozen=True)
class Step:
    """One step of the trace of a rule: what it asked, and whether it held."""

    #: `all`, `any`, `some` (of the steps below) or `ask`.
    kind: str
    text: str
    #: For `some`: how many of the steps below must hold.
    number: int
    #: None: it could not be told.
    truth: bool | None
    below: list["Step"]


@dataclass(frozen=True)
class Judged:
    """A rule that was judged: the `rule` itself, its `reserve`, or what it `awaits`."""

    part: str
    step: Step


@dataclass(frozen=True)
class FrozenLine:
    """One answer as it stood: words, or a table for rows."""

    label: str
    is_rows: bool
    declared: Any
    verified: Any
    note: str
    differs: bool


@dataclass(frozen=True)
class FrozenProof:
    """One file as it stood."""

    label: str
    sha256: str
    accepted: bool
    reason: str


@dataclass(frozen=True)
class FrozenWaiver:
    """The claim that a criterion does not apply, as it stood, and its answer."""

    reason: str
    accepted: bool | None
    answer: str


@dataclass(frozen=True)
class FrozenChapter:
    """One criterion as it stood on the day of the decision."""

    requirement: Requirement
    #: The verdict given, or that the criterion does not apply.
    verdict: str
    severity: Severity | None
    finding: str
    waiver: FrozenWaiver | None
    #: What the rules proposed, and until when a reserve lasts.
    proposed: str
    reserve_until: date | None
    lines: list[FrozenLine]
    proofs: list[FrozenProof]
    trace: list[Judged]


def chapters(
    decision: Decision, edition: Edition, language: str
) -> list[FrozenChapter]:
    """The criteria of a decision, from its grounds, in `language` ("it" or "en")."""
    words = Wording(edition, language)
    results = {row["id"]: row for row in decision.grounds["result"]["requirements"]}
    return [
        _chapter(decision.grounds, one, results[one.id], words)
        for one in edition.requirements
    ]


def _chapter(
    grounds: dict[str, Any],
    requirement: Requirement,
    result: dict[str, Any],
    words: Wording,
) -> FrozenChapter:
    # None is given on a criterion accepted as not applicable.
    verdict = grounds["verdicts"].get(requirement.id, NO_VERDICT)
    waiver = grounds.get("waivers", {}).get(requirement.id)
    until, proposed = result.get("reserve_until"), result["verdict"]
    if result.get("status") == Status.NOT_APPLICABLE:
        proposed = Status.NOT_APPLICABLE.value
    departs = verdict["verdict"] not in (None, result["verdict"])
    return FrozenChapter(
        requirement=requirement,
        verdict=verdict["verdict"] if departs else proposed,
        severity=Severity(verdict["severity"]) if verdict["severity"] else None,
        finding=verdict["finding"],
        waiver=FrozenWaiver(**waiver) if waiver else None,
        proposed=proposed,
        reserve_until=date.fromisoformat(until) if until else None,
        lines=_lines(grounds, requirement.section, words),
        proofs=_proofs(grounds, requirement.section, words),
        trace=_judged(result["trace"], words),
    )


def _lines(grounds: dict[str, Any], section: str, words: Wording) -> list[FrozenLine]:
    declared, verified = grounds["content"]["answers"], grounds["verified"]
    return [
        FrozenLine(
            label=answer.label.in_(words.language),
            is_rows=answer.type == "rows",
            declared=said(words, answer, declared.get(name)),
            verified=said(words, answer, verified.get(name)),
            note=grounds["notes"].get(name, ""),
            differs=name in verified and verified[name] != declared.get(name),
        )
        for name, answer in words.edition.answers_in(section).items()
        if name in declared or name in verified
    ]


def _proofs(grounds: dict[str, Any], section: str, words: Wording) -> list[FrozenProof]:
    kinds = words.edition.evidence_in(section)
    return [
        FrozenProof(
            kinds[piece["kind"]].label.in_(words.language),
            piece["sha256"],
            piece["accepted"],
            piece["reason"],
        )
        for piece in grounds["evidence"]
        if piece["kind"] in kinds
    ]


def traces(
    result: dict[str, Any], edition: Edition, language: str
) -> dict[str, list[Judged]]:
    """How the rules came to a result (its JSON form), by requirement id."""
    words = Wording(edition, language)
    return {r["id"]: _judged(r["trace"], words) for r in result["requirements"]}


def _judged(trace: dict[str, Any], words: Wording) -> list[Judged]:
    return [
        Judged(part, _step(trace[part], words))
        for part in ("rule", "reserve", "awaits")
        if part in trace
    ]


def _step(node: dict[str, Any], words: Wording) -> Step:
    below = [_step(child, words) for child in node.get("children", ())]
    if below:
        word, number = next(iter(node["rule"].items()))
        return Step(word.split("_")[0], "", number or 0, node["truth"], below)
    rule = RULE.validate_json(json.dumps(node["rule"]))  # lists become tuples
    return Step("ask", words.ask(rule, words.scope), 0, node["truth"], [])
