"""What an auditor may do with a case, and what is refused in words."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from registry.accounts.models import Role
from registry.applications import operations as applications
from registry.applications import rules as case_rules
from registry.applications.models import Application, ApplicationKind, ApplicationState
from registry.audits import operations, queries, rules
from registry.audits.models import MOVES, Audit, AuditState, Conflict, Severity
from registry.audits.operations import (
    NotesNeeded,
    NotImpartial,
    NotYours,
    ReasonNeeded,
    TooLight,
    Unfinished,
)
from registry.clock import civil_day
from registry.criteria.evaluation import Verdict
from registry.errors import Conflict as WrongMoment
from registry.journal import queries as journal
from registry.mail.models import Letter
from registry.organisations import operations as organisations
from registry.organisations.models import Capacity
from registry.services import services
from registry.states import WrongState, move
from tests import factories
from tests.factories import DAY, LONG_AGO

AT = LONG_AGO


def letters(db: Any, event: str) -> list[Letter]:
    return list(db.session.scalars(select(Letter).where(Letter.event == event)))


def assigned(application: Application, auditor: Any) -> Audit:
    by = factories.person(Role.SECRETARIAT)
    return operations.assign(application, auditor, by=by, at=AT)


@pytest.mark.parametrize("before", AuditState)
@pytest.mark.parametrize("after", AuditState)
def test_an_audit_moves_only_as_drawn(before: AuditState, after: AuditState) -> None:
    audit = Audit(state=before)
    if after in MOVES[before]:
        move(audit, after, MOVES)
        assert audit.state is after
    else:
        with pytest.raises(WrongState):
            move(audit, after, MOVES)


# --- assigning ------------------------------------------------------------------


def test_the_auditor_is_told_by_letter(app: Flask, db: Any) -> None:
    auditor = factories.person(Role.AUDITOR)
    audit = assigned(factories.accepted(), auditor)
    [letter] = letters(db, "audits/assigned")
    assert letter.to_id == auditor.id
    assert f"/audits/{audit.id}" in (letter.body or "")


def test_who_speaks_for_the_applicant_is_never_its_auditor(app: Flask) -> None:
    case = factories.accepted()
    auditor = factories.person(Role.AUDITOR, Role.COOPERATIVE)
    secretary = factories.person(Role.SECRETARIAT)
    seat = organisations.appoint(
        case.organisation, auditor, Capacity.DELEGATE, by=secretary, at=AT
    )
    with pytest.raises(NotImpartial):
        assigned(case, auditor)
    seat.ended_at = AT + DAY  # who did speak is no better
    assert auditor not in queries.available(case)
    with pytest.raises(NotImpartial):
        assigned(case, auditor)


def test_who_became_a_speaker_after_the_assignment_cannot_declare(app: Flask) -> None:
    case, auditor = factories.accepted(), factories.person(Role.AUDITOR)
    audit = assigned(case, auditor)
    secretary = factories.person(Role.SECRETARIAT)
    organisations.appoint(
        case.organisation, auditor, Capacity.DELEGATE, by=secretary, at=AT
    )
    with pytest.raises(NotImpartial):
        operations.declare(audit, Conflict.NONE, "", by=auditor, at=AT)
    assert not rules.may_see(audit, auditor)


def test_another_auditor_starts_from_an_empty_sheet(app: Flask) -> None:
    first = factories.in_evaluation()
    operations.verify(first, "workers_total", 14, by=first.auditor, at=AT)
    second = factories.take_up(first.application)
    assert first.state is AuditState.REPLACED
    assert second.verifications == []
    with pytest.raises(NotYours):
        operations.verify(first, "workers_total", 14, by=first.auditor, at=AT)


def test_a_case_is_not_given_again_to_who_holds_it(app: Flask) -> None:
    audit = factories.in_evaluation()
    with pytest.raises(WrongMoment):
        assigned(audit.application, audit.auditor)


def test_only_accepted_cases_are_assigned(app: Flask) -> None:
    for case in (factories.submitted(), factories.evaluated().application):
        with pytest.raises(WrongMoment):
            assigned(case, factories.person(Role.AUDITOR))


def test_the_workload_counts_what_is_still_to_report(app: Flask) -> None:
    auditor = factories.person(Role.AUDITOR)
    factories.in_evaluation(auditor=auditor)
    factories.evaluated(auditor=auditor)
    assert queries.workload() == {auditor.id: 1}


# --- declaring --------------------------------------------------------------------


def test_nothing_is_seen_or_written_before_the_declaration(app: Flask) -> None:
    auditor = factories.person(Role.AUDITOR)
    audit = assigned(factories.accepted(), auditor)
    assert not rules.may_see(audit, auditor)
    with pytest.raises(NotYours):
        operations.verify(audit, "workers_total", 14, by=auditor, at=AT)
    operations.declare(audit, Conflict.NONE, "", by=auditor, at=AT)
    assert rules.may_verify(audit, auditor)
    assert audit.application.state is ApplicationState.IN_EVALUATION


@pytest.mark.parametrize("tie", [c for c in Conflict if c is not Conflict.NONE])
def test_a_tie_hands_the_case_back_for_good(app: Flask, db: Any, tie: Conflict) -> None:
    auditor = factories.person(Role.AUDITOR)
    audit = assigned(factories.accepted(), auditor)
    operations.declare(audit, tie, "Ho curato il bilancio.", by=auditor, at=AT)
    assert audit.state is AuditState.RECUSED
    assert letters(db, "audits/recused")
    assert "bilancio" not in (letters(db, "audits/recused")[0].body or "")
    assert auditor not in queries.available(audit.application)
    with pytest.raises(NotImpartial):
        assigned(audit.application, auditor)


def test_another_tie_is_said_in_words(app: Flask) -> None:
    auditor = factories.person(Role.AUDITOR)
    audit = assigned(factories.accepted(), auditor)
    with pytest.raises(ReasonNeeded):
        operations.declare(audit, Conflict.OTHER, " ", by=auditor, at=AT)


def test_a_tie_may_come_to_light_during_the_audit(app: Flask) -> None:
    audit = factories.in_evaluation()
    operations.recuse(audit, Conflict.KINSHIP, "", by=audit.auditor, at=AT)
    assert audit.state is AuditState.RECUSED
    assert queries.to_assign() == [audit.application]
    factories.take_up(audit.application)


def test_only_the_assigned_auditor_declares_and_only_once(app: Flask) -> None:
    audit = factories.in_evaluation()
    for by in (factories.person(Role.AUDITOR), audit.auditor):
        with pytest.raises(NotYours):
            operations.declare(audit, Conflict.NONE, "", by=by, at=AT)


# --- verifying --------------------------------------------------------------------


def test_another_value_needs_a_note(app: Flask) -> None:
    audit = factories.in_evaluation()
    with pytest.raises(ReasonNeeded):
        operations.verify(audit, "workers_total", 40, by=audit.auditor, at=AT)
    operations.verify(audit, "workers_total", 40, "Dal LUL.", by=audit.auditor, at=AT)
    row = rules.verification_of(audit, "workers_total")
    assert row is not None
    assert (row.value, row.note) == (40, "Dal LUL.")
    assert audit.application.values["workers_total"] == 14


def test_correcting_names_every_value_that_lacks_its_note(app: Flask) -> None:
    audit = factories.in_evaluation()
    values = {"workers_total": 40, "average_workers": 9, "distinct_trained": None}
    with pytest.raises(NotesNeeded) as refused:
        operations.correct(
            audit, values, {"average_workers": "Media."}, by=audit.auditor, at=AT
        )
    names = [name for name, _ in refused.value.problems]
    assert names == ["workers_total", "distinct_trained"]
    assert audit.verifications == []


def test_confirming_leaves_what_was_corrected(app: Flask) -> None:
    audit = factories.in_evaluation()
    by, declared = audit.auditor, audit.application.values
    operations.verify(audit, "workers_total", 40, "Dal LUL.", by=by, at=AT)
    done = operations.confirm(audit, declared, by=by, at=AT)
    assert set(done) == declared.keys() - {"workers_total"}
    assert operations.confirm(audit, declared, by=by, at=AT) == []
    assert rules.verified_values(audit, factories.edition())["workers_total"] == 40


def test_a_value_changed_in_a_completion_is_verified_again(app: Flask) -> None:
    audit = factories.in_evaluation()
    by, edition, case = audit.auditor, factories.edition(), audit.application
    operations.confirm(audit, case.values, by=by, at=AT)
    assert rules.unsettled(audit, edition) == []
    coop = factories.representative(case.organisation)
    operations.ask_completion(
        audit, edition, ["answer:workers_total"], "Contare di nuovo.", by=by, at=AT
    )
    applications.save_answers(case, {"workers_total": 15}, by=coop, at=AT + DAY)
    applications.reply(case, by=coop, at=AT + DAY)
    assert rules.unsettled(audit, edition) == ["workers_total"]
    operations.confirm(audit, ["workers_total"], by=by, at=AT + 2 * DAY)
    assert rules.unsettled(audit, edition) == []


def test_evidence_is_refused_only_with_a_reason(app: Flask) -> None:
    audit = factories.in_evaluation()
    piece = audit.application.attached[0]
    with pytest.raises(ReasonNeeded):
        operations.review(audit, piece, accepted=False, by=audit.auditor, at=AT)


def confirmed(audit: Audit) -> Audit:
    operations.confirm(audit, audit.application.values, by=audit.auditor, at=AT)
    return audit


def verdict(audit: Audit, requirement: str) -> Verdict:
    return rules.proposed(audit, factories.edition()).requirement(requirement).verdict


def test_an_answer_falls_when_all_its_evidence_is_refused(app: Flask) -> None:
    audit = confirmed(factories.in_evaluation())
    assert verdict(audit, "revision") is Verdict.MET
    # the only kind attached of the several that could prove the answer
    [paper] = [p for p in audit.application.attached if p.kind == "revision_paper"]
    operations.review(
        audit, paper, accepted=False, reason="Illeggibile.", by=audit.auditor, at=AT
    )
    assert verdict(audit, "revision") is Verdict.PENDING


def test_an_answer_stands_while_one_of_two_files_stands(app: Flask) -> None:
    case = factories.draft()
    coop = factories.representative(case.organisation)
    factories.attach(case, "revision_paper", by=coop, at=AT)
    applications.submit(case, factories.editions(), by=coop, at=AT)
    applications.accept(
        case, factories.edition(), by=factories.person(Role.SECRETARIAT), at=AT
    )
    audit = confirmed(factories.take_up(case))
    first, _second = [p for p in case.attached if p.kind == "revision_paper"]
    operations.review(
        audit, first, accepted=False, reason="Doppio.", by=audit.auditor, at=AT
    )
    assert verdict(audit, "revision") is Verdict.MET


def test_evidence_that_had_expired_when_submitted_proves_nothing(app: Flask) -> None:
    audit = confirmed(factories.in_evaluation())
    [paper] = [p for p in audit.application.attached if p.kind == "revision_paper"]
    paper.expires_on = civil_day(AT) - DAY
    assert verdict(audit, "revision") is Verdict.PENDING
    paper.expires_on = civil_day(AT)
    assert verdict(audit, "revision") is Verdict.MET


# --- judging ----------------------------------------------------------------------


def judge(audit: Audit, requirement: str, verdict: Verdict, **how: Any) -> None:
    edition, by = factories.edition(), audit.auditor
    operations.judge(audit, edition, requirement, verdict, by=by, at=AT, **how)


def test_a_verdict_that_departs_from_the_rules_needs_words(app: Flask) -> None:
    audit = factories.in_evaluation()  # nothing verified: the rules say pending
    with pytest.raises(ReasonNeeded):
        judge(audit, "revision", Verdict.MET)
    judge(audit, "revision", Verdict.MET, finding="Visto l’originale in sede.")
    judge(confirmed(audit), "training", Verdict.MET)


def test_not_met_needs_a_finding_and_its_weight(app: Flask) -> None:
    audit = confirmed(factories.in_evaluation())
    with pytest.raises(ReasonNeeded):
        judge(audit, "training", Verdict.NOT_MET)
    with pytest.raises(ReasonNeeded):
        judge(audit, "training", Verdict.NOT_MET, finding="Nessun corso.")
    with pytest.raises(TooLight):
        judge(
            audit,
            "training",
            Verdict.NOT_MET,
            finding="Nessun corso.",
            severity=Severity.MINOR,
        )
    judge(
        audit,
        "training",
        Verdict.NOT_MET,
        finding="Nessun corso.",
        severity=Severity.MAJOR,
    )
    assert [row.requirement for row in rules.findings(audit, Severity.MAJOR)] == [
        "training"
    ]


def test_a_reserve_passes_once(app: Flask) -> None:
    first = confirmed(factories.in_evaluation())
    for piece in first.application.attached:
        operations.review(first, piece, accepted=True, by=first.auditor, at=AT)
    for one in factories.edition().requirements:
        given = Verdict.MET_WITH_RESERVE if one.id == "revision" else Verdict.MET
        judge(first, one.id, given, finding="Revisione in corso.")
    operations.report(first, factories.edition(), "Sì.", by=first.auditor, at=AT)
    factories.decide(first)
    later, coop = AT + timedelta(days=300), factories.representative
    case = applications.open_application(
        first.application.organisation,
        factories.edition(),
        kind=ApplicationKind.RECHECK,
        starts_from=first.application,
        by=coop(first.application.organisation),
        at=later,
    )
    factories.fill(case, at=later)
    by = coop(case.organisation)
    applications.submit(case, factories.editions(), by=by, at=later)
    secretary = factories.person(Role.SECRETARIAT)
    applications.accept(case, factories.edition(), by=secretary, at=later)
    audit = factories.take_up(case, at=later)
    assert audit.before is first
    assert rules.reserves_used(audit) == {"revision"}
    assert rules.case_of(audit, factories.edition()).reserves_used == {"revision"}
    assert rules.reserves_used(first) == frozenset()


# --- completing and reporting -------------------------------------------------------


def test_completion_is_asked_twice_at_most_and_stops_the_clock(app: Flask) -> None:
    audit = factories.in_evaluation()
    by, edition, case = audit.auditor, factories.edition(), audit.application
    coop = factories.representative(case.organisation)
    before = case_rules.decide_by(case, edition, civil_day(AT))
    assert before is not None
    for round_ in (0, 1):
        at = AT + round_ * 10 * DAY
        assert rules.rounds_left(case, edition) == 2 - round_
        items = ["evidence:revision_paper"]
        operations.ask_completion(audit, edition, items, "Di nuovo.", by=by, at=at)
        assert not rules.may_verify(audit, by)
        with pytest.raises(NotYours):
            operations.verify(audit, "workers_total", 14, by=by, at=at)
        applications.reply(case, by=coop, at=at + 4 * DAY)
    assert rules.rounds_left(case, edition) == 0
    with pytest.raises(applications.NoMoreRounds):
        operations.ask_completion(audit, edition, items, "Ancora.", by=by, at=at)
    on = civil_day(AT + 30 * DAY)
    assert case_rules.decide_by(case, edition, on) == before + timedelta(days=8)


def test_a_report_wants_values_evidence_and_verdicts(app: Flask) -> None:
    audit = factories.in_evaluation()
    by, edition = audit.auditor, factories.edition()
    lacking = {gap.what for gap in rules.gaps(audit, edition)}
    assert lacking == {"answer", "evidence", "verdict"}
    with pytest.raises(Unfinished):
        operations.report(audit, edition, "Fatto.", by=by, at=AT)
    factories.evaluate(audit, at=AT)
    assert audit.application.state is ApplicationState.EVALUATED


def test_a_verdict_overtaken_by_a_correction_needs_words(app: Flask) -> None:
    audit = confirmed(factories.in_evaluation())
    by, edition = audit.auditor, factories.edition()
    for piece in audit.application.attached:
        operations.review(audit, piece, accepted=True, by=by, at=AT)
    for one in edition.requirements:
        judge(audit, one.id, Verdict.MET)
    assert rules.gaps(audit, edition) == []
    operations.verify(audit, "workers_total", 99, "Dal LUL.", by=by, at=AT)
    assert rules.gaps(audit, edition) == [rules.Gap("words", "contract")]
    with pytest.raises(Unfinished):
        operations.report(audit, edition, "Fatto.", by=by, at=AT)


def test_who_audited_a_case_does_not_send_it_back(app: Flask) -> None:
    auditor = factories.person(Role.AUDITOR, Role.COMMITTEE)
    audit = factories.evaluated(auditor=auditor)
    with pytest.raises(NotImpartial):
        operations.send_back(audit, "Riguardare.", by=auditor, at=AT)


def test_a_case_sent_back_is_open_again_to_its_auditor(app: Flask, db: Any) -> None:
    audit = factories.evaluated()
    with pytest.raises(ReasonNeeded):
        operations.send_back(audit, " ", by=factories.person(Role.COMMITTEE), at=AT)
    operations.send_back(
        audit, "Manca un verbale.", by=factories.person(Role.COMMITTEE), at=AT
    )
    assert rules.may_verify(audit, audit.auditor)
    [letter] = letters(db, "audits/sent_back")
    assert "Manca un verbale." in (letter.body or "")
    operations.report(
        audit, factories.edition(), "Ora c’è.", by=audit.auditor, at=AT + DAY
    )
    assert audit.application.state is ApplicationState.EVALUATED


def test_every_act_is_in_the_journal_of_the_case(app: Flask) -> None:
    audit = factories.evaluated()
    verbs = {entry.verb for entry in journal.of_case(audit.application.reference)}
    assert verbs >= {
        "audit.assigned",
        "audit.declared",
        "audit.verified",
        "audit.evidence_reviewed",
        "audit.judged",
        "audit.reported",
    }


def test_a_withdrawn_case_leaves_the_auditors_list(app: Flask) -> None:
    audit = factories.in_evaluation()
    assert queries.mine(audit.auditor) == [audit]
    coop = factories.representative(audit.application.organisation)
    applications.withdraw(audit.application, by=coop, at=services().clock.now())
    assert queries.mine(audit.auditor) == []
