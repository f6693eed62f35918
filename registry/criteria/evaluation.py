"""The evaluation: (edition, case, day, basis) to a result with its whole trace.

A pure function, total on any input. It only proposes: the decision is people's.
"""

import datetime as dt

from registry.criteria.calendar import FOREVER, NEVER, add_months
from registry.criteria.edition import Awaits, Edition, Requirement, Reserve, Until
from registry.criteria.facts import Action, Basis, Case, Waiver
from registry.criteria.judging import Gap, Node, View, judge
from registry.criteria.result import (
    Figure,
    Outcome,
    Points,
    RequirementResult,
    Result,
    Status,
    Trace,
    Verdict,
    figure,
)
from registry.criteria.scoring import NO_POINTS, levels_of, points_of, total
from registry.criteria.view import view

__all__ = [
    "Action",
    "Basis",
    "Case",
    "Figure",
    "Outcome",
    "Points",
    "RequirementResult",
    "Result",
    "Status",
    "Trace",
    "Verdict",
    "Waiver",
    "evaluate",
]


def evaluate(
    edition: Edition, case: Case, on: dt.date, basis: Basis = Basis.DECLARED
) -> Result:
    """What the edition says of the case on the day `on`; never raises.

    `basis` chooses the organisation's values or those the auditor established.
    """
    seen = view(edition, case, on, basis)
    results = tuple(
        _judge(edition, one, seen, case, on, basis) for one in edition.requirements
    )
    outcome = _outcome(edition, results)
    levels = levels_of(edition, results, outcome)
    scored = any(one.points is not None for one in edition.requirements)
    return Result(
        edition=edition.key,
        digest=edition.digest,
        on=on,
        basis=basis,
        outcome=outcome,
        stable_until=min(one.stable_until for one in results),
        requirements=results,
        figures=tuple(
            figure(name, seen[name])
            for name, derived in edition.derived.items()
            if derived.shown
        ),
        seen=seen,
        tables={name: (one.dated, one.digest) for name, one in edition.tables.items()},
        derived=tuple(edition.derived),
        points=total(one.points for one in results)
        if scored or edition.levels
        else None,
        level=levels.sure,
        level_at_best=levels.at_best,
        knocked_out=tuple(
            one.id
            for one, result in zip(edition.requirements, results, strict=True)
            if one.knock_out and result.verdict is Verdict.NOT_MET
        ),
    )


def _judge(
    edition: Edition,
    requirement: Requirement,
    seen: View,
    case: Case,
    on: dt.date,
    basis: Basis,
) -> RequirementResult:
    waiver = case.waivers.get(requirement.id)
    if requirement.not_applicable and waiver is not None and waiver.holds(basis):
        node = judge(requirement.rule, seen, on)
        return _not_applicable(requirement, Trace(node), FOREVER, waiver.reason)
    found = _by_rules(requirement, seen, on)
    if found.status is Status.NOT_MET and requirement.reserve is not None:
        used = requirement.id in case.reserves_used and requirement.reserve.once
        found = _reserved(found, requirement.reserve, seen, on, used=used)
    if found.verdict is Verdict.NOT_MET and requirement.awaits is not None:
        found = _awaiting(found, requirement.awaits, seen, on)
    if found.verdict is Verdict.NOT_MET:
        found = _acted(edition, requirement, found, case, on)
    return found


_VERDICTS = {
    Status.MET: Verdict.MET,
    # The easiest step is what a requirement asks; the rest is a matter of points.
    Status.PARTIAL: Verdict.MET,
    Status.NOT_MET: Verdict.NOT_MET,
    Status.UNKNOWN: Verdict.PENDING,
    # What does not apply holds nobody up; the status says which of the two it is.
    Status.NOT_APPLICABLE: Verdict.MET,
}


def _by_rules(requirement: Requirement, seen: View, on: dt.date) -> RequirementResult:
    """What rule, steps and applicability say, before any reserve, wait or action."""
    node = judge(requirement.rule, seen, on)
    applies = None
    if requirement.applies_if is not None:
        applies = judge(requirement.applies_if, seen, on)
    steps = tuple(judge(step.rule, seen, on) for step in requirement.steps)
    trace = Trace(node, applies=applies, steps=steps)
    if applies is not None and applies.truth is False:
        return _not_applicable(requirement, trace, applies.until, None)
    status = _status(node, applies, steps)
    until = node.until if applies is None else min(node.until, applies.until)
    if node.truth is not True:
        until = min([until, *(step.until for step in steps)])
    optional = applies is not None and applies.truth is None
    points = points_of(requirement, node, steps, optional=optional)
    return RequirementResult(
        requirement.id, _VERDICTS[status], None, until, trace, status, points
    )


def _status(node: Node, applies: Node | None, steps: tuple[Node, ...]) -> Status:
    # A requirement met is good either way; anything else waits to know whether it
    # applies.
    if node.truth is True:
        return Status.MET
    if node.truth is None or (applies is not None and applies.truth is None):
        return Status.UNKNOWN
    best = next(
        (step.truth for step in reversed(steps) if step.truth is not False), False
    )
    return {True: Status.PARTIAL, None: Status.UNKNOWN, False: Status.NOT_MET}[best]


def _not_applicable(
    requirement: Requirement, trace: Trace, until: dt.date, reason: str | None
) -> RequirementResult:
    points = None if requirement.points is None else NO_POINTS
    return RequirementResult(
        requirement.id,
        _VERDICTS[Status.NOT_APPLICABLE],
        None,
        until,
        trace,
        Status.NOT_APPLICABLE,
        points,
        waived=reason,
    )


def _acted(
    edition: Edition,
    requirement: Requirement,
    found: RequirementResult,
    case: Case,
    on: dt.date,
) -> RequirementResult:
    """A minor requirement not met, held up while its corrective action runs."""
    action, days = case.actions.get(requirement.id), edition.parameters.corrective_days
    if requirement.severity != "minor" or action is None or days is None:
        return found
    due = action.until(days)
    if on > due:
        return found
    return found._replace(action_until=due, stable_until=min(found.stable_until, due))


def _reserved(
    found: RequirementResult, reserve: Reserve, seen: View, on: dt.date, *, used: bool
) -> RequirementResult:
    """A requirement not met, as it stands once its reserve is looked at."""
    node = judge(reserve.rule, seen, on)
    days, until = _ends(reserve.until, seen)
    stable = min(found.stable_until, until, node.until)
    found = found._replace(
        stable_until=stable, trace=found.trace._replace(reserve=node)
    )
    # Without any end there is nothing to wait for.
    if node.truth is False or days == []:
        return found
    if used:
        return found._replace(trace=found.trace._replace(reserve_spent=True))
    if node.truth is None or days is None:
        return found._replace(verdict=Verdict.PENDING)
    day = min(days)
    if on > day:
        return found._replace(trace=found.trace._replace(reserve_lapsed=day))
    return found._replace(
        verdict=Verdict.MET_WITH_RESERVE,
        reserve_until=day,
        stable_until=min(stable, day),
    )


def _awaiting(
    found: RequirementResult, awaits: Awaits, seen: View, on: dt.date
) -> RequirementResult:
    """A requirement not met, as it stands once it is asked what is awaited."""
    node = judge(awaits.rule, seen, on)
    return found._replace(
        verdict=Verdict.NOT_MET if node.truth is False else Verdict.PENDING,
        stable_until=min(found.stable_until, node.until),
        trace=found.trace._replace(awaits=node),
    )


def _ends(ends: tuple[Until, ...], seen: View) -> tuple[list[dt.date] | None, dt.date]:
    """The days on which a reserve ends, None while one of them is unknown.

    With them, the last day on which those values are seen.
    """
    days: list[dt.date] = []
    until = FOREVER
    for end in ends:
        found = seen[end.answer]
        until = min(until, found.until)
        if found.value is None and found.gap is not Gap.NOT_ASKED:
            return None, until
        if found.value is not None and found.value != NEVER:
            days.append(add_months(found.value, end.plus_months))
    return days, until


def _outcome(edition: Edition, results: tuple[RequirementResult, ...]) -> Outcome:
    counted = [
        one
        for requirement, one in zip(edition.requirements, results, strict=True)
        if requirement.mandatory
    ]
    failed = [one for one in counted if one.verdict is Verdict.NOT_MET]
    reserves = sum(one.verdict is Verdict.MET_WITH_RESERVE for one in counted)
    if reserves > edition.parameters.max_reserves or any(
        one.action_until is None for one in failed
    ):
        return Outcome.NOT_CONFORMING
    if any(one.verdict is Verdict.PENDING for one in counted):
        return Outcome.INCOMPLETE
    return Outcome.CONDITIONAL if reserves or failed else Outcome.CONFORMING
