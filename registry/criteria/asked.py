"""Which questions are asked, which evidence is required, for the values so far."""

import datetime as dt
from collections.abc import Collection, Mapping
from typing import Any

from registry.criteria.calendar import add_months
from registry.criteria.edition import Edition, EvidenceKind
from registry.criteria.facts import Basis, Case
from registry.criteria.judging import Gap, Seen, judge
from registry.criteria.values import is_legal, missing_cells
from registry.criteria.view import view

# No question is asked or left out by the calendar: any day gives the same list.
# The reader refuses editions whose «asked_if» looks at the calendar.
_ANY_DAY = dt.date(2000, 1, 1)


def _seen(edition: Edition, values: Mapping[str, Any]) -> dict[str, Seen]:
    return view(edition, Case.declared(values), _ANY_DAY, Basis.DECLARED)


def asked(edition: Edition, values: Mapping[str, Any]) -> list[str]:
    """Names of the answers that are asked, in order, given the values so far."""
    seen = _seen(edition, values)
    hidden = (Gap.NOT_ASKED, Gap.PERHAPS)
    return [name for name in edition.answers if seen[name].gap not in hidden]


def unanswered(edition: Edition, values: Mapping[str, Any]) -> list[str]:
    """Names of the answers asked, not optional, and still empty or incomplete.

    Rows are incomplete when there are too few or a cell that must be given is not.
    """
    missing = []
    for name in asked(edition, values):
        answer, value = edition.answers[name], values.get(name)
        if value is not None and not is_legal(answer, value):
            missing.append(name)
        elif answer.type == "rows" and value is not None:
            if len(value) < answer.min_rows or missing_cells(answer, value):
                missing.append(name)
        elif value is None and not answer.optional:
            missing.append(name)
    return missing


def required_evidence(
    edition: Edition, values: Mapping[str, Any], without: Collection[str] = ()
) -> list[str]:
    """
    Names of the kinds of evidence that must be attached, in order.

    What only questions `without` need call for is not among them.
    """
    seen = _seen(edition, values)
    return [
        name
        for name in possible_evidence(edition, values, without)
        if not edition.evidence[name].optional
        and (
            (rule := edition.evidence[name].required_if) is None
            or judge(rule, seen, _ANY_DAY).truth is True
        )
    ]


def possible_evidence(
    edition: Edition, values: Mapping[str, Any], without: Collection[str] = ()
) -> list[str]:
    """Names of the kinds of evidence that the answers asked call for, in order.

    Questions `without` need call for none.
    """
    wanted = {
        kind
        for name in asked(edition, values)
        if name not in without
        for kind in edition.answers[name].evidence
    }
    return [name for name in edition.evidence if name in wanted]


def serves_until(
    kind: EvidenceKind, issued_on: dt.date | None, values: Mapping[str, Any]
) -> dt.date | None:
    """The last day on which a document of this kind serves; None if unlimited.

    Counted from its date, or from the day answered in the questionnaire.
    """
    days = []
    if kind.valid_months is not None and issued_on is not None:
        days.append(add_months(issued_on, kind.valid_months))
    if kind.valid_until is not None:
        day = values.get(kind.valid_until.answer)
        if isinstance(day, dt.date):
            days.append(add_months(day, kind.valid_until.plus_months))
    return min(days, default=None)
