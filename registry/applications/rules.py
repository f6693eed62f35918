"""Questions about an application.  Pages ask before showing a button, operations ask
before acting; both ask the same function."""

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal

from registry.accounts.models import User
from registry.applications.models import (
    CLOSED,
    Application,
    ApplicationKind,
    ApplicationState,
    Evidence,
    Waiver,
)
from registry.clock import civil_day
from registry.criteria.asked import asked, required_evidence, serves_until
from registry.criteria.conditions import Rule, conditions, names
from registry.criteria.edition import Answer, Applicant, Edition, Text
from registry.criteria.evaluation import Result, evaluate
from registry.criteria.facts import Case, Fact
from registry.criteria.facts import Waiver as Claim
from registry.criteria.needed import superfluous
from registry.criteria.values import from_json, missing_cells
from registry.organisations.models import Capacity, Organisation, OrganisationKind

S = ApplicationState


@dataclass(frozen=True)
class Missing:
    """One thing still to do before the application can be submitted."""

    section: str
    what: Literal["answer", "evidence"]
    name: str
    label: Text
    #: The first cell to fill, where the answer has rows: (row from 0, column).
    cell: tuple[int, str] | None = None


@dataclass(frozen=True)
class Progress:
    """How far a section is: `done` of `total` answers and documents needed."""

    section: str
    done: int
    total: int
    missing: tuple[Missing, ...]

    @property
    def state(self) -> Literal["to_do", "in_progress", "complete"]:
        if not self.missing:
            return "complete"
        return "in_progress" if self.done else "to_do"


def speaks_for(application: Application, user: User) -> Capacity | None:
    """In what capacity the user speaks for the applicant today, if at all."""
    for representation in application.organisation.representations:
        if representation.user_id == user.id and representation.ended_at is None:
            return representation.capacity
    return None


def is_open(application: Application) -> bool:
    return application.state not in CLOSED


def open_items(application: Application) -> frozenset[str] | None:
    """
    What the organisation may change now: None is everything.

    While a completion is asked, only its items ("answer:…", "evidence:…").
    """
    if application.state is S.DRAFT:
        return None
    request = application.open_completion
    if application.state is S.INTEGRATION and request:
        return frozenset(request.items)
    return frozenset()


def may_change(application: Application, item: str, user: User) -> bool:
    """Whether the user may change "answer:<name>" or "evidence:<kind>" now."""
    items = open_items(application)
    return speaks_for(application, user) is not None and (
        items is None or item in items
    )


def may_edit(application: Application, user: User) -> bool:
    """Whether the user may change anything at all now."""
    return (
        speaks_for(application, user) is not None
        and open_items(application) != frozenset()
    )


def may_submit(application: Application, user: User) -> bool:
    """Only the legal representative declares (DPR 445/2000), and only a draft."""
    return (
        application.state is S.DRAFT
        and speaks_for(application, user) is Capacity.LEGAL_REPRESENTATIVE
    )


def may_move(application: Application, user: User) -> bool:
    """Until it is submitted a draft may go on under another open edition."""
    return application.state is S.DRAFT and speaks_for(application, user) is not None


def other_editions(
    application: Application, open_ones: Sequence[Edition]
) -> list[Edition]:
    """Those of the open editions of the mark under which the application is not."""
    return [one for one in open_ones if one.key != application.edition]


def is_for(edition: Edition, organisation: Organisation) -> bool:
    """Whether an edition is for organisations of this kind."""
    kinds: dict[OrganisationKind, Applicant] = {
        OrganisationKind.CONSORTIUM: "consortium",
        OrganisationKind.COMPANY: "company",
    }
    return kinds.get(organisation.kind, "cooperative") in edition.applicants


def is_too_late(application: Application, open_ones: Sequence[Edition]) -> bool:
    """
    Whether its edition takes no new applications any more.

    A re-check asks for no certificate: it answers to the edition it was opened under.
    """
    return application.kind is not ApplicationKind.RECHECK and all(
        one.key != application.edition for one in open_ones
    )


def may_reply(application: Application, user: User) -> bool:
    return (
        application.state is S.INTEGRATION and speaks_for(application, user) is not None
    )


def may_withdraw(application: Application, user: User) -> bool:
    """A re-check is a duty of the certificate: it is not withdrawn but answered."""
    return (
        is_open(application)
        and application.kind is not ApplicationKind.RECHECK
        and speaks_for(application, user) is not None
    )


def values(application: Application, edition: Edition) -> dict[str, Any]:
    """The declared answers as typed values; what is no longer legal is left out."""
    typed = {
        name: from_json(edition.answers[name], value)
        for name, value in application.values.items()
        if name in edition.answers
    }
    return {name: value for name, value in typed.items() if value is not None}


def waivers(application: Application) -> dict[str, Claim]:
    """The claims that a criterion does not apply, each with what was answered."""
    return {
        one.requirement: Claim(one.reason, one.accepted) for one in application.waivers
    }


def waiver_of(application: Application, requirement: str) -> Waiver | None:
    """The claim that a criterion does not apply, if there is one."""
    return next((w for w in application.waivers if w.requirement == requirement), None)


def is_waivable(edition: Edition, requirement: str) -> bool:
    """Whether the edition says of a criterion that it may not apply, with a reason."""
    return any(
        one.id == requirement and one.not_applicable is not None
        for one in edition.requirements
    )


def may_waive(
    application: Application, edition: Edition, requirement: str, user: User
) -> bool:
    """
    Whether the user may claim now that a criterion does not apply, or take it back.

    Only of those that the edition says so of, and until the application is submitted.
    """
    return (
        is_waivable(edition, requirement)
        and application.state is S.DRAFT
        and speaks_for(application, user) is not None
    )


def declared_case(application: Application, edition: Edition) -> Case:
    """What the organisation says of itself, as the evaluation wants it."""
    facts = {n: Fact(declared=v) for n, v in values(application, edition).items()}
    return Case(facts, waivers=waivers(application))


def reckoned_on(application: Application, today: date) -> date:
    """The day the rules are asked about: that of submission, until then `today`."""
    return civil_day(application.submitted_at) if application.submitted_at else today


def declared_result(application: Application, edition: Edition, today: date) -> Result:
    """What the edition says of the declared answers."""
    case = declared_case(application, edition)
    return evaluate(edition, case, reckoned_on(application, today))


def folded(
    application: Application, edition: Edition, today: date
) -> dict[str, tuple[str, ...]]:
    """
    The questions that need no answer any more, with the criteria that are settled.

    What the auditor asked to complete is never among them.
    """
    request = application.open_completion
    wanted = set(request.items) if request else set()
    result = declared_result(application, edition, today)
    found = superfluous(edition, result, values(application, edition))
    return {n: ids for n, ids in found.items() if f"answer:{n}" not in wanted}


def missing(application: Application, edition: Edition, today: date) -> list[Missing]:
    """What is still missing, in the order in which it is asked."""
    return _missing(application, edition, folded(application, edition, today))


def _missing(
    application: Application, edition: Edition, without: Collection[str]
) -> list[Missing]:
    given = values(application, edition)
    wanted = set(asked(edition, given)).difference(without)
    lacking = [
        Missing(
            answer.section,
            "answer",
            name,
            answer.label,
            _first_gap(answer, given.get(name)),
        )
        for name, answer in edition.answers.items()
        if name in wanted and not _is_answered(answer, given.get(name))
    ]
    has = {piece.kind for piece in application.attached}
    lacking += [
        Missing(
            section_of(edition, kind), "evidence", kind, edition.evidence[kind].label
        )
        for kind in required_evidence(edition, given, without)
        if kind not in has
    ]
    order = list(edition.sections)
    return sorted(lacking, key=lambda one: order.index(one.section))


def progress(
    application: Application, edition: Edition, without: Collection[str]
) -> list[Progress]:
    """How far each section is, in order, `without` the questions that are folded."""
    given = values(application, edition)
    needed = [
        edition.answers[name].section
        for name in asked(edition, given)
        if name not in without and not edition.answers[name].optional
    ]
    kinds = required_evidence(edition, given, without)
    needed += [section_of(edition, kind) for kind in kinds]
    lacking = _missing(application, edition, without)
    return [
        Progress(
            section,
            max(0, needed.count(section) - len(here)),
            needed.count(section),
            here,
        )
        for section in edition.sections
        for here in [tuple(one for one in lacking if one.section == section)]
    ]


def opened_with(
    application: Application, edition: Edition, items: set[str]
) -> frozenset[str]:
    """
    What opens together with `items`: the questions and documents that depend on one of
    them and are not asked yet, or the reply could not be completed.
    """
    given = values(application, edition)
    wanted, needed = asked(edition, given), required_evidence(edition, given)
    opened = set(items)
    for name, answer in edition.answers.items():
        if name not in wanted and _depends(answer.asked_if, opened):
            opened.add(f"answer:{name}")
    for name, kind in edition.evidence.items():
        if name not in needed and _depends(kind.required_if, opened):
            opened.add(f"evidence:{name}")
    return frozenset(opened - items)


def _depends(rule: Rule | None, opened: set[str]) -> bool:
    return rule is not None and any(
        f"answer:{name}" in opened for one in conditions(rule) for name in names(one)
    )


def _first_gap(answer: Answer, value: Any) -> tuple[int, str] | None:
    gaps = missing_cells(answer, value) if answer.type == "rows" else []
    return gaps[0] if gaps else None


def _is_answered(answer: Answer, value: Any) -> bool:
    if value is None:
        return bool(answer.optional)
    if answer.type == "rows":
        return len(value) >= answer.min_rows and not missing_cells(answer, value)
    return True


def section_of(edition: Edition, kind: str) -> str:
    """The section whose questions a kind of document proves (the first, if several)."""
    return next(s for s in edition.sections if kind in edition.evidence_in(s))


def last_day(
    piece: Evidence, edition: Edition, given: Mapping[str, Any]
) -> date | None:
    """The last day on which a document serves, by its kind and the days on it."""
    kind = edition.evidence[piece.kind]
    days = (serves_until(kind, piece.issued_on, given), piece.expires_on)
    return min((day for day in days if day), default=None)


def reusable(application: Application, edition: Edition, on: date) -> list[Evidence]:
    """The documents of last time that still serve and are not here already."""
    if application.starts_from is None:
        return []
    given = values(application, edition)
    here = {(piece.kind, piece.file.sha256) for piece in application.attached}
    return [
        piece
        for piece in application.starts_from.attached
        if piece.kind in edition.evidence
        and (piece.kind, piece.file.sha256) not in here
        and ((last := last_day(piece, edition, given)) is None or on <= last)
    ]


def content(application: Application) -> Mapping[str, Any]:
    """What is submitted: the answers, each file by its hash, what does not apply."""
    claimed = {one.requirement: one.reason for one in application.waivers}
    return {
        "edition": application.edition,
        "edition_digest": application.edition_digest,
        "answers": dict(sorted(application.values.items())),
        "evidence": sorted(
            (
                {"kind": piece.kind, "sha256": piece.file.sha256}
                for piece in application.attached
            ),
            key=lambda piece: (piece["kind"], piece["sha256"]),
        ),
        # left out where there is none: older contents keep their hash
        **({"waivers": dict(sorted(claimed.items()))} if claimed else {}),
    }


def content_sha256(application: Application) -> str:
    """SHA-256 (hex) of the canonical JSON of `content`: printed on the receipt."""
    text = json.dumps(
        content(application), ensure_ascii=False, sort_keys=True, separators=(",", ":")
    )
    return hashlib.sha256(text.encode()).hexdigest()


def changed_since_start(application: Application) -> frozenset[str]:
    """The answers that differ from those the re-check or renewal started from."""
    if application.starts_from is None:
        return frozenset()
    before, now = application.starts_from.values, application.values
    return frozenset(
        name for name in before.keys() | now.keys() if before.get(name) != now.get(name)
    )


def waived_as_before(application: Application, requirement: str) -> bool:
    """Whether last time the criterion was said not to apply for the same reason."""
    now, start = waiver_of(application, requirement), application.starts_from
    before = waiver_of(start, requirement) if start else None
    return now is not None and before is not None and now.reason == before.reason


def days_stopped(application: Application, on: date) -> int:
    """Days the clock stood still for completions, up to `on`."""
    return sum(
        (min(civil_day(c.closed_at), on) if c.closed_at else on).toordinal()
        - civil_day(c.asked_at).toordinal()
        for c in application.completions
        if civil_day(c.asked_at) <= on
    )


def decide_by(application: Application, edition: Edition, on: date) -> date | None:
    """
    The day by which the committee should have decided: so many days after acceptance
    (a parameter of the edition), plus the days the clock stood still.
    """
    if application.accepted_at is None:
        return None
    days = edition.parameters.decision_days + days_stopped(application, on)
    return civil_day(application.accepted_at) + timedelta(days=days)
