"""The evaluation: (edition, case, day, basis) to a result with its whole trace.

A pure function, total on any input. It only proposes: the decision is people's.
"""

import datetime as dt

from registry.criteria.calendar import FOREVER, NEVER, add_months
from registry.criteria.edition import Awaits, Edition, Requirement, Reserve, Until
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
    verdict = {True: Verdict.MET, False: Verdict.NOT_MET, None: Verdict.PENDING}
    found = RequirementResult(
        requirement.id, verdict[node.truth], None, node.until, Trace(node)
    )
    if found.verdict is Verdict.NOT_MET and requirement.reserve is not None:
        used = requirement.id in case.reserves_used and requirement.reserve.once
        found = _reserved(found, requirement.reserve, seen, on, used=used)
    if found.verdict is Verdict.NOT_MET and requirement.awaits is not None:
        found = _awaiting(found, requirement.awaits, seen, on)
    return found


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


def _outcome(results: tuple[RequirementResult, ...], max_reserves: int) -> Outcome:
    verdicts = [one.verdict for one in results]
    reserves = verdicts.count(Verdict.MET_WITH_RESERVE)
    if Verdict.NOT_MET in verdicts or reserves > max_reserves:
        return Outcome.NOT_CONFORMING
    if Verdict.PENDING in verdicts:
        return Outcome.INCOMPLETE
    return Outcome.CONDITIONAL if reserves else Outcome.CONFORMING
