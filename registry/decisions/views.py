"""Pages of the committee, and the outcome that the applicant reads."""

from datetime import date

from flask import Blueprint, Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from registry.accounts.access import current_person, open_to
from registry.accounts.models import SPEAKERS, Role
from registry.applications import operations as applications
from registry.applications import queries as cases
from registry.applications import rules as case_rules
from registry.applications.models import Application
from registry.audits import queries as audits
from registry.audits import rules as audit_rules
from registry.audits.models import Audit
from registry.audits.sheet import sheet
from registry.criteria.edition import Edition
from registry.db import db
from registry.decisions import (
    grounds,
    history,
    operations,
    outcome,
    queries,
    rules,
)
from registry.decisions.forms import DecisionForm, SendBackForm
from registry.errors import N_, Forbidden, NotFound
from registry.services import services
from registry.web.downloads import as_download, write_while_reading
from registry.web.language import page_language

blueprint = Blueprint("decisions", __name__)


class NotImpartialReader(Forbidden):
    """Who audited the case, or is tied to it, has no part in deciding it."""


@blueprint.get("/decisions")
@open_to(Role.COMMITTEE)
def index() -> ResponseReturnValue:
    """The evaluated cases by the day by which to decide; the latest decisions."""
    person = current_person()
    rows = [
        (case, deadline(case), rules.is_impartial(case, person, audits.of_case(case)))
        for case in queries.waiting()
    ]
    rows.sort(key=lambda row: (row[1] or date.max, row[0].id))
    return render_template(
        "decisions/index.html",
        rows=rows,
        latest=queries.latest(),
        today=services().today(),
    )


@blueprint.route("/decisions/<id:id_>", methods=["GET", "POST"])
@open_to(Role.COMMITTEE)
def decide(id_: int) -> ResponseReturnValue:
    """The dossier of a case before the committee, and the decision."""
    case = cases.get(id_, seen_by_user=current_person())
    if queries.of(case):
        return redirect(url_for("decisions.taken", id_=id_))
    audit = before_me(case)
    edition = edition_of(case)
    form = DecisionForm(
        of=audit,
        possible=rules.possible(audit, edition),
        last_day=_last_day(audit, edition),
    )
    if form.validate_on_submit() and form.does(lambda: _decide(audit, edition, form)):
        db.session.commit()
        flash(_("Decided. The organisation has been told."), "success")
        return redirect(url_for("decisions.taken", id_=id_))
    page = render_template(
        "decisions/decide.html",
        case=case,
        audit=audit,
        form=form,
        sheet=sheet(audit, edition, page_language()),
        traces=traces_of(audit, edition),
        obstacles=rules.obstacles(audit, edition),
        history=history.of(case, _),
        rounds=edition.parameters.completion_rounds,
        due_on=deadline(case),
        stopped=case_rules.days_stopped(case, services().today()),
        today=services().today(),
    )
    return page, form.status


def _last_day(audit: Audit, edition: Edition) -> date | None:
    """Up to when a corrective action may run, where something needs one."""
    if not rules.held_up(audit, edition):
        return None
    return rules.last_day_of_action(edition, services().today())


def _decide(audit: Audit, edition: Edition, form: DecisionForm) -> None:
    operations.decide(
        audit,
        edition,
        form.chosen,
        form.reasons.data,
        form.conditions.data or "",
        form.due_on,
        by=current_person(),
        at=services().clock.now(),
    )


@blueprint.route("/decisions/<id:id_>/send-back", methods=["GET", "POST"])
@open_to(Role.COMMITTEE)
def send_back(id_: int) -> ResponseReturnValue:
    """Return the case to its auditor, with the reason."""
    case = cases.get(id_, seen_by_user=current_person())
    audit = before_me(case)
    form = SendBackForm(of=audit)
    if form.validate_on_submit() and form.does(
        lambda: operations.send_back(
            audit,
            form.reason.data,
            by=current_person(),
            at=services().clock.now(),
        )
    ):
        db.session.commit()
        flash(_("Sent back: the auditor has been told."), "success")
        return redirect(url_for("decisions.index"))
    return render_template(
        "decisions/send_back.html", form=form, case=case
    ), form.status


@blueprint.get("/decisions/<id:id_>/evidence/<id:piece_id>/file")
@open_to(Role.COMMITTEE)
def evidence_file(id_: int, piece_id: int) -> ResponseReturnValue:
    """The bytes of a piece of evidence, checked against their hash; written down."""
    write_while_reading()
    case = cases.get(id_, seen_by_user=current_person())
    must_be_impartial(case)
    piece = cases.evidence_of(case, piece_id)
    content = applications.read_evidence(
        piece,
        by=current_person(),
        at=services().clock.now(),
        storage=services().storage,
    )
    db.session.commit()
    return as_download(piece.file, content)


@blueprint.get("/decisions/<id:id_>/decision")
@open_to(Role.COMMITTEE, Role.SECRETARIAT, Role.ADMINISTRATOR)
def taken(id_: int) -> ResponseReturnValue:
    """A decision with its frozen grounds, as the body reads it."""
    decision = queries.seen_by(id_, current_person())
    edition = edition_of(decision.application)
    return render_template(
        "decisions/taken.html",
        decision=decision,
        case=decision.application,
        chapters=outcome.chapters(decision, edition, page_language()),
        edition=edition,
        asked_on=date.fromisoformat(decision.grounds["reference_day"]),
        intact=grounds.sha256(decision.grounds) == decision.grounds_sha256,
    )


@blueprint.get("/decisions/<id:id_>/grounds.json")
@open_to(Role.COMMITTEE, Role.SECRETARIAT, Role.ADMINISTRATOR)
def grounds_file(id_: int) -> ResponseReturnValue:
    """The frozen grounds: the bytes whose SHA-256 is written in the decision."""
    decision = queries.seen_by(id_, current_person())
    response = Response(
        grounds.canonical(decision.grounds), mimetype="application/json"
    )
    response.headers.set(
        "Content-Disposition", "attachment", filename=f"grounds-{id_}.json"
    )
    return response


@blueprint.get("/decisions/<id:id_>/outcome")
@open_to(
    *SPEAKERS,
    Role.SECRETARIAT,
    Role.COMMITTEE,
    Role.AUDITOR,
    Role.ADMINISTRATOR,
)
def read_outcome(id_: int) -> ResponseReturnValue:
    """The decision as the applicant reads it: reasons, and findings per criterion."""
    decision = queries.seen_by(id_, current_person())
    edition = edition_of(decision.application)
    return render_template(
        "decisions/outcome.html",
        decision=decision,
        case=decision.application,
        chapters=outcome.chapters(decision, edition, page_language()),
        edition=edition,
        appeal_until=rules.appeal_until(decision.decided_at),
        today=services().today(),
    )


# --- what they share ------------------------------------------------------------


def edition_of(case: Application) -> Edition:
    """The edition to which a case is pinned."""
    return services().editions[case.edition]


def deadline(case: Application) -> date | None:
    """The day by which the committee should have decided."""
    return case_rules.decide_by(case, edition_of(case), services().today())


def traces_of(audit: Audit, edition: Edition) -> dict[str, list[outcome.Judged]]:
    """How the rules come to what they say now, by requirement id."""
    result = audit_rules.proposed(audit, edition).to_json()
    return outcome.traces(result, edition, page_language())


def must_be_impartial(case: Application) -> None:
    """Raises NotImpartialReader when who asks audited the case or is tied to it."""
    if not rules.is_impartial(case, current_person(), audits.of_case(case)):
        raise NotImpartialReader(operations.PARTIAL)


def before_me(case: Application) -> Audit:
    """The reported audit on which to decide; raises NotImpartialReader, NotFound."""
    must_be_impartial(case)
    audit = audits.reported_of(case)
    if audit is None:
        raise NotFound(N_("There is no such case before the committee."))
    return audit
