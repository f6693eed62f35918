"""What the committee may decide, what is refused, and what is kept for ever."""

import hashlib
import json
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError

from registry.accounts.models import Role, User
from registry.applications.models import ApplicationState
from registry.applications.rules import content_sha256
from registry.audits import operations as audits
from registry.audits import rules as audit_rules
from registry.audits.models import Audit, AuditState, Severity
from registry.criteria.edition import Edition
from registry.criteria.evaluation import Verdict
from registry.criteria.publishing import canonical, case_of_grounds, replay
from registry.decisions import grounds, operations, rules
from registry.decisions.models import Decision, Outcome
from registry.decisions.operations import NotDecidable, NotImpartial, NotJustified
from registry.mail.models import Letter
from registry.organisations import operations as organisations
from registry.organisations.models import Capacity
from registry.schemes.forecast import forecast
from tests import factories
from tests.criteria.examples import failing_answers, reserved_answers
from tests.factories import DAY, LONG_AGO

AT = LONG_AGO


def decide(audit: Audit, outcome: Outcome, by: User, conditions: str = "") -> Decision:
    return operations.decide(
        audit,
        factories.edition(),
        outcome,
        "Visto il fascicolo.",
        conditions,
        by=by,
        at=AT,
    )


def reported(*, at: Any = AT, **judged: tuple[Verdict, Severity | None]) -> Audit:
    """A reported case in which some criteria are judged as said, with words."""
    audit = factories.in_evaluation(at=at)
    by, edition = audit.auditor, factories.edition()
    audits.confirm(audit, audit.application.values, by=by, at=at)
    for piece in audit.application.attached:
        audits.review(audit, piece, accepted=True, by=by, at=at)
    for one in edition.requirements:
        verdict, severity = judged.get(one.id, (Verdict.MET, None))
        audits.judge(
            audit,
            edition,
            one.id,
            verdict,
            severity=severity,
            finding="Ecco perché.",
            by=by,
            at=at,
        )
    audits.report(audit, edition, "Concluso.", by=by, at=at)
    return audit


@pytest.fixture
def member(app: Flask) -> User:
    return factories.person(Role.COMMITTEE)


# --- who decides --------------------------------------------------------------------


def test_who_audited_the_case_does_not_decide_it(app: Flask) -> None:
    both = factories.person(Role.AUDITOR, Role.COMMITTEE)
    audit = factories.evaluated(auditor=both)
    with pytest.raises(NotImpartial):
        decide(audit, Outcome.GRANTED, both)


def test_nor_does_who_was_only_assigned_to_it(app: Flask) -> None:
    both = factories.person(Role.AUDITOR, Role.COMMITTEE)
    case = factories.accepted()
    audits.assign(case, both, by=factories.person(Role.SECRETARIAT), at=AT)
    audit = factories.take_up(case)
    factories.evaluate(audit, at=AT)
    with pytest.raises(NotImpartial):
        decide(audit, Outcome.GRANTED, both)


def test_nor_does_who_speaks_for_the_applicant(app: Flask, member: User) -> None:
    audit = factories.evaluated()
    organisations.appoint(
        audit.application.organisation,
        member,
        Capacity.DELEGATE,
        by=factories.person(Role.SECRETARIAT),
        at=AT,
    )
    with pytest.raises(NotImpartial):
        decide(audit, Outcome.GRANTED, member)
    with pytest.raises(NotImpartial):
        operations.send_back(audit, "Riguardare.", by=member, at=AT)


def test_only_the_committee_decides(app: Flask) -> None:
    audit = factories.evaluated()
    for role in (Role.SECRETARIAT, Role.ADMINISTRATOR, Role.AUDITOR):
        with pytest.raises(NotImpartial):
            decide(audit, Outcome.GRANTED, factories.person(role))


def insert(db: Any, application_id: int, by: User) -> None:
    db.session.execute(
        text(
            "INSERT INTO decisions (application_id, outcome, reasons, conditions,"
            " decided_at, decided_by_id, grounds, grounds_sha256) VALUES"
            " (:case, 'granted', 'Sì.', '', '2026-03-02 09:00:00', :by, '{}', 'x')"
        ),
        {"case": application_id, "by": by.id},
    )


def test_the_database_itself_refuses_an_auditor_of_the_case(
    app: Flask, db: Any
) -> None:
    audit = factories.evaluated()
    db.session.commit()
    with pytest.raises(DatabaseError, match="decider_audited_the_case"):
        insert(db, audit.application_id, audit.auditor)
    db.session.rollback()
    insert(db, audit.application_id, factories.person(Role.COMMITTEE))


def test_the_database_refuses_that_who_decided_audits(app: Flask, db: Any) -> None:
    decision = factories.decided()
    db.session.commit()
    with pytest.raises(DatabaseError, match="auditor_decided_the_case"):
        db.session.execute(
            text(
                "INSERT INTO audits (application_id, auditor_id, state, assigned_at,"
                " assigned_by_id, conflict_note, summary, changed_at, revision) VALUES"
                " (:case, :by, 'replaced', '2026-03-02 09:00:00', :by, '', '',"
                " '2026-03-02 09:00:00', 1)"
            ),
            {"case": decision.application_id, "by": decision.decided_by_id},
        )
    db.session.rollback()


@pytest.mark.parametrize(
    "act", ["UPDATE decisions SET reasons = 'Altro.'", "DELETE FROM decisions"]
)
def test_the_database_changes_and_deletes_no_decision(
    app: Flask, db: Any, act: str
) -> None:
    factories.decided()
    db.session.commit()
    with pytest.raises(DatabaseError, match="append-only"):
        db.session.execute(text(act))
    db.session.rollback()


def test_a_case_is_decided_once(app: Flask, db: Any, member: User) -> None:
    audit = factories.evaluated()
    decide(audit, Outcome.GRANTED, member)
    with pytest.raises(NotDecidable):
        decide(audit, Outcome.REFUSED, member)
    db.session.commit()
    with pytest.raises(DatabaseError):
        insert(db, audit.application_id, factories.person(Role.COMMITTEE))
    db.session.rollback()


# --- what may be decided ------------------------------------------------------------


def test_a_case_is_decided_only_when_reported(app: Flask, member: User) -> None:
    with pytest.raises(NotDecidable):
        decide(factories.in_evaluation(), Outcome.GRANTED, member)


def test_an_audit_that_was_replaced_is_nothing_to_decide_on(
    app: Flask, member: User
) -> None:
    first = factories.in_evaluation()
    second = factories.take_up(first.application)
    factories.evaluate(second, at=AT)
    assert first.state is AuditState.REPLACED
    with pytest.raises(NotDecidable):
        decide(first, Outcome.GRANTED, member)


def test_a_decision_has_reasons_and_conditions_have_words(
    app: Flask, member: User
) -> None:
    audit = reported(training=(Verdict.MET, Severity.MINOR))
    with pytest.raises(NotJustified):
        operations.decide(
            audit, factories.edition(), Outcome.REFUSED, " ", by=member, at=AT
        )
    with pytest.raises(NotJustified):
        decide(audit, Outcome.GRANTED_WITH_CONDITIONS, member)
    decide(audit, Outcome.GRANTED_WITH_CONDITIONS, member, "Entro giugno.")


def test_conditions_belong_to_a_grant_with_conditions(app: Flask, member: User) -> None:
    with pytest.raises(NotJustified):
        decide(factories.evaluated(), Outcome.GRANTED, member, "Entro giugno.")


def test_nothing_is_decided_on_an_audit_read_before_it_changed(
    app: Flask, db: Any, member: User
) -> None:
    audit = factories.evaluated()
    db.session.flush()
    # as another process would: this session has read the audit already
    db.session.execute(
        text("UPDATE audits SET revision = revision + 2 WHERE id = :id"),
        {"id": audit.id},
    )
    with pytest.raises(NotDecidable):
        decide(audit, Outcome.GRANTED, member)


ALL = set(Outcome)
NOTHING_TO_CONDITION = {Outcome.GRANTED, Outcome.REFUSED}
M = Verdict.MET


@pytest.mark.parametrize(
    ("judged", "possible"),
    [
        ({}, NOTHING_TO_CONDITION),
        ({"training": (M, Severity.OBSERVATION)}, NOTHING_TO_CONDITION),
        ({"training": (M, Severity.MINOR)}, ALL),
        ({"training": (M, Severity.MAJOR)}, {Outcome.REFUSED}),
        ({"training": (Verdict.NOT_MET, Severity.MAJOR)}, {Outcome.REFUSED}),
        ({"training": (Verdict.PENDING, None)}, {Outcome.REFUSED}),
        ({"training": (Verdict.PENDING, Severity.MINOR)}, {Outcome.REFUSED}),
        ({"training": (Verdict.MET_WITH_RESERVE, None)}, ALL),
        (
            {
                "training": (Verdict.MET_WITH_RESERVE, None),
                "revision": (Verdict.MET_WITH_RESERVE, None),
            },
            {Outcome.REFUSED},
        ),
    ],
)
def test_the_verdicts_say_what_may_be_decided(
    app: Flask,
    member: User,
    judged: dict[str, tuple[Verdict, Severity | None]],
    possible: set[Outcome],
) -> None:
    audit = reported(**judged)
    assert set(rules.possible(audit, factories.edition())) == possible
    assert {o for o, _ in rules.obstacles(audit, factories.edition())} == ALL - possible
    for outcome in ALL - possible:
        granted = outcome is Outcome.GRANTED
        with pytest.raises(NotJustified):
            decide(audit, outcome, member, "" if granted else "Entro giugno.")


def test_a_reserve_of_the_rules_may_be_granted(app: Flask, member: User) -> None:
    answers = reserved_answers(factories.edition(), on=date(2026, 3, 2))
    audit = factories.evaluated(**answers)
    decision = decide(audit, Outcome.GRANTED, member)
    reserved = [
        row
        for row in decision.grounds["result"]["requirements"]
        if row["reserve_until"]
    ]
    assert len(reserved) == 1


def test_a_criterion_that_fails_by_the_rules_can_only_be_refused(
    app: Flask, member: User
) -> None:
    answers = failing_answers("training", factories.edition(), on=date(2026, 3, 2))
    audit = factories.in_evaluation(**answers)
    by, edition = audit.auditor, factories.edition()
    audits.confirm(audit, audit.application.values, by=by, at=AT)
    for piece in audit.application.attached:
        audits.review(audit, piece, accepted=True, by=by, at=AT)
    for one in audit_rules.proposed(audit, edition).requirements:
        failed = one.verdict is Verdict.NOT_MET
        audits.judge(
            audit,
            edition,
            one.id,
            one.verdict,
            severity=Severity.MAJOR if failed else None,
            finding="Nessun corso utile." if failed else "",
            by=by,
            at=AT,
        )
    audits.report(audit, edition, "Un criterio manca.", by=by, at=AT)
    assert rules.possible(audit, edition) == [Outcome.REFUSED]
    decide(audit, Outcome.REFUSED, member)
    assert audit.application.state is ApplicationState.REFUSED


# --- what is kept -------------------------------------------------------------------


def test_the_grounds_hold_what_the_decision_rests_on(app: Flask, member: User) -> None:
    audit = factories.in_evaluation()
    by, edition = audit.auditor, factories.edition()
    audits.verify(audit, "average_workers", 15, "Dal LUL.", by=by, at=AT)
    refused, *others = audit.application.attached
    audits.confirm(audit, audit.application.values, by=by, at=AT)
    audits.review(audit, refused, accepted=False, reason="Vecchia.", by=by, at=AT)
    for piece in others:
        audits.review(audit, piece, accepted=True, by=by, at=AT)
    for one in edition.requirements:
        audits.judge(
            audit, edition, one.id, Verdict.MET, finding="Visto.", by=by, at=AT
        )
    audits.report(audit, edition, "Concluso.", by=by, at=AT)
    kept = decide(audit, Outcome.GRANTED, member).grounds
    case = audit.application
    assert kept["edition"] == "impact/2022"
    assert kept["edition_digest"] == edition.digest == case.edition_digest
    assert kept["content"]["answers"] == case.values
    assert kept["content_sha256"] == content_sha256(case)
    assert kept["verified"] == case.values | {"average_workers": 15}
    assert kept["notes"] == {"average_workers": "Dal LUL."}
    assert {piece["sha256"] for piece in kept["evidence"]} == {
        piece.file.sha256 for piece in case.attached
    }
    assert [p["reason"] for p in kept["evidence"] if not p["accepted"]] == ["Vecchia."]
    assert kept["result"]["basis"] == "verified"
    assert kept["result"]["on"] == kept["reference_day"] == "2026-03-02"
    assert all(row["trace"]["rule"] for row in kept["result"]["requirements"])
    assert kept["verdicts"]["training"]["finding"] == "Visto."


def test_the_hash_of_the_grounds_can_be_worked_out_again(app: Flask, db: Any) -> None:
    decision = factories.decided()
    key = decision.id
    db.session.commit()
    db.session.expire_all()
    kept = db.session.get_one(Decision, key)
    plain = json.dumps(
        kept.grounds, ensure_ascii=False, sort_keys=True, separators=(",", ":")
    )
    assert hashlib.sha256(plain.encode()).hexdigest() == kept.grounds_sha256
    assert grounds.sha256(kept.grounds) == kept.grounds_sha256


# --- what is told -------------------------------------------------------------------


def only_letter(db: Any, event: str) -> Letter:
    return db.session.scalars(select(Letter).where(Letter.event == event)).one()


@pytest.mark.parametrize("language", ["it", "en"])
def test_a_refusal_says_why_and_how_to_appeal(
    app: Flask, db: Any, member: User, language: str
) -> None:
    audit = factories.evaluated()
    factories.representative(audit.application.organisation).language = language
    decision = decide(audit, Outcome.REFUSED, member)
    body = only_letter(db, "decisions/refused").body or ""
    assert "Visto il fascicolo." in body
    assert {"it": "1 aprile 2026", "en": "1 April 2026"}[language] in body
    assert rules.appeal_until(decision.decided_at) == date(2026, 4, 1)
    assert f"/decisions/{audit.application_id}/outcome" in body


def test_a_grant_says_its_conditions(app: Flask, db: Any, member: User) -> None:
    audit = reported(training=(Verdict.MET, Severity.MINOR))
    decide(audit, Outcome.GRANTED_WITH_CONDITIONS, member, "Piano entro giugno.")
    assert "Piano entro giugno." in (only_letter(db, "decisions/granted").body or "")


def test_who_sends_a_case_back_may_decide_it_later(app: Flask, member: User) -> None:
    audit = factories.evaluated()
    operations.send_back(audit, "Un verbale manca.", by=member, at=AT)
    with pytest.raises(NotDecidable):
        decide(audit, Outcome.GRANTED, member)
    audits.report(audit, factories.edition(), "Ora c’è.", by=audit.auditor, at=AT + DAY)
    decide(audit, Outcome.GRANTED, member)


def test_the_term_to_appeal_is_counted_in_days_of_rome(app: Flask) -> None:
    just_before_midnight = LONG_AGO + timedelta(hours=13, minutes=59)
    assert rules.appeal_until(just_before_midnight) == date(2026, 4, 1)
    assert rules.appeal_until(just_before_midnight + timedelta(minutes=1)) == date(
        2026, 4, 2
    )


# --- criteria that may wait, and criteria that only give points ----------------------


def lenient(**changes: Any) -> Edition:
    """impact/2022 with training as said, and ninety days for a corrective action."""
    edition = factories.edition()
    training = {"severity": "minor"} | changes
    plain = edition.model_dump(by_alias=True)
    for one in plain["requirements"]:
        one.update(training if one["id"] == "training" else {})
    plain["parameters"]["corrective_days"] = 90
    return Edition.model_validate(plain).with_tables(edition.tables)


def without_training(edition: Edition, severity: Severity = Severity.MINOR) -> Audit:
    """A reported case that meets everything but the criterion on training."""
    answers = failing_answers("training", factories.edition(), on=date(2026, 3, 2))
    audit = factories.in_evaluation(**answers)
    by = audit.auditor
    audits.confirm(audit, audit.application.values, by=by, at=AT)
    for piece in audit.application.attached:
        audits.review(audit, piece, accepted=True, by=by, at=AT)
    for one in audit_rules.proposed(audit, edition).requirements:
        failed = one.verdict is Verdict.NOT_MET
        audits.judge(
            audit,
            edition,
            one.id,
            one.verdict,
            severity=severity if failed else None,
            finding="Nessun corso utile." if failed else "",
            by=by,
            at=AT,
        )
    audits.report(audit, edition, "Manca la formazione.", by=by, at=AT)
    return audit


def test_a_minor_criterion_not_met_is_held_up_by_a_corrective_action(
    app: Flask, member: User
) -> None:
    edition = lenient()
    audit = without_training(edition)
    assert rules.possible(audit, edition) == [
        Outcome.GRANTED_WITH_CONDITIONS,
        Outcome.REFUSED,
    ]

    def grant(due: date | None) -> Decision:
        return operations.decide(
            audit,
            edition,
            Outcome.GRANTED_WITH_CONDITIONS,
            "Il resto è soddisfatto.",
            "Un corso di almeno 4 ore.",
            due,
            by=member,
            at=AT,
        )

    for wrong in (None, date(2026, 3, 2), date(2026, 6, 1)):
        with pytest.raises(NotJustified):
            grant(wrong)
    decision = grant(date(2026, 5, 31))
    assert decision.due == date(2026, 5, 31)
    result = decision.grounds["result"]
    assert result["outcome"] == "conditional"
    assert replay(decision.grounds, edition) == canonical(decision.grounds)
    case = case_of_grounds(decision.grounds, edition)
    ahead = forecast(
        edition, case, decision.grounds, date(2026, 3, 2), date(2026, 12, 1)
    )
    assert date(2026, 6, 1) in [one.on for one in ahead.lapses]


@pytest.mark.parametrize("changes", [{"severity": "major"}, {"severity": "minor"}])
def test_what_is_a_major_nonconformity_has_no_corrective_action(
    app: Flask, changes: dict[str, Any]
) -> None:
    edition = lenient(**changes)
    audit = without_training(edition, Severity.MAJOR)
    assert rules.possible(audit, edition) == [Outcome.REFUSED]


def test_what_only_gives_points_refuses_nobody(app: Flask, member: User) -> None:
    edition = lenient(mandatory=False, points=5)
    audit = without_training(edition)
    assert Outcome.GRANTED in rules.possible(audit, edition)
    decision = operations.decide(
        audit, edition, Outcome.GRANTED, "Obbligatori soddisfatti.", by=member, at=AT
    )
    assert decision.grounds["result"]["outcome"] == "conforming"
    assert decision.due is None
