"""What can happen to an application, and what is refused."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from registry.accounts.models import Role, User
from registry.applications import operations, queries, rules
from registry.applications.models import Application, ApplicationKind
from registry.applications.models import ApplicationState as S
from registry.db import db
from registry.errors import Invalid, NotFound
from registry.files.checking import WrongKind
from registry.journal.queries import of_case
from registry.mail.models import Letter
from registry.organisations import operations as organisations
from registry.organisations.models import Capacity, OrganisationKind
from registry.services import services
from registry.states import WrongState
from tests import factories
from tests.factories import DAY, LONG_AGO, edition, editions, representative

pytestmark = pytest.mark.usefixtures("app")


def speaker(application: Application) -> User:
    return representative(application.organisation)


def delegate(application: Application) -> User:
    """Somebody who speaks for the applicant but may not declare for it."""
    user = factories.person()
    organisations.appoint(
        application.organisation,
        user,
        Capacity.DELEGATE,
        by=factories.person(Role.SECRETARIAT),
        at=LONG_AGO,
    )
    return user


def verbs(application: Application) -> list[str]:
    return [entry.verb for entry in of_case(application.case)]


def letters(event: str) -> list[Letter]:
    from registry.db import db

    found = select(Letter).where(Letter.event == f"applications/{event}")
    return list(db.session.scalars(found))


def in_completion(*items: str) -> Application:
    application = factories.in_evaluation().application
    operations.ask_completion(
        application,
        edition(),
        list(items or ["answer:workers_total", "evidence:register_extract"]),
        "La visura non è leggibile.",
        by=factories.person(Role.AUDITOR),
        at=LONG_AGO,
    )
    return application


# --- opening --------------------------------------------------------------------


def test_an_application_is_pinned_to_the_edition_it_was_opened_with() -> None:
    application = factories.draft()
    assert application.edition == edition().key
    assert application.edition_digest == edition().digest
    assert verbs(application)[0] == "application.opened"


def test_a_second_application_for_the_same_mark_is_refused_while_one_is_open() -> None:
    first = factories.draft()
    by = speaker(first)
    with pytest.raises(operations.AlreadyOpen):
        operations.open_application(first.organisation, edition(), by=by, at=LONG_AGO)
    operations.withdraw(first, by=by, at=LONG_AGO)
    second = operations.open_application(
        first.organisation, edition(), by=by, at=LONG_AGO
    )
    assert second.state is S.DRAFT


def test_a_company_cannot_ask_for_the_mark() -> None:
    company = factories.organisation(kind=OrganisationKind.COMPANY, albo=None)
    by = representative(company)
    with pytest.raises(operations.NotEligible):
        operations.open_application(company, edition(), by=by, at=LONG_AGO)


def test_a_renewal_starts_from_the_answers_of_before() -> None:
    before = factories.submitted()
    by = speaker(before)
    operations.withdraw(before, by=by, at=LONG_AGO)
    after = operations.open_application(
        before.organisation,
        edition(),
        kind=ApplicationKind.RENEWAL,
        starts_from=before,
        due_on=date(2026, 9, 1),
        by=by,
        at=LONG_AGO,
    )
    assert after.values == before.values
    assert not after.attached
    assert not rules.changed_since_start(after)
    operations.save_answers(after, {"workers_total": 15}, by=by, at=LONG_AGO)
    assert rules.changed_since_start(after) == {"workers_total"}


# --- answering ------------------------------------------------------------------


def test_answers_are_kept_with_who_and_when() -> None:
    application = factories.draft()
    by = delegate(application)
    later = LONG_AGO + DAY
    operations.save_answers(application, {"workers_total": 99}, by=by, at=later)
    row = next(a for a in application.answers if a.name == "workers_total")
    assert (row.value, row.changed_by_id, row.changed_at) == (99, by.id, later)
    assert of_case(application.case)[-1].facts == {"names": ["workers_total"]}


def test_saving_what_is_already_there_is_no_change() -> None:
    application = factories.draft()
    before, moment = verbs(application), application.changed_at
    operations.save_answers(
        application, application.values, by=speaker(application), at=LONG_AGO + DAY
    )
    assert verbs(application) == before
    assert application.changed_at == moment


def test_a_stranger_cannot_answer() -> None:
    application = factories.draft()
    with pytest.raises(operations.NotEditable):
        operations.save_answers(
            application, {"workers_total": 1}, by=factories.person(), at=LONG_AGO
        )


def test_what_was_submitted_can_no_longer_be_changed() -> None:
    application = factories.submitted()
    by = speaker(application)
    with pytest.raises(operations.NotEditable):
        operations.save_answers(application, {"workers_total": 1}, by=by, at=LONG_AGO)
    with pytest.raises(operations.NotEditable):
        factories.attach(application, "register_extract", by=by, at=LONG_AGO)
    with pytest.raises(operations.NotEditable):
        operations.detach(application, application.attached[0], by=by, at=LONG_AGO)


# --- evidence -------------------------------------------------------------------


def attach(application: Application, **changes: Any) -> Any:
    given: dict[str, Any] = {
        "content": factories.picture(7),
        "name": "visura.png",
        "by": speaker(application),
        "at": LONG_AGO,
        "storage": services().storage,
        **changes,
    }
    return operations.attach(
        application,
        "register_extract",
        given.pop("content"),
        given.pop("name"),
        **given,
    )


def test_evidence_is_kept_by_its_hash_with_the_days_written_on_it() -> None:
    application = factories.draft()
    piece = attach(application, issued_on=date(2026, 2, 1), expires_on=date(2026, 8, 1))
    content = factories.picture(7)
    assert services().storage.read(piece.file.sha256) == content
    assert of_case(application.case)[-1].facts["sha256"] == piece.file.sha256
    assert (piece.issued_on, piece.expires_on) == (date(2026, 2, 1), date(2026, 8, 1))


def test_a_file_of_another_kind_is_refused_and_nothing_is_kept() -> None:
    application = factories.draft()
    before = len(application.evidence)
    with pytest.raises(WrongKind):
        attach(application, content=b"MZ a program", name="visura.pdf")
    assert len(application.evidence) == before


@pytest.mark.parametrize(
    "days",
    [
        {"issued_on": date(2026, 3, 3)},
        {"period_from": date(2025, 2, 1), "period_until": date(2025, 1, 1)},
        {"issued_on": date(2026, 1, 2), "expires_on": date(2026, 1, 1)},
    ],
)
def test_days_that_contradict_each_other_are_refused(days: dict[str, date]) -> None:
    with pytest.raises(operations.WrongDates):
        attach(factories.draft(), **days)


def test_an_application_holds_so_many_files_and_no_more() -> None:
    application = factories.draft()
    first = application.attached[0]
    operations.detach(application, first, by=speaker(application), at=LONG_AGO)
    while len(application.attached) < operations.MOST_PIECES:
        attach(application)
    with pytest.raises(operations.TooManyFiles):
        attach(application)
    with pytest.raises(operations.TooManyFiles):
        operations.put_back(application, first, by=speaker(application), at=LONG_AGO)


def test_evidence_taken_out_is_missing_until_it_is_put_back() -> None:
    application = factories.draft()
    piece = next(p for p in application.attached if p.kind == "register_extract")
    by = speaker(application)
    operations.detach(application, piece, by=by, at=LONG_AGO)
    lacking = rules.missing(application, edition(), LONG_AGO.date())
    assert [one.name for one in lacking] == [piece.kind]
    operations.put_back(application, piece, by=by, at=LONG_AGO)
    assert not rules.missing(application, edition(), LONG_AGO.date())
    assert verbs(application)[-2:] == [
        "application.evidence_detached",
        "application.evidence_put_back",
    ]


def test_reading_evidence_is_written_down() -> None:
    application = factories.submitted()
    piece, by = application.attached[0], factories.person(Role.SECRETARIAT)
    content = operations.read_evidence(
        piece, by=by, at=LONG_AGO, storage=services().storage
    )
    assert content.startswith(b"\x89PNG")
    entry = of_case(application.case)[-1]
    assert (entry.verb, entry.by_id) == ("evidence.read", by.id)


def test_evidence_of_another_application_is_not_found() -> None:
    mine, theirs = factories.draft(), factories.draft()
    with pytest.raises(NotFound):
        queries.evidence_of(mine, theirs.attached[0].id)


# --- submitting -----------------------------------------------------------------


def test_submitting_gives_a_protocol_a_hash_and_letters() -> None:
    secretary = factories.person(Role.SECRETARIAT)
    application = factories.draft()
    operations.submit(
        application,
        editions(),
        declaration="Dichiaro.",
        by=speaker(application),
        at=LONG_AGO,
    )
    assert application.protocol == "P-2026-000001"
    assert application.content_sha256 == rules.content_sha256(application)
    assert application.declared_by == speaker(application)
    facts = of_case(application.case)[-1].facts
    assert facts["content"] == rules.content(application)
    assert facts["declaration"] == "Dichiaro."
    assert [one.to_id for one in letters("submitted")] == [speaker(application).id]
    assert secretary.id in [one.to_id for one in letters("submitted_to_secretariat")]


def test_protocol_numbers_follow_each_other_and_begin_again_each_year() -> None:
    first, second = factories.submitted(), factories.submitted()
    third = factories.submitted(at=LONG_AGO + timedelta(days=365))
    assert first.protocol == "P-2026-000001"
    assert second.protocol == "P-2026-000002"
    assert third.protocol == "P-2027-000001"


def test_a_delegate_cannot_submit() -> None:
    application = factories.draft()
    with pytest.raises(operations.NotEditable):
        operations.submit(
            application, editions(), by=delegate(application), at=LONG_AGO
        )


def test_an_incomplete_application_says_what_is_missing() -> None:
    application = factories.draft()
    by = speaker(application)
    operations.save_answers(application, {"workers_total": None}, by=by, at=LONG_AGO)
    with pytest.raises(operations.Incomplete, match="Lavoratori in tutto"):
        operations.submit(application, editions(), by=by, at=LONG_AGO)


def test_nobody_submits_twice() -> None:
    application = factories.submitted()
    with pytest.raises(operations.NotEditable):
        operations.submit(application, editions(), by=speaker(application), at=LONG_AGO)


# --- withdrawing ----------------------------------------------------------------


@pytest.mark.parametrize("made", ["draft", "submitted", "accepted"])
def test_an_application_can_be_withdrawn_before_it_is_decided(made: str) -> None:
    application = getattr(factories, made)()
    operations.withdraw(application, by=speaker(application), at=LONG_AGO)
    assert application.state is S.WITHDRAWN
    assert application.closed_at == LONG_AGO
    assert bool(letters("withdrawn")) is (made != "draft")


def test_a_decided_application_cannot_be_withdrawn() -> None:
    application = factories.decided().application
    with pytest.raises(operations.NotEditable):
        operations.withdraw(application, by=speaker(application), at=LONG_AGO)


def test_a_stranger_cannot_withdraw() -> None:
    with pytest.raises(operations.NotEditable):
        operations.withdraw(factories.draft(), by=factories.person(), at=LONG_AGO)


def test_withdrawing_while_completing_closes_the_request() -> None:
    application = in_completion()
    operations.withdraw(application, by=speaker(application), at=LONG_AGO)
    assert application.open_completion is None


# --- the secretariat ------------------------------------------------------------


def test_accepting_starts_the_clock_and_says_by_when() -> None:
    application = factories.accepted()
    days = edition().parameters.decision_days
    assert rules.decide_by(application, edition(), date(2026, 3, 2)) == date(
        2026, 3, 2
    ) + timedelta(days=days)
    assert "1 maggio 2026" in letters("accepted")[0].body


def test_declining_wants_a_reason_and_tells_it() -> None:
    application = factories.submitted()
    by = factories.person(Role.SECRETARIAT)
    with pytest.raises(Invalid):
        operations.decline(application, "  ", by=by, at=LONG_AGO)
    operations.decline(application, "È un consorzio di imprese.", by=by, at=LONG_AGO)
    assert application.state is S.DECLINED
    assert "È un consorzio di imprese." in letters("declined")[0].body


def test_a_draft_can_be_neither_accepted_nor_declined() -> None:
    application, by = factories.draft(), factories.person(Role.SECRETARIAT)
    with pytest.raises(WrongState):
        operations.accept(application, edition(), by=by, at=LONG_AGO)
    with pytest.raises(WrongState):
        operations.decline(application, "Perché no.", by=by, at=LONG_AGO)


# --- completions ----------------------------------------------------------------


def test_only_what_was_asked_opens_again() -> None:
    application = in_completion("answer:workers_total")
    by = speaker(application)
    operations.save_answers(application, {"workers_total": 15}, by=by, at=LONG_AGO)
    with pytest.raises(operations.NotEditable):
        operations.save_answers(application, {"first_year": True}, by=by, at=LONG_AGO)
    with pytest.raises(operations.NotEditable):
        factories.attach(application, "register_extract", by=by, at=LONG_AGO)


def test_what_an_opened_answer_may_call_for_opens_with_it() -> None:
    application = in_completion("answer:revision_paper")
    items = rules.open_items(application) or frozenset()
    assert "answer:substitute_declaration_on" in items
    assert "evidence:substitute_declaration" in items
    assert "answer:revision_paper_on" not in items, "it was asked and answered already"


def test_the_clock_stands_still_while_completion_is_awaited() -> None:
    application = in_completion()
    before = rules.decide_by(application, edition(), date(2026, 3, 2))
    operations.reply(application, by=speaker(application), at=LONG_AGO + 5 * DAY)
    after = rules.decide_by(application, edition(), date(2026, 3, 9))
    assert before is not None
    assert after == before + timedelta(days=5)
    assert application.state is S.IN_EVALUATION


def test_the_auditor_who_asked_is_told_that_completion_was_answered() -> None:
    application = in_completion()
    (request,) = application.completions
    operations.reply(application, by=speaker(application), at=LONG_AGO)
    letter = db.session.scalars(
        select(Letter).where(Letter.event == "applications/completed")
    ).one()
    assert letter.to_id == request.asked_by_id
    assert application.organisation.name in letter.subject


def test_the_reply_changes_the_hash_and_keeps_the_first_submission() -> None:
    application = in_completion()
    first = application.content_sha256
    by = speaker(application)
    operations.save_answers(application, {"workers_total": 15}, by=by, at=LONG_AGO)
    operations.reply(application, by=by, at=LONG_AGO)
    submission, completion = queries.submissions(application)
    assert submission.facts["sha256"] == first
    assert submission.facts["content"]["answers"]["workers_total"] == 14
    assert completion.facts["sha256"] == application.content_sha256 != first


def test_completion_is_asked_at_most_as_often_as_the_edition_allows() -> None:
    application = in_completion()
    auditor = factories.person(Role.AUDITOR)
    operations.reply(application, by=speaker(application), at=LONG_AGO)
    asked = (["answer:workers_total"], "Ancora una volta.")
    operations.ask_completion(application, edition(), *asked, by=auditor, at=LONG_AGO)
    operations.reply(application, by=speaker(application), at=LONG_AGO)
    with pytest.raises(operations.NoMoreRounds):
        operations.ask_completion(
            application, edition(), *asked, by=auditor, at=LONG_AGO
        )


@pytest.mark.parametrize(
    ("items", "message"),
    [([], "Che cosa?"), (["answer:shoe_size"], "?"), (["answer:workers_total"], " ")],
)
def test_completion_without_items_or_words_is_refused(
    items: list[str], message: str
) -> None:
    application = factories.in_evaluation().application
    with pytest.raises(Invalid):
        operations.ask_completion(
            application,
            edition(),
            items,
            message,
            by=factories.person(Role.AUDITOR),
            at=LONG_AGO,
        )


def test_nobody_replies_to_what_was_not_asked() -> None:
    application = factories.in_evaluation().application
    with pytest.raises(operations.NotEditable):
        operations.reply(application, by=speaker(application), at=LONG_AGO)
    asked = in_completion()
    with pytest.raises(operations.NotEditable):
        operations.reply(asked, by=factories.person(), at=LONG_AGO)


def test_when_time_runs_out_the_evaluation_goes_on() -> None:
    application = in_completion()
    operations.end_completion(
        application, by=factories.person(Role.AUDITOR), at=LONG_AGO + 16 * DAY
    )
    assert application.state is S.IN_EVALUATION
    assert application.completions[0].replied is False
    assert letters("completion_expired")


def test_only_a_decision_closes_as_decided() -> None:
    application = factories.evaluated().application
    with pytest.raises(Invalid):
        operations.close_decided(
            application, S.WITHDRAWN, by=factories.person(Role.COMMITTEE), at=LONG_AGO
        )


# --- who sees what --------------------------------------------------------------


def test_each_sees_what_is_theirs() -> None:
    application = factories.draft()
    secretary = factories.person(Role.SECRETARIAT)
    committee = factories.person(Role.COMMITTEE)
    mine = speaker(application)
    assert queries.get(application.id, seen_by_user=mine) is application
    for other in (factories.person(), secretary, committee):
        with pytest.raises(NotFound):
            queries.get(application.id, seen_by_user=other)
    operations.submit(application, editions(), by=mine, at=LONG_AGO)
    assert queries.get(application.id, seen_by_user=secretary) is application
    with pytest.raises(NotFound):
        queries.get(application.id, seen_by_user=committee)


@pytest.mark.parametrize("language", ["it", "en"])
def test_every_letter_is_written_in_the_language_of_its_reader(language: str) -> None:
    user = factories.person(language=language)
    made = factories.organisation(speaker=user)
    factories.person(Role.SECRETARIAT, language=language)
    factories.person(Role.COMMITTEE, language=language)
    application = factories.evaluated(made).application
    word = {"it": "Gentile", "en": "Dear"}[language]
    for event in ("submitted", "submitted_to_secretariat", "accepted", "evaluated"):
        bodies = [one.body for one in letters(event) if one.language == language]
        assert bodies, event
        assert all(body.startswith(word) for body in bodies)
    assert application.organisation.name in letters("evaluated")[0].subject
