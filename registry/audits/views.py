"""Pages of the secretariat and of the auditor: assigning, declaring, verifying."""

from datetime import date

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms.fields import SelectChoice

from registry.accounts.access import current_person, open_to
from registry.accounts.models import Role
from registry.applications import operations as applications
from registry.applications import queries as cases
from registry.applications import rules as case_rules
from registry.applications.models import Application, Evidence
from registry.audits import operations, queries, rules
from registry.audits.forms import (
    AssignForm,
    CompletionForm,
    ConfirmForm,
    DeclarationForm,
    RefusalForm,
    ReportForm,
    ValuesSheet,
    VerdictForm,
    WaiverForm,
)
from registry.audits.models import Audit, Severity
from registry.audits.sheet import Chapter, sheet
from registry.criteria.edition import Edition, Requirement
from registry.criteria.evaluation import Verdict
from registry.db import db
from registry.errors import N_, NotFound
from registry.services import services
from registry.web.downloads import as_download, write_while_reading
from registry.web.language import page_language

blueprint = Blueprint("audits", __name__)


# --- the secretariat ------------------------------------------------------------


@blueprint.get("/audits/assign")
@open_to(Role.SECRETARIAT)
def to_assign() -> ResponseReturnValue:
    """The cases that an auditor holds or should hold."""
    found = cases.in_state(*rules.ASSIGNABLE)
    rows = [(case, queries.current_of(case), deadline(case)) for case in found]
    rows.sort(key=lambda row: (row[1] is not None, row[2] or date.max, row[0].id))
    return render_template("audits/to_assign.html", rows=rows, today=services().today())


@blueprint.route("/audits/assign/<id:id_>", methods=["GET", "POST"])
@open_to(Role.SECRETARIAT)
def assign(id_: int) -> ResponseReturnValue:
    """Choose the auditor of a case, or another one."""
    case = cases.locked(cases.get(id_, seen_by_user=current_person()).id)
    people = {person.id: person for person in queries.available(case)}
    load = queries.workload()
    form = AssignForm(of=rules.Assignment(case, queries.of_case(case)))
    form.auditor.choices = [
        SelectChoice(key, f"{person.name} · {workload_words(load.get(key, 0))}")
        for key, person in sorted(people.items(), key=lambda p: load.get(p[0], 0))
    ]
    if form.validate_on_submit():
        by, at = current_person(), services().clock.now()
        operations.assign(case, people[form.auditor.data], by=by, at=at)
        db.session.commit()
        flash(_("The case is assigned, and the auditor has been told."), "success")
        return redirect(url_for("audits.to_assign"))
    page = render_template(
        "audits/assign.html",
        form=form,
        case=case,
        audits=queries.of_case(case),
        open=case.state in rules.ASSIGNABLE,
        due_on=deadline(case),
    )
    return page, form.status


def workload_words(number: int) -> str:
    """How much an auditor has to do, in words."""
    if number == 0:
        return str(_("no open audit"))
    if number == 1:
        return str(_("1 open audit"))
    return str(_("%(number)s open audits", number=number))


# --- the auditor ----------------------------------------------------------------


@blueprint.get("/audits")
@open_to(Role.AUDITOR)
def index() -> ResponseReturnValue:
    """My audits, the oldest deadline first."""
    found = [(one, deadline(one.application)) for one in queries.mine(current_person())]
    found.sort(key=lambda row: (row[1] or date.max, row[0].id))
    return render_template("audits/index.html", rows=found, today=services().today())


@blueprint.get("/audits/<id:id_>")
@open_to(Role.AUDITOR)
def show(id_: int) -> ResponseReturnValue:
    """The sheet of an audit; before the declaration, only the way to it."""
    audit = mine(id_)
    if not rules.may_see(audit, current_person()):
        return redirect(url_for("audits.declare", id_=id_))
    today = services().today()
    return render_template(
        "audits/show.html",
        audit=audit,
        case=audit.application,
        sheet=sheet(audit, edition_of(audit), page_language()),
        gaps=rules.gaps(audit, edition_of(audit)),
        may_write=rules.may_verify(audit, current_person()),
        rounds=edition_of(audit).parameters.completion_rounds,
        rounds_left=rules.rounds_left(audit.application, edition_of(audit)),
        due_on=deadline(audit.application),
        stopped=case_rules.days_stopped(audit.application, today),
        today=today,
    )


@blueprint.route("/audits/<id:id_>/declaration", methods=["GET", "POST"])
@open_to(Role.AUDITOR)
def declare(id_: int) -> ResponseReturnValue:
    """Before seeing anything: is there a tie with the organisation?"""
    audit = mine(id_)
    if rules.may_see(audit, current_person()):
        return redirect(url_for("audits.show", id_=id_))
    form = DeclarationForm(of=audit)
    if form.validate_on_submit() and form.does(lambda: _declare(audit, form)):
        db.session.commit()
        return after_declaring(audit)
    return render_template("audits/declare.html", form=form, audit=audit), form.status


@blueprint.route("/audits/<id:id_>/recusal", methods=["GET", "POST"])
@open_to(Role.AUDITOR)
def recuse(id_: int) -> ResponseReturnValue:
    """A tie came to light: hand the case back."""
    audit = seen(id_)
    form = DeclarationForm(of=audit, ties_only=True)
    if form.validate_on_submit() and form.does(lambda: _declare(audit, form)):
        db.session.commit()
        return after_declaring(audit)
    return render_template("audits/recuse.html", form=form, audit=audit), form.status


def _declare(audit: Audit, form: DeclarationForm) -> None:
    operations.declare(
        audit,
        form.chosen,
        form.note.data or "",
        by=current_person(),
        at=services().clock.now(),
    )


def after_declaring(audit: Audit) -> ResponseReturnValue:
    """To the sheet, or away from a case that is no longer theirs."""
    if rules.may_see(audit, current_person()):
        return redirect(url_for("audits.show", id_=audit.id))
    flash(_("Thank you. The secretariat will give the case to someone else."))
    return redirect(url_for("audits.index"))


@blueprint.route("/audits/<id:id_>/criteria/<name>", methods=["GET", "POST"])
@open_to(Role.AUDITOR)
def criterion(id_: int, name: str) -> ResponseReturnValue:
    """One criterion: what was declared, its evidence, and the verdict."""
    audit = seen(id_)
    chapter = chapter_of(audit, name)
    form = VerdictForm(of=audit, data=said_so_far(chapter))
    if form.validate_on_submit() and form.does(lambda: _judge(audit, name, form)):
        db.session.commit()
        flash(_("The verdict is kept."), "success")
        return redirect(url_for("audits.show", id_=id_, _anchor=name))
    return _criterion_page(audit, name, form), form.status


def _criterion_page(
    audit: Audit, name: str, form: VerdictForm, waiver: WaiverForm | None = None
) -> str:
    chapter = chapter_of(audit, name)
    if waiver is None and chapter.waiver:
        waiver = WaiverForm(of=audit, formdata=None, data=answered(chapter))
    return render_template(
        "audits/criterion.html",
        audit=audit,
        case=audit.application,
        chapter=chapter,
        form=form,
        waiver=waiver,
        button=ConfirmForm(),
        may_write=rules.may_verify(audit, current_person()),
        around=neighbours(edition_of(audit), name),
    )


def _judge(audit: Audit, name: str, form: VerdictForm) -> None:
    operations.judge(
        audit,
        edition_of(audit),
        name,
        Verdict(form.verdict.data),
        severity=form.weight,
        finding=form.finding.data or "",
        by=current_person(),
        at=services().clock.now(),
    )


def said_so_far(chapter: Chapter) -> dict[str, str]:
    """
    What the verdict form starts from: the verdict given, else the proposed one, and
    nothing before the values are verified.
    """
    row = chapter.verdict
    if row is None and chapter.to_confirm:
        return {}
    if row is None:
        failed = chapter.result.verdict is Verdict.NOT_MET
        weight = Severity(chapter.requirement.severity) if failed else None
        return {
            "verdict": chapter.result.verdict.value,
            "severity": weight.value if weight else "",
        }
    return {
        "verdict": row.verdict,
        "severity": row.severity.value if row.severity else "",
        "finding": row.finding,
    }


@blueprint.post("/audits/<id:id_>/criteria/<name>/waiver")
@open_to(Role.AUDITOR)
def answer_waiver(id_: int, name: str) -> ResponseReturnValue:
    """Accept that a criterion does not apply, or refuse it with words."""
    audit = seen(id_)
    chapter = chapter_of(audit, name)
    form = WaiverForm(of=audit)
    if form.validate_on_submit() and form.does(lambda: _answer(audit, name, form)):
        db.session.commit()
        flash(_("The answer to the claim is kept."), "success")
        return redirect(url_for("audits.criterion", id_=id_, name=name))
    verdict = VerdictForm(of=audit, formdata=None, data=said_so_far(chapter))
    return _criterion_page(audit, name, verdict, form), form.status


def _answer(audit: Audit, name: str, form: WaiverForm) -> None:
    operations.answer_waiver(
        audit,
        edition_of(audit),
        name,
        accepted=form.accepted.data == "yes",
        words=form.words.data or "",
        by=current_person(),
        at=services().clock.now(),
    )


def answered(chapter: Chapter) -> dict[str, str]:
    """What the form about a claim starts from: the answer given, if there is one."""
    claim = chapter.waiver
    if claim is None or claim.accepted is None:
        return {}
    return {"accepted": "yes" if claim.accepted else "no", "words": claim.answer}


@blueprint.post("/audits/<id:id_>/criteria/<name>/confirm")
@open_to(Role.AUDITOR)
def confirm(id_: int, name: str) -> ResponseReturnValue:
    """Establish everything of a criterion as it was declared, in one click."""
    audit = seen(id_)
    names = chapter_of(audit, name).to_confirm
    operations.confirm(audit, names, by=current_person(), at=services().clock.now())
    db.session.commit()
    flash(_("Confirmed as declared."), "success")
    return redirect(url_for("audits.criterion", id_=id_, name=name))


@blueprint.route("/audits/<id:id_>/criteria/<name>/values", methods=["GET", "POST"])
@open_to(Role.AUDITOR)
def values(id_: int, name: str) -> ResponseReturnValue:
    """Correct what was declared, each value with its reason."""
    audit = seen(id_)
    chapter = chapter_of(audit, name)
    section = chapter.requirement.section
    asked_here = ValuesSheet(audit, edition_of(audit), section, services().today())
    form, notes = asked_here.form(), asked_here.notes()
    # both, so that every mistake is told at once
    right = [form.validate_on_submit(), notes.validate_on_submit()]
    if all(right) and notes.does(
        lambda: operations.correct(
            audit,
            form.given(),
            notes.given(),
            by=current_person(),
            at=services().clock.now(),
        )
    ):
        db.session.commit()
        flash(_("The values are kept."), "success")
        return redirect(url_for("audits.criterion", id_=id_, name=name))
    form.tell_contracts()
    page = render_template(
        "audits/values.html",
        audit=audit,
        chapter=chapter,
        lines={line.name: line for line in chapter.lines},
        names=list(asked_here.open),
        form=form,
        notes=notes,
    )
    return page, max(form.status, notes.status)


@blueprint.get("/audits/<id:id_>/evidence/<id:piece_id>/file")
@open_to(Role.AUDITOR)
def evidence_file(id_: int, piece_id: int) -> ResponseReturnValue:
    """The bytes of a piece of evidence, checked against their hash; written down."""
    write_while_reading()
    audit = seen(id_)
    piece = cases.evidence_of(audit.application, piece_id)
    content = applications.read_evidence(
        piece,
        by=current_person(),
        at=services().clock.now(),
        storage=services().storage,
    )
    db.session.commit()
    return as_download(piece.file, content)


@blueprint.post("/audits/<id:id_>/evidence/<id:piece_id>/accept")
@open_to(Role.AUDITOR)
def accept(id_: int, piece_id: int) -> ResponseReturnValue:
    """This piece of evidence shows what it must."""
    audit = seen(id_)
    piece = cases.evidence_of(audit.application, piece_id)
    by, at = current_person(), services().clock.now()
    operations.review(audit, piece, accepted=True, by=by, at=at)
    db.session.commit()
    return redirect(chapter_href(audit, piece))


@blueprint.route(
    "/audits/<id:id_>/evidence/<id:piece_id>/refuse", methods=["GET", "POST"]
)
@open_to(Role.AUDITOR)
def refuse(id_: int, piece_id: int) -> ResponseReturnValue:
    """This piece of evidence does not serve, and why."""
    audit = seen(id_)
    piece = cases.evidence_of(audit.application, piece_id)
    form = RefusalForm(of=audit, obj=rules.review_of(audit, piece))
    if form.validate_on_submit() and form.does(
        lambda: operations.review(
            audit,
            piece,
            accepted=False,
            reason=form.reason.data,
            by=current_person(),
            at=services().clock.now(),
        )
    ):
        db.session.commit()
        return redirect(chapter_href(audit, piece))
    page = render_template(
        "audits/refuse.html",
        form=form,
        audit=audit,
        piece=piece,
        kind=edition_of(audit).evidence[piece.kind],
        back=chapter_href(audit, piece),
    )
    return page, form.status


@blueprint.route("/audits/<id:id_>/completion", methods=["GET", "POST"])
@open_to(Role.AUDITOR)
def ask_completion(id_: int) -> ResponseReturnValue:
    """Ask the organisation to complete chosen items; the clock stands still."""
    audit = seen(id_)
    edition = edition_of(audit)
    known, lacking = rules.believed(audit, edition), rules.lacking(audit, edition)
    form = CompletionForm(edition, known, lacking, page_language())
    if form.validate_on_submit() and form.does(
        lambda: operations.ask_completion(
            audit,
            edition,
            form.items.data,
            form.message.data,
            by=current_person(),
            at=services().clock.now(),
        )
    ):
        db.session.commit()
        flash(_("Asked. The clock stands still until the reply."), "success")
        return redirect(url_for("audits.show", id_=id_))
    page = render_template(
        "audits/completion.html",
        form=form,
        audit=audit,
        case=audit.application,
        may_write=rules.may_verify(audit, current_person()),
        edition=edition,
        rounds_left=rules.rounds_left(audit.application, edition),
        today=services().today(),
    )
    return page, form.status


@blueprint.route("/audits/<id:id_>/report", methods=["GET", "POST"])
@open_to(Role.AUDITOR)
def report(id_: int) -> ResponseReturnValue:
    """Hand the case to the committee."""
    audit = seen(id_)
    form = ReportForm(of=audit, obj=audit)
    if form.validate_on_submit() and form.does(
        lambda: operations.report(
            audit,
            edition_of(audit),
            form.summary.data,
            by=current_person(),
            at=services().clock.now(),
        )
    ):
        db.session.commit()
        flash(_("Reported: the committee has been told."), "success")
        return redirect(url_for("audits.show", id_=id_))
    page = render_template(
        "audits/report.html",
        form=form,
        audit=audit,
        sheet=sheet(audit, edition_of(audit), page_language()),
        may_write=rules.may_verify(audit, current_person()),
    )
    return page, form.status


# --- what they share ------------------------------------------------------------


def mine(id_: int) -> Audit:
    """The audit, if it is assigned to who asks; raises NotFound."""
    return queries.get(id_, seen_by_user=current_person())


def seen(id_: int) -> Audit:
    """The audit, if who asks declared no conflict; raises NotFound."""
    audit = mine(id_)
    if not rules.may_see(audit, current_person()):
        raise NotFound(N_("There is no such audit."))
    return audit


def edition_of(audit: Audit) -> Edition:
    """The edition to which the case is pinned."""
    return services().editions[audit.application.edition]


def deadline(case: Application) -> date | None:
    """The day by which the committee should have decided."""
    edition = services().editions[case.edition]
    return case_rules.decide_by(case, edition, services().today())


def chapter_of(audit: Audit, name: str) -> Chapter:
    """The criterion of that id; raises NotFound."""
    edition = edition_of(audit)
    if name not in {one.id for one in edition.requirements}:
        raise NotFound(N_("There is no such criterion."))
    return sheet(audit, edition, page_language()).chapter(name)


def chapter_href(audit: Audit, piece: Evidence) -> str:
    """The address of the criterion that a piece of evidence bears on."""
    edition = edition_of(audit)
    name = next(
        one.id
        for one in edition.requirements
        if piece.kind in edition.evidence_in(one.section)
    )
    return url_for("audits.criterion", id_=audit.id, name=name, _anchor="evidence")


def neighbours(
    edition: Edition, name: str
) -> tuple[Requirement | None, Requirement | None]:
    """The criteria before and after this one."""
    every = list(edition.requirements)
    at = [one.id for one in every].index(name)
    return every[at - 1] if at else None, every[at + 1] if at + 1 < len(every) else None
