"""What can happen to an application.  Nothing here commits."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from registry.accounts.models import Role, User
from registry.accounts.queries import staff
from registry.applications import queries, rules
from registry.applications.models import (
    DECIDED,
    MOVES,
    Answer,
    Application,
    ApplicationKind,
    ApplicationState,
    Completion,
    Evidence,
    Waiver,
)
from registry.clock import civil_day
from registry.criteria.edition import Edition
from registry.criteria.reader import Editions
from registry.criteria.transition import carry_over
from registry.criteria.values import to_json
from registry.db import db
from registry.editions.queries import open_on
from registry.errors import N_, Conflict, Forbidden, Invalid
from registry.files.checking import check
from registry.files.operations import keep
from registry.journal.operations import next_number, record
from registry.mail.operations import post
from registry.organisations.models import Organisation
from registry.organisations.queries import speakers
from registry.organisations.rules import is_answered_for
from registry.states import move
from registry.storage import Storage

S = ApplicationState
MOST_PIECES = 40  # evidence files of one application: our limit
LONGEST_REASON = 1_000  # letters of a claim that a criterion does not apply: ours


class AlreadyOpen(Conflict):
    """The organisation has an application under way for this scheme."""


class NotEditable(Forbidden):
    """This part of the application cannot be changed now, or not by this person."""


class Incomplete(Invalid):
    """Something is still missing before the application can be submitted."""


class NotEligible(Invalid):
    """The organisation is of a kind the scheme does not admit."""


class TooManyFiles(Invalid):
    """The application already holds as many files as one may."""


class NobodyAnswers(Conflict):
    """The secretariat has not confirmed yet who answers for the organisation."""


class WrongDates(Invalid):
    """The dates of a piece of evidence contradict each other; `field` is the first."""

    def __init__(self, message: str, field: str) -> None:
        super().__init__(message)
        self.field = field


class NotOpen(Conflict):
    """No application can be made under this edition on this day."""


class NoLongerServes(Invalid):
    """The document is not of last time, is already here, or its time has passed."""


class NotWaivable(Conflict):
    """The edition does not say of this criterion that it may not apply."""


class NoMoreRounds(Conflict):
    """Completion was already asked as often as the edition allows."""


def open_application(
    organisation: Organisation,
    edition: Edition,
    *,
    kind: ApplicationKind = ApplicationKind.INITIAL,
    starts_from: Application | None = None,
    before: Edition | None = None,
    due_on: date | None = None,
    by: User,
    at: datetime,
) -> Application:
    """
    Start a draft pinned to `edition`.

    A re-check or a renewal takes over the answers of `starts_from`, given under the
    edition `before` (the same unless said), what was said there not to apply and no
    auditor refused, and is due on a day.
    Raises AlreadyOpen while another is under way for the scheme, NotEligible for a
    kind of organisation the edition is not for.
    """
    if not rules.is_for(edition, organisation):
        raise NotEligible(N_("This mark is not for organisations of this kind."))
    queries.hold(organisation.id)
    if queries.open_of(organisation.id, edition.scheme):
        raise AlreadyOpen(N_("An application for this mark is already under way."))
    application = Application(
        organisation=organisation,
        kind=kind,
        scheme=edition.scheme,
        edition=edition.key,
        edition_digest=edition.digest,
        opened_at=at,
        opened_by_id=by.id,
        starts_from=starts_from,
        due_on=due_on,
        changed_at=at,
    )
    db.session.add(application)
    if starts_from:
        for name, value in _taken_over(starts_from, before or edition, edition).items():
            _set(application, name, value, by=by, at=at)
        for claim in starts_from.waivers:
            if claim.accepted is not False and rules.is_waivable(
                edition, claim.requirement
            ):
                _claim(application, claim.requirement, claim.reason, by=by, at=at)
    db.session.flush()
    record(
        "application.opened",
        application,
        by=by,
        at=at,
        kind=kind,
        edition=edition.key,
        digest=edition.digest,
    )
    return application


def start(
    organisation: Organisation,
    edition: Edition,
    editions: Editions,
    *,
    by: User,
    at: datetime,
) -> Application:
    """
    Start a first application, from the answers last given for the mark if there were.

    Raises NobodyAnswers where it has no legal representative here, and what
    `open_application` does.
    """
    if not is_answered_for(organisation):
        raise NobodyAnswers(
            N_("The secretariat has to confirm first who answers for the organisation.")
        )
    last = queries.last_of(organisation.id, edition.scheme)
    before = editions.get(last.edition) if last else None
    return open_application(
        organisation,
        edition,
        starts_from=last if before else None,
        before=before,
        by=by,
        at=at,
    )


def _taken_over(source: Application, old: Edition, new: Edition) -> dict[str, Any]:
    """The answers of an application, as JSON in the words of another edition."""
    if old.key == new.key:
        return {n: v for n, v in source.values.items() if n in new.answers}
    carried = carry_over(new, old, rules.values(source, old))
    return {name: to_json(new.answers[name], v) for name, v in carried.items()}


def move_to_edition(
    application: Application, key: str, editions: Editions, *, by: User, at: datetime
) -> None:
    """
    Let a draft go on under another open edition, "impact/2026".

    Answers are carried over or mapped as that edition says; what it asks again, or
    asks no more, goes, and so do documents it has no use for and claims it does not
    allow. Raises NotEditable, NotOpen.
    """
    if not rules.may_move(application, by):
        raise NotEditable(N_("Only a draft can go on under another edition."))
    old = editions[application.edition]
    open_ones = open_on(editions, civil_day(at), application.scheme)
    others = rules.other_editions(application, open_ones)
    new = next((one for one in others if one.key == key), None)
    if new is None:
        raise NotOpen(N_("No application can be made under that edition today."))
    carried = _taken_over(application, old, new)
    for answer in list(application.answers):
        if answer.name not in carried:
            application.answers.remove(answer)
            db.session.delete(answer)
    for name, value in carried.items():
        _set(application, name, value, by=by, at=at)
    for piece in application.attached:
        if piece.kind not in new.evidence:
            piece.detached_at = at
    for claim in list(application.waivers):
        if not rules.is_waivable(new, claim.requirement):
            application.waivers.remove(claim)
    application.edition, application.edition_digest = new.key, new.digest
    application.changed_at = at
    record(
        "application.moved",
        application,
        by=by,
        at=at,
        before=old.key,
        edition=new.key,
        digest=new.digest,
    )


def save_answers(
    application: Application, values: Mapping[str, Any], *, by: User, at: datetime
) -> None:
    """
    Keep some answers (JSON values by name; None takes one away).

    Raises NotEditable unless each of them is open to this person now.
    """
    given = application.values
    changed = {n: v for n, v in values.items() if given.get(n) != v}
    for name in changed:
        _must_be_open(application, f"answer:{name}", by)
    for name, value in changed.items():
        _set(application, name, value, by=by, at=at)
    if not changed:
        return
    application.changed_at = at
    record("application.answered", application, by=by, at=at, names=sorted(changed))


def waive(
    application: Application,
    edition: Edition,
    requirement: str,
    reason: str,
    *,
    by: User,
    at: datetime,
) -> None:
    """
    Claim, with the reason, that a criterion does not apply; or say the reason anew.

    Raises NotWaivable where the edition does not allow it, NotEditable after
    submission, Invalid without a reason or with one too long.
    """
    if not rules.is_waivable(edition, requirement):
        raise NotWaivable(N_("This criterion applies to everybody."))
    _must_waive(application, edition, requirement, by)
    reason = reason.strip()
    if not reason:
        raise Invalid(N_("Say why the criterion does not apply."))
    if len(reason) > LONGEST_REASON:
        raise Invalid(N_("Say it in at most %(most)s characters."), most=LONGEST_REASON)
    _claim(application, requirement, reason, by=by, at=at)
    application.changed_at = at
    record("application.waived", application, by=by, at=at, requirement=requirement)


def unwaive(
    application: Application,
    edition: Edition,
    requirement: str,
    *,
    by: User,
    at: datetime,
) -> None:
    """Take the claim back: the criterion is judged by its rule. Raises NotEditable."""
    _must_waive(application, edition, requirement, by)
    if (claim := rules.waiver_of(application, requirement)) is None:
        return
    application.waivers.remove(claim)
    application.changed_at = at
    record("application.unwaived", application, by=by, at=at, requirement=requirement)


def answer_waiver(
    claim: Waiver, *, accepted: bool, words: str, by: User, at: datetime
) -> None:
    """What the auditor makes of a claim (called, and recorded, by the audits room)."""
    claim.accepted, claim.answer = accepted, words.strip()
    claim.answered_at, claim.answered_by_id = at, by.id
    claim.application.changed_at = at


def reopen_waivers(application: Application) -> None:
    """Another auditor looks at the claims from the start (called by audits)."""
    for claim in application.waivers:
        claim.accepted, claim.answer = None, ""
        claim.answered_at = claim.answered_by_id = None


def attach(
    application: Application,
    kind: str,
    content: bytes,
    name: str,
    *,
    issued_on: date | None = None,
    period_from: date | None = None,
    period_until: date | None = None,
    expires_on: date | None = None,
    by: User,
    at: datetime,
    storage: Storage,
) -> Evidence:
    """
    Add a file as evidence of `kind`, with the days written on it.

    Raises NotEditable, TooManyFiles, WrongDates, or what `files.checking` refuses.
    """
    _must_be_open(application, f"evidence:{kind}", by)
    _must_have_room(application)
    _check_dates(issued_on, period_from, period_until, expires_on, civil_day(at))
    media_type = check(content)
    file = keep(content, name, media_type, by=by, at=at, storage=storage)
    piece = Evidence(
        kind=kind,
        file=file,
        issued_on=issued_on,
        period_from=period_from,
        period_until=period_until,
        expires_on=expires_on,
        attached_at=at,
        attached_by_id=by.id,
    )
    application.evidence.append(piece)
    application.changed_at = at
    db.session.flush()
    record(
        "application.evidence_attached",
        application,
        by=by,
        at=at,
        kind=kind,
        evidence=piece.id,
        sha256=file.sha256,
    )
    return piece


def reuse(
    application: Application,
    edition: Edition,
    piece: Evidence,
    *,
    by: User,
    at: datetime,
) -> Evidence:
    """
    Offer a document of the application this one starts from again, with its days.

    Raises NotEditable, TooManyFiles, NoLongerServes.
    """
    _must_be_open(application, f"evidence:{piece.kind}", by)
    _must_have_room(application)
    if piece not in rules.reusable(application, edition, civil_day(at)):
        raise NoLongerServes(N_("This document of last time no longer serves."))
    again = Evidence(
        kind=piece.kind,
        file=piece.file,
        issued_on=piece.issued_on,
        period_from=piece.period_from,
        period_until=piece.period_until,
        expires_on=piece.expires_on,
        attached_at=at,
        attached_by_id=by.id,
    )
    application.evidence.append(again)
    application.changed_at = at
    db.session.flush()
    record(
        "application.evidence_attached",
        application,
        by=by,
        at=at,
        kind=piece.kind,
        evidence=again.id,
        sha256=piece.file.sha256,
        of_last_time=piece.id,
    )
    return again


def detach(
    application: Application, piece: Evidence, *, by: User, at: datetime
) -> None:
    """Take a piece of evidence out; the file and the fact that it was there remain."""
    _must_be_open(application, f"evidence:{piece.kind}", by)
    piece.detached_at = application.changed_at = at
    record(
        "application.evidence_detached",
        application,
        by=by,
        at=at,
        kind=piece.kind,
        evidence=piece.id,
    )


def put_back(
    application: Application, piece: Evidence, *, by: User, at: datetime
) -> None:
    """Undo `detach`.  Raises NotEditable, TooManyFiles."""
    _must_be_open(application, f"evidence:{piece.kind}", by)
    _must_have_room(application)
    piece.detached_at, application.changed_at = None, at
    record(
        "application.evidence_put_back",
        application,
        by=by,
        at=at,
        kind=piece.kind,
        evidence=piece.id,
    )


def read_evidence(
    piece: Evidence, *, by: User, at: datetime, storage: Storage
) -> bytes:
    """The bytes of a piece of evidence; that they were read is written down."""
    content = storage.read(piece.file.sha256)
    record("evidence.read", piece, by=by, at=at, sha256=piece.file.sha256)
    return content


def submit(
    application: Application,
    editions: Editions,
    *,
    declaration: str = "",
    by: User,
    at: datetime,
) -> None:
    """
    Hand the application over, with the declaration of the legal representative.

    From here on the organisation can only read it.  Gives it a protocol number and the
    hash of everything it contains; the words of the declaration and the content itself
    go into the journal, so that the receipt can always be made again as it was.
    Raises NotEditable, NotOpen, Incomplete.
    """
    if not rules.may_submit(application, by):
        raise NotEditable(
            N_("Only the legal representative can submit, and only a draft.")
        )
    if rules.is_too_late(
        application, open_on(editions, civil_day(at), application.scheme)
    ):
        raise NotOpen(
            N_("%(key)s takes no new applications: go on under an open edition."),
            key=application.edition,
        )
    edition = editions[application.edition]
    if lacking := rules.missing(application, edition, civil_day(at)):
        titles = "; ".join(one.label.in_(by.language) for one in lacking[:5])
        raise Incomplete(
            N_("Still missing (%(number)s): %(titles)s"),
            number=len(lacking),
            titles=titles,
        )
    year = civil_day(at).year
    protocol = f"P-{year}-{next_number(f'protocol-{year}'):06}"
    move(application, S.SUBMITTED, MOVES)
    application.protocol = protocol
    application.submitted_at = application.changed_at = at
    application.declared_by = by
    application.content_sha256 = rules.content_sha256(application)
    record(
        "application.submitted",
        application,
        by=by,
        at=at,
        protocol=application.protocol,
        sha256=application.content_sha256,
        content=rules.content(application),
        organisation=application.organisation.name,
        vat=application.organisation.vat,
        declaration=declaration,
    )
    _tell_both("submitted", application, at=at)


def withdraw(application: Application, *, by: User, at: datetime) -> None:
    """Take the application back before it is decided; it stays in the records."""
    if not rules.may_withdraw(application, by):
        raise NotEditable(N_("This application cannot be withdrawn now."))
    _close(application, S.WITHDRAWN, at=at)
    record("application.withdrawn", application, by=by, at=at)
    if application.submitted_at:
        _tell(staff(Role.SECRETARIAT), "withdrawn", application, at=at)


def accept(
    application: Application, edition: Edition, *, by: User, at: datetime
) -> None:
    """Application review (ISO/IEC 17065, 7.3): it is in scope; the clock starts."""
    move(application, S.ACCEPTED, MOVES)
    application.accepted_at = application.changed_at = at
    record("application.accepted", application, by=by, at=at)
    decide_by = rules.decide_by(application, edition, civil_day(at))
    _tell(
        speakers(application.organisation),
        "accepted",
        application,
        at=at,
        decide_by=decide_by,
    )


def decline(application: Application, reason: str, *, by: User, at: datetime) -> None:
    """Outside the scope of the scheme: with a reason, which the letter says."""
    if not reason.strip():
        raise Invalid(N_("Say why: the reason goes into the letter."))
    application.closing_reason = reason.strip()
    _close(application, S.DECLINED, at=at)
    record("application.declined", application, by=by, at=at, reason=reason)
    _tell(
        speakers(application.organisation),
        "declined",
        application,
        at=at,
        reason=reason,
    )


def begin_evaluation(application: Application, *, by: User, at: datetime) -> None:
    """An auditor without conflict takes the case up (called by the audits room)."""
    move(application, S.IN_EVALUATION, MOVES)
    application.changed_at = at
    record("application.evaluation_begun", application, by=by, at=at)


def ask_completion(
    application: Application,
    edition: Edition,
    items: list[str],
    message: str,
    *,
    by: User,
    at: datetime,
) -> Completion:
    """
    Open chosen items again; the clock stands still until the reply.

    Raises NoMoreRounds beyond the rounds the edition allows, Invalid without items.
    """
    rounds = edition.parameters.completion_rounds
    if len(application.completions) >= rounds:
        raise NoMoreRounds(
            N_("Completion was already asked %(rounds)s times: now report."),
            rounds=rounds,
        )
    known = {f"answer:{name}" for name in edition.answers}
    known |= {f"evidence:{kind}" for kind in edition.evidence}
    if not items or not set(items) <= known or not message.strip():
        raise Invalid(N_("Choose what to complete, and say what is needed."))
    move(application, S.INTEGRATION, MOVES)
    opened = set(items) | rules.opened_with(application, edition, set(items))
    request = Completion(
        round=len(application.completions) + 1,
        items=sorted(opened),
        message=message.strip(),
        asked_at=at,
        asked_by_id=by.id,
        due_on=civil_day(at) + timedelta(days=edition.parameters.completion_days),
    )
    application.completions.append(request)
    application.changed_at = at
    record(
        "application.completion_asked", application, by=by, at=at, items=request.items
    )
    _tell(
        speakers(application.organisation),
        "completion_asked",
        application,
        at=at,
        due_on=request.due_on,
        request=request.message,
    )
    return request


def reply(application: Application, *, by: User, at: datetime) -> None:
    """The organisation has completed what was asked; the clock goes on, and who asked
    is told."""
    request = application.open_completion
    if request is None or not rules.may_reply(application, by):
        raise NotEditable(N_("No completion is asked of you now."))
    asked_by = request.asked_by_id
    _close_completion(application, replied=True, at=at)
    application.content_sha256 = rules.content_sha256(application)
    record(
        "application.completed",
        application,
        by=by,
        at=at,
        sha256=application.content_sha256,
        content=rules.content(application),
    )
    _tell([db.session.get_one(User, asked_by)], "completed", application, at=at)


def end_completion(application: Application, *, by: User, at: datetime) -> None:
    """The time to complete has passed: the auditor goes on with what there is."""
    _close_completion(application, replied=False, at=at)
    application.content_sha256 = rules.content_sha256(application)
    record("application.completion_expired", application, by=by, at=at)
    _tell(speakers(application.organisation), "completion_expired", application, at=at)


def finish_evaluation(application: Application, *, by: User, at: datetime) -> None:
    """The auditor reported (called by the audits room)."""
    move(application, S.EVALUATED, MOVES)
    application.changed_at = at
    record("application.evaluated", application, by=by, at=at)
    _tell(staff(Role.COMMITTEE), "evaluated", application, at=at)


def send_back(application: Application, *, by: User, at: datetime) -> None:
    """The committee wants the evaluation completed (called by the audits room)."""
    move(application, S.IN_EVALUATION, MOVES)
    application.changed_at = at
    record("application.sent_back", application, by=by, at=at)


def close_decided(
    application: Application, state: ApplicationState, *, by: User, at: datetime
) -> None:
    """The committee decided (called by the decisions room)."""
    if state not in DECIDED:
        raise Invalid(N_("This is not the outcome of a decision."))
    _close(application, state, at=at)
    record("application.decided", application, by=by, at=at, outcome=state)


def archive(
    application: Application, *, tell: bool = True, by: User, at: datetime
) -> None:
    """
    Put aside a draft nobody touched for as long as the edition allows.

    Without `tell` no letter is written: another one said why already (a re-check
    whose certificate ended).
    """
    _close(application, S.ARCHIVED, at=at)
    record("application.archived", application, by=by, at=at)
    if tell:
        _tell(speakers(application.organisation), "archived", application, at=at)


def _must_be_open(application: Application, item: str, by: User) -> None:
    if not rules.may_change(application, item, by):
        raise NotEditable(
            N_("This part of the application cannot be changed now."), item=item
        )


def _must_waive(
    application: Application, edition: Edition, requirement: str, by: User
) -> None:
    if not rules.may_waive(application, edition, requirement, by):
        raise NotEditable(
            N_("This part of the application cannot be changed now."), item=requirement
        )


def _claim(
    application: Application, requirement: str, reason: str, *, by: User, at: datetime
) -> None:
    row = rules.waiver_of(application, requirement)
    if row is None:
        row = Waiver(requirement=requirement)
        application.waivers.append(row)
    row.reason, row.claimed_at, row.claimed_by_id = reason, at, by.id


def _must_have_room(application: Application) -> None:
    if len(application.attached) >= MOST_PIECES:
        raise TooManyFiles(
            N_("An application holds at most %(most)s files: take one away first."),
            most=MOST_PIECES,
        )


def _set(
    application: Application, name: str, value: Any, *, by: User, at: datetime
) -> None:
    row = next((a for a in application.answers if a.name == name), None)
    if row is None:
        row = Answer(name=name)
        application.answers.append(row)
    row.value, row.changed_at, row.changed_by_id = value, at, by.id


def _check_dates(
    issued: date | None,
    begins: date | None,
    ends: date | None,
    expires: date | None,
    today: date,
) -> None:
    if issued and issued > today:
        raise WrongDates(
            N_("The document cannot have been issued in the future."), "issued_on"
        )
    if begins and ends and begins > ends:
        raise WrongDates(
            N_("The period covered ends before it begins."), "period_until"
        )
    if issued and expires and expires < issued:
        raise WrongDates(N_("The document expires before it was issued."), "expires_on")


def _close(application: Application, state: ApplicationState, *, at: datetime) -> None:
    move(application, state, MOVES)
    application.closed_at = application.changed_at = at
    if request := application.open_completion:
        request.closed_at, request.replied = at, False


def _close_completion(application: Application, *, replied: bool, at: datetime) -> None:
    request = application.open_completion
    move(application, S.IN_EVALUATION, MOVES)
    if request:
        request.closed_at, request.replied = at, replied
    application.changed_at = at


def _tell(
    people: Any, event: str, application: Application, *, at: datetime, **facts: Any
) -> None:
    post(
        f"applications/{event}",
        to=people,
        about=application.reference,
        at=at,
        application=application,
        organisation=application.organisation,
        **facts,
    )


def _tell_both(event: str, application: Application, *, at: datetime) -> None:
    _tell(speakers(application.organisation), event, application, at=at)
    _tell(staff(Role.SECRETARIAT), f"{event}_to_secretariat", application, at=at)
