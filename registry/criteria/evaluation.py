"""The evaluation: (edition, case, day, basis) to a result with its whole trace.

A pure function, total on any input. It only proposes: the decision is people's.
"""

import datetime as dt

from registry.criteria.calendar import FOREVER, NEVER, add_months
from registry.criteria.edition import Edition, Requirement, Reserve, Until
from registry.criteria.facts import Basis, Case
from registry.criteria.judging import Gap, View, judge
from registry.criteria.result import (
    Figure,
    Outcome,
    RequirementResult,
    Result,
    Trace,
    Verdict,
    figure,
)
from registry.criteria.view import view

__all__ = [
    "Basis",
    "Case",
    "Figure",
    "Outcome",
    "RequirementResult",
    "Result",
    "Trace",
    "Verdict",
    "evaluate",
]


def evaluate(
    edition: Edition, case: Case, on: dt.date, basis: Basis = Basis.DECLARED
) -> Result:
    """What the edition says of the case on the day `on`; never raises.

    `basis` chooses the organisation's values or those the auditor established.
    """
    seen = view(edition, case, on, basis)
    results = tuple(_judge(one, seen, case, on) for one in edition.requirements)
    return Result(
        edition=edition.key,
        digest=edition.digest,
        on=on,
        basis=basis,
        outcome=_outcome(results, edition.parameters.max_reserves),
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
    )


def _judge(
    requirement: Requirement, seen: View, case: Case, on: dt.date
) -> RequirementResult:
    node = judge(requirement.rule, seen, on)
    trace = Trace(node)
    if node.truth is True:
        return RequirementResult(
            requirement.id, Verdict.MET, None, node.until, Trace(node)
        )
    if node.truth is None:
        return RequirementResult(
            requirement.id, Verdict.PENDING, None, node.until, Trace(node)
        )
    verdict, day, stable = Verdict.NOT_MET, None, node.until
    if requirement.reserve is not None:
        spent = requirement.reserve.once and requirement.id in case.reserves_used
        verdict, day, until, trace = _reserve(requirement.reserve, seen, on, trace)
        if spent:
            verdict, day, trace = (
                Verdict.NOT_MET,
                None,
                trace._replace(reserve_spent=True),
            )
        else:
            stable = min(stable, until)
    if verdict is Verdict.NOT_MET and requirement.awaits is not None:
        awaits = judge(requirement.awaits.rule, seen, on)
        trace, stable = trace._replace(awaits=awaits), min(stable, awaits.until)
        verdict = Verdict.NOT_MET if awaits.truth is False else Verdict.PENDING
    return RequirementResult(requirement.id, verdict, day, stable, trace)


def _reserve(
    reserve: Reserve, seen: View, on: dt.date, trace: Trace
) -> tuple[Verdict, dt.date | None, dt.date, Trace]:
    node = judge(reserve.rule, seen, on)
    trace = trace._replace(reserve=node)
    if node.truth is False:
        return Verdict.NOT_MET, None, node.until, trace
    days, until = _ends(reserve.until, seen)
    until = min(until, node.until)
    if days == []:
        # It would end on a day that does not exist: there is nothing to wait for.
        return Verdict.NOT_MET, None, until, trace
    if node.truth is None or days is None:
        return Verdict.PENDING, None, until, trace
    day = min(days)
    if on > day:
        return Verdict.NOT_MET, None, until, trace._replace(reserve_lapsed=day)
    return Verdict.MET_WITH_RESERVE, day, min(until, day), trace


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


def _outcome(results: tuple[RequirementResult, ...], max_reserves: int) -> Outcome:
    verdicts = [one.verdict for one in results]
    reserves = verdicts.count(Verdict.MET_WITH_RESERVE)
    if Verdict.NOT_MET in verdicts or reserves > max_reserves:
        return Outcome.NOT_CONFORMING
    if Verdict.PENDING in verdicts:
        return Outcome.INCOMPLETE
    return Outcome.CONDITIONAL if reserves else Outcome.CONFORMING
